"""Programs that hypothesmith makes of Python's grammar, alone and within the fixtures.

They hold syntax that nobody writes. Such a program takes longer to make than to check, so each one
is used several times: as it is, with the names of a fixture, and as a part of one.
"""

from __future__ import annotations

import textwrap
from random import Random
from typing import TYPE_CHECKING

import hypothesmith
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.fuzzing.invariants import PROFILES
from tests.fuzzing.mutated_fixtures import of_text, programs
from tests.fuzzing.mutations import is_program, mutated, with_block, with_names_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.fuzzing.invariants import Case

_AT_ONCE = 20
_USES = 25
# With these words in it a file is analysed.
_HEAD = "import lightning  # from_pretrained\n"


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """Try as many cases as are asked for; one seed always makes the same ones."""
    chance = Random(seed)  # noqa: S311 - no secret
    made = _made(chance)
    for number in range(count):
        if number % _USES == 0:
            program = next(made)
        text = _used(program, chance)
        attempt(of_text(text, chance.choice(tuple(PROFILES)), chance))


def _made(chance: Random) -> Iterator[str]:
    while True:
        yield from _some(chance.getrandbits(32))


def _some(seed: int) -> Sequence[str]:
    found: list[str] = []

    @seeded(seed)
    @settings(
        database=None,
        deadline=None,
        max_examples=_AT_ONCE,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(hypothesmith.from_node(), hypothesmith.from_grammar()))
    def take(program: str) -> None:
        found.append(program)

    take()
    return found


def _used(program: str, chance: Random) -> str:
    """A program that holds the generated one, or is it."""
    fixture = chance.choice(programs())
    if chance.random() < 0.7:
        program = with_names_of(program, fixture, chance)
    if chance.random() < 0.2:
        return _HEAD + program
    lines = textwrap.dedent(program).splitlines(keepends=True) or ["\n"]
    within = with_block(fixture.splitlines(keepends=True), lines, chance)
    if not is_program(within):
        within = f"{program}\n{fixture}"
    return mutated(within, programs(), chance) if chance.random() < 0.2 else within
