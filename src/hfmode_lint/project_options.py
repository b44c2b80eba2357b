"""The options for each file of a run: what the user chose, and what the file's project says itself.

Those who only read the command line, or flake8's options, would judge one project in several ways.
What a project says of itself is therefore read for each file, from the files around it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.config import load
from hfmode_lint.lightning_version import Projects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.config import Options
    from hfmode_lint.set_elsewhere import SetElsewhere


class ProjectOptions:
    """What the projects of one run say; no folder is looked at twice."""

    def __init__(self, options: Options) -> None:
        """Take the options of the run; what is set there is not looked for in any project."""
        self._options = options
        self._lightning = Projects(options)
        self._configured: dict[str, Options] = {}

    def options_for(self, filename: str) -> Options:
        """The options for one file.

        :raises ConfigError: where the configuration of its project is wrong.
        """
        return replace(
            self._lightning.options_for(filename), set_elsewhere=self.set_elsewhere(filename)
        )

    def set_elsewhere(self, filename: str) -> tuple[SetElsewhere, ...]:
        """The entries for one file.

        :raises ConfigError: where the configuration of its project is wrong.
        """
        if self._options.set_elsewhere is not None:
            return self._options.set_elsewhere
        return self._configuration(os.path.dirname(filename)).set_elsewhere or ()

    def described(self) -> Iterator[str]:
        """For people: what is known of the Lightning of each project."""
        return self._lightning.described()

    def _configuration(self, folder: str) -> Options:
        folder = os.path.abspath(folder)
        if folder not in self._configured:
            self._configured[folder], _ = load(folder)
        return self._configured[folder]
