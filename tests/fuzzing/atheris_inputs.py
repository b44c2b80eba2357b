"""Inputs that atheris finds: changes of the fixtures that reach new code are changed further.

atheris is libFuzzer for Python. Its own changes of bytes and ours of programs take turns.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import atheris

# What is imported in here tells atheris which of its code is reached.
with atheris.instrument_imports(include=["hfmode_lint"]):
    from tests.fuzzing.invariants import PROFILES, Case, check

    check(Case("import lightning  # from_pretrained\n", "all"))

from tests.fuzzing.mutated_fixtures import contents, programs
from tests.fuzzing.mutations import LARGEST, mutated

if TYPE_CHECKING:
    from collections.abc import Callable

_CORPUS = Path("build/fuzzing/corpus")


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """Try as many cases as are asked for, and end the process."""
    _CORPUS.mkdir(parents=True, exist_ok=True)
    if not any(_CORPUS.iterdir()):
        for number, data in enumerate(contents("py")):
            (_CORPUS / f"fixture-{number}").write_bytes(data)
    arguments = {
        # Where it writes what it takes for slow or crashing; a machine that is busy is enough.
        "artifact_prefix": f"{_CORPUS.parent}/",
        "max_len": LARGEST,
        "rss_limit_mb": 0,
        "runs": count,
        # Zero means any.
        "seed": zlib.crc32(seed.encode()) or 1,
        "verbosity": 0,
    }
    atheris.Setup(
        ["fuzzing", str(_CORPUS), *(f"-{name}={value}" for name, value in arguments.items())],
        lambda data: attempt(_case(data)),
        custom_mutator=_mutated,
    )
    atheris.Fuzz()


def _case(data: bytes) -> Case:
    # By the bytes alone, as atheris keeps nothing else of an input.
    number = zlib.crc32(data)
    profile = tuple(PROFILES)[number % len(PROFILES)]
    try:
        return Case(data.decode("utf-8") if number & 1024 else data, profile)
    except UnicodeDecodeError:
        return Case(data, profile)


def _mutated(data: bytes, largest: int, seed: int) -> bytes:
    chance = Random(seed)  # noqa: S311 - no secret
    if chance.random() < 0.3:
        changed: bytes = atheris.Mutate(data, largest)
        return changed
    text = data.decode("utf-8", "surrogateescape")
    return mutated(text, programs(), chance).encode("utf-8", "surrogateescape")[:largest]
