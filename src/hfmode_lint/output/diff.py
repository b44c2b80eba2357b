"""A unified diff of bytes, as ``patch -p0`` takes it; of a notebook, one of each cell to read."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from hfmode_lint.file_names import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.engine import FileReport

# One character a byte: the diff must carry any encoding, and lines that only LF ends.
_BYTEWISE = "latin-1"
_NO_LAST_LINE_END = "\n\\ No newline at end of file\n"


def report_diff(report: FileReport) -> bytes:
    """What the fixes change in a file; empty where there are none."""
    if not report.cells:
        return unified_diff(report.filename, report.before, report.after)
    return b"".join(
        unified_diff(
            f"{report.filename}:cell {number}", _encoded(cell.before), _encoded(cell.after)
        )
        for number, cell in report.cells.items()
    )


def _encoded(source: str) -> bytes:
    # Cells usually end without a line end, which is not worth a remark.
    whole = source if source.endswith("\n") else f"{source}\n"
    return whole.encode("utf-8", "backslashreplace")


def unified_diff(filename: str, before: bytes, after: bytes) -> bytes:
    """The diff between two contents of a file; empty where they are equal."""
    name = _header_name(filename)
    lines = difflib.unified_diff(_lines(before), _lines(after), name, name)
    complete = (line if line.endswith("\n") else line + _NO_LAST_LINE_END for line in lines)
    return "".join(complete).encode(_BYTEWISE)


def _lines(data: bytes) -> list[str]:
    return list(_split(data.decode(_BYTEWISE)))


def _split(text: str) -> Iterator[str]:
    *whole, rest = text.split("\n")
    for line in whole:
        yield f"{line}\n"
    if rest:
        yield rest


def _header_name(filename: str) -> str:
    # patch refuses absolute names, and ends a name at a blank unless a tab follows.
    name = (shown(filename) if os.path.isabs(filename) else filename).replace(os.sep, "/")
    return os.fsencode(name).decode(_BYTEWISE) + ("\t" if " " in name else "")
