"""For GitLab: a code quality report, in the shape that GitLab documents [1].

[1] https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfmode_lint.file_names import from_root
from hfmode_lint.fingerprints import digest, fingerprints
from hfmode_lint.output.as_json import dump
from hfmode_lint.places import Places
from hfmode_lint.printable import without_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.output.common import Run


def render(run: Run) -> Iterator[str]:
    """One JSON document."""
    yield dump([issue for report in run.reports for issue in _issues(report)], indent=2)


def _issues(report: FileReport) -> Iterator[dict[str, Any]]:
    path = from_root(report.filename)
    places = Places(report)
    for finding, fingerprint in fingerprints(report):
        start, end = places.span(finding)
        yield {
            "description": without_controls(f"{finding.code} {finding.message}"),
            "check_name": finding.code,
            # GitLab takes two issues with one fingerprint for the same, in whichever files.
            "fingerprint": digest(path, fingerprint),
            "severity": "major",
            "location": {"path": path, "lines": {"begin": start.line, "end": end.line}},
        }
