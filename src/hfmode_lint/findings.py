"""What a rule reports: a finding, where it stands, and how it could be fixed."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from functools import total_ordering
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from hfmode_lint.set_elsewhere import SetElsewhere


class Applicability(Enum):
    """Whether a fix may be applied without asking.

    A safe fix changes the reported module alone. An unsafe one may change what other users
    of a function or class see, or the meaning of another path through the program.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


class Verdict(Enum):
    """What the analysis says of a module path when training starts."""

    TRAIN = "train"
    EVAL = "eval"
    EITHER = "either"
    UNKNOWN = "unknown"


@total_ordering
@immutable
class Position:
    """A place in a source text.

    ``line`` counts from 1; a line ends at LF, CRLF or a lone CR, as Python's tokenizer has it.
    ``column`` counts code points from 0.
    """

    line: int
    column: int

    def __lt__(self, other: Position) -> bool:
        """Whether it comes first."""
        return (self.line, self.column) < (other.line, other.column)


@immutable
class Edit:
    """Replace the text from ``start`` up to ``end`` with ``content``; equal ends insert.

    ``cell`` is the cell of a notebook that the edit is in, which need not be the finding's.
    """

    start: Position
    end: Position
    content: str
    cell: int | None = None


@immutable
class Fix:
    """Edits that belong together, with a message in the imperative for the reader."""

    message: str
    applicability: Applicability
    edits: tuple[Edit, ...]


@immutable
class Related:
    """A place in another file that a finding has to do with, and what happens there."""

    filename: str
    start: Position
    end: Position
    message: str


@immutable
class Finding:
    """One report of one rule, at one place.

    ``message`` is one line and does not repeat the code. ``origin`` is the loader as written
    (``AutoModel.from_pretrained``), ``module_path`` how the module is reached
    (``self.encoder``); both are None for rules that are not about a loaded module.
    ``assumed`` says that the loader's class could not be seen and was taken for a model.
    ``cell`` is the place of a notebook's cell among all its cells, from 1; the positions are then
    those within that cell. It is None in other files, and for a notebook that can't be read.
    ``related`` are the places in other files through which the module came, the LightningModule
    that trains it first. ``set_elsewhere`` is the entry of the configuration that says that the
    module's mode is set out of sight; such a finding is counted and not reported. ``removed`` is
    what the program uses, on the way to what is found, that Lightning 2.0 has removed.
    """

    code: str
    message: str
    start: Position
    end: Position
    filename: str = "<unknown>"
    fix: Fix | None = None
    module_path: str | None = None
    verdict: Verdict | None = None
    origin: str | None = None
    assumed: bool = field(default=False)
    cell: int | None = None
    related: tuple[Related, ...] = ()
    set_elsewhere: SetElsewhere | None = None
    removed: str | None = None

    def __post_init__(self) -> None:
        """Keep the message on its line: the names in it are what a program's strings say."""
        if not self.message.isprintable():
            # Imported for such names only.
            from hfmode_lint.printable import without_controls

            object.__setattr__(self, "message", without_controls(self.message))
