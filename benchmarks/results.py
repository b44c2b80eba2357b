"""What was measured, as a file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.contest import Run

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class Where:
    """Processor seconds of one run by stage; ``over`` is the limit at which it was stopped."""

    seconds: dict[str, float]
    over: float | None


@dataclass(slots=True)
class Results:
    """All that the tables and plots are made of.

    ``about`` says when and with what; ``trees`` says what each tree holds; ``groups`` has, by the
    name of the group and of the contestant, one run a round.
    """

    about: dict[str, Any] = field(default_factory=dict)
    trees: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, list[Run]]] = field(default_factory=dict)
    where: dict[str, Where] = field(default_factory=dict)

    @property
    def rounds(self) -> str:
        """How many rounds there were: the fewest of any group, and the most where these differ."""
        counts = {len(runs) for group in self.groups.values() for runs in group.values()}
        return " to ".join(map(str, sorted({min(counts, default=0), max(counts, default=0)})))


def load(path: Path) -> Results:
    """Read results; none where there is no such file yet."""
    if not path.exists():
        return Results()
    known = json.loads(path.read_text(encoding="utf-8"))
    groups = {
        group: {name: [Run.from_json(run) for run in runs] for name, runs in contestants.items()}
        for group, contestants in known["groups"].items()
    }
    where = {tree: Where(**each) for tree, each in known["where"].items()}
    return Results(known["about"], known["trees"], groups, where)


def save(results: Results, path: Path) -> None:
    """Write results."""
    groups = {
        group: {name: [run.to_json() for run in runs] for name, runs in contestants.items()}
        for group, contestants in results.groups.items()
    }
    where = {
        tree: {"seconds": each.seconds, "over": each.over} for tree, each in results.where.items()
    }
    known = {
        "about": results.about,
        "trees": results.trees,
        "groups": groups,
        "where": where,
    }
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
