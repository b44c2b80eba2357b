"""Methods of plain classes by which a program trains: ``Runner(…).run()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.graphs import reached, turned
from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.analysis.starts import FIT

if TYPE_CHECKING:
    from collections.abc import Iterator


def training_methods(cls: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    """The methods that lead to a call of ``fit``, but for those that others of them call.

    Whoever calls one of the latter by itself has done what the others do before.
    """
    methods = {each.name.value: each for each in cls.body.body if isinstance(each, cst.FunctionDef)}
    taken = {name: _attributes(method) & methods.keys() for name, method in methods.items()}
    fitting = [name for name, method in methods.items() if _fits(method)]
    leading = reached(fitting, turned(taken))
    called = set().union(*(taken[name] - {name} for name in leading))
    yield from (method for name, method in methods.items() if name in leading - called)


def _attributes(method: cst.FunctionDef) -> set[str]:
    """The names of all attributes that a method takes of anything."""
    return {node.attr.value for node in nodes_in(method) if isinstance(node, cst.Attribute)}


def _fits(method: cst.FunctionDef) -> bool:
    calls = (node.func for node in nodes_in(method) if isinstance(node, cst.Call))
    return any(isinstance(each, cst.Attribute) and each.attr.value == FIT for each in calls)
