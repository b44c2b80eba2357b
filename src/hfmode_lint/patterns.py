"""Patterns as in a .gitignore file, and which paths they cover."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathspec import GitIgnoreSpec


@immutable
class Patterns:
    """The patterns of one folder, and of those above it; the folder's name ends with a slash."""

    folder: str
    spec: GitIgnoreSpec
    outer: Patterns | None

    def covers(self, path: str) -> bool:
        """Whether patterns fit a path (absolute; a folder's ends with a slash).

        The nearest folder whose patterns say anything of the path decides.
        """
        level: Patterns | None = self
        while level is not None:
            if path.startswith(level.folder):
                inside = path[len(level.folder) :].replace(os.sep, "/")
                include = _included(level.spec, inside)
                if include is not None:
                    return include
            level = level.outer
        return False


def patterns(folder: str, lines: Iterable[str], outer: Patterns | None = None) -> Patterns | None:
    """The patterns of a folder, without those that can't be understood.

    :param folder: its true path.
    :param outer: those of the folders above.
    :returns: ``outer`` where there are none.
    """
    spec = _spec(lines)
    return outer if spec is None else Patterns(with_slash(folder), spec, outer)


def is_pattern(line: str) -> bool:
    """Whether a line can be understood; git, too, reads on behind one that can't."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def with_slash(folder: str) -> str:
    """The name of a folder with the slash at its end that tells it from a file."""
    return folder if folder.endswith(os.sep) else folder + os.sep


def _included(spec: GitIgnoreSpec, path: str) -> bool | None:
    """What patterns say of a path: ignored, taken back, or nothing (None)."""
    if not path.endswith("/"):
        return spec.check_file(path).include
    # For a folder itself the last pattern that fits decides; ``check_file`` ranks ``*`` over a
    # later ``!*/``, which git does not.
    fitting = [each.include for each in spec.patterns if each.match_file(path) is not None]
    return fitting[-1] if fitting else None


def _spec(lines: Iterable[str]) -> GitIgnoreSpec | None:
    wanted = [line for line in lines if line.strip() and not line.startswith("#")]
    if not wanted:
        return None
    # Imported for projects that have patterns only.
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(wanted)
    except ValueError:
        return GitIgnoreSpec.from_lines(filter(is_pattern, wanted))
