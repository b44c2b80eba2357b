"""Calls of a function whose results lead to no gradient: ``self.teacher(x).logits.detach()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis import graphs
from hfmode_lint.analysis.knowledge.callables import DETACHED, DETACHING
from hfmode_lint.analysis.source_index import children_of, nodes_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    # The names that a value is given, and nothing else; None where it may go anywhere.
    _Goals = frozenset[str] | None

# What stands in each function in which something is detached.
NAMES = DETACHING | DETACHED
_NOWHERE: frozenset[str] = frozenset()
# What a value may be a part of, and go where that goes.
_VALUES = (cst.BaseExpression, cst.Arg, cst.Element, cst.DictElement)


def detached_in(function: cst.FunctionDef | cst.Lambda) -> frozenset[cst.CSTNode]:
    """The calls in a function whose results are detached, whatever way they take in it.

    A local name leads to no gradient where all that it is used for does not.
    """
    goals = dict(_goals(function.body))
    free = _free(goals)
    return frozenset(
        node
        for node, goal in goals.items()
        if isinstance(node, cst.Call) and goal is not None and goal.isdisjoint(free)
    )


def _free(goals: Mapping[cst.CSTNode, _Goals]) -> AbstractSet[str]:
    """The names that are used for something that may have a gradient, or for such a name."""
    names = [(node.value, goal) for node, goal in goals.items() if isinstance(node, cst.Name)]
    used_for: dict[str, set[str]] = {}
    for name, goal in names:
        for each in goal or ():
            used_for.setdefault(each, set()).add(name)
    used = {name for name, goal in names if goal is None}
    return graphs.reached(used, used_for)


def _goals(body: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, _Goals]]:
    """The calls and names in a body, each with where its value goes."""
    waiting: list[tuple[cst.CSTNode, _Goals]] = [(body, None)]
    while waiting:
        node, goal = waiting.pop()
        if isinstance(node, (cst.Call, cst.Name)):
            yield node, goal
        if isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            # Who calls it can't be told.
            yield from ((each, None) for each in nodes_in(node) if isinstance(each, cst.Name))
        else:
            waiting += _below(node, goal)


def _below(node: cst.CSTNode, goal: _Goals) -> Iterator[tuple[cst.CSTNode, _Goals]]:
    """The parts of a node that are used, each with where its value goes."""
    if isinstance(node, cst.Assign):
        targets = [part for each in node.targets for part in _parts(each.target)]
        names = frozenset(each.value for each in targets if isinstance(each, cst.Name))
        yield node.value, names if all(isinstance(each, cst.Name) for each in targets) else None
        yield from ((each, None) for each in targets if not isinstance(each, cst.Name))
        return
    if isinstance(node, cst.Attribute):
        yield node.value, _NOWHERE if node.attr.value in DETACHED else goal
        return
    if _is_detaching(node):
        goal = _NOWHERE
    for child in children_of(node):
        is_value = isinstance(child, _VALUES) and not isinstance(node, cst.NamedExpr)
        yield child, goal if is_value else None


def _is_detaching(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    return node.func.attr.value in DETACHING


def _parts(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What an assignment binds: a target, or those in a tuple."""
    if isinstance(target, cst.Tuple):
        return [each.value for each in target.elements]
    return [target]
