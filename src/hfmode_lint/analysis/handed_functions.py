"""Functions that a program gives to code that can't be seen, which may call them at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.knowledge.methods import METHODS, MethodEffect
from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.analysis.symbols import MODE_METHODS
from hfmode_lint.analysis.values import (
    BoundMethod,
    DictValue,
    FunctionValue,
    LibraryMethod,
    ListValue,
    PartialCall,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.analysis.scopes import Scope

_SWITCHING = frozenset({MethodEffect.EVAL, MethodEffect.TRAIN})


def switched_by(values: Iterable[Value]) -> Iterator[ModuleObject]:
    """The modules whose modes the functions among some values may set."""
    for value in values:
        if isinstance(value, ListValue):
            yield from switched_by(value.items)
        elif isinstance(value, DictValue):
            yield from switched_by(value.all_values())
        elif isinstance(value, LibraryMethod):
            receiver = value.receiver
            if isinstance(receiver, ModuleObject) and METHODS.get(value.name) in _SWITCHING:
                yield receiver
        else:
            yield from _given_to(value)


def _given_to(value: Value) -> Iterator[ModuleObject]:
    """The modules that a function has at hand, where it may set a mode."""
    if isinstance(value, PartialCall):
        if isinstance(value.function, FunctionValue) and may_switch(value.function):
            given = [*value.positional, *value.keywords.values()]
            yield from (each for each in given if isinstance(each, ModuleObject))
        yield from switched_by([value.function])
    elif isinstance(value, BoundMethod):
        if isinstance(value.receiver, ModuleObject) and may_switch(value.function):
            yield value.receiver
    elif isinstance(value, FunctionValue) and may_switch(value):
        yield from _closed_over(value)


def may_switch(function: FunctionValue) -> bool:
    """Whether a function, or what it calls of its class, calls ``train`` or ``eval``."""
    known = function.scope.unit.index.switching
    if function.node not in known:
        # A method may call itself.
        known[function.node] = False
        known[function.node] = any(_switches(node, function) for node in nodes_in(function.node))
    return known[function.node]


def any_may_switch(value: Value) -> bool:
    """Whether a function, or a method of a class, may set a mode."""
    if isinstance(value, ClassValue):
        methods = [each for cls in value.resolution_order for each in cls.attributes.values()]
        return any(may_switch(each) for each in methods if isinstance(each, FunctionValue))
    return isinstance(value, FunctionValue) and may_switch(value)


def makers_of(cls: ClassValue) -> Iterator[cst.BaseExpression]:
    """What else than its own methods a class is made by: decorators and metaclasses."""
    for each in cls.resolution_order:
        yield from decorators_of(each.node)
        for keyword in each.node.keywords:
            if keyword.keyword is not None and keyword.keyword.value == "metaclass":
                yield keyword.value


def decorators_of(node: cst.ClassDef | cst.FunctionDef) -> Iterator[cst.BaseExpression]:
    """The functions and classes that decorate a definition, without their arguments."""
    for decorator in node.decorators:
        expression = decorator.decorator
        yield expression.func if isinstance(expression, cst.Call) else expression


def _switches(node: cst.CSTNode, function: FunctionValue) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    name = node.func.attr.value
    if name in MODE_METHODS:
        return True
    method = function.owner.find(name) if function.owner is not None else None
    return isinstance(method, FunctionValue) and may_switch(method)


def _closed_over(function: FunctionValue) -> Iterator[ModuleObject]:
    names = {node.value for node in nodes_in(function.node) if isinstance(node, cst.Name)}
    scope: Scope | None = function.scope
    while scope is not None:
        for name in names & scope.values.keys():
            value = scope.values[name]
            if isinstance(value, ModuleObject):
                yield value
        scope = scope.parent
