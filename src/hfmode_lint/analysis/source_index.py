"""Where the statements of a file stand that bind and touch its globals."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.names import imports_of
from hfmode_lint.analysis.symbols import MODE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.analysis.inert import InertIf
    from hfmode_lint.analysis.traces import Traces
    from hfmode_lint.analysis.values import Value

_SPACES = (
    cst.BaseParenthesizableWhitespace,
    cst.Comment,
    cst.EmptyLine,
    cst.Newline,
    cst.TrailingWhitespace,
)
Binding = cst.BaseSmallStatement | cst.FunctionDef | cst.ClassDef


@dataclass(slots=True, repr=False)
class SourceIndex:
    """The nodes of a tree that are asked for by name.

    ``bindings`` has, for each global name, the statements that bind it, the likeliest last.
    ``classes`` and ``functions`` are those of the top level.
    ``touches`` has, for each global, what the top level does with it (fills it, calls its methods,
    decorates with it). ``tops`` has the top-level definition that each function stands in.
    ``uncalled`` are the statements that name ``x.train`` or ``x.eval`` and do not call it.
    ``asserting`` are the top-level classes and functions that assert a mode.
    ``inert``, ``brief``, ``traces`` and ``literals`` remember what depends on the text alone, for
    every path.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    classes: list[cst.ClassDef] = field(default_factory=list)
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    touches: dict[str, list[Binding]] = field(default_factory=dict)
    tops: dict[cst.CSTNode, str] = field(default_factory=dict)
    uncalled: list[cst.Attribute] = field(default_factory=list)
    asserting: set[cst.CSTNode] = field(default_factory=set)
    inert: dict[cst.If, InertIf | None] = field(default_factory=dict)
    brief: dict[tuple[cst.CSTNode, bool], bool] = field(default_factory=dict)
    traces: dict[cst.CSTNode, Traces] = field(default_factory=dict)
    literals: dict[cst.CSTNode, Value] = field(default_factory=dict)


def index_source(tree: cst.Module) -> SourceIndex:
    """Collect a file's definitions, and the statements about its globals."""
    collector = _Collector()
    collector.block(tree.body)
    return collector.finish()


def _root(node: cst.BaseExpression) -> str | None:
    """The name that ``name``, ``name.x`` and ``name(…).x`` begin with."""
    while isinstance(node, (cst.Attribute, cst.Call, cst.Subscript)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None


class _Collector:
    """One pass over the statements; expressions, which are most of a tree, are not entered."""

    def __init__(self) -> None:
        self.index = SourceIndex()
        self._certain: dict[str, list[Binding]] = {}
        self._branch: dict[str, list[Binding]] = {}
        self._fallback: dict[str, list[Binding]] = {}
        self._branches = 0
        self._handlers = 0
        # The top-level definition that the statement stands in.
        self._top: cst.ClassDef | cst.FunctionDef | None = None

    def finish(self) -> SourceIndex:
        """The index, with each name's bindings from the least to the most likely."""
        for name in {*self._certain, *self._branch, *self._fallback}:
            # The first branch is the usual case (``try: import x``), the last plain assignment
            # is what stays.
            branches = self._branch.get(name, [])[::-1]
            ordered = [*self._fallback.get(name, []), *branches, *self._certain.get(name, [])]
            self.index.bindings[name] = ordered
        return self.index

    def block(self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> None:
        """Collect from the statements of a block."""
        for statement in body:
            if isinstance(statement, cst.SimpleStatementLine):
                self.block(statement.body)
            elif isinstance(statement, (cst.ClassDef, cst.FunctionDef)):
                self._definition(statement)
            elif isinstance(statement, (cst.If, cst.Try, cst.TryStar)):
                self._branches += 1
                self._parts(statement)
                self._branches -= 1
            elif isinstance(statement, cst.BaseCompoundStatement):
                self._parts(statement)
            else:
                self._small(statement)

    def _parts(self, statement: cst.CSTNode) -> None:
        """Collect from the blocks of a statement, in their order."""
        for part in chained(statement):
            body = getattr(part, "body", None)
            if isinstance(body, cst.BaseSuite):
                self.block(body.body)
            for case in getattr(part, "cases", ()):
                self.block(case.body.body)
            self._handlers += 1
            for handler in getattr(part, "handlers", ()):
                self.block(handler.body.body)
            self._handlers -= 1
        last = getattr(statement, "finalbody", None)
        if last is not None:
            self.block(last.body.body)

    def _definition(self, node: cst.ClassDef | cst.FunctionDef) -> None:
        outermost = self._top is None
        if outermost:
            self._top = node
            self._bind(node.name.value, node)
            for decorator in node.decorators:
                self._touch(_root(decorator.decorator), node)
            if isinstance(node, cst.ClassDef):
                self.index.classes.append(node)
            else:
                self.index.functions[node.name.value] = node
        if isinstance(node, cst.FunctionDef) and self._top is not None:
            self.index.tops[node] = self._top.name.value
        self.block(node.body.body)
        if outermost:
            self._top = None

    def _small(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Assert):
            if self._top is not None and _asks_for_mode(node.test):
                self.index.asserting.add(self._top)
        elif isinstance(node, cst.Expr):
            value = node.value
            if isinstance(value, cst.Attribute) and value.attr.value in MODE_METHODS:
                self.index.uncalled.append(value)
            elif isinstance(value, cst.Call):
                self._touch(_root(value.func), node)
        elif self._top is None:
            self._top_statement(node)

    def _top_statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            for each in imports_of(node):
                self._bind(each.bound, node)
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                self._bind_target(target.target, node)
                if isinstance(target.target, (cst.Attribute, cst.Subscript)):
                    self._touch(_root(target.target), node)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            self._bind_target(node.target, node)

    def _touch(self, name: str | None, node: Binding) -> None:
        if name is not None and (self._top is None or self._top is node):
            self.index.touches.setdefault(name, []).append(node)

    def _bind_target(self, target: cst.BaseExpression, node: Binding) -> None:
        if isinstance(target, cst.Name):
            self._bind(target.value, node)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._bind_target(element.value, node)

    def _bind(self, name: str, node: Binding) -> None:
        level = self._certain
        if self._handlers:
            level = self._fallback
        elif self._branches:
            level = self._branch
        level.setdefault(name, []).append(node)


def chained(statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A statement and what hangs from it by ``elif`` and ``else``."""
    part: cst.CSTNode | None = statement
    while part is not None:
        yield part
        part = getattr(part, "orelse", None)


def _asks_for_mode(test: cst.BaseExpression) -> bool:
    """Whether ``x.training`` stands in an expression."""
    return any(
        isinstance(node, cst.Attribute) and node.attr.value == "training" for node in nodes_in(test)
    )


def nodes_in(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all below it but the parts of spaces, in no order.

    libcst's own ``children`` are told by a visitor, which takes several times as long.
    """
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        for name in _fields_of(node.__class__):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                waiting.append(value)
            elif isinstance(value, (list, tuple)):
                waiting += value


@cache
def _fields_of(kind: type[cst.CSTNode]) -> Sequence[str]:
    """The parts of a node of a kind that may be nodes."""
    return () if issubclass(kind, _SPACES) else [each.name for each in fields(kind)]
