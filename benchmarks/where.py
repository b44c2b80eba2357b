"""Where the time of one run goes: ``python where.py LIMIT RESULT.json ARGUMENTS…``.

Runs the command with these arguments in this process, on one processor, and looks at its stack
each few milliseconds of processor time. What passed since the last look counts for the innermost
frame that a stage is known for: a call into a native parser delays the look, but is not lost.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

_EVERY = 0.002

START, REST = "start and imports", "rules, report, rest"
# A part of a file's name, and the stage; the first that fits counts.
_STAGES = (
    ("<frozen importlib", START),
    ("/libcst/", "libcst"),
    ("/hfmode_lint/analysis/parsing.py", "libcst"),
    ("/hfmode_lint/analysis/source_index.py", "pass over libcst's tree"),
    ("/hfmode_lint/relevance.py", "bytes"),
    ("/ast.py", "Python's parser"),
    ("/hfmode_lint/syntax.py", "Python's parser"),
    ("/hfmode_lint/analysis/symbols.py", "symbols"),
    ("/hfmode_lint/discovery.py", "finding and reading files"),
    ("/hfmode_lint/patterns.py", "finding and reading files"),
    ("/hfmode_lint/runner.py", "finding and reading files"),
    ("/hfmode_lint/analysis/outline.py", "who imports whom, what is run"),
    ("/hfmode_lint/analysis/reach.py", "who imports whom, what is run"),
    ("/hfmode_lint/analysis/liveness.py", "who imports whom, what is run"),
    ("/hfmode_lint/analysis/inert.py", "who imports whom, what is run"),
    ("/hfmode_lint/analysis/imports.py", "who imports whom, what is run"),
    ("/hfmode_lint/analysis/candidates.py", "who imports whom, what is run"),
    ("/hfmode_lint/import_graph.py", "who imports whom, what is run"),
    ("/hfmode_lint/project.py", "who imports whom, what is run"),
    ("/hfmode_lint/requirements/", "Lightning's version"),
    ("/hfmode_lint/lightning_version.py", "Lightning's version"),
    ("/hfmode_lint/analysis/", "interpretation"),
    ("/hfmode_lint/", REST),
)
# In the order of a run.
ORDER = (
    START,
    "finding and reading files",
    "bytes",
    "Python's parser",
    "symbols",
    "who imports whom, what is run",
    "Lightning's version",
    "libcst",
    "pass over libcst's tree",
    "interpretation",
    REST,
)


def stage_of(frame: FrameType | None) -> str:
    """The stage of the innermost frame that one is known for."""
    while frame is not None:
        file = frame.f_code.co_filename
        for part, stage in _STAGES:
            if part in file:
                return stage
        frame = frame.f_back
    return REST


class _Looks:
    """What the looks have seen so far: processor seconds by stage."""

    def __init__(self, limit: float, result: Path) -> None:
        self._limit = limit
        self._result = result
        # What passed before this program began is the interpreter's start.
        self._last = time.process_time()
        self._seconds = defaultdict(float, {START: self._last})

    def take(self, _: int, frame: FrameType | None) -> None:
        """Handle a signal: count what passed since the last one."""
        self._count(stage_of(frame))
        if self._last > self._limit:
            self.write(over=True)
            os._exit(0)

    def write(self, *, over: bool) -> None:
        """Write what was seen."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        if not over:
            self._count(REST)
        result = {"over": self._limit if over else None, "seconds": self._seconds}
        self._result.write_text(json.dumps(result), encoding="utf-8")

    def _count(self, stage: str) -> None:
        now = time.process_time()
        self._seconds[stage] += now - self._last
        self._last = now


def main() -> NoReturn:
    """Run the command, and write where its time went."""
    limit, result, *arguments = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        # With one processor there are no other processes, whose time would not be seen.
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    looks = _Looks(float(limit), Path(result))
    signal.signal(signal.SIGPROF, looks.take)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    try:
        from hfmode_lint.cli import main as run

        run(arguments)
    finally:
        looks.write(over=False)


if __name__ == "__main__":
    main()
