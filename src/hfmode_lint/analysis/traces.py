"""What code may change in objects that it is given, where it is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.knowledge.collections import CHANGING_METHODS, REMOVING_METHODS
from hfmode_lint.analysis.source_index import nodes_in, targets_of
from hfmode_lint.analysis.values import Constant, DictValue, Instance, ListValue, Unknown
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.analysis.values import Value

# What is looked at here for what is set of it.
CHANGEABLE = (DictValue, Instance, ListValue)


@immutable
class Traces:
    """The attributes and keys that a definition sets; ``any_key`` where a key can't be told.

    ``removes`` says that it may take items out, ``lists`` that it may change what a list has.
    """

    attributes: frozenset[str]
    keys: frozenset[str]
    any_key: bool
    removes: bool = False
    lists: bool = False

    def leave_on(self, values: Iterable[Value], question: str) -> None:
        """Take what is known of some values for unknown, as far as it may have been set.

        :param question: a name of its own for what they are then.
        """
        for value in values:
            if isinstance(value, Instance):
                for name in self.attributes.intersection(value.attributes):
                    del value.attributes[name]
            elif isinstance(value, ListValue):
                if self.lists:
                    value.forget()
            elif isinstance(value, DictValue) and self.removes:
                value.lose(question)
            elif isinstance(value, DictValue):
                value.overwrite(question, None if self.any_key else self.keys)


def forget(value: Value, question: str) -> None:
    """Take the constants in a value for unknown, as somebody may change them.

    :param question: as for :meth:`Traces.leave_on`.
    """
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, ListValue):
            value.forget()
            waiting += value.items
        elif isinstance(value, DictValue):
            value.lose(question)
            waiting += value.all_values()
        elif isinstance(value, Instance):
            for name, each in value.attributes.items():
                if isinstance(each, Constant):
                    value.attributes[name] = Unknown(f"{question}.{name}")


def traces_of(definition: cst.ClassDef | cst.FunctionDef | cst.Lambda) -> Traces:
    """What a function, or the methods of a class, may set; what is new in a constructor is not."""
    attributes: set[str] = set()
    keys: set[str] = set()
    any_key = removes = grows = False
    for node in _nodes(definition):
        if isinstance(node, cst.Call):
            function = node.func
            method = function.attr.value if isinstance(function, cst.Attribute) else ""
            any_key |= method in CHANGING_METHODS
            removes |= method in REMOVING_METHODS
        elif isinstance(node, cst.Del):
            any_key = removes = True
        for target in targets_of(node):
            if isinstance(target, cst.Attribute):
                attributes.add(target.attr.value)
            elif isinstance(target, cst.Name):
                grows |= isinstance(node, cst.AugAssign)
            elif isinstance(target, cst.Subscript):
                grows = True
                key = _key(target)
                any_key |= key is None
                keys.update([] if key is None else [key])
    lists = any_key or grows
    return Traces(frozenset(attributes), frozenset(keys), any_key, removes, lists)


def _nodes(definition: cst.CSTNode) -> Iterator[cst.CSTNode]:
    parts: Iterable[cst.CSTNode] = [definition]
    if isinstance(definition, cst.ClassDef):
        parts = definition.body.body
    for part in parts:
        if not (isinstance(part, cst.FunctionDef) and part.name.value == "__init__"):
            yield from nodes_in(part)


def _key(target: cst.Subscript) -> str | None:
    """The constant string that a subscript names."""
    index = target.slice[0].slice
    value = index.value if isinstance(index, cst.Index) else None
    if isinstance(value, cst.SimpleString):
        text = value.evaluated_value
        return text if isinstance(text, str) else None
    return None
