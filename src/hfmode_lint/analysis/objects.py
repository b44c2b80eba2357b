"""Questions about a value that need no program state."""

from __future__ import annotations

from contextlib import suppress

from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.values import (
    Arguments,
    Constant,
    DictValue,
    Element,
    Instance,
    LibraryMethod,
    ListValue,
    Parameters,
    Unknown,
    Value,
)

# Methods of strings that give strings, lists of them or truth values.
_TEXT_METHODS = frozenset(
    {
        "endswith",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "startswith",
        "strip",
        "upper",
    }
)

CONTAINERS = frozenset({"torch.nn.ModuleList", "torch.nn.Sequential"})


def truth(value: Value) -> bool | None:
    """Whether a value is true, or None when that can't be known."""
    if isinstance(value, Constant):
        return bool(value.value)
    if isinstance(value, ListValue):
        return bool(value.items) if value.complete or value.items else None
    if isinstance(value, DictValue):
        return bool(value.items or value.others) or None
    return None if isinstance(value, (Unknown, LibraryMethod)) else True


def elements(value: Value) -> list[Value]:
    """What iterating over a value gives; one element that stands for all, where unknown."""
    if isinstance(value, ListValue):
        return value.items if value.items or value.complete else [Unknown()]
    if isinstance(value, DictValue):
        return [Constant(key) for key in value.items] or [Unknown()]
    if isinstance(value, (Parameters, Element)):
        return [value]
    if isinstance(value, Instance) and value.is_tuple:
        return [value.attributes.get(name, Unknown()) for name in value.fields]
    if isinstance(value, ModuleObject):
        return _submodules(value)
    return [Unknown(varies=isinstance(value, Unknown) and value.varies)]


def _submodules(module: ModuleObject) -> list[Value]:
    if module.library_class in CONTAINERS:
        return [child for _, child in module.child_modules()]
    return [Element(module)]


def text_method(text: str, name: str, arguments: Arguments) -> Value:
    """What a method of a string gives, where all that it is given is known."""
    given = arguments.all_values()
    known = [each.value for each in given if isinstance(each, Constant)]
    if name in _TEXT_METHODS and not arguments.keywords and len(known) == len(given):
        with suppress(TypeError, ValueError):
            return _as_value(getattr(text, name)(*known))
    return Unknown(varies=any(isinstance(each, Unknown) and each.varies for each in given))


def _as_value(result: object) -> Value:
    if isinstance(result, (list, tuple)):
        return ListValue([Constant(each) for each in result])
    return Constant(result)


def constant_text(value: Value | None) -> str | None:
    """The string that a value is, if it is one."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None
