"""The fixtures, changed at random as programs: alone, in other encodings, in notebooks."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.fuzzing.invariants import PROFILES, Case
from tests.fuzzing.mutations import encoded, mutated

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
    (make,) = chance.choices(tuple(_KINDS), tuple(_KINDS.values()))
    return make(profile, chance)


def _program(profile: str, chance: Random) -> Case:
    return of_text(_text(chance), profile, chance)


def of_text(text: str, profile: str, chance: Random) -> Case:
    """A case of a program, as text or as bytes."""
    return Case(text if chance.random() < 0.5 else text.encode("utf-8", "surrogatepass"), profile)


def _text(chance: Random) -> str:
    texts = programs()
    return mutated(chance.choice(texts), texts, chance)


def _encoded(profile: str, chance: Random) -> Case:
    return Case(encoded(_text(chance), chance), profile)


def _notebook(profile: str, chance: Random) -> Case:
    """Cells that hold changed programs, or parts of them."""
    cells = []
    for _ in range(chance.randint(1, 3)):
        lines = _text(chance).splitlines(keepends=True)
        at = chance.choice((len(lines), chance.randint(0, len(lines))))
        parts = (lines[:at], lines[at:])
        sources = (part if chance.random() < 0.5 else "".join(part) for part in parts)
        cells += [_cell(source, chance) for source in sources]
    text = json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": chance.choice((4, 5))},
        ensure_ascii=chance.random() < 0.5,
        indent=chance.choice((None, 1, 4)),
    )
    data = text.encode("utf-8", "surrogatepass")
    return Case(text if chance.random() < 0.3 else data, profile, "notebook.ipynb")


def _cell(source: str | list[str], chance: Random) -> dict[str, object]:
    if chance.random() < 0.1:
        return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": source}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "b",
        "metadata": {},
        "outputs": [],
        "source": source,
    }


# The ways to make a case, and how often each is taken.
_KINDS = {_program: 90, _encoded: 5, _notebook: 5}


@cache
def contents(suffix: str) -> Sequence[bytes]:
    """What the fixtures hold whose names end in this way."""
    return [path.read_bytes() for path in sorted(_FIXTURES.rglob(f"*.{suffix}"))]


@cache
def programs() -> Sequence[str]:
    """The fixtures as text."""
    return [data.decode("utf-8") for data in contents("py")]
