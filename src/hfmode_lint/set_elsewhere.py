"""What a project says once: the train mode of some modules is set where nobody can see it.

A template, a script or a callback may call ``.train()`` out of sight. Findings that say that such
a module is in eval mode when training starts are then set aside, and counted.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.patterns import Patterns, is_pattern, patterns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfmode_lint.analysis.holding import Holder, Holding
    from hfmode_lint.findings import Finding

_CLASS = re.compile(r"[\w*]+(\.[\w*]+)*")


@immutable
class SetElsewhere:
    """Modules whose train mode is set elsewhere: those that a class holds, or some files.

    ``class_name`` is the name of a class or its dotted path, of which the beginning may be left
    out; ``*`` stands for any part of a name. It may be that of the LightningModule, of a module
    of the program in which the loaded one is held, or of a base of one of these. ``path`` is a
    pattern as in a .gitignore file at ``folder`` (the current one if empty), for the file of
    such a class or of the loader call. Where both are given, both must fit one class. ``reason``
    is for people.

    :raises ValueError: where neither is given, or one can't be understood; the message is one line.
    """

    class_name: str = ""
    path: str = ""
    reason: str = ""
    folder: str = ""

    def __post_init__(self) -> None:
        """Refuse what could never fit, before anything is checked."""
        if not self.class_name and not self.path:
            raise ValueError("needs a class or a path")
        if self.class_name and _CLASS.fullmatch(self.class_name) is None:
            raise ValueError(
                f"class must be a name such as LitModel or app.Lit*: {self.class_name!r}"
            )
        if self.path and not _says_what_to_take(self.path):
            raise ValueError(f"path must be a pattern such as src/templates/: {self.path!r}")

    def __str__(self) -> str:
        """The entry as it stands in the configuration, without its reason."""
        named = {"class": self.class_name, "path": self.path}
        return ", ".join(f'{key} = "{value}"' for key, value in named.items() if value)

    def covers(self, holding: Holding) -> bool:
        """Whether a module that is held in such a way is meant."""
        if not self.class_name:
            return any(map(self._takes, (*holding.files, *_files_of(holding.holders))))
        named = [holder for holder in holding.holders if self._names(holder)]
        return any(map(self._takes, _files_of(named))) if self.path else bool(named)

    def note_on(self, findings: Iterable[Finding]) -> str:
        """One line for people: what was set aside for this entry."""
        count = len(list(findings))
        plural = "" if count == 1 else "s"
        told = f"{count} problem{plural} not reported" if count else "no problem to set aside"
        return f"set-elsewhere: {self}: {told}" + (f" ({self.reason})" if self.reason else "")

    def _names(self, holder: Holder) -> bool:
        wanted = self.class_name.split(".")
        name = holder.name[-len(wanted) :]
        return len(name) == len(wanted) and all(map(fnmatchcase, name, wanted))

    def _takes(self, file: str) -> bool:
        taken = _taken(self.folder, self.path)
        return taken is not None and taken.covers(file)


def first_that_covers(entries: Iterable[SetElsewhere], holding: Holding) -> SetElsewhere | None:
    """The entry that a module is set aside for, if there is one."""
    return next((entry for entry in entries if entry.covers(holding)), None)


def _files_of(holders: Iterable[Holder]) -> Iterable[str]:
    return (holder.file for holder in holders if holder.file)


def _says_what_to_take(pattern: str) -> bool:
    """Whether a line is a pattern that takes files, neither a comment nor an exception."""
    return bool(pattern.strip()) and pattern[0] not in "#!" and is_pattern(pattern)


@lru_cache(maxsize=64)
def _taken(folder: str, pattern: str) -> Patterns | None:
    return patterns(os.path.realpath(folder or "."), [pattern.removeprefix("./")])
