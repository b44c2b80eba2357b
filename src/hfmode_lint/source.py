"""Between the bytes of a file and its text: encodings, lines, positions.

Nothing here translates line ends, so that a text goes back to the bytes it came from.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from hfmode_lint.findings import Position
from hfmode_lint.syntax import BOM

if TYPE_CHECKING:
    from collections.abc import Iterator

# Python's tokenizer ends a line here and nowhere else: str.splitlines would also break it at
# form feeds, vertical tabs and the Unicode separators.
_LINE_END = re.compile(r"\r\n|\r|\n")
_FIRST_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?[^\r\n]*(?:\r\n|\r|\n)?")


class UndecodableError(Exception):
    """The bytes are no text in their declared encoding; ``reason`` is one line for the user.

    ``position`` is the place of the first byte that can't be read.
    """

    def __init__(self, reason: str, position: Position) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def split_lines(text: str) -> list[str]:
    """The lines of a text without their ends; the last one is empty after a final line end."""
    return _LINE_END.split(text)


class LineIndex:
    """Translates between positions and offsets in one text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._length = len(text)

    def offset(self, position: Position) -> int:
        """The offset of a position.

        :raises ValueError: where the text has no such position.
        """
        if not 1 <= position.line <= len(self._starts) or position.column < 0:
            raise ValueError(f"no such position: {position}")
        offset = self._starts[position.line - 1] + position.column
        if offset > self._length:
            raise ValueError(f"no such position: {position}")
        return offset

    def position(self, offset: int) -> Position:
        """The position of an offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1])


def decode(data: bytes) -> tuple[str, str]:
    """Read a source file as Python does (PEP 263): BOM, cookie, or UTF-8.

    :returns: the text without a BOM, and the encoding that :func:`encode` needs.
    :raises UndecodableError: where the encoding is unknown, the bytes don't follow it, or a second
        BOM stands in them.
    """
    encoding = _declared_encoding(data)
    try:
        text = _decode_as(data, encoding)
    except UnicodeDecodeError as error:
        reason = f"not valid {_readable(encoding)}: {error.reason}"
        raise UndecodableError(reason, _place(data, error.start)) from None
    except (LookupError, ValueError):
        raise UndecodableError(f"can't be read as {encoding}", Position(1, 0)) from None
    if text.startswith(BOM):
        # Behind the one that says the encoding it is a character that Python refuses.
        raise UndecodableError("invalid non-printable character U+FEFF", Position(1, 0))
    return text, encoding


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text, in the encoding that :func:`decode` returned.

    :raises UnicodeEncodeError: where the encoding lacks one of the characters.
    """
    return text.encode(encoding)


def _decode_as(data: bytes, encoding: str) -> str:
    with warnings.catch_warnings():
        # Some codecs warn about what they decode; it is not the user's concern.
        warnings.simplefilter("ignore")
        return data.decode(encoding)


def _declared_encoding(data: bytes) -> str:
    match = _FIRST_LINES.match(data)
    head = match.group() if match else b""
    if b"coding" not in head:
        return "utf-8-sig" if head.startswith(BOM_UTF8) else "utf-8"
    # Most files have no cookie and need not pay for this import.
    from tokenize import detect_encoding

    lines = _head_lines(head)
    try:
        return detect_encoding(lambda: next(lines, b""))[0]
    except SyntaxError as error:
        raise UndecodableError(str(error.msg), Position(1, 0)) from None


def _head_lines(head: bytes) -> Iterator[bytes]:
    # detect_encoding expects each line to end with LF, and would take a file with lone CRs for
    # a single line.
    return iter(re.findall(rb"[^\n]*\n|[^\n]+", re.sub(rb"\r\n?", b"\n", head)))


def _readable(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8"}.get(encoding, encoding)


def _place(data: bytes, offset: int) -> Position:
    before = re.split(rb"\r\n|\r|\n", data[:offset])
    return Position(len(before), len(before[-1].decode("utf-8", "replace")))
