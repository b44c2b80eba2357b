"""Where something stands in a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from hfmode_lint.analysis.units import Unit


class Place(NamedTuple):
    """A node of one of the files."""

    unit: Unit
    node: cst.CSTNode
