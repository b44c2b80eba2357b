"""Where the statements stand that bind and touch the globals of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest

from hfmode_lint.analysis.source_index import index_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def written(tree: cst.Module, nodes: Iterable[cst.CSTNode]) -> list[str]:
    """The first line of each node."""
    return [tree.code_for_node(node).strip().splitlines()[0] for node in nodes]


def by_name(tree: cst.Module, found: Mapping[str, Iterable[cst.CSTNode]]) -> dict[str, list[str]]:
    return {name: written(tree, nodes) for name, nodes in found.items()}


BINDINGS = {
    "imports": (
        "import a.b, c as d\nfrom e import f as g",
        {"a": ["import a.b, c as d"], "d": ["import a.b, c as d"], "g": ["from e import f as g"]},
    ),
    "definitions": (
        "def f(): x = 1\nclass A:\n    y = 2\n    def g(self): ...",
        {"f": ["def f(): x = 1"], "A": ["class A:"]},
    ),
    "assignments": (
        "a = b = 1\n(c, [d, *e]) = f\ng: int\nh: int = 2\ni.j = k[0] = 3",
        {
            "a": ["a = b = 1"],
            "b": ["a = b = 1"],
            "c": ["(c, [d, *e]) = f"],
            "d": ["(c, [d, *e]) = f"],
            "e": ["(c, [d, *e]) = f"],
            "h": ["h: int = 2"],
        },
    ),
    "a try": (
        "try: import a\nexcept E: a = 1\nelse: b = 2\nfinally: c = 3",
        {"a": ["a = 1", "import a"], "b": ["b = 2"], "c": ["c = 3"]},
    ),
    "a try with groups": ("try: import a\nexcept* E: a = 1", {"a": ["a = 1", "import a"]}),
    "what hangs from a loop or a context": (
        "for i in j: a = 1\nelse: b = 2\nwhile c: d = 3\nwith e: f = 4",
        {"a": ["a = 1"], "b": ["b = 2"], "d": ["d = 3"], "f": ["f = 4"]},
    ),
    "a match": (
        "match a:\n    case 1: b = 1\n    case _: b = 2",
        {"b": ["b = 1", "b = 2"]},
    ),
    "the first branch is the likeliest": (
        "if a: x = 1\nelif b: x = 2\nelse: x = 3",
        {"x": ["x = 3", "x = 2", "x = 1"]},
    ),
    "what no branch decides is likelier": (
        "if a: x = 1\nx = 2\nif a: x = 3",
        {"x": ["x = 3", "x = 1", "x = 2"]},
    ),
    "a branch in a branch": (
        "if a:\n    if b: x = 1\n    x = 2\nx = 3",
        {"x": ["x = 2", "x = 1", "x = 3"]},
    ),
    "a handler is the least likely": (
        "try: pass\nexcept E: x = 1\nif a: x = 2\nx = 3\ntry: x = 4\nexcept E: x = 5",
        {"x": ["x = 1", "x = 5", "x = 4", "x = 2", "x = 3"]},
    ),
    "a handler in a handler": (
        "try: pass\nexcept A:\n    try: pass\n    except B: pass\n    x = 1\nelse: x = 2",
        {"x": ["x = 1", "x = 2"]},
    ),
}


@pytest.mark.parametrize(("text", "expected"), BINDINGS.values(), ids=BINDINGS)
def test_what_binds_a_global_the_likeliest_last(text: str, expected: dict[str, list[str]]) -> None:
    tree = cst.parse_module(text)
    assert by_name(tree, index_source(tree).bindings) == expected


TOUCHES = {
    "a method": ("a.append(1)", {"a": ["a.append(1)"]}),
    "a method of a part": ("a.b[0].c().d()", {"a": ["a.b[0].c().d()"]}),
    "a call": ("a(b)", {"a": ["a(b)"]}),
    "a part": ("a.b = 1\na[0] = 2\na = 3", {"a": ["a.b = 1", "a[0] = 2"]}),
    "a decorator": ("@a.add('b')\n@c\ndef d(): ...", {"a": ["@a.add('b')"], "c": ["@a.add('b')"]}),
    "a decorator of a class": ("@a\nclass B: ...", {"a": ["@a"]}),
    "in a branch": ("if a: b.c()", {"b": ["b.c()"]}),
    "after a definition": ("def f(): ...\na.b()", {"a": ["a.b()"]}),
    "what begins with no name": ("'a'.join(b)\n[].append(a)", {}),
    "an expression that calls nothing": ("a.b\n'c'", {}),
    "in a function": ("def f():\n    a.b()\n    c.d = 1", {}),
    "in a class": ("class A:\n    b.c()\n    @d\n    def e(self): ...", {}),
}


@pytest.mark.parametrize(("text", "expected"), TOUCHES.values(), ids=TOUCHES)
def test_what_the_top_level_does_with_a_global(text: str, expected: dict[str, list[str]]) -> None:
    tree = cst.parse_module(text)
    assert by_name(tree, index_source(tree).touches) == expected


DEFINITIONS = """\
class A:
    class B:
        def c(self):
            def d(): ...
if x:
    def e(): ...
    class F: ...
"""


def test_the_definitions_of_the_top_level() -> None:
    tree = cst.parse_module(DEFINITIONS)
    index = index_source(tree)
    assert written(tree, index.classes) == ["class A:", "class F: ..."]
    assert by_name(tree, {each: [node] for each, node in index.functions.items()}) == {
        "e": ["def e(): ..."]
    }
    assert [(written(tree, [node])[0], top) for node, top in index.tops.items()] == [
        ("def c(self):", "A"),
        ("def d(): ...", "A"),
        ("def e(): ...", "e"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m.train\nm.eval", ["m.train", "m.eval"]),
        ("def f(m):\n    if m: m.net.train", ["m.net.train"]),
        ("m.train()\nm.training\ntrain\nx = m.train", []),
    ],
)
def test_mode_methods_that_are_not_called(text: str, expected: list[str]) -> None:
    tree = cst.parse_module(text)
    assert written(tree, index_source(tree).uncalled) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(m): assert m.training", ["def f(m): assert m.training"]),
        ("class A:\n    def f(self): assert all([m.training for m in self.b()])", ["class A:"]),
        ("def f(m): assert m.train", []),
        ("def f(training): assert training", []),
        ("def f(m): m.training", []),
        ("assert m.training", []),
        ("def f(): ...\nassert m.training", []),
    ],
)
def test_what_asserts_a_mode(text: str, expected: list[str]) -> None:
    tree = cst.parse_module(text)
    assert written(tree, index_source(tree).asserting) == expected
