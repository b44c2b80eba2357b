"""Nothing is reported where what is loaded in eval mode is not trained, for whatever reason."""

from __future__ import annotations

import pytest

from hfmode_lint import check_source
from tests.analysis.ways_not_to_train import BY_OPTIONS, IN_GROUPS_BY_OPTION, TRAINED, WAYS


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_nothing_is_reported(program: str) -> None:
    assert check_source(program) == []


@pytest.mark.parametrize("program", TRAINED.values(), ids=TRAINED)
def test_what_is_like_it_and_trains_is_reported(program: str) -> None:
    assert [each.code for each in check_source(program)] == ["HFM001"]


@pytest.mark.parametrize("program", BY_OPTIONS.values(), ids=BY_OPTIONS)
def test_what_an_option_freezes_is_trained_on_some_paths(program: str) -> None:
    assert [each.code for each in check_source(program)] == ["HFM002"]


def test_groups_of_which_one_takes_what_the_other_leaves() -> None:
    assert [each.code for each in check_source(IN_GROUPS_BY_OPTION)] == ["HFM001"]
