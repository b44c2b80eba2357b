"""``--fix`` that is killed, or whose system calls fail: a file is the old or the new one, whole.

strace counts the system calls of a run that are about files, and stops it at one of them.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.edits import replace_file
from tests.programs import BUGGY, FIXED

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-m", "hfmode_lint", "--no-project", "--isolated", "model.py")
CONTENTS = {BUGGY.encode(): "old", FIXED.encode(): "new"}

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None or sys.platform != "linux", reason="needs strace"
)


def fix(folder: Path, *injected: str) -> subprocess.CompletedProcess[str]:
    """Run ``--fix`` with faults in the calls that name the files of this folder."""
    strace = [
        "strace",
        "-f",
        "-o",
        str(folder.parent / "trace"),
        "-y",
        *injected,
    ] * bool(injected)
    return subprocess.run(
        [*strace, *COMMAND, "--fix"],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        timeout=120,
    )


def project(folder: Path) -> Path:
    """A folder with one file to be fixed."""
    made = folder / "project"
    made.mkdir(exist_ok=True)
    (made / "model.py").write_text(BUGGY)
    return made


def state(folder: Path) -> str:
    return CONTENTS.get((folder / "model.py").read_bytes(), "damaged")


def calls_of_a_run(folder: Path) -> list[tuple[str, int]]:
    """Each system call that changes a folder's files, and which of its kind in the run it is."""
    traced = (
        "openat,write,fchown,chmod,fchmod,fchmodat,fsync,rename,renameat,renameat2,unlink,close"
    )
    # Once without a look: how many files are opened depends on what is compiled already.
    fix(folder)
    (folder / "model.py").write_text(BUGGY)
    fix(folder, "-e", f"trace={traced}")
    seen: dict[str, int] = {}
    calls: list[tuple[str, int]] = []
    begun = False
    for line in (folder.parent / "trace").read_text().splitlines():
        name = re.match(r"\d+ +(\w+)\(", line)
        if name is None:
            continue
        seen[name[1]] = seen.get(name[1], 0) + 1
        begun = begun or ".model.py." in line
        if begun:
            calls.append((name[1], seen[name[1]]))
    return calls


@needs_strace
def test_a_run_that_is_killed_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    # How often imports open and close files differs from run to run.
    calls = [
        call for call in calls_of_a_run(project(tmp_path)) if call[0] not in ("openat", "close")
    ]
    assert {"write", "fchown", "fsync", "rename"} <= {name for name, _ in calls}

    def state_after_kill(call: tuple[str, int]) -> tuple[str, list[str]]:
        name, number = call
        folder = tmp_path / f"{name}-{number}"
        folder.mkdir()
        killed = project(folder)
        injected = f"inject={name}:signal=KILL:when={number}"
        result = fix(killed, "-e", f"trace={name}", "-e", injected)
        assert result.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        return state(killed), os.listdir(killed)

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
    folder = project(tmp_path)
    number = next(number for name, number in calls_of_a_run(folder) if name == call)
    (folder / "model.py").write_text(BUGGY)
    injected = f"inject={call}:error={fault}:when={number}"
    result = fix(folder, "-e", f"trace={call}", "-e", injected)
    assert state(folder) == "old"
    assert os.listdir(folder) == ["model.py"]
    assert result.returncode == 2
    assert result.stderr.startswith("hfmode-lint: model.py: ")
    assert len(result.stderr.splitlines()) == 1


def test_two_runs_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    folder = project(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: fix(folder), range(4)))
    assert state(folder) == "new"
    assert os.listdir(folder) == ["model.py"]
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
