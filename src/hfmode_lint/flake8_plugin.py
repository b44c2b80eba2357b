"""The flake8 entry point: the command's findings, in the shape that flake8 wants.

flake8 reads the file, applies ``# noqa``, ``--select`` and their like, and prints. What remains
to be done here is to find, and to leave rules alone that are off unless the user names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hfmode_lint.config import Options
from hfmode_lint.engine import UNPARSABLE, check_text

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator, Sequence


class Plugin:
    """The checks of one file.

    flake8 passes what it names by parameter: ``tree`` marks a plugin that wants each file once
    and as a whole, ``lines`` are the text as flake8 read it, from disk or from standard input.
    """

    # flake8 has E999 for what can't be parsed, and E902 for what can't be read.
    _options: ClassVar = Options(ignore=(UNPARSABLE,))

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str = "-") -> None:
        del tree
        self._lines = lines
        self._filename = filename

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Learn which rules the user has named.

        ``extend_default_ignore`` is flake8's own way to have rules that are off by default. It
        is not used, as each ``--ignore`` forgets the default and would turn them on.
        """
        named = (*(options.select or ()), *(options.extend_select or ()))
        cls._options = Options(extend_select=named, ignore=(UNPARSABLE,))

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield line (from 1), column (from 0), text and source of each finding."""
        for finding in check_text("".join(self._lines), self._filename, self._options):
            where = finding.start
            yield where.line, where.column, f"{finding.code} {finding.message}", Plugin
