"""Which definitions of other files can have to do with a mode, told from the names in them.

Most of what a program calls (metrics, data sets, logging) loads nothing and switches nothing. Code
of another file that is given no loaded module, and in which no name leads to a loader or to a mode
method, is not entered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.callables import EFFECTS, Effect
from hfmode_lint.analysis.knowledge.configs import MAKERS
from hfmode_lint.analysis.knowledge.loaders import LOADER_METHODS, LOADING_CALLABLES
from hfmode_lint.analysis.knowledge.methods import METHODS, MethodEffect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Module, Modules, Unit

_BY_STRING = frozenset({Effect.IMPORT, Effect.LOCATE})
_LIVE_EFFECTS = frozenset(
    {
        MethodEffect.ADAPT,
        MethodEffect.APPLY,
        MethodEffect.EVAL,
        MethodEffect.FREEZE,
        MethodEffect.FREEZE_PART,
        MethodEffect.LOAD_ADAPTER,
        MethodEffect.REGISTER,
        MethodEffect.REQUIRES_GRAD,
        MethodEffect.TRAIN,
    }
)
# The last names of all that loads.
LOADING = frozenset({*LOADER_METHODS, *(name.rpartition(".")[2] for name in LOADING_CALLABLES)})
# What finds or makes something by a string; it may lead anywhere.
BY_STRING = frozenset(
    {
        *(name.rpartition(".")[2] for name in MAKERS),
        *(name.rpartition(".")[2] for name, effect in EFFECTS.items() if effect in _BY_STRING),
    }
)
_LIVE_NAMES = frozenset(
    {
        *LOADING,
        *(name for name, effect in METHODS.items() if effect in _LIVE_EFFECTS),
        "fit",
        *BY_STRING,
        "requires_grad",
        "setattr",
        "training",
    }
)


class Liveness:
    """What is known of the definitions of one program; shared by all its paths."""

    def __init__(self, modules: Modules, also: frozenset[str] = frozenset()) -> None:
        """Know nothing of the definitions yet.

        :param also: more names that make a definition matter.
        """
        self._modules = modules
        self._live_names = _LIVE_NAMES | also
        self._known: dict[tuple[Unit, str], bool] = {}

    def matters(self, unit: Unit, name: str) -> bool:
        """Whether a top-level name of a file leads to a loader or a mode method."""
        key = (unit, name)
        if key not in self._known:
            # In a circle each says what the others add.
            self._known[key] = False
            self._known[key] = self._matters(unit, name)
        return self._known[key]

    def _matters(self, unit: Unit, name: str) -> bool:
        used = unit.symbols.names.get(name)
        if used is None:
            return self._come_from_live(unit, unit.symbols.imported_as(name))
        if name in unit.symbols.fillers or not used.isdisjoint(self._live_names):
            return True
        own = (used & unit.symbols.bindings) - {name}
        return self._come_from_live(unit, unit.symbols.imported_in(name)) or any(
            self.matters(unit, each) for each in sorted(own)
        )

    def _come_from_live(self, unit: Unit, imported: Iterable[Imported]) -> bool:
        """Whether something that a file imports leads to a loader or a mode method."""
        return any(
            self._leads_on(module, member) for module, member in self._modules_of(unit, imported)
        )

    def _modules_of(
        self, unit: Unit, imported: Iterable[Imported]
    ) -> Iterator[tuple[Module, str | None]]:
        """The modules of the program from which a file imports something."""
        for each in imported:
            module = self._modules.find(unit, each.module)
            if module is not None:
                yield module, each.member

    def _leads_on(self, module: Module, member: str | None) -> bool:
        source = module.unit
        if member is None or source is None or not source.is_python:
            # All of the module, or what can't be told.
            return True
        if member in source.symbols.bindings:
            return self.matters(source, member)
        below = self._modules.submodule(module, member)
        return below is not None or bool(source.symbols.star_packages)
