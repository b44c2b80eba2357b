"""A run that was there before: the same request, while nothing that it looked at has changed.

An entry of the cache belongs to a request: tool, options, current folder and files. It says what
the run depended on, and counts only if that is still the same:

- the content of the checked files;
- of a project of which more was read: all source files, its settings, and which folders have a
  build file;
- all that was asked about other files: which there are, what configurations hold;
- the options that hold for each file, which come from the projects' own files.

So an edit anywhere in a project lets its runs start anew: coarse, but no verdict is out of date.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hfmode_lint._version import __version__
from hfmode_lint.cache import digest, digest_of_all
from hfmode_lint.config import ConfigError
from hfmode_lint.engine import FileReport, with_findings
from hfmode_lint.file_digests import FileDigests
from hfmode_lint.immutable import immutable
from hfmode_lint.reading import read
from hfmode_lint.stored_findings import restored, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hfmode_lint.cache import Cache
    from hfmode_lint.config import Options
    from hfmode_lint.data_files import Consulted
    from hfmode_lint.discovery import Found
    from hfmode_lint.project import Project, Workspace
    from hfmode_lint.project_options import ProjectOptions
    from hfmode_lint.set_elsewhere import SetElsewhere

# What they do shows in findings; the distributions have the names of the modules, or nearly so.
_LIBRARIES = {"libcst": "libcst", "pathspec": "pathspec", "yaml": "pyyaml"}


@immutable
class Checked:
    """What was found in a file, with the options for it.

    ``options`` are those of the run where the file's project was not asked for its own.
    """

    found: Found
    options: Options
    report: FileReport


@immutable
class Remembered:
    """What an earlier run has found: the files with something to say, and lines for people.

    ``expected`` are the entries that hold for some file.
    """

    checked: Sequence[Checked]
    expected: Sequence[SetElsewhere]
    unread: tuple[str, ...]


class RepeatedRun:
    """One run, and what the cache has of it."""

    def __init__(
        self, cache: Cache, files: Sequence[Found], options: Options, workspace: Workspace
    ) -> None:
        """Begin, before anything is read that the run depends on."""
        self._started = time.time_ns()
        self._cache = cache
        self._files = files
        self._options = options
        self._workspace = workspace

    def recall(self, projects: ProjectOptions) -> Remembered | None:
        """What the run would find, if it was there before; None where nobody knows."""
        try:
            entry = self._cache.load(self._name)
            if not entry:
                return None
            digests = FileDigests(self._known_files)
            remembered = self._remembered(entry, digests, projects)
        # An entry of another shape, a project that is wrong, a file that is gone.
        except (LookupError, TypeError, ValueError, AttributeError, ConfigError, OSError):
            return None
        if remembered is not None:
            self._cache.mark_used(self._name)
            self._keep_files(digests)
        return remembered

    def keep(self, checked: Sequence[Checked], unread: Iterable[str], consulted: Consulted) -> None:
        """Let later runs know what was found, unless a file has changed in the meantime.

        :param checked: all files that can have a finding, in their order.
        """
        digests = FileDigests(self._known_files)
        roots = {project.root for project in self._projects.values() if project.is_read}
        entry = {
            "roots": sorted(roots),
            "state": self._state(digests, roots),
            "files": {path: digests.of(path) for path in sorted(consulted.files)},
            "answers": [[*key, answer] for key, answer in sorted(consulted.answers.items())],
            "checked": [self._places[each.found.path] for each in checked],
            "asked": [each.options is not self._options for each in checked],
            "options": _digest_of_options(each.options for each in checked),
            "reports": [
                [number, *map(stored, _kept(each.report))]
                for number, each in enumerate(checked)
                if any(_kept(each.report))
            ],
            "unread": list(unread),
        }
        for folder in self._folders(roots):
            digests.look_at_folder(folder)
        # The current folder may be gone.
        with suppress(OSError):
            self._keep_files(digests)
            if digests.latest < self._started:
                self._cache.save(self._name, entry)

    # What a run is known by

    @cached_property
    def _name(self) -> str:
        files = (
            text for found in self._files for text in (found.path, found.real, str(found.named))
        )
        request = [_tool(), os.getcwd(), _text_of(self._options), *files]
        return f"run-{digest_of_all(request)}"

    @cached_property
    def _name_of_files(self) -> str:
        return f"files-{digest_of_all(sorted({each.root for each in self._projects.values()}))}"

    @cached_property
    def _known_files(self) -> Mapping[str, object]:
        return self._cache.load(self._name_of_files)

    def _keep_files(self, digests: FileDigests) -> None:
        if digests.has_news:
            self._cache.save(self._name_of_files, {**self._known_files, **digests.kept})

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {found.path: place for place, found in enumerate(self._files)}

    # What it depends on

    @cached_property
    def _projects(self) -> Mapping[str, Project]:
        """The projects of the folders that have checked files.

        :raises ConfigError: where one is wrong.
        """
        if not self._options.project:
            return {}
        folders = dict.fromkeys(os.path.dirname(found.real) for found in self._files)
        return {folder: self._workspace.project_above(folder) for folder in folders}

    def _state(self, digests: FileDigests, roots: set[str]) -> str:
        """A name for all source files, where they belong, and what is said of their projects."""
        return digest_of_all(self._described(digests, roots))

    def _described(self, digests: FileDigests, roots: set[str]) -> Iterator[str]:
        for found in self._files:
            yield str(digests.of(found.real))
        for folder, project in self._projects.items():
            yield from (folder, project.root)
        for project in self._read(roots):
            yield repr(project.settings)
            for path in sorted(project.files):
                yield from (path, str(digests.of(path)))
            for folder in sorted(project.folders):
                yield str(digests.of(os.path.join(folder, "pyproject.toml")))

    def _read(self, roots: set[str]) -> list[Project]:
        by_root = {project.root: project for project in self._projects.values()}
        return [by_root[root] for root in sorted(roots)]

    def _folders(self, roots: set[str]) -> set[str]:
        folders = {os.path.dirname(found.real) for found in self._files}
        return folders.union(*(project.folders for project in self._read(roots)))

    def _remembered(
        self, entry: Mapping[str, Any], digests: FileDigests, projects: ProjectOptions
    ) -> Remembered | None:
        if entry["state"] != self._state(digests, set(entry["roots"])):
            return None
        if any(digests.of(path) != known for path, known in entry["files"].items()):
            return None
        if any(self._answer(question) != answer for *question, answer in entry["answers"]):
            return None
        files = [self._files[place] for place in entry["checked"]]
        options = [
            projects.options_for(found.path) if asked else self._options
            for found, asked in zip(files, entry["asked"], strict=True)
        ]
        if entry["options"] != _digest_of_options(options):
            return None
        checked = [
            Checked(files[number], options[number], _report(files[number], digests, *findings))
            for number, *findings in entry["reports"]
        ]
        one_a_folder = {os.path.dirname(found.path): found.path for found in self._files}
        expected = [each for path in one_a_folder.values() for each in projects.set_elsewhere(path)]
        return Remembered(checked, expected, tuple(entry["unread"]))

    def _answer(self, question: Sequence[str]) -> object:
        root, *_ = question
        (project,) = self._read({root})
        return project.answer(tuple(question))


def _kept(report: FileReport) -> tuple[Sequence[Any], ...]:
    return report.findings, report.not_yet_true, report.set_aside


def _report(
    found: Found,
    digests: FileDigests,
    findings: list[Any],
    not_yet_true: list[Any],
    set_aside: list[Any],
) -> FileReport:
    """The report of a file.

    :raises ValueError: where it has just changed.
    :raises OSError: where it can't be read.
    """
    data = read(found.real)
    if digest(data) != digests.of(found.real):
        raise ValueError("it has changed")
    return with_findings(
        data,
        found.path,
        findings=restored(findings),
        not_yet_true=restored(not_yet_true),
        set_aside=restored(set_aside),
    )


def _digest_of_options(options: Iterable[Options]) -> str:
    return digest_of_all(map(_text_of, options))


def _text_of(options: Options) -> str:
    """Options as a text, without those that only say how findings are shown or fixed."""
    return repr(replace(options, output_format="text", unsafe_fixes=False))


def _tool() -> str:
    """A name for all code that has a say in what is found."""
    return digest_of_all([__version__, sys.version, *_own_code(), *_versions()])


def _own_code() -> Iterator[str]:
    # Times of change would differ between machines that share a cache, as those of a CI do.
    top = os.path.dirname(__file__)
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(".pyc"):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, top)
                yield digest(read(path))


def _versions() -> Iterator[str]:
    """The versions of libraries, by the folders that pip keeps beside them."""
    for module, distribution in _LIBRARIES.items():
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            beside = os.path.dirname(os.path.dirname(spec.origin))
            yield from sorted(
                name
                for name in os.listdir(beside)
                if name.lower().startswith(f"{distribution}-") and name.endswith(".dist-info")
            )
