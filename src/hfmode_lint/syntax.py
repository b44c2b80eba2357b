"""Python's own parser, without its warnings: a syntax tree, or one reason why there is none."""

from __future__ import annotations

import ast
import sys
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfmode_lint.findings import Position

BOM = "\ufeff"

# A chain of 100,000 attributes, twice as much text, is no danger to a stack of 8 megabytes.
_SAFE_LENGTH = 100_000

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
"""Statements that have decorators, and a body of their own."""

# What the parser raises at a text that it refuses.
REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)


def tree(source: str | bytes) -> ast.Module:
    """The syntax tree of a source: a text without a BOM, or bytes.

    :raises SyntaxError, ValueError, RecursionError, MemoryError: as :func:`ast.parse` does.
    """
    with warnings.catch_warnings():
        # Python warns of odd escapes and the like in the user's text; that is not our subject.
        warnings.simplefilter("ignore")
        if sys.version_info < (3, 11) and len(source) > _SAFE_LENGTH:
            _refuse_depth(source)
        return ast.parse(source)


def _refuse_depth(source: str | bytes) -> None:
    """Refuse what is nested too deeply for Python 3.10 to make objects of: it would crash.

    :raises RecursionError, MemoryError: as its compiler does, which counts.
    """
    with suppress(SyntaxError, ValueError):
        compile(source, "<source>", "exec", dont_inherit=True)


def first_line(statement: ast.stmt) -> int:
    """The line of its first decorator, or its own; from 1."""
    decorators = statement.decorator_list if isinstance(statement, DEFINITIONS) else []
    return min([statement.lineno, *(each.lineno for each in decorators)])


def literal(text: str) -> object:
    """The value of a literal.

    :raises ValueError, SyntaxError: where it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.literal_eval(text)


def reason_of(refusal: Exception) -> tuple[str, Position]:
    """Why Python refuses a text, and where.

    :param refusal: one of :data:`REFUSALS`.
    """
    # Most texts are refused by nobody.
    from hfmode_lint.findings import Position

    if isinstance(refusal, SyntaxError):
        position = Position(max(refusal.lineno or 1, 1), max(_column(refusal) - 1, 0))
        return refusal.msg, position
    if isinstance(refusal, (RecursionError, MemoryError)):
        return "nested too deeply", Position(1, 0)
    return str(refusal), Position(1, 0)


def _column(refusal: SyntaxError) -> int:
    """The column, from 1; that of this one reason counts from the line where a long text begins.

    Measured with Python 3.10 to 3.13, whose own reports have the caret there.
    """
    column = refusal.offset or 1
    if refusal.text and refusal.msg.endswith("after line continuation character"):
        column -= refusal.text.rstrip("\n").rfind("\n") + 1
    return column


def syntax_error(text: str) -> tuple[str, Position] | None:
    """Why Python refuses a text, and where; None if it doesn't. One BOM is ignored."""
    try:
        tree(text.removeprefix(BOM))
    except REFUSALS as refusal:
        return reason_of(refusal)
    return None
