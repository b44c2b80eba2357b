"""``python -m benchmarks``: measure everything side by side, and write tables and plots.

Needs the ``bench`` extra, a package index, and for the first run the network.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from benchmarks import report, results
from benchmarks.contest import ContestError, compete
from benchmarks.environments import ROOT, Environments, EnvironmentsError
from benchmarks.groups import Groups
from benchmarks.report import MarkersError
from benchmarks.results import Results, Where
from benchmarks.trees import TreeError, sources, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.groups import Group
    from benchmarks.trees import Tree

RESULTS = Path(__file__).with_name("results.json")
_WHERE = Path(__file__).with_name("where.py")
_README, _DOCUMENT = ROOT / "README.md", ROOT / "docs" / "speed.md"
_PLOTS = ROOT / "docs" / "speed"


def main() -> int:
    """Measure, and write what was measured; 2 where something can't be measured."""
    options = _options()
    if options.report_only and not options.results.exists():
        print(f"error: {options.results} does not exist: nothing was measured", file=sys.stderr)
        return 2
    try:
        failed = () if options.report_only else _measure(options)
        if not options.no_report:
            _report(results.load(options.results))
    except (EnvironmentsError, TreeError, MarkersError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    return 2 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure hfmode-lint beside other commands; write docs/speed.md, its plots and "
        "the README's table.",
    )
    parser.add_argument(
        "--trees",
        type=Path,
        metavar="DIR",
        default=user_cache_path("hfmode-lint-benchmarks", appauthor=False),
        help="where trees and environments are kept (%(default)s)",
    )
    parser.add_argument("--rounds", type=int, default=10, help="rounds that count (%(default)s)")
    parser.add_argument(
        "--limit",
        type=float,
        default=300,
        metavar="SECONDS",
        help="stop a run after this time, and call it 'over' (%(default)s)",
    )
    parser.add_argument(
        "--only",
        type=_pattern,
        default="",
        metavar="PATTERN",
        help="measure the groups whose name has this pattern; keep what is known of the others",
    )
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--report-only", action="store_true", help="write the report; run nothing")
    parser.add_argument("--no-report", action="store_true", help="write the results alone")
    options = parser.parse_args()
    if options.rounds < 1 or options.limit <= 0:
        parser.error("--rounds and --limit must be positive")
    return options


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"no pattern: {error}") from None


def _measure(options: argparse.Namespace) -> list[str]:
    """Measure the groups that were asked for; what failed."""
    folder = options.trees.resolve()
    environments = Environments(folder / "environments")
    trees = [unpacked(source, folder) for source in sources()]
    chosen = [
        group
        for group in Groups(environments, trees, folder).all()
        if options.only.search(group.name)
    ]
    found = results.load(options.results) if options.only.pattern else Results()
    _say("environments")
    environments.make()
    found.about = {**_machine(), "limit": options.limit, "versions": environments.versions()}
    found.trees = {tree.name: _described(tree) for tree in trees}
    failed = list(_compete(chosen, found, options))
    for tree in trees:
        name = f"where {tree.name}"
        if options.only.search(name):
            _say(name)
            try:
                found.where[tree.name] = _where(environments, tree, options.limit)
            except ContestError as error:
                failed.append(f"{name}: {error}")
            results.save(found, options.results)
    return failed


def _compete(groups: Iterable[Group], found: Results, options: argparse.Namespace) -> Iterable[str]:
    for group in groups:
        runs = defaultdict(list)
        try:
            for number, name, run in compete(group.contestants, options.rounds, options.limit):
                runs[name].append(run)
                _say(f"{group.name}, round {number + 1}: {name}: {run.wall.show()} s")
        except ContestError as error:
            yield f"{group.name}: {error}"
            continue
        found.groups[group.name] = dict(runs)
        # After each group: an interrupted run has measured something.
        results.save(found, options.results)


def _where(environments: Environments, tree: Tree, limit: float) -> Where:
    result = tree.folder.parent / "where.json"
    result.unlink(missing_ok=True)
    # Its exit code says whether there are findings; that it was stopped, its result says.
    done = subprocess.run(
        [environments.python, _WHERE, str(limit), result, "--no-cache", "."],
        cwd=tree.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        encoding="utf-8",
    )
    if done.returncode not in (0, 1) or not result.exists():
        raise ContestError(f"exit code {done.returncode}: {done.stderr.strip()[-200:]}")
    return Where(**json.loads(result.read_text(encoding="utf-8")))


def _described(tree: Tree) -> dict[str, str | int | float]:
    files, megabytes = tree.python_files()
    return {"version": tree.version, "files": files, "megabytes": round(megabytes, 1)}


def _machine() -> dict[str, str | int | None]:
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }


def _report(found: Results) -> None:
    from benchmarks import plots

    plots.write(found, _PLOTS)
    for document, content in ((_DOCUMENT, report.full(found)), (_README, report.short(found))):
        text = document.read_text(encoding="utf-8")
        try:
            document.write_text(report.replaced(text, content), encoding="utf-8")
        except MarkersError as error:
            raise MarkersError(f"{document.name} {error}") from None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
