"""Programs whose statements stand behind backslashes, as libcst gets them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from libcst import matchers

from hfmode_lint.analysis.leading_joins import without_leading_joins
from hfmode_lint.analysis.parsing import parse
from hfmode_lint.source import split_lines
from hfmode_lint.syntax import REFUSALS, tree

if TYPE_CHECKING:
    from collections.abc import Mapping

PIECES = st.sampled_from(
    (
        "if a:\n",
        "  ",
        "\\\n",
        "\\\r\n",
        "b\n",
        "\n",
        "\r",
        "\f",
        "# c\n",
        "(\n",
        ")\n",
        "'''\n",
        "x =",
    )
)


@given(st.lists(PIECES, max_size=9).map("".join).map("if a:\n  b\n  \\\n".__add__))
def test_it_is_the_same_program_line_by_line(text: str) -> None:
    try:
        before = ast.dump(tree(text))
    except REFUSALS:
        assume(False)  # noqa: FBT003 - the one way to say it
    after, _ = without_leading_joins(text)
    assert ast.dump(tree(after)) == before
    assert len(split_lines(after)) == len(split_lines(text))


# What libcst gets for each program, and how far the columns of which lines lie behind.
PROGRAMS: dict[str, tuple[str, dict[int, int]]] = {
    "if a:\n    \\\n  b\n": ("if a:\n     \n    b\n", {3: 2}),
    "if a:\n  b\n  \\\nc\nd\n": ("if a:\n  b\n   \n  c\nd\n", {4: 2}),
    "if a:\n  \\\n      b\n": ("if a:\n   \n  b\n", {3: -4}),
    # Without blanks, the next line counts.
    "\\\nx = 1\n": (" \nx = 1\n", {2: 0}),
    "if a:\n  b\n\\\n  c\n": ("if a:\n  b\n \n  c\n", {4: 0}),
    "if a:\n  b\n\\\n  \\\n c\n": ("if a:\n  b\n \n   \n  c\n", {5: 1}),
    "if a:\n  b\n\\\nelse: c": ("if a:\n  b\n \nelse: c", {4: 0}),
    # Several of them in a row, and in one program.
    "if a:\n    \\\n  \\\n b\n": ("if a:\n     \n   \n    b\n", {4: 3}),
    "\\\na\n\\\nb\nif c:\n \\\nd\n": (" \na\n \nb\nif c:\n  \n d\n", {2: 0, 4: 0, 7: 1}),
    # What stands before and behind.
    "a\n\nif b: # c\n  \\\n d; e\n\n\\\nf": ("a\n\nif b: # c\n   \n  d; e\n\n \nf", {5: 1, 8: 0}),
    "a\n# b\n\\\nc\n": ("a\n# b\n \nc\n", {4: 0}),
    "a\n\\\n\nb\n": ("a\n \n\nb\n", {3: 0}),
    "a\n\\\n# b\nc\n": ("a\n \n# b\nc\n", {3: 0}),
    "if a:\n b\n \\\n'''\n\\\n'''\n": ("if a:\n b\n  \n '''\n\\\n'''\n", {4: 1}),
    "x = 1 + \\\n\\\n2\n\\\ny\n": ("x = 1 + \\\n\\\n2\n \ny\n", {5: 0}),
    # Ends of lines, form feeds, tabs.
    "if a:\r\n    \\\r\n  b\r\nc\r\n": ("if a:\r\n     \r\n    b\r\nc\r\n", {3: 2}),
    "if a:\r    \\\r  b\r": ("if a:\r     \r    b\r", {3: 2}),
    "if a:\n  b\n \f  \\\nc\n": ("if a:\n  b\n \f   \n  c\n", {4: 2}),
    "if a:\n  b\n  \\\n  \f c\n": ("if a:\n  b\n   \n  c\n", {4: -2}),
    # Before the backslash a tab is eight blanks, where no tab indents other lines.
    "if a:\n        b\n\t\\\n  c\n": ("if a:\n        b\n\t \n        c\n", {4: 6}),
    "if a:\n  \t\\\nb\n        c\n": ("if a:\n  \t \n        b\n        c\n", {3: 8}),
    "if a:\n\\\n\tb\n\\\n\tc\n": (
        "if a:\n \n        b\n \n        c\n",
        {3: 7, 5: 7},
    ),
    "if a:\n  \tb\n\\\n  \tc\n": ("if a:\n  \tb\n \n  \tc\n", {4: 0}),
    "\t# a\nif a:\n        b\n\t\n  \t\\\n(\n\tc)\n": (
        "\t# a\nif a:\n        b\n\t\n  \t \n        (\n\tc)\n",
        {6: 8},
    ),
    "if a:\n\tif b:\n\t\t\\\n\tc\n": ("if a:\n\tif b:\n\t\t \n\t\tc\n", {4: 1}),
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_indentation_moves_down(text: str) -> None:
    after, shifts = without_leading_joins(text)
    assert (after, shifts) == PROGRAMS[text]
    assert _places(after, shifts) == _places(text, {})


@pytest.mark.parametrize("text", PROGRAMS)
def test_statements_are_where_python_sees_them(text: str) -> None:
    parsed = parse(text)
    statements = matchers.findall(parsed.tree, matchers.Expr() | matchers.Assign())
    starts = [parsed.span(each)[0] for each in statements]
    assert sorted((each.line, each.column) for each in starts) == _places(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "x = 1 + \\\n\\\n2\ny = '''\n\\\n'''\n",
        "x = 1 + \\\n2\n",
        "x = 1\n",
        "x = '\\ '\n",
        "x = '\\\n'\n",
        "x = '''\\\r\n\\\r\n'''\r\n",
        "x = 1 + \\\n  \\\n 2 # \\\n# \\\n",
        "x = (\n  \\\n1, # 2\n  \\\n3)\n",
    ],
)
def test_other_backslashes_stay(text: str) -> None:
    assert without_leading_joins(text) == (text, {})


def _places(text: str, shifts: Mapping[int, int]) -> list[tuple[int, int]]:
    """Where Python sees the simple statements of a program."""
    return sorted(
        (node.lineno, node.col_offset - shifts.get(node.lineno, 0))
        for node in ast.walk(tree(text))
        if isinstance(node, (ast.Expr, ast.Assign))
    )
