"""What is known of the modes of a LightningModule's modules, for who reads its source.

It is known of the modules that were loaded in the files that are looked at, reported or not. What
tells the modes of all modules takes the place of :func:`module_modes`; nothing else of the server
changes then.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfmode_lint.analysis.verdicts import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.verdicts import LoadedModule
    from hfmode_lint.findings import Position, Verdict


@dataclass(frozen=True, slots=True)
class ModuleMode:
    """The mode of one module when training starts.

    ``start`` and ``end`` are those of a class in whose methods the module is called ``path``; it is
    the LightningModule ``owner``, or one of its bases. ``reason`` is a clause for people.
    """

    start: Position
    end: Position
    owner: str
    path: str
    verdict: Verdict
    reason: str
    origin: str


def module_modes(analysis: FileAnalysis) -> Iterator[ModuleMode]:
    """The modes of modules that classes of the analysed file hold."""
    for loaded in judge(analysis.records):
        for cls in loaded.root.resolution_order:
            if cls.unit is analysis.unit:
                start, end = analysis.parsed.span(cls.node)
                yield ModuleMode(
                    start=start,
                    end=end,
                    owner=loaded.root.name,
                    path=loaded.path,
                    verdict=loaded.verdict,
                    reason=loaded.reason.value,
                    origin=_origin(analysis, loaded),
                )


def _origin(analysis: FileAnalysis, loaded: LoadedModule) -> str:
    """Which loader it was, and where."""
    unit, call = loaded.origin.place
    line = unit.parsed.span(call)[0].line
    file = "" if unit is analysis.unit else f" of {os.path.basename(unit.name)}"
    return f"`{loaded.origin.loader}()` in line {line}{file}"
