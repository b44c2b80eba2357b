"""Functions of other files that change no mode, and tell which way a program goes that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest

from hfmode_lint import check_paths
from hfmode_lint.analysis.brief import is_brief
from tests.analysis.programs import module

if TYPE_CHECKING:
    from pathlib import Path

BRIEF: dict[str, tuple[str, bool]] = {
    "a constant": ("def f(self): return True", True),
    "on one line": ("def f(self): a = 1; return a", True),
    "a way that may be told": (
        "def f(self):\n    if a: b = 1\n    else: b = 2\n    return b",
        True,
    ),
    "a second way": ("def f(self):\n    if a: return 1\n    elif b: return 2\n    return 3", True),
    "something done": ("def f(self): self.a = 1", True),
    "done in a call": ("def f(self): self.g()", True),
    "a type": ("def f(self):\n    a: int = 1\n    return a", True),
    "done, and a way": ("def f(self):\n    self.a = 1 if b else 2", False),
    "done to a list, and a way": ("def f(self):\n    a[0] = b or c", False),
    "done by a call, and a way": ("def f(self):\n    if a: g()", False),
    "a type of something, and a way": ("def f(self):\n    self.a: int = b and c", False),
    "a global, and a way": ("def f(self):\n    global a\n    a = b or c", False),
    "added to, and a way": ("def f(self):\n    if a: b += 1", False),
    "a loop": ("def f(self):\n    for a in b: return a", False),
    "a loop on a way": ("def f(self):\n    if a:\n        while b: pass\n    return c", False),
    "nothing": ("def f(self): pass", False),
    "dots": ("def f(self): ...", False),
    "a text": ("def f(self): 'Says something.'", False),
    "a refusal": ("def f(self):\n    'Says something.'\n    raise NotImplementedError", False),
    "many statements": ("def f(self):\n" + "    a = 1\n" * 41, False),
    "some statements": ("def f(self):\n" + "    a = 1\n" * 40, True),
}
FRESH: dict[str, tuple[str, bool]] = {
    "its own": ("def f(self, a):\n    if a is None: a = 1\n    self.a = a", True),
    "its own type": ("def f(self, a):\n    self.a: int = a or 1", True),
    "without a name": ("def f():\n    self.a = a or 1", False),
    "by position": ("def f(self, /, a):\n    self.a = a or 1", True),
    "of another": ("def f(self, a):\n    if a is None: a = 1\n    a.b = 1", False),
    "deep in it": ("def f(self, a):\n    self.a.b = a or 1", False),
    "a call": ("def f(self, a):\n    super().__init__()\n    self.a = a or 1", False),
}


def function(text: str) -> cst.FunctionDef:
    (node,) = cst.parse_module(text).body
    assert isinstance(node, cst.FunctionDef)
    return node


@pytest.mark.parametrize(("text", "expected"), BRIEF.values(), ids=BRIEF)
def test_what_is_brief(text: str, *, expected: bool) -> None:
    assert is_brief(function(text), fresh=False) is expected


@pytest.mark.parametrize(("text", "expected"), FRESH.values(), ids=FRESH)
def test_what_is_set_of_something_new(text: str, *, expected: bool) -> None:
    node = function(text)
    assert is_brief(node, fresh=True) is expected
    assert not is_brief(node, fresh=False)


def test_an_expression_is_brief() -> None:
    assert is_brief(cst.Lambda(cst.Parameters(), cst.Name("a")), fresh=False)


OTHER = """
def yes(): return True
def no(): return False
def either(a):
    if a:
        return True
    return False
def through(): return either(1)
def through_a_long_one(): return long()
def long():
    for _ in range(3):
        pass
    return False
def stub(): ...
def refuses(): raise NotImplementedError
def table(): return {"tune": True, "rate": 0.1}
def ends(a):
    import sys
    return sys.exit(1)
class Options:
    kind = "bert"
    def __init__(self, tune=None):
        if tune is None:
            tune = True
        self.tune = tune
    def tuned(self): return self.tune
    def turn_off(self): self.tune = False
    def to_be_written(self): pass
    def read(self, lines):
        for line in lines:
            self.take(line)
    def take(self, line):
        self.tune = line == "tune"
class More(Options):
    def __init__(self, other):
        self.other = other
        super().__init__(True if other else None)
class Undecided:
    def __init__(self, a):
        self.tune = False
        if a:
            self.tune = True
def fill(options, lines):
    for line in lines:
        options["tune"] = line
def fill_by_name(options, name):
    for _ in name:
        options[name] = True
def fill_another(options, lines):
    for line in lines:
        options["rate"] = line
def fill_at_once(options, lines):
    for line in lines:
        options.update(line)
"""
ALL, SOME = ["HFM001"], ["HFM002"]
DECIDED: dict[str, tuple[str, list[str]]] = {
    "always": ("tune = yes()", []),
    "never": ("tune = no()", ALL),
    "by what is given": ("tune = either(1)", []),
    "by what is not known": ("tune = either(name)", SOME),
    "by another one": ("tune = through()", []),
    "by another one that is long": ("tune = through_a_long_one()", SOME),
    "by a long one": ("tune = long()", SOME),
    "by one to be written": ("tune = stub()", SOME),
    "by one that refuses": ("tune = refuses()", SOME),
    "by one that ends the program": ("tune = ends(1)", SOME),
    "an item": ("tune = table()['tune']", []),
    "an attribute": ("tune = Options().tune", []),
    "one that is given": ("tune = Options(False).tune", ALL),
    "one of the class": ("tune = Options().kind == 'gpt'", ALL),
    "a method": ("tune = Options().tuned()", []),
    "a method to be written": ("tune = Options().to_be_written()", SOME),
    "turned off": ("o = Options(); o.turn_off(); tune = o.tune", ALL),
    "of a base": ("tune = More(name).tune", SOME),
    "by a way that can't be told": ("tune = Undecided(flag).tune", SOME),
    "by a way that can be told": ("tune = Undecided(0).tune", ALL),
    "set by a long method": ("o = Options(False); o.read(name); tune = o.tune", SOME),
    "another one is set": ("o = Options(False); fill(o, name); tune = o.tune", ALL),
    "an item set by a long one": ("o = {'tune': False}; fill(o, name); tune = o['tune']", SOME),
    "an item of any name": ("o = {'tune': False}; fill_by_name(o, name); tune = o['tune']", SOME),
    "asked twice": (
        "o = Options(); o.read(name)\nif not o.tune: self.m.train()\ntune = o.tune",
        [],
    ),
    "an item, asked twice": (
        "o = {'tune': 1}; fill(o, name)\nif not o['tune']: self.m.train()\ntune = o['tune']",
        [],
    ),
    "another item": ("o = {'tune': False}; fill_another(o, name); tune = o['tune']", ALL),
    "all items": ("o = {'tune': False}; fill_at_once(o, name); tune = o['tune']", SOME),
}


@pytest.mark.parametrize(("lines", "expected"), DECIDED.values(), ids=DECIDED)
def test_what_it_decides(lines: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "other.py").write_text(OTHER)
    init = f"self.m = AutoModel.from_pretrained(name)\n{lines}\nif tune:\n    self.m.train()"
    path = tmp_path / "lit.py"
    path.write_text("from other import *\n" + module(init))
    assert [finding.code for finding in check_paths([str(path)])] == expected
