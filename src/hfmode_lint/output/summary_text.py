"""Summaries for people: a tree of modules with a line each, and why each is in its mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.output.summaries import (
    INCOMPLETE,
    LEGEND,
    NOT_SEEN,
    ON_SOME_WAYS,
    parameter_causes,
    what,
    where,
)
from hfmode_lint.printable import printable, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.model_summary import Cause, ModelSummary, SummaryNode
    from hfmode_lint.output.common import Style

_HEADER = ("Module", "Type", "Mode", "Parameters", "Why")
_MARK = "!"
_GAP = "  "


@immutable
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


@immutable
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
        yield style(f"{_MARK} {LEGEND}", "red")


def _table(model: ModelSummary, style: Style, lines: Lines) -> Iterator[str]:
    yield f"{style(printable(model.name), 'bold')} ({where(model.location)})"
    if model.root is None:
        yield f"{_GAP}{NOT_SEEN}"
        return
    rows = [_Row(_HEADER), *_rows(model.root, lines, "", "")]
    widths = [max(width(row.cells[i]) for row in rows) for i in range(len(_HEADER) - 1)]
    for row in rows:
        yield _aligned(row, widths, style)
    if not model.complete:
        yield f"{_GAP}{INCOMPLETE}"


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
    others = parameter_causes(node)
    parts = [] if node.on_every_way else [ON_SOME_WAYS]
    if node.mode_causes:
        parts.append(_one_of(node.mode_causes, cut))
    if others:
        parts.append(f"parameters: {_one_of(others, cut)}")
    return "; ".join(parts)


def _one_of(causes: Iterable[Cause], cut: str) -> str:
    return " or ".join(f"{where(each.location)} {what(each, cut)}" for each in causes)
