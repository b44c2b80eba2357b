"""Every verdict on a fixture agrees with what the real libraries did with it.

A fixture is a program of one file or a project of several. The records stand beside the fixtures;
the runtime tests check that they are still true.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, TypedDict, cast

import pytest

from hfmode_lint import Verdict
from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.verdicts import Reason
from hfmode_lint.project import Project
from tests.test_fixtures import FIXTURES, PROGRAMS, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.verdicts import LoadedModule

# Of a loader call: the file of a project, the line from 1, the column from 0, the part.
Place = tuple[str, int, int, str]

# Lightning before 2.2 sets train mode itself.
NEW = "2.2.5"
OLD = "2.1.4"
NEWEST = "2.6.6"
# The newest Lightning with transformers 4 and the libraries of its time.
TRANSFORMERS_4 = "transformers 4"
VERSIONS = [NEW, NEWEST, TRANSFORMERS_4]


class InProject(TypedDict, total=False):
    file: str


class Load(InProject):
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


PROJECTS = sorted(each for each in (FIXTURES / "projects").iterdir() if each.is_dir())


def record_of(fixture: Path) -> Record:
    if fixture.is_dir():
        path = fixture / "runtime.json"
    else:
        path = fixture.with_name(fixture.stem + ".runtime.json")
    return cast("Record", json.loads(path.read_text(encoding="utf-8")))


def name_of(fixture: Path) -> str:
    return fixture.relative_to(FIXTURES).with_suffix("").as_posix()


def runs_of(record: Record, lightning: str) -> list[Shown]:
    if lightning == TRANSFORMERS_4:
        if "transformers_4" in record:
            return record["transformers_4"]["runs"]
        lightning = NEWEST
    return next(each["runs"] for each in record["lightning"] if lightning in each["versions"])


ALL = [*PROGRAMS, *PROJECTS]
RECORDS = {name_of(fixture): record_of(fixture) for fixture in ALL}
RUN = [fixture for fixture in ALL if "lightning" in RECORDS[name_of(fixture)]]


def analyses(fixture: Path) -> Iterator[tuple[str, FileAnalysis]]:
    """The analysis of each file that can be parsed, by its name in the project."""
    if not fixture.is_dir():
        yield "", analyse(read(fixture))
        return
    project = Project(str(fixture), ())
    for path in sorted(fixture.rglob("*.py")):
        yield path.relative_to(fixture).as_posix(), project.analyse(read(path), str(path))


@functools.cache
def verdicts(fixture: Path) -> dict[Place, list[LoadedModule]]:
    """The verdicts by the place of the loader call and the part."""
    found: dict[Place, list[LoadedModule]] = {}
    for name, analysis in analyses(fixture):
        for loaded in analysis.loaded:
            start, _ = analysis.parsed.span(loaded.origin.call)
            place = (name, start.line, start.column, loaded.origin.part)
            found.setdefault(place, []).append(loaded)
    return found


@functools.cache
def held_elsewhere(fixture: Path) -> set[Place]:
    """The loads whose way to a LightningModule can't be seen, which HFM009 tells of."""
    found = set()
    for name, analysis in analyses(fixture):
        for each in analysis.held():
            start, _ = analysis.parsed.span(each.origin.call)
            found.add((name, start.line, start.column, each.origin.part))
    return found


def place_of(load: Load) -> Place:
    return load.get("file", ""), load["line"], load["column"], load["part"]


def made(runs: list[Shown]) -> set[Place]:
    """The loader calls that some run reached."""
    return {place_of(each) for run in runs for each in run["loads"]}


def held(runs: list[Shown]) -> dict[Place, list[Load]]:
    """What runs showed of each loaded module below the LightningModule."""
    found: dict[Place, list[Load]] = {}
    for shown in runs:
        for load in shown["loads"]:
            if load["path"] is not None:
                found.setdefault(place_of(load), []).append(load)
    return found


def test_every_fixture_has_a_record() -> None:
    assert len(RUN) > 350
    assert all(RECORDS.values())


def test_a_project_that_can_not_run_says_why() -> None:
    reasons = {each.name: RECORDS[name_of(each)].get("not_run") for each in PROJECTS}
    assert {name: reason for name, reason in reasons.items() if reason} == {
        # Packages that nobody has installed.
        "followed_package": "app/ranker.py: ModuleNotFoundError: No module named 'company'",
        "followed_package_trained": "app/ranker.py: ModuleNotFoundError: No module named 'company'",
        "hydra_broken_yaml": "train.py: SystemExit: 1",
        "hydra_unseen_target": "train.py: SystemExit: 1",
        "neighbour_that_is_no_python": "lit.py: SyntaxError: invalid syntax (broken.py, line 2)",
    }


def test_the_three_versions_were_recorded() -> None:
    for fixture in RUN:
        entries = RECORDS[name_of(fixture)]["lightning"]
        versions = {version for entry in entries for version in entry["versions"]}
        assert versions >= {OLD, NEW, NEWEST}, name_of(fixture)


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
@pytest.mark.parametrize("fixture", RUN, ids=name_of)
def test_no_verdict_contradicts_the_run(fixture: Path, version: str) -> None:
    judged = verdicts(fixture)
    for place, loads in held(runs_of(RECORDS[name_of(fixture)], version)).items():
        for load in loads:
            known = judged.get(place)
            if known is None and place in held_elsewhere(fixture):
                continue
            if known is None:
                # An adapter has no verdict of its own: its base has.
                assert load["first"] == "train" or load["parameters"] == "none", load
                continue
            assert any(agrees(loaded, load) for loaded in known), (known, load)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fixture", RUN, ids=name_of)
def test_what_is_reported_trains_in_eval_mode(fixture: Path, version: str) -> None:
    runs = runs_of(RECORDS[name_of(fixture)], version)
    shown = held(runs)
    for place, known in verdicts(fixture).items():
        if place in made(runs) and any(loaded.reported for loaded in known):
            sick = [load for load in shown.get(place, []) if load["first"] != "train"]
            assert sick, place
            assert any(load["parameters"] != "none" for load in sick)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("fixture", RUN, ids=name_of)
def test_what_trains_in_eval_mode_is_reported_or_said_to_be_meant(
    fixture: Path, version: str
) -> None:
    judged = verdicts(fixture)
    for place, loads in held(runs_of(RECORDS[name_of(fixture)], version)).items():
        trained_in_eval = [
            load for load in loads if load["first"] != "train" and load["parameters"] != "none"
        ]
        if trained_in_eval and place not in held_elsewhere(fixture):
            reasons = {loaded.reason for loaded in judged[place]}
            assert reasons - {Reason.TRAIN, Reason.UNKNOWN}, place


def modes_by_program(runs: list[Shown], place: Place) -> list[set[str]]:
    """The modes in which each program of a project trains what one loader call made."""
    found: dict[object, set[str]] = {}
    for shown in runs:
        for load in shown["loads"]:
            if load["path"] is not None and place_of(load) == place:
                for when in shown["when"]:
                    found.setdefault(when["program"], set()).add(load["first"])
    return list(found.values())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("project", [each for each in RUN if each.is_dir()], ids=name_of)
def test_what_a_project_is_expected_to_show_is_what_it_does(project: Path, version: str) -> None:
    """No finding is expected at a loader call that no run reached: the record would say nothing."""
    runs = runs_of(RECORDS[name_of(project)], version)
    expected = json.loads((project / "expected.json").read_text(encoding="utf-8"))
    for path, findings in expected.items():
        for finding in findings:
            code, position, *_ = finding.split()
            line, column = map(int, position.split(":"))
            modes = modes_by_program(runs, (path, line, column - 1, ""))
            if code == "HFM001":
                assert any("train" not in each for each in modes), finding
            elif code == "HFM002":
                assert any(each - {"train"} for each in modes), finding
            else:
                assert code == "HFM006"
                left = {load["second"] for loads in held(runs).values() for load in loads}
                assert "eval" in left, finding
