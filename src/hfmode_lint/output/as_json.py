"""For programs: a list of objects in the shape that ruff gives them, and a few keys more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hfmode_lint.magics import as_python
from hfmode_lint.output.common import rule_url
from hfmode_lint.printable import without_commands
from hfmode_lint.suppression import Suppressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Edit, Finding, Fix, Position, Related
    from hfmode_lint.output.common import Run
    from hfmode_lint.set_elsewhere import SetElsewhere


def render(run: Run) -> Iterator[str]:
    """One JSON document; rows and columns count from 1."""
    yield dump(list(objects(run)), indent=2)


def objects(run: Run) -> Iterator[dict[str, Any]]:
    """Each finding as an object."""
    for report in run.reports:
        for finding in (*report.findings, *(report.set_aside if run.set_aside else ())):
            yield _finding(finding, _suppressions(report, finding))


def dump(value: object, indent: int | None = None) -> str:
    """A value as JSON in ASCII, so that no name of a file can fail to be written."""
    return without_commands(json.dumps(value, indent=indent), r"\u005b")


def _suppressions(report: FileReport, finding: Finding) -> Suppressions:
    text = report.text_of(finding.cell)
    return Suppressions(text if finding.cell is None else as_python(text))


def _finding(finding: Finding, suppressions: Suppressions) -> dict[str, Any]:
    return {
        "code": finding.code,
        "message": finding.message,
        "filename": finding.filename,
        "cell": finding.cell,
        "location": _location(finding.start),
        "end_location": _location(finding.end),
        "fix": _fix(finding.fix),
        "url": rule_url(finding.code),
        "noqa_row": suppressions.row_for(finding.start.line),
        "module_path": finding.module_path,
        "verdict": finding.verdict.value if finding.verdict else None,
        "origin": finding.origin,
        "assumed": finding.assumed,
        "related": [_related(each) for each in finding.related],
        "set_elsewhere": _entry(finding.set_elsewhere),
    }


def _entry(entry: SetElsewhere | None) -> dict[str, str | None] | None:
    if entry is None:
        return None
    return {
        "class": entry.class_name or None,
        "path": entry.path or None,
        "reason": entry.reason or None,
    }


def _related(related: Related) -> dict[str, Any]:
    return {
        "message": related.message,
        "filename": related.filename,
        "location": _location(related.start),
        "end_location": _location(related.end),
    }


def _fix(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    place = {} if edit.cell is None else {"cell": edit.cell}
    return {
        "content": edit.content,
        **place,
        "location": _location(edit.start),
        "end_location": _location(edit.end),
    }


def _location(position: Position) -> dict[str, int]:
    return {"row": position.line, "column": position.column + 1}
