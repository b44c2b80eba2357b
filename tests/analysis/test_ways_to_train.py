"""Nothing is reported where a program sets train mode, in whatever way."""

from __future__ import annotations

import pytest

from hfmode_lint import check_source
from tests.analysis.ways_to_train import WAYS


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_nothing_is_reported(program: str) -> None:
    assert check_source(program) == []


def test_without_it_something_is() -> None:
    program = WAYS["a comprehension"].replace("each.train()", "print(each)")
    assert [each.code for each in check_source(program)] == ["HFM001"]


PARTLY_FROZEN = {
    "the parameters of some part": (
        "for parameter in getattr(self, part).parameters():\n"
        "                parameter.requires_grad = False"
    ),
    "some part": "getattr(self, part).requires_grad_(False)",
}


@pytest.mark.parametrize("frozen", PARTLY_FROZEN.values(), ids=PARTLY_FROZEN)
def test_what_may_be_frozen_is_not_reported(frozen: str) -> None:
    program = WAYS["attributes by names that are not known"]
    assert check_source(program.replace("getattr(self, part).train()", frozen)) == []
