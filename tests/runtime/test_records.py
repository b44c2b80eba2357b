"""The records beside the fixtures are still true for the Lightning that is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest

from tests.runtime.record import fixtures, is_transformers_4, known_runs, observe, record_path

LIGHTNING = version("lightning")


@pytest.mark.parametrize("fixture", fixtures(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_record_is_still_true(fixture: Any) -> None:
    expected = known_runs(json.loads(record_path(fixture).read_text(encoding="utf-8")), LIGHTNING)
    if expected is None:
        pytest.skip(f"not recorded with Lightning {LIGHTNING}")
    shown = observe(fixture)
    if isinstance(expected, str) and is_transformers_4():
        pytest.skip("it can't run with the newest libraries")
    # A reason that names a library or a place differs with what is installed.
    assert isinstance(shown, str) if isinstance(expected, str) else shown == expected
