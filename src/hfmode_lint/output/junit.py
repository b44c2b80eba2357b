"""For CI servers that read JUnit's XML: a test suite a file, a failed test case a finding.

There is no one standard; this is what the readers have in common [1].

[1] https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hfmode_lint.file_names import from_root
from hfmode_lint.output.concise import place
from hfmode_lint.places import Places
from hfmode_lint.printable import without_commands, without_controls
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding
    from hfmode_lint.output.common import Run

_TOOL = "hfmode-lint"


def render(run: Run) -> Iterator[str]:
    """The XML document, as UTF-8 or any encoding that has ASCII."""
    top = Element("testsuites", name=_TOOL)
    for report in run.reports:
        if report.findings:
            _add_file(top, report)
    if run.errors:
        _add_errors(top, run)
    if not len(top):
        # Some readers take a report without any test for a broken one.
        SubElement(_suite(top, _TOOL), "testcase", classname=_TOOL, name="no findings")
    _count(top)
    indent(top)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    # The characters that XML can't hold are escaped already, as they are not printable.
    yield without_commands(tostring(top, "us-ascii").decode("ascii"), "&#91;")


def _add_file(top: Element, report: FileReport) -> None:
    path = without_controls(from_root(report.filename))
    suite = _suite(top, path)
    places = Places(report)
    for finding in report.findings:
        start, _ = places.span(finding)
        case = SubElement(
            suite,
            "testcase",
            classname=path,
            name=f"{finding.code} {RULES[finding.code].name} ({place(finding)})",
            file=path,
            line=str(start.line),
        )
        failure = SubElement(
            case, "failure", type=finding.code, message=without_controls(finding.message)
        )
        failure.text = _details(finding)


def _add_errors(top: Element, run: Run) -> None:
    suite = _suite(top, _TOOL)
    for error in run.errors:
        case = SubElement(suite, "testcase", classname=_TOOL, name=without_controls(error))
        SubElement(case, "error", type="error", message=without_controls(error))


def _suite(top: Element, name: str) -> Element:
    return SubElement(top, "testsuite", name=name)


def _count(top: Element) -> None:
    """Write the numbers of tests, failures and errors, of each suite and of all."""
    for element in (*top, top):
        for key, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            element.set(key, str(len(list(element.iter(tag)))))


def _details(finding: Finding) -> str:
    lines = [f"{finding.filename}:{place(finding)}: {finding.code} {finding.message}"]
    lines += (
        f"note: {related.filename}:{related.start.line}: {related.message}"
        for related in finding.related
    )
    if finding.fix is not None:
        lines.append(f"help: {finding.fix.message}")
    return "\n".join(map(without_controls, lines))
