"""Where the analysis starts: scripts, functions that train, and each LightningModule."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.interpreter import Frame, Hooks, Interpreter
from hfmode_lint.analysis.knowledge.lightning import TRAINING_STEP
from hfmode_lint.analysis.lifecycle import Lifecycle
from hfmode_lint.analysis.paths import Decisions, PathEnded, explore
from hfmode_lint.analysis.states import read_states
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
    record_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import libcst as cst

    from hfmode_lint.analysis.parsing import ParsedFile
    from hfmode_lint.analysis.source_index import SourceIndex

_STABLE = (Constant, External, Unknown)


@dataclass(slots=True)
class Program:
    """One file's entry points, and what running them showed.

    ``trained`` are the classes that some entry point trains; ``made`` the constructor arguments
    with which each class was seen to be made, as far as they mean the same on another path;
    ``restored`` the classes made from a checkpoint; ``used`` the classes of which the file shows
    the use.
    """

    parsed: ParsedFile
    index: SourceIndex
    records: list[PathRecord] = field(default_factory=list)
    trained: set[cst.ClassDef] = field(default_factory=set)
    made: dict[cst.ClassDef, list[Arguments]] = field(default_factory=dict)
    restored: set[cst.ClassDef] = field(default_factory=set)
    used: list[cst.ClassDef] = field(default_factory=list)
    entered: set[cst.CSTNode] = field(default_factory=set)

    def run(self) -> list[PathRecord]:
        """Run every entry point."""
        modules = self._lightning_modules()
        if modules or self.index.builders:
            self._run_scripts({node.name.value for node in modules})
            for node, cls in modules.items():
                self._run_class(node, trains=has_training_step(cls))
            for node in self.used:
                self._suppose(node)
        return self.records

    def _lightning_modules(self) -> dict[cst.ClassDef, ClassValue]:
        """The file's LightningModules, without those that others extend and nothing uses."""
        machine = self._machine(Decisions((), iter(range(10_000))))
        found: dict[cst.ClassDef, ClassValue] = {}
        machine.frames.append(Frame(machine.globals))
        for node in self.index.classes:
            value = self._class_value(machine, node)
            if value is not None and value.is_lightning_module():
                found[node] = value
        extended = {base.node for cls in found.values() for base in cls.resolution_order()[1:]}
        return {
            node: cls
            for node, cls in found.items()
            if node not in extended or cls.find(TRAINING_STEP) is not None
        }

    def _class_value(self, machine: Interpreter, node: cst.ClassDef) -> ClassValue | None:
        try:
            value = machine.lookup(node.name.value)
        except (PathEnded, RecursionError):
            return None
        is_it = isinstance(value, ClassValue) and value.node is node
        return value if is_it and isinstance(value, ClassValue) else None

    # Scripts and functions

    def _run_scripts(self, classes: set[str]) -> None:
        starting = {"fit", "load_from_checkpoint", *classes}
        functions = [
            name
            for name in self.index.functions
            if name in self.index.builders or self._calls(name) & starting
        ]
        if self._calls(None) & (starting | set(functions) | set(self.index.functions)):
            self._explore(self._run_module_code)
        for name in functions:
            if self.index.functions[name] not in self.entered:
                self._explore(partial(self._run_function, name=name))

    def _calls(self, where: str | None) -> set[str]:
        return self.index.calls.get(where, set())

    def _run_module_code(self, machine: Interpreter) -> None:
        machine.frames.append(Frame(machine.globals, entry=True))
        machine.run_block(self.parsed.tree.body)

    def _run_function(self, machine: Interpreter, name: str) -> None:
        machine.frames.append(Frame(machine.globals))
        function = machine.lookup(name)
        if isinstance(function, FunctionValue):
            machine.entries.add(function.node)
            machine.caller.call_function(function, Arguments(open=True))

    # Classes

    def _run_class(self, node: cst.ClassDef, *, trains: bool) -> None:
        if node in self.trained:
            self.used.append(node)
            return
        if node in self.restored and not trains:
            # Its checkpoint is read for inference: whatever trained it stands elsewhere.
            return
        made = self.made.get(node)
        if made:
            self.used.append(node)
        for arguments in made or [Arguments(open=True)]:
            self._explore(partial(self._train_class, node=node, given=arguments))

    def _suppose(self, node: cst.ClassDef) -> None:
        """Train a class as a caller in another file may."""
        self._explore(
            partial(self._train_class, node=node, given=Arguments(open=True)), supposed=True
        )

    def _train_class(self, machine: Interpreter, node: cst.ClassDef, given: Arguments) -> None:
        machine.frames.append(Frame(machine.globals))
        cls = machine.lookup(node.name.value)
        if isinstance(cls, ClassValue):
            module = machine.caller.instantiate(cls, given)
            if isinstance(module, ModuleObject):
                machine.hooks.on_fit(module, TrainerValue(), UNKNOWN)

    # Running

    def _explore(self, run: Callable[[Interpreter], None], *, supposed: bool = False) -> None:
        def follow(decisions: Decisions) -> Sequence[PathRecord]:
            shown: list[PathRecord] = []
            machine = self._machine(decisions, shown)
            # What was trained before the program stops counts.
            with suppress(PathEnded):
                run(machine)
                self._train_the_rest(machine)
            self.entered |= machine.entered
            return shown

        for shown in explore(follow):
            self.records.extend(replace(record, supposed=supposed) for record in shown)

    def _train_the_rest(self, machine: Interpreter) -> None:
        """LightningModules that are given models and not seen to be trained are trained later."""
        for module in machine.waiting:
            if module.cls is not None and module.cls.node not in self.trained:
                machine.hooks.on_fit(module, TrainerValue(), UNKNOWN)

    def _machine(self, decisions: Decisions, shown: list[PathRecord] | None = None) -> Interpreter:
        records = shown if shown is not None else []

        def on_fit(module: ModuleObject, trainer: TrainerValue, data: Value) -> None:
            self._fit(machine, module, trainer, data, records)

        def on_instance(module: ModuleObject, arguments: Arguments) -> None:
            if not self._note_made(module, arguments):
                machine.waiting.append(module)

        def on_restored(cls: ClassValue) -> None:
            self.restored.add(cls.node)

        hooks = Hooks(on_fit, on_instance, on_restored)
        machine = Interpreter(self.parsed, self.index, decisions, hooks)
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
        if is_for_inference(cls):
            return
        machine.uses = Uses(root=module)
        lifecycle = Lifecycle(machine, module, trainer, data)
        lifecycle.run()
        record = record_path(module, cls, machine.uses, lifecycle.kept_in_eval())
        position = len(records)
        records.append(record)
        if needs_other_uses(record):
            lifecycle.run_elsewhere()
        machine.uses = Uses(root=module, trained_in=dict(machine.uses.trained_in))
        states = read_states(module, lifecycle, machine.uses, second_epoch=self.index.switches_off)
        records[position] = replace(record, states=states)
        machine.uses = Uses()

    def _note_made(self, module: ModuleObject, arguments: Arguments) -> bool:
        """Remember how a class is made; False where the arguments belong to this path alone."""
        if module.cls is None or arguments.open:
            return True
        stable = all(isinstance(value, _STABLE) for value in arguments.all_values())
        if not stable or module.cls.node not in self.index.classes:
            return False
        known = self.made.setdefault(module.cls.node, [])
        if arguments not in known:
            known.append(arguments)
        return True
