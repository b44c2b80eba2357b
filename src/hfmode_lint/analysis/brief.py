"""Functions that are quick to follow: accessors, constants, configurations.

They change no mode, and still may tell which way a program goes that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.source_index import chained, nodes_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# Statements; a configuration of this many options is still read at once.
_MOST = 40
_EFFECTS = (cst.AugAssign, cst.Del, cst.Global, cst.Nonlocal)
_BRANCHES = (cst.If, cst.IfExp, cst.BooleanOperation, cst.CompIf)
_NOTHING = (cst.Pass, cst.Raise)


def is_brief(function: cst.FunctionDef | cst.Lambda, *, fresh: bool) -> bool:
    """Whether a function can be followed in a few steps, or be given up without a trace.

    It may do something or go one of several ways, but not both: where a way can't be told, all that
    it has done would be half of the truth. One that does nothing is there to be overridden.

    :param fresh: its first argument is new, so that what is set of it leaves no trace.
    """
    if isinstance(function, cst.Lambda):
        return True
    statements: list[cst.BaseSmallStatement] = []
    for each in _statements(function.body):
        if each is None or len(statements) == _MOST:
            return False
        statements.append(each)
    if all(map(_does_nothing, statements)):
        return False
    new = _first_parameter(function) if fresh else None
    has_effect = any(_has_effect(each, new) for each in statements)
    return not (has_effect and _has_branch(function.body))


def _first_parameter(function: cst.FunctionDef) -> str | None:
    parameters = (*function.params.posonly_params, *function.params.params)
    return parameters[0].name.value if parameters else None


def _statements(body: cst.BaseSuite) -> Iterator[cst.BaseSmallStatement | None]:
    """The simple statements, those of branches included; None for what is no branch."""
    for statement in body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        elif isinstance(statement, cst.BaseSmallStatement):
            yield statement
        elif isinstance(statement, cst.If):
            for part in chained(statement):
                if isinstance(part, (cst.If, cst.Else)):
                    yield from _statements(part.body)
        else:
            yield None


def _does_nothing(statement: cst.BaseSmallStatement) -> bool:
    if isinstance(statement, cst.Expr):
        return not isinstance(statement.value, cst.Call)
    return isinstance(statement, _NOTHING)


def _has_effect(statement: cst.BaseSmallStatement, new: str | None) -> bool:
    """Whether somebody else may see what a statement does.

    :param new: the name of an object that nobody else knows.
    """
    if isinstance(statement, cst.Expr):
        return isinstance(statement.value, cst.Call)
    if isinstance(statement, cst.Assign):
        return not all(_is_own(each.target, new) for each in statement.targets)
    if isinstance(statement, cst.AnnAssign):
        return not _is_own(statement.target, new)
    return isinstance(statement, _EFFECTS)


def _is_own(target: cst.BaseExpression, new: str | None) -> bool:
    if isinstance(target, cst.Attribute):
        target = target.value
        return isinstance(target, cst.Name) and target.value == new
    return isinstance(target, cst.Name)


def _has_branch(body: cst.BaseSuite) -> bool:
    return any(isinstance(node, _BRANCHES) for node in nodes_in(body))
