"""What a finding is known by when lines move: for who compares the findings of two runs.

A fingerprint is made of the rule, the module path, the text of the loader call (or of whatever the
finding marks), and a counter for findings that are equal in all of this. It is told within one
file, and says nothing of the file's name.
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from hfmode_lint.source import LineIndex, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding

# Half of SHA-256: short enough to be read in a diff.
_LENGTH = 32


def fingerprints(report: FileReport) -> Iterator[tuple[Finding, str]]:
    """The findings of a file, each with its fingerprint."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in report.findings:
        parts = (finding.code, finding.module_path or "", _marked(report, finding))
        yield finding, digest(*parts, str(seen[parts]))
        seen[parts] += 1


def digest(*parts: str) -> str:
    """A short hash of some texts, which tells where one ends and the next begins."""
    # A name of a file may have no UTF-8.
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return sha256(data).hexdigest()[:_LENGTH]


def _marked(report: FileReport, finding: Finding) -> str:
    """The text that a finding marks, or its line where it marks a mere point.

    Without its blanks and the comma before a bracket: a formatter moves these.
    """
    text = report.text_of(finding.cell)
    if finding.end > finding.start:
        lines = LineIndex(text)
        marked = text[lines.offset(finding.start) : lines.offset(finding.end)]
    else:
        marked = "".join(split_lines(text)[finding.start.line - 1 : finding.start.line])
    return "".join(marked.split()).replace(",)", ")")
