"""Between the positions of the editor and ours.

Both end a line at LF, CRLF or a lone CR. Ours count lines from 1, columns in code points, and no
BOM; the editor's count lines from 0, and columns in the units of an encoding.
"""

from __future__ import annotations

from lsprotocol import types

from hfmode_lint.findings import Position
from hfmode_lint.source import split_lines
from hfmode_lint.syntax import BOM

# By the name of the encoding: Python's name for it, and the bytes of a unit.
_UNITS = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


class Lines:
    """The lines of one text, in which positions are translated."""

    def __init__(self, text: str, encoding: types.PositionEncodingKind | str) -> None:
        """Take a text.

        :param encoding: the one in whose units the editor counts.
        """
        self._lines = split_lines(text)
        self._bom = len(BOM) if text.startswith(BOM) else 0
        self._codec, self._width = _UNITS[types.PositionEncodingKind(encoding)]

    def to_client(self, position: Position) -> types.Position:
        """The editor's position for one of ours; what is behind the text is its last line."""
        line = min(position.line, len(self._lines)) - 1
        before = self._lines[line][: position.column + self._shift(line)]
        units = len(before.encode(self._codec, "surrogatepass")) // self._width
        return types.Position(line, units)

    def from_client(self, position: types.Position) -> Position:
        """Our position for one of the editor's; what is behind a line or the text is its end."""
        line = min(position.line, len(self._lines) - 1)
        data = self._lines[line].encode(self._codec, "surrogatepass")
        before = data[: position.character * self._width].decode(self._codec, "ignore")
        return Position(line + 1, max(len(before) - self._shift(line), 0))

    def range(self, start: Position, end: Position) -> types.Range:
        """The editor's range between two of our positions."""
        return types.Range(self.to_client(start), self.to_client(end))

    def line(self, number: int) -> str:
        """A line, counted from 1, without its end."""
        return self._lines[number - 1][self._shift(number - 1) :]

    def _shift(self, line: int) -> int:
        """How many characters of a line, counted from 0, have no column of ours."""
        return self._bom if line == 0 else 0
