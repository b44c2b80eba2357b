"""``--fix`` that is killed, or whose system calls fail: a file is the old or the new one, whole.

strace counts the system calls of a run that are about files, and stops it at one of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from benchmarks.faults import Call, Victim
from hfmode_lint.edits import replace_file
from tests.programs import BUGGY, FIXED

if TYPE_CHECKING:
    from pathlib import Path

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None or sys.platform != "linux", reason="needs strace"
)


def victim(folder: Path, name: str = "project") -> Victim:
    """A folder with one file to be fixed."""
    made = Victim(folder / name, BUGGY, FIXED)
    made.restore()
    return made


@needs_strace
def test_a_run_that_is_killed_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    # How often imports open and close files differs from run to run.
    calls = [call for call in victim(tmp_path).calls() if call.name not in ("openat", "close")]
    assert {"write", "fchown", "fsync", "rename"} <= {call.name for call in calls}

    def state_after_kill(call: Call) -> tuple[str, list[str]]:
        killed = victim(tmp_path, f"{call.name}-{call.number}")
        result = killed.killed_at(call)
        assert result.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        return killed.state, os.listdir(killed.folder)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(state_after_kill, calls))
    assert {found for found, _ in results} == {"old", "new"}
    # What a killed run leaves behind is never taken for a source file.
    left = {name for _, names in results for name in names} - {"model.py"}
    assert all(name.startswith(".model.py.") and name.endswith(".tmp") for name in left)


@needs_strace
@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("openat", "EACCES"),
        ("openat", "EROFS"),
        ("write", "ENOSPC"),
        ("fsync", "EIO"),
        ("rename", "EIO"),
    ],
)
def test_a_call_that_fails_leaves_the_old_file(tmp_path: Path, call: str, fault: str) -> None:
    failing = victim(tmp_path)
    first = next(each for each in failing.calls() if each.name == call)
    result = failing.failing_at(first, fault)
    assert failing.state == "old"
    assert os.listdir(failing.folder) == ["model.py"]
    assert result.returncode == 2
    assert result.stderr.startswith("hfmode-lint: model.py: ")
    assert len(result.stderr.splitlines()) == 1


def test_two_runs_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    shared = victim(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: shared.fix(), range(4)))
    assert shared.state == "new"
    assert os.listdir(shared.folder) == ["model.py"]
    for result in results:
        # Who came too late says so, or had nothing to do any more.
        assert result.returncode == 0 or "was changed by something else" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs extended attributes")
def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_bytes(b"old")
    try:
        os.setxattr(path, "user.note", b"kept")
    except OSError:
        pytest.skip("this file system has none")
    replace_file(str(path), b"old", b"new")
    assert os.getxattr(path, "user.note") == b"kept"


@pytest.mark.skipif(not hasattr(os, "link"), reason="needs hard links")
def test_other_names_of_a_file_keep_the_old_content(tmp_path: Path) -> None:
    path, other = tmp_path / "model.py", tmp_path / "other.py"
    path.write_bytes(b"old")
    other.hardlink_to(path)
    replace_file(str(path), b"old", b"new")
    assert path.read_bytes() == b"new"
    assert other.read_bytes() == b"old"
