"""Where the statements of a file stand that bind and touch its globals."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.knowledge.collections import CHANGING_METHODS
from hfmode_lint.analysis.names import imports_of
from hfmode_lint.analysis.symbols import MODE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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

    ``bindings`` has, for each global name, the statements that bind it, the likeliest last;
    ``unsettled`` are the names that another one of them may have bound as well. ``changing`` are
    those of which somebody may change what they stand for.
    ``classes`` and ``functions`` are those of the top level.
    ``touches`` has, for each global, what the top level does with it (fills it, calls its methods,
    decorates with it). ``tops`` has the top-level definition that each function stands in.
    ``uncalled`` are the statements that name ``x.train`` or ``x.eval`` and do not call it.
    ``asserting`` are the top-level classes and functions that assert a mode. ``methods`` are the
    functions within definitions by their names.
    ``inert``, ``brief``, ``traces``, ``switching``, ``literals`` and ``detached`` remember what
    depends on the text alone, for every path.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    classes: list[cst.ClassDef] = field(default_factory=list)
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    touches: dict[str, list[Binding]] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)
    changing: set[str] = field(default_factory=set)
    tops: dict[cst.CSTNode, str] = field(default_factory=dict)
    uncalled: list[cst.Attribute] = field(default_factory=list)
    asserting: set[cst.CSTNode] = field(default_factory=set)
    methods: dict[str, list[cst.FunctionDef]] = field(default_factory=dict)
    inert: dict[cst.If, InertIf | None] = field(default_factory=dict)
    brief: dict[tuple[cst.CSTNode, bool], bool] = field(default_factory=dict)
    traces: dict[cst.CSTNode, Traces] = field(default_factory=dict)
    switching: dict[cst.CSTNode, bool] = field(default_factory=dict)
    literals: dict[cst.CSTNode, Value] = field(default_factory=dict)
    detached: dict[cst.CSTNode, frozenset[cst.CSTNode]] = field(default_factory=dict)


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
        # How many blocks are open that may be left out, or run again.
        self._uncertain = 0
        # The ``try`` statements in progress that import something.
        self._importing: list[cst.CSTNode] = []
        self._places: dict[str, list[object]] = {}
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
        for name, places in self._places.items():
            # What is bound in a ``try`` that imports is taken from there: importing works.
            if len(places) > 1 and any(places) and len({*map(id, places)}) > 1:
                self.index.unsettled.add(name)
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
                self._uncertain_parts(statement)
                self._branches -= 1
            elif isinstance(statement, cst.BaseCompoundStatement):
                if isinstance(statement, cst.With):
                    # Whatever entering and leaving it does.
                    self.index.changing.update(_names(each.item for each in statement.items))
                self._uncertain_parts(statement)
            else:
                self._small(statement)

    def _uncertain_parts(self, statement: cst.BaseCompoundStatement) -> None:
        trying = isinstance(statement, (cst.Try, cst.TryStar)) and _imports(statement.body)
        self._importing += [statement] if trying else []
        self._uncertain += 1
        self._parts(statement)
        self._uncertain -= 1
        if trying:
            self._importing.pop()

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
            if not outermost:
                self.index.methods.setdefault(node.name.value, []).append(node)
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
                self._note_call(value, is_followed=self._top is None and not self._uncertain)
        elif self._top is None:
            self._top_statement(node)
        else:
            self._note_changes(node)

    def _note_call(self, call: cst.Call, *, is_followed: bool) -> None:
        """What a statement that calls something may change.

        :param is_followed: its method is called where somebody asks for what it is called on.
        """
        if self._top is None:
            # Whatever it is given.
            self.index.changing.update(_names(each.value for each in call.args))
        method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        if method in CHANGING_METHODS and not is_followed:
            self.index.changing.update(filter(None, [_root(call.func)]))

    def _note_changes(self, node: cst.CSTNode) -> None:
        """The globals that a function may set, or set something of."""
        if isinstance(node, cst.Global):
            self.index.unsettled.update(each.name.value for each in node.names)
        deleted = [node.target] if isinstance(node, cst.Del) else []
        for target in (*targets_of(node), *deleted):
            if isinstance(target, (cst.Attribute, cst.Subscript)):
                self.index.changing.update(filter(None, [_root(target)]))

    def _top_statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            for each in imports_of(node):
                self._bind(each.bound, node)
        elif isinstance(node, cst.Assign):
            self._set_targets(node)
            self._note_aliases(node)
            if isinstance(node.value, cst.Call):
                self._note_call(node.value, is_followed=False)
        elif isinstance(node, cst.AnnAssign) and node.value is not None:
            self._set_targets(node)
        elif isinstance(node, cst.AugAssign):
            self._touch(_root(node.target), node)
            self.index.unsettled.update(_names([node.target]))
        if self._uncertain or isinstance(node, cst.Del):
            self._note_changes(node)

    def _set_targets(self, node: cst.Assign | cst.AnnAssign) -> None:
        for target in targets_of(node):
            if isinstance(target, cst.Name):
                self._bind(target.value, node)
            elif isinstance(target, (cst.Attribute, cst.Subscript)):
                self._touch(_root(target), node)

    def _note_aliases(self, node: cst.Assign) -> None:
        """What has another name from here on."""
        targets, shared = _names(each.target for each in node.targets), _names([node.value])
        if shared or len(targets) > 1:
            self.index.changing.update(targets, shared)

    def _touch(self, name: str | None, node: Binding) -> None:
        if name is not None and (self._top is None or self._top is node):
            touches = self.index.touches.setdefault(name, [])
            # One statement may name it several times.
            touches += [node] if node not in touches[-1:] else []

    def _bind(self, name: str, node: Binding) -> None:
        level = self._certain
        if self._handlers:
            level = self._fallback
        elif self._branches:
            level = self._branch
        level.setdefault(name, []).append(node)
        # None where it is certain; otherwise the ``try`` that decides, or something of its own.
        place = None if not self._uncertain else self._importing[-1] if self._importing else node
        self._places.setdefault(name, []).append(place)


def _imports(body: cst.BaseSuite) -> bool:
    """Whether a block has an import among its statements."""
    lines = [each for each in body.body if isinstance(each, cst.SimpleStatementLine)]
    return any(
        isinstance(each, (cst.Import, cst.ImportFrom)) for line in lines for each in line.body
    )


def _names(expressions: Iterable[cst.BaseExpression]) -> list[str]:
    """Those of the expressions that are nothing but a name."""
    return [each.value for each in expressions if isinstance(each, cst.Name)]


def targets_of(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What a statement sets."""
    if isinstance(node, cst.Assign):
        for each in node.targets:
            yield from _in_tuple(each.target)
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        yield node.target


def _in_tuple(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _in_tuple(element.value)
    else:
        yield target


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
            kind = value.__class__
            if kind is tuple or kind is list:
                waiting += value
            elif _is_node(kind):
                waiting.append(value)


def children_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The parts of a node but those of spaces, in the order of the text."""
    for name in _fields_of(node.__class__):
        value = getattr(node, name)
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if _is_node(each.__class__):
                yield each


@cache
def _is_node(kind: type) -> bool:
    """Whether objects of a kind are nodes: libcst's abstract classes take long to tell of each."""
    return issubclass(kind, cst.CSTNode)


@cache
def _fields_of(kind: type[cst.CSTNode]) -> Sequence[str]:
    """The parts of a node of a kind that may be nodes."""
    return () if issubclass(kind, _SPACES) else [each.name for each in fields(kind)]
