"""From text to a syntax tree with positions, or to one clear reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.leading_joins import without_leading_joins
from hfmode_lint.analysis.ranges import Ranges
from hfmode_lint.analysis.symbols import symbols_of
from hfmode_lint.findings import Position
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import CodePosition

    from hfmode_lint.analysis.symbols import Symbols

# The place that libcst gives beside its message is a line too far, or the last line (1.5 to 1.9).
_WHERE = re.compile(r"error at (\d+):(\d+): ")


@dataclass(frozen=True, eq=False, repr=False)
class ParsedFile:
    """A syntax tree, the place of each of its nodes, and the symbols of the file.

    ``source`` is what the tree was made of; ``shifts`` says how far columns of which lines lie
    behind those of the file.
    """

    tree: cst.Module
    symbols: Symbols
    source: str
    shifts: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def _ranges(self) -> Ranges:
        return Ranges(self.tree, self.source, self.symbols.first_lines)

    def span(self, node: cst.CSTNode) -> tuple[Position, Position]:
        """Where a node of the tree starts and ends."""
        where = self._ranges.of(node)
        return self._place(where.start), self._place(where.end)

    def _place(self, found: CodePosition) -> Position:
        return Position(found.line, found.column - self.shifts.get(found.line, 0))

    def text(self, node: cst.CSTNode) -> str:
        """The source of a node on one line."""
        return " ".join(self.tree.code_for_node(node).split())


def parse(text: str, symbols: Symbols | None = None) -> ParsedFile:
    """Parse a source text.

    :param symbols: what :func:`hfmode_lint.analysis.symbols.symbols_of` found in it.
    :raises SourceError: where it is no Python that the running interpreter accepts, or is
        nested deeper than can be analysed safely.
    """
    symbols = symbols or symbols_of(text)
    joined, shifts = without_leading_joins(text)
    try:
        return ParsedFile(cst.parse_module(joined), symbols, joined, shifts)
    except cst.ParserSyntaxError as error:
        raise _refusal(error, joined, shifts) from None
    except RecursionError:
        raise SourceError("nested too deeply") from None


def _refusal(error: cst.ParserSyntaxError, source: str, shifts: Mapping[int, int]) -> SourceError:
    """What libcst has against a source, at the end of what it does not expect."""
    found = _WHERE.search(error.message)
    if found is None:
        return SourceError(error.message)
    # What it names is where the next token begins.
    line, column = map(int, found.groups())
    before = split_lines(source)[:line]
    before[line - 1 :] = [each[:column] for each in before[line - 1 :]]
    while len(before) > 1 and not before[-1].strip():
        before.pop()
    column = max(len(before[-1].rstrip()) - 1, 0)
    line = len(before)
    return SourceError(error.message.replace(found[0], ""), line, column - shifts.get(line, 0))
