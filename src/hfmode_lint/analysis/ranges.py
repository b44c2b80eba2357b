"""Where the nodes of a tree stand in its text, worked out for what is asked about alone.

libcst tells the places of all nodes at once, which takes longer than to parse the text. Here one
part is taken at a time: a statement of the top level, of a class or of a function, or the head of a
class or a function. Python's own parser knows the first line of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

import libcst as cst
from libcst.metadata import CodePosition, CodeRange, MetadataWrapper, PositionProvider

from hfmode_lint import syntax
from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_Statement = TypeVar("_Statement", bound=cst.BaseStatement)
_Other = TypeVar("_Other")

_DEFINITIONS = (cst.ClassDef, cst.FunctionDef)
_PASS = cst.SimpleStatementLine([cst.Pass()])


class _Wrapper(MetadataWrapper):
    """A wrapper for the one provider that is asked for here, which needs no visitor."""

    def visit_batched(self, *_: object, **__: object) -> cst.CSTNode:
        # It is called with no visitors at all, and would walk through the whole tree for them.
        return self.module


@dataclass(frozen=True, eq=False)
class _Part:
    """A statement, or its head with a body that is not the file's.

    :param first_line: of the statement in the file, from 1.
    :param blocks: those that it stands in, from the outside to the inside.
    """

    statement: cst.BaseCompoundStatement | cst.SimpleStatementLine
    first_line: int
    blocks: tuple[cst.IndentedBlock, ...] = ()
    is_head: bool = False

    @property
    def lines_above(self) -> int:
        """How many lines of the file stand above it and its comments."""
        return self.first_line - 1 - len(self.statement.leading_lines)

    def alone(self, tree: cst.Module) -> cst.Module:
        """A program of this part alone, indented as it is in the tree: each block takes a line."""
        body: cst.BaseCompoundStatement | cst.SimpleStatementLine = self.statement
        for block in reversed(self.blocks):
            within = cst.IndentedBlock(body=[body], indent=block.indent)
            body = cst.If(test=cst.Name("_"), body=within)
        return tree.with_changes(header=(), body=[body], footer=())


@dataclass(frozen=True)
class _Known:
    """The places of the nodes of a part, and how many lines stand above them in the file."""

    lines: int
    places: Mapping[cst.CSTNode, CodeRange]

    def of(self, node: cst.CSTNode) -> CodeRange:
        """Where a node of the part starts and ends in the file."""
        where = self.places[node]
        return CodeRange(*(_below(each, self.lines) for each in (where.start, where.end)))


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
        # By the identity of a node, as to hash one takes longer: the smallest part that holds it.
        self._parts: dict[int, _Part] = {}
        self._looked_at = 0
        self._known: dict[_Part, _Known | None] = {}

    def of(self, node: cst.CSTNode) -> CodeRange:
        """Where a node starts and ends, which is no space and no comment."""
        part = self._part_of(node)
        known = self._known_of(part) if part is not None else None
        if part is None or known is None:
            return self._in_tree[node]
        if part.is_head and isinstance(node, _DEFINITIONS):
            # What it ends with is no part of its head.
            return CodeRange(known.of(part.statement).start, self.of(node.body.body[-1]).end)
        return known.of(node)

    @cached_property
    def _in_tree(self) -> Mapping[cst.CSTNode, CodeRange]:
        return _resolved(self._tree)

    def _part_of(self, node: cst.CSTNode) -> _Part | None:
        while id(node) not in self._parts and self._looked_at < len(self._tree.body):
            self._take_parts(self._looked_at)
            self._looked_at += 1
        return self._parts.get(id(node))

    def _take_parts(self, number: int) -> None:
        """Take the parts of a statement at the top level."""
        statement = self._tree.body[number]
        start = self._starts[number]
        python = None
        if isinstance(statement, _DEFINITIONS):
            below = self._starts[number + 1 : number + 2]
            python = _definition(self._lines[start - 1 : below[0] - 1 if below else None])
        self._take(_Part(statement, start), python, start - 1)

    def _take(self, part: _Part, python: ast.stmt | None, above: int) -> None:
        """Take a statement, or the parts of a class or a function.

        :param python: the same one as Python's parser has it, if that is known.
        :param above: how many lines of the file stand above what Python's parser had.
        """
        statement = part.statement
        if (
            isinstance(statement, _DEFINITIONS)
            and isinstance(statement.body, cst.IndentedBlock)
            and isinstance(python, syntax.DEFINITIONS)
        ):
            self._take_head(part, statement, statement.body)
            blocks = (*part.blocks, statement.body)
            for inner, other in _paired(statement.body.body, python.body):
                # These are all kinds of statements that libcst has.
                known = cast("cst.BaseCompoundStatement | cst.SimpleStatementLine", inner)
                start = above + syntax.first_line(other)
                self._take(_Part(known, start, blocks), other, above)
        else:
            self._take_nodes(part, nodes_in(statement))

    def _take_head(
        self, part: _Part, statement: cst.ClassDef | cst.FunctionDef, body: cst.IndentedBlock
    ) -> None:
        short = body.with_changes(body=[_PASS], footer=())
        head = _Part(statement.with_changes(body=short), part.first_line, part.blocks, is_head=True)
        self._take_nodes(head, (statement, *nodes_in(head.statement)))

    def _take_nodes(self, part: _Part, nodes: Iterable[cst.CSTNode]) -> None:
        for node in nodes:
            self._parts[id(node)] = part

    def _known_of(self, part: _Part) -> _Known | None:
        if part not in self._known:
            self._known[part] = self._places_in(part)
        return self._known[part]

    def _places_in(self, part: _Part) -> _Known | None:
        """The places of its nodes; None where its first line is not sure."""
        alone = part.alone(self._tree)
        code = _lines(alone.code)[len(part.blocks) :]
        if part.is_head:
            code.pop()
        above = part.lines_above
        if code != self._lines[above : above + len(code)]:
            return None
        return _Known(above - len(part.blocks), _resolved(alone))

    @cached_property
    def _lines(self) -> list[str]:
        return _lines(self._text)

    @cached_property
    def _starts(self) -> list[int]:
        """The first line of each statement of the tree."""
        return [line for _, line in _paired(self._tree.body, self._first_lines)]


def _definition(lines: Sequence[str]) -> ast.stmt | None:
    """A class or function as Python's parser has it; None where the lines are something else."""
    try:
        body = syntax.tree("\n".join(lines)).body
    except syntax.REFUSALS:
        return None
    return body[0] if len(body) == 1 else None


def _paired(
    statements: Sequence[_Statement], others: Sequence[_Other]
) -> Iterator[tuple[_Statement, _Other]]:
    """Each statement with the first one of those that it is to Python's parser, if that has it."""
    position = 0
    for statement in statements:
        if position >= len(others):
            return
        yield statement, others[position]
        position += len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1


def _lines(text: str) -> list[str]:
    lines = [each.rstrip("\r\n") for each in split_lines(text)]
    # A text may end with its last line or behind it.
    return lines[:-1] if lines and not lines[-1] else lines


def _resolved(tree: cst.Module) -> Mapping[cst.CSTNode, CodeRange]:
    # The tree comes fresh from the parser, so no node stands in it twice, and nobody else
    # has it: the copy that the wrapper makes otherwise would only cost time.
    return _Wrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)


def _below(position: CodePosition, lines: int) -> CodePosition:
    return CodePosition(position.line + lines, position.column)
