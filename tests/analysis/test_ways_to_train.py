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
