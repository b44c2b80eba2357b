"""Projects of a few files for the tests of the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.units import Unit
from hfmode_lint.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Files:
    """A project in a folder, and its files by the dotted names of their modules."""

    def __init__(self, folder: Path, texts: Mapping[str, str], follow: Sequence[str] = ()) -> None:
        """Write the files.

        :param texts: their texts by module; a package's own name ends with ``.__init__``.
        :param follow: the installed packages that are looked into as well.
        """
        (folder / "pyproject.toml").touch()
        for name, text in texts.items():
            path = folder / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.modules = Project(str(folder), (), follow=follow)
        self._importer = Unit(str(folder.resolve() / "importer.py"), str)

    def unit(self, name: str) -> Unit:
        """The file of a module."""
        module = self.modules.find(self._importer, name)
        assert module is not None
        assert module.unit is not None
        return module.unit
