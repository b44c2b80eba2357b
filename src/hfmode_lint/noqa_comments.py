"""``noqa`` comments that are to be written, and those that can go.

A comment is written where it is shown to work: the program stays the same, and what it is to hide
is gone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.edits import OverlapError, apply_edits
from hfmode_lint.engine import check_bytes, round_trips, same_program
from hfmode_lint.magics import as_python
from hfmode_lint.places import Places
from hfmode_lint.rules import UNPARSABLE, UNUSED_NOQA
from hfmode_lint.source import decode, encode
from hfmode_lint.suppression import Suppressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.config import Options
    from hfmode_lint.engine import FileReport, Surroundings
    from hfmode_lint.findings import Edit, Finding

# What is no matter of one line, and what a comment would only make worse.
_NOT_TO_HIDE = frozenset({UNPARSABLE, UNUSED_NOQA})


def add_noqa(
    data: bytes, filename: str, options: Options, around: Surroundings, *, named: bool
) -> FileReport:
    """Check the content of a file and hide its findings by comments; nothing is written.

    A file in which they can't be hidden stays as it is.
    """
    report = check_bytes(data, filename, options, around, named=named)
    wanted = [each for each in report.findings if each.code not in _NOT_TO_HIDE]
    if not wanted:
        return report
    after = _with_comments(report, wanted)
    if after is None:
        return report
    again = check_bytes(after, filename, options, around, named=named)
    if len(again.findings) != len(report.findings) - len(wanted):
        return report
    return replace(again, before=data, silenced=tuple(wanted))


def _with_comments(report: FileReport, wanted: Iterable[Finding]) -> bytes | None:
    """The bytes of a file with comments; None where that would change more than comments."""
    text, encoding = decode(report.before)
    if not round_trips(report.before, text, encoding):
        return None
    places = Places(report)
    edits = [places.edit(edit) for edit in _edits(report, wanted)]
    try:
        commented = apply_edits(text, (edit for edit in edits if edit is not None))
    except (OverlapError, ValueError):
        return None
    whole = None not in edits and same_program(text, commented, report.filename)
    return encode(commented, encoding) if whole else None


def _edits(report: FileReport, wanted: Iterable[Finding]) -> Iterator[Edit]:
    """One edit a line."""
    codes: defaultdict[tuple[int | None, int], set[str]] = defaultdict(set)
    for finding in wanted:
        comments = _comments(report, finding.cell)
        codes[finding.cell, comments.row_for(finding.start.line)].add(finding.code)
    for (cell, row), listed in codes.items():
        edit = _comments(report, cell).edit_to_hide(row, sorted(listed))
        yield replace(edit, cell=cell)


def _comments(report: FileReport, cell: int | None) -> Suppressions:
    text = report.text_of(cell)
    # With Python for its magics a cell has all characters at their places.
    return Suppressions(text if cell is None else as_python(text))
