"""Each invariant is broken on purpose, and says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hfmode_lint import Edit, Finding, FixResult, Position, fix_source
from tests.fuzzing import invariants
from tests.fuzzing.invariants import BrokenError, Case, check
from tests.programs import BUGGY, FIXED, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import Callable

    Results = FixResult[Any]


def test_what_holds() -> None:
    for source in (BUGGY, BUGGY.encode(), "\ufeff" + BUGGY, BUGGY.replace("\n", "\r\n")):
        assert check(Case(source, "unsafe")).fixes == 2
    assert check(Case(NOTEBOOK, filename="a.ipynb")).fixes == 1
    assert not check(Case("def (:\n")).parsed


def test_a_round_whose_places_are_not_there_yet() -> None:
    """The assertion goes behind the last line, which `.train()` made longer in the round before."""
    source = """\
import lightning as L
from transformers import AutoModel

class Task(L.LightningModule):
    def __init__(self):
        self.part = AutoModel.from_pretrained("a").part"""
    assert check(Case(source, "unsafe")).fixes == 2


def test_cells_that_nobody_asks_for_any_more() -> None:
    """Without its one unused comment the notebook has no place for a finding."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": source}
        for source in ("x = 1  # noqa: HFM001", "x = (")
    ]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    outcome = check(Case(notebook, "all", "a.ipynb"))
    assert outcome.codes == ("HFM010", "HFM000")


def with_source(result: Results, old: str, new: str) -> Results:
    return replace(result, source=result.source.replace(old, new))


def moved(finding: Finding) -> Finding:
    return replace(finding, end=Position(99, 0))


def as_another_program(result: Results) -> Results:
    """A result that was made by an edit that does something else."""
    content = ".train(); exit()"
    (finding,) = result.applied
    fix = finding.fix
    assert fix is not None
    edits = tuple(Edit(each.start, each.end, content) for each in fix.edits)
    applied = (replace(finding, fix=replace(fix, edits=edits)),)
    return FixResult(result.source.replace(".train()", content), applied, result.remaining)


# What is wrong with the result of a fix, and how it is called.
WRONG: dict[str, tuple[Callable[[Results], Results], str]] = {
    "another character": (lambda r: with_source(r, "class", "class "), "not the old one"),
    "no edits": (lambda r: replace(r, applied=()), "changed without a fix"),
    "another program": (as_another_program, "another program"),
    "a position": (
        lambda r: replace(r, remaining=(*r.remaining, moved(r.applied[0]))),
        "is not in the file|then found",
    ),
    "left over": (lambda r: replace(r, remaining=r.applied), "then found"),
}


@pytest.mark.parametrize(("spoil", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_fix(
    spoil: Callable[[Results], Results], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(source: str, *arguments: Any) -> Results:  # noqa: ANN401 - passed on
        result = fix_source(source, *arguments)
        return spoil(result) if result.applied else result

    monkeypatch.setattr(invariants, "fix_source", wrong)
    with pytest.raises(BrokenError, match=told):
        check(Case(BUGGY))


def test_a_fix_that_is_made_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(source: str, *arguments: Any) -> Results:  # noqa: ANN401 - passed on
        return fix_source(source.replace(".train()", ""), *arguments)

    monkeypatch.setattr(invariants, "fix_source", again)
    with pytest.raises(BrokenError, match="fixed twice"):
        check(Case(BUGGY))


def test_a_place_outside_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Finding("HFM001", "a message", Position(1, 5), Position(1, 5))
    unchanged = FixResult("x\n", (), (found,))
    monkeypatch.setattr(invariants, "fix_source", lambda *_: unchanged)
    with pytest.raises(BrokenError, match="not in the file"):
        check(Case("x\n"))


def test_flake8_says_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariants, "_shown_by_flake8", lambda *_: [])
    assert check(Case(FIXED)).codes == ()
    with pytest.raises(BrokenError, match="flake8 shows"):
        check(Case(BUGGY))


def test_a_check_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(invariants, "fix_source", stuck)
    monkeypatch.setattr(invariants, "SECONDS", 0.1)
    with pytest.raises(BrokenError, match="no end"):
        check(Case(BUGGY))
