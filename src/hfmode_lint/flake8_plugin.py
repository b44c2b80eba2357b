"""The flake8 entry point: the command's findings, in the shape that flake8 wants.

flake8 reads the file, applies ``# noqa``, ``--select`` and their like, and prints; here are only
the findings. What is heavy is imported when a file needs it, as flake8 loads this module in every
run and most files have nothing to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hfmode_lint.analysis.relevance import may_matter

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

# flake8 has E902 and E999 for what can't be read or parsed.
_LEFT_TO_FLAKE8 = "HFM000"


class _OptionManager(Protocol):
    """What is used of flake8's own, which has no types."""

    def extend_default_ignore(self, error_codes: Sequence[str]) -> None: ...


class Plugin:
    """The checks of one file.

    flake8 passes what it names by parameter: ``tree`` marks a plugin that wants a file once and
    as a whole, ``lines`` are the text as flake8 read it, from disk or from standard input.
    """

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str = "-") -> None:
        del tree
        self._lines = lines
        self._filename = filename

    @classmethod
    def add_options(cls, manager: _OptionManager) -> None:
        """Have flake8 ignore the rules that are off by default, until they are selected."""
        from hfmode_lint.rules import RULES

        manager.extend_default_ignore([code for code, rule in RULES.items() if not rule.default])

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield line (from 1), column (from 0), text and source of each finding."""
        text = "".join(self._lines)
        if not may_matter(text.encode("utf-8", "replace")):
            return
        from hfmode_lint.config import Options
        from hfmode_lint.engine import check_text
        from hfmode_lint.rules import RULES

        # Every rule runs: which codes are wanted, and in which file, flake8 alone knows.
        for finding in check_text(text, self._filename, Options(select=tuple(RULES))):
            if finding.code != _LEFT_TO_FLAKE8:
                where = finding.start
                yield where.line, where.column, f"{finding.code} {finding.message}", Plugin
