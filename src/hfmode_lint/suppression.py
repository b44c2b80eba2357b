"""``# noqa`` comments, read the way flake8 7 reads them.

* ``# noqa`` hides every finding of its line, ``# noqa: HFM001,E501`` those whose code begins with
  one of the codes. What follows the colon and is no code makes it a plain ``# noqa``.
* The word is read in any case, the codes are not. The blank in ``# noqa`` is needed.
* A comment counts for all lines of a multi-line string and of lines joined by a backslash, not
  for all lines of a pair of parentheses.
* A line that begins with ``# flake8: noqa`` turns the whole file off.
"""

from __future__ import annotations

import re
import token
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.findings import Edit, Position
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from tokenize import TokenInfo

    from hfmode_lint.findings import Finding

_COMMENT = re.compile(r"# noqa(?P<colon>:\s?)?", re.IGNORECASE)
_CODES = re.compile(r"(?:[A-Z]+[0-9]+[,\s]*)+", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]")
_WHOLE_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)


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

    def comment_on(self, finding: Finding) -> Edit:
        """The edit that hides a finding: a comment, or one more code in a comment that is there.

        No comment can stand behind a backslash; nothing is hidden there.
        """
        row = self.row_for(finding.start.line)
        line = self._lines[row - 1].rstrip("\n")
        comment = _COMMENT.search(line)
        codes = _CODES.match(line, comment.end()) if comment and comment["colon"] else None
        if codes is None:
            at, content = len(line.rstrip()), f"  # noqa: {finding.code}"
        else:
            at, content = codes.start() + len(codes.group().rstrip(", \t")), f",{finding.code}"
        where = Position(row, at)
        return Edit(where, where, content)

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
        # Few files have a finding or a comment; the others need not pay for this import.
        import tokenize

        lines = iter(self._lines_for_tokenizer())
        try:
            tokens = list(tokenize.generate_tokens(lambda: next(lines, "")))
        except (tokenize.TokenError, SyntaxError):
            return {}
        return dict(_physical_ranges(tokens))

    def _lines_for_tokenizer(self) -> list[str]:
        # The piece after the last line end is no line of its own when it is empty.
        return self._lines[:-1] if self._lines[-1] == "\n" else self._lines


def hides(line: str, code: str) -> bool:
    """Whether the first ``noqa`` comment of a line, if any, hides a code."""
    comment = _COMMENT.search(line)
    if comment is None:
        return False
    codes = _CODES.match(line, comment.end()) if comment["colon"] else None
    if codes is None:
        return True
    return any(code.startswith(one) for one in _SEPARATOR.split(codes.group()) if one)


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
