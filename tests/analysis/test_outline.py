"""What the bytes of a file show without a parser: imports, classes, configurations, starts."""

from __future__ import annotations

import pytest

from hfmode_lint.analysis.outline import ClassOutline, ImportedName, outline

# Each with the names that are bound, their modules, and what is taken out of those.
IMPORTS: dict[str, list[tuple[str, str, str | None]]] = {
    "import a": [("a", "a", None)],
    "    import a": [("a", "a", None)],
    "import a, b,\n": [("a", "a", None), ("b", "b", None)],
    "import a.b as c, d": [("c", "a.b", None), ("d", "d", None)],
    "import a\rimport b\r\nimport c": [("a", "a", None), ("b", "b", None), ("c", "c", None)],
    "if x: import a": [("a", "a", None)],
    "from a import b as c, d": [("c", "a", "b"), ("d", "a", "d")],
    "from a import b  # c, d": [("b", "a", "b")],
    "from a import b; c": [("b", "a", "b")],
    "from a import *": [("*", "a", "*")],
    "from a import (  # why\n    b,\n    c as d,  # x, y\n)\n": [("b", "a", "b"), ("d", "a", "c")],
    "from a import b, \\\n    c\n": [("b", "a", "b"), ("c", "a", "c")],
    "from a import b, \\\r\n    c\r\n": [("b", "a", "b"), ("c", "a", "c")],
    "from a \\\n    import b\n": [("b", "a", "b")],
    "from a \\\n  \\\n    import b\n": [("b", "a", "b")],
    "\\\nimport a\n \t\f\\\n \\\r\n\t\ffrom b import c": [("a", "a", None), ("c", "b", "c")],
    "x\\\n\\\nimport a": [],
    "from . import b": [("b", ".", "b")],
    "from .. a.b import c": [("c", "..a.b", "c")],
    "x = 1; from a import b": [("b", "a", "b")],
    "important = 1\nfrom a import b": [("b", "a", "b")],
    "import y\nimport z\nfrom a \\\n    import b\n": [
        ("y", "y", None),
        ("z", "z", None),
        ("b", "a", "b"),
    ],
    "from X import X": [("X", "X", "X")],
    # In a string or a comment, and cut off.
    "# import a": [],
    "# import a\nimport b": [("b", "b", None)],
    "import a as": [("a", "a", None)],
    "x = 'import a'": [],
    "x = 'a' \\\n  'import a'": [],
    "import": [],
    # Names in strings: a module, a class in it, a method of the class.
    "x = {'_target_': 'a.b.C.d'}": [
        ("", "a.b.C.d", None),
        ("", "a.b.C", "d"),
        ("", "a.b", "C"),
    ],
    '_target_: "a"': [("", "a", None)],
    "x['_target_'] = 'a.b'": [("", "a.b", None), ("", "a", "b")],
    "class_path: a.b": [],
    "class_path: 'a.b'": [("", "a.b", None), ("", "a", "b")],
    "importlib.import_module('a.b')": [("", "a.b", None), ("", "a", "b")],
    "import_module('.b', 'a')": [("", "a.b", None), ("", "a", "b")],
    "import_module('..b', package = 'a.c')": [("", "a.b", None), ("", "a", "b")],
    "import_module('.', 'a')": [("", "a", None)],
    "import_module('.b', package=name)": [("", ".b", None), ("", "", "b")],
    "import_module('..b', 'a')": [("", "..b", None), ("", ".", "b"), ("", "", "")],
    "import_module('b', 'a')": [("", "b", None)],
    "{'_target_': 'b', '_target_': 'a'}": [("", "b", None), ("", "a", None)],
    "__import__('a')": [("", "a", None)],
    "pydoc.locate('a')": [("", "a", None)],
    "pkgutil.resolve_name('a')": [("", "a", None)],
    "get_class('a')": [("", "a", None)],
    "other('a.b')": [],
    "_target_ class_path import_ locate( resolve_name( get_class('a')": [("", "a", None)],
}


@pytest.mark.parametrize("text", IMPORTS)
def test_imports(text: str) -> None:
    assert outline(text.encode()).imports == tuple(
        ImportedName(bound, module, member) for bound, module, member in IMPORTS[text]
    )


CLASSES: dict[str, list[tuple[str, list[str]]]] = {
    "class A(B): ...": [("A", ["B"])],
    "\\\n  \\\nclass A(B): ...": [("A", ["B"])],
    "class  A (B):": [("A", ["B"])],
    "class A(b.C[D, E], F, metaclass=M):": [("A", ["b.C", "F"])],
    "class A(  # X, Y\n    B,\n    C,\n):": [("A", ["B", "C"])],
    "class A(B,C):": [("A", ["B", "C"])],
    "class A(make(B)): ...": [("A", ["make"])],
    "class A():": [("A", [])],
    "class A(B):\n    class C(D): ...\n": [("A", ["B"]), ("C", ["D"])],
    "if x: class A(B): ...": [("A", ["B"])],
    "# class A(B):\nclass C(D):": [("C", ["D"])],
    "class A: ...": [],
}


@pytest.mark.parametrize("text", CLASSES)
def test_classes(text: str) -> None:
    assert outline(text.encode()).classes == tuple(
        ClassOutline(name, tuple(bases)) for name, bases in CLASSES[text]
    )


@pytest.mark.parametrize(
    ("text", "configs"),
    [
        ("@hydra.main(config_path='conf')", ("conf",)),
        ("@hydra.main('conf', 'x')", ("conf",)),
        ('from hydra import initialize\ninitialize(config_path = "../conf")', ("../conf",)),
        ("OmegaConf.load('a/b.yaml'); 'c.yml', 'd e.yaml'", ("a/b.yaml", "c.yml")),
        ("x = 'a.yaml'", ()),
    ],
)
def test_configurations(text: str, configs: tuple[str, ...]) -> None:
    assert outline(text.encode()).configs == configs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("trainer.fit(Lightning)", {"trains"}),
        ("LightningCLI()", {"trains"}),
        ("lightning; load_from_checkpoint", {"trains"}),
        ("import lightning", {"names_lightning_module"}),
        ("import torch, lightning as L", {"names_lightning_module"}),
        ("from  pytorch_lightning.core import x", {"names_lightning_module"}),
        ("import \\\n  lightning", {"names_lightning_module"}),
        ("import_module('lightning')", {"names_lightning_module"}),
        ("class M(pl.LightningModule): ...", {"names_lightning_module"}),
        ("a, b = lightning_indexer()  # of MiniMax-lightning", set()),
        ("class LightningAttention(nn.Module): ...", set()),
        ("model.fit(x)", set()),
        ("m.from_pretrained(x)", {"loads"}),
        ("instantiate(x)", {"makes"}),
    ],
)
def test_what_a_file_may_do(text: str, shown: set[str]) -> None:
    seen = outline(text.encode())
    assert {
        name
        for name in ("trains", "names_lightning_module", "loads", "makes")
        if getattr(seen, name)
    } == shown


def test_any_encoding_will_do() -> None:
    (named,) = outline("import ä".encode("latin-1")).imports
    assert named.module == "\N{REPLACEMENT CHARACTER}"
