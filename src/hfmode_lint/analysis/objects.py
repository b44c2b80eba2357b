"""Questions about a value that need no program state."""

from __future__ import annotations

from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.values import (
    Constant,
    DictValue,
    Element,
    LibraryMethod,
    ListValue,
    Parameters,
    Unknown,
    Value,
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
    if isinstance(value, ModuleObject):
        return _submodules(value)
    return [Unknown(varies=isinstance(value, Unknown) and value.varies)]


def _submodules(module: ModuleObject) -> list[Value]:
    if module.library_class in CONTAINERS:
        return [child for _, child in module.child_modules()]
    return [Element(module)]


def constant_text(value: Value | None) -> str | None:
    """The string that a value is, if it is one."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return None
