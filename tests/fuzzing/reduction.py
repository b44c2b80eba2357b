"""A failing source made small: lines are left out as long as it still fails in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzzing.invariants import Case

# Checks that are spent on one case.
_MOST = 1_500


def reduced(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest case that was found by leaving out lines.

    :param fails: whether a case fails in the way that counts.
    """
    lines = case.source.splitlines(keepends=True)
    left = _MOST
    size = max(len(lines) // 2, 1)
    while left > 0:
        start = 0
        before = len(lines)
        while start < len(lines) and left > 0:
            fewer = [*lines[:start], *lines[start + size :]]
            left -= 1
            if fails(_with(case, fewer)):
                lines = fewer
            else:
                start += size
        if size == 1 and len(lines) == before:
            break
        size = max(size // 2, 1)
    return _with(case, lines)


def _with(case: Case, lines: list[str] | list[bytes]) -> Case:
    empty = case.source[:0]
    return replace(case, source=empty.join(lines))  # type: ignore[arg-type]  # of its own type
