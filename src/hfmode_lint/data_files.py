"""The YAML files of a project, as far as its programs name them."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hfmode_lint.analysis.composition import Document
from hfmode_lint.analysis.knowledge.configs import SUFFIXES
from hfmode_lint.discovery import SKIPPED_FOLDERS
from hfmode_lint.reading import read
from hfmode_lint.relevance import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # What is asked of a folder or path below a root: the root, the kind of question, its details.
    Question = tuple[str, ...]
    Answer = str | None | list[str]

# Data sets come as YAML too; no configuration is as large.
_LARGEST = 256_000
_MOST_FILES = 2_000
_MOST_VALUES = 20_000
# Names of what is to be made: hydra's targets, and the class paths of Lightning's CLI.
_NAMED = re.compile(rb"(?:_target_|class_path)[\"']?[ \t]*:[ \t]*[\"']?([\w.]+)")
# Where a file is put in a configuration; hydra stops looking at the first other line (hydra 1.3,
# plugins/config_source.py).
_HEADER = re.compile(r"\s*#\s*@package[ \t]+(\S+)")


@dataclass(slots=True, repr=False)
class Consulted:
    """What a run wanted to know of the files that are no source: files that it read, questions."""

    files: set[str] = field(default_factory=set)
    answers: dict[Question, Answer] = field(default_factory=dict)

    def update(self, other: Consulted) -> None:
        """Take what another process wanted to know."""
        self.files |= other.files
        self.answers |= other.answers


class DataFiles:
    """The YAML files below a project's root, each read when it is first asked about.

    Files are known by their real paths. ``problems`` has what could not be read, with the reason,
    and ``consulted`` what all answers come from.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._data: dict[str, bytes | None] = {}
        self._documents: dict[str, Document | None] = {}
        self._below: dict[str, Sequence[str]] = {}
        self.problems: dict[str, str] = {}
        self.consulted = Consulted()

    def answer(self, question: Question) -> Answer:
        """What a question of an earlier run is answered with today.

        :raises ValueError: where it is none.
        """
        match question:
            case (self._root, "locate", folder, path):
                return self.locate(folder, path)
            case (self._root, "below", location):
                return list(self.below(location))
            case (self._root, "options", folder):
                return list(self.options(folder))
        raise ValueError("no question")

    def locate(self, folder: str, path: str) -> str | None:
        """The file or folder of the project that a path means; None where there is none."""
        located = self._located(folder, path)
        self.consulted.answers[self._root, "locate", folder, path] = located
        return located

    def _located(self, folder: str, path: str) -> str | None:
        try:
            found = os.path.realpath(os.path.join(folder, path))
            is_inside = os.path.commonpath([found, self._root]) == self._root
        # A path with a NUL in it, or on another drive.
        except ValueError:
            return None
        return found if is_inside and os.path.exists(found) else None

    def document(self, path: str) -> Document | None:
        """A file's content; None where there is none, or it can't be understood."""
        if path not in self._documents:
            self._documents[path] = self._parsed(path)
        self.consulted.files.add(path)
        return self._documents[path]

    def below(self, location: str) -> Sequence[str]:
        """The YAML files in a folder, at any depth, in order; a file is itself."""
        if location not in self._below:
            self._below[location] = _files_below(location)
        self.consulted.answers[self._root, "below", location] = list(self._below[location])
        return self._below[location]

    def options(self, folder: str) -> Sequence[str]:
        """The names of the YAML files in a folder, without their suffixes, in order."""
        options = _options_in(folder)
        self.consulted.answers[self._root, "options", folder] = options
        return options

    def read_by(self, path: str, named: Iterable[str]) -> set[str]:
        """The YAML files that a source file reads.

        :param named: the folders and files that its text names.
        """
        found: set[str] = set()
        for each in named:
            # Programs are started in the project's root, or where they stand.
            for folder in (os.path.dirname(path), self._root):
                location = self.locate(folder, each)
                if location is not None:
                    found.update(self.below(location))
        return found

    def any_loads(self, readers: Iterable[tuple[str, Iterable[str]]]) -> bool:
        """Whether one of the YAML files that source files read may name a loader.

        :param readers: source files, each with the folders and files that its text names.
        """
        return any(
            self.loads(each) for path, named in readers for each in self.read_by(path, named)
        )

    def names_in(self, path: str) -> Iterator[str]:
        """The dotted names that a file gives as targets."""
        data = self._content(path)
        for match in _NAMED.finditer(data) if data is not None else ():
            yield match[1].decode()

    def loads(self, path: str) -> bool:
        """Whether a file may name a loader."""
        data = self._content(path)
        return data is not None and loads(data)

    def _content(self, path: str) -> bytes | None:
        if path not in self._data:
            self._data[path] = self._read(path)
        self.consulted.files.add(path)
        return self._data[path]

    def _read(self, path: str) -> bytes | None:
        if not os.path.isfile(path):
            return None
        try:
            data = read(path, _LARGEST + 1)
        except OSError as error:
            self._ignore(path, error.strerror or error)
            return None
        if len(data) > _LARGEST:
            self._ignore(path, "too large")
            return None
        return data

    def _parsed(self, path: str) -> Document | None:
        data = self._content(path)
        if data is None:
            return None
        # Imported for projects that have such a file only.
        import yaml

        loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            text = data.decode("utf-8-sig")
            content = yaml.load(text, loader)  # noqa: S506 - both are safe, one is faster
            size = _size(content, {})
        # What is no UTF-8 and a date that does not exist are ValueErrors, a list as a key that
        # is merged a TypeError.
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            self._ignore(path, error)
            return None
        if size > _MOST_VALUES:
            self._ignore(path, "too large")
            return None
        header = _HEADER.match(text)
        return Document(content, header[1] if header is not None else None)

    def _ignore(self, path: str, reason: object) -> None:
        self.problems[path] = " ".join(str(reason).split())


def _size(node: object, known: dict[int, float]) -> float:
    """How many values there are, with those that are named again; in a circle, endlessly many."""
    if not isinstance(node, (dict, list)):
        return 1
    if id(node) not in known:
        known[id(node)] = math.inf
        parts = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_size(each, known) for each in parts)
    return known[id(node)]


def _options_in(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.splitext(name)[0] for name in names if name.endswith(SUFFIXES)]


def _files_below(location: str) -> Sequence[str]:
    if not os.path.isdir(location):
        return (location,) if location.endswith(SUFFIXES) else ()
    found: list[str] = []
    for folder, folders, names in os.walk(location):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        found += [os.path.join(folder, name) for name in sorted(names) if name.endswith(SUFFIXES)]
        if len(found) > _MOST_FILES:
            break
    return found[:_MOST_FILES]
