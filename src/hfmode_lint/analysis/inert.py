"""Branches in which nothing happens that a mode could depend on."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node

_HARMLESS_CALLS = frozenset(
    {
        "abs", "critical", "debug", "error", "exception", "float", "format", "get", "getLogger",
        "info", "int", "isinstance", "join", "keys", "len", "log", "lower", "max", "min", "print",
        "rank_zero_info", "rank_zero_warn", "range", "replace", "round", "split", "startswith",
        "str", "strip", "sum", "upper", "warn", "warning",
    }
)  # fmt: skip

_PLAIN = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Call,
    cst.Comparison,
    cst.ConcatenatedString,
    cst.Float,
    cst.FormattedString,
    cst.Integer,
    cst.SimpleString,
    cst.UnaryOperation,
)
_LEAVES = (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Expr, cst.Pass)


def inert_targets(node: cst.If) -> list[cst.BaseExpression] | None:
    """What an ``if`` assigns, where that is all it does and only plain values are involved.

    :returns: the assigned names and attributes; None where a branch may do more.
    """
    targets: list[cst.BaseExpression] = []
    branch: cst.If | cst.Else | None = node
    while branch is not None:
        if not _inert_body(branch.body, targets):
            return None
        branch = branch.orelse if isinstance(branch, cst.If) else None
    return targets


def _inert_body(body: cst.BaseSuite, targets: list[cst.BaseExpression]) -> bool:
    for statement in body.body:
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
        if not all(_inert_statement(each, targets) for each in small):
            return False
    return True


def _inert_statement(node: cst.CSTNode, targets: list[cst.BaseExpression]) -> bool:
    if not isinstance(node, _LEAVES) or not _harmless(node):
        return False
    if isinstance(node, cst.Assign):
        found = [target.target for target in node.targets]
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        found = [node.target]
    else:
        return True
    plain = node.value is None or isinstance(node.value, _PLAIN)
    targets.extend(found)
    return plain and all(isinstance(each, (cst.Name, cst.Attribute)) for each in found)


def _harmless(node: cst.CSTNode) -> bool:
    finder = _CallFinder()
    node.visit(finder)
    return not finder.found


class _CallFinder(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def visit_Call(self, node: cst.Call) -> bool:
        name = get_full_name_for_node(node.func)
        if name is None or name.rpartition(".")[2] not in _HARMLESS_CALLS:
            self.found = True
        return not self.found

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.found = True
