"""The files of a program, and where an import leads: to one of them, or out of the program.

Nothing here reads files: who knows where they are implements :class:`Modules`.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from hfmode_lint.analysis.composition import Composed
    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.source_index import SourceIndex
    from hfmode_lint.analysis.symbols import Symbols

# What the file is called that a program begins with.
MAIN = "__main__"


class Unit:
    """One file of the program, looked at as closely as somebody asks: its symbols, its tree."""

    def __init__(self, name: str, read: Callable[[], str], installed_as: str = "") -> None:
        """Take a file.

        :param name: what findings call it.
        :param read: gives its text; may raise :class:`SourceError`.
        :param installed_as: the dotted name of the module that it is of an installed package;
            empty for a file of the project. Nobody who reads a report can change such a file.
        """
        self.name = name
        self.installed_as = installed_as
        # Why it can't be parsed, once somebody has tried.
        self.refusal: SourceError | None = None
        self._read = read

    @cached_property
    def symbols(self) -> Symbols:
        """What the file defines, imports and names.

        :raises SourceError: where Python refuses the file.
        """
        # Most runs of a commit hook ask no file.
        from hfmode_lint.analysis.symbols import symbols_of

        return symbols_of(self._read())

    @cached_property
    def parsed(self) -> ParsedFile:
        """The file's tree.

        :raises SourceError: where the file can't be parsed.
        """
        # The parser is loaded when there is something to parse.
        from hfmode_lint.analysis.parsing import parse

        return parse(self._read(), self.symbols)

    @cached_property
    def index(self) -> SourceIndex:
        """The statements of the file that matter.

        :raises SourceError: where the file can't be parsed.
        """
        from hfmode_lint.analysis.source_index import index_source

        return index_source(self.parsed.tree)

    @cached_property
    def is_python(self) -> bool:
        """Whether Python accepts the file; one that it refuses is as good as unseen."""
        return self._can_be_had(lambda: self.symbols)

    @cached_property
    def readable(self) -> bool:
        """Whether the file can be parsed, which is far dearer to ask than the former."""
        return self._can_be_had(lambda: self.index)

    def _can_be_had(self, ask: Callable[[], object]) -> bool:
        try:
            ask()
        except SourceError as refusal:
            self.refusal = refusal
            return False
        return True


@immutable
class Module:
    """What an import names: a file, or a folder of them that has none itself (``unit`` None).

    ``name`` is the dotted name under which it was found, ``folder`` what its submodules are
    looked for in; both mean something to who made it alone.
    """

    name: str
    folder: str
    unit: Unit | None


class Modules(Protocol):
    """The files of a program, by what import statements call them."""

    @property
    def lightning_classes(self) -> frozenset[str]:
        """The names of the program's classes that extend Lightning's LightningModule."""

    def find(self, importer: Unit, name: str) -> Module | None:
        """The module of the program that an import names; None where it is none of them.

        :param name: a dotted name, with leading dots where the import is relative.
        """

    def submodule(self, module: Module, name: str) -> Module | None:
        """The module below another one, or None."""

    def below(self, module: Module) -> Iterable[Unit]:
        """The files in a package, at any depth."""

    def described(self, unit: Unit) -> Iterable[str]:
        """The dotted names that the configurations give which a file reads."""

    def importers(self, unit: Unit, names: frozenset[str]) -> Iterable[Unit]:
        """The files that import a file and do something with one of these names at top level."""

    def is_touched(self, unit: Unit) -> bool:
        """Whether a file may do something with another one's names at its top level."""

    def importing(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Files, and those that import one of them, directly or not."""

    def training(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Files, and those that one of them comes to in which training may start."""

    def looping(self, unit: Unit) -> Iterable[Unit]:
        """The files in which a training loop may start that involves a file, and the file."""

    def composed(
        self, unit: Unit, folder: str, name: str, choices: Mapping[str, str]
    ) -> Composed | None:
        """The configuration of a name in a folder; None where there is none that can be read.

        :param folder: its path, as seen from the folder of the file ``unit``.
        :param choices: the options to take of some groups, instead of those in the files.
        """

    def options(self, unit: Unit, folder: str, group: str) -> Sequence[str]:
        """The options of a group of configurations, in order.

        The parameters are those of :meth:`composed`.
        """

    def data_file(self, unit: Unit, path: str) -> object:
        """The content of a YAML file that a file of the program names by a path, or None."""


class OneFile:
    """A program of one file: every import leads out of it."""

    lightning_classes: frozenset[str] = frozenset()

    def find(self, importer: Unit, name: str) -> Module | None:
        """Find no module."""
        del importer, name
        return None

    def submodule(self, module: Module, name: str) -> Module | None:
        """Find no submodule."""
        del module, name
        return None

    def below(self, module: Module) -> Iterable[Unit]:
        """Find no file."""
        del module
        return ()

    def described(self, unit: Unit) -> Iterable[str]:
        """Read no configuration."""
        del unit
        return ()

    def importers(self, unit: Unit, names: frozenset[str]) -> Iterable[Unit]:
        """Find no other file."""
        del unit, names
        return ()

    def is_touched(self, unit: Unit) -> bool:
        """Find no other file."""
        del unit
        return False

    def importing(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Find these files alone."""
        return units

    def training(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Find these files alone."""
        return units

    def looping(self, unit: Unit) -> Iterable[Unit]:
        """Find the file alone."""
        return (unit,)

    def composed(
        self, unit: Unit, folder: str, name: str, choices: Mapping[str, str]
    ) -> Composed | None:
        """Read no configuration."""
        del unit, folder, name, choices
        return None

    def options(self, unit: Unit, folder: str, group: str) -> Sequence[str]:
        """Find no options."""
        del unit, folder, group
        return ()

    def data_file(self, unit: Unit, path: str) -> object:
        """Read no file."""
        del unit, path
        return None


def is_of_library(modules: Modules, unit: Unit, name: str) -> bool:
    """Whether a name of a file is imported, and not from the program."""
    symbols = unit.symbols
    return (
        name in symbols.imports
        and name not in symbols.assigned
        and all(modules.find(unit, each.module) is None for each in symbols.imported_as(name))
    )
