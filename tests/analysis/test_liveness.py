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
    "package.live": "from loader import load as f\n",
    "folder.inner": "def other(): pass\n",
    "broken": "def load(:\n",
}
MATTERS = {
    "loads": ("def a(): x.from_pretrained()\ndef b(): x.load()", {"a"}),
    "switches": ("def a(): x.train()\ndef b(): x.trained()", {"a"}),
    "by a string": ("def a(): import_module(x)\ndef b(): import_it(x)", {"a"}),
    "sets an attribute": (
        "def a(x): setattr(x, 'y', f())\ndef b(self): setattr(self, 'y', x)\ndef c(): setattr",
        {"a", "b", "c"},
    ),
    "sets an attribute to an option": (
        "def a(self): setattr(self, 'y', x.get('z'))\ndef b(self): setattr(self, 'y', x.pop('z'))",
        {"a", "b"},
    ),
    "sets what it makes of its own": ("def a(self): setattr(self, 'y', f(x))", set()),
    "one more name": ("def a(): backward()\ndef b(): forward()", {"a"}),
    "fills a global": ("A = []\ndef a(): A.append(1)\ndef b(): A.count(1)", {"a"}),
    "through others": (
        "def a(): b()\ndef b(): c()\ndef c(): x.eval()\ndef d(): e()",
        {"a", "b", "c"},
    ),
    "in a circle": ("def a(): b()\ndef b(): a()\ndef c(): c()", set()),
    "a circle with a way out": (
        "def a(): b(); d()\ndef b(): a(); c()\ndef c(): b()\ndef d(): x.eval()",
        {"a", "b", "c", "d"},
    ),
    "fills a library's": ("import lib\ndef a(): lib.x = 1\nlib.y = 2", set()),
    "fills another file's": ("from loader import X\ndef a(): X['a'] = 1", {"a"}),
    "a loaded global": ("A = from_pretrained()\nB = 1\ndef a(): A()\ndef b(): B()", {"A", "a"}),
    "a local name": ("def a(): load()\ndef load(): pass\ndef b(): load = x.eval", {"b"}),
    "another file": (
        "from loader import load, other\ndef a(): load()\ndef b(): other()",
        {"a", "load"},
    ),
    "by another name": ("from loader import load as f, other as g", {"f"}),
    "all of a module": ("import loader\ndef a(): loader.other()", {"a", "loader"}),
    "a module of a package": ("from package import inner, live, missing", {"live"}),
    "a package": ("import package\nfrom folder import inner, missing", {"package"}),
    "a file that takes all of another": ("from star import load, other", {"load"}),
    "all of another, here": ("from star import *\ndef a(): load()\ndef b(): other()", {"a"}),
    "a name that is nowhere": ("from loader import missing", set()),
    "a file that Python refuses": ("from broken import load", {"load"}),
    "a library": ("import numpy\ndef a(): numpy.load()", set()),
    "an assigned name": ("from loader import load\nf = load\ndef a(): f()", {"a", "f", "load"}),
}


@pytest.mark.parametrize(("program", "expected"), MATTERS.values(), ids=MATTERS)
def test_what_matters(program: str, expected: set[str], tmp_path: Path) -> None:
    files = Files(tmp_path, {"main": program, **OTHERS})
    unit = files.unit("main")
    liveness = Liveness(files.modules, frozenset({"backward"}))
    assert {each for each in unit.symbols.bindings if liveness.matters(unit, each)} == expected
