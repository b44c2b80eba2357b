"""The records beside the fixtures are still true for the Lightning that is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import pytest

from tests.runtime.record import FIXTURES, observe, record_path

LIGHTNING = version("lightning")
PROGRAMS = sorted(FIXTURES.rglob("*.py"))


def known(record: dict[str, Any]) -> Any:
    """What the record says of the installed version, or why the program can't run."""
    entries = record.get("lightning", [])
    runs = [entry["runs"] for entry in entries if LIGHTNING in entry["versions"]]
    return runs[0] if runs else record.get("not_run")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_record_is_still_true(program: Any) -> None:
    expected = known(json.loads(record_path(program).read_text(encoding="utf-8")))
    if expected is None:
        pytest.skip(f"not recorded with Lightning {LIGHTNING}")
    shown = observe(program)
    # A reason that names a library or a place differs with what is installed.
    assert isinstance(shown, str) if isinstance(expected, str) else shown == expected
