"""What can be wrong with a source."""

from __future__ import annotations


class SourceError(Exception):
    """The source can't be analysed; ``reason`` is one line for the user.

    ``line`` counts from 1 and ``column`` (code points) from 0.
    """

    def __init__(self, reason: str, line: int = 1, column: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column
