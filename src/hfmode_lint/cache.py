"""The cache folder: JSON files that one run leaves for the next.

Whatever is wrong with the folder or a file in it only makes a run slower. Nothing that is read
from there is run, and nothing that another user may have written is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FOLDER_VARIABLE = "HFMODE_LINT_CACHE_DIR"

_SUFFIX = ".json"
_TEMPORARY = ".tmp"
_DAY = 24 * 60 * 60
_UNUSED_FOR = 30 * _DAY
# https://bford.info/cachedir/: backups leave such a folder out.
_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Written by hfmode-lint.\n"
_OWN_FILES = {"CACHEDIR.TAG": _TAG, ".gitignore": b"*\n"}


def digest(data: bytes) -> str:
    """A name for some content, which no other content has."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest_of_all(texts: Iterable[str]) -> str:
    """A name for some texts in their order."""
    # JSON tells where one ends and the next begins.
    return digest(json.dumps(list(texts)).encode())


def default_folder() -> str:
    """The folder that the environment names, or else the one that the platform has for caches."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return named
    # Imported for those who say nothing only.
    from platformdirs import user_cache_dir

    return user_cache_dir("hfmode-lint", appauthor=False)


@immutable
class Cache:
    """A folder with entries, each known by a name. Nothing is raised.

    Runs may use it at the same time: an entry is replaced as a whole, and the last one stays.
    """

    folder: str

    def load(self, name: str) -> dict[str, object]:
        """An entry; an empty one where there is none that can be trusted and understood."""
        try:
            with open(self._path(name), "rb") as file:
                if not self._is_trusted() or not _is_ours(os.fstat(file.fileno())):
                    return {}
                known, _, content = file.read().partition(b"\n")
            # A disk or a hand may have changed it, and what is still JSON would be believed.
            entry = json.loads(content) if known == digest(content).encode() else None
        except (OSError, ValueError, RecursionError):
            return {}
        return entry if isinstance(entry, dict) else {}

    def save(self, name: str, entry: Mapping[str, object]) -> None:
        """Write an entry, and remove those that nobody has asked for in a month."""
        content = json.dumps(entry, separators=(",", ":")).encode()
        # A folder that is full, of somebody else or no folder is no cache.
        with suppress(OSError, ValueError):
            self._make_folder()
            if self._is_trusted():
                self._replace(name, b"%s\n%s" % (digest(content).encode(), content))
                self._prune()

    def mark_used(self, name: str) -> None:
        """Say that an entry is of use, so that it is kept."""
        path = self._path(name)
        with suppress(OSError):
            if os.stat(path).st_mtime < time.time() - _DAY:
                os.utime(path)

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name + _SUFFIX)

    def _is_trusted(self) -> bool:
        return _is_ours(os.stat(self.folder))

    def _make_folder(self) -> None:
        if os.path.isdir(self.folder):
            return
        os.makedirs(os.path.dirname(os.path.abspath(self.folder)), exist_ok=True)
        with suppress(FileExistsError):
            os.mkdir(self.folder, 0o700)
        for name, content in _OWN_FILES.items():
            with open(os.path.join(self.folder, name), "wb") as file:
                file.write(content)

    def _replace(self, name: str, content: bytes) -> None:
        temporary = os.path.join(self.folder, secrets.token_hex(8) + _TEMPORARY)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            with open(os.open(temporary, flags, 0o600), "wb") as file:
                file.write(content)
            os.replace(temporary, self._path(name))
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def _prune(self) -> None:
        now = time.time()
        for entry in self._entries():
            # Another run may remove it first.
            with suppress(OSError):
                oldest = _DAY if entry.name.endswith(_TEMPORARY) else _UNUSED_FOR
                if entry.stat().st_mtime < now - oldest:
                    os.unlink(entry.path)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self.folder) as entries:
            yield from (each for each in entries if each.name.endswith((_SUFFIX, _TEMPORARY)))


def _is_ours(status: os.stat_result) -> bool:
    """Whether nobody else can have written there."""
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o002
