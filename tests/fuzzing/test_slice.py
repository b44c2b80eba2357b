"""A slice of each long run with a fixed seed; see the package's ``__main__`` for the command."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.fuzzing.invariants import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fuzzing.invariants import Case
    from tests.fuzzing.trial import Generator

SEED = "20105"
# Cases that are turned down at once would show nothing.
_OF_PROGRAMS = {"parsed": 0.7, "found": 0.2, "fixed": 0.1}


def tried(generator: Generator, count: int) -> Counter[str]:
    """How many of some cases are Python, have findings and were fixed."""
    totals: Counter[str] = Counter()

    def attempt(case: Case) -> None:
        outcome = check(case, thorough=totals["tried"] % 4 == 0)
        found = set(outcome.codes) - {"HFM000"}
        totals.update(tried=1, parsed=outcome.parsed, found=bool(found), fixed=bool(outcome.fixes))

    generator.run(SEED, count, attempt)
    return totals


@pytest.mark.parametrize(
    ("name", "count", "least"),
    [
        ("composed_programs", 200, _OF_PROGRAMS),
        ("hypothesmith_programs", 50, _OF_PROGRAMS),
        ("mutated_bytes", 200, {"parsed": 0.1, "found": 0.01, "fixed": 0.01}),
        ("mutated_fixtures", 200, _OF_PROGRAMS),
    ],
)
def test_everything_holds_for_the_slice(name: str, count: int, least: Mapping[str, float]) -> None:
    if name == "hypothesmith_programs":
        pytest.importorskip("hypothesmith")
    totals = tried(import_module(f"tests.fuzzing.{name}"), count)
    assert totals["tried"] == count
    for what, share in least.items():
        assert totals[what] > share * count


def test_one_seed_makes_the_same_cases() -> None:
    generator: Generator = import_module("tests.fuzzing.mutated_fixtures")
    runs: tuple[list[Case], list[Case]] = ([], [])
    for cases in runs:
        generator.run(SEED, 20, cases.append)
    assert runs[0] == runs[1]
