"""A run that goes on over whatever its processes do, and keeps what it has seen."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fuzzing import campaign, invariants, trial
from tests.fuzzing.campaign import Campaign
from tests.fuzzing.invariants import BrokenError, Case, check
from tests.fuzzing.reduction import reduced
from tests.programs import BUGGY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """A generator, of which the second process is stuck and the others die."""
    del count
    attempt(Case(BUGGY))
    if seed.endswith("-2"):
        signal.pause()
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_crashes_and_hangs_cost_one_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Enough for the start of a process on a busy machine.
    monkeypatch.setattr(campaign, "_SECONDS_WITHOUT_A_CASE", 8)
    figures = Campaign(__name__, 7, tmp_path).run(300, executions=3)
    assert figures == json.loads((tmp_path / "test_campaign-7.json").read_text())
    expected = {"executions": 3, "HFM001": 3, "crashes": 2, "hangs": 1, "failures": 0}
    assert {name: figures[name] for name in expected} == expected
    for name in ("crash-7-1", "hang-7-2"):
        assert (tmp_path / "failures" / f"{name}.py").read_text() == BUGGY


def test_what_fails_is_reduced_and_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_pretrained(case: Case, **_: object) -> object:
        if "AutoModel.from_pretrained" in str(case.source):
            raise BrokenError("pretrained")
        return check(case)

    def two(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
        del seed, count
        attempt(Case(BUGGY))
        attempt(Case("x = 1\n" + BUGGY))
        attempt(Case("x = 1\n"))

    monkeypatch.setattr(invariants, "check", refuse_pretrained)
    monkeypatch.setattr(sys.modules[__name__], "run", two)
    monkeypatch.setattr(trial, "_limit_memory", lambda: None)
    shared = trial.Shared.made()
    trial.work(__name__, "5", 3, shared, tmp_path)
    assert shared.counts()["failures"] == 2
    assert shared.counts()["executions"] == 3
    (kept,) = tmp_path.glob("*.py")
    assert kept.read_text().strip() == 'self.encoder = AutoModel.from_pretrained("x")'
    assert "seed 5, profile default, text" in kept.with_suffix(".txt").read_text()


def test_lines_are_left_out_one_by_one() -> None:
    case = Case("".join(f"{number}\n" for number in range(100)).encode())
    small = reduced(case, lambda smaller: {b"3", b"70"} <= set(smaller.source.split()))
    assert small.source == b"3\n70\n"
