"""Which names of a file lead to a loader or to a mode method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis.liveness import Liveness
from tests.analysis.files import Files

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = {
    "loader": "def load(): from_pretrained()\ndef other(): pass\n",
    "star": "from loader import *\n",
    "package.__init__": "",
    "package.inner": "def other(): pass\n",
    "folder.inner": "def other(): pass\n",
    "broken": "def load(:\n",
}
MATTERS = {
    "loads": ("def a(): x.from_pretrained()\ndef b(): x.load()", {"a"}),
    "switches": ("def a(): x.train()\ndef b(): x.trained()", {"a"}),
    "by a string": ("def a(): import_module(x)\ndef b(): import_it(x)", {"a"}),
    "one more name": ("def a(): backward()\ndef b(): forward()", {"a"}),
    "fills a global": ("A = []\ndef a(): A.append(1)\ndef b(): A.count(1)", {"a"}),
    "through others": (
        "def a(): b()\ndef b(): c()\ndef c(): x.eval()\ndef d(): e()",
        {"a", "b", "c"},
    ),
    "in a circle": ("def a(): b()\ndef b(): a()\ndef c(): c()", set()),
    "a local name": ("def a(): load()\ndef load(): pass\ndef b(): load = x.eval", {"b"}),
    "another file": (
        "from loader import load, other\ndef a(): load()\ndef b(): other()",
        {"a", "load"},
    ),
    "by another name": ("from loader import load as f, other as g", {"f"}),
    "all of a module": ("import loader\ndef a(): loader.other()", {"a", "loader"}),
    "a module of a package": ("from package import inner, missing", {"inner"}),
    "what can't be told of a folder": ("from folder import inner, missing", {"inner", "missing"}),
    "a file that takes all of another": ("from star import other", {"other"}),
    "a name that is nowhere": ("from loader import missing", set()),
    "a file that Python refuses": ("from broken import load", {"load"}),
    "a library": ("import numpy\ndef a(): numpy.load()", set()),
    "an assigned name": ("from loader import load\nf = load\ndef a(): f()", {"load"}),
}


@pytest.mark.parametrize(("program", "expected"), MATTERS.values(), ids=MATTERS)
def test_what_matters(program: str, expected: set[str], tmp_path: Path) -> None:
    files = Files(tmp_path, {"main": program, **OTHERS})
    unit = files.unit("main")
    liveness = Liveness(files.modules, frozenset({"backward"}))
    assert {each for each in unit.symbols.bindings if liveness.matters(unit, each)} == expected
