"""Which entry points can show anything about the files that are asked about, told from names.

To run a script or to train a class is dear, and most of a project's lead to no loader. An entry
point is worth running where a chain of names leads from it to code of a wanted file that loads or
switches a module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis import graphs
from hfmode_lint.analysis.liveness import BY_STRING
from hfmode_lint.analysis.showing import Showing, names_loader
from hfmode_lint.analysis.symbols import ANY, PART
from hfmode_lint.analysis.units import MAIN, is_of_library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.symbols import Imported
    from hfmode_lint.analysis.units import Module, Modules, Unit

    # A top-level name of a file.
    Node = tuple[Unit, str]

# In a node: the code of a file that is in no definition.
OWN_CODE = ""
# In a node: all that a file has. Among names that are used: any that there are.
_EVERYTHING = "*"
# The end of a node: what a file does about something that it imports, without what that is.
_ABOUT = "."


class Reach:
    """The names of a program, and where they lead; each file is looked at when something does.

    Nothing leads on from a file that imports none of those asked about, directly or not, but for
    what fills a registry of it.
    """

    def __init__(self, modules: Modules, wanted: Iterable[Unit]) -> None:
        self._modules = modules
        self._wanted = set(wanted)
        self._inside = self._importing(self._wanted)
        self._showing = Showing(modules)
        self._edges: dict[Node, frozenset[Node]] = {}
        self._shows: set[Node] = set()
        # Names that are being followed from import to import, as they may go in a circle.
        self._following: set[Node] = set()

    def worth_running(self, entries: Sequence[Node]) -> set[Node]:
        """The entry points that can show something."""
        self._explore(entries)
        return self._leading(self._shows, entries)

    def leading_to(self, targets: AbstractSet[Node], entries: Sequence[Node]) -> set[Node]:
        """The entry points from which names lead to some of the program."""
        # They may be in files that import none of those wanted, and others may come to them so.
        importing = self._importing(unit for unit, _ in targets)
        if not importing <= self._inside:
            self._inside |= importing
            self._edges.clear()
        self._explore(entries)
        return self._leading(targets, entries)

    def _leading(self, targets: AbstractSet[Node], entries: Sequence[Node]) -> set[Node]:
        return graphs.reached(targets, graphs.turned(self._edges)).intersection(entries)

    def _importing(self, units: Iterable[Unit]) -> set[Unit]:
        """Files, and all that import them, directly or not."""
        return set(self._modules.importing(units))

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
                yield from self._fillings(unit, name)

    def _fillings(self, unit: Unit, name: str) -> Iterator[Node]:
        """What other files do with a global at their top level."""
        for other in self._modules.importers(unit, frozenset({name})):
            for bound, imported in other.symbols.imports.items():
                if any(each.member == name for each in imported):
                    yield other, bound

    def _named(self, unit: Unit, name: str) -> Iterator[Node]:
        symbols = unit.symbols
        if name == _EVERYTHING:
            yield unit, OWN_CODE
            yield from ((unit, each) for each in symbols.bindings)
            for package in symbols.star_packages:
                yield from self._whole(unit, package)
            return
        node, name = name, name.removesuffix(_ABOUT)
        if name not in symbols.bindings and name != OWN_CODE:
            yield from self._by_star(unit, name)
            return
        used = symbols.own_names if name == OWN_CODE else self._names_of(unit, name)
        # What is imported may be called otherwise where it is defined.
        imported = (*symbols.imported_as(name), *symbols.imported_in(name))
        called = used.union(each.member for each in imported if each.member)
        if self._shows_under(unit, name, called):
            self._shows.add((unit, node))
        if node == name:
            yield from self._imported(unit, symbols.imported_as(name), frozenset())
        yield from self._used(unit, name, used)
        yield from self._by_strings(unit, name, called)
        yield from ((unit, filler) for filler, filled in symbols.fillers.items() if name in filled)

    def _names_of(self, unit: Unit, name: str) -> set[str]:
        """The names in a definition, and in what is said about it or about a global."""
        symbols = unit.symbols
        # A library's decorator knows nothing of what else it decorates.
        known = () if is_of_library(self._modules, unit, name) else symbols.decorated.get(name, ())
        return {*symbols.names.get(name, ()), *symbols.names_around.get(name, ()), *known}

    def _shows_under(self, unit: Unit, name: str, used: AbstractSet[str]) -> bool:
        """Whether something shows under a name."""
        subject = name or None
        strings = (*unit.symbols.strings.get(subject, ()), *self._modules.described(unit))
        return any(map(names_loader, strings)) or (
            (unit in self._wanted or bool(unit.installed_as))
            and self._showing.may_show(unit, subject, used)
        )

    def _by_strings(self, unit: Unit, name: str, used: AbstractSet[str]) -> Iterator[Node]:
        """What strings name: modules of the program, and what is in them."""
        if (name or None) in unit.symbols.looking_up:
            yield unit, _EVERYTHING
        for each in self._modules.described(unit):
            yield from self._meant(unit, each, whole=False)
        finds = not used.isdisjoint(BY_STRING)
        for each in unit.symbols.strings.get(name or None, ()):
            if finds or "." in each:
                yield from self._meant(unit, each, whole=finds or each.endswith(ANY))

    def _meant(self, unit: Unit, name: str, *, whole: bool) -> Iterator[Node]:
        """What a string may stand for.

        :param name: a dotted name, or the beginning of one with :data:`ANY` in the end.
        :param whole: a package stands for all that is in it.
        """
        plain = name.removesuffix(ANY)
        parts = plain.lstrip(".").split(".")
        dots = plain[: len(plain) - len(plain.lstrip("."))]
        if parts[0] == MAIN:
            yield unit, _EVERYTHING
        for length in range(len(parts), 0, -1):
            module = self._modules.find(unit, dots + ".".join(parts[:length]))
            if module is not None:
                yield from self._part_of(module, parts[length:], whole=whole)
                return

    def _part_of(self, module: Module, parts: Sequence[str], *, whole: bool) -> Iterator[Node]:
        if parts:
            yield from self._member(module, parts[0], frozenset(parts))
        elif module.unit is not None:
            yield module.unit, _EVERYTHING
        if not parts and whole:
            yield from ((unit, _EVERYTHING) for unit in self._modules.below(module))

    def _used(self, unit: Unit, name: str, used: AbstractSet[str]) -> Iterator[Node]:
        """Where the names lead that are used under a name."""
        symbols = unit.symbols
        imports = [*symbols.imported_in(name)]
        whole = symbols.whole.get(name or None, frozenset[str]())
        for each in used - {name}:
            imports += symbols.imported_as(each)
            if each not in symbols.bindings:
                yield from self._by_star(unit, each)
            elif each in whole or each not in symbols.imports or each in symbols.assigned:
                yield unit, each
            else:
                yield unit, f"{each}{_ABOUT}"
        for imported in imports:
            taken = _taken(imported.bound, whole, used)
            yield from self._imported(unit, [imported], taken)

    def _by_star(self, unit: Unit, name: str) -> Iterator[Node]:
        for package in unit.symbols.star_packages:
            module = self._modules.find(unit, package)
            if module is not None:
                yield from self._member(module, name, frozenset())

    def _whole(self, unit: Unit, package: str) -> Iterator[Node]:
        module = self._modules.find(unit, package)
        if module is not None and module.unit is not None:
            yield module.unit, _EVERYTHING

    def _imported(
        self, unit: Unit, imported: Iterable[Imported], used: AbstractSet[str]
    ) -> Iterator[Node]:
        for each in imported:
            module = self._modules.find(unit, each.module)
            if module is not None:
                yield from self._from_module(module, each, used)

    def _from_module(
        self, module: Module, imported: Imported, used: AbstractSet[str]
    ) -> Iterator[Node]:
        if imported.member is not None:
            yield from self._member(module, imported.member, used)
        else:
            yield from self._names_in(module, used)

    def _names_in(self, module: Module, used: AbstractSet[str]) -> Iterator[Node]:
        """What may be taken of a module by code with these names; all of it without any."""
        waiting, seen = [module], {module.folder}
        while waiting:
            each = waiting.pop()
            yield from self._bound_in(each.unit, used)
            for name in used:
                below = self._modules.submodule(each, name)
                if below is not None and below.folder not in seen:
                    seen.add(below.folder)
                    waiting.append(below)

    def _bound_in(self, unit: Unit | None, used: AbstractSet[str]) -> Iterator[Node]:
        if unit is None:
            return
        if not used or _EVERYTHING in used:
            yield unit, _EVERYTHING
        elif unit.is_python:
            known = used if unit.symbols.star_packages else used & unit.symbols.bindings
            for each in known:
                yield from self._bound(unit, each, used - {each})

    def _member(self, module: Module, name: str, used: AbstractSet[str]) -> Iterator[Node]:
        """A name of a module, and what may be taken of the module that it may be."""
        unit = module.unit
        if unit is not None and (not self._is_followed(unit) or self._may_bind(unit, name)):
            yield from self._bound(unit, name, used)
        below = self._modules.submodule(module, name)
        if below is not None:
            yield from self._names_in(below, used - {name})

    def _bound(self, unit: Unit, name: str, used: AbstractSet[str]) -> Iterator[Node]:
        """What a name of a file stands for; of a module, what may be taken of it."""
        node = (unit, name)
        if not used or not self._only_hands_on(unit, name):
            yield node
        elif node not in self._following:
            self._following.add(node)
            yield from self._imported(unit, unit.symbols.imported_as(name), used)
            self._following.discard(node)

    def _only_hands_on(self, unit: Unit, name: str) -> bool:
        """Whether a name is what a file imports from another one of the program, and no more."""
        if not self._is_followed(unit) or name in unit.symbols.assigned:
            return False
        imported = unit.symbols.imported_as(name)
        return bool(imported) and all(
            self._modules.find(unit, each.module) is not None for each in imported
        )

    def _may_bind(self, unit: Unit, name: str) -> bool:
        return unit.is_python and (
            name in unit.symbols.bindings or bool(unit.symbols.star_packages)
        )


def _taken(name: str, whole: AbstractSet[str], used: AbstractSet[str]) -> AbstractSet[str]:
    """What may be taken of something imported by code with some names."""
    if name in whole:
        return frozenset()
    return {*used, _EVERYTHING} if f"{name}{PART}" in whole else used


def _is_filled(unit: Unit, name: str) -> bool:
    """Whether a global may be a registry, or puts things into one."""
    symbols = unit.symbols
    if name in symbols.names:
        # A function or a class.
        return name in symbols.fillers
    return name in symbols.bindings and name not in symbols.imports
