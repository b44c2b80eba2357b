"""What code may change in objects that it is given, where it is not followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.analysis.values import DictValue, Instance
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.analysis.values import Value

# What is looked at here for what is set of it.
CHANGEABLE = (DictValue, Instance)
_CHANGING = frozenset({"clear", "merge_with", "pop", "popitem", "setdefault", "update"})


@immutable
class Traces:
    """The attributes and keys that a definition sets; ``any_key`` where a key can't be told."""

    attributes: frozenset[str]
    keys: frozenset[str]
    any_key: bool

    def leave_on(self, values: Iterable[Value], question: str) -> None:
        """Take what is known of some values for unknown, as far as it may have been set.

        :param question: a name of its own for what they are then.
        """
        for value in values:
            if isinstance(value, Instance):
                for name in self.attributes.intersection(value.attributes):
                    del value.attributes[name]
            elif isinstance(value, DictValue):
                value.overwrite(question, None if self.any_key else self.keys)


def traces_of(definition: cst.ClassDef | cst.FunctionDef | cst.Lambda) -> Traces:
    """What a function, or the methods of a class, may set; what is new in a constructor is not."""
    attributes: set[str] = set()
    keys: set[str] = set()
    any_key = False
    for node in _nodes(definition):
        if isinstance(node, cst.Call):
            function = node.func
            any_key |= isinstance(function, cst.Attribute) and function.attr.value in _CHANGING
        for target in _targets(node):
            if isinstance(target, cst.Attribute):
                attributes.add(target.attr.value)
            elif isinstance(target, cst.Subscript):
                key = _key(target)
                any_key |= key is None
                keys.update([] if key is None else [key])
    return Traces(frozenset(attributes), frozenset(keys), any_key)


def _nodes(definition: cst.CSTNode) -> Iterator[cst.CSTNode]:
    parts: Iterable[cst.CSTNode] = [definition]
    if isinstance(definition, cst.ClassDef):
        parts = definition.body.body
    for part in parts:
        if not (isinstance(part, cst.FunctionDef) and part.name.value == "__init__"):
            yield from nodes_in(part)


def _targets(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.AssignTarget):
        yield from _in_tuple(node.target)
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        yield node.target


def _in_tuple(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _in_tuple(element.value)
    else:
        yield target


def _key(target: cst.Subscript) -> str | None:
    """The constant string that a subscript names."""
    index = target.slice[0].slice
    value = index.value if isinstance(index, cst.Index) else None
    if isinstance(value, cst.SimpleString):
        text = value.evaluated_value
        return text if isinstance(text, str) else None
    return None
