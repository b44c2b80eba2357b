"""For programs that read line by line: each finding of the JSON report on a line of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.output.as_json import dump, objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.output.common import Run


def render(run: Run) -> Iterator[str]:
    """One line of JSON a finding."""
    yield from map(dump, objects(run))
