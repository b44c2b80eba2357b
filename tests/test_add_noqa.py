"""--add-noqa: comments that hide what was found, and nothing else of the file changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import BUGGY, NOTEBOOK

ROOT = Path(__file__).resolve().parent.parent


def run(
    folder: Path, *arguments: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        input=stdin,
        timeout=120,
    )


CALL = 'AutoModel.from_pretrained("x")'
# A call as it stands, and as it stands afterwards.
CALLS = {
    "nothing": (CALL, f"{CALL}  # noqa: HFM001"),
    "a comment": (f"{CALL}  # the encoder", f"{CALL}  # the encoder  # noqa: HFM001"),
    "other codes": (f"{CALL}  # noqa: E501", f"{CALL}  # noqa: E501, HFM001"),
    "codes and words": (
        f"{CALL}  # noqa:E501,W2 as it is long",
        f"{CALL}  # noqa:E501,W2, HFM001 as it is long",
    ),
    "blanks at the end": (f"{CALL}  ", f"{CALL}    # noqa: HFM001"),
    "several lines": (
        'AutoModel.from_pretrained(\n            "x"\n        )',
        'AutoModel.from_pretrained(  # noqa: HFM001\n            "x"\n        )',
    ),
    "joined lines": (f"\\\n            {CALL}", f"\\\n            {CALL}  # noqa: HFM001"),
    "a string of several lines": (
        'AutoModel.from_pretrained("""x\n""")',
        'AutoModel.from_pretrained("""x\n""")  # noqa: HFM001',
    ),
}


@pytest.mark.parametrize(("before", "after"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_comment_hides_the_finding(tmp_path: Path, before: str, after: str, end: str) -> None:
    file = tmp_path / "model.py"
    text, expected = (BUGGY.replace(CALL, call).replace("\n", end) for call in (before, after))
    file.write_bytes(f"\ufeff{text}".encode())
    result = run(tmp_path, "--add-noqa", "model.py")
    assert file.read_bytes() == f"\ufeff{expected}".encode()
    assert (result.stdout, result.returncode) == ("Added noqa for 1 problem; none left\n", 0)
    assert run(tmp_path, "model.py").returncode == 0
    assert run(tmp_path, "--add-noqa", "model.py").stdout == "All checks passed\n"
    assert file.read_bytes() == f"\ufeff{expected}".encode()


def test_flake8_agrees(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    run(tmp_path, "--add-noqa", ".")
    flake8 = [sys.executable, "-m", "flake8", "--isolated", "--select", "HFM", "model.py"]
    assert subprocess.run(flake8, cwd=tmp_path, check=False, timeout=120).returncode == 0


def test_several_rules_on_a_line_share_a_comment(tmp_path: Path) -> None:
    source = (ROOT / "fixtures" / "hfm007").glob("*.py")
    for program in source:
        (tmp_path / program.name).write_bytes(program.read_bytes())
    assert run(tmp_path, "--quiet", ".").returncode == 1
    result = run(tmp_path, "--add-noqa", ".")
    assert result.returncode == 0
    assert "none left" in result.stdout
    assert run(tmp_path, ".").returncode == 0
    shown = "".join(each.read_text() for each in tmp_path.iterdir())
    assert "# noqa: HFM001, HFM007" in shown


def test_a_notebook_keeps_all_other_bytes(tmp_path: Path) -> None:
    file = tmp_path / "notebook.ipynb"
    file.write_text(NOTEBOOK)
    assert run(tmp_path, "--add-noqa", ".").returncode == 0
    after = file.read_text()
    assert after.replace("  # noqa: HFM001", "") == NOTEBOOK
    assert f"{CALL}  # noqa: HFM001\n" in json.loads(after)["cells"][1]["source"]
    assert run(tmp_path, ".").returncode == 0


def test_standard_input(tmp_path: Path) -> None:
    result = run(tmp_path, "--add-noqa", "-", stdin=BUGGY)
    assert result.stdout == BUGGY.replace(CALL, f"{CALL}  # noqa: HFM001")
    assert result.stderr == "Added noqa for 1 problem; none left\n"


def test_what_can_t_be_parsed_stays(tmp_path: Path) -> None:
    broken = BUGGY + "def (:\n"
    (tmp_path / "model.py").write_text(broken)
    result = run(tmp_path, "--add-noqa", "model.py")
    assert result.returncode == 1
    assert (tmp_path / "model.py").read_text() == broken


def test_a_comment_in_a_string_is_no_place_for_a_code(tmp_path: Path) -> None:
    """flake8 would read the first one, which is none."""
    tricky = BUGGY.replace('"x"', '"# noqa: E501"')
    (tmp_path / "model.py").write_text(tricky)
    result = run(tmp_path, "--add-noqa", "model.py")
    assert (tmp_path / "model.py").read_text() == tricky
    assert result.returncode == 1


def test_a_file_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    assert run(tmp_path, "--add-noqa", "--fix", ".").returncode == 2
    assert run(tmp_path, "--add-noqa", "--diff", ".").returncode == 2
    assert (tmp_path / "model.py").read_text() == BUGGY


@pytest.mark.parametrize("folder", ["branches", "chains", "loaders", "hfm004", "notebooks"])
def test_every_fixture_is_silent_afterwards(tmp_path: Path, folder: str) -> None:
    for program in (ROOT / "fixtures" / folder).iterdir():
        if program.suffix in (".py", ".ipynb"):
            (tmp_path / program.name).write_bytes(program.read_bytes())
    options = ["--no-project", "--select", "ALL", "--ignore", "HFM000"]
    before = run(tmp_path, "--output-format", "json", *options, ".")
    assert json.loads(before.stdout)
    run(tmp_path, "--add-noqa", *options, ".")
    after = json.loads(run(tmp_path, "--output-format", "json", *options, ".").stdout)
    assert after == []
