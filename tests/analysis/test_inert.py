"""What an ``if`` does in which no mode can change."""

from __future__ import annotations

import libcst as cst
import pytest

from hfmode_lint.analysis.inert import inert_if

ASSIGNED: dict[str, tuple[str, list[str] | None]] = {
    "nothing": ("if a: pass", []),
    "a message": ("if a:\n    self.log.info('a')\n    print(a)", []),
    "a text": ("if a:\n    'said'", []),
    "plain values": ("if a:\n    x = 1; y = f'{a}'\n    self.z = -a + 2", ["x", "y", "self.z"]),
    "two names for one value": ("if a: x = y = 'b'", ["x", "y"]),
    "what is only declared": ("if a: x: int", ["x"]),
    "what is declared and set": ("if a: x: int = 1", ["x"]),
    "what is added to": ("if a: x += len(b)", ["x"]),
    "every branch": ("if a: x = 1\nelif b: y = a < 2\nelse: z = a and b", ["x", "y", "z"]),
    "another name": ("if a: x = b", None),
    "an item": ("if a: x[0] = 1", None),
    "a list": ("if a: x = []", None),
    "several at once": ("if a: x, y = b.split()", None),
    "a call that may do anything": ("if a: x = f()", None),
    "a method that may do anything": ("if a: b.train()", None),
    "a function that is computed": ("if a: b[0](a)", None),
    "a call in a call": ("if a: print(b.eval())", None),
    "a name bound in passing": ("if a: print((x := b))", None),
    "a loop": ("if a:\n    for b in c: pass", None),
    "a statement that leaves": ("if a: return", None),
    "a second branch that does more": ("if a: pass\nelse: f()", None),
    "a second statement that does more": ("if a:\n    print(a)\n    f()", None),
}


@pytest.mark.parametrize(("text", "expected"), ASSIGNED.values(), ids=ASSIGNED)
def test_what_a_branch_assigns(text: str, expected: list[str] | None) -> None:
    tree = cst.parse_module(text)
    (node,) = tree.body
    assert isinstance(node, cst.If)
    inert = inert_if(node)
    shown = None if inert is None else [tree.code_for_node(each) for each in inert.targets]
    assert shown == expected


LEFT: dict[str, tuple[str, list[dict[str, str | None]]]] = {
    "literals": (
        "if a: x = 'b'; self.y = 1\nelse: x = 0.5",
        [{"x": "'b'", "self.y": "1"}, {"x": "0.5"}],
    ),
    "the last one": ("if a: x = 1; x = 2", [{"x": "2"}]),
    "what is no literal": ("if a: x = 1; x = len(b); y = 1", [{"x": None, "y": "1"}]),
    "what is added to": ("if a: x = 1\nelif b: x += 1", [{"x": "1"}, {"x": None}]),
    "what is declared": ("if a: x: int = 1; y: int", [{"x": "1", "y": None}]),
    "nothing but others": ("if a: x = len(b)", []),
    "a test that may do anything": ("if a: x = 1\nelif f(): x = 2", []),
    "a test that may do no harm": ("if a: x = 1\nelif len(b): pass", [{"x": "1"}, {}]),
}


@pytest.mark.parametrize(("text", "expected"), LEFT.values(), ids=LEFT)
def test_which_literals_a_branch_leaves(text: str, expected: list[dict[str, str | None]]) -> None:
    tree = cst.parse_module(text)
    (node,) = tree.body
    assert isinstance(node, cst.If)
    inert = inert_if(node)
    assert inert is not None
    shown = [
        {name: each and tree.code_for_node(each) for name, each in branch.literals.items()}
        for branch in inert.branches
    ]
    assert shown == expected
