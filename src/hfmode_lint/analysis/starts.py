"""Where a program may start, and which of these entry points are worth running.

All of it is told from symbols: where nothing is worth running, libcst is not even imported.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.analysis.candidates import Candidates
from hfmode_lint.analysis.reach import OWN_CODE, Reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.reach import Node
    from hfmode_lint.analysis.symbols import Symbols
    from hfmode_lint.analysis.units import Modules, Unit

# What a Trainer is asked for.
FIT = "fit"
# Lightning's command line trains what it makes; classes that extend it are called alike.
_COMMAND_LINE = "CLI"
# Calls of functions by these names show how a LightningModule is used.
_STARTING = frozenset({FIT, "load_from_checkpoint", "LightningCLI"})


class Starts:
    """The entry points of some files, found once."""

    def __init__(self, modules: Modules, units: Sequence[Unit], wanted: Sequence[Unit]) -> None:
        """Take the files of a program.

        :param modules: where their imports lead.
        :param units: those in which something may start.
        :param wanted: those to report on.
        """
        self.modules = modules
        self.units = units
        self.wanted = wanted

    @cached_property
    def candidates(self) -> list[Node]:
        """The classes that may be LightningModules."""
        candidates = Candidates(self.modules)
        return [
            (unit, name)
            for unit in self.units
            for name in unit.symbols.classes
            if candidates.may_be(unit, name)
        ]

    @cached_property
    def scripts(self) -> list[Node]:
        """The code that may start training: functions, classes, and the module's own (no name)."""
        return self.scripts_with({name for _, name in self.candidates})

    def scripts_with(self, classes: AbstractSet[str]) -> list[Node]:
        """The same for some LightningModules.

        :param classes: their names, beside those that the program is known for.
        """
        starting = _STARTING | self.modules.lightning_classes | classes | self._runners
        training = [node for unit in self._training for node in _starting_in(unit, starting)]
        own = set(self.units)
        found = [(unit, name) for unit, name in training if unit in own]
        return [*found, *self._leading_there(training, set(found))]

    def _leading_there(self, training: Sequence[Node], known: set[Node]) -> list[Node]:
        """Code beside what is known that comes to what may train, in whatever file that is."""
        others = [each for unit in self.units for each in _calling_in(unit) if each not in known]
        definitions = {(unit, name) for unit, name in training if name != OWN_CODE}
        leading = self.leading_to(definitions, others) if others and definitions else set()
        return [each for each in others if each in leading]

    @cached_property
    def _training(self) -> list[Unit]:
        """The files in which training may start, for whatever entry point it is."""
        return [unit for unit in self.modules.training(self.units) if unit.is_python]

    @cached_property
    def _runners(self) -> set[str]:
        """The names of the classes whose methods may train."""
        return {name for unit in self._training for name in _runners_in(unit.symbols)}

    @cached_property
    def worth_running(self) -> set[Node]:
        """The entry points that can show something of the files to report on."""
        if not self.units:
            return set()
        worth = self._reach.worth_running([*self.scripts, *self.candidates])
        if not worth.isdisjoint(self.candidates):
            # Their users may name any of these.
            worth.update(filter(_is_command_line, self.scripts))
        return worth

    def leading_to(self, targets: AbstractSet[Node], entries: Sequence[Node]) -> set[Node]:
        """The entry points, of some, from which names lead to certain definitions."""
        return self._reach.leading_to(targets, entries)

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self.modules, self.wanted)


def _starting_in(unit: Unit, starting: AbstractSet[str]) -> Iterator[Node]:
    """The code of a file that calls one of some names, or a function that defines a class."""
    symbols = unit.symbols
    if not symbols.builders and not symbols.all_calls & starting:
        return
    if symbols.calls_of(None) & (starting | symbols.functions.keys()):
        yield unit, OWN_CODE
    for name in symbols.functions:
        if name in symbols.builders or symbols.calls_of(name) & starting:
            yield unit, name
    yield from ((unit, name) for name in _runners_in(symbols))


def _calling_in(unit: Unit) -> Iterator[Node]:
    """The code of a file that may hand what it loads to other code that trains it."""
    symbols = unit.symbols
    yield from ((unit, name) for name in symbols.functions if name in symbols.loads)
    if symbols.calls_of(None):
        yield unit, OWN_CODE


def _is_command_line(script: Node) -> bool:
    """Whether some code makes a command line, by the names of what it calls."""
    unit, name = script
    calls = unit.symbols.calls_of(None if name == OWN_CODE else name)
    return any(each.endswith(_COMMAND_LINE) for each in calls)


def _runners_in(symbols: Symbols) -> Iterator[str]:
    """The classes that train what they are given.

    They call a ``fit`` and have something to do with a Trainer (others fit data), or are command
    lines.
    """
    for name, bases in symbols.classes.items():
        names = symbols.names.get(name, ())
        fits = FIT in symbols.calls_of(name) and any("trainer" in each.lower() for each in names)
        if fits or any(base.endswith(_COMMAND_LINE) for base in bases):
            yield name
