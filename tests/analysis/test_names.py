"""What names mean: those that imports bind, and those that nothing in a file binds."""

from __future__ import annotations

import libcst as cst
import pytest

from hfmode_lint.analysis.names import imports_of, package_of, unbound
from hfmode_lint.analysis.symbols import Imported
from hfmode_lint.analysis.values import External, Unknown

IMPORTS = {
    "a module": ("import a", [Imported("a", "a")]),
    "a module of a package": ("import a.b.c", [Imported("a", "a")]),
    "a module by another name": ("import a.b.c as d", [Imported("d", "a.b.c")]),
    "two modules": ("import a, b as c", [Imported("a", "a"), Imported("c", "b")]),
    "a member": ("from a.b import c", [Imported("c", "a.b", "c")]),
    "a member by another name": ("from a import b as c", [Imported("c", "a", "b")]),
    "a member of the package around": ("from .. import a", [Imported("a", "..", "a")]),
    "a member of a module beside it": ("from .a.b import c", [Imported("c", ".a.b", "c")]),
    "everything": ("from a import *", []),
}


@pytest.mark.parametrize(("text", "expected"), IMPORTS.values(), ids=IMPORTS)
def test_what_an_import_binds(text: str, expected: list[Imported]) -> None:
    node = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine).body[0]
    assert isinstance(node, (cst.Import, cst.ImportFrom))
    assert list(imports_of(node)) == expected
    if isinstance(node, cst.ImportFrom) and expected:
        assert package_of(node) == expected[0].module


UNBOUND = {
    "as everybody calls it": ("nn", [], External("torch.nn")),
    "nobody knows": ("Net", [], Unknown("Net")),
    "by the star of a library that is known": (
        "Net",
        ["transformers"],
        External("transformers.Net"),
    ),
    "by the star of one that is not": ("Net", ["tools"], Unknown("Net")),
    "by one star of two": ("Net", ["transformers", "tools"], Unknown("Net")),
    "a function that one of two has": (
        "get_peft_model",
        ["transformers", "peft"],
        External("peft.get_peft_model"),
    ),
    "a class that one of two has": (
        "PeftModel",
        ["transformers", "peft"],
        External("peft.PeftModel"),
    ),
    "as everybody calls it, with a star": ("nn", ["tools"], External("torch.nn")),
}


@pytest.mark.parametrize(("name", "packages", "expected"), UNBOUND.values(), ids=UNBOUND)
def test_what_a_name_means_beside_stars(
    name: str, packages: list[str], expected: External | Unknown
) -> None:
    assert unbound(name, packages) == expected
