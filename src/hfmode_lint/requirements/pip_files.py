"""pip's requirements files, with the files that they include and their constraints."""

from __future__ import annotations

import os
import re
from dataclasses import field, replace
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.requirements.gathered import is_lightning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.requirements.gathered import Gathered, Mention

_COMMENT_LINE = re.compile(r"^[ \t]*#.*", re.MULTILINE)
_CONTINUED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"\s#.*")
_OPTIONS_OF_A_REQUIREMENT = re.compile(r"\s--?[A-Za-z].*")
_INCLUDE = re.compile(
    r"(?:-r|--requirement)[\s=]*(?P<included>\S.*)|(?:-c|--constraint)[\s=]*(?P<constraints>\S.*)"
)


@immutable
class _Content:
    """What concerns us in one file: requirements, and the paths of other files."""

    requirements: list[str] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)


def read(paths: Sequence[str], gathered: Gathered) -> None:
    """Gather what files require, each along with what it includes."""
    reader = _Reader(gathered)
    # On its own, a file that another one includes would lack the constraints of that one.
    inner = {each for path in paths for each in reader.reached_from(path) if each != path}
    for path in [path for path in paths if path not in inner] or paths:
        reader.gather(path)


def read_lines(lines: Iterable[str], path: str, gathered: Gathered) -> None:
    """Gather what lines require that could stand in a requirements file at a path."""
    reader = _Reader(gathered)
    reader.contents[path] = _parse("\n".join(lines), path)
    reader.gather(path)


class _Reader:
    """Reads each of the files once, however many others include it."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self.contents: dict[str, _Content] = {}

    def reached_from(self, start: str) -> dict[str, bool]:
        """The files that one file leads to, itself among them, and whether they only constrain."""
        reached: dict[str, bool] = {}
        pending = [(start, False)]
        while pending:
            path, constrains = pending.pop()
            if path in reached:
                continue
            reached[path] = constrains
            content = self._content(path)
            pending += [(each, True) for each in reversed(content.constraints)]
            pending += [(each, constrains) for each in reversed(content.included)]
        return reached

    def gather(self, start: str) -> None:
        """Gather the requirements of a file, with the constraints that hold for it."""
        reached = self.reached_from(start)
        required = self._mentions(path for path, constrains in reached.items() if not constrains)
        constraints = self._mentions(path for path, constrains in reached.items() if constrains)
        for mention in required:
            self._gathered.mentions.append(_constrained(mention, constraints))

    def _mentions(self, paths: Iterable[str]) -> list[Mention]:
        found = self._gathered.beside()
        for path in paths:
            for requirement in self._content(path).requirements:
                found.requirement(requirement, path)
        self._gathered.problems += found.problems
        return found.mentions

    def _content(self, path: str) -> _Content:
        if path not in self.contents:
            text = self._gathered.text_of(path)
            self.contents[path] = _Content() if text is None else _parse(text, path)
        return self.contents[path]


def _constrained(mention: Mention, constraints: Iterable[Mention]) -> Mention:
    for constraint in constraints:
        if constraint.distribution == mention.distribution:
            specifiers = mention.specifiers & constraint.specifiers
            # Whichever of the two says anything of the version is shown.
            shown = mention if mention.is_limited else constraint
            mention = replace(shown, specifiers=specifiers)
    return mention


def _parse(text: str, path: str) -> _Content:
    content = _Content()
    for line in _logical_lines(text):
        include = _INCLUDE.fullmatch(line)
        if include is not None:
            content.included.extend(_local(include["included"], path))
            content.constraints.extend(_local(include["constraints"], path))
        elif is_lightning(line):
            content.requirements.append(_OPTIONS_OF_A_REQUIREMENT.sub("", line))
    return content


def _logical_lines(text: str) -> Iterator[str]:
    # A comment on a line of its own does not go on behind a backslash.
    for line in _CONTINUED.sub(" ", _COMMENT_LINE.sub("", text)).splitlines():
        yield _COMMENT.sub("", line).strip()


def _local(name: str | None, path: str) -> Iterator[str]:
    """The path of a file that another one includes; none where it is on the network."""
    if name is not None and "://" not in name:
        yield os.path.normpath(os.path.join(os.path.dirname(path), name.strip("'\"")))
