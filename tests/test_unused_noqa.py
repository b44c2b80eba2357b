"""HFM010: comments that hide nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_source, fix_source
from tests.programs import BUGGY, FIXED, NOTEBOOK

if TYPE_CHECKING:
    from pathlib import Path

ON = Options(extend_select=("HFM010",))
CALL = 'self.encoder = AutoModel.from_pretrained("x").train()'

# A line that needs no comment; the codes that are reported; the line after the fix.
LINES = {
    "alone": ("  # noqa: HFM001", "HFM001", ""),
    "without a blank": ("  # noqa:HFM001", "HFM001", ""),
    "behind a comment": ("  # words # noqa: HFM001", "HFM001", "  # words"),
    "two": ("  # noqa: HFM001, HFM002", "HFM001, HFM002", ""),
    "with another tool's": ("  # noqa: E501,HFM001", "HFM001", "  # noqa: E501"),
    "before another tool's": ("  # noqa: HFM001 E501", "HFM001", "  # noqa: E501"),
    "no such rule": ("  # noqa: HFM999", "HFM999", ""),
    "with words": ("  # noqa: HFM001 because", "HFM001", "  # noqa: HFM001 because"),
    "plain": ("  # noqa", None, "  # noqa"),
    "another tool's": ("  # noqa: E501", None, "  # noqa: E501"),
    "a rule that is off": ("  # noqa: HFM005", None, "  # noqa: HFM005"),
    "a beginning of rules that are off": ("  # noqa: HFM1", None, "  # noqa: HFM1"),
    "itself": ("  # noqa: HFM001, HFM010", None, "  # noqa: HFM001, HFM010"),
    "in a string": ('; x = "# noqa: HFM001"', None, '; x = "# noqa: HFM001"'),
}


@pytest.mark.parametrize(("behind", "codes", "fixed"), LINES.values(), ids=LINES)
def test_what_is_reported(behind: str, codes: str | None, fixed: str) -> None:
    source = FIXED.replace(CALL, CALL + behind)
    found = [each.message for each in check_source(source, options=ON)]
    assert found == ([] if codes is None else [f"noqa hides nothing of {codes} here"])
    assert fix_source(source, options=ON).source == FIXED.replace(CALL, CALL + fixed)
    assert check_source(source) == []


def test_a_comment_that_is_needed() -> None:
    used = BUGGY.replace('("x")', '("x")  # noqa: HFM001')
    assert check_source(used, options=ON) == []
    (finding,) = check_source(used.replace("HFM001", "HFM001, HFM003"), options=ON)
    assert finding.message == "noqa hides nothing of HFM003 here"
    fixed = fix_source(used.replace("HFM001", "HFM001, HFM003"), options=ON)
    assert fixed.source == used


def test_a_rule_that_is_on_by_default_is_known_even_where_it_is_off() -> None:
    used = BUGGY.replace('("x")', '("x")  # noqa: HFM001')
    for options in (
        Options(select=("HFM010",)),
        Options(extend_select=("HFM010",), ignore=("HFM001",)),
    ):
        assert check_source(used, options=options) == []
        assert len(check_source(used.replace("HFM001", "HFM003"), options=options)) == 1


def test_a_comment_counts_for_all_joined_lines() -> None:
    text = BUGGY.replace('("x")', '("""x\n""")  # noqa: HFM001')
    assert check_source(text, options=ON) == []


def test_what_is_true_of_another_lightning_is_needed() -> None:
    used = BUGGY.replace('("x")', '("x")  # noqa: HFM001')
    old = Options(extend_select=("HFM010",), lightning_version="2.1.4")
    assert check_source(used, options=old) == []


def test_a_notebook_is_fixed() -> None:
    used = NOTEBOOK.replace('(\\"x\\")', '(\\"x\\").train()  # noqa: HFM001')
    (finding,) = check_source(used, "n.ipynb", ON)
    assert finding.cell == 2
    fixed = NOTEBOOK.replace('(\\"x\\")', '(\\"x\\").train()')
    assert fix_source(used, "n.ipynb", ON).source == fixed


def test_a_file_that_can_hold_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1  # noqa: HFM001\n")
    (tmp_path / "notebook.ipynb").write_text(
        NOTEBOOK.replace("from_pretrained", "other").replace(
            "return self", "# noqa: HFM003\\n        return self"
        )
    )
    command = [sys.executable, "-m", "hfmode_lint", "--output-format", "concise", "."]
    assert subprocess.run(command, cwd=tmp_path, check=False, timeout=120).returncode == 0
    result = subprocess.run(
        [*command, "--extend-select", "HFM010"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        timeout=120,
    )
    assert result.stdout.splitlines() == [
        "notebook.ipynb:cell 2:11:9: HFM010 noqa hides nothing of HFM003 here",
        "other.py:1:8: HFM010 noqa hides nothing of HFM001 here",
    ]


@pytest.mark.parametrize("ignore", [(), ("HFM000",)])
@pytest.mark.parametrize("more", ["def (\n", "x = " + "-" * 5_000 + "1\n", "return 1 +\n"])
def test_nothing_is_known_of_what_can_t_be_parsed(more: str, ignore: tuple[str, ...]) -> None:
    used = BUGGY.replace('("x")', '("x")  # noqa: HFM001')
    options = Options(extend_select=("HFM010",), ignore=ignore)
    found = [each.code for each in check_source(used + more, options=options)]
    assert found == ([] if ignore else ["HFM000"])


def test_a_whole_file_that_is_off() -> None:
    assert check_source("# flake8: noqa\nx = 1  # noqa: HFM001\n", options=ON) == []
