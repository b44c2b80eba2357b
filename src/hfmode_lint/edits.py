"""Edits on a text, and files that are replaced as a whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.reading import read
from hfmode_lint.source import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hfmode_lint.findings import Edit


class OverlapError(ValueError):
    """Two edits want to change the same piece of text."""


class FileChangedError(OSError):
    """A file is no longer what it was when it was read."""


@immutable
class Splice:
    """An edit in offsets: the text from ``start`` up to ``end`` becomes ``content``."""

    start: int
    end: int
    content: str

    def collides(self, other: Splice) -> bool:
        """Whether both touch the same piece of text, or insert at the same place."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


_order = attrgetter("start", "end", "content")


def splices(lines: LineIndex, edits: Iterable[Edit]) -> tuple[Splice, ...]:
    """Edits in offsets, in the order of the text.

    :raises ValueError: where an edit is outside the text or ends before it starts.
    """
    found = [Splice(lines.offset(e.start), lines.offset(e.end), e.content) for e in edits]
    if any(one.end < one.start for one in found):
        raise ValueError("an edit ends before it starts")
    return tuple(sorted(found, key=_order))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; everything outside of them stays as it is.

    :raises OverlapError: where two edits collide; equal ones count once.
    :raises ValueError: where an edit is outside the text.
    """
    return apply_splices(text, splices(LineIndex(text), edits))


def apply_splices(text: str, changes: Iterable[Splice]) -> str:
    """The text with all splices made.

    :raises OverlapError: where two of them collide; equal ones count once.
    """
    pieces: list[str] = []
    done = 0
    previous: Splice | None = None
    for change in sorted(set(changes), key=_order):
        if previous is not None and previous.collides(change):
            raise OverlapError(f"{previous} and {change}")
        pieces += (text[done : change.start], change.content)
        done = change.end
        previous = change
    return "".join([*pieces, text[done:]])


def moved(offset: int, changes: Iterable[Splice]) -> int:
    """Where the character at ``offset`` stands after the splices."""
    return offset + sum(
        len(change.content) - (change.end - change.start)
        for change in set(changes)
        if change.end <= offset
    )


def compatible(chosen: Iterable[Splice], wanted: Sequence[Splice]) -> bool:
    """Whether ``wanted`` can be made together with ``chosen``: equal splices may be shared."""
    return not any(one.collides(other) for one in set(chosen) for other in wanted if one != other)


def replace_file(path: str, old: bytes, new: bytes) -> None:
    """Give a file a new content, at once: whoever reads it sees all of the old or of the new.

    The file keeps its permissions, its owner, access lists and other extended attributes where
    that is allowed, and its name; a symbolic link still points to it. Other names of the file
    (hard links) keep the old content. Whatever interrupts this, nothing is left half written.

    :param old: what the file is expected to hold.
    :raises FileChangedError: where it holds something else by now.
    :raises OSError: where it can't be written; the file is then as it was.
    """
    target = os.path.realpath(path)
    # os.replace asks for no permission on the file itself, so this has to.
    if not os.access(target, os.W_OK):
        raise PermissionError("the file is read-only")
    # Most runs write nothing.
    import secrets

    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        _write_durably(temporary, new, target)
        _expect_content(target, old)
        os.replace(temporary, target)
    except BaseException:
        # KeyboardInterrupt as well: the name was known before the file was made.
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _write_durably(path: str, content: bytes, like: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        _copy_ownership(file.fileno(), path, os.stat(like))
        _copy_attributes(like, path)
        os.fsync(file.fileno())


def _copy_ownership(descriptor: int, path: str, like: os.stat_result) -> None:
    if hasattr(os, "fchown"):
        # Only root may give a file away; a group may still be possible where the owner is not.
        with suppress(OSError):
            os.fchown(descriptor, -1, like.st_gid)
        with suppress(OSError):
            os.fchown(descriptor, like.st_uid, -1)
    # After the owner, as a change of owner clears the set-user bits.
    os.chmod(path, stat.S_IMODE(like.st_mode))


def _copy_attributes(source: str, target: str) -> None:
    # On Linux alone Python has functions for them.
    if sys.platform == "linux":
        with suppress(OSError):
            for name in os.listxattr(source):
                # Some of them only the system may set.
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))


def _expect_content(path: str, content: bytes) -> None:
    if read(path) != content:
        raise FileChangedError("the file was changed by something else meanwhile")
