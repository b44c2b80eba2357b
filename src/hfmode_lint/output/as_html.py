"""For people who share a report: one HTML file, with each finding beside its source.

The LightningModules that findings are about stand there as trees, as in a model summary.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability
from hfmode_lint.immutable import immutable
from hfmode_lint.model_summary import Location
from hfmode_lint.output.html_page import Section, counted, page
from hfmode_lint.output.html_source import Mark, sources, text
from hfmode_lint.output.html_trees import Trees
from hfmode_lint.rules import RULES
from hfmode_lint.summarizer import Summarized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding
    from hfmode_lint.output.common import Run
    from hfmode_lint.output.html_trees import TreesOfFile
    from hfmode_lint.rules.base import Rule


def render(run: Run) -> Iterator[str]:
    """The HTML document."""
    trees = Trees(run.models if run.models is not None else Summarized())
    files = list(_files(run.reports, trees))
    sections = [Section(each.filename, each.count, each.body()) for each in files]
    yield from page(_title(files), "findings", run.errors, sections, _rules(files))


def _files(reports: Iterable[FileReport], trees: Trees) -> Iterator[_File]:
    """The files with findings, then others with LightningModules that these are about."""
    first = 1
    without_findings = dict(trees.by_file)
    for report in reports:
        if report.findings:
            own = without_findings.pop(report.filename, None)
            yield _File(report.filename, trees, own, report, first)
            first += len(report.findings)
    for filename, own in without_findings.items():
        yield _File(filename, trees, own)


@immutable
class _File:
    """A file of the report.

    ``own`` are the LightningModules that it defines, ``report`` has its findings, and ``first`` is
    the number of the first of them in the whole report.
    """

    filename: str
    trees: Trees
    own: TreesOfFile | None
    report: FileReport | None = None
    first: int = 1

    @property
    def findings(self) -> Sequence[tuple[int, Finding]]:
        """The findings with their numbers."""
        return list(enumerate(self.report.findings if self.report else (), self.first))

    @property
    def count(self) -> str:
        """What there is of it, in a few words."""
        models = len(self.own.models) if self.own else 0
        found = ((len(self.findings), "problem"), (models, "LightningModule"))
        return ", ".join(counted(number, what) for number, what in found if number)

    def body(self) -> Iterator[str]:
        """The findings and the trees, and beside them their sources."""
        yield '<ul class="cards">'
        for number, finding in self.findings:
            yield from _finding(number, finding, self.trees)
        if self.own is not None:
            yield from self.own.cards()
        yield "</ul>"
        yield "<div>"
        yield from sources(self.filename, self._marks(), self._text_of)
        yield "</div>"

    def _marks(self) -> Iterator[Mark]:
        yield from (_mark(number, finding) for number, finding in self.findings)
        if self.own is not None:
            yield from self.own.marks()

    def _text_of(self, location: Location) -> str:
        if self.report is not None and location.filename == self.filename:
            return self.report.text_of(location.cell)
        return self.own.text_of(location) if self.own is not None else ""


def _title(files: Iterable[_File]) -> str:
    findings = [len(each.findings) for each in files if each.findings]
    if not findings:
        return "No problems found"
    return f"{counted(sum(findings), 'problem')} in {counted(len(findings), 'file')}"


def _finding(number: int, finding: Finding, trees: Trees) -> Iterator[str]:
    code, rule = finding.code, RULES[finding.code].name
    yield f'<li id="finding-{number}">'
    yield f'<a class="code" href="#rule-{code}">{code}</a> <span class="quiet">{rule}</span>'
    yield f"<p>{text(finding.message)}</p>"
    yield f'<p class="where"><a href="#line-{number}">{_where(finding)}</a></p>'
    for tree in trees.set_at(_location(finding)):
        link = f'<a href="#{tree.anchor}">{text(tree.name)}</a>'
        yield f'<p class="where">Module: {link}</p>'
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


def _location(finding: Finding) -> Location:
    return Location(finding.filename, finding.start, finding.cell)


def _mark(number: int, finding: Finding) -> Mark:
    return Mark(
        _location(finding),
        finding.end,
        anchor=f"line-{number}",
        back=f"finding-{number}",
        label=finding.code,
        described="To the finding",
    )


def _rules(files: Iterable[_File]) -> Iterator[str]:
    """What the rules that found something are about."""
    for code in sorted({finding.code for each in files for _, finding in each.findings}):
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
