"""Findings as plain data, and back: what the cache keeps of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfmode_lint.findings import (
    Applicability,
    Edit,
    Finding,
    Fix,
    Position,
    Related,
    Verdict,
)
from hfmode_lint.set_elsewhere import SetElsewhere

if TYPE_CHECKING:
    from collections.abc import Iterable


def stored(findings: Iterable[Finding]) -> list[list[Any]]:
    """Findings as lists that JSON can hold."""
    return [
        [
            each.code,
            each.message,
            *_span(each),
            each.filename,
            None if each.fix is None else _stored_fix(each.fix),
            each.module_path,
            None if each.verdict is None else each.verdict.value,
            each.origin,
            each.assumed,
            each.cell,
            [[place.filename, *_span(place), place.message] for place in each.related],
            None if each.set_elsewhere is None else _stored_entry(each.set_elsewhere),
            each.removed,
        ]
        for each in findings
    ]


def restored(findings: Iterable[list[Any]]) -> tuple[Finding, ...]:
    """The findings that were stored.

    :raises (TypeError, ValueError): where these are none.
    """
    return tuple(map(_finding, findings))


def _finding(stored: list[Any]) -> Finding:
    code, message, start, end, filename, fix, module_path, *rest = stored
    verdict, origin, assumed, cell, related, entry, removed = rest
    return Finding(
        code,
        message,
        Position(*start),
        Position(*end),
        filename,
        None if fix is None else _fix(*fix),
        module_path,
        None if verdict is None else Verdict(verdict),
        origin,
        assumed,
        cell,
        tuple(Related(name, Position(*s), Position(*e), text) for name, s, e, text in related),
        None if entry is None else SetElsewhere(*entry),
        removed,
    )


def _span(place: Finding | Related | Edit) -> tuple[list[int], list[int]]:
    return [place.start.line, place.start.column], [place.end.line, place.end.column]


def _stored_fix(fix: Fix) -> list[Any]:
    edits = [[*_span(edit), edit.content, edit.cell] for edit in fix.edits]
    return [fix.message, fix.applicability.value, edits]


def _fix(message: str, applicability: str, edits: list[list[Any]]) -> Fix:
    return Fix(
        message,
        Applicability(applicability),
        tuple(Edit(Position(*start), Position(*end), *rest) for start, end, *rest in edits),
    )


def _stored_entry(entry: SetElsewhere) -> list[str]:
    return [entry.class_name, entry.path, entry.reason, entry.folder]
