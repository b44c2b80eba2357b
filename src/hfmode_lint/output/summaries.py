"""What the summaries for people share: how they say what a line did to a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.model_summary import CauseKind
from hfmode_lint.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.model_summary import Cause, Location, SummaryNode

LEGEND = "trained in eval mode: dropout is off, batch norm keeps its statistics"
NOT_SEEN = "nothing is seen that trains it"
INCOMPLETE = "more ways through the program than can be followed: some were left out"
ON_SOME_WAYS = "on some ways only"
_LONGEST = 90
_VERBS = {
    CauseKind.DEFINED: "",
    CauseKind.CONSTRUCTED: "made by ",
    CauseKind.LOADED: "loaded by ",
    CauseKind.SET: "",
}


def parameter_causes(node: SummaryNode) -> Sequence[Cause]:
    """The lines that set the parameters of a module, where they are not those of its mode."""
    known = {cause.location for cause in node.mode_causes}
    return [cause for cause in node.parameter_causes if cause.location not in known]


def what(cause: Cause, cut: str) -> str:
    """What a line did; ``cut`` stands for the end of a long one."""
    return "".join(in_words(cause, cut))


def in_words(cause: Cause, cut: str) -> tuple[str, str]:
    """What a line did: a verb for what made a module, and the source."""
    text = printable(cause.text)
    return _VERBS[cause.kind], text if len(text) <= _LONGEST else text[:_LONGEST] + cut


def where(location: Location) -> str:
    """A place as it is written in one line."""
    cell = "" if location.cell is None else f"cell {location.cell}:"
    return printable(f"{location.filename}:{cell}{location.start.line}")
