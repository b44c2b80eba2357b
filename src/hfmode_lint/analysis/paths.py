"""Execution paths: which way a run goes where the program's values don't decide it.

A run of the interpreter follows one path. Where it meets a test that it can't evaluate, it asks
for a decision and remembers it; the explorer then repeats the run with another decision there.
Each path is exact: what is joined is only the verdicts in the end.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Result = TypeVar("_Result")

# Paths beyond this many are left out, those that differ most from the first ones.
PATH_LIMIT = 64
# Statements and calls over all paths of one entry point.
STEP_LIMIT = 60_000


class PathEnded(Exception):  # noqa: N818 - no error: the program stops here
    """The program raises or exits on this path, or can't get here."""


class OutOfSteps(Exception):  # noqa: N818 - no error: a bound was met
    """The program is too large to follow any further."""


class Decisions:
    """The decisions of one path: given ones first, then the first option each time.

    ``place`` is the statement that the program is at. ``taken`` has each decision with its number
    of options and its subject: a symbol, or the place.
    """

    def __init__(self, given: tuple[int, ...], steps: Iterator[int]) -> None:
        self._given = given
        self._by_symbol: dict[str, int] = {}
        self._steps = steps
        self.taken: list[tuple[int, int, object]] = []
        self.place: object = None

    def decide(self, options: int, symbol: str | None = None) -> int:
        """Choose one of ``options``, numbered from 0; the same for the same symbol."""
        if symbol is not None and self._by_symbol.get(symbol, options) < options:
            return self._by_symbol[symbol]
        position = len(self.taken)
        choice = self._given[position] if position < len(self._given) else 0
        self.taken.append((choice, options, symbol or self.place))
        if symbol is not None:
            self._by_symbol[symbol] = choice
        return choice

    def known(self, symbol: str | None) -> int | None:
        """What was decided for a symbol on this path, if anything."""
        return self._by_symbol.get(symbol) if symbol is not None else None

    def assume(self, symbol: str | None, choice: int) -> None:
        """Take a choice as given: the other one ends the path."""
        if symbol is not None:
            self._by_symbol.setdefault(symbol, choice)

    def step(self) -> None:
        """Count one step.

        :raises OutOfSteps: when all are used up.
        """
        if next(self._steps, None) is None:
            raise OutOfSteps


def explore(run: Callable[[Decisions], _Result | None]) -> list[_Result]:
    """Run along every path, within the limits.

    Options that no path has taken yet come first; then what is nearest to the first path.

    :param run: follows one path; None or PathEnded when it leads nowhere.
    """
    results: list[_Result] = []
    steps = iter(range(STEP_LIMIT))
    waiting: deque[tuple[int, ...]] = deque([()])
    fresh: deque[tuple[int, ...]] = deque()
    covered: set[tuple[object, int]] = set()
    for _ in range(PATH_LIMIT):
        if not fresh and not waiting:
            break
        given = fresh.popleft() if fresh else waiting.popleft()
        decisions = Decisions(given, steps)
        try:
            result = run(decisions)
        except (PathEnded, RecursionError):
            result = None
        except OutOfSteps:
            break
        if result is not None:
            results.append(result)
        covered.update((subject, choice) for choice, _, subject in decisions.taken)
        for alternative, taken in _alternatives(decisions, len(given)):
            (waiting if taken in covered else fresh).append(alternative)
            covered.add(taken)
    return results


def _alternatives(
    decisions: Decisions, first: int
) -> Iterator[tuple[tuple[int, ...], tuple[object, int]]]:
    """Each path that differs in one decision, with the option that it takes there."""
    choices = tuple(choice for choice, _, _ in decisions.taken)
    for position in range(first, len(choices)):
        _, options, subject = decisions.taken[position]
        for option in range(options):
            if option != choices[position]:
                yield (*choices[:position], option), (subject, option)
