"""Which classes of a program hold a module, and which files have to do with that."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.knowledge.names import is_known_base
from hfmode_lint.analysis.values import External
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hfmode_lint.analysis.heap import ModuleObject
    from hfmode_lint.analysis.units import Unit

# By module path: the classes of the modules that the program itself defines.
ClassesByPath = dict[str, ClassValue]


@immutable
class Holder:
    """A class that holds a module, or a base of one.

    ``name`` are the parts of its dotted name, which begins with all folders above its file.
    ``file`` is empty where a library that can't be seen defines the class.
    """

    name: tuple[str, ...]
    file: str


@immutable
class Holding:
    """How one module is held.

    ``holders`` are the class of the LightningModule, those of the modules between it and this
    one, this one's own, and the bases of all these; those of known libraries are left out.
    ``files`` are those in which the module is loaded or its mode was set.
    """

    holders: tuple[Holder, ...]
    files: frozenset[str]


def classes_by_path(found: Iterable[tuple[str, ModuleObject]]) -> ClassesByPath:
    """The classes of modules, where the program defines them."""
    return {path: module.cls for path, module in found if module.cls is not None}


def holding(classes: Mapping[str, ClassValue], path: str, units: Iterable[Unit]) -> Holding:
    """How the module at a path is held.

    :param classes: those of the modules of one LightningModule.
    :param units: the files in which the module is loaded or its mode was set.
    """
    parts = path.split(".")
    above = (".".join(parts[: count + 1]) for count in range(len(parts)))
    holders = (holder for each in above if each in classes for holder in _bases(classes[each]))
    return Holding(tuple(dict.fromkeys(holders)), frozenset(unit.name for unit in units))


def _bases(cls: ClassValue) -> Iterator[Holder]:
    """A class and its bases."""
    for each in cls.resolution_order:
        yield Holder((*_module(each.unit.name), each.name), each.unit.name)
        for base in each.bases:
            if isinstance(base, External) and not is_known_base(base.name):
                yield Holder(tuple(base.name.split(".")), "")


def _module(file: str) -> tuple[str, ...]:
    """The parts of the dotted name that a file has, from the root of the file system on."""
    parts = PurePath(file).with_suffix("").parts if file else ()
    return parts[:-1] if parts[-1:] == ("__init__",) else parts
