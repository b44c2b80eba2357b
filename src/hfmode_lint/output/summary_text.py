"""Summaries for people: a tree of modules with a line each, and why each is in its mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfmode_lint.model_summary import CauseKind
from hfmode_lint.printable import printable, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.model_summary import Cause, Location, ModelSummary, SummaryNode
    from hfmode_lint.output.common import Style

_HEADER = ("Module", "Type", "Mode", "Parameters", "Why")
_MARK = "!"
_LEGEND = f"{_MARK} trained in eval mode: dropout is off, batch norm keeps its statistics"
_NOT_SEEN = "nothing is seen that trains it"
_INCOMPLETE = "more ways through the program than can be followed: some were left out"
_LONGEST = 90
_GAP = "  "
_VERBS = {
    CauseKind.DEFINED: "",
    CauseKind.CONSTRUCTED: "made by ",
    CauseKind.LOADED: "loaded by ",
    CauseKind.SET: "",
}


@dataclass(frozen=True, slots=True)
class Lines:
    """What trees are drawn with."""

    fork: str = "├─ "
    last: str = "└─ "
    past: str = "│  "
    cut: str = "…"

    @classmethod
    def for_encoding(cls, encoding: str | None) -> Lines:
        """Lines that can be written in an encoding."""
        lines = cls()
        try:
            (lines.fork + lines.last + lines.past + lines.cut).encode(encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return cls("|- ", "`- ", "|  ", "...")
        return lines


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]
    stands_out: bool = False


def render(
    models: Sequence[ModelSummary], style: Style, lines: Lines | None = None
) -> Iterator[str]:
    """A table for each LightningModule, with an empty line between two."""
    lines = lines or Lines()
    for number, model in enumerate(models):
        if number:
            yield ""
        yield from _table(model, style, lines)
    if any(node.trained_in_eval for model in models if model.root for node in model.root.walk()):
        yield ""
        yield style(_LEGEND, "red")


def _table(model: ModelSummary, style: Style, lines: Lines) -> Iterator[str]:
    yield f"{style(printable(model.name), 'bold')} ({_where(model.location)})"
    if model.root is None:
        yield f"{_GAP}{_NOT_SEEN}"
        return
    rows = [_Row(_HEADER), *_rows(model.root, lines, "", "")]
    widths = [max(width(row.cells[i]) for row in rows) for i in range(len(_HEADER) - 1)]
    for row in rows:
        yield _aligned(row, widths, style)
    if not model.complete:
        yield f"{_GAP}{_INCOMPLETE}"


def _rows(node: SummaryNode, lines: Lines, before: str, below: str) -> Iterator[_Row]:
    """A module and those below it; ``before`` and ``below`` is what is drawn left of them."""
    cells = (
        before + printable(node.name),
        " or ".join(map(printable, node.types)),
        node.mode.value,
        node.parameters.value,
        _why(node, lines.cut),
    )
    yield _Row(cells, node.trained_in_eval)
    for child in node.children:
        is_last = child is node.children[-1]
        yield from _rows(
            child,
            lines,
            below + (lines.last if is_last else lines.fork),
            below + (" " * len(lines.past) if is_last else lines.past),
        )


def _aligned(row: _Row, widths: Sequence[int], style: Style) -> str:
    *columns, why = row.cells
    padded = [cell + " " * (wide - width(cell)) for cell, wide in zip(columns, widths, strict=True)]
    mark = _MARK if row.stands_out else " "
    left = f"{mark} {_GAP.join(padded)}"
    return f"{style(left, 'red') if row.stands_out else left}{_GAP}{why}".rstrip()


def _why(node: SummaryNode, cut: str) -> str:
    """The lines that set the mode, and those that set the parameters where they are others."""
    known = {cause.location for cause in node.mode_causes}
    others = [cause for cause in node.parameter_causes if cause.location not in known]
    parts = [] if node.on_every_way else ["on some ways only"]
    if node.mode_causes:
        parts.append(_one_of(node.mode_causes, cut))
    if others:
        parts.append(f"parameters: {_one_of(others, cut)}")
    return "; ".join(parts)


def _one_of(causes: Iterable[Cause], cut: str) -> str:
    return " or ".join(f"{_where(each.location)} {_what(each, cut)}" for each in causes)


def _what(cause: Cause, cut: str) -> str:
    text = printable(cause.text)
    return _VERBS[cause.kind] + (text if len(text) <= _LONGEST else text[:_LONGEST] + cut)


def _where(location: Location) -> str:
    cell = "" if location.cell is None else f"cell {location.cell}:"
    return printable(f"{location.filename}:{cell}{location.start.line}")
