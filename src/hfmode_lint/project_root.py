"""Where the project of a file begins."""

from __future__ import annotations

import os

_ROOT_MARKS = ("pyproject.toml", "setup.cfg", ".git")


def root_of(path: str) -> str:
    """The root of the project that a file belongs to.

    Where no folder above is marked as one, it is the folder that holds the file's outermost
    package.
    """
    return root_above(os.path.dirname(os.path.realpath(path)))


def root_above(folder: str) -> str:
    """The root of the project that the files of a folder, a true path, belong to."""
    above = folder
    while True:
        if any(os.path.exists(os.path.join(above, mark)) for mark in _ROOT_MARKS):
            return above
        parent = os.path.dirname(above)
        if parent == above:
            return _outside_of_packages(folder)
        above = parent


def _outside_of_packages(folder: str) -> str:
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder
