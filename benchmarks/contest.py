"""Run commands side by side: rounds in which each runs once, in an order that rotates.

What else the machine does then hits all of them alike, and what is compared are the ratios within
one round.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread, Timer
from typing import TYPE_CHECKING, Any

from benchmarks.bounds import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Nothing found, something found.
_GOOD = frozenset({0, 1})
_BETWEEN_LOOKS = 0.01


class ContestError(Exception):
    """A command that failed, so that its time means nothing."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One command: what it is called, where it runs, and what its environment has besides ours.

    ``watched`` says that the memory of its main process is looked at while it runs; ``needs`` is
    the name of one that must have come to its end before, or there is nothing to measure.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    watched: bool = False
    needs: str | None = None


# Fields of ``/proc/*/stat`` behind the name, as proc(5) has them.
_GROUP, _USER, _USER_OF_CHILDREN = 2, 11, 13


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: seconds by the clock, seconds of processors, megabytes.

    The processor's seconds are those of the command and of the processes that it waited for;
    the memory is the peak of the main process, where it was watched.
    """

    wall: Bounds
    user: Bounds
    megabytes: float | None = None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        """The opposite of :meth:`to_json`."""
        wall, user = Bounds.from_json(value["wall"]), Bounds.from_json(value["user"])
        return cls(wall, user, value.get("megabytes"))

    def to_json(self) -> dict[str, Any]:
        """What :mod:`json` can write."""
        known = {"wall": self.wall.to_json(), "user": self.user.to_json()}
        return known if self.megabytes is None else {**known, "megabytes": self.megabytes}


def compete(
    contestants: Sequence[Contestant], rounds: int, limit: float
) -> Iterator[tuple[int, str, Run]]:
    """Let all run once without counting (which fills caches), then once a round.

    A contestant that was stopped once is not run again: that it takes more than the limit is its
    result of each round.

    :param limit: seconds after which a run is stopped.
    :returns: the number of each round, from 0, with a name and what its run took.
    :raises ContestError: where a command fails.
    """
    stopped: dict[str, Run] = {}
    for number in range(-1, rounds):
        for contestant in rotated(contestants, number):
            if contestant.needs in stopped:
                continue
            run = stopped.get(contestant.name) or run_once(contestant, limit)
            if not run.wall.is_known:
                stopped[contestant.name] = run
            if number >= 0:
                yield number, contestant.name, run


def rotated(contestants: Sequence[Contestant], number: int) -> list[Contestant]:
    """The order of a round: each contestant is the first, the second, … of some."""
    first = number % len(contestants)
    return [*contestants[first:], *contestants[:first]]


def run_once(contestant: Contestant, limit: float) -> Run:
    """Run a command to its end or to its limit.

    :raises ContestError: where it ends with something else than 0 or 1.
    """
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            contestant.command,
            cwd=contestant.folder,
            env={**os.environ, **contestant.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            # A group of its own, so that its workers are stopped with it.
            start_new_session=True,
        )
        with _Stopped(process.pid, limit) as stopped, _Peak(process.pid, contestant) as peak:
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if stopped.is_set():
            user = max(usage.ru_utime, stopped.user)
            return Run(Bounds.over(limit), Bounds.over(user), peak.megabytes)
        if process.returncode not in _GOOD:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise ContestError(
                f"{contestant.name} in {contestant.folder}: exit code {process.returncode}: "
                f"{said[-1] if said else 'nothing said'}"
            )
    return Run(Bounds.exactly(wall), Bounds.exactly(usage.ru_utime), peak.megabytes)


class _Stopped:
    """Ends a group of processes after some time, and knows whether it did.

    ``user`` are the seconds of processor time that they had taken by then, where Linux tells.
    """

    def __init__(self, group: int, limit: float) -> None:
        self.user = 0.0
        self._group = group
        self._stopped = Event()
        self._timer = Timer(limit, self._stop)

    def __enter__(self) -> _Stopped:
        self._timer.start()
        return self

    def is_set(self) -> bool:
        """Whether they were stopped."""
        return self._stopped.is_set()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._stopped.is_set():
            # Workers that had been started between the signal and the end.
            self._kill()

    def _stop(self) -> None:
        # Nobody waits for the workers, so that their share would be lost.
        self.user = _user_seconds(self._group)
        self._stopped.set()
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._group, signal.SIGKILL)


def _user_seconds(group: int) -> float:
    """What the processes of a group have taken so far, with what they waited for."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name of the program stands in brackets, and may have any character.
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[_GROUP]) == group:
                ticks += int(fields[_USER]) + int(fields[_USER_OF_CHILDREN])
    return ticks / os.sysconf("SC_CLK_TCK")


class _Peak:
    """Looks at the peak memory of one process until its end, where Linux tells it.

    ``ru_maxrss`` will not do: it is that of the largest child too, and of the parent before exec.
    """

    def __init__(self, process: int, contestant: Contestant) -> None:
        self.megabytes: float | None = None
        self._status = Path(f"/proc/{process}/status")
        self._ended = Event()
        watched = contestant.watched and self._status.exists()
        self._thread = Thread(target=self._look) if watched else None

    def __enter__(self) -> _Peak:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_BETWEEN_LOOKS):
            with suppress(OSError):
                for line in self._status.read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.megabytes = int(line.split()[1]) / 1024
