"""Scopes: which value a name has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfmode_lint.analysis.units import Unit
    from hfmode_lint.analysis.values import Value


class Scope:
    """The names of one function call, class body or module, and the scope around it.

    ``unit`` is the file that it belongs to. ``resolve`` is asked for a name that is bound nowhere;
    only the module's scope has one, which evaluates the file's definitions when they are first
    needed.
    """

    __slots__ = ("globals", "nonlocals", "parent", "resolve", "unit", "values")

    def __init__(
        self,
        parent: Scope | None,
        unit: Unit,
        resolve: Callable[[str], Value] | None = None,
    ) -> None:
        self.values: dict[str, Value] = {}
        self.parent = parent
        self.unit = unit
        self.resolve = resolve
        self.nonlocals: set[str] = set()
        self.globals: Scope = parent.globals if parent is not None else self

    def inner(self) -> Scope:
        """A new scope inside this one."""
        return Scope(self, self.unit)

    def bind(self, name: str, value: Value) -> None:
        """Bind a name here, or where a ``global`` or ``nonlocal`` statement says."""
        self._target(name).values[name] = value

    def unbind(self, name: str) -> None:
        """Delete a name."""
        self._target(name).values.pop(name, None)

    def lookup(self, name: str) -> Value:
        """The value of a name, from the innermost scope that has it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            if scope.resolve is not None:
                return scope.resolve(name)
            scope = scope.parent
        raise KeyError(name)

    def _target(self, name: str) -> Scope:
        if name not in self.nonlocals:
            return self
        scope = self.parent
        while scope is not None:
            if name in scope.values:
                return scope
            scope = scope.parent
        return self.globals
