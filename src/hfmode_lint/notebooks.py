"""Jupyter notebooks: the program that their code cells are, and back to their JSON text.

The cells of a notebook share their names, so they are one program, in their order. What is found
in it is placed in its cell, and what is changed in it is changed in the JSON text, where no other
byte moves.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from hfmode_lint.edits import Splice, apply_splices
from hfmode_lint.findings import Position
from hfmode_lint.immutable import immutable
from hfmode_lint.magics import as_python, blank
from hfmode_lint.source import LineIndex
from hfmode_lint.syntax import BOM, syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.findings import Edit, Finding, Fix

    _Span = tuple[int, int]


# The version of the format in which cells are read; older notebooks are converted.
_FORMAT = 4

_PYTHON = re.compile(r"i?python[\d. ]*|pyspark", re.IGNORECASE)

# IPython takes away the indentation of a cell whose first line has one; a block gives it a
# meaning and moves nothing.
_BLOCK = "if 1:\n"

_DECODER = json.JSONDecoder()
_BLANKS = re.compile(r"[ \t\r\n]*")
# One character of a string literal: a pair of surrogates, an escape, or itself.
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u.{4}|\\.|[^\\]"
)


class NotebookError(Exception):
    """The text is no notebook; ``reason`` is one line for the user, ``position`` in the text."""

    def __init__(self, reason: str, position: Position | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position or Position(1, 0)


@immutable
class Cell:
    """A code cell: its place among all cells, from 1; what it holds; what of that is Python.

    ``opening`` stands before its Python in the program, and belongs to no cell. ``error`` says why
    the cell is no Python, and where; it then has no part in the program.
    """

    number: int
    source: str
    code: str
    opening: str = ""
    error: tuple[str, Position] | None = None


class Notebook:
    """A notebook's JSON text, its Python cells, and the one program that they are."""

    def __init__(self, text: str, cells: Sequence[Cell]) -> None:
        self.text = text
        self.cells = cells
        self.program = "".join(f"{cell.opening}{cell.code}\n" for cell in cells)
        starts = list(_starts(cells))
        lines = LineIndex(self.program)
        self._first_lines = [lines.position(start).line for start in starts]
        # What places in the program don't count, and those in its first cell do.
        self._uncounted = len(BOM) if self.program.startswith(BOM) else 0
        self._starts = [start - self._uncounted for start in starts]

    @property
    def sources(self) -> dict[int, str]:
        """The sources of the Python cells by their numbers."""
        return {cell.number: cell.source for cell in self.cells}

    def placed(self, finding: Finding) -> Finding:
        """A finding in the program as one in its cell, with lines and columns of that cell."""
        number, start = self.place(finding.start)
        _, end = self.place(finding.end)
        fix = self._placed_fix(finding.fix) if finding.fix else None
        return replace(finding, cell=number, start=start, end=end, fix=fix)

    def changed(self, changes: Iterable[Splice]) -> Notebook:
        """The notebook after changes of its program, whose offsets don't count a BOM.

        :raises NotebookError: where its JSON text does not show the place of a change.
        """
        return read_notebook(apply_splices(self.text, map(self._in_text, changes)))

    def position_of(self, cell: int, position: Position) -> Position:
        """Where in the JSON text a position of a cell's source stands.

        :raises NotebookError: where the JSON text does not show it.
        """
        source = self.sources[cell]
        offset = LineIndex(source).offset(position)
        return LineIndex(self.text).position(self._literals_of(cell, source).offsets[offset])

    def spelled(self, cell: int, content: str) -> str:
        """Content as it is spelled in the JSON text of a cell's source.

        :raises NotebookError: where the JSON text does not show that source.
        """
        return self._literals_of(cell, self.sources[cell]).encode(content)

    def _placed_fix(self, fix: Fix) -> Fix:
        return replace(fix, edits=tuple(map(self._placed_edit, fix.edits)))

    def _placed_edit(self, edit: Edit) -> Edit:
        number, start = self.place(edit.start)
        _, end = self.place(edit.end)
        return replace(edit, cell=number, start=start, end=end)

    def place(self, position: Position) -> tuple[int, Position]:
        """The cell of a position in the program, and the position in that cell."""
        index = max(bisect_right(self._first_lines, position.line) - 1, 0)
        line = position.line - self._first_lines[index] + 1
        column = position.column + (self._uncounted if position.line == 1 else 0)
        return self.cells[index].number, Position(line, column)

    def _in_text(self, change: Splice) -> Splice:
        index = bisect_right(self._starts, change.start) - 1
        cell = self.cells[index]
        start, end = (offset - self._starts[index] for offset in (change.start, change.end))
        where = self._literals_of(cell.number, cell.source)
        return Splice(where.offsets[start], where.offsets[end], where.encode(change.content))

    def _literals_of(self, number: int, source: str) -> _Literals:
        # Of a notebook in more than one format's shape, nbformat may have read other cells.
        where = self._literals[number - 1] if number <= len(self._literals) else None
        if where is None or where.value != source:
            raise NotebookError(f"the source of cell {number} has no plain place in the JSON")
        return where

    @cached_property
    def _literals(self) -> list[_Literals]:
        return list(_source_literals(self.text))


def read_notebook(text: str) -> Notebook:
    """Read a notebook of any version of the format.

    One in another language than Python has no cells.

    :param text: the file's content, without a BOM.
    :raises NotebookError: where it is no notebook.
    """
    node = _load(text)
    if not _is_python(
        _string_in(node, "metadata", "kernelspec", "language")
        or _string_in(node, "metadata", "language_info", "name")
        or _string_in(node, "metadata", "language")
    ):
        return Notebook(text, ())
    return Notebook(text, tuple(_python_cells(node)))


def check_json(text: str) -> dict[str, Any]:
    """The JSON object that a text is.

    :raises NotebookError: where it isn't one.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        position = LineIndex(text).position(error.pos)
        raise NotebookError(f"no valid JSON: {error.msg}", position) from None
    except RecursionError:
        raise NotebookError("nested too deeply") from None
    except ValueError as error:
        raise NotebookError(str(error)) from None
    if not isinstance(value, dict):
        raise NotebookError("no notebook, as the JSON is no object")
    return value


def _load(text: str) -> Any:  # noqa: ANN401 - nbformat's nodes have no types
    notebook = check_json(text)
    if not isinstance(notebook.get("nbformat"), int):
        raise NotebookError("no notebook, as the JSON has no nbformat number")
    if notebook["nbformat"] != _FORMAT:
        return _converted(text)
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(each, dict) for each in cells):
        raise NotebookError("no notebook, as the JSON has no list of cells")
    return notebook


def _converted(text: str) -> Any:  # noqa: ANN401 - as above
    # Imported for old formats only: beside Jupyter it takes seconds, as jsonschema, which it
    # loads, then builds grammars for each kind of address.
    from nbformat import convert, reader

    try:
        # Without nbformat's validation: what it finds fault with is not our subject.
        return convert(reader.reads(text), _FORMAT)
    except Exception as error:  # noqa: BLE001 - a wrong shape makes nbformat stumble in many ways
        raise NotebookError(f"no notebook: {error}") from None


def _python_cells(node: Any) -> Iterator[Cell]:  # noqa: ANN401 - as above
    bom = ""
    for number, cell in enumerate(node["cells"], start=1):
        source = _source_of(cell, number)
        language = _string_in(cell, "metadata", "vscode", "languageId")
        if source and cell.get("cell_type") == "code" and _is_python(language):
            yield _cell(number, source, bom)
            # One may begin the program. Within it Python refuses another one.
            bom = BOM


def _source_of(cell: dict[str, Any], number: int) -> str:
    """The source of a cell, which may be a list of its lines; empty where there is none."""
    source = cell.get("source")
    if isinstance(source, str):
        return source
    lines = source if isinstance(source, list) else []
    if not all(isinstance(line, str) for line in lines):
        raise NotebookError(f"no notebook, as the source of cell {number} is no text")
    return "".join(lines)


def _cell(number: int, source: str, bom: str) -> Cell:
    """A code cell, parsed by itself: IPython runs nothing of a cell with an error in it.

    :param bom: what Python ignores before it.
    """
    code = as_python(source)
    error = syntax_error(bom + code)
    if error is None:
        return Cell(number, source, code)
    if syntax_error(_BLOCK + code) is None:
        return Cell(number, source, code, opening=_BLOCK)
    return Cell(number, source, blank(source), error=error)


def _is_python(language: str | None) -> bool:
    """Whether a notebook or cell of a language is Python, as those are that don't say."""
    return language is None or _PYTHON.fullmatch(language) is not None


def _string_in(node: object, *keys: str) -> str | None:
    """The string below some keys; None where there is none, or an empty one."""
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, str) and node else None


def _starts(cells: Iterable[Cell]) -> Iterator[int]:
    """Where in the program the code of each cell starts."""
    at = 0
    for cell in cells:
        at += len(cell.opening)
        yield at
        at += len(cell.code) + 1


class _Literals:
    """The string literals in a JSON text that a cell's source is: one, or one a line."""

    def __init__(self, text: str, spans: Sequence[_Span]) -> None:
        self._text = text
        self._spans = spans

    @property
    def value(self) -> str:
        """The source itself."""
        return "".join(json.loads(self._text[start:end]) for start, end in self._spans)

    @cached_property
    def offsets(self) -> list[int]:
        """Where in the text each character of the source stands, and where the last one ends."""
        offsets = [
            character.start()
            for start, end in self._spans
            for character in _CHARACTER.finditer(self._text, start + 1, end - 1)
        ]
        return [*offsets, self._spans[-1][1] - 1]

    def encode(self, content: str) -> str:
        """Content as it stands inside of the literals, with its lines apart where theirs are."""
        ascii_only = self._text.isascii()
        lines = re.split(r"(?<=\n)", content)
        encoded = [json.dumps(line, ensure_ascii=ascii_only)[1:-1] for line in lines]
        return self._between.join(encoded)

    @property
    def _between(self) -> str:
        for (_, end), (start, _) in pairwise(self._spans):
            return f'"{self._text[end:start]}"'
        return ""


def _source_literals(text: str) -> Iterator[_Literals]:
    """The literals of each cell of a notebook's JSON text."""
    notebook = _members(text, _after_blanks(text, 0))
    sheets, key = [notebook], "source"
    if "cells" not in notebook:
        # Before format 4 there was a level more, and code had another key.
        start, _ = notebook["worksheets"]
        sheets, key = [_members(text, sheet) for sheet, _ in _values(text, start)], "input"
    for sheet in sheets:
        start, _ = sheet["cells"]
        for cell, _ in _values(text, start):
            span = _members(text, cell).get(key)
            yield _Literals(text, list(_strings(text, span)) if span else [])


def _strings(text: str, span: _Span) -> Iterator[_Span]:
    if text.startswith("[", span[0]):
        yield from _values(text, span[0])
    else:
        yield span


def _members(text: str, start: int) -> dict[str, _Span]:
    """Where the values of the JSON object at ``start`` stand, by their keys."""
    spans = list(_values(text, start))
    keys = (json.loads(text[slice(*span)]) for span in spans[::2])
    return dict(zip(keys, spans[1::2], strict=True))


def _values(text: str, start: int) -> Iterator[_Span]:
    """Where the elements of the JSON array at ``start``, or keys and values of an object, stand."""
    at = _after_blanks(text, start + 1)
    while text[at] not in "]}":
        _, end = _DECODER.raw_decode(text, at)
        yield at, end
        at = _after_blanks(text, end)
        if text[at] in ",:":
            at = _after_blanks(text, at + 1)


def _after_blanks(text: str, start: int) -> int:
    blanks = _BLANKS.match(text, start)
    return blanks.end() if blanks else start
