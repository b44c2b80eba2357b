"""Calls of a function whose results lead to no gradient: ``self.teacher(x).logits.detach()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.knowledge.callables import DETACHED, DETACHING
from hfmode_lint.analysis.source_index import children_of, nodes_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    # The names that a value is given, and nothing else; None where it may go anywhere.
    _Goals = frozenset[str] | None

_NOWHERE: frozenset[str] = frozenset()
# What a value may be a part of, and go where that goes.
_VALUES = (cst.BaseExpression, cst.Arg, cst.Element, cst.DictElement)


def detached_in(function: cst.FunctionDef) -> frozenset[cst.CSTNode]:
    """The calls in a function whose results are detached, whatever way they take in it.

    A local name leads to no gradient where all that it is used for does not.
    """
    goals = dict(_goals(function.body, None))
    loads: dict[str, list[_Goals]] = {}
    for node, goal in goals.items():
        if isinstance(node, cst.Name):
            loads.setdefault(node.value, []).append(goal)
    ended = _ended(loads, {name for goal in goals.values() if goal for name in goal})
    return frozenset(
        node
        for node, goal in goals.items()
        if isinstance(node, cst.Call) and goal is not None and goal <= ended
    )


def _ended(loads: Mapping[str, Sequence[_Goals]], names: set[str]) -> AbstractSet[str]:
    """The names of which every use ends, in something without a gradient or in such a name."""
    while True:
        kept = {
            name
            for name in names
            if all(goal is not None and goal <= names for goal in loads.get(name, ()))
        }
        if kept == names:
            return kept
        names = kept


def _goals(node: cst.CSTNode, goal: _Goals) -> Iterator[tuple[cst.CSTNode, _Goals]]:
    """The calls and names below a node, each with where its value goes."""
    if isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
        # Who calls it can't be told.
        yield from ((each, None) for each in nodes_in(node) if isinstance(each, cst.Name))
        return
    if isinstance(node, cst.Assign):
        yield from _goals(node.value, _bound(node))
        yield from (pair for target in node.targets for pair in _stored(target.target))
        return
    if isinstance(node, cst.Call):
        yield node, goal
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in DETACHING:
            goal = _NOWHERE
    if isinstance(node, cst.Name):
        yield node, goal
    elif isinstance(node, cst.Attribute):
        yield from _goals(node.value, _NOWHERE if node.attr.value == DETACHED else goal)
    else:
        for child in children_of(node):
            is_value = isinstance(child, _VALUES) and not isinstance(node, cst.NamedExpr)
            yield from _goals(child, goal if is_value else None)


def _bound(node: cst.Assign) -> _Goals:
    """The names that an assignment binds, where it binds nothing else."""
    names: set[str] = set()
    for each in node.targets:
        target = each.target
        parts = (
            [part.value for part in target.elements] if isinstance(target, cst.Tuple) else [target]
        )
        if not all(isinstance(part, cst.Name) for part in parts):
            return None
        names.update(part.value for part in parts if isinstance(part, cst.Name))
    return frozenset(names)


def _stored(target: cst.BaseExpression) -> Iterator[tuple[cst.CSTNode, _Goals]]:
    """What a target uses, which a name does not."""
    if isinstance(target, cst.Tuple):
        yield from (pair for part in target.elements for pair in _stored(part.value))
    elif not isinstance(target, cst.Name):
        yield from _goals(target, None)
