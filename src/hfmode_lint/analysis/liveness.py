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
from hfmode_lint.analysis.units import is_of_library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from typing import TypeAlias

    import libcst as cst

    from hfmode_lint.analysis.paths import Telling
    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Module, Modules, Unit

    _Node: TypeAlias = tuple[Unit, str]

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


# Stands for all names of a file.
_EVERYTHING = "*"


class Liveness:
    """What is known of the definitions of one program; shared by all its paths."""

    def __init__(self, modules: Modules, also: frozenset[str] = frozenset()) -> None:
        """Know nothing of the definitions yet.

        :param also: more names that make a definition matter.
        """
        self._modules = modules
        self._live_names = _LIVE_NAMES | also
        self._known: dict[_Node, bool] = {}
        # What ``telling`` has found out of statements.
        self.telling: dict[cst.CSTNode, Telling] = {}

    def matters(self, unit: Unit, name: str) -> bool:
        """Whether a top-level name of a file leads to a loader or a mode method."""
        node = (unit, name)
        if node not in self._known:
            self._find_out(node)
        return self._known[node]

    def names_mode(self, name: str) -> bool:
        """Whether a name by itself is one of what loads or switches."""
        return name in self._live_names

    def is_live(self, unit: Unit, name: str) -> bool:
        """Whether a name that stands in a file loads or switches, or leads there."""
        return self.names_mode(name) or (name in unit.symbols.bindings and self.matters(unit, name))

    def _find_out(self, start: _Node) -> None:
        """Follow the names, until one matters or all are found not to."""
        came_from: dict[_Node, _Node | None] = {start: None}
        waiting = [start]
        while waiting:
            node = waiting.pop()
            known = self._known.get(node)
            if known or (known is None and self._is_live(*node)):
                self._known.update(dict.fromkeys(_way_to(node, came_from), True))
                return
            if known is None:
                for target in self._targets(*node):
                    if target not in came_from:
                        came_from[target] = node
                        waiting.append(target)
        self._known.update(dict.fromkeys(came_from, False))

    def _is_live(self, unit: Unit, name: str) -> bool:
        """Whether a name matters by itself; of a file that can't be read, each may."""
        if not unit.is_python:
            return True
        return self._fills(unit, name) or not _used(unit, name).isdisjoint(self._live_names)

    def _fills(self, unit: Unit, name: str) -> bool:
        """Whether a definition puts something where another one of the program may find it."""
        filled = unit.symbols.fillers.get(name, ())
        return not all(is_of_library(self._modules, unit, each) for each in filled)

    def _targets(self, unit: Unit, name: str) -> Iterator[_Node]:
        """Where a name of a file leads."""
        symbols = unit.symbols
        if name == _EVERYTHING:
            yield from ((unit, each) for each in symbols.bindings)
        if name == _EVERYTHING or name not in symbols.bindings:
            yield from self._by_star(unit, name)
            return
        yield from self._imported(unit, (*symbols.imported_as(name), *symbols.imported_in(name)))
        for used in _used(unit, name) - {name}:
            if used in symbols.bindings:
                yield unit, used
            elif symbols.star_packages:
                yield from self._by_star(unit, used)

    def _by_star(self, unit: Unit, name: str) -> Iterator[_Node]:
        for package in unit.symbols.star_packages:
            module = self._modules.find(unit, package)
            if module is not None:
                yield from self._member(module, name)

    def _imported(self, unit: Unit, imported: Iterable[Imported]) -> Iterator[_Node]:
        for each in imported:
            module = self._modules.find(unit, each.module)
            if module is not None:
                yield from self._member(module, each.member or _EVERYTHING)

    def _member(self, module: Module, name: str) -> Iterator[_Node]:
        """A name of a module, or all that can be come to from it."""
        unit = module.unit
        if unit is not None and _may_bind(unit, name):
            yield unit, name
        if name == _EVERYTHING:
            yield from ((each, _EVERYTHING) for each in self._modules.below(module))
            return
        below = self._modules.submodule(module, name)
        if below is not None:
            yield from self._member(below, _EVERYTHING)


def _way_to(node: _Node, came_from: Mapping[_Node, _Node | None]) -> Iterator[_Node]:
    """A name, and those from which it was come to."""
    before: _Node | None = node
    while before is not None:
        yield before
        before = came_from[before]


def _used(unit: Unit, name: str) -> AbstractSet[str]:
    """The names in a definition, or in what a global is made of."""
    symbols = unit.symbols
    used = symbols.names.get(name, frozenset[str]())
    if name not in symbols.assigned:
        return used
    return used | symbols.names_around.get(name, frozenset[str]())


def _may_bind(unit: Unit, name: str) -> bool:
    if name == _EVERYTHING or not unit.is_python:
        return True
    return name in unit.symbols.bindings or bool(unit.symbols.star_packages)
