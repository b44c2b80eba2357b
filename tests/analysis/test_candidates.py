"""Which classes may be LightningModules, told from names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis.candidates import Candidates
from tests.analysis.files import Files

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = {
    "base": "import lightning as L\nclass Base(L.LightningModule): pass\nclass Plain: pass\n"
    "class Patched: pass\nPatched = wrap(Patched)\nmade = type('Made', (), {})\n",
    "package.inner": "class Base: pass\n",
    "broken": "class Base(:\n",
}
LIGHTNING = "import lightning as L\nimport lightning.pytorch\n"
MAY_BE = {
    "by a module's name": (LIGHTNING + "class A(L.LightningModule): pass", {"A"}),
    "by all of its name": (LIGHTNING + "class A(lightning.pytorch.LightningModule): ...", {"A"}),
    "by its own name": ("from lightning import LightningModule as M\nclass A(M): pass", {"A"}),
    "another class of the library": (LIGHTNING + "class A(L.Callback): pass", set()),
    "a class of another library": ("import torch.nn as t\nclass A(t.Module): pass", set()),
    "a class called like it": (
        "from torch import LightningModule\nclass A(LightningModule): ...",
        set(),
    ),
    "no bases": ("class A: pass", set()),
    "a builtin": ("class A(dict): pass\nclass B(Exception): pass", set()),
    "through another class": (
        LIGHTNING + "class A(L.LightningModule): ...\nclass B(A): ...\nclass C(B, dict): ...\n"
        "class D(dict): ...\nclass E(D): ...",
        {"A", "B", "C"},
    ),
    "in a circle": ("class A(B): ...\nclass B(A): ...\nclass C(C): ...", {"C"}),
    "one that is computed": ("class A(f()): pass", {"A"}),
    "one that is assigned": ("Base = dict\nclass A(Base): pass", {"A"}),
    "a class that is patched": ("class B: ...\nB = f(B)\nclass A(B): pass", {"A"}),
    "a function's result": ("def f(): ...\nclass A(f): pass", {"A"}),
    "a class in a class": ("class B:\n    class C: ...\nclass A(B.C): pass", {"A"}),
    "nobody knows": ("class A(Base): pass", {"A"}),
    "by a star": ("from base import *\nclass A(Base): pass", {"A"}),
    "a builtin or by a star": ("from base import *\nclass A(dict): pass", {"A"}),
    "as everybody calls it": ("class A(pl.LightningModule): ...\nclass B(nn.Module): ...", {"A"}),
    "of another file": (
        "from base import Base, Plain\nclass A(Base): ...\nclass B(Plain): ...",
        {"A"},
    ),
    "patched in another file": ("from base import Patched\nclass A(Patched): pass", {"A"}),
    "assigned in another file": ("from base import made\nclass A(made): pass", {"A"}),
    "missing in another file": ("from base import Missing\nclass A(Missing): pass", {"A"}),
    "of a module": ("import base\nclass A(base.Plain): pass", {"A"}),
    "of a module that is taken out of a package": (
        "from package import inner\nclass A(inner.Base): pass",
        {"A"},
    ),
    "part of a class of another file": ("from base import Plain\nclass A(Plain.Part): pass", {"A"}),
    "of a file that Python refuses": ("from broken import Base\nclass A(Base): pass", {"A"}),
    "one of two": (
        (
            "try: from base import Base\nexcept ImportError: from base import Plain as Base\n"
            "class A(Base): pass"
        ),
        {"A"},
    ),
}


@pytest.mark.parametrize(("program", "expected"), MAY_BE.values(), ids=MAY_BE)
def test_which_classes_may_be(program: str, expected: set[str], tmp_path: Path) -> None:
    files = Files(tmp_path, {"main": program, **OTHERS})
    unit = files.unit("main")
    candidates = Candidates(files.modules)
    classes = unit.symbols.classes
    assert {each for each in classes if candidates.may_be(unit, each)} == expected
