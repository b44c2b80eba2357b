"""The bytes of fixtures, changed at random without regard to what they mean.

Most of it is no Python any more, and is refused in a fraction of the time that an analysis takes:
what is tried by the million is how bytes become text, cells and lines, and how they are refused.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.fuzzing.invariants import PROFILES, Case
from tests.fuzzing.mutated_fixtures import contents, programs
from tests.fuzzing.mutations import encoded, mutated_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """Try as many cases as are asked for; one seed always makes the same ones."""
    chance = Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        suffix = chance.choices(("py", "ipynb"), (9, 1))[0]
        sources = contents(suffix)
        data = chance.choice(sources)
        if suffix == "py" and chance.random() < 0.3:
            data = encoded(chance.choice(programs()), chance)
        profile = chance.choice(tuple(PROFILES))
        attempt(Case(mutated_bytes(data, sources, chance), profile, f"model.{suffix}"))
