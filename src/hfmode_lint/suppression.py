"""``# noqa`` comments, read the way flake8 7 reads them.

* ``# noqa`` hides every finding of its line, ``# noqa: HFM001,E501`` those whose code begins with
  one of the codes. What follows the colon and is no code makes it a plain ``# noqa``.
* The word is read in any case, the codes are not. The blank in ``# noqa`` is needed.
* A comment counts for all lines of a multi-line string and of lines joined by a backslash, not
  for all lines of a pair of parentheses.
* A line that begins with ``# flake8: noqa`` turns the whole file off.

This is also where the places are known at which a comment is to be written, and which comments hide
nothing.
"""

from __future__ import annotations

import re
import token
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.findings import Edit, Position
from hfmode_lint.immutable import immutable
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from tokenize import TokenInfo

    from hfmode_lint.findings import Finding

_COMMENT = re.compile(r"# noqa(?P<colon>:\s?)?", re.IGNORECASE)
_CODES = re.compile(r"(?:[A-Z]+[0-9]+[,\s]*)+", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]")
_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)


@immutable
class Comment:
    """A ``noqa`` comment with codes: where these stand on its line, and what it counts for.

    ``start`` is where the word begins, with its hash sign; ``end`` where the last code ends.
    ``before`` is the end of what stands on the line before it, ``is_last`` says that nothing stands
    behind it.
    """

    row: int
    start: int
    codes_start: int
    end: int
    codes: tuple[str, ...]
    lines: tuple[int, int]
    before: int
    is_last: bool

    def without(self, codes: Iterable[str]) -> Edit | None:
        """The edit that takes codes out of the comment, and the comment away if none is left.

        None where words behind the codes would be left without them.
        """
        gone = set(codes)
        left = [code for code in self.codes if code not in gone]
        if not left and not self.is_last:
            return None
        start = self.codes_start if left else self.before
        return Edit(Position(self.row, start), Position(self.row, self.end), ", ".join(left))


class Suppressions:
    """The ``noqa`` comments of one source text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def keep(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that no comment hides, in their order."""
        if "noqa" not in self._text.lower():
            return list(findings)
        if self._whole_file:
            return []
        return [finding for finding in findings if not self._hides(finding)]

    def row_for(self, line: int) -> int:
        """The line at whose end a ``# noqa`` for a finding on ``line`` would work."""
        return self._ranges.get(line, (line, line))[1]

    def edit_to_hide(self, line: int, codes: Iterable[str]) -> Edit:
        """The edit that hides findings on a line; it keeps a comment and the codes that it has."""
        listed = ", ".join(codes)
        first, last = self._ranges.get(line, (line, line))
        for row in range(first, last + 1):
            comment = _COMMENT.search(self._lines[row - 1])
            found = comment and _codes_of(self._lines[row - 1], comment)
            if found:
                end = Position(row, found.start() + len(found.group().rstrip(", \t\n")))
                return Edit(end, end, f", {listed}")
        end = Position(last, len(self._lines[last - 1]) - 1)
        return Edit(end, end, f"  # noqa: {listed}")

    def comments(self) -> Iterator[Comment]:
        """The comments with codes that count; none where the whole file is turned off."""
        if "noqa" not in self._text.lower() or self._whole_file:
            return
        for one in self._tokens:
            if one.type != token.COMMENT:
                continue
            row = one.start[0]
            lines = self._ranges.get(row, (row, row))
            comment = self._comment(row, lines)
            # The first one of the joined lines counts, which may stand in a string.
            if comment is not None and comment.start >= one.start[1]:
                yield comment

    def _comment(self, row: int, lines: tuple[int, int]) -> Comment | None:
        if any(map(_COMMENT.search, self._lines[lines[0] - 1 : row - 1])):
            return None
        line = self._lines[row - 1].removesuffix("\n")
        word = _COMMENT.search(line)
        codes = word and _codes_of(line, word)
        if not word or not codes:
            return None
        end = codes.start() + len(codes.group().rstrip(", \t"))
        return Comment(
            row=row,
            start=word.start(),
            codes_start=codes.start(),
            end=end,
            codes=tuple(filter(None, _SEPARATOR.split(codes.group()))),
            lines=lines,
            before=len(line[: word.start()].rstrip()),
            is_last=not line[end:].strip(),
        )

    def _hides(self, finding: Finding) -> bool:
        first, last = self._ranges.get(finding.start.line, (finding.start.line,) * 2)
        return hides("".join(self._lines[first - 1 : last]), finding.code)

    @cached_property
    def _lines(self) -> list[str]:
        return [f"{line}\n" for line in split_lines(self._text)]

    @cached_property
    def _whole_file(self) -> bool:
        return any(map(_WHOLE_FILE.match, self._lines))

    @cached_property
    def _ranges(self) -> dict[int, tuple[int, int]]:
        """For each line the first and last line that belong to it; empty if not tokenizable."""
        return dict(_physical_ranges(self._tokens))

    @cached_property
    def _tokens(self) -> list[TokenInfo]:
        """The tokens of the text; none if it has no right ones."""
        # Few files have a finding or a comment; the others need not pay for this import.
        import tokenize

        lines = iter(self._lines_for_tokenizer())
        try:
            return list(tokenize.generate_tokens(lambda: next(lines, "")))
        except (tokenize.TokenError, SyntaxError):
            return []

    def _lines_for_tokenizer(self) -> list[str]:
        # The piece after the last line end is no line of its own when it is empty.
        return self._lines[:-1] if self._lines[-1] == "\n" else self._lines


def hides(line: str, code: str) -> bool:
    """Whether the first ``noqa`` comment of a line, if any, hides a code."""
    comment = _COMMENT.search(line)
    if comment is None:
        return False
    codes = _codes_of(line, comment)
    if codes is None:
        return True
    return any(code.startswith(one) for one in _SEPARATOR.split(codes.group()) if one)


def _codes_of(line: str, comment: re.Match[str]) -> re.Match[str] | None:
    """The codes behind the word ``noqa`` of a line, if there are any."""
    return _CODES.match(line, comment.end()) if comment["colon"] else None


def _physical_ranges(tokens: Iterable[TokenInfo]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Group the lines that only a multi-line token or a backslash holds together."""
    first = last = 0
    for one in tokens:
        if one.type in (token.ENDMARKER, token.DEDENT):
            continue
        first = first or one.start[0]
        last = max(last, one.end[0])
        if one.type in (token.NL, token.NEWLINE):
            for line in range(first, last + 1):
                yield line, (first, last)
            first = last = 0
