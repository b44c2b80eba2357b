"""Several processes: the same report from any number of them, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options
from hfmode_lint.project import Workspace
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-m", "hfmode_lint", "--no-cache")
# Together more than what one process does alone.
PADDING = "# what takes some time to read\n" * 300


def programs(folder: Path, count: int) -> Path:
    """Programs that have nothing to do with each other."""
    for number in range(count):
        text = BUGGY.replace("Tagger", f"Tagger{number}") + PADDING
        (folder / f"model_{number:03}.py").write_text(text, encoding="utf-8")
    return folder


def test_any_number_of_processes_reports_alike(tmp_path: Path) -> None:
    folder = programs(tmp_path, 70)
    printed = {
        subprocess.run(
            [*COMMAND, *jobs, "."], cwd=folder, capture_output=True, check=False, timeout=240
        ).stdout
        for jobs in ((), ("-j", "1"), ("--jobs", "3"))
    }
    assert len(printed) == 1
    (report,) = printed
    assert report.count(b"HFM001") == 70


def test_small_programs_are_examined_together(tmp_path: Path) -> None:
    """Each group costs a look at the project; one process after the other gets some of them."""
    folder = programs(tmp_path, 70)
    workspace = Workspace(Options())
    groups = Counter(workspace.group_of(str(path)) for path in folder.glob("*.py"))
    assert sorted(groups.values()) == [6, 32, 32]
    (folder / "other.py").write_text("import os\n", encoding="utf-8")
    other = Workspace(Options()).group_of(str(folder / "other.py"))
    assert other in groups


@pytest.mark.parametrize("number", ["0", "-1", "many", ""])
def test_a_number_of_processes_that_is_none(tmp_path: Path, number: str) -> None:
    result = subprocess.run(
        [*COMMAND, "--jobs", number, "."],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        timeout=240,
    )
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "--jobs" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_an_interrupted_run_leaves_no_process(tmp_path: Path) -> None:
    folder = programs(tmp_path, 400)
    process = subprocess.Popen(
        [*COMMAND, "-j", "2", "."],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    workers = wait_for_children(process)
    # As a terminal does: to all of them.
    os.killpg(process.pid, signal.SIGINT)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed.split("\n") == ["", "hfmode-lint: interrupted", ""]
    assert not any(is_running(worker) for worker in workers)


def wait_for_children(process: subprocess.Popen[str]) -> list[int]:
    """The numbers of a process's children, once there are any."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            children = [int(number) for number in file.read().split()]
        if len(children) == 2:
            # They have taken their first files by then.
            time.sleep(0.5)
            return children
        time.sleep(0.02)
    raise AssertionError("no children")


def is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True
