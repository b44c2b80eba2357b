"""The long run: ``python -m tests.plain_python --programs 10000 --seed 1``.

Prints the smallest program that is judged wrong, and the figures in the end.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.plain_python.programs import snippets
from tests.plain_python.referee import WITHOUT_FLAG, Place, codes, is_certain, is_right, truths

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class DisagreementError(AssertionError):
    """A program of which something wrong is certain; it ends a run and is reduced."""


def run(count: int, first_seed: int) -> Counter[str]:
    """Compare programs until one is judged wrong.

    :returns: how many programs there were, how many raised, and of how many nothing was certain
        that Python is certain of.
    """
    totals: Counter[str] = Counter()

    @seed(first_seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(_placed())
    def agree(placed: tuple[Place, str]) -> None:
        place, snippet = placed
        try:
            said = truths(snippet)
        except (ArithmeticError, LookupError, NameError, TypeError, ValueError):
            totals["raised"] += 1
            return
        found = codes(snippet, place, folder)
        totals["programs"] += 1
        totals["unsure"] += len(said) == 1 and not is_certain(found)
        if not is_right(found, said):
            says = f"Python says {set(said)}, and the findings are {set(found)}"
            raise DisagreementError(f"{place.value}: {says}\n{snippet}")

    with TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "pyproject.toml").write_text('[project]\nname = "made"\n', encoding="utf-8")
        agree()
    return totals


def _placed() -> SearchStrategy[tuple[Place, str]]:
    return st.sampled_from(list(Place)).flatmap(
        lambda place: st.tuples(st.just(place), snippets(flag=place not in WITHOUT_FLAG))
    )


def main() -> int:
    """Run as the options say; 1 where a program is judged wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.plain_python",
        description="Compare what is certain of made programs with what Python says.",
    )
    parser.add_argument("--programs", type=int, default=1000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    started = time.monotonic()
    try:
        totals = run(options.programs, options.seed)
    except DisagreementError as wrong:
        print(wrong)
        return 1
    print(dict(totals), f"{time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
