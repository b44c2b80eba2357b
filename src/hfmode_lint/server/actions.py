"""What the editor offers to do about findings."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING

from lsprotocol import types

from hfmode_lint.edits import apply_edits
from hfmode_lint.engine import adds_only_mode_code
from hfmode_lint.findings import Applicability, Edit
from hfmode_lint.rules import UNPARSABLE
from hfmode_lint.server.report import diagnostic
from hfmode_lint.source import LineIndex
from hfmode_lint.suppression import Suppressions
from hfmode_lint.syntax import BOM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.findings import Finding
    from hfmode_lint.server.report import Document, Report

FIX_ALL = "Fix all hfmode-lint problems"


def offered(report: Report, params: types.CodeActionParams) -> Iterator[types.CodeAction]:
    """What can be done where the editor asks; an action without an edit is to be completed."""
    only = params.context.only
    if _wanted(types.CodeActionKind.QuickFix, only):
        findings = report.findings_in(params.range)
        for finding in findings:
            yield from _fixes(report.document, finding)
        if findings and report.checked.fixable > 1:
            yield _fix_all(report.document, types.CodeActionKind.QuickFix)
        for finding in findings:
            yield from _ignoring(report.document, finding)
    # Such an action is about the whole file: only who asks for it wants it.
    if only and _wanted(types.CodeActionKind.SourceFixAll, only) and report.checked.fixable:
        yield _fix_all(report.document, types.CodeActionKind.SourceFixAll)


def _wanted(kind: types.CodeActionKind, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the editor asks for a kind: by its name, or by one that it is below."""
    if not only:
        return True
    names = [each.value if isinstance(each, types.CodeActionKind) else each for each in only]
    return any(name in {"", kind.value} or kind.value.startswith(f"{name}.") for name in names)


def _fixes(document: Document, finding: Finding) -> Iterator[types.CodeAction]:
    if finding.fix is None:
        return
    before = document.text.removeprefix(BOM)
    if not adds_only_mode_code(before, apply_edits(before, finding.fix.edits)):
        return
    safe = finding.fix.applicability is Applicability.SAFE
    warning = "" if safe else " (other code may see the change)"
    yield types.CodeAction(
        title=f"{finding.fix.message}{warning}",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(finding, document.lines)],
        is_preferred=True if safe else None,
        edit=_workspace_edit(document, _text_edits(document, finding.fix.edits)),
    )


def _ignoring(document: Document, finding: Finding) -> Iterator[types.CodeAction]:
    if finding.code == UNPARSABLE:
        return
    text = document.text.removeprefix(BOM)
    edit = Suppressions(text).edit_to_hide(finding.start.line, [finding.code])
    # No comment can stand behind a backslash.
    if Suppressions(apply_edits(text, [edit])).keep([finding]):
        return
    yield types.CodeAction(
        title=f"Ignore {finding.code} on this line",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(finding, document.lines)],
        edit=_workspace_edit(document, _text_edits(document, [edit])),
    )


def _fix_all(document: Document, kind: types.CodeActionKind) -> types.CodeAction:
    data = {"uri": document.uri, "version": document.version}
    return types.CodeAction(title=FIX_ALL, kind=kind, data=data)


def replacing(document: Document, after: str) -> types.WorkspaceEdit:
    """The edit that makes another text of a document, and leaves the lines alone that stay."""
    before = document.text.removeprefix(BOM)
    old, new = before.splitlines(keepends=True), after.removeprefix(BOM).splitlines(keepends=True)
    index = LineIndex(before)
    starts = [index.position(offset) for offset in accumulate(map(len, old), initial=0)]
    changed = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    edits = [
        Edit(starts[first], starts[last], "".join(new[start:end]))
        for kind, first, last, start, end in changed
        if kind != "equal"
    ]
    return _workspace_edit(document, _text_edits(document, edits))


def without_version(edit: types.WorkspaceEdit) -> types.WorkspaceEdit:
    """One of these edits, for an editor that knows no versions in them."""
    changes = {
        each.text_document.uri: [one for one in each.edits if isinstance(one, types.TextEdit)]
        for each in edit.document_changes or ()
        if isinstance(each, types.TextDocumentEdit)
    }
    return types.WorkspaceEdit(changes=changes)


def _text_edits(document: Document, edits: Iterable[Edit]) -> list[types.TextEdit]:
    return [
        types.TextEdit(document.lines.range(edit.start, edit.end), edit.content) for edit in edits
    ]


def _workspace_edit(document: Document, edits: list[types.TextEdit]) -> types.WorkspaceEdit:
    # With its version, the editor refuses an edit of what has changed since.
    where = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(where, list(edits))])
