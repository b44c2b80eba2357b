"""Methods of modules and of parameters that a library defines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis import objects, texts
from hfmode_lint.analysis.heap import ModuleObject, forget_grads, set_grads, set_own_mode, walk
from hfmode_lint.analysis.heap import forget as forget_module
from hfmode_lint.analysis.knowledge.callables import ADAPTED_AS
from hfmode_lint.analysis.knowledge.collections import CHANGING_METHODS
from hfmode_lint.analysis.knowledge.lightning import (
    ENTER_VALIDATION,
    FINETUNING_METHODS,
    LEAVE_VALIDATION,
)
from hfmode_lint.analysis.knowledge.loaders import is_loader_method
from hfmode_lint.analysis.knowledge.methods import (
    INNER_MODULES,
    LIGHTNING_METHODS,
    METHODS,
    MODELESS_PARTS,
    TOKENIZER_METHODS,
    UNADAPTING_METHODS,
    MethodEffect,
    may_train,
)
from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.analysis.named_parts import NAMED, named, with_names
from hfmode_lint.analysis.traces import forget
from hfmode_lint.analysis.uses import Use
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Config,
    Constant,
    DictValue,
    Element,
    FunctionValue,
    Holder,
    Instance,
    LibraryMethod,
    ListValue,
    Namespace,
    Parameters,
    TextFrom,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.places import Place

# Methods of a module's dictionaries, and what gives the same of the module.
_OF_ALL = {"items": "named_children", "values": "children"}


class ModuleMethods:
    """Performs library methods for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine
        self._node: cst.Call | None = None

    def call(self, callee: LibraryMethod, arguments: Arguments, node: cst.Call) -> Value:
        """Call a method that the file does not define."""
        self._node = node
        receiver = callee.receiver
        if isinstance(receiver, ModuleObject):
            return self.on_module(receiver, callee.name, arguments)
        if isinstance(receiver, Element):
            return self.on_element(receiver, callee.name, arguments)
        if isinstance(receiver, Parameters):
            return self._on_parameters(receiver, callee.name, arguments)
        if isinstance(receiver, (ListValue, DictValue)):
            return self._machine.caller.collections.call(receiver, callee.name, arguments)
        if isinstance(receiver, Holder):
            return receiver
        return self._on_other(callee, arguments)

    def _on_other(self, callee: LibraryMethod, arguments: Arguments) -> Value:
        receiver, name = callee.receiver, callee.name
        if isinstance(receiver, Constant) and isinstance(receiver.value, str):
            return texts.call(receiver.value, name, arguments)
        if isinstance(receiver, TextFrom):
            return texts.call_from(receiver, name, arguments)
        if isinstance(receiver, Namespace):
            return self._on_namespace(receiver.owner, name, arguments)
        if isinstance(receiver, Constant):
            return Unknown(varies=any(_varies(each) for each in arguments.all_values()))
        key = objects.constant_text(arguments.get(0))
        if isinstance(receiver, Instance) and receiver.cls is None and name == "get" and key:
            return self._machine.evaluator.get_attribute(receiver, key)
        if isinstance(receiver, Instance) and name != "__init__":
            trainable = FINETUNING_METHODS.get(name)
            if trainable is not None:
                return self.finetune(arguments, trainable=trainable)
            self._machine.caller.library.hand_over_functions(arguments)
            cls = receiver.cls if callee.inherited else None
            self._machine.caller.library.hand_over_to_method(cls, name, arguments)
        return UNKNOWN

    def _on_namespace(self, owner: Value, name: str, arguments: Arguments) -> Value:
        if name == "get":
            return self._machine.evaluator.get_item(Namespace(owner), arguments.get(0) or UNKNOWN)
        if isinstance(owner, ModuleObject) and name in _OF_ALL:
            return with_names(_OF_ALL[name], Element(owner))
        if isinstance(owner, Instance) and name in CHANGING_METHODS:
            forget(owner, self._machine.new_question())
        return UNKNOWN

    def finetune(self, arguments: Arguments, *, trainable: bool) -> Value:
        """Make modules trainable, or freeze them, as a ``BaseFinetuning`` callback does."""
        modules = arguments.get(0, "modules")
        by = self._machine.innermost_call
        for value in objects.elements(modules) if isinstance(modules, ListValue) else [modules]:
            if isinstance(value, ModuleObject):
                set_grads(value, trainable=trainable, by=by)
            elif isinstance(value, Element):
                set_grads(value.owner, trainable=trainable, partial=value.partial, by=by)
        return NONE

    # Modules

    def on_module(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        """Call one of ``nn.Module``'s methods, or one that a library adds."""
        if name in {ENTER_VALIDATION, LEAVE_VALIDATION}:
            # The base class's own: explicit calls of them switch the whole module (measured).
            return self.switch(module, Constant(name == LEAVE_VALIDATION), Mode.LOADED_EVAL)
        if name == "save_hyperparameters":
            return self._save_hyperparameters(module, arguments)
        self._note_kind(module, name)
        effect = self._effect(module, name)
        handler = _HANDLERS.get(effect) if effect is not None else None
        if handler is not None:
            return handler(self, module, name, arguments)
        return self._unlisted(module, name, arguments)

    def _effect(self, module: ModuleObject, name: str) -> MethodEffect | None:
        is_lightning = module.cls is not None and module.cls.is_lightning_module()
        if is_lightning and name in LIGHTNING_METHODS:
            return LIGHTNING_METHODS[name]
        if module.cls is not None and name in {"encode", "decode", "predict"}:
            return None
        return METHODS.get(name)

    def _note_kind(self, module: ModuleObject, name: str) -> None:
        if name in TOKENIZER_METHODS:
            self._machine.uses.note(module, Use.AS_TOKENIZER)
        elif name not in {"from_pretrained", "save_pretrained"}:
            self._machine.uses.note(module, Use.AS_MODULE)

    def _unlisted(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        if name == "__init__":
            module.forget_children()
            return NONE
        if is_loader_method(name):
            return NONE
        caller = self._machine.caller
        if may_train(name) and (module.origin is not None or module.cls is None):
            forget_module(module, by=self._machine.innermost_call)
        if module.cls is None:
            return self._run(module, name, arguments)
        if module.origin is not None:
            self._run(module, name, arguments)
        elif module.cls.has_unseen_base() or not module.cls.is_lightning_module():
            caller.unseen_method(name)
        caller.use_arguments(arguments)
        return UNKNOWN

    def switch(self, module: ModuleObject, mode: Value, eval_mode: Mode) -> Value:
        """``module.train(mode)`` as the base class does it.

        :param eval_mode: the mode to set where ``mode`` is false.
        """
        training = self._machine.decide_truth(mode)
        new = Mode.TRAIN if training else eval_mode
        by = self._machine.innermost_call
        set_own_mode(module, new, partial=self._machine.partial > 0, by=by)
        for _, child in module.child_modules():
            self.set_mode(child, Constant(training), eval_mode)
        return module

    def set_mode(self, module: ModuleObject, mode: Value, eval_mode: Mode) -> Value:
        """``module.train(mode)``, through an override of the file where there is one."""
        replaced = module.attributes.get("train")
        if replaced is None and module.cls is not None:
            replaced = module.cls.find("train")
            if isinstance(replaced, FunctionValue):
                arguments = Arguments([module, mode])
                return self._machine.caller.call_function(replaced, arguments)
        if replaced is not None:
            return module
        return self.switch(module, mode, eval_mode)

    def _train(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        mode = arguments.get(0, "mode") or Constant(value=True)
        return self.switch(module, mode, Mode.CHOSEN_EVAL)

    def _eval(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        self.set_mode(module, Constant(value=False), Mode.CHOSEN_EVAL)
        return module

    def _same(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        inner = module.attributes.get(ADAPTED_AS)
        if name in UNADAPTING_METHODS and isinstance(inner, ModuleObject):
            set_grads(inner, trainable=False, by=self._machine.innermost_call)
            return inner
        return module

    def _train_adapter(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        by = self._machine.innermost_call
        self.set_mode(module, Constant(value=True), Mode.CHOSEN_EVAL)
        set_grads(module, trainable=False, by=by)
        adapt(module, by=by)
        return NONE

    def _freeze(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        set_grads(module, trainable=False, by=self._machine.innermost_call)
        return NONE

    def _freeze_part(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        set_grads(module, trainable=False, partial=True, by=self._machine.innermost_call)
        return NONE

    def _requires_grad(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        value = arguments.get(0, "requires_grad") or Constant(value=True)
        machine = self._machine
        machine.evaluator.set_requires_grad(module, value, machine.innermost_call)
        return module

    def _lightning_freeze(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        set_grads(module, trainable=False, by=self._machine.innermost_call)
        return self._eval(module, name, arguments)

    def _lightning_unfreeze(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        set_grads(module, trainable=True, by=self._machine.innermost_call)
        return self.set_mode(module, Constant(value=True), Mode.CHOSEN_EVAL)

    def _parameters(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        if name not in NAMED:
            self._machine.uses.optimize(module)
            return Parameters([module])
        self._machine.uses.ask_by_name(module)
        return named(name, module)

    def _modules(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        if name in INNER_MODULES and not module.mode_matters:
            # A plain layer: what is done to its children, if it has any, is not done to itself.
            return ListValue([])
        return named(name, module) if name in NAMED else Element(module)

    def _apply(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        function = arguments.get(0, "fn")
        if function is not None:
            call = cst.Call(cst.Name("fn"))
            self._machine.caller.apply(function, Arguments([Element(module)]), call)
        return module

    def _part(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        # Of an adapter, ``get_base_model`` gives what it is around: ``ADAPTED_AS`` is its name.
        part = name.removeprefix("get_")
        return module.part_named(part, mode_matters=name not in MODELESS_PARTS)

    def _submodule(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        path = objects.constant_text(arguments.get(0, "target"))
        if path is None:
            return Element(module, partial=True)
        found: Value = module
        for part in path.split("."):
            found = self._machine.evaluator.get_attribute(found, part)
        return found

    def _register(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        value = arguments.get(1, "module")
        if value is not None:
            module.bind(objects.constant_text(arguments.get(0, "name")) or "*", value)
        return NONE

    def _extend_container(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        added: list[Value] = list(arguments.positional[-1:])
        if name == "extend" and added:
            added = objects.elements(added[0])
        if name == "update" and added and isinstance(added[0], DictValue):
            for key, value in added[0].items.items():
                module.bind(str(key), value)
            return module
        for value in added:
            module.bind(str(len(module.children)), value)
        return module

    def _members(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        pairs = [(Constant(key), child) for key, child in module.child_modules()]
        if name == "values":
            return ListValue([child for _, child in pairs])
        return ListValue([ListValue([key, child]) for key, child in pairs])

    def _load_adapter(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        trainable = arguments.keywords.get("is_trainable")
        if trainable is None or objects.truth(trainable) is False:
            for each in walk(module):
                self._switch_off_by_adapter(each)
            # peft 0.18 freezes all of it, 0.21 leaves the first adapter trainable (measured).
            forget_grads(module, by=self._machine.innermost_call)
        return NONE

    def _switch_off_by_adapter(self, module: ModuleObject) -> None:
        if module.mode is Mode.TRAIN and self._node is not None:
            origin = self._machine.caller.library.origin_at(self._node)
            module.origin = replace(origin, chainable=False, by_version=True)
        set_own_mode(module, Mode.LOADED_EVAL, by=self._machine.innermost_call)

    def _adapt(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        adapt(module, by=self._machine.innermost_call)
        return NONE

    def _quiet(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        self._machine.caller.library.hand_over_functions(arguments, module)
        return NONE

    def _no_grad_use(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        self._machine.uses.run(module, no_grad=True)
        return UNKNOWN

    def _run(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        self._machine.uses.run(module, no_grad=self._machine.no_grad)
        self._machine.caller.use_arguments(arguments)
        return UNKNOWN

    def _run_forward(self, module: ModuleObject, name: str, arguments: Arguments) -> Value:
        return self._machine.caller.run_module(module, arguments)

    def _save_hyperparameters(self, module: ModuleObject, arguments: Arguments) -> Value:
        given = arguments.get(0)
        if isinstance(given, (Unknown, Config)):
            # A namespace of options: ``self.hparams.x`` is ``args.x``.
            module.attributes["hparams"] = given
            return NONE
        scope = self._machine.frame.scope
        function = self._machine.frame.function
        options = Instance(None)
        if function is not None:
            named = [*function.node.params.params, *function.node.params.kwonly_params]
            for parameter in named[1:]:
                options.attributes[parameter.name.value] = scope.lookup(parameter.name.value)
        module.attributes["hparams"] = options
        return NONE

    # Elements and parameters of a loop

    def on_element(self, element: Element, name: str, arguments: Arguments) -> Value:
        """Call a method of one of some submodules."""
        effect = METHODS.get(name)
        partial = element.partial or self._machine.partial > 0
        if effect in {MethodEffect.TRAIN, MethodEffect.EVAL}:
            self._switch_element(element, effect, arguments, partial=partial)
            return element
        if effect is MethodEffect.PARAMETERS:
            self._machine.uses.optimize(element.owner)
            return with_names(name, _parameters_of(element, partial=partial))
        if effect is MethodEffect.REQUIRES_GRAD:
            value = arguments.get(0, "requires_grad") or Constant(value=True)
            owners = _parameters_of(element, partial=partial)
            machine = self._machine
            machine.evaluator.set_requires_grad(owners, value, machine.innermost_call)
            return element
        if effect is MethodEffect.MODULES:
            return with_names(name, element)
        if effect is MethodEffect.SAME:
            return element
        if effect is None:
            self.run_element(element)
        return UNKNOWN

    def run_element(self, element: Element) -> None:
        """A forward pass through some of the submodules."""
        self._machine.uses.run(element.owner, no_grad=self._machine.no_grad)

    def _switch_element(
        self, element: Element, effect: MethodEffect, arguments: Arguments, *, partial: bool
    ) -> None:
        mode: Value = Constant(value=False)
        if effect is MethodEffect.TRAIN:
            mode = arguments.get(0, "mode") or Constant(value=True)
        new = Mode.TRAIN if self._machine.decide_truth(mode) else Mode.CHOSEN_EVAL
        for each in walk(element.owner):
            set_own_mode(each, new, partial=partial, by=self._machine.innermost_call)

    def _on_parameters(self, owner: Parameters, name: str, arguments: Arguments) -> Value:
        if name == "requires_grad_":
            value = arguments.get(0, "requires_grad") or Constant(value=True)
            machine = self._machine
            machine.evaluator.set_requires_grad(owner, value, machine.innermost_call)
            return owner
        return Unknown(varies=True)


def adapt(module: ModuleObject, *, by: Place | None) -> None:
    """New trainable layers in a module: it is trained through them, whatever was frozen.

    :param by: the call that adds them.
    """
    for each in walk(module):
        if each.grads is Grads.FROZEN:
            each.grads, each.grads_set_by = Grads.PARTIAL, by


def _parameters_of(element: Element, *, partial: bool) -> Parameters:
    return Parameters([element.owner], partial=partial, unsure=element.unsure)


def _varies(value: Value) -> bool:
    return isinstance(value, Unknown) and value.varies


_HANDLERS: dict[MethodEffect, Callable[..., Value]] = {
    MethodEffect.ADAPT: ModuleMethods._adapt,
    MethodEffect.APPLY: ModuleMethods._apply,
    MethodEffect.EVAL: ModuleMethods._eval,
    MethodEffect.EXTEND: ModuleMethods._extend_container,
    MethodEffect.FREEZE: ModuleMethods._freeze,
    MethodEffect.FREEZE_PART: ModuleMethods._freeze_part,
    MethodEffect.LIGHTNING_FREEZE: ModuleMethods._lightning_freeze,
    MethodEffect.LIGHTNING_UNFREEZE: ModuleMethods._lightning_unfreeze,
    MethodEffect.LOAD_ADAPTER: ModuleMethods._load_adapter,
    MethodEffect.MEMBERS: ModuleMethods._members,
    MethodEffect.MODULES: ModuleMethods._modules,
    MethodEffect.NO_GRAD_USE: ModuleMethods._no_grad_use,
    MethodEffect.PARAMETERS: ModuleMethods._parameters,
    MethodEffect.PART: ModuleMethods._part,
    MethodEffect.QUIET: ModuleMethods._quiet,
    MethodEffect.REGISTER: ModuleMethods._register,
    MethodEffect.REQUIRES_GRAD: ModuleMethods._requires_grad,
    MethodEffect.RUN: ModuleMethods._run_forward,
    MethodEffect.SAME: ModuleMethods._same,
    MethodEffect.SUBMODULE: ModuleMethods._submodule,
    MethodEffect.TRAIN: ModuleMethods._train,
    MethodEffect.TRAIN_ADAPTER: ModuleMethods._train_adapter,
}
