"""Names of files in reports.

They count from the root of the repository, which is where the readers of most formats start, or for
people from the current folder.
"""

from __future__ import annotations

import os
from functools import lru_cache


def from_root(filename: str) -> str:
    """The name of a file from the root of the repository, with slashes.

    An absolute one where it is outside of the repository.
    """
    path = os.path.abspath(filename)
    return (_below(root(), path) or path).replace(os.sep, "/")


def shown(path: str) -> str:
    """The path of a file as people know it: from where they stand, if it is below."""
    return _below(os.getcwd(), path) or path


def _below(folder: str, path: str) -> str | None:
    """The way from a folder to a path below it; None for one that is elsewhere."""
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        # Windows: it is on another drive.
        return None
    return None if relative.split(os.sep)[0] == os.pardir else relative


@lru_cache(maxsize=1)
def root() -> str:
    """The root of the repository around the current folder, or that folder if there is none."""
    current = os.getcwd()
    folder = current
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return current
        folder = parent
    return folder
