"""Python's builtin functions, as far as modules can pass through them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.expressions import asks_for_gradient
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.imports import own_module
from hfmode_lint.analysis.knowledge.configs import CONFIG_CLASSES
from hfmode_lint.analysis.knowledge.methods import OF_EVERY_MODULE
from hfmode_lint.analysis.knowledge.names import MODULE, package
from hfmode_lint.analysis.paths import Finished, PathEnded, Raised
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    BoundMethod,
    Config,
    Constant,
    DictValue,
    Element,
    External,
    FunctionValue,
    LibraryMethod,
    ListValue,
    ModuleValue,
    Namespace,
    Parameters,
    PartOf,
    TextFrom,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import libcst as cst

    from hfmode_lint.analysis.interpreter import Interpreter

_LONGEST_RANGE = 8
# Packages whose classes a constant can be an instance of without having them as bases.
_ABSTRACT = frozenset({"collections", "numbers", "typing"})


class BuiltinCalls:
    """Performs calls of builtins for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine
        # By its identity: which object it was, of those that were asked for an attribute.
        self._asked: dict[int, tuple[int, Value]] = {}

    def call(self, name: str, arguments: Arguments, node: cst.Call) -> Value:
        """Call the builtin of this name."""
        handler = _BUILTINS.get(name)
        if handler is not None:
            return handler(self, arguments, node)
        function = _PURE.get(name)
        return _anything(arguments) if function is None else _calculated(function, arguments)

    def _len(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0) or UNKNOWN
        if isinstance(value, (ListValue, DictValue)) and value.complete:
            return Constant(len(value.items))
        return _calculated(len, arguments)

    def _str(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0)
        return value if isinstance(value, TextFrom) else _calculated(_text, arguments)

    def _bool(self, arguments: Arguments, node: cst.Call) -> Value:
        del node
        value = arguments.get(0) or Constant(value=False)
        known = self._machine.known_truth(value)
        return value if known is None else Constant(known)

    def _getattr(self, arguments: Arguments, node: cst.Call) -> Value:
        owner, name = arguments.get(0) or UNKNOWN, arguments.get(1) or UNKNOWN
        text = objects.constant_text(name)
        if text is None and isinstance(owner, ModuleObject):
            return PartOf(module=owner)
        if text is None:
            return External(f"{owner.name}.?") if isinstance(owner, External) else UNKNOWN
        found = self._machine.evaluator.get_attribute(owner, text)
        default = arguments.get(2)
        missing = isinstance(found, (Unknown, LibraryMethod)) and default is not None
        if not missing or isinstance(owner, Unknown):
            return found
        cls = getattr(owner, "cls", None)
        if isinstance(cls, ClassValue) and not cls.has_unseen_base():
            return default or found
        # What a base that can't be seen may have set is the default, or something unknown.
        chosen = self._machine.decisions.decide(2, f"hasattr({self._name(owner)}.{text})")
        return found if chosen else (default or found)

    def _hasattr(self, arguments: Arguments, node: cst.Call) -> Value:
        owner, text = arguments.get(0), objects.constant_text(arguments.get(1))
        if isinstance(owner, ModuleObject) and text is not None:
            own = owner.cls is not None and owner.cls.find(text)
            if own or text in owner.attributes or text in OF_EVERY_MODULE:
                return Constant(value=True)
            return Unknown(f"hasattr({self._name(owner)}.{text})")
        if isinstance(owner, Config) and not owner.others:
            return Constant(text in owner.items)
        return UNKNOWN

    def _name(self, owner: Value) -> str:
        """A name for an object, which it has on other paths as well."""
        known = self._asked.setdefault(id(owner), (len(self._asked), owner))
        return f"object {known[0]}"

    def _callable(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0)
        if isinstance(value, (BoundMethod, ClassValue, FunctionValue, ModuleObject)):
            return Constant(value=True)
        return Constant(value=False) if isinstance(value, Constant) else UNKNOWN

    def _setattr(self, arguments: Arguments, node: cst.Call) -> Value:
        owner, value = arguments.get(0) or UNKNOWN, arguments.get(2) or UNKNOWN
        name = objects.constant_text(arguments.get(1)) or "*"
        self._machine.evaluator.set_attribute(owner, name, value)
        return NONE

    def _delattr(self, arguments: Arguments, node: cst.Call) -> Value:
        owner, name = arguments.get(0), objects.constant_text(arguments.get(1))
        if owner is not None and name is not None:
            self._machine.evaluator.delete_attribute(owner, name)
        return NONE

    def _list(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0)
        if value is None:
            return ListValue([])
        return value if isinstance(value, (Parameters, Element)) else _listed(value)

    def _reversed(self, arguments: Arguments, node: cst.Call) -> Value:
        result = self._list(arguments, node)
        if isinstance(result, ListValue):
            result.items.reverse()
        return result

    def _sorted(self, arguments: Arguments, node: cst.Call) -> Value:
        result = self._list(arguments, node)
        return objects.in_order(result, arguments) if isinstance(result, ListValue) else result

    def _set(self, arguments: Arguments, node: cst.Call) -> Value:
        result = self._list(arguments, node)
        return objects.distinct(result) if isinstance(result, ListValue) else result

    def _first_of(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0) or UNKNOWN
        if isinstance(value, Parameters):
            return Parameters(value.owners, partial=True)
        found = objects.elements(value)
        if found:
            return found[0]
        default = arguments.get(1)
        if default is None and isinstance(value, ListValue) and value.is_surely_empty:
            raise Raised
        return default or UNKNOWN

    def _dict(self, arguments: Arguments, node: cst.Call) -> Value:
        result = DictValue.of_names(arguments.keywords)
        first = arguments.get(0)
        if isinstance(first, DictValue):
            known = first.as_plain()
            if arguments.open:
                known.overwrite(self._machine.new_question())
            known.items.update(result.items)
            return known
        return _of_pairs(first, result) if isinstance(first, ListValue) else result

    def _enumerate(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0) or UNKNOWN
        start = arguments.get(1, "start") or Constant(0)
        first = start.value if isinstance(start, Constant) else None
        complete = isinstance(value, ListValue) and value.complete
        pairs: list[Value] = []
        for at, item in enumerate(objects.elements(value)):
            number: Value = Unknown(varies=True)
            if complete and isinstance(first, int):
                number = Constant(first + at)
            pairs.append(ListValue([number, item]))
        return ListValue(pairs, complete)

    def _zip(self, arguments: Arguments, node: cst.Call) -> Value:
        columns = [objects.elements(value) for value in arguments.positional]
        rows: list[Value] = [ListValue(list(row)) for row in zip(*columns, strict=False)]
        known = [isinstance(each, ListValue) and each.complete for each in arguments.positional]
        return ListValue(rows, complete=all(known) and not arguments.open)

    def _range(self, arguments: Arguments, node: cst.Call) -> Value:
        bounds = [v.value for v in arguments.positional if isinstance(v, Constant)]
        numbers = [bound for bound in bounds if isinstance(bound, int)]
        if not numbers or len(numbers) != len(arguments.positional) or 0 in numbers[2:]:
            return ListValue([Unknown(varies=True)], complete=False)
        full = range(*numbers[:3])
        shown: list[Value] = [Constant(number) for number in full[:_LONGEST_RANGE]]
        return ListValue(shown, complete=len(full) <= _LONGEST_RANGE)

    def _filter(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(1) or UNKNOWN
        if isinstance(value, Parameters):
            function = arguments.get(0)
            by_gradient = isinstance(function, FunctionValue) and asks_for_gradient(
                function.node.body
            )
            return Parameters(value.owners, partial=True, by_gradient=by_gradient)
        return self._passing(arguments.get(0) or UNKNOWN, value, node)

    def _passing(self, function: Value, value: Value, node: cst.Call) -> Value:
        """The elements of a value that a function, or without one their truth, lets through."""
        result = _listed(value)
        items, result.items = result.items, []
        for item in items:
            test = item
            if function != NONE:
                test = self._machine.caller.apply(function, Arguments([item]), node)
            passes = self._machine.evaluator.passes([test], item)
            if passes is False:
                result.emptied = True
                self._machine.evaluator.pass_over(item)
            else:
                result.items.append(item)
            result.complete = result.complete and passes is not None
        return result

    def _map(self, arguments: Arguments, node: cst.Call) -> Value:
        function, source = arguments.get(0) or UNKNOWN, arguments.get(1) or UNKNOWN
        results = [
            self._machine.caller.apply(function, Arguments([item]), node)
            for item in self._machine.iterate(source)
        ]
        known = isinstance(source, ListValue) and source.complete
        return ListValue(results, complete=known and len(results) == len(objects.elements(source)))

    def _isinstance(self, arguments: Arguments, node: cst.Call) -> Value:
        value, cls = arguments.get(0), arguments.get(1)
        if isinstance(value, Element):
            return Unknown(varies=True)
        if isinstance(value, Config) and isinstance(cls, External) and cls.name in CONFIG_CLASSES:
            return Constant(value=True)
        if isinstance(value, Constant) and isinstance(cls, External):
            return _is_constant_of(value.value, cls)
        if isinstance(value, ModuleObject) and isinstance(cls, External) and cls.name == MODULE:
            return Constant(value=True)
        own = getattr(value, "cls", None)
        if isinstance(own, ClassValue) and isinstance(cls, ClassValue):
            if not own.has_unseen_base():
                return Constant(own.extends(cls))
            return UNKNOWN
        symbol = value.symbol if isinstance(value, Unknown) else None
        named = cls.last if isinstance(cls, External) else None
        known = symbol is not None and named is not None
        return Unknown(f"isinstance({symbol}, {named})" if known else None, varies=_varies(value))

    def _type(self, arguments: Arguments, node: cst.Call) -> Value:
        value = arguments.get(0)
        cls = getattr(value, "cls", None)
        return cls if isinstance(cls, ClassValue) else UNKNOWN

    def _any(self, arguments: Arguments, node: cst.Call) -> Value:
        return self._settled_by(arguments, telling=True)

    def _all(self, arguments: Arguments, node: cst.Call) -> Value:
        return self._settled_by(arguments, telling=False)

    def _settled_by(self, arguments: Arguments, *, telling: bool) -> Value:
        """Whether one of some values is true, or all are: ``telling`` is what settles it."""
        value = arguments.get(0) or UNKNOWN
        items = objects.elements(value)
        if items and isinstance(value, ListValue) and value.complete:
            known = [self._machine.known_truth(item) for item in items]
            if telling in known:
                return Constant(telling)
            if None not in known:
                return Constant(not telling)
        return Unknown(varies=any(_varies(item) for item in items))

    def _same(self, arguments: Arguments, node: cst.Call) -> Value:
        return arguments.get(0) or UNKNOWN

    def _exit(self, arguments: Arguments, node: cst.Call) -> Value:
        leave(arguments)

    def _vars(self, arguments: Arguments, node: cst.Call) -> Value:
        owner = arguments.get(0)
        return Namespace(owner) if owner is not None else UNKNOWN

    def _globals(self, arguments: Arguments, node: cst.Call) -> Value:
        return Namespace(ModuleValue(own_module(self._machine.unit)))

    def _import(self, arguments: Arguments, node: cst.Call) -> Value:
        name = objects.constant_text(arguments.get(0, "name"))
        if name is None:
            return UNKNOWN
        # Without a list of names to take out of the module, its outermost package is given.
        takes = objects.truth(arguments.get(3, "fromlist") or NONE)
        found = name if takes else name.partition(".")[0]
        return self._machine.imports.by_name(found, self._machine.unit)

    def _eval(self, arguments: Arguments, node: cst.Call) -> Value:
        """``eval("name.of.something")``; no other expression in a string is followed."""
        first, *rest = (objects.constant_text(arguments.get(0)) or "").split(".")
        if not all(part.isidentifier() for part in [first, *rest]):
            return UNKNOWN
        found = self._machine.lookup(first)
        for part in rest:
            found = self._machine.evaluator.get_attribute(found, part)
        return found

    def _print(self, arguments: Arguments, node: cst.Call) -> Value:
        return NONE


def leave(arguments: Arguments) -> NoReturn:
    """End the program: ``sys.exit(…)``.

    :raises Finished: where that does not say that something went wrong.
    :raises PathEnded: where it does.
    """
    status = arguments.get(0)
    failed = isinstance(status, Constant) and bool(status.value)
    raise PathEnded if failed else Finished


def _calculated(function: Callable[..., object], arguments: Arguments) -> Value:
    """What a function gives for constants and lists of them; anything else is not known."""
    given = [_as_python(each) for each in arguments.positional]
    if not arguments.open and not arguments.keywords and _NO_CONSTANT not in given:
        with suppress(ArithmeticError, TypeError, ValueError):
            return Constant(function(*given))
    return _anything(arguments)


def _as_python(value: Value) -> object:
    if isinstance(value, ListValue) and value.complete:
        items = [_as_python(each) for each in value.items]
        return _NO_CONSTANT if _NO_CONSTANT in items else items
    return value.value if isinstance(value, Constant) else _NO_CONSTANT


def _text(value: object) -> str:
    """What ``str`` gives.

    :raises TypeError: for what may be a list, a tuple or a set.
    """
    if isinstance(value, list):
        raise TypeError
    return str(value)


def _of_pairs(pairs: ListValue, named: DictValue) -> DictValue:
    """A dictionary of keys and values, with those of another one put over them."""
    result = DictValue(whole=pairs.complete)
    for pair in map(objects.elements, pairs.items):
        if len(pair) == 2 and isinstance(pair[0], Constant):
            result.items[pair[0].value] = pair[1]
        else:
            result.others += pair[1:]
    result.items.update(named.items)
    return result


def _anything(arguments: Arguments) -> Value:
    return Unknown(varies=any(_varies(value) for value in arguments.all_values()))


def _listed(value: Value) -> ListValue:
    """A new list of what a value has."""
    if isinstance(value, ListValue):
        return value.copy()
    known = isinstance(value, DictValue) and value.complete
    return ListValue(list(objects.elements(value)), complete=known)


def _is_constant_of(value: object, cls: External) -> Value:
    if package(cls.name) in _ABSTRACT:
        return UNKNOWN
    return Constant(cls.last in {each.__name__ for each in type(value).__mro__})


def _varies(value: Value | None) -> bool:
    return isinstance(value, (Element, Parameters)) or (isinstance(value, Unknown) and value.varies)


# What to give for something that is not all known.
_NO_CONSTANT = object()

# Functions of numbers, texts and lists of them.
_PURE: dict[str, Callable[..., object]] = {
    "abs": abs,
    "float": float,
    "int": int,
    "max": max,
    "min": min,
    "round": round,
    "sum": sum,
}

_BUILTINS: dict[str, Callable[..., Value]] = {
    "__import__": BuiltinCalls._import,
    "SystemExit": BuiltinCalls._exit,
    "all": BuiltinCalls._all,
    "any": BuiltinCalls._any,
    "bool": BuiltinCalls._bool,
    "callable": BuiltinCalls._callable,
    "delattr": BuiltinCalls._delattr,
    "dict": BuiltinCalls._dict,
    "enumerate": BuiltinCalls._enumerate,
    "eval": BuiltinCalls._eval,
    "exit": BuiltinCalls._exit,
    "filter": BuiltinCalls._filter,
    "frozenset": BuiltinCalls._set,
    "getattr": BuiltinCalls._getattr,
    "globals": BuiltinCalls._globals,
    "hasattr": BuiltinCalls._hasattr,
    "isinstance": BuiltinCalls._isinstance,
    "iter": BuiltinCalls._same,
    "len": BuiltinCalls._len,
    "list": BuiltinCalls._list,
    "map": BuiltinCalls._map,
    "next": BuiltinCalls._first_of,
    "print": BuiltinCalls._print,
    "quit": BuiltinCalls._exit,
    "range": BuiltinCalls._range,
    "reversed": BuiltinCalls._reversed,
    "set": BuiltinCalls._set,
    "setattr": BuiltinCalls._setattr,
    "sorted": BuiltinCalls._sorted,
    "str": BuiltinCalls._str,
    "tuple": BuiltinCalls._list,
    "type": BuiltinCalls._type,
    "vars": BuiltinCalls._vars,
    "zip": BuiltinCalls._zip,
}
