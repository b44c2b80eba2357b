"""What the formats share: safe text, colours, and where a rule is documented."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DOCUMENTATION = "https://hfmode-lint.github.io/hfmode-lint"

# What could move the cursor, start an escape sequence, or reorder what stands beside it.
_UNSAFE = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_CODES = {"bold": "1", "red": "1;31", "cyan": "36", "green": "32"}


def rule_url(code: str) -> str:
    """Where a rule is documented on the web."""
    return f"{_DOCUMENTATION}/rules/{code.lower()}.html"


def printable(text: str) -> str:
    """Text on one line that no terminal can take for anything but text."""
    return _UNSAFE.sub(_escaped, text)


def width(text: str) -> int:
    """How many cells of a terminal a printable text takes."""
    return sum(map(_cells, text))


def _escaped(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@dataclass(frozen=True, slots=True)
class Style:
    """Colours, or none where ``enabled`` is false."""

    enabled: bool = False

    def __call__(self, text: str, name: str) -> str:
        """The text in one of the colours."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.enabled and text else text
