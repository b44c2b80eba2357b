"""Where the project of a file begins."""

from __future__ import annotations

import os

_ROOT_MARKS = ("pyproject.toml", "setup.cfg", ".git")
# Of an archive, often nothing else is left. Parts of a project may have them too.
_WEAK_MARKS = ("setup.py", "requirements.txt")


def root_of(path: str) -> str:
    """The root of the project that a file belongs to.

    Where no folder above is marked as one, it is the next with a build file or a list of
    requirements; where there is none either, the folder that holds the file's outermost package.
    """
    return root_above(os.path.dirname(os.path.realpath(path)))


def root_above(folder: str) -> str:
    """The root of the project that the files of a folder, a true path, belong to."""
    return (
        _marked(folder, _ROOT_MARKS) or _marked(folder, _WEAK_MARKS) or _outside_of_packages(folder)
    )


def _marked(folder: str, marks: tuple[str, ...]) -> str | None:
    """The next folder, from one upwards, that holds one of some files."""
    while not any(os.path.exists(os.path.join(folder, mark)) for mark in marks):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _outside_of_packages(folder: str) -> str:
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder = os.path.dirname(folder)
    return folder
