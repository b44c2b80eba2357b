"""The figures to reach, as data, and what the results say of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchmarks import groups
from benchmarks.bounds import Bounds, median, median_ratio
from benchmarks.groups import flake8_group, tree_group

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.contest import Run

    # By the name of the group, then of the contestant: one run a round.
    Measured = Mapping[str, Mapping[str, Sequence[Run]]]

Measure = Literal["wall", "user", "megabytes"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: ours against theirs, in one group or in each group whose name begins so.

    Without ``theirs`` it is no ratio. ``at_most`` are the goals, the easier one first.
    """

    run: str
    against: str
    at_most: tuple[float, ...]
    group: str
    ours: str
    theirs: str | None
    measure: Measure = "wall"


@dataclass(frozen=True, slots=True)
class Reached:
    """What was measured for a figure, in the group where it is worst."""

    figure: Figure
    group: str
    value: Bounds

    def goals(self) -> list[tuple[float, bool | None]]:
        """Each goal, and whether it is reached; None where a stopped run hides it."""
        return [(goal, self.value.is_at_most(goal)) for goal in self.figure.at_most]


FIGURES = (
    Figure(
        "whole NeMo tree, cold, no cache",
        "`ruff check --no-cache --select F401`",
        (1.5, 1.0),
        tree_group(groups.NEMO),
        groups.COLD,
        groups.RUFF,
    ),
    Figure(
        "tree in which nothing is relevant (Lightning's sources), cold, no cache",
        "`ruff check --no-cache --select F401`",
        (1.0,),
        tree_group(groups.LIGHTNING),
        groups.COLD,
        groups.RUFF,
    ),
    Figure(
        "any tree, warm cache",
        "`ruff check`, warm cache",
        (1.5,),
        "tree ",
        groups.WARM,
        groups.RUFF_WARM,
    ),
    Figure("any tree, cold", "TorchFix", (0.05,), "tree ", groups.COLD, groups.TORCHFIX),
    Figure(
        "flake8 with the plugin, nothing relevant",
        "flake8 without, user CPU",
        (1.01,),
        flake8_group(groups.LIGHTNING),
        groups.PLUGIN,
        groups.FLAKE8,
        "user",
    ),
    Figure(
        "flake8 with the plugin, NeMo tree",
        "flake8 without, user CPU",
        (1.05,),
        flake8_group(groups.NEMO),
        groups.PLUGIN,
        groups.FLAKE8,
        "user",
    ),
    Figure(
        "one irrelevant file (a commit hook)",
        '`python -c "import click"`',
        (1.3,),
        "irrelevant file",
        groups.COLD,
        groups.IMPORT_CLICK,
    ),
    Figure(
        f"one relevant file of {groups.RELEVANT_LINES} lines",
        '`python -c "import libcst"`',
        (1.6,),
        "relevant file",
        groups.COLD,
        groups.IMPORT_LIBCST,
    ),
    Figure(
        f"peak memory of the main process, {groups.FILES[-1]:,} files",
        "(MB)",
        (150,),
        "files",
        str(groups.FILES[-1]),
        None,
        "megabytes",
    ),
    Figure(
        f"one file of {groups.LINES[-1]:,} lines",
        "a tenth of its size",
        (12,),
        "lines",
        str(groups.LINES[-1]),
        str(groups.LINES[-1] // 10),
    ),
    Figure(
        f"one file of {groups.CLASSES[-1]:,} classes",
        "a tenth of its size",
        (12,),
        "classes",
        str(groups.CLASSES[-1]),
        str(groups.CLASSES[-1] // 10),
    ),
)


def reached(measured: Measured) -> Iterator[Reached]:
    """What was measured for each figure; nothing for one that was not."""
    for figure in FIGURES:
        each = [
            Reached(figure, name, value)
            for name, runs in measured.items()
            if name.startswith(figure.group) and (value := _value(figure, runs)) is not None
        ]
        if each:
            yield max(each, key=lambda one: (one.value.high, one.value.low))


def _value(figure: Figure, runs: Mapping[str, Sequence[Run]]) -> Bounds | None:
    ours = quantities(runs.get(figure.ours, ()), figure.measure)
    if figure.theirs is None:
        return median(ours) if ours else None
    theirs = quantities(runs.get(figure.theirs, ()), figure.measure)
    return median_ratio(ours, theirs) if ours and theirs else None


def quantities(runs: Sequence[Run], measure: Measure) -> list[Bounds]:
    """One quantity of each run; of none where it was not measured."""
    if measure == "wall":
        return [run.wall for run in runs]
    if measure == "user":
        return [run.user for run in runs]
    return [
        Bounds.exactly(run.megabytes) if run.wall.is_known else Bounds.over(run.megabytes)
        for run in runs
        if run.megabytes is not None
    ]
