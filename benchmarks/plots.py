"""Plots made of the results, as SVG. What was stopped is hatched, or an arrow that goes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks import groups
from benchmarks.bounds import Bounds, median
from benchmarks.figures import quantities
from benchmarks.groups import tree_group
from benchmarks.where import ORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from benchmarks.contest import Run
    from benchmarks.results import Results

# The same results give the same bytes.
mpl.rcParams["svg.hashsalt"] = "hfmode-lint"
mpl.rcParams["font.size"] = 9

# Told apart by people who see colours differently (Okabe and Ito), ours first.
_COLOURS = ("#d55e00", "#e69f00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#999999", "#f0e442")


def write(results: Results, folder: Path) -> None:
    """Write the plots of what was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    draw: dict[str, tuple[Callable[[Results], Figure], bool]] = {
        "time_per_tree": (_time_per_tree, True),
        "growth_with_files": (_growth_with_files, "files" in results.groups),
        "growth_of_one_file": (_growth_of_one_file, "classes" in results.groups),
        "where": (_where, bool(results.where)),
    }
    for name in (name for name, (_, is_measured) in draw.items() if is_measured):
        plot, _ = draw[name]
        figure = plot(results)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")


def _time_per_tree(results: Results) -> Figure:
    trees = [tree for tree in results.trees if tree_group(tree) in results.groups]
    figure = Figure(figsize=(8, 0.6 + 1.25 * max(1, len(trees))))
    axes = figure.subplots()
    height = 0.8 / len(groups.ON_TREES)
    for number, name in enumerate(groups.ON_TREES):
        for row, tree in enumerate(trees):
            runs = results.groups[tree_group(tree)].get(name, [])
            if runs:
                time = median(quantities(runs, "wall"))
                _bar(axes, row + number * height, time, height, _COLOURS[number])
        axes.barh(0, 0, color=_COLOURS[number], label=name)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(trees))], trees)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.margins(x=0.1, y=0.02)
    axes.set_xlabel("seconds (each mark is ten times the last; hatched: stopped, takes longer)")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return figure


def _bar(axes: Axes, place: float, time: Bounds, height: float, colour: str) -> None:
    hatch = None if time.is_known else "////"
    axes.barh(place, time.low, height, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
    axes.text(time.low, place, f" {time.show()}", va="center", fontsize=7)


def _growth_with_files(results: Results) -> Figure:
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    time, memory = figure.subplots(1, 2)
    runs = results.groups.get("files", {})
    _line(time, runs, groups.FILES, ("files", "seconds"), _COLOURS[0])
    peaks = {size: quantities(runs.get(str(size), ()), "megabytes") for size in groups.FILES}
    known = [size for size in groups.FILES if peaks[size] and median(peaks[size]).is_known]
    memory.plot(known, [median(peaks[size]).low for size in known], "o-", color=_COLOURS[2])
    memory.set(xlabel="files", ylabel="MB, main process", ylim=(0, None), xlim=(0, None))
    return figure


def _growth_of_one_file(results: Results) -> Figure:
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    lines, classes = figure.subplots(1, 2)
    drawn = (
        (lines, "lines", groups.LINES, "lines in one file", _COLOURS[0]),
        (classes, "classes", groups.CLASSES, "LightningModules in one file", _COLOURS[2]),
    )
    for axes, group, sizes, title, colour in drawn:
        _line(axes, results.groups.get(group, {}), sizes, (title, "seconds"), colour)
    return figure


def _line(
    axes: Axes,
    runs: dict[str, list[Run]],
    sizes: Sequence[int],
    labels: tuple[str, str],
    colour: str,
) -> None:
    """Time by size, with a dashed line through the tenth of the largest size."""
    times = {
        size: median(quantities(runs[str(size)], "wall")) for size in sizes if runs.get(str(size))
    }
    known = [size for size in times if times[size].is_known]
    axes.plot(known, [times[size].low for size in known], "o-", color=colour)
    stopped = [size for size in times if not times[size].is_known]
    axes.plot(stopped, [times[size].low for size in stopped], "^", color=colour)
    for size in stopped:
        axes.annotate(times[size].show(), (size, times[size].low), fontsize=7)
    first = max(known[0], sizes[-1] // 10) if known else 0
    if first in times and times[first].is_known:
        linear = times[first].low / first * sizes[-1]
        axes.plot([0, sizes[-1]], [0, linear], "--", color=_COLOURS[6], label="linear")
        axes.legend(frameon=False)
    axes.set(xlabel=labels[0], ylabel=labels[1], ylim=(0, None), xlim=(0, None))


def _where(results: Results) -> Figure:
    figure = Figure(figsize=(8, 0.8 + 0.45 * max(1, len(results.where))))
    axes = figure.subplots()
    stages = [
        stage for stage in ORDER if any(stage in each.seconds for each in results.where.values())
    ]
    names = [
        tree if each.over is None else f"{tree} (stopped after {each.over:g} s)"
        for tree, each in results.where.items()
    ]
    left = [0.0] * len(names)
    for number, stage in enumerate(stages):
        shares = [
            100 * each.seconds.get(stage, 0) / sum(each.seconds.values())
            for each in results.where.values()
        ]
        hatch = "//" if number >= len(_COLOURS) else None
        colour = _COLOURS[number % len(_COLOURS)]
        axes.barh(
            names, shares, left=left, label=stage, color=colour, hatch=hatch, edgecolor="white"
        )
        left = [start + share for start, share in zip(left, shares, strict=True)]
    axes.invert_yaxis()
    axes.set(xlabel="% of the processor's seconds", xlim=(0, 100))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return figure
