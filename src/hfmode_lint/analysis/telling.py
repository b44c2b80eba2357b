"""Which statements may tell of a mode: they name what loads or switches a module, or lead there.

Where a program can go one way or another, those that may tell something are tried first, so this
may be wrong in both directions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.knowledge.lightning import QUIET_METHODS
from hfmode_lint.analysis.knowledge.methods import METHODS
from hfmode_lint.analysis.paths import Telling
from hfmode_lint.analysis.source_index import nodes_in

if TYPE_CHECKING:
    from hfmode_lint.analysis.liveness import Liveness
    from hfmode_lint.analysis.units import Unit

# What comes behind is left out, or not.
_LEAVING = (cst.Break, cst.Continue, cst.Return)


def what_tells(statement: cst.CSTNode, unit: Unit, liveness: Liveness) -> Telling:
    """How much it matters for modes which way a statement goes.

    :param unit: the file that it stands in.
    """
    known = liveness.telling
    if statement not in known:
        known[statement] = _look(statement, unit, liveness)
    return known[statement]


def _look(statement: cst.CSTNode, unit: Unit, liveness: Liveness) -> Telling:
    nodes = list(nodes_in(statement))
    if any(isinstance(node, cst.Name) and liveness.names_mode(node.value) for node in nodes):
        return Telling.ITSELF
    leads = any(isinstance(node, _LEAVING) for node in nodes)
    if leads or _leads_to_modes(statement, unit, liveness):
        return Telling.BY_OTHERS
    return Telling.NOTHING


def _leads_to_modes(statement: cst.CSTNode, unit: Unit, liveness: Liveness) -> bool:
    """Whether names lead from a statement to what loads or switches.

    Methods of the file are looked into by their names, whoever has them; what an object has from
    another file may do anything.
    """
    methods = unit.index.methods
    known = {None, *methods, *METHODS, *QUIET_METHODS}
    waiting, seen = [statement], {statement}
    while waiting:
        for node in nodes_in(waiting.pop()):
            if isinstance(node, cst.Name):
                name = node.value
                if liveness.is_live(unit, name):
                    return True
                new = [each for each in methods.get(name, ()) if each not in seen]
                seen.update(new)
                waiting += new
            elif isinstance(node, cst.Call) and _own_method(node) not in known:
                return True
    return False


def _own_method(call: cst.Call) -> str | None:
    """The name of the method that ``self.name(…)`` calls; None for other calls."""
    function = call.func
    if isinstance(function, cst.Attribute) and isinstance(function.value, cst.Name):
        return function.attr.value if function.value.value == "self" else None
    return None
