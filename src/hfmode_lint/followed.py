"""Installed packages that the user names: where their files are.

Nothing is imported or run to find that out: not the package, and not the code that may stand in the
``.pth`` files of an environment.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from hfmode_lint.config import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec

_ENVIRONMENTS = (".venv", "venv")
_SITE_PACKAGES = ("lib/python*/site-packages", "Lib/site-packages")
_SUFFIX = ".py"


@dataclass(frozen=True)
class FollowedPackage:
    """A package, or a module of one file: its name, and the file or folders that it consists of."""

    name: str
    places: tuple[str, ...]

    @property
    def homes(self) -> tuple[str, ...]:
        """The folders in which Python looks for it: ``site-packages``, mostly."""
        levels = len(self.name.split("."))
        return tuple(str(PurePath(place).parents[levels - 1]) for place in self.places)

    @cached_property
    def modules(self) -> dict[str, str]:
        """By the true paths of its source files: the dotted names of its modules."""
        return {
            path: _dotted(os.path.relpath(path, home))
            for place, home in zip(self.places, self.homes, strict=True)
            for path in _files_in(place)
        }


def locate(names: Iterable[str], root: str) -> tuple[FollowedPackage, ...]:
    """Find installed packages.

    The environment in a project's folder comes first (``.venv`` or ``venv``, there or in a folder
    above), then what this Python itself would import.

    :param names: as they are imported: ``company_models``, ``company.models``.
    :raises ConfigError: where one of them is not found, or has no source.
    """
    environment = _environment_of(root)
    searched = list(_searched_by(environment)) if environment else []
    return tuple(_located(name, searched, environment) for name in names)


def _located(name: str, searched: Sequence[str], environment: str | None) -> FollowedPackage:
    spec = _spec(name, searched)
    places = tuple(map(os.path.realpath, _sources_of(spec))) if spec is not None else ()
    if not places:
        where = f"{environment} or {sys.prefix}" if environment else sys.prefix
        raise ConfigError(f"follow: no package {name!r} with Python source in {where}")
    return FollowedPackage(name, places)


def _spec(name: str, searched: Sequence[str]) -> ModuleSpec | None:
    """Where a name would be imported from."""
    top, *below = name.split(".")
    try:
        # A name without dots has no package above it that would be imported for it.
        spec = PathFinder.find_spec(top, searched) or find_spec(top)
        full_name = top
        for part in below:
            if spec is None:
                return None
            full_name = f"{full_name}.{part}"
            spec = PathFinder.find_spec(full_name, spec.submodule_search_locations or [])
    except (ImportError, ValueError):
        return None
    return spec


def _sources_of(spec: ModuleSpec) -> Iterator[str]:
    if spec.submodule_search_locations is not None:
        yield from filter(os.path.isdir, spec.submodule_search_locations)
    elif spec.origin is not None and spec.origin.endswith(_SUFFIX) and os.path.isfile(spec.origin):
        yield spec.origin


def _dotted(path: str) -> str:
    parts = PurePath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _files_in(place: str) -> Iterator[str]:
    if place.endswith(_SUFFIX):
        yield place
    for folder, _, names in os.walk(place):
        yield from (os.path.join(folder, name) for name in names if name.endswith(_SUFFIX))


def _environment_of(folder: str) -> str | None:
    """The virtual environment of a project."""
    for above in (PurePath(folder), *PurePath(folder).parents):
        for name in _ENVIRONMENTS:
            if (found := Path(above, name)).joinpath("pyvenv.cfg").is_file():
                return str(found)
    return None


def _searched_by(environment: str) -> Iterator[str]:
    """The folders from which the Python of an environment imports."""
    for pattern in _SITE_PACKAGES:
        for site in sorted(Path(environment).glob(pattern)):
            yield str(site)
            yield from _added_to(site)


def _added_to(site: Path) -> Iterator[str]:
    """The folders that ``.pth`` files name: those of packages that are installed editable."""
    for path in sorted(site.glob("*.pth")):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError):
            continue
        # The other lines are statements.
        yield from (str(site / line) for line in lines if line and os.path.isdir(site / line))
