"""The command never opens a socket."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.programs import BUGGY, FIXED

if TYPE_CHECKING:
    from pathlib import Path

# An audit hook can't be taken back, so it gets a process of its own.
FORBID = """\
import sys

def forbid(event, arguments):
    if event.startswith("socket."):
        sys.stderr.write(f"{event}{arguments}")
        raise SystemExit(99)

sys.addaudithook(forbid)
from hfmode_lint.cli import main
main(["--fix", "."])
"""


def test_a_run_opens_no_socket(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / "requirements.txt").write_text("lightning>=2.2\n-r https://example.org/more.txt\n")
    result = subprocess.run(
        [sys.executable, "-c", FORBID],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "model.py").read_text() == FIXED
