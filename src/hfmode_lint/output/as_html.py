"""For people who share a report: one HTML file, with each finding beside its source."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability
from hfmode_lint.output.concise import place
from hfmode_lint.output.html_page import Section, counted, page
from hfmode_lint.output.html_source import Mark, source, text
from hfmode_lint.rules import RULES
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding
    from hfmode_lint.output.common import Run
    from hfmode_lint.rules.base import Rule


def render(run: Run) -> Iterator[str]:
    """The HTML document."""
    shown = list(_numbered(run.reports))
    sections = [
        Section(
            each.report.filename, counted(len(each.report.findings), "problem"), _findings(each)
        )
        for each in shown
    ]
    yield from page(_title(shown), "findings", run.errors, sections, _rules(shown))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A file with findings, and the number of the first of them in the report."""

    report: FileReport
    first: int

    @property
    def findings(self) -> Iterable[tuple[int, Finding]]:
        """The findings with their numbers."""
        return enumerate(self.report.findings, self.first)


def _numbered(reports: Iterable[FileReport]) -> Iterator[_Shown]:
    first = 1
    for report in reports:
        if report.findings:
            yield _Shown(report, first)
            first += len(report.findings)


def _title(shown: Sequence[_Shown]) -> str:
    findings = sum(len(each.report.findings) for each in shown)
    if not findings:
        return "No problems found"
    return f"{counted(findings, 'problem')} in {counted(len(shown), 'file')}"


def _findings(shown: _Shown) -> Iterator[str]:
    """The findings of a file, and their source."""
    yield '<ul class="cards">'
    for number, finding in shown.findings:
        yield from _finding(number, finding)
    yield "</ul>"
    yield "<div>"
    for cell, numbered in groupby(shown.findings, key=lambda each: each[1].cell):
        if cell is not None:
            yield f"<h3>Cell {cell}</h3>"
        here = list(numbered)
        named = f"Source around {place(here[0][1])}"
        yield from source(named, split_lines(shown.report.text_of(cell)), list(map(_mark, here)))
    yield "</div>"


def _finding(number: int, finding: Finding) -> Iterator[str]:
    code, name = finding.code, RULES[finding.code].name
    yield f'<li id="finding-{number}">'
    yield f'<a class="code" href="#rule-{code}">{code}</a> <span class="quiet">{name}</span>'
    yield f"<p>{text(finding.message)}</p>"
    yield f'<p class="where"><a href="#line-{number}">{_where(finding)}</a></p>'
    for related in finding.related:
        where = f"{related.filename}:{related.start.line}"
        yield f'<p class="where">{text(f"{where}: {related.message}")}</p>'
    if finding.fix is not None:
        safe = finding.fix.applicability is Applicability.SAFE
        option = "--fix" if safe else "--fix --unsafe-fixes"
        yield f'<p class="where">Fix: {text(finding.fix.message)} (<code>{option}</code>)</p>'
    yield "</li>"


def _where(finding: Finding) -> str:
    where = f"line {finding.start.line}, column {finding.start.column + 1}"
    return where if finding.cell is None else f"cell {finding.cell}, {where}"


def _mark(numbered: tuple[int, Finding]) -> Mark:
    number, finding = numbered
    return Mark(
        finding.start,
        finding.end,
        anchor=f"line-{number}",
        back=f"finding-{number}",
        label=finding.code,
        described="To the finding",
    )


def _rules(shown: Iterable[_Shown]) -> Iterator[str]:
    """What the rules that found something are about."""
    for code in sorted({finding.code for each in shown for finding in each.report.findings}):
        yield from _rule(RULES[code])


def _rule(rule: Rule) -> Iterator[str]:
    yield f'<section id="rule-{rule.code}">'
    yield f"<h2>{rule.code}: {text(rule.name)}</h2>"
    yield f"<p>{text(rule.why)}</p>"
    for title, example in (("Reported", rule.failing), ("Not reported", rule.passing)):
        if example.strip():
            yield f"<h3>{title}</h3>"
            yield f'<pre tabindex="0"><code>{escape(example.strip())}</code></pre>'
    yield "</section>"
