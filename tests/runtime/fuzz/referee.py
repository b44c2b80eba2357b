"""Compares what the analysis says of a program with what the real libraries do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hfmode_lint import Verdict, fix_source
from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.verdicts import Reason
from tests.runtime.fuzz.truth import FILENAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.analysis.verdicts import LoadedModule
    from tests.runtime.fuzz.truth import Truth
    from tests.runtime.recorder import Load

    Place = tuple[int, int, str]

# What a program must hold for eval mode or frozen parameters to be meant.
_INTENT = re.compile(r"\.eval\b|train\(False\)|train\(not|train\(flag|requires_grad|freeze")
_ALLOWED = {
    Verdict.TRAIN: {"train"},
    Verdict.EVAL: {"eval", "mixed"},
    Verdict.EITHER: {"train", "eval", "mixed"},
    Verdict.UNKNOWN: {"train", "eval", "mixed"},
}


@dataclass(slots=True)
class Comparison:
    """One program: its loader calls, those with an unknown verdict, and what disagrees."""

    loads: int = 0
    unknown: int = 0
    reported: int = 0
    disagreements: list[str] = field(default_factory=list)


def compare(source: str, truth: Truth) -> Comparison:
    """Run a program, analyse it, and compare.

    :raises NotRecorded: when the program can't be run.
    """
    shown = _held(truth.loads(source))
    judged = _judged(source)
    result = Comparison()
    for place, loads in shown.items():
        known = judged.get(place, [])
        result.loads += 1
        result.unknown += not known or any(each.verdict is Verdict.UNKNOWN for each in known)
        result.reported += any(each.reported for each in known)
        result.disagreements.extend(
            f"line {place[0]}: {text}" for text in _disagreements(source, known, loads)
        )
    for place, known in judged.items():
        if place not in shown and any(each.reported for each in known):
            result.disagreements.append(f"line {place[0]}: reported, and in no LightningModule")
    result.disagreements.extend(_after_fix(source, shown, truth))
    return result


def _held(loads: Sequence[Load]) -> dict[Place, list[Load]]:
    """What the runs showed of each load below the LightningModule."""
    found: dict[Place, list[Load]] = {}
    for load in loads:
        if load.path is not None:
            found.setdefault((load.line, load.column, load.part), []).append(load)
    return found


def _judged(source: str) -> dict[Place, list[LoadedModule]]:
    analysis = analyse(source)
    found: dict[Place, list[LoadedModule]] = {}
    for loaded in analysis.loaded:
        start, _ = analysis.parsed.span(loaded.origin.call)
        found.setdefault((start.line, start.column, loaded.origin.part), []).append(loaded)
    return found


def _disagreements(source: str, known: list[LoadedModule], loads: list[Load]) -> Iterator[str]:
    modes = {load.first for load in loads}
    trained_in_eval = [
        load for load in loads if load.first != "train" and load.parameters != "none"
    ]
    for load in loads:
        if known and not any(load.first in _ALLOWED[each.verdict] for each in known):
            yield f"{known[0].verdict.value} expected, {load.first} at {load.path}"
    if any(each.reported for each in known) and not trained_in_eval:
        yield f"reported, and {sorted(modes)} with {loads[0].parameters} parameters"
    definite = [each for each in known if each.verdict is not Verdict.UNKNOWN]
    reasons = {each.reason for each in definite}
    in_train_mode = all(each.verdict is Verdict.TRAIN for each in definite)
    if definite and trained_in_eval and not any(each.reported for each in definite):
        said = reasons & {Reason.MODELESS, Reason.NOT_OPTIMIZED, Reason.UNUSED}
        if not said and (not _INTENT.search(source) or in_train_mode):
            yield f"missed: trained in {trained_in_eval[0].first} mode at {loads[0].path}"


def _after_fix(source: str, before: dict[Place, list[Load]], truth: Truth) -> Iterator[str]:
    """What the safe fixes do when the fixed program runs: one load at a time is looked at."""
    fixed = fix_source(source, filename=FILENAME)
    if not fixed.applied:
        return
    named = {(f.start.line, f.start.column): f.module_path or "" for f in fixed.applied}
    moved = _by_order(_held(truth.loads(fixed.source)))
    for order, loads in _by_order(before).items():
        now = [load.first for load in moved.get(order, [])]
        line, path = loads[0].line, named.get((loads[0].line, loads[0].column))
        if path is not None:
            # A loader in a helper may give others that the program switches off on purpose.
            after = {load.first for load in moved.get(order, []) if _is_at(load, path)}
            allowed = {"train", "mixed"} if _INTENT.search(source) else {"train"}
            if not after or not after <= allowed:
                yield f"line {line}: fixed, and {sorted(after)} at {path}"
        elif now != [load.first for load in loads]:
            yield f"line {line}: not fixed, and its mode changed"


def _is_at(load: Load, path: str) -> bool:
    """Whether a load is the module at a path; wrappers of libraries add steps to it."""
    return load.path is not None and (load.path == path or load.path.startswith(f"{path}."))


def _by_order(held: dict[Place, list[Load]]) -> dict[tuple[int, int, str], list[Load]]:
    """What was shown by line and number on the line: a fix moves the columns behind it."""
    found: dict[tuple[int, int, str], list[Load]] = {}
    for line, column, part in sorted(held):
        columns = sorted({c for at, c, _ in held if at == line})
        found[line, columns.index(column), part] = held[line, column, part]
    return found
