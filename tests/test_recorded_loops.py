"""Every verdict on a training loop agrees with what the real libraries did with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypedDict, cast

import pytest

from hfmode_lint import Options, Verdict, check_source
from hfmode_lint.rules import RULES
from tests.test_fixtures import PROGRAMS, name_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from hfmode_lint import Finding

_BY_CHOICE = "the program itself says that eval mode is meant"
_HEAD = "the optimizer has a new head alone"
_ONE_STEP = "one step that is in no loop shows how training is done"
_CALLER = "whoever uses the class may set train mode before"
_LIGHTNING = "HFM001 tells of it"

# Programs that train something in eval mode, and rightly nothing is said of it by these rules.
SILENT_THOUGH_EVAL = {
    "hfm101/explicit_eval": _BY_CHOICE,
    "hfm101/head_collected_in_a_loop": _HEAD,
    "hfm101/lightning_module_in_a_loop": _LIGHTNING,
    "hfm101/optimizer_of_the_head": _HEAD,
    "hfm101/optimizer_of_the_head_by_name": _HEAD,
    "hfm101/replaced_train": _BY_CHOICE,
    "hfm101/single_step": _ONE_STEP,
    "hfm101/single_step_then_a_loop": _ONE_STEP,
    "hfm101/trainer_class_with_a_method_for_it": _CALLER,
}


class Looped(TypedDict):
    line: int
    column: int
    part: str
    mode: str
    trained: str


class Shown(TypedDict):
    when: dict[str, bool]
    loads: list[Looped]


def runs_of(program: Path) -> list[Shown]:
    record = program.with_name(program.stem + ".runtime.json").read_text(encoding="utf-8")
    return cast("list[Shown]", json.loads(record)["loop"])


LOOPS = [
    program
    for program in PROGRAMS
    if (rule := RULES.get(program.parent.name.upper())) is not None and rule.about_loops
]
ALL_LOOP_RULES = Options(select=tuple(code for code, rule in RULES.items() if rule.about_loops))


def found(program: Path) -> dict[tuple[int, int], Finding]:
    findings = check_source(read(program), program.name, ALL_LOOP_RULES)
    return {(each.start.line, each.start.column): each for each in findings}


def trained(program: Path) -> dict[tuple[int, int], set[str]]:
    """The modes in which each load was trained, over all runs."""
    modes: dict[tuple[int, int], set[str]] = {}
    for shown in runs_of(program):
        for load in shown["loads"]:
            if load["trained"] != "none":
                modes.setdefault((load["line"], load["column"]), set()).add(load["mode"])
    return modes


def test_each_kind_of_loop_has_its_programs() -> None:
    for code in ALL_LOOP_RULES.enabled_codes:
        programs = [each for each in LOOPS if each.parent.name == code.lower()]
        reported = [each for each in programs if found(each)]
        assert len(programs) >= 12
        assert 5 <= len(reported) <= len(programs) - 5


@pytest.mark.parametrize("program", LOOPS, ids=name_of)
def test_what_is_reported_is_trained_in_eval_mode(program: Path) -> None:
    modes = trained(program)
    for place, finding in found(program).items():
        if finding.verdict is Verdict.EVAL:
            assert modes[place] == {"eval"}
        else:
            assert finding.verdict is Verdict.EITHER
            assert modes[place] == {"eval", "train"}


@pytest.mark.parametrize("program", LOOPS, ids=name_of)
def test_what_is_trained_in_eval_mode_is_reported(program: Path) -> None:
    sick = {place for place, modes in trained(program).items() if modes != {"train"}}
    missed = sick - found(program).keys()
    assert bool(missed) == (name_of(program) in SILENT_THOUGH_EVAL)


@pytest.mark.parametrize("program", LOOPS, ids=name_of)
def test_the_code_is_that_of_the_folder(program: Path) -> None:
    assert {each.code for each in found(program).values()} <= {program.parent.name.upper()}


@pytest.mark.parametrize("program", LOOPS, ids=name_of)
def test_nothing_is_said_while_the_rules_are_off(program: Path) -> None:
    default = check_source(read(program), program.name)
    assert {each.code for each in default} <= {"HFM001"}
