"""What an import binds on one path: a part of another file of the program, or a library's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.knowledge.names import CANONICAL_PACKAGES
from hfmode_lint.analysis.names import external, imports_of
from hfmode_lint.analysis.units import MAIN, Module
from hfmode_lint.analysis.values import (
    DictValue,
    Holder,
    Instance,
    ListValue,
    ModuleValue,
    Pending,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import libcst as cst

    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.units import Modules, Unit

# From one ``__init__.py`` to the next.
_LONGEST_RE_EXPORT = 8


def own_module(unit: Unit) -> Module:
    """A file, as the module that it is to itself."""
    return Module(MAIN, "", unit)


class Imports:
    """Follows imports for one interpreter."""

    def __init__(self, machine: Interpreter, modules: Modules) -> None:
        self._machine = machine
        self._modules = modules
        # Star imports that are being looked through, as they may go in a circle.
        self._looking: set[tuple[Unit, str]] = set()
        # Names of files that are being asked for. A package may import a part of itself.
        self._asked: set[tuple[Unit, str]] = set()

    def bound_by(
        self, node: cst.Import | cst.ImportFrom, unit: Unit
    ) -> Iterator[tuple[str, Value]]:
        """Each name that an import statement of a file binds, with its value."""
        for each in imports_of(node):
            module = self._modules.find(unit, each.module)
            if module is None:
                yield each.bound, external(each.full_name)
            elif each.member is None:
                yield each.bound, ModuleValue(module)
            else:
                # Looked up when it is first used: most of what is imported never is.
                yield each.bound, Pending(module, each.member)

    def by_name(self, name: str, unit: Unit) -> Value:
        """What a dotted name stands for, as ``importlib`` and ``hydra`` take it.

        :param name: with leading dots where it is relative to the file.
        :param unit: the file that asks.
        """
        module, rest = self._longest_module(name, unit)
        found: Value = ModuleValue(module) if module is not None else external(name)
        for part in rest:
            found = self._machine.evaluator.get_attribute(found, part)
        return found

    def _longest_module(self, name: str, unit: Unit) -> tuple[Module | None, Sequence[str]]:
        """The module of the program that a dotted name leads into, and what is left of the name."""
        plain = name.lstrip(".")
        parts = plain.split(".")
        if parts[0] == MAIN:
            return self.main, parts[1:]
        dots = name[: len(name) - len(plain)]
        for length in range(len(parts), 0, -1):
            module = self._modules.find(unit, dots + ".".join(parts[:length]))
            if module is not None:
                return module, parts[length:]
        return None, ()

    @property
    def main(self) -> Module:
        """The file that the program began with."""
        return own_module(self._machine.frames[0].scope.unit)

    def resolve(self, value: Value) -> Value:
        """The value itself, where it was only named so far."""
        if isinstance(value, Pending):
            return self.member(value.module, value.name)
        return value

    def member(self, module: Module, name: str) -> Value:
        """``module.name``: what the file binds, or a submodule."""
        unit = module.unit
        if unit is not None and self._has(unit, name):
            found = self._global_of(unit, name)
            if found is not None:
                return found
        below = self._modules.submodule(module, name)
        if below is not None:
            return ModuleValue(below)
        return external(f"{module.name}.{name}")

    def _global_of(self, unit: Unit, name: str) -> Value | None:
        """The value of a global; None where all that a file says of it is where it is from."""
        if (unit, name) in self._asked:
            known = self._machine.globals_of(unit).values.get(name)
            return known if not isinstance(known, Pending) else None
        self._asked.add((unit, name))
        try:
            return self._machine.global_of(unit, name)
        finally:
            self._asked.discard((unit, name))

    def binds(self, unit: Unit, name: str) -> bool:
        """Whether a file binds a global name, itself or by a star import."""
        return name in unit.symbols.bindings or self.from_star(unit, name) is not None

    def _has(self, unit: Unit, name: str) -> bool:
        """Whether a file binds a global name, and can be parsed, which is asked last."""
        return unit.is_python and self.binds(unit, name) and unit.readable

    def from_star(self, unit: Unit, name: str) -> Unit | None:
        """The file of the program from which a star import brings a name, the last one first."""
        if (unit, name) in self._looking:
            return None
        self._looking.add((unit, name))
        try:
            for package in reversed(unit.symbols.star_packages):
                module = self._modules.find(unit, package)
                source = module.unit if module is not None else None
                if source is not None and source.is_python and self._exports(source, name):
                    return source if source.readable else None
        finally:
            self._looking.discard((unit, name))
        return None

    def _exports(self, unit: Unit, name: str) -> bool:
        if not self.binds(unit, name):
            return False
        if "__all__" not in unit.symbols.bindings:
            return not name.startswith("_")
        listed = self._machine.global_of(unit, "__all__")
        if not isinstance(listed, ListValue) or not listed.complete:
            return True
        return name in {objects.constant_text(item) for item in listed.items}

    def library_stars(self, unit: Unit) -> list[str]:
        """The packages of libraries from which a file imports everything."""
        return [
            CANONICAL_PACKAGES.get(package, package)
            for package in unit.symbols.star_packages
            if self._modules.find(unit, package) is None
        ]

    # Registries

    def fill(self, unit: Unit, name: str, value: Value) -> None:
        """Run what the program does with a global at the top level of its files.

        A registry is filled by decorators, item assignments and calls, in the file that defines
        it and in those that import it.
        """
        if isinstance(value, (ModuleObject, Holder)):
            self._touch(unit, name)
        if not isinstance(value, (ClassValue, DictValue, ListValue, Instance)):
            return
        names = {name, *(each for each, filled in unit.symbols.fillers.items() if name in filled)}
        for each in sorted(names):
            self._touch(unit, each)
        for other in self._modules.importers(unit, frozenset(names)):
            if other.readable:
                for alias in self._aliases(other, unit, names):
                    self._touch(other, alias)

    def _aliases(self, other: Unit, unit: Unit, names: set[str]) -> Iterator[str]:
        """The names under which a file imports some of another file's."""
        for bound in sorted(other.index.touches):
            for each in other.symbols.imported_as(bound):
                if each.member in names:
                    module = self._modules.find(other, each.module)
                    if module is not None and self._defines(module, each.member, unit):
                        yield bound

    def _defines(self, module: Module, name: str, unit: Unit) -> bool:
        """Whether a name of a module is the one of a file, through re-exports."""
        for _ in range(_LONGEST_RE_EXPORT):
            if module.unit is unit:
                return True
            if module.unit is None or not module.unit.is_python:
                return False
            source = self._re_exported(module.unit, name)
            if source is None:
                return False
            module, name = source
        return False

    def _re_exported(self, unit: Unit, name: str) -> tuple[Module, str] | None:
        for each in unit.symbols.imported_as(name):
            module = self._modules.find(unit, each.module)
            if each.member is not None and module is not None:
                return module, each.member
        return None

    def _touch(self, unit: Unit, bound: str) -> None:
        """Run the top level's statements about a name, but for calls of the name itself."""
        for statement in unit.index.touches.get(bound, ()):
            self._machine.run_apart(unit, statement, decorators_of=bound)
