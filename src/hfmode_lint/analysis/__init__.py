"""The analysis: from a source text to a verdict on each module that it loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.verdicts import LoadedModule


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """What the rules read: verdicts, and statements that name a mode method without a call."""

    parsed: ParsedFile
    loaded: list[LoadedModule]
    uncalled: list[cst.Attribute]


def analyse(parsed: ParsedFile) -> FileAnalysis:
    """Analyse one file.

    :param parsed: what :func:`hfmode_lint.analysis.parsing.parse` returned.
    """
    # Imported here so that the prefilter beside this file can be had without libcst.
    from hfmode_lint.analysis.entrypoints import Program
    from hfmode_lint.analysis.source_index import index_source
    from hfmode_lint.analysis.verdicts import judge

    index = index_source(parsed.tree)
    records = Program(parsed, index).run()
    return FileAnalysis(parsed, judge(records), index.uncalled)
