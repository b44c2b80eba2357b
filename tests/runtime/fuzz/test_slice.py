"""A slice of the long run with a fixed seed; see the package's ``__main__`` for the command."""

from __future__ import annotations

from tests.runtime.fuzz.__main__ import run
from tests.runtime.fuzz.truth import Truth

PROGRAMS = 60
SEED = 20105


def test_no_program_of_the_slice_disagrees() -> None:
    totals = run(PROGRAMS, SEED, Truth())
    assert totals["disagreements"] == 0
    assert totals["programs"] > 0.9 * PROGRAMS
    assert totals["unknown"] <= 0.02 * totals["loads"]
