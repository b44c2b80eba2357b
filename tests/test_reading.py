"""Nothing that stands in a project is waited for."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from io import FileIO
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.reading import content, read
from tests.programs import BUGGY, PLACE

if TYPE_CHECKING:
    from pathlib import Path

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
# A regular file by its status, and whoever reads it waits for the next message of the kernel.
MESSAGES = "/proc/kmsg"


class Endless(FileIO):
    """A file that says it is larger than the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        raise MemoryError


def test_what_a_file_holds(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"a\r\nb")
    assert read(str(path)) == b"a\r\nb"
    assert read(str(path), 2) == b"a\r"
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "b"))


@needs_pipes
def test_a_pipe_without_a_writer_is_empty(tmp_path: Path) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    assert read(path) == b""


@needs_pipes
def test_a_pipe_with_a_writer_that_says_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "pipe")
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR)
    try:
        with pytest.raises(BlockingIOError):
            read(path)
    finally:
        os.close(descriptor)


def test_what_is_larger_than_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    with Endless(str(path)) as file, pytest.raises(OSError, match="large"):
        content(file)


@pytest.mark.skipif(
    not (os.path.exists(MESSAGES) and stat.S_ISREG(os.stat(MESSAGES).st_mode)),
    reason="there is no such file",
)
@pytest.mark.parametrize(
    ("link", "code"),
    [("other.py", 1), (".gitignore", 1), ("requirements.txt", 1), ("pyproject.toml", 2)],
)
def test_a_link_to_what_never_ends(tmp_path: Path, link: str, code: int) -> None:
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / link).symlink_to(MESSAGES)
    command = [sys.executable, "-m", "hfmode_lint", "--no-cache", "--output-format", "concise"]
    result = subprocess.run(
        [*command, "model.py"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        timeout=60,
    )
    assert result.returncode == code
    assert result.stdout.startswith(f"model.py:{PLACE}:" if code == 1 else "")
