"""Which entry points can show anything about the files that are asked about, told from names.

To run a script or to train a class is dear, and most of a project's lead to no loader. An entry
point is worth running where a chain of names leads from it to code of a wanted file that loads or
switches a module; and where it shares a LightningModule with one that is, as it may show how that
one is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis import graphs
from hfmode_lint.analysis.liveness import BY_STRING, LOADING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Module, Modules, Unit

    # A top-level name of a file.
    Node = tuple[Unit, str]

# In a node: all that a file does when it is imported or run.
EVERYTHING = ""
# A name from which a finding may come. The last three find methods by strings.
_SHOWING = frozenset(
    {
        *LOADING,
        "eval",
        "train",
        "attrgetter",
        "getattr",
        "methodcaller",
    }
)
# What finds definitions by strings, and may lead anywhere.
_HIDING = BY_STRING | {"globals"}


class Reach:
    """The names of a program, and where they lead; each file is looked at when something does.

    Nothing leads on from a file that imports none of those asked about, directly or not, but for
    what fills a registry of it.
    """

    def __init__(self, modules: Modules, wanted: Iterable[Unit]) -> None:
        self._modules = modules
        self._wanted = set(wanted)
        self._inside = self._importing(self._wanted)
        self._edges: dict[Node, frozenset[Node]] = {}
        self._shows: set[Node] = set()

    def worth_running(
        self, entries: Sequence[Node], lightning_modules: AbstractSet[str]
    ) -> set[Node]:
        """The entry points that can show something.

        :param lightning_modules: the names of the program's LightningModules.
        """
        self._explore(entries)
        showing = graphs.reached(self._shows, graphs.turned(self._edges)).intersection(entries)
        reached = graphs.reached(showing, self._edges)
        shared = {(unit, name) for unit, name in reached if name in lightning_modules}
        rest = set(entries) - showing
        if not rest or not shared:
            return showing
        # Others come to these classes by files that import none of those wanted.
        self._inside.update(self._importing(unit for unit, _ in shared))
        self._edges.clear()
        self._explore(rest)
        return showing | graphs.reached(shared, graphs.turned(self._edges)).intersection(rest)

    def _importing(self, units: Iterable[Unit]) -> set[Unit]:
        """Files, and all that import them, directly or not."""
        return {each for unit in set(units) for each in self._modules.importing(unit)}

    def _explore(self, entries: Iterable[Node]) -> None:
        waiting = list(entries)
        while waiting:
            node = waiting.pop()
            if node not in self._edges:
                targets = self._edges[node] = frozenset(self._targets(*node))
                waiting.extend(targets)

    def _is_followed(self, unit: Unit) -> bool:
        """Whether names of a file may lead to those wanted, or to a loader that shows in them."""
        return unit in self._inside or bool(unit.installed_as)

    def _targets(self, unit: Unit, name: str) -> Iterator[Node]:
        """Where a name of a file leads; notes whether something shows there."""
        if not self._is_followed(unit) and not self._modules.is_touched(unit):
            return
        if unit.is_python:
            yield from self._named(unit, name)
            if _is_filled(unit, name):
                for other in self._modules.importers(unit, frozenset({name})):
                    yield other, EVERYTHING

    def _named(self, unit: Unit, name: str) -> Iterator[Node]:
        symbols = unit.symbols
        if name != EVERYTHING and name not in symbols.bindings:
            yield from self._by_star(unit, name)
            return
        used = symbols.names.get(name, set()) | symbols.names_around.get(name, set())
        called = used
        if name == EVERYTHING:
            used = set(symbols.bindings)
            called = symbols.calls_of(None)
        elif name in symbols.imports:
            # What it is called where it is defined.
            called = called | {each.member or "" for each in symbols.imported_as(name)}
            yield from self._imported(unit, name, frozenset())
        if (unit in self._wanted or unit.installed_as) and not called.isdisjoint(_SHOWING):
            self._shows.add((unit, name))
        if not called.isdisjoint(_HIDING):
            self._shows.add((unit, name))
        yield from self._used(unit, used - {name}, used)
        yield from ((unit, filler) for filler, filled in symbols.fillers.items() if name in filled)

    def _used(self, unit: Unit, names: Iterable[str], used: set[str]) -> Iterator[Node]:
        symbols = unit.symbols
        for each in names:
            if each in symbols.imports:
                yield from self._imported(unit, each, used)
            if each in symbols.bindings:
                yield unit, each
            elif symbols.star_packages:
                yield from self._by_star(unit, each)

    def _by_star(self, unit: Unit, name: str) -> Iterator[Node]:
        for package in unit.symbols.star_packages:
            module = self._modules.find(unit, package)
            if module is not None:
                yield from self._member(module, name)

    def _imported(self, unit: Unit, name: str, used: Iterable[str]) -> Iterator[Node]:
        for each in unit.symbols.imported_as(name):
            module = self._modules.find(unit, each.module)
            if module is not None:
                yield from self._from_module(module, each, used)

    def _from_module(
        self, module: Module, imported: Imported, used: Iterable[str]
    ) -> Iterator[Node]:
        if imported.member is not None:
            yield from self._member(module, imported.member)
        elif not used or "getattr" in used:
            yield from _all_of(module)
        else:
            for each in used:
                yield from self._member(module, each)

    def _member(self, module: Module, name: str) -> Iterator[Node]:
        """A name of a module, and all of the module that it may be."""
        unit = module.unit
        if unit is not None and (not self._is_followed(unit) or self._may_bind(unit, name)):
            yield unit, name
        below = self._modules.submodule(module, name)
        if below is not None:
            yield from _all_of(below)

    def _may_bind(self, unit: Unit, name: str) -> bool:
        return unit.is_python and (
            name in unit.symbols.bindings or bool(unit.symbols.star_packages)
        )


def _all_of(module: Module) -> Iterator[Node]:
    if module.unit is not None:
        yield module.unit, EVERYTHING


def _is_filled(unit: Unit, name: str) -> bool:
    """Whether a global may be a registry, or puts things into one."""
    symbols = unit.symbols
    if name in symbols.names:
        # A function or a class.
        return name in symbols.fillers
    return name in symbols.bindings and name not in symbols.imports
