"""Which versions of Lightning a project allows, and what of the findings depends on that.

Before 2.2, ``Trainer.fit()`` called ``train()`` on the whole LightningModule. What some rules
report is therefore not true there, or not yet.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import starmap
from typing import TYPE_CHECKING

from hfmode_lint.config import Options
from hfmode_lint.file_names import shown
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from hfmode_lint.findings import Finding
    from hfmode_lint.requirements import Gathered, Mention

# fit() keeps the modes that it finds from here on. The pre-releases of 2.2 count as 2.2: its
# release candidate has no train() in its fit loop either.
_MODES_KEPT = (2, 2)

_ROOT_MARKERS = frozenset({"pyproject.toml", "setup.cfg", "setup.py", ".git"})

# What stands for the file's name where the user has chosen the version.
_CHOICE = "lightning-version"


@immutable
class LightningRange:
    """The versions of Lightning that are allowed, and what says so.

    ``place`` is the file that says so, from the folder that was looked in, and ``path`` the
    whole path; ``path`` is empty where the user has chosen. ``text`` is what stands there.
    ``older`` is a version before 2.2 that is allowed, one that the text names if there is such a
    one, and None if there is none at all. ``newer`` tells whether 2.2 or a later one is.
    ``limited`` is false where any version will do.
    """

    place: str
    path: str
    text: str
    older: str | None
    newer: bool
    limited: bool

    @property
    def is_below(self) -> bool:
        """All allowed versions are below 2.2."""
        return not self.newer

    @property
    def is_at_or_above(self) -> bool:
        """All allowed versions are 2.2 or later."""
        return self.older is None

    @property
    def crosses(self) -> bool:
        """Some allowed versions are below 2.2, and some are not."""
        return self.newer and self.older is not None

    def described(self) -> str:
        """One line for people: the range and where it comes from."""
        source = f"{self._source}: {self.text}"
        if not self.limited:
            return f"Lightning of any version ({source})"
        if self.crosses:
            return f"Lightning below 2.2 as well as 2.2 or later ({source})"
        return f"Lightning {'below 2.2' if self.is_below else '2.2 or later'} ({source})"

    @property
    def note_on_summaries(self) -> str:
        """One line for people: why modes below 2.2 are not those of the model summary."""
        return f"{self.keeps_below}; the summary shows the modes of 2.2 and later"

    @property
    def keeps_below(self) -> str:
        """The beginning of a line for people: which file keeps Lightning below 2.2."""
        return (
            f"{self._source} keeps Lightning below 2.2 ({self.text}), where fit() sets train mode "
            "itself"
        )

    @property
    def _source(self) -> str:
        return shown(self.path) if self.path else self.place


def why_not_yet_true(finding: Finding, lightning: LightningRange | None) -> str:
    """The beginning of a line for people: why a finding can't be true with the Lightning in use.

    :param lightning: what the project allows.
    """
    if lightning is not None and lightning.is_below:
        return lightning.keeps_below
    return f"{finding.removed} needs Lightning below 2.0, where fit() sets train mode itself"


def note_on(why: str, findings: Iterable[Finding]) -> str:
    """One line for people: why findings that are not true below 2.2 are not reported."""
    counts = Counter(finding.code for finding in findings)
    total = counts.total()
    return (
        f"{why}; not reported: {total} problem{'' if total == 1 else 's'} "
        f"({', '.join(sorted(counts))}) that an upgrade to 2.2 or later would bring "
        "(--lightning-version 2.2 shows them)"
    )


def required_range(folder: str) -> LightningRange | None:
    """The versions of Lightning that the project of a folder allows.

    Looked for in the folder and those above it, up to the root of the project. In a folder, lock
    files come first, then pyproject.toml, setup.cfg, requirements files and conda's environment
    files; the first that limits the version counts, or else those that name Lightning at all.

    :returns: the range, or None where no file tells. What can't be read is passed over.
    """
    return Projects(Options()).range_in(folder)


@lru_cache(maxsize=8)
def chosen_range(text: str) -> LightningRange:
    """The range that a user names: a version (``2.1.4``, ``2.1``) or a specifier set.

    :raises ValueError: where it is neither, or no version fits; the message is one line.
    """
    specifiers = _specifiers(text)
    allowed = None if specifiers is None else _allowed(specifiers)
    if allowed is None:
        raise ValueError(f"must be a version of Lightning or a range such as >=2.0,<2.2: {text!r}")
    return LightningRange(_CHOICE, "", text, allowed.older, allowed.newer, limited=True)


class Projects:
    """What the projects of one run require; no folder is looked at twice.

    :param options: those of the run, in which the user may have chosen a version.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._folders: dict[str, _Folder] = {}
        # By the folder of the files that are checked.
        self._ranges: dict[str, LightningRange | None] = {}

    def options_for(self, filename: str) -> Options:
        """The options for one file: with what its project requires, unless the user has chosen."""
        if self._options.lightning_version:
            return self._options
        known = self.range_in(os.path.dirname(filename))
        return replace(self._options, required_lightning=known)

    def range_in(self, folder: str) -> LightningRange | None:
        """What :func:`required_range` says of a folder."""
        folder = os.path.abspath(folder)
        if folder not in self._ranges:
            self._ranges[folder] = self._look(folder)
        return self._ranges[folder]

    def described(self) -> Iterator[str]:
        """For people: one line a project, and one for each file that was passed over."""
        if self._options.lightning is not None:
            yield self._options.lightning.described()
        yield from dict.fromkeys(starmap(self._described, self._ranges.items()))
        for seen in self._folders.values():
            for path, reason in seen.gathered.problems:
                yield f"{shown(path)}: ignored: {reason}"

    def _described(self, folder: str, known: LightningRange | None) -> str:
        if known is not None:
            return known.described()
        *_, root = self._up_to_root(folder)
        return f"Lightning of unknown version: no file up to {shown(root.path)} names one"

    def _look(self, folder: str) -> LightningRange | None:
        mentions: list[Mention] = []
        for seen in self._up_to_root(folder):
            mentions += seen.gathered.mentions
            if seen.gathered.is_limited:
                break
        return _range_of(mentions)

    def _up_to_root(self, path: str) -> Iterator[_Folder]:
        while True:
            if path not in self._folders:
                self._folders[path] = _Folder.at(path)
            folder = self._folders[path]
            yield folder
            parent = os.path.dirname(path)
            if folder.is_root or parent == path:
                return
            path = parent


@immutable
class _Folder:
    """One folder on the way to the root of a project, and what its files say."""

    path: str
    is_root: bool
    gathered: Gathered

    @classmethod
    def at(cls, path: str) -> _Folder:
        from hfmode_lint.requirements import gather, names_in

        names = names_in(path)
        return cls(path, not _ROOT_MARKERS.isdisjoint(names), gather(path, names))


def _range_of(mentions: Sequence[Mention]) -> LightningRange | None:
    """The union of what mentions allow; None where there are none, or no version fits them."""
    pairs = [(mention, _allowed(mention.specifiers)) for mention in _telling(mentions)]
    known = [(mention, allowed) for mention, allowed in pairs if allowed is not None]
    if not known:
        return None
    first, oldest = min(known, key=lambda pair: pair[1].order)
    return LightningRange(
        place=first.place,
        path=first.path,
        text=_joined([mention for mention, _ in known], first.place),
        older=oldest.older,
        newer=any(allowed.newer for _, allowed in known),
        limited=any(mention.is_limited for mention, _ in known),
    )


def _telling(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions without those that say less than others do of the same distribution."""
    limited = {mention.distribution for mention in mentions if mention.is_limited}
    return [each for each in mentions if each.is_limited or each.distribution not in limited]


def _joined(mentions: Iterable[Mention], place: str) -> str:
    """What mentions say, with the file where it is another one than the place."""
    texts = (m.text if m.place == place else f"{m.place}: {m.text}" for m in mentions)
    return ", ".join(dict.fromkeys(texts))


@immutable
class _Allowed:
    """What specifiers allow on the two sides of 2.2; ``order`` puts the oldest first."""

    order: tuple[bool, Version]
    older: str | None
    newer: bool


def _allowed(specifiers: SpecifierSet) -> _Allowed | None:
    """Ask specifiers about all releases, and about the versions that they name themselves."""
    try:
        named = [version for version in _named(specifiers) if _fits(version, specifiers)]
        released = [version for version in _releases() if _fits(version, specifiers)]
    except ValueError:
        # Python reads no number of thousands of digits.
        return None
    older = min(filter(_is_older, named), default=None)
    if older is None:
        older = max(filter(_is_older, released), default=None)
    newer = [version for version in (*named, *released) if not _is_older(version)]
    if older is not None:
        return _Allowed((False, older), _with_minor(older), bool(newer))
    return _Allowed((True, min(newer)), None, newer=True) if newer else None


def _fits(version: Version, specifiers: SpecifierSet) -> bool:
    # No release is a pre-release, and one that is named is allowed.
    return specifiers.contains(version, prereleases=True)


def _is_older(version: Version) -> bool:
    return version.release < _MODES_KEPT


def _with_minor(version: Version) -> str:
    return f"{version}.0" if str(version).isdigit() else str(version)


def _named(specifiers: SpecifierSet) -> Iterator[Version]:
    from packaging.version import InvalidVersion, Version

    for specifier in specifiers:
        # An arbitrary string may stand behind ``===``.
        with suppress(InvalidVersion):
            yield Version(specifier.version.removesuffix(".*"))


@lru_cache(maxsize=1)
def _releases() -> tuple[Version, ...]:
    from packaging.version import Version

    from hfmode_lint.requirements.releases import FUTURE, RELEASES

    return tuple(map(Version, (*RELEASES, *FUTURE)))


def _specifiers(text: str) -> SpecifierSet | None:
    """What a user means by a version or a range; None where it is neither."""
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    try:
        version = Version(text)
    except ValueError:
        with suppress(ValueError):
            return SpecifierSet(text) or None
        return None
    # 2.1 stands for all of 2.1.
    is_series = len(version.release) < 3 and str(version) == version.base_version
    return SpecifierSet(f"=={version}.*" if is_series else f"=={version}")
