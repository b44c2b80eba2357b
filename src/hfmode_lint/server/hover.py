"""What the editor shows of the place at which somebody points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from hfmode_lint.findings import Position, Verdict
from hfmode_lint.output.common import rule_url
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.findings import Finding
    from hfmode_lint.server.modes import ModuleMode
    from hfmode_lint.server.report import Report

_MODULE_PATH = re.compile(r"\bself(?:\.\w+)+")
_WORD = re.compile(r"\w*")
_MODES = {
    Verdict.TRAIN: "in train mode",
    Verdict.EVAL: "in eval mode",
    Verdict.EITHER: "in train mode or in eval mode, as the program goes,",
    Verdict.UNKNOWN: "in a mode that can't be known",
}


def hover(report: Report, position: types.Position) -> types.Hover | None:
    """The rule of a finding at a position, and the modes of the module that is named there."""
    found = report.findings_in(types.Range(position, position))
    parts = list(dict.fromkeys([*map(_on_finding, found), *_on_module(report, position)]))
    if not parts:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(parts)))


def _on_finding(finding: Finding) -> str:
    rule = RULES[finding.code]
    return "\n\n".join(
        part
        for part in (
            f"**{rule.code}** {rule.name}: {rule.summary}",
            rule.why.strip(),
            f"[{rule.code}]({rule_url(rule.code)})",
        )
        if part
    )


def _on_module(report: Report, position: types.Position) -> Iterator[str]:
    where = report.document.lines.from_client(position)
    path = _path_at(report.document.lines.line(where.line), where.column)
    modes = [each for each in report.checked.modes if each.path == path]
    around = [each for each in modes if each.start <= where <= each.end]
    # Of classes in each other, the inner one says what self is.
    innermost = max((each.start for each in around), default=Position(1, 0))
    for mode in around:
        if mode.start == innermost:
            yield _on_mode(mode)


def _path_at(line: str, column: int) -> str | None:
    """The module path that a line names at a column, up to the word there."""
    for match in _MODULE_PATH.finditer(line):
        if match.start() <= column <= match.end():
            word = _WORD.match(line, column)
            end = word.end() if word is not None else column
            return line[match.start() : end].rstrip(".")
    return None


def _on_mode(mode: ModuleMode) -> str:
    return (
        f"`{mode.path}` of `{mode.owner}` is {_MODES[mode.verdict]} when training starts: "
        f"{mode.reason}.\n\nLoaded by {mode.origin}."
    )
