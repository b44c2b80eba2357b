"""What a file defines, imports and names, told from the tree of Python's own parser.

That parser is ten times as fast as libcst, and what is found here decides which files libcst has
to see at all. Nothing of the tree is kept.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hfmode_lint import syntax
from hfmode_lint.analysis.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    _Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    _ImportStatement = ast.Import | ast.ImportFrom

# The native parser of libcst 1.9 kills the process at 10,000 nested unary operators and at 3,000
# nested parentheses, and its Python half overflows the stack from some 200 levels on.
# The deepest file of the standard library has 70.
_MAX_DEPTH = 180

_MODE_METHODS = frozenset({"train", "eval"})
# Methods that put something into a dictionary, a list or a registry.
_FILLING = frozenset({"append", "register", "setdefault", "update"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# The nodes in a definition of which more is noted than the names in them.
_NOTED = frozenset({ast.Call, ast.Assign, ast.ClassDef, ast.Expr, ast.ImportFrom})
# What holds no names and has no children.
_LEAVES = frozenset(
    {
        bool,
        int,
        type(None),
        ast.Constant,
        *(
            leaf
            for kind in (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
            for leaf in kind.__subclasses__()
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that an import statement binds.

    ``module`` has leading dots where the import is relative; ``member`` is what is taken out of
    the module, None where the module itself is bound.
    """

    bound: str
    module: str
    member: str | None = None

    @property
    def full_name(self) -> str:
        """The dotted name of what is bound."""
        if self.member is None:
            return self.module
        return f"{self.module}{'' if self.module.endswith('.') else '.'}{self.member}"


@dataclass(slots=True)
class Symbols:
    """What one pass finds.

    ``bindings`` are the names that the top level binds: by ``classes`` (each with the names that
    stand for its bases, empty where that can't be told), ``functions`` (in order), ``imports``
    and assignments (``assigned``). ``builders`` are the functions that define classes.
    ``calls`` are the last names of what each top-level definition calls, and under None of what
    the module's own code calls.
    ``star_packages`` are those of which everything is imported. ``fillers`` are the definitions
    that fill globals, with the names of these.
    ``names`` are all the names in each top-level definition, ``names_around`` those in the
    top-level statements that assign or touch a global.
    ``switches_off`` says that something is called that may set eval mode, ``names_mode_method``
    that a statement names ``x.train`` or ``x.eval`` and does not call it.
    """

    bindings: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    builders: set[str] = field(default_factory=set)
    calls: dict[str | None, set[str]] = field(default_factory=dict)
    imports: dict[str, list[Imported]] = field(default_factory=dict)
    star_packages: list[str] = field(default_factory=list)
    fillers: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    names_around: dict[str, set[str]] = field(default_factory=dict)
    switches_off: bool = False
    names_mode_method: bool = False

    def imported_as(self, name: str) -> Sequence[Imported]:
        """What the top level imports under a name."""
        return self.imports.get(name, ())

    def calls_of(self, definition: str | None) -> set[str]:
        """The last names of what a top-level definition calls, or the module's own code (None)."""
        return self.calls.get(definition, set())

    @property
    def all_calls(self) -> set[str]:
        """The last names of all that is called."""
        return set().union(*self.calls.values())


def symbols_of(text: str) -> Symbols:
    """The symbols of a source text.

    :raises SourceError: where it is no Python that the running interpreter accepts, or is
        nested deeper than can be analysed safely.
    """
    collector = _Collector()
    collector.collect(_tree(text))
    return collector.symbols


def _tree(text: str) -> ast.Module:
    """Let Python's own parser refuse what it can: it is quicker, and can't be crashed by depth."""
    try:
        return syntax.tree(text)
    except SyntaxError as error:
        column = max((error.offset or 1) - 1, 0)
        raise SourceError(error.msg, max(error.lineno or 1, 1), column) from None
    except (RecursionError, MemoryError):
        raise SourceError("nested too deeply") from None
    except ValueError as error:
        raise SourceError(str(error)) from None


class _Collector:
    """One pass over a tree, level by level, so that its depth is known and none is too deep."""

    def __init__(self) -> None:
        self.symbols = Symbols()

    def collect(self, tree: ast.Module) -> None:
        """Look at the module's own code; what a definition holds is looked at in one go."""
        calls: set[str] = set()
        level: Sequence[ast.AST] = tree.body
        depth = 1
        while level:
            following: list[ast.AST] = []
            for node in level:
                if isinstance(node, _DEFINITIONS):
                    self._define(node, depth)
                    continue
                if isinstance(node, ast.Call):
                    self._call(node, calls)
                elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)):
                    self._top_statement(node)
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    self._import(node)
                following += _children(node)
            level = following
            depth = _deeper(depth)
        if calls:
            self.symbols.calls[None] = calls

    # The top level

    def _top_statement(self, node: ast.Assign | ast.AnnAssign | ast.Expr) -> None:
        if isinstance(node, ast.Expr):
            self._expression(node)
            subject = _root(node.value.func) if isinstance(node.value, ast.Call) else None
            subjects = {subject} if subject is not None else set()
        elif isinstance(node, ast.Assign):
            bound = {name for target in node.targets for name in _bound(target)}
            touched = {_filled(target) for target in node.targets} - {None}
            self._assign(bound)
            subjects = bound | {name for name in touched if name is not None}
        else:
            subjects = set(_bound(node.target)) if node.value is not None else set()
            self._assign(subjects)
        self._note_around(subjects, _names_in(node) if subjects else set())

    def _assign(self, names: set[str]) -> None:
        self.symbols.bindings |= names
        self.symbols.assigned |= names

    def _note_around(self, subjects: Iterable[str], names: set[str]) -> None:
        for subject in subjects:
            self.symbols.names_around.setdefault(subject, set()).update(names)

    def _import(self, node: _ImportStatement) -> None:
        for each in _imported(node):
            self.symbols.bindings.add(each.bound)
            self.symbols.imports.setdefault(each.bound, []).append(each)
        self._star(node)

    def _star(self, node: _ImportStatement) -> None:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            self.symbols.star_packages.append(_package_of(node))

    # Definitions

    def _define(self, node: _Definition, depth: int) -> None:
        self.symbols.bindings.add(node.name)
        if isinstance(node, ast.ClassDef):
            bases = tuple(dotted(base) for base in node.bases)
            self.symbols.classes[node.name] = (*self.symbols.classes.get(node.name, ()), *bases)
        else:
            self.symbols.functions[node.name] = None
        for decorator in node.decorator_list:
            root = _root(decorator)
            if root is not None:
                self._note_around([root], {node.name})
        self._look_into(node, depth)

    def _look_into(self, definition: _Definition, depth: int) -> None:
        """Collect what stands in a top-level definition, at whatever depth."""
        symbols = self.symbols
        names = symbols.names.setdefault(definition.name, set())
        calls: set[str] = set()
        filled: set[str | None] = set()
        level: Sequence[ast.AST] = [definition]
        while level:
            following: list[ast.AST] = []
            for node in level:
                if isinstance(node, ast.Name):
                    names.add(node.id)
                    continue
                if node.__class__ in _NOTED:
                    self._note_inner(node, definition, calls, filled)
                following += _children(node, names)
            level = following
            depth = _deeper(depth)
        if calls:
            symbols.calls.setdefault(definition.name, set()).update(calls)
        if found := {name for name in filled if name is not None}:
            symbols.fillers.setdefault(definition.name, set()).update(found)

    def _note_inner(
        self, node: ast.AST, definition: _Definition, calls: set[str], filled: set[str | None]
    ) -> None:
        if isinstance(node, ast.Call):
            if self._call(node, calls) in _FILLING:
                filled.add(_filled(node.func))
        elif isinstance(node, ast.Assign):
            filled.update(map(_filled, node.targets))
        elif isinstance(node, ast.ClassDef):
            if node is not definition and not isinstance(definition, ast.ClassDef):
                self.symbols.builders.add(definition.name)
        elif isinstance(node, ast.Expr):
            self._expression(node)
        elif isinstance(node, ast.ImportFrom):
            self._star(node)

    # Anywhere

    def _call(self, node: ast.Call, calls: set[str]) -> str | None:
        called = _last_name(node.func)
        if called is not None:
            calls.add(called)
            if called == "eval" or (called == "train" and (node.args or node.keywords)):
                self.symbols.switches_off = True
        return called

    def _expression(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Attribute) and node.value.attr in _MODE_METHODS:
            self.symbols.names_mode_method = True


def _deeper(depth: int) -> int:
    if depth >= _MAX_DEPTH:
        raise SourceError("nested too deeply")
    return depth + 1


def _children(node: ast.AST, names: set[str] | None = None) -> list[ast.AST]:
    """The nodes below a node; the names that it has itself are added to ``names``."""
    found: list[ast.AST] = []
    for value in vars(node).values():
        kind = value.__class__
        if kind is list:
            for item in value:
                if item.__class__ is str:
                    _note(item, names)
                elif item.__class__ not in _LEAVES:
                    found.append(item)
        elif kind is str:
            _note(value, names)
        elif kind not in _LEAVES:
            found.append(value)
    return found


def _note(name: str, names: set[str] | None) -> None:
    if names is not None:
        if "." in name:
            names.update(name.split("."))
        else:
            names.add(name)


def _names_in(node: ast.AST) -> set[str]:
    """All the names in a statement."""
    names: set[str] = set()
    waiting = [node]
    while waiting:
        waiting += _children(waiting.pop(), names)
    return names


def dotted(node: ast.expr) -> str:
    """The dotted name that an expression is, or the subscript of one; empty for others."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _last_name(node: ast.expr) -> str | None:
    """The last name of what is called; that of a call's or a subscript's own subject."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _root(node: ast.expr) -> str | None:
    """The name that ``name``, ``name.x`` and ``name(…).x`` begin with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _filled(target: ast.expr) -> str | None:
    """The name of what ``name[key]`` and ``name.x`` are a part of."""
    return _root(target) if isinstance(target, (ast.Attribute, ast.Subscript)) else None


def _bound(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target binds."""
    waiting = [target]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, (ast.Tuple, ast.List)):
            waiting += each.elts
        elif isinstance(each, ast.Starred):
            waiting.append(each.value)


def _imported(node: _ImportStatement) -> Iterator[Imported]:
    """Each name that an import statement binds; stars are left out."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            if alias.name != "*":
                yield Imported(alias.asname or alias.name, _package_of(node), alias.name)
        elif alias.asname is not None:
            yield Imported(alias.asname, alias.name)
        else:
            top = alias.name.partition(".")[0]
            yield Imported(top, top)


def _package_of(node: ast.ImportFrom) -> str:
    """The package that a ``from`` statement reads, with its leading dots."""
    return "." * node.level + (node.module or "")
