"""What is known of one version of a document, and the editor's words for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types

from hfmode_lint.immutable import immutable
from hfmode_lint.output.common import rule_url
from hfmode_lint.rules import UNPARSABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hfmode_lint.findings import Finding, Related
    from hfmode_lint.server.checker import Checked
    from hfmode_lint.server.modes import ModuleMode
    from hfmode_lint.server.positions import Lines

SOURCE = "hfmode-lint"


@immutable
class Document:
    """A version of what is open in the editor; ``name`` is its path, or its URI if it has none."""

    uri: str
    version: int
    name: str
    text: str
    lines: Lines


@dataclass(slots=True)
class Report:
    """What is known of a document; ``modes`` only once somebody has asked."""

    document: Document
    checked: Checked
    modes: Sequence[ModuleMode] | None = None

    def findings_in(self, place: types.Range) -> list[Finding]:
        """The findings that touch a range of the editor's."""
        lines = self.document.lines
        start, end = lines.from_client(place.start), lines.from_client(place.end)
        return [each for each in self.checked.findings if each.start <= end and start <= each.end]


def diagnostic(
    finding: Finding, lines: Lines, lines_of: Callable[[str], Lines | None] | None = None
) -> types.Diagnostic:
    """A finding in the editor's words.

    :param lines_of: finds the lines of another file by its path; None where the editor shows no
        places in other files.
    """
    unparsable = finding.code == UNPARSABLE
    return types.Diagnostic(
        range=lines.range(finding.start, finding.end),
        message=finding.message,
        severity=types.DiagnosticSeverity.Error if unparsable else types.DiagnosticSeverity.Warning,
        code=finding.code,
        code_description=types.CodeDescription(rule_url(finding.code)),
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(location, related.message)
            for related in finding.related
            for location in _locations(related, lines_of)
        ]
        if lines_of is not None
        else None,
    )


def _locations(
    related: Related, lines_of: Callable[[str], Lines | None]
) -> Iterator[types.Location]:
    path = os.path.abspath(related.filename)
    lines = lines_of(path)
    if lines is not None:
        yield types.Location(uri_of(path), lines.range(related.start, related.end))


def uri_of(path: str) -> str:
    """The URI of a file."""
    return Path(path).as_uri()
