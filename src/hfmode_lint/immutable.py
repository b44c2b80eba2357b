"""Classes of values: dataclasses that nothing changes, and that are cheap to define.

That nothing changes them is left to the type checker. A dataclass that refuses it at run time takes
about twice as long to be defined and to be made, and a commit hook defines all of ours each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
    return dataclass(slots=True, unsafe_hash=True)(cls)
