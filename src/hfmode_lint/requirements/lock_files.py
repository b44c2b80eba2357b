"""Lock files: uv.lock, poetry.lock, pdm.lock and pylock.toml (PEP 751)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.requirements.toml import read_tables
from hfmode_lint.requirements.values import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.requirements.gathered import Gathered


def read(paths: Sequence[str], gathered: Gathered) -> None:
    """Gather the versions that are locked; there may be one for each platform."""
    for path in paths:
        lock = read_tables(path, gathered)
        # PEP 751 has the plural.
        for package in (*tables(lock.get("package")), *tables(lock.get("packages"))):
            _take(package.get("name"), package.get("version"), path, gathered)


def _take(name: object, version: object, path: str, gathered: Gathered) -> None:
    if not isinstance(name, str):
        return
    if isinstance(version, str):
        gathered.version(name, [f"=={version}"], path, f"{name} {version}")
    else:
        # A package from a repository or a folder has no version in some of the formats.
        gathered.version(name, [""], path, name)
