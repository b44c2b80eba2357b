"""per-file-ignores: in the configuration, on the command line, and in Python."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_source, fix_source
from hfmode_lint.per_file_ignores import PerFileIgnore
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("model.py", "tests/test_model.py", "tests/deep/model.py", "scripts/run.py")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(BUGGY)
    return tmp_path


def reported(folder: Path, *arguments: str, paths: str = ".") -> set[str]:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--output-format", "concise", *arguments, paths],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )
    assert result.stderr == ""
    return {line.partition(":")[0] for line in result.stdout.splitlines()}


OPTIONS = {
    "a folder": ("tests/:HFM001", {"tests/test_model.py", "tests/deep/model.py"}),
    "a name": ("model.py:HFM001", {"model.py", "tests/deep/model.py"}),
    "a name here": ("/model.py:HFM001", {"model.py"}),
    "all": ("tests/deep/*:ALL", {"tests/deep/model.py"}),
    "a beginning": ("scripts/:HFM", {"scripts/run.py"}),
    "another rule": ("tests/:HFM003", set()),
    "several codes": ("scripts/:HFM003,hfm001", {"scripts/run.py"}),
    "several patterns": ("scripts/:HFM001,/model.py:HFM", {"scripts/run.py", "model.py"}),
}


@pytest.mark.parametrize(("option", "left_out"), OPTIONS.values(), ids=OPTIONS)
def test_on_the_command_line(project: Path, option: str, left_out: set[str]) -> None:
    assert reported(project, "--per-file-ignores", option) == {*FILES} - left_out


def test_in_the_configuration(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.hfmode-lint.per-file-ignores]\n"tests/" = ["HFM001"]\n"/model.py" = ["ALL"]\n'
    )
    assert reported(project) == {"scripts/run.py"}
    assert reported(project, "--per-file-ignores", "scripts/:HFM") == set()
    assert reported(project / "tests", paths="deep/model.py") == set()
    assert reported(project, "--select", "HFM001") == {"scripts/run.py"}


def test_no_fix_is_made_there(project: Path) -> None:
    reported(project, "--fix", "--per-file-ignores", "tests/:HFM001")
    assert (project / "tests" / "test_model.py").read_text() == BUGGY
    assert (project / "model.py").read_text() != BUGGY


@pytest.mark.parametrize("option", ["HFM001", ":HFM001", "tests/:HFM999", "tests/", "#a:HFM001"])
def test_misuse(project: Path, option: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--per-file-ignores", option, "."],
        capture_output=True,
        check=False,
        cwd=project,
        encoding="utf-8",
        timeout=120,
    )
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert result.stderr.startswith("hfmode-lint: error: --per-file-ignores: ")


def test_in_python(tmp_path: Path) -> None:
    options = Options(per_file_ignores=(PerFileIgnore("old_*.py", ("HFM001",), str(tmp_path)),))
    assert check_source(BUGGY, str(tmp_path / "old_model.py"), options) == []
    assert fix_source(BUGGY, str(tmp_path / "old_model.py"), options).source == BUGGY
    assert len(check_source(BUGGY, str(tmp_path / "model.py"), options)) == 1
    with pytest.raises(ValueError, match="not a pattern"):
        PerFileIgnore("", ("HFM001",))
