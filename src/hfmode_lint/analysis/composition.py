"""One configuration out of several files, as hydra composes it (hydra 1.3, default lists).

What is composed is plain: dictionaries by key, lists and scalars, with :data:`UNSEEN` where a file
is missing or says something that is not followed here.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from hfmode_lint.analysis.knowledge.configs import SUFFIXES
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SELF = "_self_"
_GROUP = "_group_"
_GLOBAL = "_global_"
_HERE = "_here_"
_MISSING = "???"
_LIST = "defaults"
# Files of one configuration, and from one to the next.
_MOST_FILES = 64
_DEEPEST = 8


class Unseen(Enum):
    """What stands for a part of a configuration that can't be seen."""

    UNSEEN = "unseen"


UNSEEN = Unseen.UNSEEN
# Under this key of a tree stands that it may have more keys.
ANY_KEY = ""
Tree = dict[str, object]


@immutable
class Document:
    """A YAML file: its content, and the package that its first comment names, if it does."""

    content: object
    package: str | None = None


class Folder(Protocol):
    """A folder of configuration files; names have slashes and no suffix."""

    def read(self, name: str) -> Document | None:
        """The file of this name, with its suffix; None where there is none, or no YAML."""


@immutable
class Group:
    """A group of which one option was taken: its folder, and where in the tree the option is."""

    name: str
    option: str
    package: tuple[str, ...]


@dataclass(slots=True)
class Composed:
    """A configuration, and the groups whose options it is made of."""

    tree: Tree = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def part(self, package: Sequence[str]) -> object:
        """What stands at a place of the tree."""
        found: object = self.tree
        for key in package:
            found = found.get(key, UNSEEN) if isinstance(found, dict) else UNSEEN
        return found


def compose(folder: Folder, name: str, choices: Mapping[str, str]) -> Composed | None:
    """Compose the configuration of a name; None where its file can't be read.

    :param choices: options of groups to take instead of those in the lists.
    """
    name = _plain(name)
    if _read(folder, name) is None:
        return None
    composer = _Composer(folder, dict(choices))
    composer.note_overrides(name)
    composer.add(name, _Place((), None, ""), 0)
    return composer.composed


@immutable
class _Entry:
    """An entry of a default list: a file in a group, or the file that has the list (None)."""

    group: str | None
    options: tuple[str, ...] = ()
    package: str | None = None
    override: bool = False
    optional: bool = False
    is_choice: bool = False


@immutable
class _Place:
    """Where a file is put: below its list's own place, where the list or its header says.

    Where neither does, it is put under the name of its group.
    """

    above: tuple[str, ...]
    named: str | None
    group: str

    def package(self, header: str | None, folder: str) -> tuple[str, ...]:
        """The keys that lead to it.

        :param header: the package that the file itself names.
        """
        named = header if self.named is None else self.named
        if named is None:
            named = self.group.replace("/", ".")
        if named == _GROUP:
            return _keys(folder.replace("/", "."))
        before, is_global, below = named.rpartition(_GLOBAL)
        if is_global:
            return _keys(below)
        return self.above + _keys(before + below.replace(_HERE, ""))


class _Composer:
    """The composition of one configuration."""

    def __init__(self, folder: Folder, choices: dict[str, str]) -> None:
        self.composed = Composed()
        self._folder = folder
        self._choices = choices
        self._files = 0

    def note_overrides(self, name: str, depth: int = 0) -> None:
        """Take the options that some list wants instead of those in another one."""
        document = _read(self._folder, name)
        if document is None or depth > _DEEPEST or not self._counts():
            return
        for entry in _entries(document.content):
            if entry.group is None:
                continue
            group = _absolute(entry.group, posixpath.dirname(name))
            if entry.override and entry.options:
                self._choices.setdefault(group, entry.options[0])
            for option in entry.options:
                self.note_overrides(posixpath.join(group, option), depth + 1)

    def add(self, name: str, place: _Place, depth: int) -> None:
        """Merge a file and what its list names into the tree."""
        document = _read(self._folder, name)
        folder = posixpath.dirname(name)
        if document is None or depth > _DEEPEST or not self._counts():
            self._merge(UNSEEN, place.package(None, folder))
            return
        package = place.package(document.package, folder)
        own = document.content if isinstance(document.content, dict) else {}
        entries = list(_entries(own))
        if all(entry.group is not None for entry in entries):
            entries.append(_Entry(None))
        for entry in entries:
            if entry.group is None:
                self._merge({k: v for k, v in own.items() if k != _LIST}, package)
            elif not entry.override:
                self._add_entry(entry.group, entry, folder, package, depth)

    def _add_entry(
        self, named: str, entry: _Entry, folder: str, package: tuple[str, ...], depth: int
    ) -> None:
        group = _absolute(named, folder)
        options = entry.options
        if entry.is_choice and group in self._choices and options:
            options = (self._choices[group],)
        place = _Place(package, entry.package, named)
        for option in map(_plain, options):
            found = posixpath.join(group, option)
            if entry.optional and _read(self._folder, found) is None:
                continue
            if entry.is_choice and len(options) == 1:
                taken = "" if option == _MISSING else option
                self.composed.groups.append(Group(group, taken, self._put(found, place)))
            self.add(found, place, depth + 1)

    def _put(self, name: str, place: _Place) -> tuple[str, ...]:
        document = _read(self._folder, name)
        return place.package(document.package if document else None, posixpath.dirname(name))

    def _merge(self, new: object, package: tuple[str, ...]) -> None:
        target = self.composed.tree
        for key in package[:-1]:
            below = target.get(key)
            if not isinstance(below, dict):
                target[key] = below = {}
            target = below
        if not package:
            if isinstance(new, dict):
                merge(target, new)
            elif new is UNSEEN:
                target[ANY_KEY] = UNSEEN
            return
        known = target.get(package[-1])
        if isinstance(known, dict) and isinstance(new, dict):
            merge(known, new)
        else:
            target[package[-1]] = merged({}, new) if isinstance(new, dict) else new

    def _counts(self) -> bool:
        self._files += 1
        return self._files <= _MOST_FILES


def merge(target: Tree, new: Mapping[object, object]) -> None:
    """Put the keys of a dictionary into a tree: dictionaries are merged, all else replaces."""
    for key, value in new.items():
        known = target.get(str(key))
        if isinstance(known, dict) and isinstance(value, dict):
            merge(known, value)
        else:
            target[str(key)] = merged({}, value) if isinstance(value, dict) else value


def merged(target: Tree, new: Mapping[object, object]) -> Tree:
    """A tree with the keys of a dictionary."""
    merge(target, new)
    return target


def _read(folder: Folder, name: str) -> Document | None:
    found = (folder.read(name + suffix) for suffix in SUFFIXES)
    return next((document for document in found if document is not None), None)


def _plain(name: str) -> str:
    """A name without its suffix."""
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _entries(content: object) -> Iterator[_Entry]:
    """The entries of a file's default list."""
    listed = content.get(_LIST) if isinstance(content, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if each == _SELF:
            yield _Entry(None)
        elif isinstance(each, str):
            path, _, package = each.partition("@")
            group, _, option = path.rpartition("/")
            group = f"{group}/" if path.startswith("/") and not group else group
            yield _Entry(group, (option,), package or None)
        elif isinstance(each, dict):
            for key, value in each.items():
                yield _entry(str(key), value)


def _entry(key: str, value: object) -> _Entry:
    named, at, package = key.partition("@")
    *kinds, group = named.strip().split(" ")
    listed = value if isinstance(value, list) else [value]
    return _Entry(
        group,
        tuple(each for each in listed if isinstance(each, str)),
        package if at else None,
        override="override" in kinds,
        optional="optional" in kinds,
        is_choice=True,
    )


def _absolute(group: str, folder: str) -> str:
    """A group's folder, from the folder of the file that names it."""
    return posixpath.normpath(posixpath.join("/", folder, group))[1:]


def _keys(package: str) -> tuple[str, ...]:
    return tuple(filter(None, package.split(".")))
