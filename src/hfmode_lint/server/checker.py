"""Texts that are being written, checked in the midst of the files on disk.

Nothing here knows of editors: a text has a name, which is the path of its file, or any other
name where it has none yet.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.config import ConfigError, load
from hfmode_lint.discovery import SKIPPED_FOLDERS, discover
from hfmode_lint.engine import check_named, fix_text, is_fixable
from hfmode_lint.immutable import immutable
from hfmode_lint.project import Workspace
from hfmode_lint.project_options import ProjectOptions
from hfmode_lint.project_root import root_of
from hfmode_lint.syntax import BOM

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfmode_lint.config import Options
    from hfmode_lint.findings import Finding
    from hfmode_lint.server.modes import ModuleMode


@immutable
class Checked:
    """What is known of one text.

    ``fixable`` is how many of the findings have a fix that the options allow. ``problem`` is one
    line for people, where the text could not be checked.
    """

    findings: tuple[Finding, ...] = ()
    fixable: int = 0
    problem: str = ""


class Checker:
    """Checks texts again and again, and keeps what it knows of the files on disk meanwhile."""

    def __init__(self, *, unsafe_fixes: bool = False) -> None:
        """Take what the configuration of no project may say.

        :param unsafe_fixes: the unsafe fixes are made as well, when all of a text's are.
        """
        self._unsafe_fixes = unsafe_fixes
        self._settings: dict[Options, _Setting] = {}
        # By folder.
        self._options: dict[str, Options] = {}
        self._names: frozenset[str] = frozenset()

    def check(self, texts: Mapping[str, str], *, anew: bool) -> dict[str, Checked]:
        """Check all texts that are being written.

        :param texts: by name.
        :param anew: files on disk may have changed since the last time.
        """
        self._begin(texts, anew=anew)
        results: dict[str, Checked] = {}
        wanted: dict[_Setting, list[str]] = {}
        for name in texts:
            results[name] = Checked()
            try:
                if not self._is_left_out(name):
                    wanted.setdefault(self._setting_for(name), []).append(name)
            except ConfigError as error:
                results[name] = Checked(problem=str(error))
        for setting, names in wanted.items():
            results.update(setting.check(texts, names))
        return results

    def fix(self, texts: Mapping[str, str], name: str) -> str:
        """One of the texts after all its fixes that the options allow."""
        self._begin(texts, anew=False)
        try:
            return self._setting_for(name).fix(texts, name)
        except ConfigError:
            return texts[name]

    def modes(self, texts: Mapping[str, str], name: str) -> tuple[ModuleMode, ...]:
        """The modes of the modules that classes in one of the texts hold."""
        self._begin(texts, anew=False)
        try:
            return () if self._is_left_out(name) else self._setting_for(name).modes(texts, name)
        except ConfigError:
            return ()

    def _begin(self, texts: Mapping[str, str], *, anew: bool) -> None:
        names = frozenset(texts)
        # What is no longer written holds again what is on disk.
        if anew or not self._names <= names:
            self._settings.clear()
            self._options.clear()
        self._names = names

    def _options_for(self, name: str) -> Options:
        folder = os.path.dirname(name) if os.path.isabs(name) else ""
        if folder not in self._options:
            options, _ = load(folder)
            # What a project is, the configuration around each file says.
            self._options[folder] = replace(
                options,
                src=None,
                set_elsewhere=None,
                follow=None,
                project=options.project and os.path.isabs(name),
                force_exclude=True,
                unsafe_fixes=self._unsafe_fixes,
            )
        return self._options[folder]

    def _setting_for(self, name: str) -> _Setting:
        """How one text is to be checked.

        :raises ConfigError: where the configuration around it is wrong.
        """
        options = self._options_for(name)
        if options not in self._settings:
            self._settings[options] = _Setting(options)
        setting = self._settings[options]
        setting.expect(name)
        return setting

    def _is_left_out(self, name: str) -> bool:
        """Whether a file is an installed one, or one that the configuration excludes."""
        if not os.path.isabs(name):
            return False
        inside = os.path.relpath(os.path.realpath(name), root_of(name)).split(os.sep)
        if not SKIPPED_FOLDERS.isdisjoint(inside):
            return True
        found = discover([name], self._options_for(name))
        # Of a file that is not yet written there is a problem.
        return not found.files and not found.problems


class _Setting:
    """The texts for which the same options hold."""

    def __init__(self, options: Options) -> None:
        self._projects = ProjectOptions(options)
        self._workspace = Workspace(options)
        self._in_projects = options.project
        self._roots: set[str] = set()

    def expect(self, name: str) -> None:
        """Prepare for a text of this name.

        :raises ConfigError: where the configuration of its project is wrong.
        """
        self._workspace.around(name)
        self._projects.options_for(name)
        if self._in_projects:
            self._roots.add(root_of(name))

    def check(self, texts: Mapping[str, str], wanted: Sequence[str]) -> dict[str, Checked]:
        """Check those of the texts that are wanted."""
        self._overlay(texts)
        with self._workspace.together(wanted):
            return {name: self._check(texts[name], name) for name in wanted}

    def fix(self, texts: Mapping[str, str], name: str) -> str:
        """One of the texts after its fixes."""
        self._overlay(texts)
        around, options = self._workspace.around(name), self._projects.options_for(name)
        with self._workspace.together([name]):
            return fix_text(texts[name], name, options, around).text

    def modes(self, texts: Mapping[str, str], name: str) -> tuple[ModuleMode, ...]:
        """The modes that are known in one of the texts; none where it can't be parsed."""
        # Imported for who asks only, as is the parser.
        from hfmode_lint.model_summary import Location
        from hfmode_lint.server.modes import module_modes

        self._overlay(texts)
        around = self._workspace.around(name)
        text = texts[name].removeprefix(BOM)
        with self._workspace.together([name]), suppress(SourceError, RecursionError):
            models = around.summarize(
                text, name, lambda unit, position: Location(unit.name, position)
            )
            return tuple(module_modes(models, os.path.realpath(name)))
        return ()

    def _overlay(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            if self._is_part(name):
                self._workspace.overlay(name, text)

    def _is_part(self, name: str) -> bool:
        """Whether a text is one of the projects'."""
        return os.path.isabs(name) and root_of(name) in self._roots

    def _check(self, text: str, name: str) -> Checked:
        around, options = self._workspace.around(name), self._projects.options_for(name)
        try:
            # A text that is irrelevant may be as wrong as it likes.
            if not around.may_matter(text.encode("utf-8", "surrogatepass"), name):
                return Checked()
            findings = check_named(text, name, options, around)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one text costs that alone
            return Checked(problem=f"{name}: internal error ({type(error).__name__}: {error})")
        fixable = sum(is_fixable(finding, options) for finding in findings)
        return Checked(tuple(findings), fixable)
