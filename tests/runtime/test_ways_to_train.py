"""The programs of which nothing is reported train in train mode."""

from __future__ import annotations

import pytest

from tests.analysis.ways_to_train import WAYS
from tests.runtime.recorder import record


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_the_runtime_says_so(program: str) -> None:
    loads = [load for run in record(program, "program.py") for load in run.loads]
    assert {load.first for load in loads if load.path is not None} == {"train"}
