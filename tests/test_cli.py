"""The command as a user runs it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.programs import BUGGY, FIXED, MESSAGE, PLACE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / "clean.py").write_text(FIXED)
    return tmp_path


def run(
    folder: Path, *arguments: str, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | environment,
        input=stdin,
        timeout=120,
    )


def test_a_finding_is_shown_with_its_line_and_fix(folder: Path) -> None:
    result = run(folder, "model.py")
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"model.py:{PLACE}: {MESSAGE}"
    assert lines[1].endswith('self.encoder = AutoModel.from_pretrained("x")')
    assert lines[2].index("^") == lines[1].index("AutoModel")
    assert "--fix" in lines[3]
    assert result.stderr == ""


def test_no_colour_in_a_pipe(folder: Path) -> None:
    assert "\x1b" not in run(folder, "model.py").stdout
    assert "\x1b" not in run(folder, "model.py", NO_COLOR="1").stdout


def test_the_folder_is_the_default(folder: Path) -> None:
    assert run(folder, "--output-format", "concise").stdout == f"model.py:{PLACE}: {MESSAGE}\n"
    assert run(folder, "clean.py").returncode == 0


def test_fix_changes_the_file_once(folder: Path) -> None:
    result = run(folder, "--fix", ".")
    assert result.returncode == 0
    assert (folder / "model.py").read_text() == FIXED
    assert run(folder, "--fix", ".").returncode == 0
    assert (folder / "model.py").read_text() == FIXED


def test_fixes_may_fail_a_run(folder: Path) -> None:
    assert run(folder, "--fix", "--exit-non-zero-on-fix", ".").returncode == 1
    assert (folder / "model.py").read_text() == FIXED
    assert run(folder, "--fix", "--exit-non-zero-on-fix", ".").returncode == 0


def test_diff_is_what_patch_accepts(folder: Path) -> None:
    (folder / "model.py").write_bytes(BUGGY.replace("\n", "\r\n").rstrip().encode())
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--diff", "."],
        capture_output=True,
        check=False,
        cwd=folder,
    )
    assert result.returncode == 1
    assert b"AutoModel" in (folder / "model.py").read_bytes()
    if shutil.which("patch"):
        subprocess.run(
            ["patch", "-p0", "--binary"], input=result.stdout, cwd=folder, check=True, timeout=60
        )
        expected = FIXED.replace("\n", "\r\n").rstrip().encode()
        assert (folder / "model.py").read_bytes() == expected


def test_the_json_report(folder: Path) -> None:
    (finding,) = json.loads(run(folder, "--output-format", "json", "model.py").stdout)
    assert finding["code"] == "HFM001"
    assert finding["filename"].endswith("model.py")
    assert finding["location"] == {"row": 8, "column": 24}
    assert finding["end_location"] == {"row": 8, "column": 54}
    edit = {"content": ".train()", "location": finding["end_location"]}
    assert finding["fix"]["edits"] == [edit | {"end_location": finding["end_location"]}]
    assert finding["fix"]["applicability"] == "safe"
    assert finding["noqa_row"] == 8
    assert finding["url"].startswith("https://")
    assert (finding["module_path"], finding["verdict"]) == ("self.encoder", "eval")
    assert (finding["origin"], finding["assumed"]) == ("AutoModel.from_pretrained", False)


def test_standard_input(folder: Path) -> None:
    options = ["-", "--stdin-filename", "in.py"]
    shown = run(folder, *options, "--output-format", "concise", stdin=BUGGY)
    assert shown.stdout == f"in.py:{PLACE}: {MESSAGE}\n"
    assert run(folder, "--fix", *options, stdin=BUGGY).stdout == FIXED


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--ignore", "HFM001"], 0),
        (["--select", "HFM003"], 0),
        (["--select", "HFM003", "--extend-select", "HFM001"], 1),
        (["--select", "HFM"], 1),
        (["--exit-zero"], 0),
        (["--exclude", "model.py", "."], 0),
        (["--select", "HFM999"], 2),
        (["--no-such-option"], 2),
        (["--config", "missing.toml"], 2),
        (["--isolated", "--no-cache", "--quiet"], 1),
    ],
)
def test_options_and_exit_codes(folder: Path, options: list[str], code: int) -> None:
    paths = [] if "." in options else ["model.py"]
    result = run(folder, *options, *paths)
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert bool(result.stderr) == (code == 2)


@pytest.mark.parametrize("line", ["# noqa", "# noqa: HFM001", "# NoQA:E501,HFM001", "# noqa: HFM"])
def test_noqa(folder: Path, line: str) -> None:
    (folder / "model.py").write_text(BUGGY.replace('("x")', f'("x")  {line}'))
    assert run(folder, "model.py").returncode == 0


def test_another_code_does_not_silence(folder: Path) -> None:
    (folder / "model.py").write_text(BUGGY.replace('("x")', '("x")  # noqa: E501'))
    assert run(folder, "model.py").returncode == 1


def test_configuration(folder: Path) -> None:
    options = folder / "pyproject.toml"
    options.write_text('[tool.hfmode-lint]\nignore = ["HFM001"]\n')
    assert run(folder, ".").returncode == 0
    assert run(folder, "--isolated", ".").returncode == 1
    for wrong in ("unknown = 1", "select = 3", 'output-format = "xml"', "[[["):
        options.write_text(f"[tool.hfmode-lint]\n{wrong}\n")
        result = run(folder, ".")
        assert result.returncode == 2
        assert len(result.stderr.splitlines()) == 1
        assert "pyproject.toml" in result.stderr


def test_what_is_said_about_rules(folder: Path) -> None:
    assert "HFM002" in run(folder, "--list-rules").stdout
    assert "dropout" in run(folder, "--explain", "HFM001").stdout
    assert run(folder, "--explain", "X1").returncode == 2
    assert run(folder, "--version").stdout.startswith("hfmode-lint ")
    assert "HFM001" in run(folder, "--statistics", ".").stdout
    assert run(folder, "--verbose", ".").stderr


def test_gitignore_and_usual_folders(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("old/\n*_gen.py\n!kept_gen.py\n")
    for name in ("old/a.py", "venv/b.py", "c_gen.py", "kept_gen.py", "sub/d.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(BUGGY)
    shown = run(folder, "--output-format", "concise", ".").stdout.splitlines()
    names = [line.partition(":")[0] for line in shown]
    assert names == ["kept_gen.py", "model.py", "sub/d.py"]


def test_all_is_well_is_said_by_nobody_who_could_not_read(tmp_path: Path) -> None:
    result = run(tmp_path, "missing.py")
    assert (result.returncode, result.stdout) == (2, "")
