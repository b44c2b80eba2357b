"""The analysis: from a source text to a verdict on each module that it loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.verdicts import LoadedModule, PathRecord


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """What the rules read.

    ``loaded`` are the verdicts; ``paths`` the states of all modules, by path through the program;
    ``uncalled`` statements that name a mode method without a call; ``asserting`` the classes that
    assert a mode.
    """

    parsed: ParsedFile
    loaded: list[LoadedModule]
    paths: list[PathRecord]
    uncalled: list[cst.Attribute]
    asserting: set[cst.CSTNode]


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
    seen = [record for record in records if not record.supposed]
    return FileAnalysis(parsed, judge(records), seen, index.uncalled, index.asserting)
