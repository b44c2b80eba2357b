"""Which versions of Lightning the files of a project ask for; one module a kind of file.

Nothing is executed, and no network is asked: what a file says is all that is known.
"""

from __future__ import annotations

import os
import re
from importlib import import_module
from typing import TYPE_CHECKING

from hfmode_lint.requirements.gathered import Gathered, Mention

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Gathered", "Mention", "gather"]

# The first kind of file that limits the version counts. A lock file says what is installed, and
# what is published with the project says more than what one of its developers uses.
_KINDS = (
    (r"(?:uv|poetry|pdm)\.lock|pylock(?:\.[^.]+)?\.toml", "lock_files"),
    (r"pyproject\.toml", "pyproject"),
    (r"setup\.cfg", "setup_cfg"),
    (r"requirements.*\.txt", "pip_files"),
    (r"(?:environment|conda)\.ya?ml", "conda"),
)
_FOLDER_OF_FILES = "requirements"


def gather(folder: str, names: Sequence[str]) -> Gathered:
    """What the files of one folder say of Lightning, up to the first kind that limits it.

    :param names: what the folder holds.
    """
    gathered = Gathered(folder)
    candidates = sorted((*names, *_inner_names(folder, names)))
    for pattern, module in _KINDS:
        paths = [os.path.join(folder, name) for name in candidates if re.fullmatch(pattern, name)]
        if paths:
            # Few projects have all kinds, and what reads one is imported in a good part of a run.
            reader = import_module(f"{__name__}.{module}")
            reader.read(paths, gathered)
        if gathered.is_limited:
            break
    return gathered


def _inner_names(folder: str, names: Sequence[str]) -> list[str]:
    if _FOLDER_OF_FILES not in names:
        return []
    inner = names_in(os.path.join(folder, _FOLDER_OF_FILES))
    return [f"{_FOLDER_OF_FILES}/{name}" for name in inner]


def names_in(folder: str) -> list[str]:
    """What a folder holds; nothing where it can't be read or is none."""
    try:
        return os.listdir(folder)
    except OSError:
        return []
