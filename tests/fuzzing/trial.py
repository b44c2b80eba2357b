"""One case after the other in a process that may die: what it does is seen from outside."""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import pickle
import sys
import time
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from ctypes import Array, c_char, c_longlong

    from tests.fuzzing.invariants import Case, Outcome

CODES = (*(f"HFM{number:03}" for number in range(11)), "HFM101", "HFM102", "HFM103")
COUNTED = (
    "executions",
    "parsed",
    "with findings",
    "fixed",
    "compared with flake8",
    "failures",
    "milliseconds computed",
    *CODES,
)
# One in so many is compared with everything else that finds the same.
_THOROUGH = 10
# What a shown case may take.
_BYTES = 1 << 20
# What a source may take of memory.
_MEMORY = 4 << 30


class Generator(Protocol):
    """A module that makes cases."""

    def run(self, seed: str, count: int, attempt: Callable[[Case], None]) -> None:
        """Try as many cases as are asked for."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a process shows: its counters, and the case that it is at."""

    counters: Array[c_longlong]
    current: Array[c_char]

    @classmethod
    def made(cls) -> Shared:
        """Memory for one run, whatever processes it takes."""
        from multiprocessing import RawArray

        return cls(RawArray("q", len(COUNTED)), RawArray("c", _BYTES))

    def count(self, what: str) -> None:
        """Count one more of a kind."""
        self.counters[COUNTED.index(what)] += 1

    def set(self, what: str, value: int) -> None:
        """Set the counter of a kind."""
        self.counters[COUNTED.index(what)] = value

    def counts(self) -> dict[str, int]:
        """All counters by their names."""
        return dict(zip(COUNTED, self.counters, strict=True))

    def enter(self, case: Case) -> None:
        """Say which case comes next."""
        data = pickle.dumps(case)
        size = len(data).to_bytes(8, "big")
        if len(data) + 8 <= _BYTES:
            memoryview(self.current).cast("B")[: len(data) + 8] = size + data

    def case(self) -> Case | None:
        """The case that the process was at."""
        raw = bytes(self.current)
        data = raw[8 : 8 + int.from_bytes(raw[:8], "big")]
        if not data:
            return None
        case: Case = pickle.loads(data)  # noqa: S301 - put there by enter
        return case


def work(generator: str, seed: str, count: int, shared: Shared, folder: Path) -> None:
    """Try cases, and keep those that fail: what a process does.

    :param generator: the name of its module.
    :param folder: where cases that fail are kept.
    """
    _limit_memory()
    # Trees are let go without a search for circles, which would take a fifth of the time.
    gc.set_threshold(1_000_000)
    # The generator comes first: it may have to be there when the code under test is imported.
    module: Generator = import_module(generator)
    from tests.fuzzing.invariants import check

    def attempt(case: Case) -> None:
        if parent is not None and not parent.is_alive():
            # Nobody counts any more what is tried.
            sys.exit()
        shared.enter(case)
        shared.count("executions")
        shared.set("milliseconds computed", round((time.process_time() - start) * 1000) + before)
        thorough = shared.counts()["executions"] % _THOROUGH == 0
        try:
            outcome = check(case, thorough=thorough)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            shared.count("failures")
            _keep(case, error, seed, folder)
        else:
            _count(outcome, shared, thorough=thorough)

    parent = multiprocessing.parent_process()
    before = shared.counts()["milliseconds computed"]
    start = time.process_time()
    module.run(seed, count, attempt)


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _count(outcome: Outcome, shared: Shared, *, thorough: bool) -> None:
    if outcome.parsed:
        shared.count("parsed")
    if set(outcome.codes) - {"HFM000"}:
        shared.count("with findings")
    if outcome.fixes:
        shared.count("fixed")
    if thorough:
        shared.count("compared with flake8")
    for code in set(outcome.codes):
        shared.count(code)


def _keep(case: Case, error: Exception, seed: str, folder: Path) -> None:
    """Reduce a case and write it down, if it is the first that fails in this way."""
    from tests.fuzzing.invariants import check
    from tests.fuzzing.reduction import reduced

    signature = _signature(error)
    name = hashlib.sha256(signature.encode()).hexdigest()[:12]
    if (folder / f"{name}.txt").exists():
        return

    def fails(smaller: Case) -> bool:
        try:
            check(smaller)
        except Exception as again:  # noqa: BLE001 - as above
            return _signature(again) == signature
        return False

    save(reduced(case, fails), name, seed, "".join(traceback.format_exception(error)), folder)


def _signature(error: Exception) -> str:
    """By what failures are told apart: the kind, the place, and what is no name or number."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    words = "".join(letter for letter in str(error)[:24] if not letter.isdigit())
    return f"{type(error).__name__} {frame.filename}:{frame.name} {words}"


def save(case: Case, name: str, seed: str, reason: str, folder: Path) -> None:
    """Write down a case that failed, and print it."""
    folder.mkdir(parents=True, exist_ok=True)
    source = case.source
    kind = "text" if isinstance(source, str) else "bytes"
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    (folder / name).with_suffix(Path(case.filename).suffix).write_bytes(data)
    told = f"seed {seed}, profile {case.profile}, {kind}\n{reason}"
    (folder / f"{name}.txt").write_text(told, encoding="utf-8", errors="backslashreplace")
    print(f"{name}: {told}\n{source!r}", flush=True)
