"""A slice of each long run with a fixed seed; see the package's ``__main__`` for the command."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from tests.fuzzing.invariants import check

if TYPE_CHECKING:
    from tests.fuzzing.invariants import Case
    from tests.fuzzing.trial import Generator

SEED = "20105"


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
    ("name", "count"),
    [("composed_programs", 200), ("mutated_fixtures", 200), ("hypothesmith_programs", 50)],
)
def test_everything_holds_for_the_slice(name: str, count: int) -> None:
    if name == "hypothesmith_programs":
        pytest.importorskip("hypothesmith")
    totals = tried(import_module(f"tests.fuzzing.{name}"), count)
    assert totals["tried"] == count
    # Cases that are turned down at once would show nothing.
    assert totals["parsed"] > 0.7 * count
    assert totals["found"] > 0.2 * count
    assert totals["fixed"] > 0.1 * count


def test_one_seed_makes_the_same_cases() -> None:
    generator: Generator = import_module("tests.fuzzing.mutated_fixtures")
    runs: tuple[list[Case], list[Case]] = ([], [])
    for cases in runs:
        generator.run(SEED, 20, cases.append)
    assert runs[0] == runs[1]
