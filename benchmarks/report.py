"""Tables made of the results, and their place in a document between two markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import groups
from benchmarks.bounds import median
from benchmarks.figures import FIGURES, quantities, reached
from benchmarks.groups import tree_group
from benchmarks.where import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.contest import Run
    from benchmarks.figures import Measure
    from benchmarks.results import Results, Where

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
PLOTS = {
    "time_per_tree": "Time of each command on each tree",
    "growth_with_files": "Growth with the number of files",
    "growth_of_one_file": "Growth with the size of one file",
    "where": "Where the time goes",
}
# PyPI, which shows the README too, knows no other files of the repository.
_DOCUMENT = "https://github.com/hfmode-lint/hfmode-lint/blob/main/docs/speed.md"
_GROWTH = {
    "files": ("files in a project", groups.FILES),
    "lines": ("lines in one file", groups.LINES),
    "classes": ("LightningModules in one file", groups.CLASSES),
}


class MarkersError(Exception):
    """A document without the two markers, each once and in their order."""


def replaced(document: str, content: str) -> str:
    """A document with this content between its markers, instead of what was there.

    :raises MarkersError: where the markers are not there.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise MarkersError(f"needs {BEGIN} and {END}, once each and in this order")
    return f"{before}{BEGIN}\n{content.strip()}\n{END}{after}"


def short(results: Results) -> str:
    """For the README: one line a figure, and where the rest stands."""
    rows = [
        (each.figure.run, each.figure.against, each.value.show())
        for each in reached(results.groups)
    ]
    return "\n".join(
        [
            *table(("run", "against", "ratio (memory: MB)"), rows),
            "",
            f"Medians of {results.rounds} paired runs, the worst tree where there are several.",
            f"All trees, plots, and how they are measured: [docs/speed.md]({_DOCUMENT}).",
        ]
    )


def full(results: Results) -> str:
    """For docs/speed.md: the tables and plots of what was measured."""
    parts = [_about(results), _figures(results), _times(results)]
    parts += [_growth(results, name) for name in _GROWTH if name in results.groups]
    if results.where:
        parts.append(_where(results.where))
    return "\n".join(line for part in parts for line in (*part, ""))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    return [_row(head), _row(["---"] * len(head)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plot(name: str) -> str:
    return f"![{PLOTS[name]}](speed/{name}.svg)"


def _about(results: Results) -> Iterator[str]:
    about = results.about
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    yield (
        f"Measured on {about['date']}: {about['machine']}, {about['processors']} processors, "
        f"Python {about['python']}; {versions}. Rounds: {results.rounds}. A run was stopped after "
        f"{about['limit']:,.0f} s."
    )


def _figures(results: Results) -> Iterator[str]:
    yield "## Figures to reach"
    yield ""
    rows = []
    for each in reached(results.groups):
        goals = "; ".join(f"{goal:g}: {_answer(answer)}" for goal, answer in each.goals())
        figure = each.figure
        rows.append((figure.run, figure.against, each.group, each.value.show(), goals))
    yield from table(("run", "against", "measured on", "ratio", "at most"), rows)
    missing = [each.run for each in FIGURES if each.run not in {run for run, *_ in rows}]
    if missing:
        yield ""
        yield f"Not measured yet: {'; '.join(missing)}."


def _answer(reached_it: bool | None) -> str:  # noqa: FBT001 - it is the answer itself
    return {True: "yes", False: "**no**", None: "can't be told"}[reached_it]


def _times(results: Results) -> Iterator[str]:
    yield "## Trees (seconds by the clock)"
    yield ""
    rows = []
    for name, about in results.trees.items():
        runs = results.groups.get(tree_group(name))
        if runs:
            what = f"{name} {about['version']}"
            size = (f"{about['files']:,}", f"{about['megabytes']:.1f}")
            rows.append((what, *size, *(_median(runs, each, "wall") for each in groups.ON_TREES)))
    yield from table(("tree", "files", "MB", *groups.ON_TREES), rows)
    yield ""
    yield _plot("time_per_tree")


def _growth(results: Results, group: str) -> Iterator[str]:
    title, sizes = _GROWTH[group]
    runs = results.groups.get(group, {})
    yield f"## {title[0].upper()}{title[1:]}"
    yield ""
    measures: tuple[Measure, ...] = ("wall", "user", "megabytes")
    rows = [
        (f"{size:,}", *(_median(runs, str(size), measure) for measure in measures))
        for size in sizes
    ]
    yield from table((title, "seconds", "processor seconds", "MB, main process"), rows)
    if group != "lines":
        yield ""
        yield _plot("growth_with_files" if group == "files" else "growth_of_one_file")


def _where(where: dict[str, Where]) -> Iterator[str]:
    yield "## Where the time goes (processor seconds, one process)"
    yield ""
    stages = [stage for stage in ORDER if any(stage in each.seconds for each in where.values())]
    rows = []
    for tree, each in where.items():
        name = tree if each.over is None else f"{tree}, stopped after {each.over:g} s"
        rows.append((name, *(f"{each.seconds.get(stage, 0):.2f}" for stage in stages)))
    yield from table(("tree", *stages), rows)
    yield ""
    yield _plot("where")


def _median(runs: dict[str, list[Run]], name: str, measure: Measure) -> str:
    found = quantities(runs.get(name, ()), measure)
    return median(found).show() if found else ""
