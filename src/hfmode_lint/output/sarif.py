"""For code scanning: a SARIF 2.1.0 log [1].

Columns count code points, which the log says. Regions point into the files as they are on disk, so
that those of a notebook stand in its JSON text; the cell is a logical location. Names of files are
relative to the root of the repository.

[1] https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hfmode_lint._version import __version__
from hfmode_lint.file_names import from_root, root
from hfmode_lint.fingerprints import fingerprints
from hfmode_lint.output.as_json import dump
from hfmode_lint.output.common import PROJECT_URL, rule_url
from hfmode_lint.places import Places
from hfmode_lint.printable import without_controls
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding, Fix, Position, Related
    from hfmode_lint.output.common import Run
    from hfmode_lint.rules.base import Rule

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# The name that GitHub and others know for the root of a checkout.
_ROOT = "%SRCROOT%"
_FINGERPRINT = "hfmodeLint/v1"
_INDEX = {code: index for index, code in enumerate(RULES)}


def render(run: Run) -> Iterator[str]:
    """One JSON document."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(run)]}
    yield dump(log, indent=2)


def _run(run: Run) -> dict[str, Any]:
    return {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {_ROOT: {"uri": f"{_absolute(root()).rstrip('/')}/"}},
        "invocations": [_invocation(run)],
        "results": [result for report in run.reports for result in _results(report)],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "hfmode-lint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": PROJECT_URL,
        "rules": [_rule(rule) for rule in RULES.values()],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why.strip()},
        "help": {"text": rule.why.strip(), "markdown": _markdown(rule)},
        "helpUri": rule_url(rule.code),
        "defaultConfiguration": {"enabled": rule.default, "level": "error"},
        "properties": {"tags": ["correctness"], "precision": "high"},
    }


def _markdown(rule: Rule) -> str:
    examples = (("Reported", rule.failing), ("Not reported", rule.passing))
    shown = (
        f"\n\n{title}:\n\n```python\n{example.strip()}\n```"
        for title, example in examples
        if example.strip()
    )
    return f"{rule.why.strip()}{''.join(shown)}\n"


def _invocation(run: Run) -> dict[str, Any]:
    notifications = [
        {"level": "error", "message": {"text": _message(error)}} for error in run.errors
    ]
    return {
        "executionSuccessful": not run.errors,
        "toolExecutionNotifications": notifications,
    }


def _results(report: FileReport) -> Iterator[dict[str, Any]]:
    places = Places(report)
    for finding, fingerprint in fingerprints(report):
        yield {
            "ruleId": finding.code,
            "ruleIndex": _INDEX[finding.code],
            "level": "error",
            "message": {"text": _message(finding.message)},
            "locations": [_location(finding, places)],
            "relatedLocations": [
                _related(number, related) for number, related in enumerate(finding.related, 1)
            ],
            "partialFingerprints": {_FINGERPRINT: fingerprint},
            "fixes": _fixes(finding, places),
            "properties": _properties(finding),
        }


def _location(finding: Finding, places: Places) -> dict[str, Any]:
    location = {"physicalLocation": _physical(finding.filename, *places.span(finding))}
    if finding.cell is None:
        return location
    return location | {"logicalLocations": [{"name": f"cell {finding.cell}", "kind": "cell"}]}


def _related(number: int, related: Related) -> dict[str, Any]:
    return {
        "id": number,
        "physicalLocation": _physical(related.filename, related.start, related.end),
        "message": {"text": _message(related.message)},
    }


def _physical(filename: str, start: Position, end: Position) -> dict[str, Any]:
    return {"artifactLocation": _artifact(filename), "region": _region(start, end)}


def _fixes(finding: Finding, places: Places) -> list[dict[str, Any]]:
    changes = _replacements(finding.fix, places) if finding.fix is not None else []
    if finding.fix is None or not changes:
        return []
    artifact = {
        "artifactLocation": _artifact(finding.filename),
        "replacements": changes,
    }
    return [{"description": {"text": _message(finding.fix.message)}, "artifactChanges": [artifact]}]


def _replacements(fix: Fix, places: Places) -> list[dict[str, Any]]:
    """The edits of a fix; none where not all of them can be told, as they belong together."""
    edits = [places.edit(edit) for edit in fix.edits]
    return [
        {
            "deletedRegion": _region(edit.start, edit.end),
            "insertedContent": {"text": edit.content},
        }
        for edit in edits
        if edit is not None and None not in edits
    ]


def _properties(finding: Finding) -> dict[str, Any]:
    """What the standard has no place for."""
    known = {
        "modulePath": finding.module_path,
        "verdict": finding.verdict.value if finding.verdict else None,
        "origin": finding.origin,
        "applicability": finding.fix.applicability.value if finding.fix else None,
        "cell": finding.cell,
    }
    return {key: value for key, value in known.items() if value is not None}


def _region(start: Position, end: Position) -> dict[str, int]:
    """A region; its end is the column behind the last one."""
    return {
        "startLine": start.line,
        "startColumn": start.column + 1,
        "endLine": end.line,
        "endColumn": end.column + 1,
    }


def _artifact(filename: str) -> dict[str, str]:
    name = from_root(filename)
    if os.path.isabs(name):
        return {"uri": _absolute(name)}
    return {"uri": quote(os.fsencode(name)), "uriBaseId": _ROOT}


def _absolute(path: str) -> str:
    return Path(path).as_uri()


def _message(text: str) -> str:
    """A message that is no template and has no links, whatever the names in it are.

    Braces mark placeholders, ``[text](target)`` a link (SARIF 3.11.5 and 3.11.6).
    """
    plain = without_controls(text).replace("](", "] (")
    return plain.replace("{", "{{").replace("}", "}}")
