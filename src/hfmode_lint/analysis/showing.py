"""Whether the code under a name may load a module or set eval mode, told from symbols.

Too many rather than too few: what is turned down here is not run.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.loaders import (
    LOADER_METHODS,
    LOADING_CALLABLES,
    Result,
    has_no_loaders,
    loader_of_class,
    names_no_module,
)
from hfmode_lint.analysis.knowledge.names import canonical
from hfmode_lint.analysis.symbols import OWN_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Module, Modules, Unit

# The last names of functions and classes that load.
_LOADING_NAMES = frozenset(name.rpartition(".")[2] for name in LOADING_CALLABLES)
_LOADING = _LOADING_NAMES | LOADER_METHODS


class Showing:
    """Answers for one program."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._known: dict[tuple[Unit, str], bool] = {}

    def may_show(self, unit: Unit, subject: str | None, names: Iterable[str]) -> bool:
        """Whether the code of a definition, or about a global, may load or set eval mode.

        :param subject: its name; None for the module's own code.
        :param names: all the names in it.
        """
        symbols = unit.symbols
        return (
            subject in symbols.switching
            or not _LOADING_NAMES.isdisjoint(names)
            or any(self._may_load(unit, subject, each) for each in symbols.loads.get(subject, ()))
        )

    def _may_load(self, unit: Unit, subject: str | None, source: str) -> bool:
        """Whether a method that loads, taken from something, may give a module.

        :param source: a dotted name; empty where it is none.
        """
        if not source:
            return True
        if names_no_module(source):
            return False
        if source in OWN_NAMES and subject in unit.symbols.classes:
            return subject is None or self._class_may_load(unit, subject)
        return self._class_may_load(unit, source)

    def _class_may_load(self, unit: Unit, name: str) -> bool:
        """Whether the method of a class of this name may load a module, or that can't be told."""
        key = (unit, name)
        if key not in self._known:
            # In a circle each says what the others add.
            self._known[key] = False
            self._known[key] = self._find_out(unit, name)
        return self._known[key]

    def _find_out(self, unit: Unit, name: str) -> bool:
        symbols = unit.symbols
        if name in symbols.classes:
            return self._inherits_loader(unit, name)
        first, _, rest = name.partition(".")
        imported = symbols.imported_as(first)
        if not imported or first in symbols.assigned:
            return True
        return any(self._imported_may_load(unit, each, rest) for each in imported)

    def _imported_may_load(self, unit: Unit, imported: Imported, rest: str) -> bool:
        name = f"{imported.full_name}.{rest}" if rest else imported.full_name
        module = self._modules.find(unit, imported.module)
        if module is None:
            return _library_class_may_load(name)
        parts = [imported.member or "", *rest.split(".")]
        return self._member_may_load(module, [each for each in parts if each])

    def _member_may_load(self, module: Module, parts: list[str]) -> bool:
        """The same for ``a.b.C``, as seen from a module of the program."""
        if not parts:
            return True
        unit, first = module.unit, parts[0]
        if unit is not None and unit.is_python and first in unit.symbols.bindings:
            return self._class_may_load(unit, ".".join(parts))
        below = self._modules.submodule(module, first)
        return below is None or self._member_may_load(below, parts[1:])

    def _inherits_loader(self, unit: Unit, name: str) -> bool:
        """Whether a class of the program has a method that loads from outside of it."""
        symbols = unit.symbols
        return name not in symbols.own_loaders and any(
            self._base_may_load(unit, name, base) for base in symbols.classes[name]
        )

    def _base_may_load(self, unit: Unit, name: str, base: str) -> bool:
        if not base or base == name:
            return True
        return not _is_builtin(unit, base) and self._class_may_load(unit, base)


def _is_builtin(unit: Unit, name: str) -> bool:
    return hasattr(builtins, name) and name not in unit.symbols.bindings


def _library_class_may_load(name: str) -> bool:
    name = canonical(name)
    if has_no_loaders(name):
        return False
    return loader_of_class(name, "from_pretrained").result is not Result.NOTHING


def names_loader(text: str) -> bool:
    """Whether a string is the dotted name of a loader, as descriptions of objects have it."""
    return "." in text and text.rpartition(".")[2] in _LOADING
