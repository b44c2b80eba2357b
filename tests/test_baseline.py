"""--baseline: only new findings fail."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.programs import BUGGY, FIXED, MESSAGE

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A project of two files with one finding each, which its baseline has."""
    (tmp_path / "src").mkdir()
    for name in ("a.py", "b.py"):
        (tmp_path / "src" / name).write_text(BUGGY)
    result = run(tmp_path, "--baseline", "known.json", "--update-baseline", "src")
    assert result.returncode == 0
    assert result.stdout == "All checks passed; 2 not reported, as the baseline has them\n"
    return tmp_path


def files(folder: Path) -> dict[str, list[str]]:
    content = json.loads((folder / "known.json").read_text())
    return {name: list(known.values()) for name, known in content["files"].items()}


def test_known_findings_don_t_fail(known: Path) -> None:
    assert run(known, "src").returncode == 1
    result = run(known, "--baseline", "known.json", "src")
    assert (result.returncode, result.stderr) == (0, "")
    assert files(known) == {name: ["HFM001 self.encoder"] for name in ("src/a.py", "src/b.py")}


def test_a_new_one_fails_and_is_reported_alone(known: Path) -> None:
    added = '        self.other = AutoModel.from_pretrained("y")\n'
    (known / "src" / "a.py").write_text(
        "# moved\n" + BUGGY.replace("\n    def training", f"{added}\n    def training")
    )
    result = run(known, "--baseline", "known.json", "--output-format", "concise", "src")
    assert result.returncode == 1
    (line,) = result.stdout.splitlines()
    assert line.startswith("src/a.py:10:22: ")


def test_names_count_from_its_folder(known: Path) -> None:
    result = run(known / "src", "--baseline", "../known.json", ".")
    assert result.returncode == 0


def test_an_update_is_about_the_files_that_were_checked(known: Path) -> None:
    (known / "src" / "a.py").write_text(FIXED)
    run(known, "--baseline", "known.json", "--update-baseline", "src/a.py")
    assert list(files(known)) == ["src/b.py"]
    (known / "src" / "b.py").unlink()
    run(known, "--baseline", "known.json", "--update-baseline", "src/a.py")
    assert files(known) == {}


def test_an_update_changes_nothing_where_nothing_changed(known: Path) -> None:
    before = (known / "known.json").read_bytes()
    run(known, "--baseline", "known.json", "--update-baseline", "src")
    assert (known / "known.json").read_bytes() == before


def test_no_update_where_a_file_was_not_checked(known: Path) -> None:
    before = (known / "known.json").read_bytes()
    result = run(known, "--baseline", "known.json", "--update-baseline", "src/a.py", "missing.py")
    assert result.returncode == 2
    assert "not updated" in result.stderr
    assert (known / "known.json").read_bytes() == before


def test_a_second_equal_call_is_new(known: Path) -> None:
    again = BUGGY.partition("\n\n\n")[2].replace("Tagger", "Another")
    (known / "src" / "a.py").write_text(f"{BUGGY}\n\n{again}")
    result = run(known, "--baseline", "known.json", "--output-format", "concise", "src")
    assert result.stdout.count(MESSAGE) == 1


@pytest.mark.parametrize(
    "content", ["", "[]", '{"version": 2}', '{"version": 1}', "\0", "[" * 9999]
)
def test_a_file_that_is_no_baseline(known: Path, content: str) -> None:
    (known / "known.json").write_text(content)
    result = run(known, "--baseline", "known.json", "src")
    assert result.returncode == 2
    assert result.stderr == "hfmode-lint: error: known.json: no baseline of hfmode-lint\n"


def test_misuse(known: Path) -> None:
    for wrong in (["--baseline", "no.json"], ["--update-baseline"], ["--baseline", "src/a.py"]):
        result = run(known, *wrong, "src")
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert (known / "src" / "a.py").read_text() == BUGGY
    result = run(known, "--baseline", "no/such/b.json", "--update-baseline", "src")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
