"""Branches in which nothing happens that a mode could depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis.source_index import chained
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


_LITERALS = (cst.ConcatenatedString, cst.Float, cst.Integer, cst.SimpleString)


@immutable
class Branch:
    """One branch of an ``if``: its test, None for ``else``, and the literals that it leaves.

    ``literals`` go by the dotted names of what is set; None where that is no literal.
    """

    test: cst.BaseExpression | None
    literals: Mapping[str, cst.BaseExpression | None]


@immutable
class InertIf:
    """An ``if`` with nothing but plain values: the names and attributes that it sets.

    ``branches`` show which literals these may become. There are none where no branch has any, or
    where a test does more than to test.
    """

    targets: list[cst.BaseExpression]
    branches: list[Branch]


def inert_if(node: cst.If) -> InertIf | None:
    """What an ``if`` sets, where that is all it does and only plain values are involved.

    :returns: None where a branch may do more.
    """
    targets: list[cst.BaseExpression] = []
    parts = [part for part in chained(node) if isinstance(part, (cst.If, cst.Else))]
    if not all(_inert_body(part.body, targets) for part in parts):
        return None
    branches = [Branch(_test(part), _literals(part.body)) for part in parts]
    tests = [each.test for each in branches[1:] if each.test is not None]
    literals = (literal for each in branches for literal in each.literals.values())
    telling = any(literals) and all(map(_harmless, tests))
    return InertIf(targets, branches if telling else [])


def _test(part: cst.If | cst.Else) -> cst.BaseExpression | None:
    return part.test if isinstance(part, cst.If) else None


def _literals(body: cst.BaseSuite) -> Mapping[str, cst.BaseExpression | None]:
    """The literals that an inert body leaves in names and attributes."""
    found: dict[str, cst.BaseExpression | None] = {}
    for each in _statements(body):
        value = each.value if isinstance(each, (cst.Assign, cst.AnnAssign)) else None
        literal = value if isinstance(value, _LITERALS) else None
        found.update((dotted_name(target), literal) for target in _targets(each))
    return found


def dotted_name(target: cst.BaseExpression) -> str:
    """How a name or an attribute is called in :attr:`Branch.literals`."""
    return get_full_name_for_node(target) or ""


def _statements(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    for statement in body.body:
        yield from (
            statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
        )


def _targets(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """What a statement sets."""
    if isinstance(node, cst.Assign):
        return [each.target for each in node.targets]
    return [node.target] if isinstance(node, (cst.AnnAssign, cst.AugAssign)) else []


def _inert_body(body: cst.BaseSuite, targets: list[cst.BaseExpression]) -> bool:
    return all(_inert_statement(each, targets) for each in _statements(body))


def _inert_statement(node: cst.CSTNode, targets: list[cst.BaseExpression]) -> bool:
    if not isinstance(node, _LEAVES) or not _harmless(node):
        return False
    found = _targets(node)
    targets.extend(found)
    value = getattr(node, "value", None)
    plain = not found or value is None or isinstance(value, _PLAIN)
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
