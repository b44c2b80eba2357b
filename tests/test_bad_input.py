"""Bad input: one line, the right exit code, the other files still checked, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.programs import BUGGY, MESSAGE, PLACE

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "--output-format", "concise", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )


UNPARSABLE = {
    "syntax": b"def (:\n",
    "python 2": b"print 'x'\n",
    "nul": b"x = 1\0\n",
    "encoding": b"x = '\xff\xfe\xfa'\n",
    "cookie": b"# coding: nonsense\n",
    "utf-16": "x = 1".encode("utf-16"),
    "deep": b"x = " + b"-" * 5_000 + b"1\n# lightning from_pretrained\n",
}


@pytest.mark.parametrize("content", UNPARSABLE.values(), ids=UNPARSABLE)
def test_one_finding_and_the_other_file_still_checked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "bad.py", "model.py")
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("bad.py:")
    assert " HFM000 " in lines[0]
    assert lines[1] == f"model.py:{PLACE}: {MESSAGE}"
    assert result.stderr == ""
    assert result.returncode == 1


def test_missing_path(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, "missing.py", "model.py")
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "missing.py" in result.stderr
    assert MESSAGE in result.stdout


def test_folder_without_python_files(tmp_path: Path) -> None:
    result = run(tmp_path, ".")
    assert result.returncode == 0
    assert len(result.stderr.splitlines()) == 1


def test_empty_file_and_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "x.py").mkdir()
    (tmp_path / "model.py").write_text(BUGGY)
    result = run(tmp_path, ".")
    assert MESSAGE in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert "Traceback" not in run(tmp_path, "pipe.py", ".").stderr


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"m{number}.py").write_text(BUGGY)
    with subprocess.Popen(
        [sys.executable, "-m", "hfmode_lint", "."],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_locale_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "modèle.py").write_text(BUGGY.replace('"x"', '"é\x07"'), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "hfmode_lint", "."],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert result.returncode == 1
    assert b"HFM001" in result.stdout
    assert b"\x07" not in result.stdout
    assert result.stderr == b""
