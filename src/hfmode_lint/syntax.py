"""Python's own parser, without its warnings: a syntax tree, or one reason why there is none."""

from __future__ import annotations

import ast
import warnings

from hfmode_lint.findings import Position

BOM = "\ufeff"


def tree(text: str) -> ast.Module:
    """The syntax tree of a source text, whose BOM is ignored as Python does.

    :raises SyntaxError, ValueError, RecursionError, MemoryError: as :func:`ast.parse` does.
    """
    with warnings.catch_warnings():
        # Python warns of odd escapes and the like in the user's text; that is not our subject.
        warnings.simplefilter("ignore")
        return ast.parse(text.removeprefix(BOM))


def syntax_error(text: str) -> tuple[str, Position] | None:
    """Why Python refuses a text, and where; None if it doesn't."""
    try:
        tree(text)
    except SyntaxError as error:
        position = Position(max(error.lineno or 1, 1), max((error.offset or 1) - 1, 0))
        return error.msg, position
    except (RecursionError, MemoryError):
        return "nested too deeply", Position(1, 0)
    except ValueError as error:
        return str(error), Position(1, 0)
    return None
