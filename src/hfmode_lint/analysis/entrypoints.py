"""The entry points of a program, run one by one: scripts, functions, and each LightningModule."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.heap import ModuleObject, walk
from hfmode_lint.analysis.interpreter import Frame, Hooks, Interpreter
from hfmode_lint.analysis.knowledge.lightning import TRAINING_STEP
from hfmode_lint.analysis.lifecycle import Lifecycle, kept_in_eval
from hfmode_lint.analysis.liveness import Liveness
from hfmode_lint.analysis.modes import Mode
from hfmode_lint.analysis.paths import Decisions, Finished, OutOfSteps, PathEnded, explore
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.reach import OWN_CODE
from hfmode_lint.analysis.removed_api import removed_in
from hfmode_lint.analysis.states import read_states
from hfmode_lint.analysis.training_methods import training_methods
from hfmode_lint.analysis.uses import Uses
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Constant,
    External,
    FunctionValue,
    TrainerValue,
    Unknown,
    Value,
)
from hfmode_lint.analysis.verdicts import (
    PathRecord,
    has_training_step,
    is_for_inference,
    needs_other_uses,
    promises,
    record_path,
    shows,
)
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.holders import HeldModule
    from hfmode_lint.analysis.starts import Starts
    from hfmode_lint.analysis.summaries import SeenModule
    from hfmode_lint.analysis.units import Modules, Unit

_STABLE = (Constant, External, Unknown)


@immutable
class _Definition:
    """A class, by where it is defined."""

    unit: Unit
    node: cst.ClassDef

    @property
    def name(self) -> str:
        return self.node.name.value

    def ways_in(self) -> set[tuple[Unit, str]]:
        """The top-level names by which the class is come to."""
        symbols = self.unit.symbols
        names = {self.name} if self.name in symbols.classes else symbols.bindings
        return {(self.unit, name) for name in names}


@dataclass(slots=True, eq=False, repr=False)
class _Made:
    """LightningModules that a path made of what means the same on any path, and with what.

    ``in_eval`` are by module what was in eval mode when it was made.
    """

    modules: list[tuple[ModuleObject, Arguments]] = field(default_factory=list)
    in_eval: dict[int, list[ModuleObject]] = field(default_factory=dict)

    def note_built(self, module: ModuleObject) -> None:
        """Remember what is in eval mode when a module is made."""
        self.in_eval[id(module)] = [each for each in walk(module) if each.mode is Mode.LOADED_EVAL]

    def is_switched(self, module: ModuleObject) -> bool:
        """Whether train mode was set since a module was made, or may have been by others."""
        return any(
            each.mode in {Mode.TRAIN, Mode.UNKNOWN} for each in self.in_eval.get(id(module), ())
        )


@immutable
class _Unfinished:
    """An entry point, and the classes of what it leaves untrained."""

    run: Callable[[Interpreter], None]
    waiting: set[_Definition]


@dataclass(slots=True, eq=False, repr=False)
class Program:
    """The entry points of some files, and what running them showed of those to report on.

    ``trained`` are the classes that some entry point trains, or leaves to be trained by others, and
    ``fitted`` those of the first kind; ``made`` the constructor arguments
    with which each class was seen to be made, as far as they mean the same on another path;
    ``instantiated`` those made in any way, ``restored`` from a checkpoint, ``held_by_others`` by
    methods;
    ``used`` the classes of which the program shows the use.
    """

    starts: Starts
    records: list[PathRecord] = field(default_factory=list)
    trained: set[cst.ClassDef] = field(default_factory=set)
    fitted: set[cst.ClassDef] = field(default_factory=set)
    made: dict[cst.ClassDef, list[Arguments]] = field(default_factory=dict)
    instantiated: set[cst.ClassDef] = field(default_factory=set)
    restored: set[cst.ClassDef] = field(default_factory=set)
    held_by_others: set[cst.ClassDef] = field(default_factory=set)
    used: list[_Definition] = field(default_factory=list)
    entered: set[cst.CSTNode] = field(default_factory=set)
    # What reads all modules of a LightningModule, where a summary is made.
    read: Callable[[ModuleObject, Lifecycle, Uses], tuple[SeenModule, ...]] | None = None
    liveness: Liveness = field(init=False)
    # What was found in files whose modules hold loaded models.
    held: dict[Unit, list[HeldModule]] = field(default_factory=dict)
    # Entry points that make LightningModules and leave the training to others, with these classes.
    _unfinished: list[_Unfinished] = field(default_factory=list)
    # Entry points with a command line whose user names the class.
    _asking: list[Callable[[Interpreter], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Know nothing of the program yet."""
        self.liveness = Liveness(self.modules)

    @property
    def modules(self) -> Modules:
        """Where the imports of the program's files lead."""
        return self.starts.modules

    @property
    def wanted(self) -> Sequence[Unit]:
        """The files to report on."""
        return self.starts.wanted

    def run(self) -> list[PathRecord]:
        """Run every entry point that can show a finding."""
        self._run(self.starts.worth_running)
        for definition in self.used:
            self._suppose(definition)
        return self.records

    def run_for_summary(self) -> list[Place]:
        """Run all that may train a LightningModule of the files wanted, whatever it loads.

        :returns: where these are defined: at the top level, then those that functions define.
        """
        own = {(unit, name) for unit, name in self.starts.candidates if unit in self.wanted}
        found = [Place(each.unit, each.node) for each in self._lightning_modules(own)]
        builders = {(unit, name) for unit in self.wanted for name in unit.symbols.builders}
        if found or builders:
            self._run(own | self.starts.leading_to(own | builders, self.starts.scripts))
        trained = (record.root for record in self.records if record.root.unit in self.wanted)
        return list(dict.fromkeys([*found, *trained]))

    def _run(self, worth: AbstractSet[tuple[Unit, str]]) -> None:
        scripts = [each for each in self.starts.scripts if each in worth]
        # Methods that a script calls need no caller that can't be seen.
        for unit, name in sorted(scripts, key=_is_class):
            self._run_script(unit, name)
        self._run_who_trains(worth)
        self._train_the_rest()
        modules = self._lightning_modules(worth)
        bases_only = self._bases_only(modules)
        trains = {
            definition: has_training_step(cls)
            for definition, cls in modules.items()
            if (definition.unit, definition.name) in worth and definition not in bases_only
        }
        # What others hold and can't be trained by itself is judged as a part of them.
        for definition in sorted(trains, key=trains.__getitem__, reverse=True):
            if trains[definition] or definition.node not in self.held_by_others:
                self._run_class(definition, trains=trains[definition])

    def uses_lightning(self) -> bool:
        """Whether the program has a LightningModule anywhere."""
        if self.modules.lightning_classes:
            return True
        return bool(self._lightning_modules(set(self.starts.candidates)))

    def _lightning_modules(
        self, among: AbstractSet[tuple[Unit, str]]
    ) -> dict[_Definition, ClassValue]:
        """The LightningModules among some classes, without those only there to be extended."""
        found: dict[_Definition, ClassValue] = {}
        for unit in self.starts.units:
            names = {name for name in unit.symbols.classes if (unit, name) in among}
            # Most files have none, and need not be parsed.
            if not names or not unit.readable:
                continue
            machine = self.machine(Decisions((), iter(range(10_000))))
            for node in (each for each in unit.index.classes if each.name.value in names):
                value = self._class_value(machine, unit, node)
                if value is not None and value.is_lightning_module():
                    found[_Definition(unit, node)] = value
        extended = {base.node for cls in found.values() for base in cls.resolution_order[1:]}
        return {
            definition: cls
            for definition, cls in found.items()
            if definition.node not in extended or cls.find(TRAINING_STEP) is not None
        }

    def _bases_only(self, modules: dict[_Definition, ClassValue]) -> list[_Definition]:
        """The LightningModules that are there to be extended.

        The program makes those that extend them, and never one of them.
        """
        used = self.instantiated | self.restored
        for_use = {
            base.node
            for cls in modules.values()
            if cls.node in used
            for base in cls.resolution_order[1:]
        }
        return [each for each in modules if each.node in for_use - used]

    def _class_value(
        self, machine: Interpreter, unit: Unit, node: cst.ClassDef
    ) -> ClassValue | None:
        try:
            value = machine.global_of(unit, node.name.value)
        except (PathEnded, OutOfSteps, RecursionError):
            return None
        is_it = isinstance(value, ClassValue) and value.node is node
        return value if is_it and isinstance(value, ClassValue) else None

    # Scripts and functions

    def _run_script(self, unit: Unit, name: str) -> None:
        if not unit.readable:
            return
        if name == OWN_CODE:
            self._explore(partial(self._run_module_code, unit=unit))
        elif name in unit.symbols.classes:
            self._run_training_methods(unit, name)
        elif unit.index.functions[name] not in self.entered:
            self._explore(partial(self._run_function, unit=unit, name=name))

    def _run_module_code(self, machine: Interpreter, unit: Unit) -> None:
        machine.frames.append(Frame(machine.globals_of(unit), entry=True))
        machine.run_block(unit.parsed.tree.body)

    def _run_function(self, machine: Interpreter, unit: Unit, name: str) -> None:
        machine.frames.append(Frame(machine.globals_of(unit)))
        function = machine.lookup(name)
        if isinstance(function, FunctionValue):
            machine.entries.add(function.node)
            machine.caller.call_function(function, Arguments(open=True))

    def _run_training_methods(self, unit: Unit, name: str) -> None:
        for cls in (each for each in unit.index.classes if each.name.value == name):
            for method in training_methods(cls):
                if method not in self.entered:
                    run = partial(self._run_method, unit=unit, name=name, method=method)
                    self._explore(run)

    def _run_method(
        self, machine: Interpreter, unit: Unit, name: str, method: cst.FunctionDef
    ) -> None:
        """Make an object and call its method, as a caller may that can't be seen."""
        machine.frames.append(Frame(machine.globals_of(unit)))
        cls = machine.lookup(name)
        if isinstance(cls, ClassValue) and not cls.is_lightning_module():
            machine.entries.add(method)
            made = machine.caller.instantiate(cls, Arguments(open=True))
            called = machine.evaluator.get_attribute(made, method.name.value)
            machine.caller.apply(called, Arguments(open=True), cst.Call(method.name))

    def _run_who_trains(self, ran: AbstractSet[tuple[Unit, str]]) -> None:
        """Run the scripts that may train what others have made and left.

        :param ran: the entry points that were run already.
        """
        waiting = self._untrained(*(each.waiting for each in self._unfinished))
        if not waiting:
            return
        scripts = self.starts.scripts_with({each.name for each in waiting})
        rest = [each for each in scripts if each not in ran]
        unfinished = len(self._unfinished)
        ways_in = {node for each in waiting for node in each.ways_in()}
        leading = self.starts.leading_to(ways_in, rest)
        for unit, name in rest:
            if (unit, name) in leading:
                self._run_script(unit, name)
        # What these leave untrained can show nothing.
        del self._unfinished[unfinished:]

    # Classes

    def _run_class(self, definition: _Definition, *, trains: bool) -> None:
        node = definition.node
        if trains and node not in self.fitted:
            for run in self._asking:
                self._explore(run, offered=definition)
        made = self.made.get(node, [])
        if node in self.fitted or (node in self.trained and not made):
            self.used.append(definition)
            return
        if node in self.restored and not trains:
            # Its checkpoint is read for inference: whatever trained it stands elsewhere.
            return
        if made:
            self.used.append(definition)
        for arguments in made or [Arguments(open=True)]:
            self._explore(partial(self._train_class, definition=definition, given=arguments))

    def _suppose(self, definition: _Definition) -> None:
        """Train a class as a caller that can't be seen may."""
        given = Arguments(open=True)
        self._explore(partial(self._train_class, definition=definition, given=given), supposed=True)

    def _train_class(self, machine: Interpreter, definition: _Definition, given: Arguments) -> None:
        machine.frames.append(Frame(machine.globals_of(definition.unit)))
        cls = machine.lookup(definition.name)
        if isinstance(cls, ClassValue):
            module = machine.caller.instantiate(cls, given)
            if isinstance(module, ModuleObject):
                machine.hooks.on_fit(module, TrainerValue(), UNKNOWN)

    # Running

    def _explore(
        self,
        run: Callable[[Interpreter], None],
        *,
        supposed: bool = False,
        rest: bool = False,
        offered: _Definition | None = None,
    ) -> None:
        """Run along every path.

        :param supposed: as a caller may that can't be seen.
        :param rest: what was made for training and not trained is trained in the end.
        :param offered: the class that the user of a command line names.
        """
        waiting: set[_Definition] = set()
        asked = False

        def follow(decisions: Decisions) -> Sequence[PathRecord] | None:
            nonlocal asked
            shown: list[PathRecord] = []
            made = _Made()
            machine = self.machine(decisions, shown, made)
            if offered is not None:
                machine.offered = self._class_value(machine, offered.unit, offered.node)
            ended = True
            # What was trained before the program stops counts.
            with suppress(PathEnded):
                try:
                    with suppress(Finished):
                        run(machine)
                finally:
                    self._leave(machine, made)
                waiting.update(
                    _Definition(each.cls.unit, each.cls.node)
                    for each in machine.waiting
                    if each.cls is not None
                )
                if rest:
                    self._train_waiting(machine)
                ended = False
            self.entered |= machine.entered
            asked = asked or machine.asked
            return None if ended and not shown else shown

        # A summary is made of all paths, whether a finding can come of them or not.
        explored = explore(follow, shows, promises if self.read is None else bool)
        for shown in explored.results:
            self.records.extend(
                replace(record, supposed=supposed, complete=explored.complete) for record in shown
            )
        if waiting and not rest:
            self._unfinished.append(_Unfinished(run, waiting))
        if asked and offered is None:
            self._asking.append(run)

    def _untrained(self, *classes: set[_Definition]) -> set[_Definition]:
        """Those of some classes that nothing has trained so far."""
        return {each for each in set().union(*classes) if each.node not in self.trained}

    def _train_the_rest(self) -> None:
        """LightningModules that are given models, and that no file trains, are trained later."""
        for unfinished in self._unfinished:
            if self._untrained(unfinished.waiting):
                self._explore(unfinished.run, rest=True)

    def _train_waiting(self, machine: Interpreter) -> None:
        machine.rest = True
        for module in machine.waiting:
            if module.cls is not None and module.cls.node not in self.trained:
                machine.hooks.on_fit(module, TrainerValue(), UNKNOWN)

    def machine(
        self,
        decisions: Decisions,
        shown: list[PathRecord] | None = None,
        made: _Made | None = None,
    ) -> Interpreter:
        """A machine for one path.

        :param shown: where what it trains is recorded.
        :param made: where it is noted what it makes.
        """
        records = shown if shown is not None else []
        made = made or _Made()

        def on_fit(module: ModuleObject, trainer: TrainerValue, data: Value) -> None:
            self._fit(machine, module, trainer, data, records)

        def on_instance(module: ModuleObject, arguments: Arguments) -> None:
            if module.cls is not None:
                self.instantiated.add(module.cls.node)
                if machine.frame.owner is not None:
                    self.held_by_others.add(module.cls.node)
            if module.cls is None or arguments.open:
                return
            if _is_stable(module.cls, arguments):
                made.modules.append((module, arguments))
            else:
                machine.waiting.append(module)

        def on_restored(cls: ClassValue) -> None:
            self.restored.add(cls.node)

        hooks = Hooks(on_fit, on_instance, made.note_built, on_restored)
        machine = Interpreter(self.modules, decisions, hooks, self.liveness)
        return machine

    def _fit(
        self,
        machine: Interpreter,
        module: ModuleObject,
        trainer: TrainerValue,
        data: Value,
        records: list[PathRecord],
    ) -> None:
        cls = module.cls
        if cls is None or not cls.is_lightning_module():
            return
        self.trained.add(cls.node)
        if not machine.rest:
            self.fitted.add(cls.node)
        if is_for_inference(cls):
            return
        # What building it showed of each load counts: a tokenizer is told by what it is asked.
        machine.uses = Uses(root=module, by_origin=machine.uses.by_origin)
        lifecycle = Lifecycle(machine, module, trainer, data)
        lifecycle.run()
        modules = self.read(module, lifecycle, machine.uses) if self.read is not None else ()
        removed = removed_in(cls, trainer)
        record = record_path(module, cls, machine.uses, kept_in_eval(machine, module), removed)
        position = len(records)
        records.append(record)
        if needs_other_uses(record):
            lifecycle.run_elsewhere()
        machine.uses = Uses(trained_in=dict(machine.uses.trained_in))
        switches_off = any(unit.symbols.switches_off for unit in machine.units)
        states = read_states(module, lifecycle, machine.uses, second_epoch=switches_off)
        records[position] = replace(record, states=states, modules=modules)
        machine.uses = Uses()

    def _leave(self, machine: Interpreter, made: _Made) -> None:
        """Remember how classes are made; what was switched since then is trained as it was left."""
        for module, arguments in made.modules:
            if made.is_switched(module):
                machine.waiting.append(module)
            elif module.cls is not None:
                known = self.made.setdefault(module.cls.node, [])
                if arguments not in known:
                    known.append(arguments)


def _is_stable(cls: ClassValue, arguments: Arguments) -> bool:
    """Whether the arguments of a class mean the same on another path."""
    stable = all(isinstance(value, _STABLE) for value in arguments.all_values())
    return stable and cls.node in cls.unit.index.classes


def _is_class(script: tuple[Unit, str]) -> bool:
    unit, name = script
    return name in unit.symbols.classes
