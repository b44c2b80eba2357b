"""Execution paths: which way a run goes where the program's values don't decide it.

A run of the interpreter follows one path. Where it meets a test that it can't evaluate, it asks
for a decision and remembers it; the explorer then repeats the run with another decision there.
Each path is exact: what is joined is only the verdicts in the end.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from enum import IntEnum
from heapq import heappop, heappush
from operator import length_hint
from typing import TYPE_CHECKING, Generic, TypeVar

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping

_Result = TypeVar("_Result")

# Paths beyond this many are left out, those that differ most from the first ones.
PATH_LIMIT = 64
# Up to this many, all decisions are varied.
FULL_LIMIT = 16
# So many that show nothing of which a verdict could come are enough, once those are tried that seem
# to matter.
EMPTY_LIMIT = 8
# Statements and calls over all paths of one entry point; and over those that show no such thing.
# Of 400 entry points of NeMo 14 show one, and none that has shown EMPTY_LIMIT others by then.
STEP_LIMIT = 60_000
UNPROMISING_LIMIT = 20_000


class Telling(IntEnum):
    """How much a decision seems to tell of modes: what it decides on names them, or leads there."""

    NOTHING = 0
    BY_OTHERS = 1
    ITSELF = 2


class PathEnded(Exception):  # noqa: N818 - no error: the program stops here
    """The program raises or exits on this path, or can't get here."""


class Raised(PathEnded):
    """The program raises an exception, which it may catch."""


class Finished(PathEnded):
    """The program exits, and says that all is well."""


class OutOfSteps(Exception):  # noqa: N818 - no error: a bound was met
    """The program is too large to follow any further."""


class Undecided(Exception):  # noqa: N818 - no error: it is left open
    """A decision would be needed where none is to be taken."""


# A subject, the place where it is decided on, and an option: what the same decision has led to at
# one place says little of what it leads to at another one.
_Option = tuple[object, object, int]


@immutable
class Decision:
    """One that was taken: the option, their number, and its subject: a symbol, or the place."""

    choice: int
    options: int
    subject: object
    place: object
    telling: Telling

    def option(self, number: int) -> _Option:
        """What it would be to take one of the options there."""
        return self.subject, self.place, number


class Decisions:
    """The decisions of one path: given ones first, then what is preferred, or the first option.

    ``place`` is the statement that the program is at. ``taken`` are those that were taken.
    """

    def __init__(
        self,
        given: tuple[int, ...],
        steps: Iterator[int],
        preferred: Mapping[object, int] | None = None,
    ) -> None:
        """Take no decision yet.

        :param preferred: the option to take, by subject.
        """
        self._given = given
        self._preferred = preferred or {}
        self._by_symbol: dict[str, int] = {}
        self._steps = steps
        self.taken: list[Decision] = []
        self.place: object = None
        self._closed = 0

    @property
    def closed(self) -> bool:
        """Whether no decision is to be taken at present."""
        return self._closed > 0

    @contextmanager
    def taking_none(self) -> Iterator[None]:
        """Take no decisions in the following: who asks for one gets :class:`Undecided`."""
        self._closed += 1
        try:
            yield
        finally:
            self._closed -= 1

    def decide(
        self,
        options: int,
        symbol: str | None = None,
        telling: Telling = Telling.BY_OTHERS,
        usual: int = 0,
    ) -> int:
        """Choose one of ``options``, numbered from 0; the same for the same symbol.

        :param usual: the one to take where nothing speaks for another.
        :raises Undecided: where none is to be chosen now.
        """
        if symbol is not None and self._by_symbol.get(symbol, options) < options:
            return self._by_symbol[symbol]
        if self.closed:
            raise Undecided
        position = len(self.taken)
        subject = symbol or self.place
        if position < len(self._given):
            choice = self._given[position]
        else:
            choice = min(self._preferred.get(subject, usual), options - 1)
        self.taken.append(Decision(choice, options, subject, self.place, telling))
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


@immutable
class Explored(Generic[_Result]):
    """What the paths showed that lead anywhere; ``complete`` where no limit ended the search."""

    results: list[_Result]
    complete: bool


def explore(
    run: Callable[[Decisions], _Result | None],
    shows: Callable[[_Result], Hashable] = id,
    promises: Callable[[_Result], bool] = bool,
) -> Explored[_Result]:
    """Run along every path, within the limits.

    Options that no path has taken yet come first: behind a path that ends, the last of them, which
    may lead around the end, and what was tried so is tried further on; then, those of decisions
    that seem to tell more before all others, by turns the first that was seen, the last, and the
    earliest in the program. Then what is nearest to the first path.
    After :data:`FULL_LIMIT` paths, decisions that were seen to change nothing are no longer varied.

    :param run: follows one path; None or PathEnded when it leads nowhere.
    :param shows: what of a result tells it from another; one that is empty shows nothing.
    :param promises: whether a verdict can come of a result.
    """
    return _Explorer(run, shows, promises).explore()


@immutable
class _End:
    """Where a path ended, and how many decisions led there."""

    place: object
    decisions: int


@immutable
class _Path:
    """Decisions to begin a path with.

    ``changed`` are the subjects in which it differs from a path that showed ``parent``: one, or
    several where the paths in between ended. One that may lead ``around`` an end differs in the
    last of its decisions from the path that ended. That decision takes ``option``, and is as
    ``telling``.
    """

    given: tuple[int, ...] = ()
    changed: tuple[object, ...] = ()
    option: _Option = (None, None, 0)
    parent: Hashable = None
    around: _End | None = None
    telling: Telling = Telling.BY_OTHERS


class _Fresh:
    """Paths that take an option which no path has taken yet.

    They are in the order in which they were seen, by a number of their own, and in the order of the
    decisions in the program. Each way alone leaves something out in large programs: the branches of
    one long chain, or what comes last, the training step.
    """

    def __init__(self) -> None:
        self._paths: dict[int, _Path] = {}
        self._numbers: dict[_Option, int] = {}
        self._by_place: list[tuple[int, int]] = []
        self._kept = 0
        self._turn = 0

    def __bool__(self) -> bool:
        return bool(self._paths)

    def keep(self, path: _Path) -> None:
        """Take one more, in place of one that takes the same option."""
        self._paths.pop(self._numbers.get(path.option, 0), None)
        self._kept += 1
        self._numbers[path.option] = self._kept
        self._paths[self._kept] = path
        heappush(self._by_place, (len(path.given), self._kept))

    def pop(self) -> _Path:
        """Give the next one."""
        return self._paths.pop(self._next())

    def _next(self) -> int:
        self._turn = (self._turn + 1) % 3
        if self._turn == 0:
            return next(iter(self._paths))
        if self._turn == 1:
            return next(reversed(self._paths))
        while True:
            _, number = heappop(self._by_place)
            if number in self._paths:
                return number


class _Covered:
    """The options that paths have taken, or that one is kept for.

    What an option does is told by the paths that show something, or end: where it was taken on
    others alone, one that shows something is to be varied in it as well.
    """

    def __init__(self) -> None:
        self._all: set[_Option] = set()
        self._told: set[_Option] = set()

    def lacks(self, option: _Option, *, shows: bool) -> bool:
        """Whether an option is new to a path.

        :param shows: the path shows something.
        """
        return option not in (self._told if shows else self._all)

    def add(self, option: _Option, *, tells: bool) -> None:
        """Take one more.

        :param tells: the path is one that tells what it does.
        """
        self._all.add(option)
        if tells:
            self._told.add(option)


class _Explorer(Generic[_Result]):
    """One exploration, and what it has learned of the decisions."""

    def __init__(
        self,
        run: Callable[[Decisions], _Result | None],
        shows: Callable[[_Result], Hashable],
        promises: Callable[[_Result], bool],
    ) -> None:
        self._run = run
        self._shows = shows
        self._promises = promises
        self._steps = iter(range(STEP_LIMIT))
        self._is_promising = False
        self._around_ends: list[_Path] = []
        self._fresh = {telling: _Fresh() for telling in sorted(Telling, reverse=True)}
        self._waiting: deque[_Path] = deque([_Path()])
        self._covered = _Covered()
        self._without_effect: set[object] = set()
        self._with_effect: set[object] = set()
        # What to decide where nothing is given, so that one end is not come to again and again.
        self._preferred: dict[object, int] = {}

    def explore(self) -> Explored[_Result]:
        results: list[_Result] = []
        complete = False
        for count in range(PATH_LIMIT):
            if len(results) >= EMPTY_LIMIT and not self._is_worth_more():
                break
            path = self._next(thorough=count < FULL_LIMIT)
            if path is None:
                complete = True
                break
            decisions = Decisions(path.given, self._steps, self._preferred)
            try:
                result = self._run(decisions)
            except (PathEnded, RecursionError):
                result = None
            except OutOfSteps:
                break
            shown = self._shows(result) if result is not None else None
            taken = len(decisions.taken)
            end = _End(decisions.place, taken) if result is None else None
            self._learn(path, shown, decisions)
            if path.around is not None and _leads_on(path.around, end, result, taken):
                self._preferred[path.changed[-1]] = path.given[-1]
                if result is not None:
                    self._got_around(path.around)
            if result is not None:
                results.append(result)
                self._is_promising = self._is_promising or self._promises(result)
            self._branch(decisions, path, shown, end)
        return Explored(results, complete)

    def _is_worth_more(self) -> bool:
        """Whether a verdict can come of what was shown, or of decisions that seem to matter."""
        if self._is_promising:
            return True
        steps = STEP_LIMIT - length_hint(self._steps)
        telling = any(paths for what, paths in self._fresh.items() if what)
        return steps < UNPROMISING_LIMIT and (telling or bool(self._around_ends))

    def _next(self, *, thorough: bool) -> _Path | None:
        if self._around_ends:
            return self._around_ends.pop()
        for fresh in self._fresh.values():
            if fresh:
                return fresh.pop()
        while self._waiting:
            path = self._waiting.popleft()
            if thorough or not self._without_effect.issuperset(path.changed):
                return path
        return None

    def _learn(self, path: _Path, shown: Hashable, decisions: Decisions) -> None:
        """Whether the decisions in which a path differs from its parent have an effect.

        What has led to something at last is kept.
        """
        if _is_first_to_show(path, shown):
            changed = set(path.changed)
            taken = (each for each in decisions.taken if each.subject in changed)
            self._preferred.update((each.subject, each.choice) for each in taken)
        if shown is not None and shown != path.parent:
            self._with_effect.update(path.changed)
            self._without_effect.difference_update(path.changed)
        else:
            self._without_effect.update(set(path.changed) - self._with_effect)

    def _branch(self, decisions: Decisions, path: _Path, shown: Hashable, end: _End | None) -> None:
        """Note each path that differs in one decision.

        One that leads around an end shows what the decisions that led to the end are good for.
        """
        before, parent = ((), shown) if end is None else (path.changed, path.parent)
        tells = bool(shown) or end is not None
        for each in decisions.taken:
            self._covered.add(each.option(each.choice), tells=tells)
        for decision, given in _variations(decisions, path, shown):
            option = decision.option(given[-1])
            changed = (*before, decision.subject)
            fresh = self._covered.lacks(option, shows=bool(shown))
            self._keep(_Path(given, changed, option, parent, end, decision.telling), fresh=fresh)
            self._covered.add(option, tells=tells and fresh)

    def _got_around(self, end: _End) -> None:
        """Leave what else might lead around an end for its turn."""
        left = self._around_ends
        self._around_ends = [path for path in left if not _is_about(path, end)]
        for path in left:
            if _is_about(path, end):
                self._fresh[path.telling].keep(path)

    def _keep(self, path: _Path, *, fresh: bool) -> None:
        if not fresh:
            self._waiting.append(path)
        elif path.around is not None:
            self._around_ends.append(path)
        else:
            self._fresh[path.telling].keep(path)


def _variations(
    decisions: Decisions, path: _Path, shown: Hashable
) -> Iterator[tuple[Decision, tuple[int, ...]]]:
    """The decisions that a path could have taken otherwise, with those before and another option.

    The first ones are given, and were varied where they were taken. Where nothing was shown then,
    they are varied again, but for what leads back there.
    """
    choices = tuple(each.choice for each in decisions.taken)
    given = len(path.given)
    again = _is_first_to_show(path, shown)
    for position, decision in enumerate(decisions.taken):
        if position >= given or (again and decision.subject not in path.changed):
            for option in range(decision.options):
                if option != decision.choice:
                    yield decision, (*choices[:position], option)


def _is_first_to_show(path: _Path, shown: Hashable) -> bool:
    """Whether a path shows something, unlike the one from which it differs."""
    return bool(shown) and not path.parent and bool(path.changed)


def _is_about(path: _Path, end: _End) -> bool:
    return path.around is not None and path.around.place is end.place


def _leads_on(before: _End, end: _End | None, result: object, decisions: int) -> bool:
    """Whether a decision is worth keeping that was to lead around an end.

    It led to something, or further; or it was not what the end is about, and may be needed
    together with another one.

    :param decisions: how many the path has taken.
    """
    if end is not None and end.place is before.place:
        return True
    return bool(result) or decisions > before.decisions
