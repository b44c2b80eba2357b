r"""Statements behind a backslash on a line of its own, which libcst loses.

In this program Python takes the indentation from the backslash::

    def f():
        \
    return 1

Where that has none, the next line counts. libcst leaves such a line out of its tree, so that all
that follows stands one line too high, or refuses the file. It gets the text with the indentation
moved down, which keeps the lines; only columns of the statement's line have to be moved back.
"""

from __future__ import annotations

import re
import tokenize
from typing import TYPE_CHECKING

from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# ``^`` would not begin a line at a lone CR.
_BACKSLASH = re.compile(r"(?:\A|[\r\n])[ \t\f]*\\(?=[\r\n])")
_BLANKS = " \t\f"
_BETWEEN = frozenset({tokenize.INDENT, tokenize.DEDENT})
_EMPTY = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER})
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def without_leading_joins(text: str) -> tuple[str, Mapping[int, int]]:
    """The same program without such backslashes, line by line.

    :returns: the text, and how far columns of which lines lie behind those of the original.
    """
    if not ("\\\n" in text or "\\\r" in text) or _BACKSLASH.search(text) is None:
        return text, {}
    lines = _LINE.findall(text)
    starts = list(_starts(text))
    by_tabs = any("\t" in _blanks(lines[last - 1]) for first, last in starts if first == last)
    shifts = {}
    for first, last in starts:
        if first == last:
            continue
        blanks = [_blanks(line) for line in lines[first - 1 : last]]
        # A form feed begins the line anew.
        indent = next(filter(None, (each.rpartition("\f")[2] for each in blanks)), "")
        if not by_tabs:
            # Before a backslash Python takes a tab for eight blanks, which it does nowhere else.
            indent = indent.expandtabs()
        for number in range(first, last):
            # A blank, as a lone CR before this line may not come to stand before an LF.
            lines[number - 1] = lines[number - 1].replace("\\", " ")
        lines[last - 1] = indent + lines[last - 1][len(blanks[-1]) :]
        shifts[last] = len(indent) - len(blanks[-1])
    return "".join(lines), shifts


def _blanks(line: str) -> str:
    return line[: len(line) - len(line.lstrip(_BLANKS))]


def _starts(text: str) -> Iterator[tuple[int, int]]:
    """For each statement the line of the first such backslash before it, and its own.

    Without a backslash the two are one. A comment or an empty line counts behind one alone.
    """
    lines = iter([f"{line}\n" for line in split_lines(text)])
    done = 0
    is_new = True
    try:
        for one in tokenize.generate_tokens(lines.__next__):
            if one.type in _BETWEEN:
                continue
            row = one.start[0]
            if is_new and (row > done + 1 or one.type not in _EMPTY):
                yield done + 1, row
            done = one.end[0]
            is_new = one.type == tokenize.NEWLINE or (is_new and one.type in _EMPTY)
    except (tokenize.TokenError, SyntaxError):
        # Python's parser knows better; only the places of what follows are lost.
        return
