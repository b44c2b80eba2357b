"""Calls that make up a training loop: optimizers, backward passes, steps, Fabric and Accelerate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node

from hfmode_lint.analysis.heap import ModuleObject, walk
from hfmode_lint.analysis.knowledge.loops import (
    BACKWARD,
    GIVING_BACK,
    HELPER_NAMES,
    HELPERS,
    LAUNCH,
    STEPS,
    Library,
    makes_optimizer,
)
from hfmode_lint.analysis.modes import Mode
from hfmode_lint.analysis.uses import Use, Uses
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    BoundMethod,
    DictValue,
    External,
    FunctionValue,
    HelperValue,
    LibraryMethod,
    ListValue,
    OptimizerValue,
    Parameters,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.interpreter import Interpreter

# Calls on a module that say what the program calls it.
_NAMING = frozenset({"forward", "named_parameters", "parameters"})


@dataclass(slots=True)
class LoopUses(Uses):
    """Uses of modules outside of Lightning, up to an optimizer's step.

    ``ran`` are the modes in which modules last ran with gradients, and no backward pass came
    since; ``passed`` those of which one came, and no step. ``evaluated`` are the origins of what
    ran without gradients in the mode in which it was loaded.
    """

    ran: dict[ModuleObject, Mode] = field(default_factory=dict)
    passed: dict[ModuleObject, Mode] = field(default_factory=dict)
    evaluated: set[Origin] = field(default_factory=set)

    def run(self, module: ModuleObject, *, no_grad: bool) -> None:
        """A forward pass through a module and what it holds."""
        Uses.run(self, module, no_grad=no_grad)
        for each in walk(module):
            if not no_grad:
                self.ran[each] = each.mode
            elif each.origin is not None and each.mode is Mode.LOADED_EVAL:
                self.evaluated.add(each.origin)

    def give(self, module: ModuleObject, *, no_grad: bool) -> None:
        """Hand a module to a library: with gradients, most ask for something else than a pass."""
        if no_grad:
            self.run(module, no_grad=no_grad)
        else:
            self.note(module, Use.AS_MODULE)

    def backward(self) -> None:
        """A backward pass through all that ran with gradients."""
        for module, mode in self.ran.items():
            # One whose mode was changed in between tells nothing.
            self.passed[module] = mode if module.mode is mode else Mode.UNKNOWN
        self.ran.clear()


@dataclass(slots=True)
class LoopCalls:
    """Performs the calls of training loops for one interpreter.

    ``on_step`` hears of each step of an optimizer, and of whose backward pass came last;
    ``optimizers`` are those that were made, ``names`` what the program calls modules.
    """

    machine: Interpreter
    uses: LoopUses
    on_step: Callable[[OptimizerValue, Library], None]
    optimizers: list[OptimizerValue] = field(default_factory=list)
    names: dict[ModuleObject, str] = field(default_factory=dict)
    _library: Library = Library.TORCH

    def call(self, callee: Value, arguments: Arguments, node: cst.Call) -> Value | None:
        """Call a value, if the call belongs to a training loop; None where it does not."""
        self._note_name(callee, node)
        if isinstance(callee, (BoundMethod, FunctionValue)):
            return None
        name = _called(node)
        helper = self._helper(callee, node)
        if name == BACKWARD:
            return self._backward(helper)
        if helper is not None:
            return self._call_helper(name, helper, arguments)
        if isinstance(callee, External) and callee.name in HELPERS:
            return HelperValue(HELPERS[callee.name])
        return self._on_optimizer(callee, name, arguments)

    def _note_name(self, callee: Value, node: cst.Call) -> None:
        function: cst.BaseExpression = node.func
        module: Value = callee
        if isinstance(callee, LibraryMethod) and callee.name in _NAMING:
            module = callee.receiver
            function = function.value if isinstance(function, cst.Attribute) else function
        if isinstance(module, ModuleObject) and isinstance(function, (cst.Name, cst.Attribute)):
            name = get_full_name_for_node(function)
            if name is not None:
                self.names.setdefault(module, name)

    # Fabric and Accelerate

    def _helper(self, callee: Value, node: cst.Call) -> HelperValue | None:
        """The helper that a method is called on."""
        receiver = callee.receiver if isinstance(callee, LibraryMethod) else None
        if isinstance(receiver, HelperValue):
            return receiver
        if isinstance(callee, (LibraryMethod, Unknown)) and isinstance(node.func, cst.Attribute):
            name = (get_full_name_for_node(node.func.value) or "").rpartition(".")[2]
            library = HELPER_NAMES.get(name)
            return HelperValue(library) if library is not None else None
        return None

    def _call_helper(self, name: str, helper: HelperValue, arguments: Arguments) -> Value:
        if name in GIVING_BACK:
            return _given_back(arguments)
        if name == LAUNCH and arguments.positional:
            function, *rest = arguments.positional
            if isinstance(function, (BoundMethod, FunctionValue)):
                given = Arguments([helper, *rest], arguments.keywords, arguments.open)
                return self.machine.caller.apply(function, given, cst.Call(cst.Name(name)))
        return UNKNOWN

    # Optimizers

    def _backward(self, helper: HelperValue | None) -> Value:
        self._library = helper.library if helper is not None else Library.TORCH
        self.uses.backward()
        return NONE

    def _on_optimizer(self, callee: Value, name: str, arguments: Arguments) -> Value | None:
        if isinstance(callee, LibraryMethod) and isinstance(callee.receiver, OptimizerValue):
            if name in STEPS:
                return self._step(callee.receiver, arguments)
            if name == "add_param_group":
                callee.receiver.parameters.extend(_parameters_in(arguments.all_values()))
            return UNKNOWN
        known = next((v for v in arguments.all_values() if isinstance(v, OptimizerValue)), None)
        if known is not None and name in STEPS:
            return self._step(known, arguments)
        if isinstance(callee, LibraryMethod) and isinstance(callee.receiver, ListValue):
            return self._append(callee.receiver, name, arguments)
        if not makes_optimizer(callee.name if isinstance(callee, External) else name):
            return None
        if known is not None:
            # A wrapper: what it steps is the optimizer that it was given.
            return known
        return self._make(arguments)

    def _make(self, arguments: Arguments) -> Value | None:
        parameters = list(_parameters_in(arguments.all_values()))
        if not parameters:
            return None
        made = OptimizerValue(parameters)
        self.optimizers.append(made)
        return made

    def _step(self, optimizer: OptimizerValue, arguments: Arguments) -> Value:
        for value in arguments.all_values():
            if isinstance(value, (BoundMethod, FunctionValue)):
                # A closure, which runs the backward pass.
                self.machine.caller.apply(value, Arguments(), cst.Call(cst.Name("closure")))
        self.on_step(optimizer, self._library)
        return UNKNOWN

    def _append(self, receiver: ListValue, name: str, arguments: Arguments) -> Value | None:
        """Parameters that go into a list in a branch which only some of them take."""
        parameters = list(_parameters_in(arguments.positional))
        if name != "append" or not parameters or not self.machine.partial:
            return None
        receiver.items.extend(Parameters(each.owners, partial=True) for each in parameters)
        return NONE


def _called(node: cst.Call) -> str:
    return (get_full_name_for_node(node.func) or "").rpartition(".")[2]


def _given_back(arguments: Arguments) -> Value:
    values = arguments.all_values()
    if arguments.open:
        return ListValue(values, complete=False)
    return values[0] if len(values) == 1 else ListValue(values)


def _parameters_in(values: list[Value]) -> Iterator[Parameters]:
    """The parameters among values, and in their lists and groups."""
    for value in values:
        if isinstance(value, Parameters):
            yield value
        elif isinstance(value, ListValue):
            yield from _parameters_in(value.items)
        elif isinstance(value, DictValue):
            yield from _parameters_in(value.all_values())
