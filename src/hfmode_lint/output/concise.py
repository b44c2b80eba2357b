"""One line a finding: ``path:row:column: CODE message``, with the cell before a notebook's row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.output.common import Style, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding

_PLAIN = Style()


def render(reports: Iterable[FileReport], style: Style = _PLAIN) -> Iterator[str]:
    """The lines of all findings."""
    for report in reports:
        for finding in report.findings:
            yield headline(finding, style)


def headline(finding: Finding, style: Style) -> str:
    """The line of one finding; columns count from 1."""
    name = style(printable(finding.filename), "bold")
    code = style(finding.code, "red")
    row, column = finding.start.line, finding.start.column + 1
    place = f"{row}:{column}" if finding.cell is None else f"cell {finding.cell}:{row}:{column}"
    return f"{name}:{place}: {code} {printable(finding.message)}"
