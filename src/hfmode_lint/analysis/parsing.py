"""From text to a syntax tree with positions, or to one clear reason why not."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.findings import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from libcst.metadata import CodeRange

# The native parser of libcst 1.9 kills the process at 10,000 nested unary operators and at 3,000
# nested parentheses, and its Python half overflows the stack from some 200 levels on.
# The deepest file of the standard library has 70.
_MAX_DEPTH = 180


@dataclass(frozen=True)
class ParsedFile:
    """A syntax tree and the place of each of its nodes."""

    tree: cst.Module

    @cached_property
    def _ranges(self) -> Mapping[cst.CSTNode, CodeRange]:
        # Computed for a file that has something to report alone: the places take twice as long
        # as the tree, and five times its memory.
        # The tree comes fresh from the parser, so no node stands in it twice, and nobody else
        # has it: the copy that the wrapper makes otherwise would only cost time.
        wrapper = MetadataWrapper(self.tree, unsafe_skip_copy=True)
        return wrapper.resolve(PositionProvider)

    def span(self, node: cst.CSTNode) -> tuple[Position, Position]:
        """Where a node of the tree starts and ends."""
        where = self._ranges[node]
        return (
            Position(where.start.line, where.start.column),
            Position(where.end.line, where.end.column),
        )

    def text(self, node: cst.CSTNode) -> str:
        """The source of a node on one line."""
        return " ".join(self.tree.code_for_node(node).split())


def parse(text: str) -> ParsedFile:
    """Parse a source text.

    :raises SourceError: where it is no Python that the running interpreter accepts, or is
        nested deeper than can be analysed safely.
    """
    _check(text)
    try:
        return ParsedFile(cst.parse_module(text))
    except cst.ParserSyntaxError as error:
        raise SourceError(error.message, error.raw_line, max(error.raw_column, 0)) from None
    except RecursionError:
        raise SourceError("nested too deeply") from None


def _check(text: str) -> None:
    """Let Python's own parser refuse what it can: it is quicker, and can't be crashed by depth."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        column = max((error.offset or 1) - 1, 0)
        raise SourceError(error.msg, max(error.lineno or 1, 1), column) from None
    except (RecursionError, MemoryError):
        raise SourceError("nested too deeply") from None
    except ValueError as error:
        raise SourceError(str(error)) from None
    if _deeper_than(tree, _MAX_DEPTH):
        raise SourceError("nested too deeply")


def _deeper_than(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True
