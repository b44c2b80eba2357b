"""Where the nodes of a tree stand in its text, worked out for what is asked about alone.

libcst tells the places of all nodes at once, which takes longer than to parse the text. Here one
top-level statement is taken at a time: Python's own parser knows its first line.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import CodePosition, CodeRange, MetadataWrapper, PositionProvider

from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class _Wrapper(MetadataWrapper):
    """A wrapper for the one provider that is asked for here, which needs no visitor."""

    def visit_batched(self, *_: object, **__: object) -> cst.CSTNode:
        # It is called with no visitors at all, and would walk through the whole tree for them.
        return self.module


class Ranges:
    """The places of the nodes of one tree, which nobody else changes."""

    def __init__(self, tree: cst.Module, text: str, first_lines: Sequence[int]) -> None:
        """Take a tree.

        :param text: what it was parsed from.
        :param first_lines: those of the statements at the top level, as Python's parser has them.
        """
        self._tree = tree
        self._text = text
        self._first_lines = first_lines
        # By the number of a statement: how many lines stand above it, and the places below them.
        self._known: dict[int, tuple[int, Mapping[cst.CSTNode, CodeRange]]] = {}

    def of(self, node: cst.CSTNode) -> CodeRange:
        """Where a node starts and ends, which is no space and no comment."""
        for lines, ranges in self._known.values():
            if node in ranges:
                return _moved(ranges[node], lines)
        for number, statement in enumerate(self._tree.body):
            if number not in self._known and any(each is node for each in nodes_in(statement)):
                lines, ranges = self._known[number] = self._in_statement(number)
                return _moved(ranges[node], lines)
        return self._in_tree[node]

    @cached_property
    def _in_tree(self) -> Mapping[cst.CSTNode, CodeRange]:
        return _resolved(self._tree)

    def _in_statement(self, number: int) -> tuple[int, Mapping[cst.CSTNode, CodeRange]]:
        """The places of its nodes; those of the whole tree where its first line is not sure."""
        statement = self._tree.body[number]
        alone = self._tree.with_changes(header=(), body=[statement], footer=())
        before = self._starts[number] - 1 - len(statement.leading_lines)
        code = _lines(alone.code)
        is_sure = code == self._lines[before : before + len(code)]
        return (before, _resolved(alone)) if is_sure else (0, self._in_tree)

    @cached_property
    def _lines(self) -> list[str]:
        return _lines(self._text)

    @cached_property
    def _starts(self) -> list[int]:
        """The first line of each statement of the tree, which may be several to Python's parser."""
        starts: list[int] = []
        position = 0
        for statement in self._tree.body:
            starts.append(self._first_lines[position])
            if isinstance(statement, cst.SimpleStatementLine):
                position += len(statement.body)
            else:
                position += 1
        return starts


def _lines(text: str) -> list[str]:
    lines = [each.rstrip("\r\n") for each in split_lines(text)]
    # A text may end with its last line or behind it.
    return lines[:-1] if lines and not lines[-1] else lines


def _resolved(tree: cst.Module) -> Mapping[cst.CSTNode, CodeRange]:
    # The tree comes fresh from the parser, so no node stands in it twice, and nobody else
    # has it: the copy that the wrapper makes otherwise would only cost time.
    return _Wrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)


def _moved(where: CodeRange, lines: int) -> CodeRange:
    return CodeRange(_below(where.start, lines), _below(where.end, lines))


def _below(position: CodePosition, lines: int) -> CodePosition:
    return CodePosition(position.line + lines, position.column)
