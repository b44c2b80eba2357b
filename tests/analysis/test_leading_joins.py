"""Programs whose statements stand behind backslashes, as libcst gets them."""

from __future__ import annotations

import ast

from hypothesis import assume, given
from hypothesis import strategies as st

from hfmode_lint.analysis.leading_joins import without_leading_joins
from hfmode_lint.source import split_lines
from hfmode_lint.syntax import REFUSALS, tree

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


def test_other_backslashes_stay() -> None:
    text = "x = 1 + \\\n\\\n2\ny = '''\n\\\n'''\n"
    assert without_leading_joins(text) == (text, {})
