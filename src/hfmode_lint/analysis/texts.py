"""Strings: those that are known, and those of which the beginning is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from hfmode_lint.analysis.values import (
    Arguments,
    Constant,
    ListValue,
    TextFrom,
    TextParts,
    Unknown,
    Value,
)

# Methods of strings that give strings, lists of them or truth values.
_METHODS = frozenset(
    {
        "endswith",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "startswith",
        "strip",
        "upper",
    }
)

# Those that change each letter by itself.
_BY_LETTER = frozenset({"lower", "upper"})
_VARYING = Unknown(varies=True)


def call(text: str, name: str, arguments: Arguments) -> Value:
    """What a method of a string gives, where all that it is given is known."""
    given = arguments.all_values()
    known = [each.value for each in given if isinstance(each, Constant)]
    if name in _METHODS and not arguments.keywords and len(known) == len(given):
        with suppress(TypeError, ValueError):
            return _as_value(getattr(text, name)(*known))
    return Unknown(varies=any(isinstance(each, Unknown) and each.varies for each in given))


def _as_value(result: object) -> Value:
    if isinstance(result, (list, tuple)):
        return ListValue([Constant(each) for each in result])
    return Constant(result)


# Texts that begin in a known way, and go on in one that differs between the elements of a loop.


def call_from(text: TextFrom, name: str, arguments: Arguments) -> Value:
    """What a method of a text gives of which the beginning is known."""
    given = [_plain(each) for each in arguments.positional]
    if arguments.keywords or None in given:
        return _VARYING
    if name == "startswith" and given:
        return _starts_with(text.start, given[0])
    if name == "split" and given:
        return _split(text.start, *given)
    if name in _BY_LETTER:
        return replace(text, start=getattr(text.start, name)())
    return _VARYING


def _split(start: str, separator: object, most: object = -1) -> Value:
    if isinstance(separator, str) and separator and isinstance(most, int):
        return TextParts(varies=True, known=tuple(start.split(separator, most)))
    return _VARYING


def _plain(value: Value) -> object:
    """A string, a number, or a tuple of them; None where it is not known."""
    if isinstance(value, ListValue) and value.complete:
        return tuple(map(_plain, value.items))
    return value.value if isinstance(value, Constant) else None


def _starts_with(start: str, given: object) -> Value:
    beginnings = given if isinstance(given, tuple) else (given,)
    texts = [each for each in beginnings if isinstance(each, str)]
    if len(texts) != len(beginnings):
        return _VARYING
    if any(start.startswith(each) for each in texts):
        return Constant(value=True)
    return _VARYING if any(each.startswith(start) for each in texts) else Constant(value=False)


def contains(text: TextFrom | TextParts, part: str) -> Value:
    """Whether a text has a part, or one of some parts is it."""
    known = text.start if isinstance(text, TextFrom) else text.known[:-1]
    if part in known:
        return Constant(value=True)
    is_another = isinstance(text, TextFrom) and any(part in each for each in text.others)
    return Constant(value=False) if is_another else _VARYING


def equals(text: TextFrom, other: str) -> Value:
    """Whether a text is another one."""
    return _VARYING if other.startswith(text.start) else Constant(value=False)


def part_at(parts: TextParts, place: object) -> Value:
    """The part at a place, from 0."""
    last = len(parts.known) - 1
    if isinstance(place, int) and 0 <= place < last:
        return Constant(parts.known[place])
    return TextFrom(varies=True, start=parts.known[last]) if place == last else _VARYING


def beginning(text: TextFrom, bounds: slice) -> Value:
    """A slice of a text."""
    end = bounds.stop
    is_known = isinstance(end, int) and 0 <= end <= len(text.start)
    if is_known and bounds.start in {None, 0} and bounds.step in {None, 1}:
        return Constant(text.start[:end])
    return _VARYING
