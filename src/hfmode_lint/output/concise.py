"""One line a finding: ``path:row:column: CODE message``, with the cell before a notebook's row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.printable import printable, printable_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.findings import Finding
    from hfmode_lint.output.common import Run, Style


def render(run: Run) -> Iterator[str]:
    """The lines of all findings."""
    for report in run.reports:
        for finding in report.findings:
            yield headline(finding, run.style)


def headline(finding: Finding, style: Style) -> str:
    """The line of one finding."""
    name = style(printable_name(finding.filename), "bold")
    code = style(finding.code, "red")
    return f"{name}:{place(finding)}: {code} {printable(finding.message)}"


def place(finding: Finding) -> str:
    """Where a finding stands in its file; columns count from 1."""
    row, column = finding.start.line, finding.start.column + 1
    return f"{row}:{column}" if finding.cell is None else f"cell {finding.cell}:{row}:{column}"
