"""One pass over the tree: what the file imports, defines and calls at its top level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis.names import imports_of, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.analysis.names import Imported
    from hfmode_lint.analysis.values import Value

Binding = cst.BaseSmallStatement | cst.FunctionDef | cst.ClassDef

_MODE_METHODS = frozenset({"train", "eval"})
# Methods that put something into a dictionary, a list or a registry.
_FILLING = frozenset({"append", "register", "setdefault", "update"})


@dataclass(slots=True)
class SourceIndex:
    """What one pass finds.

    ``bindings`` has, for each global name, the statements that bind it, the likeliest last.
    ``classes`` and ``functions`` are those of the top level, ``builders`` the functions that
    define classes. ``calls`` are the last names
    of what each top-level function calls, and under None of what the module's own code calls.
    ``uncalled`` are the statements that name ``x.train`` or ``x.eval`` and do not call it.
    ``asserting`` are the top-level classes and functions that assert a mode.
    ``switches_off`` says that something is called that may set eval mode.
    ``imports`` has the import statements of the top level by the name that they bind. ``touches``
    has, for each global, what the top level does with it (fills it, calls its methods, decorates
    with it); ``fillers`` the functions that fill globals, with their names.
    ``names`` are all the names in each top-level function or class, ``tops`` the top-level
    definition that each function stands in; ``names_around`` are all the names in the top-level
    statements that assign or touch a global.
    ``inert`` and ``literals`` remember what depends on the text alone, for every path.
    """

    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    classes: list[cst.ClassDef] = field(default_factory=list)
    builders: set[str] = field(default_factory=set)
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    calls: dict[str | None, set[str]] = field(default_factory=dict)
    star_packages: list[str] = field(default_factory=list)
    imports: dict[str, list[cst.Import | cst.ImportFrom]] = field(default_factory=dict)
    touches: dict[str, list[Binding]] = field(default_factory=dict)
    fillers: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    names_around: dict[str, set[str]] = field(default_factory=dict)
    tops: dict[cst.CSTNode, str] = field(default_factory=dict)
    uncalled: list[cst.Attribute] = field(default_factory=list)
    asserting: set[cst.CSTNode] = field(default_factory=set)
    switches_off: bool = False
    inert: dict[cst.If, list[cst.BaseExpression] | None] = field(default_factory=dict)
    literals: dict[cst.CSTNode, Value] = field(default_factory=dict)

    def imported_as(self, name: str) -> Iterator[Imported]:
        """What the top level imports under a name."""
        for node in self.imports.get(name, ()):
            yield from (each for each in imports_of(node) if each.bound == name)

    def calls_of(self, function: str | None) -> set[str]:
        """The last names of what a top-level function calls, or the module's own code (None)."""
        return self.calls.get(function, set())

    @property
    def all_calls(self) -> set[str]:
        """The last names of all that is called."""
        return set().union(*self.calls.values())


def index_source(tree: cst.Module) -> SourceIndex:
    """Collect a file's definitions and calls."""
    collector = _Collector()
    tree.visit(collector)
    return collector.finish()


def called_in(node: cst.CSTNode) -> set[str]:
    """The last names of what a piece of a program calls."""
    finder = _CallFinder()
    node.visit(finder)
    return finder.names


def _root(node: cst.BaseExpression) -> str | None:
    """The name that ``name``, ``name.x`` and ``name(…).x`` begin with."""
    while isinstance(node, (cst.Attribute, cst.Call, cst.Subscript)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None


def _filled(target: cst.BaseExpression) -> str | None:
    """The name of what ``name[key]`` and ``name.x`` are a part of."""
    return _root(target) if isinstance(target, (cst.Attribute, cst.Subscript)) else None


class _Collector(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.index = SourceIndex()
        self._certain: dict[str, list[Binding]] = {}
        self._branch: dict[str, list[Binding]] = {}
        self._fallback: dict[str, list[Binding]] = {}
        self._scopes: list[str] = []
        self._branches = 0
        self._handlers = 0
        self._assertions = 0
        self._top: cst.CSTNode | None = None
        # The globals that the top-level statement is about.
        self._subjects: list[str] = []

    def finish(self) -> SourceIndex:
        """The index, with each name's bindings from the least to the most likely."""
        for name in {*self._certain, *self._branch, *self._fallback}:
            # The first branch is the usual case (``try: import x``), the last plain assignment
            # is what stays.
            branches = self._branch.get(name, [])[::-1]
            ordered = [*self._fallback.get(name, []), *branches, *self._certain.get(name, [])]
            self.index.bindings[name] = ordered
        return self.index

    def visit_If(self, node: cst.If) -> None:
        self._branches += 1

    def leave_If(self, original_node: cst.If) -> None:
        self._branches -= 1

    def visit_Try(self, node: cst.Try) -> None:
        self._branches += 1

    def leave_Try(self, original_node: cst.Try) -> None:
        self._branches -= 1

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self._handlers += 1

    def leave_ExceptHandler(self, original_node: cst.ExceptHandler) -> None:
        self._handlers -= 1

    def visit_Assert(self, node: cst.Assert) -> None:
        self._assertions += 1

    def leave_Assert(self, original_node: cst.Assert) -> None:
        self._assertions -= 1

    def visit_Attribute(self, node: cst.Attribute) -> None:
        if self._assertions and self._top is not None and node.attr.value == "training":
            self.index.asserting.add(self._top)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        if not self._scopes:
            self._top = node
            self._bind(node.name.value, node)
            self._touch_by_decorators(node)
            self.index.classes.append(node)
        elif self._scopes[0] in self.index.functions:
            self.index.builders.add(self._scopes[0])
        self._scopes.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._scopes.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if not self._scopes:
            self._top = node
            self._bind(node.name.value, node)
            self._touch_by_decorators(node)
            self.index.functions[node.name.value] = node
        self._scopes.append(node.name.value)
        self.index.tops[node] = self._scopes[0]

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._scopes.pop()

    def visit_Name(self, node: cst.Name) -> None:
        if self._scopes:
            self.index.names.setdefault(self._scopes[0], set()).add(node.value)
        for subject in self._subjects:
            self.index.names_around.setdefault(subject, set()).add(node.value)

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine) -> None:
        if not self._scopes:
            self._subjects = []

    def visit_Import(self, node: cst.Import) -> None:
        if not self._scopes:
            for alias in node.names:
                name = alias.evaluated_alias or alias.evaluated_name.partition(".")[0]
                self._bind_import(name, node)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            self.index.star_packages.append(package_of(node))
        elif not self._scopes:
            for alias in node.names:
                self._bind_import(alias.evaluated_alias or alias.evaluated_name, node)

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            if self._scopes:
                self._fill(target.target)
            else:
                self._bind_target(target.target, node)
                self._touch(_filled(target.target), node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if not self._scopes and node.value is not None:
            self._bind_target(node.target, node)

    def visit_Call(self, node: cst.Call) -> None:
        name = get_full_name_for_node(node.func)
        if isinstance(node.func, cst.Attribute):
            name = node.func.attr.value
        if name is not None:
            where = self._scopes[0] if self._scopes else None
            called = name.rpartition(".")[2]
            self.index.calls.setdefault(where, set()).add(called)
            if self._scopes and called in _FILLING:
                self._fill(node.func)
            if called == "eval" or (called == "train" and node.args):
                self.index.switches_off = True

    def visit_Expr(self, node: cst.Expr) -> None:
        value = node.value
        if isinstance(value, cst.Attribute) and value.attr.value in _MODE_METHODS:
            self.index.uncalled.append(value)
        if not self._scopes and isinstance(value, cst.Call):
            self._touch(_root(value.func), node)

    def _bind_import(self, name: str, node: cst.Import | cst.ImportFrom) -> None:
        self._bind(name, node)
        self.index.imports.setdefault(name, []).append(node)

    def _touch_by_decorators(self, node: cst.ClassDef | cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self._touch(_root(decorator.decorator), node)

    def _touch(self, name: str | None, node: Binding) -> None:
        if name is not None:
            self.index.touches.setdefault(name, []).append(node)
            self._note_around(name, node)

    def _note_around(self, name: str, node: Binding) -> None:
        if isinstance(node, (cst.ClassDef, cst.FunctionDef)):
            self.index.names_around.setdefault(name, set()).add(node.name.value)
        else:
            self._subjects.append(name)

    def _fill(self, target: cst.BaseExpression) -> None:
        name = _filled(target)
        if name is not None:
            self.index.fillers.setdefault(self._scopes[0], set()).add(name)

    def _bind_target(self, target: cst.BaseExpression, node: Binding) -> None:
        if isinstance(target, cst.Name):
            self._bind(target.value, node)
            self._note_around(target.value, node)
        elif isinstance(target, (cst.Tuple, cst.List)):
            self._bind_elements(target.elements, node)

    def _bind_elements(self, elements: Sequence[cst.BaseElement], node: Binding) -> None:
        for element in elements:
            self._bind_target(element.value, node)

    def _bind(self, name: str, node: Binding) -> None:
        level = self._certain
        if self._handlers:
            level = self._fallback
        elif self._branches:
            level = self._branch
        level.setdefault(name, []).append(node)


class _CallFinder(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Call(self, node: cst.Call) -> None:
        self.names.add((get_full_name_for_node(node.func) or "").rpartition(".")[2])
