"""Directed graphs as mappings from a node to those that its edges lead to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

_Node = TypeVar("_Node", bound="Hashable")


def turned(edges: Mapping[_Node, Iterable[_Node]]) -> dict[_Node, set[_Node]]:
    """The graph with every edge turned around."""
    found: defaultdict[_Node, set[_Node]] = defaultdict(set)
    for node, targets in edges.items():
        for target in targets:
            found[target].add(node)
    return found


def reached(nodes: Iterable[_Node], edges: Mapping[_Node, Iterable[_Node]]) -> set[_Node]:
    """Nodes, and all that edges lead to from them, directly or not."""
    seen = set(nodes)
    waiting = list(seen)
    while waiting:
        for target in edges.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
