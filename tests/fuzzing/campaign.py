"""A long run: processes that try cases, watched from outside, and the figures of all."""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fuzzing.trial import Shared, save, work

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

# A process is replaced after so many cases: what it gathers in memory goes with it.
_CASES = 20_000
# Far above the limit within a process, which a native call does not see.
_SECONDS_WITHOUT_A_CASE = 300
_SECONDS_BETWEEN_REPORTS = 60


@dataclass
class Campaign:
    """Cases of one generator, until the time is over.

    :param generator: the name of its module.
    :param seed: the same cases come for the same one.
    :param folder: where the figures and the cases that fail are written.
    """

    generator: str
    seed: int
    folder: Path
    _shared: Shared = field(init=False, default_factory=Shared.made)
    _begin: float = field(init=False, default_factory=time.monotonic)
    _crashes: int = field(init=False, default=0)
    _hangs: int = field(init=False, default=0)
    _written: float = field(init=False, default_factory=time.monotonic)

    def run(self, seconds: float, executions: int = sys.maxsize) -> dict[str, object]:
        """Try cases for so long, or so many; the figures, which are written every minute too."""
        end = self._begin + seconds
        batch = 0
        while time.monotonic() < end and (left := executions - self._executions) > 0:
            batch += 1
            count = min(left, _CASES)
            seed = f"{self.seed}-{batch}"
            process = multiprocessing.get_context("spawn").Process(
                target=work, args=(self.generator, seed, count, self._shared, self._failures)
            )
            process.start()
            if self._watch(process, end) and process.exitcode:
                self._crashes += 1
                self._keep(f"crash-{seed}", f"exit code {process.exitcode}")
        return self._write()

    @property
    def _name(self) -> str:
        return self.generator.rpartition(".")[2]

    @property
    def _failures(self) -> Path:
        return self.folder / "failures"

    @property
    def _executions(self) -> int:
        return self._shared.counts()["executions"]

    def _watch(self, process: SpawnProcess, end: float) -> bool:
        """Wait for a process; whether it ended by itself."""
        moved = time.monotonic()
        seen = -1
        while process.is_alive():
            process.join(1)
            now = time.monotonic()
            if now - self._written > _SECONDS_BETWEEN_REPORTS:
                self._write()
            executions = self._executions
            if executions != seen:
                seen, moved = executions, now
            is_stuck = now - moved > _SECONDS_WITHOUT_A_CASE
            if is_stuck:
                self._hangs += 1
                self._keep(f"hang-{self.seed}-{executions}", "no end")
            if is_stuck or now > end:
                process.kill()
                process.join()
                return False
        return True

    def _keep(self, name: str, reason: str) -> None:
        case = self._shared.case()
        if case is not None:
            save(case, name, str(self.seed), reason, self._failures)

    def _write(self) -> dict[str, object]:
        self._written = time.monotonic()
        seconds = self._written - self._begin
        counts = self._shared.counts()
        figures: dict[str, object] = {
            "generator": self._name,
            "seed": self.seed,
            "hours": round(seconds / 3600, 3),
            "crashes": self._crashes,
            "hangs": self._hangs,
            **counts,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{self._name}-{self.seed}.json"
        temporary = self.folder / f".{name}"
        temporary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        temporary.replace(self.folder / name)
        return figures
