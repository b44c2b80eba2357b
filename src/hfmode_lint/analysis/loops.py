"""Training loops that a program writes itself: where they start, run along every path.

A loop may start in a script, in a function, and in a method of a plain class, if names lead from
there to a backward pass. Where callers are seen, they decide what is called and in which order.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.interpreter import Frame, Hooks, Interpreter
from hfmode_lint.analysis.knowledge.loops import BACKWARD, STEPS
from hfmode_lint.analysis.liveness import Liveness
from hfmode_lint.analysis.loop_verdicts import LoopedModule, LoopPath, LoopSighting, judge, shows
from hfmode_lint.analysis.paths import PathEnded, explore
from hfmode_lint.analysis.source_index import nodes_in
from hfmode_lint.analysis.values import NONE, Arguments, External, FunctionValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.entrypoints import Program
    from hfmode_lint.analysis.paths import Decisions
    from hfmode_lint.analysis.units import Modules, Unit
    from hfmode_lint.analysis.values import Value

    _Run = Callable[[Interpreter], Value]

_CONSTRUCTOR = "__init__"
_MODE_METHOD = "train"
# Bases of a class that add nothing which could call its methods.
_PLAIN_BASES = frozenset({"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol"})


class Loops:
    """The training loops of a program, each run when a file that it involves is asked about."""

    def __init__(self, program: Program) -> None:
        """Take a program that has run; nothing of its loops is run yet."""
        self._program = program
        self._modules = program.modules
        self._liveness = Liveness(program.modules, frozenset({BACKWARD, *STEPS}))
        self._entered: set[cst.CSTNode] = set()
        # By entry point.
        self._shown: dict[object, list[LoopSighting]] = {}
        self._leading: dict[Unit, frozenset[str]] = {}

    def looped_modules(self, unit: Unit) -> list[LoopedModule]:
        """What a file loads that training loops train in eval mode.

        What a LightningModule holds is judged with it, and left out here.
        """
        records = self._program.records
        known = {sighting.origin.key for record in records for sighting in record.sightings}
        return judge(
            sighting
            for sighting in self._around(unit)
            if sighting.origin.unit is unit and sighting.origin.key not in known
        )

    def _around(self, unit: Unit) -> Iterator[LoopSighting]:
        """What the loops show that may involve a file.

        Scripts come first: what they call, and with what, is better known than what others may do.
        """
        units = [each for each in self._modules.looping(unit) if each.readable]
        for each in units:
            yield from self._explored(each, partial(_run_script, each))
        for each in units:
            yield from self._functions(each)
        for each in units:
            yield from self._classes(each)

    def _functions(self, unit: Unit) -> Iterator[LoopSighting]:
        leading = [name for name in unit.index.functions if name in self._leading_in(unit)]
        called = {used for name in leading for used in unit.symbols.calls_of(name) - {name}}
        # Those that no other one calls come first: what they call is then seen to be called.
        for name in sorted(leading, key=called.__contains__):
            node = unit.index.functions[name]
            if self._is_free(node, [node]):
                yield from self._explored(node, partial(_run_function, unit, name))

    def _classes(self, unit: Unit) -> Iterator[LoopSighting]:
        for node in unit.index.classes:
            if node.name.value in self._leading_in(unit):
                methods = _methods_of(node)
                entries = _entries_of(methods, self._leading_in(unit))
                if entries is not None and self._is_free(node, methods.values()):
                    run = partial(_run_class, unit, node, entries)
                    yield from self._explored(node, run, repeated=True)

    def _is_free(self, node: cst.CSTNode, functions: Iterable[cst.CSTNode]) -> bool:
        """Whether no caller of a definition is seen."""
        return node in self._shown or self._entered.isdisjoint(functions)

    def _leading_in(self, unit: Unit) -> frozenset[str]:
        if unit not in self._leading:
            self._leading[unit] = _leading_names(unit, self._modules)
        return self._leading[unit]

    def _explored(self, key: object, run: _Run, *, repeated: bool = False) -> list[LoopSighting]:
        """What all paths from one entry point show.

        :param repeated: whoever calls it is taken to do so in a loop.
        """
        if key not in self._shown:
            paths = explore(partial(self._follow, run, repeated=repeated), shows).results
            self._shown[key] = [sighting for path in paths for sighting in path]
        return self._shown[key]

    def _follow(
        self, run: _Run, decisions: Decisions, *, repeated: bool
    ) -> list[LoopSighting] | None:
        # What Lightning runs is none of a loop's business.
        hooks = Hooks(*[lambda *_: None] * 4)
        machine = Interpreter(self._modules, decisions, hooks, self._liveness)
        path = LoopPath(machine, repeated=repeated)
        result: Value = NONE
        ended = True
        # What was trained before the program stops counts.
        with suppress(PathEnded):
            result = run(machine)
            ended = False
        self._entered |= machine.entered
        shown = path.end(result)
        return None if ended and not shown else shown


def _run_script(unit: Unit, machine: Interpreter) -> Value:
    machine.frames.append(Frame(machine.globals_of(unit)))
    machine.run_block(unit.parsed.tree.body)
    return NONE


def _run_function(unit: Unit, name: str, machine: Interpreter) -> Value:
    machine.frames.append(Frame(machine.globals_of(unit)))
    function = machine.lookup(name)
    if not isinstance(function, FunctionValue):
        return NONE
    return machine.caller.call_function(function, Arguments(open=True))


def _run_class(
    unit: Unit, node: cst.ClassDef, entries: Sequence[str], machine: Interpreter
) -> Value:
    """Make an object of a class, and call the methods that lead to a backward pass."""
    machine.frames.append(Frame(machine.globals_of(unit)))
    cls = machine.lookup(node.name.value)
    if not isinstance(cls, ClassValue) or cls.node is not node or not _is_plain(cls):
        return NONE
    made = machine.caller.instantiate(cls, Arguments(open=True))
    for name in entries:
        method = cls.find(name)
        if isinstance(method, FunctionValue):
            given = [] if "staticmethod" in method.decorators else [made]
            machine.caller.call_function(method, Arguments(given, open=True))
    return made


def _is_plain(cls: ClassValue) -> bool:
    """Whether nothing but the program can call the methods of a class, or set its modes."""
    bases = [base for each in cls.resolution_order for base in each.bases]
    return all(
        isinstance(base, ClassValue) or (isinstance(base, External) and base.name in _PLAIN_BASES)
        for base in bases
    )


# Which names lead to a backward pass


def _leading_names(unit: Unit, modules: Modules) -> frozenset[str]:
    """The top-level names of a file that may lead to a backward pass, and that method's name."""
    imported = _imported(unit, modules)
    # A function may be handed over, to be called.
    handed = imported | unit.index.functions.keys()
    uses = {
        name: unit.symbols.calls_of(name) | (unit.symbols.names.get(name, set()) & handed)
        for name in unit.symbols.calls
        if name is not None
    }
    return frozenset(_leading(uses, {BACKWARD, *imported}))


def _leading(uses: Mapping[str, AbstractSet[str]], leading: set[str]) -> set[str]:
    """All names that use one of some names, directly or through others."""
    while found := {name for name, used in uses.items() if used & leading} - leading:
        leading = leading | found
    return leading


def _imported(unit: Unit, modules: Modules) -> set[str]:
    """The names that a file imports from others of the program, at its top level or elsewhere."""
    symbols = unit.symbols
    imports = chain(*symbols.imports.values(), *symbols.local_imports.values())
    return {each.bound for each in imports if modules.find(unit, each.module) is not None}


def _methods_of(node: cst.ClassDef) -> dict[str, cst.FunctionDef]:
    return {each.name.value: each for each in node.body.body if isinstance(each, cst.FunctionDef)}


def _entries_of(
    methods: Mapping[str, cst.FunctionDef], leading: AbstractSet[str]
) -> list[str] | None:
    """The methods of a class to call from outside, so that a backward pass is reached.

    :returns: None where somebody may call one of the others first, which sets train mode.
    """
    uses = {name: _called_in(node) for name, node in methods.items()}
    found = _leading(uses, set(leading)) & methods.keys()
    inner = set().union(*(uses[name] - {name} for name in found), uses.get(_CONSTRUCTOR, set()))
    entries = [name for name in methods if name in found - inner and name != _CONSTRUCTOR]
    reached = {*entries, _CONSTRUCTOR}
    while more := {each for name in reached & uses.keys() for each in uses[name]} - reached:
        reached |= more
    others = (called for name, called in uses.items() if name not in reached)
    return None if any(_MODE_METHOD in called for called in others) else entries


def _called_in(node: cst.CSTNode) -> set[str]:
    """The last names of what a piece of a program calls."""
    calls = (each.func for each in nodes_in(node) if isinstance(each, cst.Call))
    return {(get_full_name_for_node(called) or "").rpartition(".")[2] for called in calls}
