"""Where findings stand in the files as they are on disk, for formats that point into them.

A notebook's findings have places in cells; on disk a cell is a part of a JSON text.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.findings import Position
from hfmode_lint.notebooks import NotebookError, read_notebook

if TYPE_CHECKING:
    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Edit, Finding
    from hfmode_lint.notebooks import Notebook

_TOP = Position(1, 0)


class Places:
    """The places of one file's findings."""

    def __init__(self, report: FileReport) -> None:
        self._report = report

    def span(self, finding: Finding) -> tuple[Position, Position]:
        """Where a finding starts and ends.

        The top of the file where a notebook's JSON does not show the place, and where Python's
        parser named one behind the last line.
        """
        try:
            return (
                self._position(finding.cell, finding.start),
                self._position(finding.cell, finding.end),
            )
        except (NotebookError, ValueError):
            return _TOP, _TOP

    def edit(self, edit: Edit) -> Edit | None:
        """An edit of the file itself; None where a notebook's JSON does not show its place."""
        if edit.cell is None:
            return edit
        try:
            return replace(
                edit,
                start=self._position(edit.cell, edit.start),
                end=self._position(edit.cell, edit.end),
                content=self._notebook.spelled(edit.cell, edit.content),
                cell=None,
            )
        except NotebookError:
            return None

    def _position(self, cell: int | None, position: Position) -> Position:
        return position if cell is None else self._notebook.position_of(cell, position)

    @cached_property
    def _notebook(self) -> Notebook:
        return read_notebook(self._report.text)
