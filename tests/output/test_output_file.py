"""--output-file, and what all formats have in common."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.config import OUTPUT_FORMATS
from tests.output.reports import buggy, run
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_the_file_holds_what_would_be_printed(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    printed = run(tmp_path, "--output-format", output_format, "--quiet", "model.py")
    written = run(tmp_path, "--output-format", output_format, "--output-file", "report", "model.py")
    assert (tmp_path / "report").read_text("utf-8") == printed.stdout
    assert written.stdout == "Found 1 problem (1 fixable with --fix)\n"
    assert (written.returncode, written.stderr) == (1, "")


def test_a_format_is_imported_when_it_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "irrelevant.py").write_text("x = 1\n")
    (tmp_path / "show.py").write_text(
        "import sys\n"
        "from hfmode_lint.cli import main\n"
        "try:\n"
        "    main(['irrelevant.py', *sys.argv[1:]])\n"
        "finally:\n"
        "    print(*(each for each in sys.modules if 'hfmode_lint.output.' in each))\n"
    )

    def imported(*arguments: str) -> set[str]:
        result = subprocess.run(
            [sys.executable, "show.py", *arguments],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            encoding="utf-8",
        )
        names = result.stdout.splitlines()[-1].split()
        return {name.removeprefix("hfmode_lint.output.") for name in names}

    assert imported() == {"last_line"}
    assert imported("--quiet") == set()
    assert "sarif" in imported("--output-format", "sarif")
    assert "sarif" not in imported("--output-format", "junit")


def test_a_file_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "--output-file", "no/such/folder.txt", "model.py")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "hfmode-lint: no/such/folder.txt: No such file or directory"
    ]


@pytest.mark.parametrize("name", ["model.py", "other.ipynb", "types.PYI"])
def test_no_source_file_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "--output-file", name, "model.py")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert (tmp_path / "model.py").read_text() == BUGGY


def test_a_diff_is_no_report(tmp_path: Path) -> None:
    assert run(tmp_path, "--diff", "--output-file", "x").returncode == 2


def test_json_lines(tmp_path: Path) -> None:
    buggy(tmp_path)
    whole = json.loads(run(tmp_path, "--output-format", "json").stdout)
    lines = run(tmp_path, "--output-format", "jsonl").stdout.splitlines()
    assert list(map(json.loads, lines)) == whole
    counts = run(tmp_path, "--output-format", "jsonl", "--statistics").stdout
    assert json.loads(counts)["count"] == 2
