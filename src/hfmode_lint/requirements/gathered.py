"""What the readers of all kinds of files have in common: the mentions of Lightning they gather."""

from __future__ import annotations

import codecs
import os
import re
import stat
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.specifiers import SpecifierSet

_DISTRIBUTIONS = frozenset({"lightning", "pytorch-lightning"})

# A file without it names neither of them, and needs no parser.
_TELLTALE = "ightning"

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_SEPARATORS = re.compile(r"[-_.]+")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@immutable
class Mention:
    """One place that asks for Lightning.

    ``specifiers`` are empty where any version will do. ``path`` is the file, ``place`` the same
    from the folder that was looked in, and ``text`` what stands there.
    """

    distribution: str
    specifiers: SpecifierSet
    path: str
    place: str
    text: str

    @property
    def is_limited(self) -> bool:
        """Whether it says anything of the version."""
        return len(self.specifiers) > 0


class Gathered:
    """The mentions in the files of one folder, and the files or lines that were ignored."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.mentions: list[Mention] = []
        # Each is a path and a reason.
        self.problems: list[tuple[str, str]] = []

    def beside(self) -> Gathered:
        """A new one for the same folder."""
        return Gathered(self._folder)

    @property
    def is_limited(self) -> bool:
        """Whether any mention says something of the version."""
        return any(mention.is_limited for mention in self.mentions)

    def ignore(self, path: str, reason: object) -> None:
        """Remember that a file, or a part of it, can't be understood."""
        self.problems.append((path, " ".join(str(reason).split())))

    def text_of(self, path: str) -> str | None:
        """The text of a file; None where it can't be read, which is remembered."""
        try:
            return _decoded(_content(path))
        # A path with a NUL in it is a ValueError.
        except (OSError, ValueError) as error:
            self.ignore(path, getattr(error, "strerror", None) or error)
            return None

    def telling_text_of(self, path: str) -> str | None:
        """The text of a file that may name Lightning; None for all others."""
        text = self.text_of(path)
        return text if text is not None and may_name_lightning(text) else None

    def requirement(self, text: str, path: str) -> None:
        """Take a requirement as PEP 508 has it; one of anything but Lightning is passed over."""
        if not is_lightning(text):
            return
        from packaging.requirements import Requirement

        try:
            requirement = Requirement(text)
        # Markers can be nested.
        except (ValueError, RecursionError) as error:
            self.ignore(path, error)
            return
        shown = text.partition(";")[0].strip()
        self._add(requirement.name, requirement.specifier, path, shown)

    def version(self, name: str, alternatives: Iterable[str], path: str, text: str) -> None:
        """Take the versions that are allowed of a distribution, if it is Lightning.

        :param alternatives: specifier sets of PEP 440, one of which has to fit.
        """
        if not is_lightning(name):
            return
        from packaging.specifiers import SpecifierSet

        try:
            allowed = [SpecifierSet(alternative) for alternative in alternatives]
        except ValueError as error:
            self.ignore(path, error)
            return
        for specifiers in allowed:
            self._add(name, specifiers, path, text)

    def _add(self, name: str, specifiers: SpecifierSet, path: str, text: str) -> None:
        place = os.path.relpath(path, self._folder)
        self.mentions.append(Mention(_normalized(name), specifiers, path, place, text))


def may_name_lightning(text: str) -> bool:
    """Whether a text can have a mention in it, told without a parser."""
    return _TELLTALE in text.lower()


def is_lightning(text: str) -> bool:
    """Whether the name that a text begins with is that of one of Lightning's distributions."""
    match = _NAME.match(text)
    return match is not None and _normalized(match[1]) in _DISTRIBUTIONS


def _normalized(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()


def _content(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("no regular file")
    return read(path)


def _decoded(data: bytes) -> str:
    # PowerShell's ``>`` writes UTF-16, so that frozen requirements come in it.
    # A comment in yet another encoding takes nothing from the names.
    return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig", "replace")
