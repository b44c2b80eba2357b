"""Classes of the file: bases, method resolution order, and what kind of class each is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge import names as known
from hfmode_lint.analysis.knowledge.enums import ENUMS
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.values import External, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import libcst as cst

    from hfmode_lint.analysis.scopes import Scope
    from hfmode_lint.analysis.units import Unit


@dataclass(eq=False, repr=False)
class ClassValue(Value):
    """A class of the file: its node, its bases as values, and its own namespace."""

    node: cst.ClassDef
    scope: Scope
    bases: Sequence[Value] = ()
    attributes: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it was defined under."""
        return self.node.name.value

    @property
    def unit(self) -> Unit:
        """The file that defines it."""
        return self.scope.unit

    @property
    def place(self) -> Place:
        """Where it is defined."""
        return Place(self.unit, self.node)

    @cached_property
    def resolution_order(self) -> Sequence[ClassValue]:
        """The class and the bases of the file, in the order of attribute lookup.

        Python's own order (C3), where the bases allow one; otherwise depth first.
        """
        return _linearize(self)

    def find(self, name: str, after: ClassValue | None = None) -> Value | None:
        """An attribute from the class or a base of the file, or None.

        :param after: start behind this class of the resolution order, as ``super()`` does.
        """
        order = self.resolution_order
        start = order.index(after) + 1 if after in order else 0
        for cls in order[start:]:
            if name in cls.attributes:
                return cls.attributes[name]
        return None

    def external_bases(self) -> Iterator[str]:
        """The names of the bases that are imported."""
        for cls in self.resolution_order:
            for base in cls.bases:
                if isinstance(base, External):
                    yield base.name

    def extends(self, base: ClassValue) -> bool:
        """Whether this is a class, or one below it."""
        return base in self.resolution_order

    def has_unseen_base(self) -> bool:
        """Whether some base is neither in the file nor in the knowledge base."""
        for cls in self.resolution_order:
            for base in cls.bases:
                if isinstance(base, ClassValue):
                    continue
                if not isinstance(base, External) or not known.is_known_base(base.name):
                    return True
        return False

    def is_lightning_module(self) -> bool:
        """Whether Lightning's LightningModule is among the bases."""
        return any(name in known.LIGHTNING_MODULES for name in self.external_bases())

    def is_enum(self) -> bool:
        """Whether its objects are members, which are taken for what they stand for."""
        return not ENUMS.isdisjoint(self.external_bases())

    def is_module(self) -> bool:
        """Whether the class is certainly an ``nn.Module``."""
        return any(known.is_module_class(name) for name in self.external_bases())


def _linearize(cls: ClassValue) -> list[ClassValue]:
    # It ends: what a class extends was there before it.
    parents = [base for base in cls.bases if isinstance(base, ClassValue)]
    return [cls, *_merge([*map(_linearize, parents), parents])]


def _merge(sequences: list[list[ClassValue]]) -> list[ClassValue]:
    merged: list[ClassValue] = []
    while sequences := [sequence for sequence in sequences if sequence]:
        head = _next_head(sequences)
        merged.append(head)
        for sequence in sequences:
            if head in sequence:
                sequence.remove(head)
    return merged


def _next_head(sequences: list[list[ClassValue]]) -> ClassValue:
    for sequence in sequences:
        if not any(sequence[0] in other[1:] for other in sequences):
            return sequence[0]
    return sequences[0][0]
