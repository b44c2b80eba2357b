"""What a summary says of a LightningModule: a tree of modules, their modes, and why.

These are plain data, for every format and for the Python API alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.findings import Position, Verdict


class Parameters(Enum):
    """Whether the parameters of a module, and of those below it, require gradients."""

    TRAINABLE = "trainable"
    PARTLY_FROZEN = "partly frozen"
    FROZEN = "frozen"
    EITHER = "either"
    UNKNOWN = "unknown"


class CauseKind(Enum):
    """How a line sets a mode, or whether parameters require gradients."""

    DEFINED = "defined"
    CONSTRUCTED = "constructed"
    LOADED = "loaded"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; ``cell`` is the cell of a notebook that ``start`` counts in."""

    filename: str
    start: Position
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """Where something stands, up to ``end``, which is in the same file or cell."""

    location: Location
    end: Position


@dataclass(frozen=True, slots=True)
class Cause:
    """The line that a mode or a state of parameters comes from.

    ``text`` is its source on one line: the class, the constructor or the loader where ``kind``
    says that the module is as one of these made it, otherwise the call or the assignment that set
    it. Where what was set is unknown, that call is one of code that can't be seen.
    """

    kind: CauseKind
    text: str
    location: Location


@dataclass(frozen=True, slots=True)
class SummaryNode:
    """One module, over every way through the program to the first training step.

    ``path`` is how the LightningModule reaches it, and ``name`` the last part. ``types`` are the
    classes by which the program makes it: none where that is not by a class, several where ways
    differ. ``mode`` is that in which it runs in the first training step. ``mode_causes`` and
    ``parameter_causes`` are the lines that set the one and the other; the latter are empty where
    the parameters are as they were made.

    ``trained_in_eval`` says that it is in eval mode, on some way at least, and trained; and
    ``on_every_way`` that each way through the program has it. Of the modules inside of a loaded
    one, ``children`` has those that the program reaches for. ``classes`` is where its class and
    the bases of that are defined, as far as the program defines them.
    """

    name: str
    path: str
    types: tuple[str, ...]
    mode: Verdict
    mode_causes: tuple[Cause, ...]
    parameters: Parameters
    parameter_causes: tuple[Cause, ...]
    trained_in_eval: bool
    on_every_way: bool
    children: tuple[SummaryNode, ...] = ()
    classes: tuple[Extent, ...] = ()

    def walk(self) -> Iterator[SummaryNode]:
        """The module and all below it, each before what is below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One LightningModule; ``root`` is None where no way to a training step of it is seen.

    ``complete`` is False where the program has too many ways for all of them to be followed.
    """

    name: str
    location: Location
    root: SummaryNode | None
    complete: bool = True
