"""The long run: ``python -m tests.runtime.fuzz --programs 10000 --seed 1``.

Prints each disagreement with its smallest program, and the figures in the end. With ``--truth
FILE`` what the programs did is kept, and a second run with the same seed only analyses them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.runtime.fuzz.programs import programs
from tests.runtime.fuzz.referee import compare
from tests.runtime.fuzz.truth import Truth
from tests.runtime.recorder import NotRecorded

_PROGRESS = 500


class DisagreementError(AssertionError):
    """A program on which the analysis and the runtime differ; it ends a run and is reduced."""


def run(count: int, first_seed: int, truth: Truth, *, keep_going: bool = False) -> Counter[str]:
    """Compare programs until one disagrees.

    :param keep_going: print each program that disagrees, and reduce none.
    :returns: how many programs, loads, unknown verdicts, findings and disagreements there were.
    """
    totals: Counter[str] = Counter()
    seen: set[str] = set()

    @seed(first_seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate] if keep_going else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def agree(source: str) -> None:
        if keep_going and source in seen:
            totals["seen before"] += 1
            return
        seen.add(source)
        try:
            result = compare(source, truth)
        except NotRecorded as reason:
            totals["not run"] += 1
            totals[f"not run: {str(reason)[:60]}"] += 1
            return
        totals.update(
            programs=1,
            loads=result.loads,
            unknown=result.unknown,
            reported=result.reported,
            disagreements=bool(result.disagreements),
        )
        if totals["programs"] % _PROGRESS == 0:
            sys.stderr.write(f"{dict(totals)}\n")
        if result.disagreements:
            text = "\n".join([*result.disagreements, source])
            if not keep_going:
                raise DisagreementError(text)
            sys.stdout.write(f"=== {text}\n")
            sys.stdout.flush()

    agree()
    return totals


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--truth", type=Path)
    options = parser.parse_args()
    start = time.monotonic()
    truth = Truth(options.truth)
    totals = run(options.programs, options.seed, truth, keep_going=options.keep_going)
    for name, count in sorted(totals.items()):
        sys.stdout.write(f"{name}: {count}\n")
    sys.stdout.write(f"seconds: {time.monotonic() - start:.0f}\n")


if __name__ == "__main__":
    main()
