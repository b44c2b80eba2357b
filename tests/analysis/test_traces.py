"""What code may set of what it is given."""

from __future__ import annotations

import libcst as cst
import pytest

from hfmode_lint.analysis.traces import Traces, traces_of

LEFT: dict[str, tuple[str, Traces]] = {
    "nothing": ("def f(a): return a.b[0]", Traces(frozenset(), frozenset(), any_key=False)),
    "attributes": (
        "def f(a):\n    a.b, (c.d, e) = 1, 2\n    a.g += 1\n    a.h: int = 1",
        Traces(frozenset("bdgh"), frozenset(), any_key=False),
    ),
    "in a loop": (
        "def f(a):\n    for b in c:\n        def g(): a.b = 1",
        Traces(frozenset("b"), frozenset(), any_key=False),
    ),
    "items": (
        "def f(a):\n    a['b'] = 1\n    a['c']: int = 1",
        Traces(frozenset(), frozenset("bc"), any_key=False, lists=True),
    ),
    "an item that is computed": (
        "def f(a): a[b] = 1",
        Traces(frozenset(), frozenset(), any_key=True, lists=True),
    ),
    "an item of bytes": (
        "def f(a): a[b'c'] = 1",
        Traces(frozenset(), frozenset(), any_key=True, lists=True),
    ),
    "a slice": ("def f(a): a[1:] = 1", Traces(frozenset(), frozenset(), any_key=True, lists=True)),
    "a method": (
        "def f(a): a.update(b)",
        Traces(frozenset(), frozenset(), any_key=True, lists=True),
    ),
    "a method that takes out": (
        "def f(a): a.pop(b)",
        Traces(frozenset(), frozenset(), any_key=True, removes=True, lists=True),
    ),
    "a deletion": (
        "def f(a): del a[0]",
        Traces(frozenset(), frozenset(), any_key=True, removes=True, lists=True),
    ),
    "what grows in place": (
        "def f(a): a += b",
        Traces(frozenset(), frozenset(), any_key=False, lists=True),
    ),
    "another method": ("def f(a): a.get(b)", Traces(frozenset(), frozenset(), any_key=False)),
    "a function": ("def f(a): update(b)", Traces(frozenset(), frozenset(), any_key=False)),
    "methods": (
        "class A:\n    def f(self): self.a = 1\n    def __init__(self): self.b = 1",
        Traces(frozenset("a"), frozenset(), any_key=False),
    ),
}


@pytest.mark.parametrize(("text", "expected"), LEFT.values(), ids=LEFT)
def test_what_is_set(text: str, expected: Traces) -> None:
    (node,) = cst.parse_module(text).body
    assert isinstance(node, (cst.ClassDef, cst.FunctionDef))
    assert traces_of(node) == expected
