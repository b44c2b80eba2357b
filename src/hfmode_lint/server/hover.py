"""What the editor shows of the place at which somebody points."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from lsprotocol import types

from hfmode_lint.findings import Position, Verdict
from hfmode_lint.model_summary import Parameters
from hfmode_lint.output.common import rule_url
from hfmode_lint.output.summaries import LEGEND, ON_SOME_WAYS, in_words, parameter_causes
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hfmode_lint.findings import Finding
    from hfmode_lint.model_summary import Cause, Location
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
_PARAMETERS = {
    Parameters.TRAINABLE: "trainable",
    Parameters.PARTLY_FROZEN: "partly frozen",
    Parameters.FROZEN: "frozen",
    Parameters.EITHER: "trainable or frozen, as the program goes",
    Parameters.UNKNOWN: "trainable or frozen, which can't be known",
}


def on_findings(report: Report, position: types.Position) -> list[str]:
    """The rules of the findings at a position."""
    found = report.findings_in(types.Range(position, position))
    return list(dict.fromkeys(map(_on_finding, found)))


def names_module(report: Report, position: types.Position) -> bool:
    """Whether something stands at a position that may name a module."""
    return _path_at(report, report.document.lines.from_client(position)) is not None


def on_module(report: Report, position: types.Position, known: Sequence[ModuleMode]) -> list[str]:
    """The modes of the module that is named at a position, of those that are known."""
    where = report.document.lines.from_client(position)
    path = _path_at(report, where)
    around = [each for each in known if each.name == path and each.start <= where <= each.end]
    # Of classes in each other, the inner one says what self is.
    innermost = max((each.start for each in around), default=Position(1, 0))
    found = [_on_mode(each) for each in around if each.start == innermost]
    return list(dict.fromkeys(found))


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


def _path_at(report: Report, where: Position) -> str | None:
    """The module path at a position, up to the word there."""
    line = report.document.lines.line(where.line)
    for match in _MODULE_PATH.finditer(line):
        if match.start() <= where.column <= match.end():
            word = _WORD.match(line, where.column)
            end = word.end() if word is not None else where.column
            path = line[match.start() : end].rstrip(".")
            return path if "." in path else None
    return None


def _on_mode(mode: ModuleMode) -> str:
    module = mode.module
    is_in_mode = f"is {_MODES[module.mode]} in the first training step"
    are_trained = f"its parameters are {_PARAMETERS[module.parameters]}"
    parts = [
        f"`{module.path}` of `{mode.owner}` {is_in_mode}; {are_trained}.",
        _told(mode, "", module.mode_causes),
        _told(mode, "Parameters: ", parameter_causes(module)),
        f"**{LEGEND[0].upper()}{LEGEND[1:]}.**" if module.trained_in_eval else "",
        "" if module.on_every_way else f"It is there {ON_SOME_WAYS}.",
    ]
    return "\n\n".join(filter(None, parts))


def _told(mode: ModuleMode, title: str, causes: Iterable[Cause]) -> str:
    """The lines that set something, in one sentence."""
    told = " or ".join(f"{_code(cause)} in {_place(mode, cause.location)}" for cause in causes)
    sentence = f"{title}{told}."
    return told and sentence[0].upper() + sentence[1:]


def _code(cause: Cause) -> str:
    verb, text = in_words(cause, "…")
    # A span of code ends at as many backticks as it begins with.
    return f"{verb or 'set by '}`` {text} ``" if "`" in text else f"{verb or 'set by '}`{text}`"


def _place(mode: ModuleMode, location: Location) -> str:
    file = os.path.basename(location.filename)
    is_here = location.filename == mode.filename
    return f"line {location.start.line}{'' if is_here else f' of {file}'}"
