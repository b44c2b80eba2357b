"""The flake8 entry point: the command's findings, in the shape that flake8 wants.

flake8 reads the file, applies ``# noqa``, ``--select`` and their like, and prints. What remains
to be done here is to find, and to leave rules alone that are off unless the user names them.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, ClassVar

from hfmode_lint.config import ConfigError, Options, check_packages
from hfmode_lint.first_look import follows_packages
from hfmode_lint.relevance import may_ever_matter
from hfmode_lint.rules import UNPARSABLE

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    # flake8 has no types of its own.
    from flake8.options.manager import OptionManager  # type: ignore[import-untyped]

    from hfmode_lint.findings import Finding
    from hfmode_lint.project import Workspace
    from hfmode_lint.project_options import ProjectOptions


class Plugin:
    """The checks of one file.

    flake8 passes what it names by parameter: ``tree`` marks a plugin that wants each file once
    and as a whole, ``lines`` are the text as flake8 read it, from disk or from standard input.
    """

    # flake8 has E999 for what can't be parsed, and E902 for what can't be read.
    _options: ClassVar = Options(ignore=(UNPARSABLE,))
    # Names the files, which flake8's interface for programs sets late.
    _arguments: ClassVar = argparse.Namespace()
    # By folder: whether its project looks into packages.
    _follows: ClassVar[dict[str, bool]] = {}
    _read: ClassVar[tuple[ProjectOptions, Workspace] | None] = None

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str = "-") -> None:
        del tree
        self._lines = lines
        self._filename = filename

    @classmethod
    def add_options(cls, manager: OptionManager) -> None:
        """Tell flake8 of our options."""
        manager.add_option(
            "--hfm-lightning-version",
            metavar="VERSION",
            parse_from_config=True,
            type=_lightning_version,
            help="The Lightning in use: 2.1.4 or '>=2.0,<2.2'. What the project's files say if it "
            "is not given.",
        )
        manager.add_option(
            "--hfm-no-project",
            action="store_true",
            parse_from_config=True,
            help="Look at each file by itself, not at its project.",
        )
        manager.add_option(
            "--hfm-follow",
            metavar="PACKAGES",
            parse_from_config=True,
            type=_packages,
            help="Look into these installed packages as well.",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Learn which rules the user has named.

        ``extend_default_ignore`` is flake8's own way to have rules that are off by default. It
        is not used, as each ``--ignore`` forgets the default and would turn them on.
        """
        named = (*(options.select or ()), *(options.extend_select or ()))
        cls._options = Options(
            extend_select=named,
            ignore=(UNPARSABLE,),
            lightning_version=options.hfm_lightning_version or "",
            project=not options.hfm_no_project,
            follow=options.hfm_follow or None,
        )
        cls._arguments, cls._follows, cls._read = options, {}, None

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield line (from 1), column (from 0), text and source of each finding."""
        try:
            found = self._findings()
        except ConfigError as error:
            # Raised, it would end flake8 with all other files unchecked, and kill its processes:
            # one that holds a lock at that moment leaves flake8 waiting for ever.
            yield 1, 0, f"{UNPARSABLE} file can't be checked: {error}", Plugin
            return
        if not found:
            return
        # Imported where there is something to print, which nearly no file has.
        from hfmode_lint.printable import printable

        for finding in found:
            where = finding.start
            message = printable(finding.message)
            yield where.line, where.column, f"{finding.code} {message}", Plugin

    def _findings(self) -> list[Finding]:
        text = "".join(self._lines)
        data = text.encode("utf-8", "surrogatepass")
        # Most files have no place for a finding, and are not worth an import of the analysis.
        if not (self._follows_packages() or may_ever_matter(data)):
            return []
        from hfmode_lint.engine import check_text
        from hfmode_lint.garbage import collecting_rarely

        projects, workspace = self._projects()
        around = workspace.around(self._filename)
        if not around.may_matter(data, self._filename):
            return []
        options = projects.options_for(self._filename)
        with collecting_rarely():
            found = check_text(text, self._filename, options, around)
        # The first file is soonest done by itself, and may be the only one of this process. Who
        # gets a second one is about to get many.
        workspace.expect(getattr(self._arguments, "filenames", None) or [os.curdir])
        workspace.forget_trees()
        return found

    def _follows_packages(self) -> bool:
        folder = os.path.dirname(os.path.realpath(self._filename))
        if folder not in self._follows:
            self._follows[folder] = follows_packages([folder], self._options)
        return self._follows[folder]

    @classmethod
    def _projects(cls) -> tuple[ProjectOptions, Workspace]:
        if cls._read is None:
            from hfmode_lint.project import Workspace
            from hfmode_lint.project_options import ProjectOptions

            cls._read = ProjectOptions(cls._options), Workspace(cls._options)
        return cls._read


def _packages(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    try:
        return check_packages(names, "--hfm-follow")
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _lightning_version(text: str) -> str:
    # Imported for those who choose a version only.
    from hfmode_lint.lightning_version import chosen_range

    try:
        chosen_range(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
