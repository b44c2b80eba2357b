"""Questions about a value that need no program state."""

from __future__ import annotations

from contextlib import suppress

from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.knowledge.callables import DIFFERING, KNOWN_FLAGS
from hfmode_lint.analysis.knowledge.names import is_well_behaved
from hfmode_lint.analysis.values import (
    Arguments,
    Constant,
    DictValue,
    Element,
    External,
    Instance,
    LibraryMethod,
    ListValue,
    Parameters,
    Unknown,
    Value,
)

# A program may double a name with each statement: ``x = f"{x}{x}"``.
_LONGEST = 400

# A row of a table, and a list in one of its columns.
_DEPTH_OF_DATA = 3
# Methods that may make an object false.
_TRUTH_METHODS = ("__bool__", "__len__")

CONTAINERS = frozenset({"torch.nn.ModuleList", "torch.nn.Sequential"})


def truth(value: Value) -> bool | None:
    """Whether a value is true, or None when that can't be known."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, ListValue):
        return bool(value.items) if value.complete or value.items else None
    if isinstance(value, DictValue):
        return _has_items(value)
    if isinstance(value, (Instance, ModuleObject)):
        return None if _tells_its_truth(value) else True
    if isinstance(value, External):
        return KNOWN_FLAGS.get(value.name) if may_be_plain(value) else True
    return None if isinstance(value, (Unknown, LibraryMethod)) else True


def _has_items(value: DictValue) -> bool | None:
    # Something unknown under a key that is not known may stand for nothing at all.
    certain = any(not isinstance(each, Unknown) for each in value.others)
    if value.whole and (value.items or certain):
        return True
    return False if value.complete else None


def _tells_its_truth(value: Instance | ModuleObject) -> bool:
    """Whether an object may be false."""
    if isinstance(value, ModuleObject) and value.library_class in CONTAINERS:
        return not value.children
    return value.cls is not None and any(value.cls.find(name) for name in _TRUTH_METHODS)


def may_be_plain(value: External) -> bool:
    """Whether it may be a plain value: a library's ``HAS_CUDA``, and all of an unseen package."""
    return not is_well_behaved(value.name) or ("_" in value.last and value.last.isupper())


def symbol_of(value: Value) -> str | None:
    """A name that the value has wherever the program computes it on one path, or None."""
    if isinstance(value, Constant):
        return repr(value.value)
    if isinstance(value, ListValue) and value.complete:
        names = [symbol_of(item) for item in value.items]
        return None if None in names else str(names)
    if isinstance(value, Unknown) and value.symbol is not None:
        return f"not {value.symbol}" if value.negated else value.symbol
    return value.name if isinstance(value, External) else None


def unknown(symbol: str | None, *, varies: bool = False) -> Unknown:
    """What can't be known, by its name where that is not too long."""
    return Unknown(_short(symbol) if symbol is not None else None, varies=varies)


def _short(symbol: str) -> str | None:
    return symbol if len(symbol) <= _LONGEST else None


def result_symbol(callee: Value, arguments: Arguments) -> str | None:
    """A name for what a call gives each time, or None where it may differ."""
    function = symbol_of(callee)
    if function is None or arguments.open or function.rpartition(".")[2] in DIFFERING:
        return None
    if function.endswith(".get") and arguments.positional:
        # ``options.get("x")`` is ``options.x`` and ``options["x"]``.
        key = constant_text(arguments.positional[0])
        if key is not None:
            return f"{function.removesuffix('get')}{key}"
    given = [symbol_of(each) for each in arguments.positional]
    named = {name: symbol_of(each) for name, each in sorted(arguments.keywords.items())}
    if None in given or None in named.values():
        return None
    shown = ", ".join([*map(str, given), *(f"{name}={each}" for name, each in named.items())])
    return _short(f"{function}({shown})")


def elements(value: Value) -> list[Value]:
    """What iterating over a value gives; one element that stands for all, where unknown."""
    if isinstance(value, ListValue):
        return value.items if value.items or value.complete else [Unknown()]
    if isinstance(value, DictValue):
        keys: list[Value] = [Constant(key) for key in value.items]
        return keys if keys or value.complete else [Unknown()]
    if isinstance(value, (Parameters, Element)):
        return [value]
    if isinstance(value, Instance) and value.is_tuple:
        return [value.attributes.get(name, Unknown()) for name in value.fields]
    if isinstance(value, ModuleObject):
        return _submodules(value)
    return [Unknown(varies=isinstance(value, Unknown) and value.varies)]


def is_data(value: Value, depth: int = _DEPTH_OF_DATA) -> bool:
    """Whether a value is plain, or a collection of nothing else, as far as it is looked into."""
    if isinstance(value, (DictValue, ListValue)) and depth:
        inside = value.all_values() if isinstance(value, DictValue) else value.items
        return all(is_data(each, depth - 1) for each in inside)
    return isinstance(value, (Constant, Unknown))


def in_order(value: ListValue, arguments: Arguments) -> ListValue:
    """What sorting a list gives; its order is not known where that is not told by constants."""
    reverse = arguments.keywords.get("reverse")
    keys = [each.value for each in value.items if isinstance(each, Constant)]
    plain = arguments.keywords.keys() <= {"reverse"}
    known = len(keys) == len(value.items) and (reverse is None or isinstance(reverse, Constant))
    if value.complete and plain and known:
        with suppress(TypeError):
            downwards = isinstance(reverse, Constant) and bool(reverse.value)
            # Any of them: what can't be compared is caught.
            ordered = sorted(keys, reverse=downwards)  # type: ignore[type-var]
            return ListValue([Constant(each) for each in ordered])
    return _without_order(value)


def distinct(value: ListValue) -> ListValue:
    """What a set of some items has; its order is not known."""
    if all(isinstance(each, Constant) for each in value.items):
        with suppress(TypeError):
            return ListValue(list(dict.fromkeys(value.items)), value.complete)
    return _without_order(value)


def _without_order(value: ListValue) -> ListValue:
    return ListValue(list(value.items), complete=value.complete and len(value.items) < 2)


def _submodules(module: ModuleObject) -> list[Value]:
    if module.library_class in CONTAINERS:
        return [child for _, child in module.child_modules()]
    return [Element(module)]


def constant_text(value: Value | None) -> str | None:
    """The string that a value is, if it is one."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None
