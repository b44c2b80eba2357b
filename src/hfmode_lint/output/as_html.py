"""For people who share a report: one HTML file, with each finding beside its source.

It needs no other file, no network and no script. What is far from any finding is folded away.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import chain, groupby
from typing import TYPE_CHECKING

from hfmode_lint._version import __version__
from hfmode_lint.findings import Applicability
from hfmode_lint.output.common import PROJECT_URL
from hfmode_lint.output.concise import place
from hfmode_lint.printable import without_commands, without_controls
from hfmode_lint.rules import RULES
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding
    from hfmode_lint.output.common import Run
    from hfmode_lint.rules.base import Rule

_TAB = "    "
# How many lines around a finding are shown unfolded.
_CONTEXT = 12
# A gap of so few lines is not worth a fold, and one of so many makes the file too large to share.
_SHORTEST_FOLD = 4
_LONGEST_FOLD = 2000


def render(run: Run) -> Iterator[str]:
    """The HTML document."""
    for line in _document(run):
        yield without_commands(line, "&#91;")


def _document(run: Run) -> Iterator[str]:
    shown = list(_numbered(run.reports))
    title = _title(shown)
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>hfmode-lint: {title}</title>"
    yield f"<style>\n{files(__package__).joinpath('report.css').read_text('utf-8')}</style>"
    yield "</head>"
    yield "<body>"
    yield '<a class="skip" href="#main">Skip to the findings</a>'
    yield f"<header><h1>{title}</h1>"
    yield f'<p class="quiet"><a href="{PROJECT_URL}">hfmode-lint</a> {__version__}</p></header>'
    yield from (f'<p class="error">{_text(error)}</p>' for error in run.errors)
    yield from _contents(shown)
    yield '<main id="main">'
    for each in shown:
        yield from _file(each)
    yield from _rules(shown)
    yield "</main>"
    yield "</body>"
    yield "</html>"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A file with findings, its number in the report, and that of its first finding."""

    report: FileReport
    number: int
    first: int

    @property
    def findings(self) -> Iterable[tuple[int, Finding]]:
        """The findings with their numbers."""
        return enumerate(self.report.findings, self.first)


def _numbered(reports: Iterable[FileReport]) -> Iterator[_Shown]:
    first = 1
    for number, report in enumerate((each for each in reports if each.findings), 1):
        yield _Shown(report, number, first)
        first += len(report.findings)


def _title(shown: Sequence[_Shown]) -> str:
    findings = sum(len(each.report.findings) for each in shown)
    if not findings:
        return "No problems found"
    return f"{_counted(findings, 'problem')} in {_counted(len(shown), 'file')}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _contents(shown: Sequence[_Shown]) -> Iterator[str]:
    if len(shown) < 2:
        return
    yield '<nav aria-label="Files"><ul>'
    for each in shown:
        link = f'<a href="#file-{each.number}">{_name(each.report.filename)}</a>'
        problems = _counted(len(each.report.findings), "problem")
        yield f'<li>{link} <span class="quiet">{problems}</span></li>'
    yield "</ul></nav>"


def _file(shown: _Shown) -> Iterator[str]:
    heading = f"file-{shown.number}"
    yield f'<section aria-labelledby="{heading}">'
    yield f'<h2 id="{heading}">{_name(shown.report.filename)}</h2>'
    yield '<div class="file">'
    yield '<ul class="findings">'
    for number, finding in shown.findings:
        yield from _finding(number, finding)
    yield "</ul>"
    yield "<div>"
    for cell, numbered in groupby(shown.findings, key=lambda each: each[1].cell):
        if cell is not None:
            yield f"<h3>Cell {cell}</h3>"
        yield from _source(split_lines(shown.report.text_of(cell)), list(numbered))
    yield "</div>"
    yield "</div>"
    yield "</section>"


def _finding(number: int, finding: Finding) -> Iterator[str]:
    code, name = finding.code, RULES[finding.code].name
    yield f'<li id="finding-{number}">'
    yield f'<a class="code" href="#rule-{code}">{code}</a> <span class="quiet">{name}</span>'
    yield f"<p>{_text(finding.message)}</p>"
    yield f'<p class="where"><a href="#line-{number}">{_where(finding)}</a></p>'
    for related in finding.related:
        where = f"{related.filename}:{related.start.line}"
        yield f'<p class="where">{_text(f"{where}: {related.message}")}</p>'
    if finding.fix is not None:
        safe = finding.fix.applicability is Applicability.SAFE
        option = "--fix" if safe else "--fix --unsafe-fixes"
        yield f'<p class="where">Fix: {_text(finding.fix.message)} (<code>{option}</code>)</p>'
    yield "</li>"


def _where(finding: Finding) -> str:
    where = f"line {finding.start.line}, column {finding.start.column + 1}"
    return where if finding.cell is None else f"cell {finding.cell}, {where}"


def _source(lines: Sequence[str], numbered: Sequence[tuple[int, Finding]]) -> Iterator[str]:
    """A source text with the lines of its findings marked, and the others folded."""
    name = f"Source around {place(numbered[0][1])}"
    yield f'<div class="source" role="group" aria-label="{name}">'
    near = _near(lines, [finding for _, finding in numbered])
    # What stands behind the last line end is no line.
    shown = len(lines) if lines[-1] else len(lines) - 1
    for is_near, rows in groupby(range(1, shown + 1), key=near.__contains__):
        block = list(rows)
        shown_rows = (_row(row, lines[row - 1], numbered) for row in block)
        yield from shown_rows if is_near else _folded(block, shown_rows)
    yield "</div>"


def _folded(block: Sequence[int], rows: Iterable[str]) -> Iterator[str]:
    """Lines that are far from any finding."""
    between = f"Lines {block[0]} to {block[-1]}"
    if len(block) < _SHORTEST_FOLD:
        yield from rows
    elif len(block) > _LONGEST_FOLD:
        yield f'<p class="gap">{between} are left out</p>'
    else:
        yield f"<details><summary>{between}</summary>"
        yield from rows
        yield "</details>"


def _near(lines: Sequence[str], findings: Iterable[Finding]) -> frozenset[int]:
    """The lines that are shown without being asked for."""
    return frozenset(
        chain.from_iterable(
            range(
                max(1, finding.start.line - _CONTEXT),
                min(len(lines), finding.end.line + _CONTEXT) + 1,
            )
            for finding in findings
        )
    )


def _row(row: int, line: str, numbered: Iterable[tuple[int, Finding]]) -> str:
    here = [each for each in numbered if each[1].start.line <= row <= each[1].end.line]
    anchors = "".join(
        f'<span id="line-{number}"></span>' for number, finding in here if finding.start.line == row
    )
    number = f"{anchors}{row}"
    links = "".join(
        f' <a href="#finding-{number}" aria-label="To the finding">{finding.code}</a>'
        for number, finding in here
        if finding.end.line == row
    )
    code = _marked(line, [_columns(row, line, finding) for _, finding in here])
    marked = " marked" if here else ""
    return (
        f'<div class="row{marked}"><span class="number">{number}</span>'
        f"<code>{code}{links}</code></div>"
    )


def _columns(row: int, line: str, finding: Finding) -> tuple[int, int]:
    """The part of a line that a finding marks."""
    indent = len(line) - len(line.lstrip())
    start = finding.start.column if row == finding.start.line else indent
    end = finding.end.column if row == finding.end.line else len(line)
    return start, max(start, end)


def _marked(line: str, spans: Sequence[tuple[int, int]]) -> str:
    """A line of source with some parts of it marked; these may overlap."""
    if not spans:
        return _text(line.replace("\t", _TAB))
    inside = [any(start <= column < end for start, end in spans) for column in range(len(line))]
    pieces: list[str] = []
    for is_inside, columns in groupby(range(len(line)), key=inside.__getitem__):
        piece = _text("".join(line[column] for column in columns).replace("\t", _TAB))
        pieces.append(f"<mark>{piece}</mark>" if is_inside else piece)
    return "".join(pieces)


def _rules(shown: Iterable[_Shown]) -> Iterator[str]:
    """What the rules that found something are about."""
    for code in sorted({finding.code for each in shown for finding in each.report.findings}):
        yield from _rule(RULES[code])


def _rule(rule: Rule) -> Iterator[str]:
    yield f'<section id="rule-{rule.code}">'
    yield f"<h2>{rule.code}: {_text(rule.name)}</h2>"
    yield f"<p>{_text(rule.why)}</p>"
    for title, example in (("Reported", rule.failing), ("Not reported", rule.passing)):
        if example.strip():
            yield f"<h3>{title}</h3>"
            yield f'<pre tabindex="0"><code>{escape(example.strip())}</code></pre>'
    yield "</section>"


def _name(filename: str) -> str:
    """A name that a narrow screen may break behind its folders."""
    return _text(filename).replace("/", "/<wbr>")


def _text(text: str) -> str:
    return escape(without_controls(text))
