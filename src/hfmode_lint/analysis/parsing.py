"""From text to a syntax tree with positions, or to one clear reason why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.leading_joins import without_leading_joins
from hfmode_lint.analysis.ranges import Ranges
from hfmode_lint.analysis.symbols import symbols_of
from hfmode_lint.findings import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import CodePosition

    from hfmode_lint.analysis.symbols import Symbols


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
    try:
        joined, shifts = without_leading_joins(text)
        return ParsedFile(cst.parse_module(joined), symbols, joined, shifts)
    except cst.ParserSyntaxError as error:
        raise SourceError(error.message, error.raw_line, max(error.raw_column, 0)) from None
    except RecursionError:
        raise SourceError("nested too deeply") from None
