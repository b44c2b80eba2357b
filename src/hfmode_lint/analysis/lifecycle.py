"""Runs what Lightning runs, in its order, from the start of ``fit`` to the first training step."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.handed_functions import may_switch
from hfmode_lint.analysis.heap import ModuleObject, modes_below, restore_modes, walk
from hfmode_lint.analysis.knowledge import lightning
from hfmode_lint.analysis.knowledge.lightning import Receiver, Stage
from hfmode_lint.analysis.modes import Mode
from hfmode_lint.analysis.paths import PathEnded
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.uses import Phase
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    BoundMethod,
    Constant,
    FunctionValue,
    Instance,
    LibraryMethod,
    PartialCall,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.analysis.heap import SavedModes
    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.values import TrainerValue

_CONSTRUCTION = frozenset({"__init__", "configure_optimizers", lightning.TRAINING_STEP})


class Lifecycle:
    """One ``fit`` of one LightningModule.

    ``at_step`` are the modes in which the last training step began, by the module's identity and
    with what set them, and ``at_start`` those when ``on_train_start`` had run.
    """

    def __init__(
        self, machine: Interpreter, module: ModuleObject, trainer: TrainerValue, data: Value
    ) -> None:
        self._machine = machine
        self._module = module
        self._trainer = trainer
        self._data = data
        self._callbacks = list(trainer.callbacks)
        self.at_step: dict[int, SavedModes] = {}
        self.at_start: dict[int, Mode] = {}
        trainer.model = module

    def run(self) -> None:
        """Run up to the end of the first training step.

        :raises PathEnded: where the program stops before.
        """
        machine = self._machine
        machine.trainer = self._trainer
        machine.uses.phase = Phase.BUILDING
        self._add_configured_callbacks()
        self._stages(lightning.BEFORE_SANITY_CHECK)
        with machine.standing_for_many():
            if self._has_sanity_check():
                self._stages(lightning.BEFORE_VALIDATION)
                self._sanity_check()
                self._stages(lightning.AFTER_VALIDATION)
            machine.first_step = True
            try:
                self._stages(lightning.AFTER_SANITY_CHECK)
                self._training_step()
            finally:
                machine.first_step = False

    def run_to_second_epoch(self) -> None:
        """Run on, to the end of the first training step of the second epoch.

        :raises PathEnded: where the program stops before.
        """
        self._machine.uses.phase = Phase.BUILDING
        with self._machine.standing_for_many():
            self._stages(lightning.AFTER_STEP)
            if self._has_sanity_check():
                self._sanity_check()
            self._stages(lightning.NEXT_EPOCH)
            self._training_step()

    def _training_step(self) -> None:
        uses = self._machine.uses
        self.at_step = {id(saved.module): saved for saved in modes_below(self._module)}
        uses.trained_in.clear()
        uses.phase = Phase.TRAINING
        if self._own(lightning.TRAINING_STEP) is None:
            # It is still to be written, or a base that can't be seen has it.
            uses.escaped = True
        self._hook(self._module, lightning.TRAINING_STEP, [])

    def run_elsewhere(self) -> None:
        """Run the methods that training did not reach, for what they use."""
        cls = self._module.cls
        self._machine.uses.phase = Phase.ELSEWHERE
        for name in _method_names(cls):
            with suppress(PathEnded), self._machine.standing_for_many():
                self._hook(self._module, name, [])

    def _add_configured_callbacks(self) -> None:
        configured = self._hook(self._module, "configure_callbacks", [])
        found = [configured] if isinstance(configured, Instance) else objects.elements(configured)
        self._callbacks.extend(each for each in found if isinstance(each, Instance))

    def _has_sanity_check(self) -> bool:
        cls = self._module.cls
        has_step = cls is not None and cls.find("validation_step") is not None
        return has_step and self._trainer.sanity_check

    def _sanity_check(self) -> None:
        """Validation leaves each submodule in the mode that it had, whatever happens in it."""
        modes = modes_below(self._module)
        if self._own(lightning.ENTER_VALIDATION) is not None:
            self._hook(self._module, lightning.ENTER_VALIDATION, [])
        else:
            self._switch_off()
        self._stages(lightning.SANITY_CHECK)
        if self._own(lightning.LEAVE_VALIDATION) is not None:
            self._hook(self._module, lightning.LEAVE_VALIDATION, [])
            return
        restore_modes(modes)

    def _switch_off(self) -> None:
        machine = self._machine
        # Where the modes are not put back, that is the work of who replaced what does it.
        leaving = self._own(lightning.LEAVE_VALIDATION)
        if isinstance(leaving, FunctionValue):
            machine.calls.append(Place(leaving.scope.unit, leaving.node))
        try:
            machine.caller.methods.set_mode(self._module, Constant(value=False), Mode.LOADED_EVAL)
        finally:
            if isinstance(leaving, FunctionValue):
                machine.calls.pop()

    def _own(self, name: str) -> Value | None:
        return self._module.cls.find(name) if self._module.cls is not None else None

    def _stages(self, stages: Sequence[Stage]) -> None:
        for stage in stages:
            makes_optimizers = stage.hook == "configure_optimizers"
            if makes_optimizers:
                self._machine.uses.configure_optimizers()
            for receiver in stage.receivers:
                self._stage(stage, receiver)
            if makes_optimizers:
                self._machine.uses.end_configure_optimizers()
            if stage.hook == "on_train_start":
                self.at_start = {id(each): each.mode for each in walk(self._module)}

    def _stage(self, stage: Stage, receiver: Receiver) -> None:
        given: list[Value] = [Constant(argument) for argument in stage.arguments]
        if receiver is Receiver.MODULE:
            result = self._hook(self._module, stage.hook, given)
            if stage.hook == "configure_optimizers":
                self._note_optimizers(result)
        elif receiver in {Receiver.CALLBACK, Receiver.FINETUNING}:
            leading = [self._trainer] if receiver is Receiver.CALLBACK else []
            for callback in self._callbacks:
                self._hook(callback, stage.hook, [*leading, self._module, *given])
        elif isinstance(self._data, Instance):
            self._data.attributes["trainer"] = self._trainer
            self._hook(self._data, stage.hook, given)

    def _note_optimizers(self, result: Value) -> None:
        """A ``configure_optimizers`` that returns nothing trains nothing."""
        own = self._own("configure_optimizers")
        if own is not None and isinstance(result, Constant) and result.value is None:
            self._machine.uses.optimized = set()

    def _hook(self, receiver: Value, name: str, arguments: list[Value]) -> Value:
        with self._machine.with_gradients():
            return call_own(self._machine, receiver, name, arguments)


def kept_in_eval(machine: Interpreter, root: ModuleObject) -> set[int]:
    """The identities of the modules that a replaced ``train()`` leaves in eval mode.

    Nobody need call it before training, but it says what is meant.
    """
    modes = modes_below(root)
    for module, *_ in modes:
        if module.cls is not None and isinstance(module.cls.find("train"), FunctionValue):
            call_own(machine, module, "train", [Constant(value=True)])
    kept = {id(each) for each, *_ in modes if each.mode is Mode.CHOSEN_EVAL}
    restore_modes(modes)
    for module, *_ in modes:
        if "train" in module.attributes:
            kept.update(id(each) for each in walk(module))
    return kept


def call_own(machine: Interpreter, receiver: Value, name: str, arguments: list[Value]) -> Value:
    """Call a method of an object that the program defines, if it does.

    What was set on the object itself goes before what its class has.
    """
    own = getattr(receiver, "attributes", {}).get(name)
    if isinstance(own, (BoundMethod, FunctionValue, LibraryMethod, PartialCall)):
        return machine.caller.apply(own, Arguments(arguments), cst.Call(cst.Name(name)))
    cls = getattr(receiver, "cls", None)
    method = cls.find(name) if isinstance(cls, ClassValue) else None
    if not isinstance(method, FunctionValue):
        return UNKNOWN
    given = arguments if "staticmethod" in method.decorators else [receiver, *arguments]
    return machine.caller.call_function(method, Arguments(given, _numbers(machine, method)))


def _numbers(machine: Interpreter, method: FunctionValue) -> dict[str, Value]:
    """What Lightning counts, of the first step: where that decides on a mode, it is the first."""
    parameters = (each.name.value for each in method.node.params.params)
    known = machine.first_step and may_switch(method) and lightning.BATCH_NUMBER in parameters
    return {lightning.BATCH_NUMBER: Constant(0)} if known else {}


def _method_names(cls: ClassValue | None) -> Iterator[str]:
    """The methods of a class that may run a model: not its constructor, not its properties."""
    seen: set[str] = set(_CONSTRUCTION)
    for each in cls.resolution_order if cls is not None else ():
        for name, value in list(each.attributes.items()):
            if name not in seen and isinstance(value, FunctionValue) and "." not in name:
                seen.add(name)
                yield name
