"""For people: each finding with its source line, a caret span, and how to fix it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability
from hfmode_lint.output.concise import headline
from hfmode_lint.printable import printable, width
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.findings import Finding, Fix
    from hfmode_lint.output.common import Run, Style

_TAB = "    "
# A line that is longer than this is generated, or data; it is cut around the finding.
_LONGEST = 160
_MARGIN = 40
_CUT = "…"


def render(run: Run) -> Iterator[str]:
    """The lines of all findings."""
    style = run.style
    for report in run.reports:
        for cell, findings in groupby(report.findings, key=lambda finding: finding.cell):
            lines = split_lines(report.text_of(cell))
            for finding in findings:
                yield headline(finding, style)
                yield from _excerpt(finding, lines, style)


def _excerpt(finding: Finding, lines: Sequence[str], style: Style) -> Iterator[str]:
    """The source line with carets below it, and the help line; an empty line ends it."""
    number = str(finding.start.line)
    gutter = " " * len(number)
    bar = style("|", "cyan")
    if finding.start.line <= len(lines):
        before, marked, after = _cut(*_split(finding, lines[finding.start.line - 1]))
        carets = " " * width(before) + "^" * max(1, width(marked))
        yield f"{style(number, 'cyan')} {bar} {before}{marked}{after}".rstrip()
        yield f"{gutter} {bar} {style(carets, 'red')}"
    for related in finding.related:
        where = f"{related.filename}:{related.start.line}:{related.start.column + 1}"
        yield f"{gutter} {style('note:', 'cyan')} {printable(f'{where}: {related.message}')}"
    if finding.fix is not None:
        yield f"{gutter} {style('help:', 'cyan')} {_help(finding.fix)}"
    yield ""


def _split(finding: Finding, line: str) -> tuple[str, str, str]:
    """What stands before, in and behind the span of a finding on its first line."""
    start = min(finding.start.column, len(line))
    end = len(line) if finding.end.line > finding.start.line else finding.end.column
    end = max(start, min(end, len(line)))
    pieces = line[:start], line[start:end], line[end:]
    before, marked, after = (printable(piece.replace("\t", _TAB)) for piece in pieces)
    return before, marked, after


def _cut(before: str, marked: str, after: str) -> tuple[str, str, str]:
    if len(before) + len(marked) + len(after) <= _LONGEST:
        return before, marked, after
    if len(before) > _MARGIN:
        before = _CUT + before[-_MARGIN:]
    if len(marked) > _LONGEST:
        marked = marked[:_LONGEST] + _CUT
    if len(after) > _MARGIN:
        after = after[:_MARGIN] + _CUT
    return before, marked, after


def _help(fix: Fix) -> str:
    message = printable(fix.message)
    if fix.applicability is Applicability.SAFE:
        return f"{message} (--fix)"
    return f"{message} (--fix --unsafe-fixes: other code may see the change)"
