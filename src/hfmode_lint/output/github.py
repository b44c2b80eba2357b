"""For GitHub Actions: workflow commands that become annotations beside the lines of a pull request.

The syntax and its escapes are those of GitHub's own toolkit [1]. Columns are given only where a
finding is on one line, as GitHub takes no others [2].

[1] https://github.com/actions/toolkit, packages/core/src/command.ts
[2] https://github.com/actions/toolkit, packages/core/README.md, "Annotations"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.file_names import from_root
from hfmode_lint.output.concise import place
from hfmode_lint.places import Places
from hfmode_lint.printable import printable
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.findings import Finding, Position
    from hfmode_lint.output.common import Run

_IN_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = _IN_DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(run: Run) -> Iterator[str]:
    """One command a finding, and one an error of the run."""
    for report in run.reports:
        places = Places(report)
        for finding in report.findings:
            yield _command(_properties(finding, *places.span(finding)), _message(finding))
    for error in run.errors:
        yield _command({"title": "hfmode-lint"}, printable(error))


def _properties(finding: Finding, start: Position, end: Position) -> dict[str, str]:
    properties = {
        "title": f"{finding.code} {RULES[finding.code].name}",
        "file": printable(from_root(finding.filename)),
        "line": str(start.line),
        "endLine": str(end.line),
    }
    if start.line == end.line:
        properties |= {"col": str(start.column + 1), "endColumn": str(end.column + 1)}
    return properties


def _message(finding: Finding) -> str:
    """What the annotation says, with the place in front for those who read the log."""
    first = f"{finding.filename}:{place(finding)}: {finding.code} {finding.message}"
    others = (
        f"{related.filename}:{related.start.line}: {related.message}" for related in finding.related
    )
    return "\n".join(map(printable, (first, *others)))


def _command(properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{key}={text.translate(_IN_PROPERTIES)}" for key, text in properties.items())
    return f"::error {given}::{message.translate(_IN_DATA)}"
