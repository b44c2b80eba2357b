"""The analysis: from a source text to a verdict on each module that it loads."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import libcst as cst

    from hfmode_lint.analysis.entrypoints import Program
    from hfmode_lint.analysis.holders import HeldModule
    from hfmode_lint.analysis.holding import Holding
    from hfmode_lint.analysis.loop_verdicts import LoopedModule
    from hfmode_lint.analysis.loops import Loops
    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.starts import Starts
    from hfmode_lint.analysis.summaries import Locate
    from hfmode_lint.analysis.units import Modules, Unit
    from hfmode_lint.analysis.verdicts import LoadedModule, PathRecord
    from hfmode_lint.model_summary import ModelSummary


@immutable
class FileAnalysis:
    """What the rules read of one file.

    ``loaded`` are the verdicts on what it loads; ``paths`` the states of all modules of the
    program, by path through it. ``held`` looks for what it loads that no LightningModule is seen
    to hold, ``looped`` for what it loads that a training loop of the program's own trains in eval
    mode. ``records`` are all that the program's paths showed.
    """

    unit: Unit
    loaded: list[LoadedModule]
    paths: list[PathRecord]
    held: Callable[[], list[HeldModule]]
    looped: Callable[[], list[LoopedModule]]
    records: Sequence[PathRecord]

    @property
    def parsed(self) -> ParsedFile:
        """The file's tree.

        :raises SourceError: where libcst refuses what Python accepts.
        """
        return self.unit.parsed

    @property
    def uncalled(self) -> list[cst.Attribute]:
        """Statements of the file that name a mode method without a call."""
        return self.unit.index.uncalled if self.unit.symbols.names_mode_method else []

    def removed_in(self, root: Place) -> str | None:
        """What every path to a LightningModule uses that Lightning 2.0 has removed, if anything."""
        found = {record.removed for record in self.paths if record.root == root}
        return None if None in found else min(filter(None, found), default=None)

    def restricted_to(self, counts: Callable[[Holding], bool]) -> FileAnalysis:
        """The analysis where the only modules that count are those that are held in some way.

        One loader call may give several LightningModules their models, of which some count.
        """
        records = [part for each in self._concerning() for part in each.restricted_to(counts)]
        return replace(
            self,
            loaded=_judged(records).get(self.unit, []),
            paths=[record for record in records if not record.supposed],
            held=lambda: [each for each in self.held() if counts(each.holding)],
        )

    def _concerning(self) -> list[PathRecord]:
        """The records of the LightningModules that have to do with the file."""
        roots = {record.root for record in self.records if record.concerns(self.unit)}
        return [record for record in self.records if record.root in roots]


def analyse(text: str, name: str = "") -> FileAnalysis:
    """Analyse one file by itself.

    :param text: the file's source.
    :param name: the file's path, by which what it defines may be told from other things.
    :raises SourceError: where Python refuses it.
    """
    from hfmode_lint.analysis.units import OneFile, Unit

    unit = Unit(name, lambda: text)
    return analyse_program(OneFile(), [unit], [unit])[0]


def analyse_program(
    modules: Modules, entries: Sequence[Unit], wanted: Sequence[Unit]
) -> list[FileAnalysis]:
    """Analyse files of a program together.

    :param modules: where the imports of its files lead.
    :param entries: the files in which something may start that involves one of those wanted; each
        must be Python.
    :param wanted: the files to report on.
    :returns: an analysis for each of those, in their order.
    :raises SourceError: where Python refuses one of those wanted.
    """
    # Imported here so that the prefilter beside this file can be had without the rest.
    from hfmode_lint.analysis.starts import Starts

    starts = Starts(modules, entries, wanted)
    run = cache(partial(_run, starts))
    records = run().records if starts.worth_running else []
    by_unit = _judged(records) if records else {}
    seen = [record for record in records if not record.supposed]
    loops = cache(partial(_loops, run))
    return [
        FileAnalysis(
            unit=unit,
            loaded=by_unit.get(unit, []),
            paths=seen,
            held=partial(_held, run, unit),
            looped=partial(_looped, loops, unit),
            records=records,
        )
        for unit in wanted
    ]


def _run(starts: Starts) -> Program:
    # What runs a program needs libcst, and most programs are not run.
    from hfmode_lint.analysis.entrypoints import Program

    program = Program(starts)
    program.run()
    return program


def _held(run: Callable[[], Program], unit: Unit) -> list[HeldModule]:
    from hfmode_lint.analysis.holders import held_modules

    return held_modules(run(), unit)


def _loops(run: Callable[[], Program]) -> Loops:
    from hfmode_lint.analysis.loops import Loops

    return Loops(run())


def summarize_program(
    modules: Modules, entries: Sequence[Unit], unit: Unit, locate: Locate
) -> list[ModelSummary]:
    """Summarize the LightningModules that a file defines, whether they load anything or not.

    The first two parameters are those of :func:`analyse_program`.

    :param locate: says where a position of a file is for those who read the summary.
    :raises SourceError: where the file can't be parsed.
    """
    from hfmode_lint.analysis.entrypoints import Program
    from hfmode_lint.analysis.starts import Starts
    from hfmode_lint.analysis.summaries import Everything, join, see

    program = Program(Starts(modules, entries, [unit]), read=see)
    program.liveness = Everything(modules)
    classes = program.run_for_summary()
    return join(program.records, classes, locate)


def _judged(records: Iterable[PathRecord]) -> dict[Unit, list[LoadedModule]]:
    """The verdicts on what each file loads, itself or by an installed package."""
    from hfmode_lint.analysis.verdicts import judge

    by_unit: dict[Unit, list[LoadedModule]] = {}
    for loaded in judge(records):
        if loaded.place is not None:
            by_unit.setdefault(loaded.place.unit, []).append(loaded)
    return by_unit


def _looped(loops: Callable[[], Loops], unit: Unit) -> list[LoopedModule]:
    return loops().looped_modules(unit)
