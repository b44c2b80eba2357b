"""What the command is at a terminal: its help, its progress bar, its completion."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import progress
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("columns", [80, 100])
def test_help_fits_one_screen(columns: int) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--help"],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=os.environ | {"COLUMNS": str(columns)},
    )
    lines = result.stdout.splitlines()
    assert len(lines) <= 48
    assert max(map(len, lines)) <= columns
    headings = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Fixing:", "Rules:", "Files:", "Output:"]


# A run of 2 seconds in a terminal of its own, whatever the machine can do.
IN_A_TERMINAL = """
import os, pty, sys, time
from hfmode_lint import progress, runner
progress._PATIENCE = {patience}
from hfmode_lint.cli import main
main({arguments!r})
"""


def in_a_terminal(folder: Path, patience: float, *arguments: str) -> str:
    """What the command writes to standard error, where that is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    (folder / "start.py").write_text(
        IN_A_TERMINAL.format(patience=patience, arguments=list(arguments))
    )
    process = subprocess.Popen(
        [sys.executable, "start.py"], cwd=folder, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    process.communicate(timeout=120)
    assert process.returncode == 1
    written = b""
    try:
        while piece := os.read(ours, 4096):
            written += piece
    except OSError:
        # The other end is closed.
        pass
    os.close(ours)
    return written.decode()


def test_a_progress_bar_is_shown_to_those_who_wait(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text("")
        (tmp_path / name / "model.py").write_text(BUGGY)
    paths = ["a", "b", "c"]
    assert "Checking" in in_a_terminal(tmp_path, 0, *paths)
    assert in_a_terminal(tmp_path, 0, "--quiet", *paths) == ""
    assert in_a_terminal(tmp_path, 600, *paths) == ""


def test_no_progress_bar_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0)
    with progress.Progress(wanted=True) as show:
        show(1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(tmp_path: Path, shell: str) -> None:
    """click's own: the script of the shell asks the command for what may come next."""
    environment = os.environ | {
        "_HFMODE_LINT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "hfmode-lint --output-format s",
        "COMP_CWORD": "s" if shell == "fish" else "2",
    }
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        env=environment,
    )
    assert "sarif" in result.stdout
    assert "gitlab" not in result.stdout


def test_the_script_for_completion(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        env=os.environ | {"_HFMODE_LINT_COMPLETE": "zsh_source"},
    )
    assert "#compdef hfmode-lint" in result.stdout
