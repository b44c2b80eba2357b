"""A slice of the long run with a fixed seed; see the package's ``__main__`` for the command."""

from __future__ import annotations

from tests.plain_python.__main__ import run

PROGRAMS = 150
SEED = 20105


def test_no_program_of_the_slice_is_judged_wrong() -> None:
    totals = run(PROGRAMS, SEED)
    assert totals["programs"] > 0.8 * PROGRAMS
    assert totals["unsure"] < 0.4 * totals["programs"]
