"""Poetry's version constraints, in the terms of PEP 440."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OR = re.compile(r"\s*\|\|?\s*")
_PART = re.compile(r"(?P<operator>\^|~=|~|===?|!=|<=|>=|<|>|=)?\s*(?P<version>[^\s,^~=!<>]+)")
_RELEASE = re.compile(r"\d+(?:\.\d+)*")


def alternatives(constraint: str) -> Iterator[str]:
    """The specifier sets one of which has to fit; what is wrong stays wrong in them."""
    for alternative in _OR.split(constraint):
        yield ",".join(filter(None, map(_specifier, _PART.finditer(alternative))))


def _specifier(part: re.Match[str]) -> str:
    operator, version = part["operator"] or "==", part["version"]
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_bumped(version, _caret_place)}"
    if operator == "~":
        return f">={version},<{_bumped(version, _tilde_place)}"
    return f"{'==' if operator == '=' else operator}{version}"


def _bumped(version: str, place_in: Callable[[list[int]], int]) -> str:
    """The first version that is no longer compatible: one of the numbers is higher."""
    release = _RELEASE.match(version)
    if release is None:
        return version
    numbers = [int(number) for number in release[0].split(".")]
    place = place_in(numbers)
    return ".".join(map(str, (*numbers[:place], numbers[place] + 1)))


def _caret_place(numbers: list[int]) -> int:
    """The first number that is not zero may not change."""
    last = len(numbers) - 1
    return next((place for place, number in enumerate(numbers) if number), last)


def _tilde_place(numbers: list[int]) -> int:
    """The second number may not change, or the only one."""
    return min(1, len(numbers) - 1)
