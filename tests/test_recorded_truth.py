"""Every verdict on a fixture agrees with what the real libraries did with it.

The records stand beside the fixtures; the runtime tests check that they are still true.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, TypedDict, cast

import pytest

from hfmode_lint import Verdict
from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.parsing import parse
from hfmode_lint.analysis.verdicts import Reason
from tests.test_fixtures import PROGRAMS, name_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from hfmode_lint.analysis.verdicts import LoadedModule

# Lightning before 2.2 sets train mode itself.
NEW = "2.2.5"
OLD = "2.1.4"
NEWEST = "2.6.6"
# The newest Lightning with transformers 4 and the libraries of its time.
TRANSFORMERS_4 = "transformers 4"
VERSIONS = [NEW, NEWEST, TRANSFORMERS_4]


class Load(TypedDict):
    line: int
    column: int
    part: str
    path: str | None
    first: str
    second: str
    parameters: str


class Shown(TypedDict):
    when: list[dict[str, object]]
    loads: list[Load]


class Entry(TypedDict):
    versions: list[str]
    runs: list[Shown]


class Older(TypedDict):
    libraries: dict[str, str]
    runs: list[Shown]


class Record(TypedDict, total=False):
    libraries: dict[str, str]
    transformers_4: Older
    lightning: list[Entry]
    not_run: str


def record_of(program: Path) -> Record:
    text = program.with_name(program.stem + ".runtime.json").read_text(encoding="utf-8")
    return cast("Record", json.loads(text))


def runs_of(record: Record, lightning: str) -> list[Shown]:
    if lightning == TRANSFORMERS_4:
        if "transformers_4" in record:
            return record["transformers_4"]["runs"]
        lightning = NEWEST
    return next(each["runs"] for each in record["lightning"] if lightning in each["versions"])


RECORDS = {name_of(program): record_of(program) for program in PROGRAMS}
RUN = [program for program in PROGRAMS if "lightning" in RECORDS[name_of(program)]]


@functools.cache
def verdicts(program: Path) -> dict[tuple[int, int, str], list[LoadedModule]]:
    """The verdicts by the place of the loader call and the part."""
    analysis = analyse(parse(read(program)))
    found: dict[tuple[int, int, str], list[LoadedModule]] = {}
    for loaded in analysis.loaded:
        start, _ = analysis.parsed.span(loaded.origin.call)
        found.setdefault((start.line, start.column, loaded.origin.part), []).append(loaded)
    return found


@functools.cache
def held_elsewhere(program: Path) -> set[tuple[int, int, str]]:
    """The loads whose way to a LightningModule can't be seen, which HFM009 tells of."""
    analysis = analyse(parse(read(program)))
    found = set()
    for each in analysis.held():
        start, _ = analysis.parsed.span(each.origin.call)
        found.add((start.line, start.column, each.origin.part))
    return found


def made(runs: list[Shown]) -> set[tuple[int, int, str]]:
    """The loader calls that some run reached."""
    return {(each["line"], each["column"], each["part"]) for run in runs for each in run["loads"]}


def held(runs: list[Shown]) -> dict[tuple[int, int, str], list[Load]]:
    """What runs showed of each loaded module below the LightningModule."""
    found: dict[tuple[int, int, str], list[Load]] = {}
    for shown in runs:
        for load in shown["loads"]:
            if load["path"] is not None:
                found.setdefault((load["line"], load["column"], load["part"]), []).append(load)
    return found


def test_every_fixture_has_a_record() -> None:
    assert len(RUN) > 350
    assert all(RECORDS[name_of(program)] for program in PROGRAMS)


def test_the_three_versions_were_recorded() -> None:
    for program in RUN:
        versions = {
            v for entry in RECORDS[name_of(program)]["lightning"] for v in entry["versions"]
        }
        assert versions >= {OLD, NEW, NEWEST}, name_of(program)


def agrees(loaded: LoadedModule, load: Load) -> bool:
    """Whether a verdict allows a mode. Of a two-part model the root alone is in train mode."""
    allowed = {
        Verdict.TRAIN: {"train"},
        Verdict.EVAL: {"eval", "mixed"},
        Verdict.EITHER: {"train", "eval", "mixed"},
        Verdict.UNKNOWN: {"train", "eval", "mixed"},
    }
    return load["first"] in allowed[loaded.verdict]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("program", RUN, ids=name_of)
def test_no_verdict_contradicts_the_run(program: Path, version: str) -> None:
    judged = verdicts(program)
    for place, loads in held(runs_of(RECORDS[name_of(program)], version)).items():
        for load in loads:
            known = judged.get(place)
            if known is None and place in held_elsewhere(program):
                continue
            if known is None:
                # An adapter has no verdict of its own: its base has.
                assert load["first"] == "train" or load["parameters"] == "none", load
                continue
            assert any(agrees(loaded, load) for loaded in known), (known, load)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("program", RUN, ids=name_of)
def test_what_is_reported_trains_in_eval_mode(program: Path, version: str) -> None:
    runs = runs_of(RECORDS[name_of(program)], version)
    shown = held(runs)
    for place, known in verdicts(program).items():
        if place in made(runs) and any(loaded.reported for loaded in known):
            sick = [load for load in shown.get(place, []) if load["first"] != "train"]
            assert sick, place
            assert any(load["parameters"] != "none" for load in sick)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("program", RUN, ids=name_of)
def test_what_trains_in_eval_mode_is_reported_or_said_to_be_meant(
    program: Path, version: str
) -> None:
    judged = verdicts(program)
    for place, loads in held(runs_of(RECORDS[name_of(program)], version)).items():
        trained_in_eval = [
            load for load in loads if load["first"] != "train" and load["parameters"] != "none"
        ]
        if trained_in_eval and place not in held_elsewhere(program):
            reasons = {loaded.reason for loaded in judged[place]}
            assert reasons - {Reason.TRAIN, Reason.UNKNOWN}, place
