"""Files are read without waiting: not for a pipe's writer, and not for a device.

A repository may have a link to what never ends, and its name may be that of a source file or of a
configuration.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO


def read(path: str, most: int = -1) -> bytes:
    """The content of a file.

    :param most: no more than so many bytes of it.
    :raises OSError: where it can't be read, or not at once.
    """
    with opened(path) as file:
        return content(file, most)


def opened(path: str) -> FileIO:
    """A file to read.

    :raises OSError: where it can't be opened.
    """
    return open(path, "rb", buffering=0, opener=_without_waiting)


def content(file: FileIO, most: int = -1) -> bytes:
    """What is left of an opened file.

    :param most: no more than so many bytes of it.
    :raises OSError: where it can't be read, or not at once.
    """
    try:
        data: bytes | None = file.read(most)
    except (MemoryError, OverflowError):
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG)) from None
    if data is None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
