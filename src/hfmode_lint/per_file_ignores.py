"""Rules that some files are not checked for, by patterns as in a .gitignore file."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.patterns import Patterns, is_pattern, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable


@immutable
class PerFileIgnore:
    """Rules to leave out in the files that a pattern fits.

    ``pattern`` is one as in a .gitignore file at ``folder`` (the current one if empty). ``codes``
    are codes of rules, their beginnings, or ``ALL``.

    :raises ValueError: where the pattern can fit nothing; the message is one line.
    """

    pattern: str
    codes: tuple[str, ...]
    folder: str = ""

    def __post_init__(self) -> None:
        """Refuse what could never fit, before anything is checked."""
        if not self.pattern.strip() or self.pattern[0] in "#!" or not is_pattern(self.pattern):
            raise ValueError(f"not a pattern such as tests/ or *_pb2.py: {self.pattern!r}")

    def ignores(self, code: str) -> bool:
        """Whether a rule is left out in the files that are meant."""
        return any(each == "ALL" or code.startswith(each) for each in self.codes)

    def fits(self, filename: str) -> bool:
        """Whether a file is meant."""
        meant = _meant(self.folder, self.pattern)
        return meant is not None and meant.covers(os.path.realpath(filename))


def ignored_codes(
    entries: Iterable[PerFileIgnore], codes: Iterable[str], filename: str
) -> frozenset[str]:
    """Which of some rules a file is not checked for."""
    fitting = [entry for entry in entries if entry.fits(filename)]
    return frozenset(code for code in codes if any(entry.ignores(code) for entry in fitting))


@lru_cache(maxsize=64)
def _meant(folder: str, pattern: str) -> Patterns | None:
    return patterns(os.path.realpath(folder or "."), [pattern.removeprefix("./")])
