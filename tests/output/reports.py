"""Folders with findings, and the report that the command makes of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.programs import BUGGY, NOTEBOOK

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = ROOT / "fixtures" / "projects" / "factory_network_lit"
# What a CI or a terminal would obey, and what the formats themselves use as marks.
HOSTILE_NAME = "::error::a,b%25\x1b[31m&<x>\n##[error]forged ]](x) {0}.py"
HOSTILE_SOURCE = BUGGY.replace(
    '("x")', '("x")  # \x1b[2J\x9b1m ##[error]forged ##vso[x] </code><script>alert(1)</script>'
)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | {"GITHUB_ACTIONS": "true"},
        timeout=120,
    )


def report(folder: Path, output_format: str, *paths: str) -> str:
    """The report of a format; there must be findings, and nothing else to say."""
    result = run(folder, "--output-format", output_format, *paths)
    assert (result.returncode, result.stderr) == (1, "")
    return result.stdout


def buggy(folder: Path) -> Path:
    """A repository with one finding in a program, and one in a notebook."""
    (folder / ".git").mkdir()
    (folder / "sub dir").mkdir()
    (folder / "sub dir" / "model.py").write_text(BUGGY)
    (folder / "notebook.ipynb").write_text(NOTEBOOK)
    return folder


def hostile(folder: Path) -> Path:
    """A folder with a file whose name and source try to be more than a name and a source."""
    (folder / HOSTILE_NAME).write_text(HOSTILE_SOURCE)
    return folder
