"""Which classes may be LightningModules, told from symbols: too many rather than too few."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.names import LIGHTNING_MODULES, canonical, conventional

if TYPE_CHECKING:
    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Modules, Unit

_BUILTINS = frozenset(dir(builtins))


class Candidates:
    """Answers for one program, each worked out once."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._known: dict[tuple[Unit, str], bool] = {}

    def may_be(self, unit: Unit, name: str) -> bool:
        """Whether a top-level class of a file may be a LightningModule."""
        key = (unit, name)
        if key not in self._known:
            # In a circle each says what the others add.
            self._known[key] = False
            self._known[key] = any(
                self._base_may_be(unit, name, base) for base in unit.symbols.classes[name]
            )
        return self._known[key]

    def _base_may_be(self, unit: Unit, name: str, base: str) -> bool:
        first, _, rest = base.partition(".")
        symbols = unit.symbols
        if not first or first in symbols.assigned:
            return True
        if first in symbols.imports:
            imported = symbols.imports[first]
            return any(self._imported_may_be(unit, each, rest) for each in imported)
        if not rest and first != name and first in symbols.classes:
            return self.may_be(unit, first)
        if first in symbols.bindings or symbols.star_packages:
            return True
        meant = conventional(base)
        if meant is not None:
            return canonical(meant) in LIGHTNING_MODULES
        return first not in _BUILTINS

    def _imported_may_be(self, unit: Unit, imported: Imported, rest: str) -> bool:
        module = self._modules.find(unit, imported.module)
        if module is None:
            name = f"{imported.full_name}.{rest}" if rest else imported.full_name
            return canonical(name) in LIGHTNING_MODULES
        source, member = module.unit, imported.member
        if source is None or member is None or rest or not source.is_python:
            return True
        symbols = source.symbols
        if member not in symbols.classes or member in symbols.assigned:
            return True
        return self.may_be(source, member)
