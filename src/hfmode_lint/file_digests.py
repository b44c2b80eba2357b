"""What files hold, told without reading those that have not changed since they were read last."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from hfmode_lint.cache import digest
from hfmode_lint.reading import content, opened

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECOND = 1_000_000_000
# The clock of a file system stands still between two ticks, at most 10 ms on Linux.
_TICK = 50_000_000


class FileDigests:
    """The digests of files by their paths; each is looked at once.

    As git's index does, it trusts a digest while the file's status stays the same: times of
    change, size and inode. A file that was changed just before it was read may change again within
    the same tick of the clock, so its digest is not kept for other runs.

    ``latest`` is the time of the last change of any file or folder that was looked at.
    """

    def __init__(self, known: Mapping[str, object]) -> None:
        """Take what an earlier run has kept; what is of another shape is passed over."""
        self._known = known
        self._digests: dict[str, str | None] = {}
        self.kept: dict[str, object] = {}
        self.latest = 0
        self.has_news = False

    def of(self, path: str) -> str | None:
        """The digest of a file's content; None where there is no such file or it can't be read."""
        if path not in self._digests:
            self._digests[path] = self._look(path)
        return self._digests[path]

    def look_at_folder(self, path: str) -> None:
        """Let ``latest`` know when a folder got its last file, or lost one."""
        try:
            self.latest = max(self.latest, last_change(os.stat(path)))
        except OSError:
            self.latest = time.time_ns()

    def _look(self, path: str) -> str | None:
        try:
            status = os.stat(path)
            # To open a pipe would be to wait for its writer.
            if not stat.S_ISREG(status.st_mode):
                return None
            self.latest = max(self.latest, last_change(status))
            return self._trusted(path, status) or self._read(path)
        except (OSError, ValueError):
            return None

    def _trusted(self, path: str, status: os.stat_result) -> str | None:
        match self._known.get(path):
            case [*numbers, str(known)] if numbers == _stamp(status):
                self.kept[path] = [*numbers, known]
                return known
        return None

    def _read(self, path: str) -> str:
        begin = time.time_ns()
        with opened(path) as file:
            name = digest(content(file))
            status = os.fstat(file.fileno())
        self.latest = max(self.latest, last_change(status))
        if last_change(status) < begin:
            self.kept[path] = [*_stamp(status), name]
            self.has_news = True
        return name


def last_change(status: os.stat_result) -> int:
    """The latest time at which a file can have changed, by its status."""
    # Elsewhere it is set by the system alone; on Windows it is the time of creation.
    changed = status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns
    # Some file systems know whole seconds only, FAT even ones.
    return changed + (_TICK if changed % _SECOND else 2 * _SECOND)


def _stamp(status: os.stat_result) -> list[int]:
    return [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino]
