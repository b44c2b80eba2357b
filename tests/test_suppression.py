"""``# noqa``, compared with flake8 itself."""

from __future__ import annotations

import argparse
import io

import pytest
from flake8.processor import FileProcessor  # type: ignore[import-untyped]
from flake8.violation import Violation  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from hfmode_lint.findings import Finding, Position
from hfmode_lint.suppression import Suppressions

CODE = "HFM001"


def finding(line: int) -> Finding:
    return Finding(CODE, "message", Position(line, 0), Position(line, 1))


def is_hidden(text: str, line: int) -> bool:
    return not Suppressions(text).keep([finding(line)])


def is_hidden_by_flake8(text: str, line: int) -> bool:
    options = argparse.Namespace(
        hang_closing=False, indent_size=4, max_line_length=79, max_doc_length=None, verbose=0,
        disable_noqa=False,
    )  # fmt: skip
    lines = io.StringIO(text, newline=None).readlines()
    processor = FileProcessor("a.py", options, lines)
    if processor.should_ignore_file():
        return True
    physical = processor.noqa_line_for(line)
    violation = Violation(CODE, "a.py", line, 1, "message", physical)
    # flake8 would look for the line on disk where it has none.
    return physical is not None and violation.is_inline_ignored(disable_noqa=False) is True


COMMENTS = [
    "# noqa",
    "# NoQA",
    "#noqa",
    "#  noqa",
    "# noqa: HFM001",
    "# noqa:HFM001",
    "# noqa:  HFM001",
    "# noqa : E501",
    "# noqa: HFM",
    "# noqa: H",
    "# noqa: HFM0",
    "# noqa: HFM00",
    "# noqa: hfm001",
    "# noqa: HFM0011",
    "# noqa: HFM002",
    "# noqa: E501,HFM001",
    "# noqa: E501 HFM001",
    "# noqa: E501 , HFM001",
    "# noqa: E501HFM001",
    "# noqa: E501, because",
    "# noqa: because",
    "# noqa E501",
    "# noqa:E501 # noqa:HFM001",
    "# type: ignore # noqa: HFM001",
    "# noqa:HFM001 and some words",
    "# noqa: E501,,HFM001",
    "# noqa:",
    "# noqa-free",
]


@pytest.mark.parametrize("comment", COMMENTS)
def test_each_spelling_is_read_as_flake8_reads_it(comment: str) -> None:
    text = f"x = 1  {comment}\n"
    assert is_hidden(text, 1) == is_hidden_by_flake8(text, 1)


@given(
    st.lists(
        st.sampled_from(["noqa", ":", " ", ",", "HFM001", "HFM", "E5", "#", "# ", "x", "\t", "1"]),
        max_size=8,
    ).map("".join)
)
def test_any_comment_is_read_as_flake8_reads_it(rest: str) -> None:
    text = f"x = 1  # {rest}\n"
    assert is_hidden(text, 1) == is_hidden_by_flake8(text, 1)


STATEMENTS = [
    "x = 1",
    "x = 1  # noqa",
    "x = f(  # noqa\n    1,\n)",
    "x = f(\n    1,\n)  # noqa: HFM001",
    "x = '''\n# noqa\n'''",
    "x = '''\n'''  # noqa: HFM001",
    "x = f'''\n{1}\n'''  # noqa: HFM001",
    "x = 1 + \\\n    2  # noqa",
    "def f():\n    return 1  # noqa\n",
    "# noqa",
    "",
    "\f",
    "y = 2  # flake8: noqa",
]


@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=5), st.sampled_from("\n\r"))
def test_comments_reach_as_far_as_in_flake8(statements: list[str], end: str) -> None:
    text = "\n".join(statements).replace("\n", end) + end
    for line in range(1, text.count(end) + 1):
        assert is_hidden(text, line) == is_hidden_by_flake8(text, line)


@pytest.mark.parametrize(
    "line",
    [
        "# flake8: noqa",
        "  # FLAKE8=NOQA",
        "# flake8: noqa: E501",
        "x = 1  # flake8: noqa",
        "# flake8",
    ],
)
def test_a_line_can_turn_the_file_off(line: str) -> None:
    text = f"a = 1\n{line}\n"
    assert is_hidden(text, 1) == is_hidden_by_flake8(text, 1)


def test_a_text_that_is_no_python_has_comments_too() -> None:
    text = "x = (\ny = 1  # noqa\n"
    assert is_hidden(text, 2)
    assert not is_hidden(text, 1)


def test_a_finding_behind_the_last_line_is_shown() -> None:
    assert not is_hidden("# noqa: E501\n", 7)


@pytest.mark.parametrize(
    ("text", "line", "row"),
    [
        ("x = 1\n", 1, 1),
        ("x = f(\n  1,\n)\n", 1, 1),
        ("x = '''\n\n'''\n", 1, 3),
        ("x = f('''\n''', 1)\n", 1, 2),
        ("x = 1 + \\\n  2 + \\\n  3\n", 2, 3),
        ("x = (\n", 1, 1),
        ("", 1, 1),
    ],
)
def test_the_row_for_a_comment_is_one_where_it_works(text: str, line: int, row: int) -> None:
    assert Suppressions(text).row_for(line) == row
    lines = text.split("\n")
    lines[row - 1] += "  # noqa"
    assert is_hidden("\n".join(lines), line)
