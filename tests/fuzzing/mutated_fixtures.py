"""The fixtures, changed at random: four of five as programs, the others as bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.fuzzing.invariants import PROFILES, Case
from tests.fuzzing.mutations import mutated, mutated_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """Try as many cases as are asked for; one seed always makes the same ones."""
    chance = Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        attempt(case(chance))


def case(chance: Random) -> Case:
    """One case."""
    profile = chance.choice(tuple(PROFILES))
    if chance.random() < 0.02:
        notebooks = contents("ipynb")
        data = mutated_bytes(chance.choice(notebooks), notebooks, chance)
        return Case(data, profile, "notebook.ipynb")
    if chance.random() < 0.18:
        sources = contents("py")
        return Case(mutated_bytes(chance.choice(sources), sources, chance), profile)
    texts = programs()
    text = mutated(chance.choice(texts), texts, chance)
    return Case(text if chance.random() < 0.5 else text.encode("utf-8", "surrogatepass"), profile)


@cache
def contents(suffix: str) -> Sequence[bytes]:
    """What the fixtures hold whose names end in this way."""
    return [path.read_bytes() for path in sorted(_FIXTURES.rglob(f"*.{suffix}"))]


@cache
def programs() -> Sequence[str]:
    """The fixtures as text."""
    return [data.decode("utf-8") for data in contents("py")]
