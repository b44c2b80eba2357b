"""Source texts in an HTML report: some lines are marked, and what is far from these is folded."""

from __future__ import annotations

from html import escape
from itertools import chain, groupby
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.output.summaries import where
from hfmode_lint.printable import without_controls
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hfmode_lint.findings import Position
    from hfmode_lint.model_summary import Location

_TAB = "    "
# How many lines around a mark are shown unfolded.
_CONTEXT = 12
# A gap of so few lines is not worth a fold, and one of so many makes the file too large to share.
_SHORTEST_FOLD = 4
_LONGEST_FOLD = 2000


@immutable
class Mark:
    """A part of a source that something else in the report is about.

    It goes from its place to ``end``, or to the end of the line where that is None. ``anchor`` is
    the name by which links lead to it. From its end, a link with the text ``label`` leads to
    ``back``; ``described`` says what that is where the label does not. A mark is ``calm`` where
    it shows nothing bad.
    """

    location: Location
    end: Position | None
    anchor: str
    back: str
    label: str
    described: str = ""
    calm: bool = False

    @property
    def start(self) -> Position:
        """Where it begins."""
        return self.location.start

    @property
    def last_line(self) -> int:
        """The line in which it ends."""
        return self.end.line if self.end is not None else self.start.line


def sources(
    filename: str, marks: Iterable[Mark], text_of: Callable[[Location], str]
) -> Iterator[str]:
    """Source texts with marks: that of a file first, then others under their names.

    :param text_of: the text in which a place stands.
    """
    by_file: dict[str, list[Mark]] = {filename: []}
    for mark in marks:
        by_file.setdefault(mark.location.filename, []).append(mark)
    for each, here in by_file.items():
        if here and each != filename:
            yield f"<h3>{name(each)}</h3>"
        here.sort(key=lambda mark: (mark.location.cell or 0, mark.start))
        for cell, in_cell in groupby(here, key=lambda mark: mark.location.cell):
            if cell is not None:
                yield f"<h3>Cell {cell}</h3>"
            yield from _source(list(in_cell), text_of)


def _source(marks: Sequence[Mark], text_of: Callable[[Location], str]) -> Iterator[str]:
    """A source text with marks, at least one."""
    first = marks[0].location
    lines = split_lines(text_of(first))
    named = f"Source around {where(first)}"
    yield f'<div class="source" role="group" aria-label="{text(named)}">'
    near = _near(lines, marks)
    # What stands behind the last line end is no line.
    shown = len(lines) if lines[-1] else len(lines) - 1
    for is_near, rows in groupby(range(1, shown + 1), key=near.__contains__):
        block = list(rows)
        shown_rows = (_row(row, lines[row - 1], marks) for row in block)
        yield from shown_rows if is_near else _folded(block, shown_rows)
    yield "</div>"


def text(given: str) -> str:
    """Text that is nothing but text for a browser and for a terminal."""
    return escape(without_controls(given))


def name(filename: str) -> str:
    """A file's name, that a narrow screen may break behind its folders."""
    return text(filename).replace("/", "/<wbr>")


def _folded(block: Sequence[int], rows: Iterable[str]) -> Iterator[str]:
    """Lines that are far from any mark."""
    between = f"Lines {block[0]} to {block[-1]}"
    if len(block) < _SHORTEST_FOLD:
        yield from rows
    elif len(block) > _LONGEST_FOLD:
        yield f'<p class="gap">{between} are left out</p>'
    else:
        yield f"<details><summary>{between}</summary>"
        yield from rows
        yield "</details>"


def _near(lines: Sequence[str], marks: Iterable[Mark]) -> frozenset[int]:
    """The lines that are shown without being asked for."""
    return frozenset(
        chain.from_iterable(
            range(
                max(1, mark.start.line - _CONTEXT), min(len(lines), mark.last_line + _CONTEXT) + 1
            )
            for mark in marks
        )
    )


def _row(row: int, line: str, marks: Iterable[Mark]) -> str:
    here = [mark for mark in marks if mark.start.line <= row <= mark.last_line]
    anchors = "".join(
        f'<span id="{mark.anchor}"></span>' for mark in here if mark.start.line == row
    )
    links = "".join(_link_back(mark) for mark in here if mark.last_line == row)
    code = _marked(line, [_columns(row, line, mark) for mark in here])
    return (
        f'<div class="{_classes(here)}"><span class="number">{anchors}{row}</span>'
        f"<code>{code}{links}</code></div>"
    )


def _classes(here: Sequence[Mark]) -> str:
    if not here:
        return "row"
    return "row marked calm" if all(mark.calm for mark in here) else "row marked"


def _link_back(mark: Mark) -> str:
    described = f' aria-label="{text(mark.described)}"' if mark.described else ""
    return f' <a href="#{mark.back}"{described}>{text(mark.label)}</a>'


def _columns(row: int, line: str, mark: Mark) -> tuple[int, int]:
    """The part of a line that is marked."""
    indent = len(line) - len(line.lstrip())
    start = mark.start.column if row == mark.start.line else indent
    end = mark.end.column if mark.end is not None and row == mark.end.line else len(line)
    return start, max(start, end)


def _marked(line: str, spans: Sequence[tuple[int, int]]) -> str:
    """A line of source with some parts of it marked; these may overlap."""
    if not spans:
        return text(line.replace("\t", _TAB))
    inside = [any(start <= column < end for start, end in spans) for column in range(len(line))]
    pieces: list[str] = []
    for is_inside, columns in groupby(range(len(line)), key=inside.__getitem__):
        piece = text("".join(line[column] for column in columns).replace("\t", _TAB))
        pieces.append(f"<mark>{piece}</mark>" if is_inside else piece)
    return "".join(pieces)
