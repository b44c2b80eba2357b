"""What a file defines, imports and names, told from the tree of Python's own parser.

That parser is ten times as fast as libcst, and what is found here decides which files libcst has
to see at all. Nothing of the tree is kept.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hfmode_lint import syntax
from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.knowledge.loaders import LOADER_METHODS
from hfmode_lint.immutable import immutable
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    _Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    _ImportStatement = ast.Import | ast.ImportFrom

# The native parser of libcst 1.9 kills the process at 10,000 nested unary operators and at 3,000
# nested parentheses, and its Python half overflows the stack from some 200 levels on.
# The deepest file of the standard library has 70.
_MAX_DEPTH = 180
# It nests what is one node in Python's own tree: 10,000 operands of ``and`` and 6,000 links of an
# imported name kill the process, 1,000 do not.
_MAX_CHAIN = 500
# Its time doubles with each second level of brackets in a pattern: 0.1 s at 12, hours at 100.
_MAX_PATTERN_DEPTH = 12
_CASE = re.compile(r"^[ \t]*case\b", re.MULTILINE)

# What a class calls itself, and what it is an instance of.
OWN_NAMES = frozenset({"cls", "self"})
MODE_METHODS = frozenset({"train", "eval"})
# Methods that put something into a dictionary, a list or a registry.
_FILLING = frozenset({"append", "register", "setdefault", "update"})
# What gives a value on as it is.
_HANDING_ON = frozenset({"get", "getattr", "pop"})
# What finds something of its own file by a string.
_LOOKING_UP = frozenset({"eval", "globals"})
# Strings that name something (``transformers.AutoModel``), and those that begin to
# (``proj.models.{}``).
_NAMING = re.compile(r"(\.*[A-Za-z_]\w*(?:\.\w+)*)(\.[{%])?")
_LONGEST_NAME = 120
# The end of a name in :attr:`Symbols.strings` that goes on in an unknown way.
ANY = ".*"
# The end of a name in :attr:`Symbols.whole` of which some part is used as a whole.
PART = "."
# The fields of nodes that hold no name and no node with one.
_PLAIN_FIELDS = frozenset(
    {"conversion", "ctx", "is_async", "kind", "level", "op", "ops", "simple", "type_comment"}
)


@immutable
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


@dataclass(slots=True, repr=False)
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
    top-level statements that assign or touch a global; ``own_names`` those of the module's own
    code, but for its imports. ``decorated`` are the definitions that each name decorates,
    ``local_imports`` what each top-level definition imports.

    ``first_lines`` are those of the top level's statements, in order.

    The following are kept for each definition, for each global under which statements are about
    it, and under None for the module's own code: ``loads``, what methods that load are taken from
    (as a dotted name, empty where it is none); ``strings`` that may name something; ``whole``, the
    imported names of which more than some attribute is used; ``switching``, which of them may set
    eval mode; ``looking_up``, which of them may find something of their file by a string.
    ``own_loaders`` are the classes that define a method that loads. ``names_mode_method`` says
    that a statement names ``x.train`` or ``x.eval`` and does not call it.
    """

    first_lines: list[int] = field(default_factory=list)
    bindings: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    builders: set[str] = field(default_factory=set)
    calls: dict[str | None, set[str]] = field(default_factory=dict)
    imports: dict[str, list[Imported]] = field(default_factory=dict)
    local_imports: dict[str, list[Imported]] = field(default_factory=dict)
    star_packages: list[str] = field(default_factory=list)
    fillers: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    names_around: dict[str, set[str]] = field(default_factory=dict)
    own_names: set[str] = field(default_factory=set)
    decorated: dict[str, set[str]] = field(default_factory=dict)
    loads: dict[str | None, set[str]] = field(default_factory=dict)
    strings: dict[str | None, set[str]] = field(default_factory=dict)
    whole: dict[str | None, set[str]] = field(default_factory=dict)
    switching: set[str | None] = field(default_factory=set)
    looking_up: set[str | None] = field(default_factory=set)
    own_loaders: set[str] = field(default_factory=set)
    names_mode_method: bool = False

    def imported_as(self, name: str) -> Sequence[Imported]:
        """What the top level imports under a name."""
        return self.imports.get(name, ())

    def imported_in(self, definition: str) -> Sequence[Imported]:
        """What a top-level definition imports for itself."""
        return self.local_imports.get(definition, ())

    def calls_of(self, definition: str | None) -> set[str]:
        """The last names of what a top-level definition calls, or the module's own code (None)."""
        return self.calls.get(definition, set())

    @property
    def all_calls(self) -> set[str]:
        """The last names of all that is called."""
        return set().union(*self.calls.values())

    @property
    def switches_off(self) -> bool:
        """Whether anything may set eval mode."""
        return bool(self.switching)


def symbols_of(text: str) -> Symbols:
    """The symbols of a source text.

    :raises SourceError: where it is no Python that the running interpreter accepts, or is
        nested deeper than can be analysed safely.
    """
    tree = _tree(text)
    collector = _Collector()
    collector.collect(tree)
    if _CASE.search(text):
        _refuse_deep_patterns(tree, split_lines(text))
    return collector.symbols


def _tree(text: str) -> ast.Module:
    """Let Python's own parser refuse what it can: it is quicker, and can't be crashed by depth."""
    try:
        return syntax.tree(text)
    except syntax.REFUSALS as refusal:
        reason, where = syntax.reason_of(refusal)
        raise SourceError(reason, where.line, where.column) from None


def _refuse_deep_patterns(tree: ast.Module, lines: Sequence[str]) -> None:
    """Refuse patterns on which libcst's parser would take for ever.

    :raises SourceError: where there is one.
    """
    for node in ast.walk(tree):
        if not isinstance(node, ast.Match):
            continue
        before: ast.expr | ast.stmt = node.subject
        for case in node.cases:
            # Brackets that only group stand in the text alone, maybe on lines of their own.
            first = before.end_lineno or before.lineno
            if _depth_of_brackets(lines[first - 1 : case.pattern.end_lineno]) > _MAX_PATTERN_DEPTH:
                raise SourceError("nested too deeply", case.pattern.lineno)
            before = case.body[-1]


def _depth_of_brackets(lines: Iterable[str]) -> int:
    depth = deepest = 0
    for line in lines:
        for character in line:
            if character in "([{":
                depth += 1
                deepest = max(deepest, depth)
            elif character in ")]}":
                depth -= 1
    return deepest


@dataclass(slots=True, eq=False, repr=False)
class _Seen:
    """What stands in pieces of a program.

    ``names`` are all the names, ``whole`` those of which more than an attribute is taken, ``calls``
    the last names of what is called, ``filled`` the names of what is filled; ``defines_class`` and
    ``defines_loader`` say that a class, or a method that loads, is defined. The rest is as in
    :class:`Symbols`.
    """

    names: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    imports: list[Imported] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)
    star_packages: list[str] = field(default_factory=list)
    loads: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    defines_class: bool = False
    defines_loader: bool = False
    switches: bool = False
    looks_up: bool = False
    # The names of which attributes are taken.
    taken_from: set[ast.Name] = field(default_factory=set)
    # What is named and can do nothing to a mode.
    harmless: set[ast.Name] = field(default_factory=set)
    # Whether a name by which a class knows itself stands for something else.
    rebinds_itself: bool = False
    names_mode_method: bool = False

    def look_below(self, root: ast.AST, depth: int) -> None:
        """Look at a node and all below it.

        They are taken level by level, so that the depth is known and no recursion is too deep.

        :param depth: the level of the node.
        """
        level = [root]
        while level:
            level = [child for node in level for child in self.look_at(node)]
            depth = _deeper(depth)

    def look_at(self, node: ast.AST) -> Sequence[ast.AST]:
        """Look at one node; those below it that are worth a look."""
        self.note(node)
        return self._children(node)

    def note(self, node: ast.AST) -> None:
        """Note what one node shows beside the names below it."""
        note = _NOTED.get(node.__class__)
        if note is not None:
            note(self, node)

    def named(self, node: ast.Name) -> None:
        """Note a name."""
        if node in self.harmless:
            return
        self.names.add(node.id)
        if node not in self.taken_from:
            self.whole.add(node.id)
        if node.id in LOADER_METHODS:
            self.loads.add("")
        elif node.id in _LOOKING_UP:
            self.looks_up = True
        elif node.id in OWN_NAMES and isinstance(node.ctx, ast.Store):
            self.rebinds_itself = True

    def constant(self, node: ast.Constant) -> None:
        """Note a string."""
        if node.value.__class__ is str:
            self._string(node.value)

    def operands(self, node: ast.BoolOp) -> None:
        """Refuse a chain that is too long."""
        _check_chain(len(node.values))

    def imported(self, node: ast.Import) -> None:
        """Note what is imported."""
        _check_chain(max(alias.name.count(".") for alias in node.names))
        self.imports += _imported(node)

    def imported_from(self, node: ast.ImportFrom) -> None:
        """Note what is imported out of a module."""
        _check_chain((node.module or "").count("."))
        self.imports += _imported(node)
        if node.names[0].name == "*":
            self.star_packages.append(_package_of(node))

    def assigned(self, node: ast.Assign) -> None:
        """Note what an assignment fills."""
        for target in node.targets:
            self._fill(target)

    def function(self, node: ast.FunctionDef) -> None:
        """Note what it says of a class that a function is called what it is, and its parameters."""
        self.defines_loader |= node.name in LOADER_METHODS
        given = (*node.args.posonlyargs, *node.args.args)[1:] + tuple(node.args.kwonlyargs)
        self.rebinds_itself |= any(each.arg in OWN_NAMES for each in given)

    def inner_class(self, _: ast.ClassDef) -> None:
        """Note that there is one."""
        self.defines_class = True

    def statement(self, node: ast.Expr) -> None:
        """Note a mode method that is named and not called."""
        value = node.value
        if isinstance(value, ast.Attribute) and value.attr in MODE_METHODS:
            self.names_mode_method = True

    def call(self, node: ast.Call) -> None:
        """Note what is called, and what that may do."""
        called = _last_name(node.func)
        if called is None:
            return
        self.calls.add(called)
        if called in _FILLING:
            self._fill(node.func)
        if called == "train" and (node.args or node.keywords):
            self.switches = True
        if isinstance(node.func, ast.Name) and called in {"getattr", "setattr"} and node.args:
            self._accesses(node.func, node.args)

    def _accesses(self, function: ast.Name, arguments: Sequence[ast.expr]) -> None:
        """Look at ``getattr(…)`` or ``setattr(…)``."""
        owner = arguments[0]
        if function.id == "getattr":
            self._takes_by_string(owner)
        elif isinstance(owner, ast.Name) and owner.id == "self":
            # A mode is a plain value, or an option's.
            value = arguments[-1]
            if isinstance(value, ast.Call) and _last_name(value.func) not in _HANDING_ON:
                self.harmless.add(function)

    def _takes_by_string(self, owner: ast.expr) -> None:
        if isinstance(owner, ast.Attribute):
            self.whole.add(f"{_root(owner)}{PART}")

    def attribute(self, node: ast.Attribute) -> None:
        """Note what is taken from where."""
        if isinstance(node.value, ast.Name):
            self.taken_from.add(node.value)
            self.looks_up |= node.attr == "modules" and node.value.id == "sys"
        if node.attr in LOADER_METHODS:
            self.loads.add(_dotted(node.value))
        elif node.attr == "eval":
            self.switches = True

    def _string(self, text: str) -> None:
        """Note a string that may name something, as ``getattr`` and ``import_module`` take it."""
        if text in LOADER_METHODS:
            self.loads.add("")
        elif text == "eval":
            self.switches = True
        if len(text) <= _LONGEST_NAME:
            name = _NAMING.match(text)
            if name is not None and name[2]:
                self.strings.add(name[1] + ANY)
            elif name is not None and name.end() == len(text):
                self.strings.add(text)

    def joined(self, node: ast.JoinedStr) -> None:
        """Note a string that is put together, and begins with a name."""
        first = node.values[0] if node.values else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            self._string(f"{first.value}{{")

    def _fill(self, target: ast.expr) -> None:
        name = _filled(target)
        if name is not None:
            self.filled.add(name)

    def _children(self, node: ast.AST) -> Sequence[ast.AST]:
        """The nodes below a node, whose own names are noted."""
        found: list[ast.AST] = []
        for name in _PARTS[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        found.append(item)
                    elif item.__class__ is str:
                        self._name(item)
            elif isinstance(value, ast.AST):
                found.append(value)
            elif value.__class__ is str:
                self._name(value)
        return found

    def _name(self, name: str) -> None:
        if "." in name:
            self.names.update(name.split("."))
        else:
            self.names.add(name)


# What of the nodes of a kind is noted beside the names in them.
_NOTED: dict[type[ast.AST], Callable[[_Seen, Any], None]] = {
    ast.Name: _Seen.named,
    ast.Constant: _Seen.constant,
    ast.Attribute: _Seen.attribute,
    ast.Call: _Seen.call,
    ast.Assign: _Seen.assigned,
    ast.BoolOp: _Seen.operands,
    ast.ClassDef: _Seen.inner_class,
    ast.Expr: _Seen.statement,
    ast.FunctionDef: _Seen.function,
    ast.Import: _Seen.imported,
    ast.ImportFrom: _Seen.imported_from,
    ast.JoinedStr: _Seen.joined,
}


class _Parts(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each kind of node that may hold names, or nodes with names."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        """Find them out when the first node of a kind is looked at."""
        self[kind] = tuple(each for each in kind._fields if each not in _PLAIN_FIELDS)
        return self[kind]


_PARTS = _Parts({ast.Constant: (), ast.Name: ()})


class _Collector:
    """Looks at the module's own code; what a definition holds is looked at in one go."""

    def __init__(self) -> None:
        self.symbols = Symbols()

    def collect(self, tree: ast.Module) -> None:
        """Look at a tree."""
        self.symbols.first_lines = [syntax.first_line(each) for each in tree.body]
        own = _Seen()
        level: Sequence[ast.AST] = tree.body
        depth = 1
        while level:
            following: list[ast.AST] = []
            for node in level:
                if isinstance(node, syntax.DEFINITIONS):
                    self._define(node, depth)
                elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)):
                    self._statement(node, depth)
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    # To import something is no use of it.
                    own.note(node)
                else:
                    following += own.look_at(node)
            level = following
            depth = _deeper(depth)
        self._import(own.imports)
        self._take(own, None)
        self._leave_locals_out()

    def _leave_locals_out(self) -> None:
        """Definitions fill globals alone: ``self.x = …`` and the like fill none."""
        symbols = self.symbols
        filled = {name: each & symbols.bindings for name, each in symbols.fillers.items()}
        symbols.fillers = {name: each for name, each in filled.items() if each}
        for subject, names in symbols.whole.items():
            local = symbols.imported_in(subject) if subject is not None else ()
            imported = {*symbols.imports, *(each.bound for each in local)}
            names.intersection_update(imported | {f"{each}{PART}" for each in imported})

    def _take(self, seen: _Seen, definition: str | None) -> None:
        """Take what was seen in a definition, or in the module's own code (None)."""
        symbols = self.symbols
        if seen.calls:
            symbols.calls.setdefault(definition, set()).update(seen.calls)
        if definition is None:
            symbols.own_names |= seen.names
        symbols.star_packages += seen.star_packages
        symbols.names_mode_method |= seen.names_mode_method
        self._note_about(definition, seen)

    def _note_about(self, subject: str | None, seen: _Seen) -> None:
        symbols = self.symbols
        if seen.rebinds_itself:
            seen.loads = {"" if each in OWN_NAMES else each for each in seen.loads}
        if seen.loads:
            symbols.loads.setdefault(subject, set()).update(seen.loads)
        if seen.strings:
            symbols.strings.setdefault(subject, set()).update(seen.strings)
        if seen.whole:
            symbols.whole.setdefault(subject, set()).update(seen.whole)
        if seen.switches:
            symbols.switching.add(subject)
        if seen.looks_up:
            symbols.looking_up.add(subject)

    def _statement(self, node: ast.Assign | ast.AnnAssign | ast.Expr, depth: int) -> None:
        seen = _Seen()
        seen.look_below(node, depth)
        self._take(seen, None)
        bound = set(_bound_by(node))
        self.symbols.bindings |= bound
        self.symbols.assigned |= bound
        subjects = bound.union(_touched_by(node))
        self._note_around(subjects, seen.names)
        for subject in subjects:
            self._note_about(subject, seen)

    def _note_around(self, subjects: Iterable[str], names: set[str]) -> None:
        for subject in subjects:
            self.symbols.names_around.setdefault(subject, set()).update(names)

    def _import(self, imports: Iterable[Imported]) -> None:
        for each in imports:
            self.symbols.bindings.add(each.bound)
            self.symbols.imports.setdefault(each.bound, []).append(each)

    def _define(self, node: _Definition, depth: int) -> None:
        symbols, name = self.symbols, node.name
        symbols.bindings.add(name)
        for decorator in node.decorator_list:
            root = _root(decorator)
            if root is not None:
                symbols.decorated.setdefault(root, set()).add(name)
        if isinstance(node, ast.ClassDef):
            self._define_class(node, depth)
            return
        seen = self._look_into(name, [node], depth)
        symbols.functions[name] = None
        if seen.defines_class:
            symbols.builders.add(name)

    def _define_class(self, node: ast.ClassDef, depth: int) -> None:
        symbols, name = self.symbols, node.name
        parts = [*node.bases, *node.keywords, *node.decorator_list, *node.body]
        seen = self._look_into(name, parts, depth + 1)
        bases = tuple(_dotted(base) for base in node.bases)
        symbols.classes[name] = (*symbols.classes.get(name, ()), *bases)
        if seen.defines_loader:
            symbols.own_loaders.add(name)

    def _look_into(self, name: str, parts: Iterable[ast.AST], depth: int) -> _Seen:
        """Look at parts of a definition."""
        symbols, seen = self.symbols, _Seen()
        for part in parts:
            seen.look_below(part, depth)
        self._take(seen, name)
        symbols.names.setdefault(name, set()).update(seen.names)
        if seen.imports:
            symbols.local_imports.setdefault(name, []).extend(seen.imports)
        if seen.filled:
            symbols.fillers.setdefault(name, set()).update(seen.filled)
        return seen


def _deeper(depth: int) -> int:
    if depth >= _MAX_DEPTH:
        raise SourceError("nested too deeply")
    return depth + 1


def _check_chain(links: int) -> None:
    if links > _MAX_CHAIN:
        raise SourceError("nested too deeply")


def _dotted(node: ast.expr) -> str:
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


def _touched_by(node: ast.Assign | ast.AnnAssign | ast.Expr) -> Iterator[str]:
    """The names of what a statement fills or calls."""
    touched: list[str | None] = []
    if isinstance(node, ast.Assign):
        touched = [_filled(target) for target in node.targets]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        touched = [_root(node.value.func)]
    return (name for name in touched if name is not None)


def _bound_by(node: ast.Assign | ast.AnnAssign | ast.Expr) -> Iterator[str]:
    """The names that a statement binds."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _bound(target)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _bound(node.target)


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
