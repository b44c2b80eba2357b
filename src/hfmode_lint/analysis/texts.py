"""Strings: those that are known, and those of which the beginning is."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.analysis.values import (
    TRUE,
    Arguments,
    Constant,
    ListValue,
    TextFrom,
    TextParts,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

_FALSE = Constant(value=False)
_VARYING = Unknown(varies=True)
# A regular expression for what begins with a word, or a path.
_WORD = re.compile(r"(\^?)((?:\w|\\?\.)*\w(?:\\\.)?)(?:\.[*+])?")


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
    given = arguments.all_values()
    asked = next((each for each in given if isinstance(each, Unknown) and not each.varies), None)
    if name == "startswith" and asked is not None:
        return _by_option(text, name, asked)
    known = [_plain(each) for each in given]
    method = _FROM.get(name)
    if method is None or arguments.keywords or None in known:
        return _VARYING
    with suppress(TypeError, ValueError):
        return method(text, *known)
    return _VARYING


def _by_option(text: TextFrom, operation: str, option: Unknown) -> Value:
    """What an option says of all names that begin like a text."""
    symbol = f"({text.start!r} {operation} {option.symbol})" if option.symbol else None
    return Unknown(symbol)


def _plain(value: Value) -> object:
    """A string, a number, or a tuple of them; None where it is not known."""
    if isinstance(value, ListValue) and value.complete:
        return tuple(map(_plain, value.items))
    return value.value if isinstance(value, Constant) else None


def _starts_with(text: TextFrom, given: str | tuple[str, ...]) -> Value:
    if text.start.startswith(given):
        return TRUE
    longer = given if isinstance(given, tuple) else (given,)
    return _VARYING if any(each.startswith(text.start) for each in longer) else _FALSE


def _split(text: TextFrom, separator: str, most: int = -1) -> Value:
    if _may_go_on(text, separator):
        return _VARYING
    return _parts(text, *text.start.split(separator, most))


def _may_go_on(text: TextFrom, part: str) -> bool:
    """Whether a part may begin in what is known of a text, and end behind it."""
    return any(text.start.endswith(part[:length]) for length in range(1, len(part)))


def _parts(text: TextFrom, *known: str) -> TextParts:
    return TextParts(varies=True, known=known, others=text.others)


def _split_once(text: TextFrom, separator: str) -> Value:
    parts = text.start.partition(separator)
    return _parts(text, *parts) if parts[1] else _VARYING


def _split_at_the_last(text: TextFrom, separator: str, most: int = 1) -> Value:
    # What stands before the last one begins with what stands before the last one that is known.
    before, known, _ = text.start.rpartition(separator)
    return _parts(text, before) if known and most == 1 else _VARYING


def _find(text: TextFrom, part: str) -> Value:
    return Constant(text.start.index(part))


def _replaced(text: TextFrom, old: str, new: str) -> Value:
    if _may_go_on(text, old):
        return _VARYING
    return replace(text, start=text.start.replace(old, new))


def _lower(text: TextFrom) -> Value:
    return replace(text, start=text.start.lower())


_FROM: Mapping[str, Callable[..., Value]] = {
    "find": _find,
    "index": _find,
    "lower": _lower,
    "partition": _split_once,
    "replace": _replaced,
    "rpartition": _split_at_the_last,
    "rsplit": _split_at_the_last,
    "split": _split,
    "startswith": _starts_with,
}


def contains(text: TextFrom | TextParts, part: Value) -> Value:
    """Whether a text has a part, or one of some parts is it."""
    if isinstance(part, Unknown) and not part.varies and isinstance(text, TextFrom):
        return _by_option(text, "in", part)
    wanted = _plain(part)
    if not isinstance(wanted, str):
        return _VARYING
    if wanted in (text.start if isinstance(text, TextFrom) else text.known[:-1]):
        return TRUE
    return _FALSE if any(wanted in each for each in text.others) else _VARYING


def equals(text: TextFrom, other: str) -> Value:
    """Whether a text is another one."""
    return _VARYING if other.startswith(text.start) else _FALSE


def matches(text: TextFrom, pattern: Value, *, at_the_start: bool) -> Value:
    """Whether a text matches a regular expression, which is looked at if it is a mere word."""
    if isinstance(pattern, Unknown):
        return _by_option(text, "matches", pattern)
    word = _WORD.fullmatch(str(_plain(pattern)))
    if word is None:
        return _VARYING
    literal = Constant(word[2].replace("\\", ""))
    if at_the_start or word[1]:
        return call_from(text, "startswith", Arguments([literal]))
    return contains(text, literal)


def joined(parts: Sequence[Value]) -> Value | None:
    """A text of some parts, of which those up to the first that goes on are known; None else."""
    start = ""
    for each in parts:
        if isinstance(each, TextFrom):
            return replace(each, start=start + each.start)
        text = _plain(each)
        if not isinstance(text, str):
            return None
        start += text
    return None


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
