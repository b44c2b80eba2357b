"""Faults in a run of ``--fix``: strace kills it, or lets one of its system calls fail.

A file may be the old or the new one afterwards, whole, whatever happened.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ERRORS = ("EACCES", "EIO", "ENOSPC", "EROFS")
# What files are opened, written, changed and renamed with.
_CALLS = "openat,write,fchown,chmod,fchmod,fchmodat,fsync,rename,renameat,renameat2,unlink,close"
_COMMAND = (sys.executable, "-m", "hfmode_lint", "--no-project", "--isolated", "model.py", "--fix")
_SECONDS = 120


@dataclass(frozen=True)
class Call:
    """A system call of a run: its name, and which of its kind it is, from 1.

    :param in_folder: whether it is about what is fixed, and not what is printed or imported.
    """

    name: str
    number: int
    in_folder: bool


@dataclass(frozen=True)
class Victim:
    """A folder with one file, which a run fixes.

    :param before: what stands in it, ``after`` what a fix makes of that.
    """

    folder: Path
    before: str
    after: str

    def restore(self) -> None:
        """Make the folder, with the file as it is before a fix."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "model.py").write_text(self.before, encoding="utf-8")

    @property
    def state(self) -> str:
        """Whether the file is the old or the new one, or damaged."""
        contents = {self.before.encode(): "old", self.after.encode(): "new"}
        return contents.get((self.folder / "model.py").read_bytes(), "damaged")

    def fix(self, *injected: str) -> subprocess.CompletedProcess[str]:
        """Run ``--fix``; under strace if it is given arguments for that."""
        strace = ("strace", "-f", "-o", str(self._trace), "-y", *injected) if injected else ()
        return subprocess.run(
            [*strace, *_COMMAND],
            capture_output=True,
            check=False,
            cwd=self.folder,
            encoding="utf-8",
            timeout=_SECONDS,
        )

    def killed_at(self, call: Call) -> subprocess.CompletedProcess[str]:
        """A run that is killed at a call."""
        return self._with_fault(call, "signal=KILL")

    def failing_at(self, call: Call, error: str) -> subprocess.CompletedProcess[str]:
        """A run in which a call fails."""
        return self._with_fault(call, f"error={error}")

    def calls(self) -> list[Call]:
        """The calls of a run from the first one on that is about the file's new content."""
        # Once without a look: how many files are opened depends on what is compiled already.
        for injected in ((), ("-e", f"trace={_CALLS}")):
            self.restore()
            self.fix(*injected)
        self.restore()
        return list(self._traced(self._trace.read_text(encoding="utf-8").splitlines()))

    def _traced(self, lines: list[str]) -> Iterator[Call]:
        seen: Counter[str] = Counter()
        begun = False
        for line in lines:
            match = re.match(r"\d+ +(\w+)\(", line)
            if match is None:
                continue
            seen[match[1]] += 1
            begun = begun or ".model.py." in line
            if begun:
                yield Call(match[1], seen[match[1]], self._is_about_the_folder(line))

    def _is_about_the_folder(self, line: str) -> bool:
        # It is the current one as well, which each opened file is shown with.
        told = re.sub(r"AT_FDCWD<[^>]*>", "", line)
        return str(self.folder) in told or "model.py" in told

    @property
    def _trace(self) -> Path:
        return self.folder.with_suffix(".trace")

    def _with_fault(self, call: Call, fault: str) -> subprocess.CompletedProcess[str]:
        injected = f"inject={call.name}:{fault}:when={call.number}"
        return self.fix("-e", f"trace={call.name}", "-e", injected)


def tried() -> Counter[str]:
    """Kill runs at each of their calls, and let each call fail in each way; what was counted."""
    from hfmode_lint import fix_source
    from hfmode_lint.rules import RULES

    before = RULES["HFM001"].failing
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        victim = Victim(Path(folder) / "project", before, fix_source(before).source)
        for call in victim.calls():
            victim.restore()
            _count(victim, victim.killed_at(call), "kills", counts)
            for error in ERRORS if call.in_folder else ():
                victim.restore()
                _count(victim, victim.failing_at(call, error), "errors", counts)
    return counts


def _count(
    victim: Victim, run: subprocess.CompletedProcess[str], kind: str, counts: Counter[str]
) -> None:
    counts[kind] += 1
    is_broken = victim.state == "damaged" or "Traceback" in run.stderr
    if is_broken:
        counts["broken"] += 1
        print(f"{kind}: {victim.state}: {run.args}: {run.stderr}", flush=True)
    counts[victim.state] += 1
