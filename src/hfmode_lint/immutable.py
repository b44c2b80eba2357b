"""Classes of values: dataclasses that nothing changes, and that are cheap to define.

That nothing changes them is left to the type checker. A dataclass that refuses it at run time takes
about twice as long to be defined and to be made, and a commit hook defines all of ours each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[object], object]:
        """Do what it does at run time; Python 3.10 has none."""
        return lambda decorator: decorator


_Class = TypeVar("_Class")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[_Class]) -> type[_Class]:
    """Make a dataclass with slots of a class; its objects are equal and hashed by their fields."""
    made = dataclass(slots=True, eq=False, repr=False)(cls)
    # dataclasses compiles a text for each method of each class. One function will do for all of
    # them: attrgetter reads fields as fast as code of the class's own.
    names = tuple(field.name for field in fields(made))  # type: ignore[arg-type]  # it is one now
    for name, method in _methods(names).items():
        setattr(made, name, method)
    return made


def _methods(names: tuple[str, ...]) -> dict[str, Callable[..., object]]:
    """What makes objects equal, hashed and shown by these fields."""
    values = attrgetter(*names) if names else type

    def equal(self: object, other: object) -> object:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def hashed(self: object) -> int:
        return hash(values(self))

    def shown(self: object) -> str:
        arguments = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({arguments})"

    return {"__eq__": equal, "__hash__": hashed, "__repr__": shown}
