"""The records beside the fixtures are still true for the Lightning that is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest

from hfmode_lint import Options, check_source, fix_source
from tests.runtime.loops import record_loop
from tests.runtime.record import (
    fixtures,
    has_loop,
    is_transformers_4,
    known_runs,
    observe,
    observe_loop,
    record_path,
)

LIGHTNING = version("lightning")
PROGRAMS = [fixture for fixture in fixtures() if not has_loop(fixture)]
LOOPS = [fixture for fixture in fixtures() if has_loop(fixture)]


@pytest.mark.parametrize("fixture", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_record_is_still_true(fixture: Any) -> None:
    expected = known_runs(json.loads(record_path(fixture).read_text(encoding="utf-8")), LIGHTNING)
    if expected is None:
        pytest.skip(f"not recorded with Lightning {LIGHTNING}")
    shown = observe(fixture)
    if isinstance(expected, str) and is_transformers_4():
        pytest.skip("it can't run with the newest libraries")
    # A reason that names a library or a place differs with what is installed.
    assert isinstance(shown, str) if isinstance(expected, str) else shown == expected


@pytest.mark.parametrize("program", LOOPS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_record_of_a_loop_is_still_true(program: Any) -> None:
    expected = json.loads(record_path(program).read_text(encoding="utf-8"))
    assert observe_loop(program)["loop"] == expected["loop"]


@pytest.mark.parametrize("program", LOOPS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_fixed_loop_trains_in_train_mode(program: Any) -> None:
    source = program.read_text(encoding="utf-8")
    options = Options(select=(program.parent.name.upper(),), unsafe_fixes=True)
    places = {(each.start.line, each.start.column) for each in check_source(source, "", options)}
    if not places:
        pytest.skip("nothing is reported")
    fixed = fix_source(source, "", options)
    assert fixed.remaining == ()
    # A fix adds nothing before the loader on its line, so the places stay.
    for run in record_loop(fixed.source, str(program)):
        loads = [each for each in run.loads if (each.line, each.column) in places]
        assert {each.mode for each in loads if each.trained != "none"} == {"train"}
