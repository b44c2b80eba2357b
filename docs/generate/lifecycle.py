"""The lifecycle as a picture, drawn from the table that the analysis runs."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge import lightning
from hfmode_lint.analysis.knowledge.lightning import Receiver, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH = 440
_LINE = 21
_PAD = 12
_GAP = 14
_HEAD = 26

# Marks and words for whose hook is called; the finetuning callbacks are callbacks to a reader.
_LETTERS = {
    Receiver.MODULE: ("M", "module"),
    Receiver.CALLBACK: ("C", "callback"),
    Receiver.FINETUNING: ("C", "callback"),
    Receiver.DATA: ("D", "data"),
}
_LEGEND = (
    ("M", "module", "LightningModule"),
    ("C", "callback", "each callback"),
    ("D", "data", "LightningDataModule"),
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Stages that stand in one box, under a heading and above a remark."""

    title: str
    stages: Sequence[Stage]
    remark: str = ""
    kind: str = "plain"

    @property
    def height(self) -> int:
        return _HEAD + _LINE * (len(self.stages) + bool(self.remark)) + _PAD


def _own(hook: str) -> Stage:
    return Stage(hook, (Receiver.MODULE,))


def _groups() -> tuple[_Group, ...]:
    start = Stage("__init__", (Receiver.MODULE,))
    sanity = (
        *lightning.BEFORE_VALIDATION,
        _own(lightning.ENTER_VALIDATION),
        *lightning.SANITY_CHECK,
        _own(lightning.LEAVE_VALIDATION),
        *lightning.AFTER_VALIDATION,
    )
    return (
        _Group("Your program", (start,), "from_pretrained() leaves eval mode"),
        _Group("Trainer.fit() begins", lightning.BEFORE_SANITY_CHECK, "since 2.2 no train() here"),
        _Group("Sanity check, if there is one", sanity, "afterwards: the modes of before", "aside"),
        _Group("Training begins", lightning.AFTER_SANITY_CHECK),
        _Group(
            "First step",
            (_own(lightning.TRAINING_STEP),),
            "the modes here are the verdict",
            "verdict",
        ),
        _Group("After the step", lightning.AFTER_STEP),
        _Group("Validation, then the next epoch", lightning.NEXT_EPOCH),
        _Group(
            "First step of the second epoch",
            (_own(lightning.TRAINING_STEP),),
            "looked at by HFM006",
            "verdict",
        ),
    )


def picture() -> str:
    """The picture as SVG, for use inside a page: it takes the page's colours."""
    groups = _groups()
    legend = _HEAD
    height = legend + sum(group.height + _GAP for group in groups)
    title = "What Lightning calls, in order, up to the second epoch"
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="lifecycle" role="img"',
        f'     aria-labelledby="lifecycle-title" viewBox="0 0 {_WIDTH} {height}">',
        f'<title id="lifecycle-title">{title}</title>',
        *_legend(),
    ]
    top = legend
    for number, group in enumerate(groups):
        if number:
            lines.append(_arrow(top - _GAP, top))
        lines += _box(group, top)
        top += group.height + _GAP
    return "\n".join([*lines, "</svg>", ""])


def _legend() -> Iterator[str]:
    left = _PAD
    for letter, kind, words in _LEGEND:
        yield from _mark(left + 8, 10, letter, kind)
        yield f'<text class="remark" x="{left + 22}" y="14">{words}</text>'
        left += 140


def _box(group: _Group, top: int) -> Iterator[str]:
    yield (
        f'<rect class="box {group.kind}" x="1" y="{top}" width="{_WIDTH - 2}" '
        f'height="{group.height}" rx="6"/>'
    )
    yield f'<text class="title" x="{_PAD}" y="{top + 19}">{escape(group.title)}</text>'
    middle = top + _HEAD + _LINE // 2
    for stage in group.stages:
        yield from _stage(stage, middle)
        middle += _LINE
    if group.remark:
        yield f'<text class="remark" x="{_PAD}" y="{middle + 5}">{escape(group.remark)}</text>'


def _stage(stage: Stage, middle: int) -> Iterator[str]:
    yield f'<text class="hook" x="{_PAD + 8}" y="{middle + 4}">{escape(stage.hook)}</text>'
    left = _WIDTH - _PAD - 8 - 24 * (len(stage.receivers) - 1)
    for receiver in stage.receivers:
        yield from _mark(left, middle, *_LETTERS[receiver])
        left += 24


def _mark(x: int, y: int, letter: str, kind: str) -> Iterator[str]:
    yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="8"/>'
    yield f'<text class="mark" x="{x}" y="{y + 4}">{letter}</text>'


def _arrow(top: int, bottom: int) -> str:
    middle = _WIDTH // 2
    return f'<path class="arrow" d="M{middle} {top} V{bottom - 2} m-4 -5 l4 5 l4 -5"/>'
