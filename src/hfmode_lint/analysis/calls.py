"""Calls: functions, classes and methods of the file; what libraries define is next door."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.brief import is_brief
from hfmode_lint.analysis.builtin_calls import BuiltinCalls
from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.collection_methods import CollectionMethods
from hfmode_lint.analysis.detached import NAMES, detached_in
from hfmode_lint.analysis.handed_functions import any_may_switch, decorators_of, makers_of
from hfmode_lint.analysis.heap import ModuleObject, forget, walk
from hfmode_lint.analysis.knowledge.callables import (
    EFFECTS,
    KEEPING_DECORATORS,
    NO_GRAD_DECORATORS,
    Effect,
)
from hfmode_lint.analysis.knowledge.enums import ENUM_VALUE
from hfmode_lint.analysis.knowledge.lightning import (
    INFERENCE_METHODS,
    QUIET_METHODS,
    TRAINER_METHODS,
)
from hfmode_lint.analysis.knowledge.loaders import is_loader_method
from hfmode_lint.analysis.knowledge.loops import BACKWARD_METHODS
from hfmode_lint.analysis.knowledge.methods import TOKENIZER_ARGUMENTS
from hfmode_lint.analysis.library_calls import LibraryCalls
from hfmode_lint.analysis.module_methods import ModuleMethods
from hfmode_lint.analysis.paths import PathEnded, Undecided
from hfmode_lint.analysis.places import Place
from hfmode_lint.analysis.records import Records
from hfmode_lint.analysis.traces import CHANGEABLE, traces_of
from hfmode_lint.analysis.uses import Phase, Use
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    BoundMethod,
    Choice,
    Constant,
    ContextValue,
    DictValue,
    Element,
    External,
    FunctionValue,
    HelperValue,
    Holder,
    Instance,
    LibraryMethod,
    ListValue,
    OptimizerValue,
    Parameters,
    PartialCall,
    SuperValue,
    TrainerValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.scopes import Scope
    from hfmode_lint.analysis.traces import Traces
    from hfmode_lint.analysis.units import Unit

_MAX_DEPTH = 24
# What stands for modules, or may be entered with them.
_CARRIERS = (
    BoundMethod,
    ClassValue,
    Element,
    FunctionValue,
    HelperValue,
    Holder,
    OptimizerValue,
    Parameters,
    TrainerValue,
)
_MAX_RECURSION = 2


class Caller:
    """Performs calls for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine
        # By the calls in progress: how often each gave something unknown.
        self._results: Counter[tuple[cst.CSTNode, ...]] = Counter()
        self.methods = ModuleMethods(machine)
        self.collections = CollectionMethods(machine)
        self.library = LibraryCalls(machine)
        self.builtins = BuiltinCalls(machine)
        self.records = Records(machine)

    def call(self, node: cst.Call) -> Value:
        """The value of a call expression, with its effects."""
        self._machine.decisions.step()
        if isinstance(node.func, cst.Name) and node.func.value == "super":
            return self._super(node)
        detached = node in self._machine.frame.detached
        self._machine.detached += detached
        calls = self._machine.calls
        try:
            callee = self._callee(node)
            arguments = self.arguments(node)
            calls.append(Place(self._machine.unit, node))
            try:
                result = self.apply(callee, arguments, node)
            finally:
                calls.pop()
        finally:
            self._machine.detached -= detached
        return self._named_result(node, callee, arguments) if result == UNKNOWN else result

    def _named_result(self, node: cst.Call, callee: Value, arguments: Arguments) -> Value:
        """A symbol for what a call gave, so that its attributes mean the same each time.

        Where two calls may give different things, it is the same for the same call on every path:
        by a running number, what one path decided would be taken for something else on another.
        """
        # A function that is handed over may make something new each time.
        lasting = isinstance(node.func, cst.Attribute) or not isinstance(callee, Unknown)
        symbol = objects.result_symbol(callee, arguments) if lasting else None
        if symbol is not None:
            return Unknown(symbol)
        chain = (*(place.node for place in self._machine.calls), node)
        self._results[chain] += 1
        return Unknown(f"result {self._results[chain]} of {hash(chain)}")

    def _callee(self, node: cst.Call) -> Value:
        """What is called; a method that can't be seen stays a method of its receiver."""
        function = node.func
        if not isinstance(function, cst.Attribute):
            return self._machine.evaluate(function)
        receiver = self._machine.evaluate(function.value)
        name = function.attr.value
        if isinstance(receiver, ModuleObject) and self._is_unseen_method(receiver, name):
            return LibraryMethod(receiver, name)
        return self._machine.evaluator.get_attribute(receiver, name)

    def _is_unseen_method(self, receiver: ModuleObject, name: str) -> bool:
        if name in receiver.attributes:
            return False
        return receiver.cls is None or receiver.cls.find(name) is None

    def arguments(self, node: cst.Call) -> Arguments:
        """The evaluated arguments of a call."""
        result = Arguments()
        for argument in node.args:
            value = self._machine.evaluate(argument.value)
            if argument.star == "*":
                self._spread(value, result)
            elif argument.star == "**":
                _spread_keywords(value, result)
            elif argument.keyword is not None:
                result.keywords[argument.keyword.value] = value
            else:
                result.positional.append(value)
        return result

    def _spread(self, value: Value, result: Arguments) -> None:
        if isinstance(value, ListValue) and value.complete:
            result.positional.extend(value.items)
        else:
            result.open = True

    def apply(self, callee: Value, arguments: Arguments, node: cst.Call) -> Value:
        """Call a value.

        :param node: the call expression, which a loader's result points back to.
        """
        loops = self._machine.loops
        in_loop = loops.call(callee, arguments, node) if loops is not None else None
        return self._apply(callee, arguments, node) if in_loop is None else in_loop

    def _apply(self, callee: Value, arguments: Arguments, node: cst.Call) -> Value:
        if isinstance(callee, FunctionValue):
            return self.call_function(callee, arguments)
        if isinstance(callee, BoundMethod):
            return self.call_function(callee.function, arguments.with_first(callee.receiver))
        if isinstance(callee, ClassValue):
            return self.instantiate(callee, arguments)
        if isinstance(callee, LibraryMethod):
            return self._library_method(callee, arguments, node)
        if isinstance(callee, External):
            return self._external(callee, arguments, node)
        if isinstance(callee, ModuleObject):
            return self.run_module(callee, arguments)
        if isinstance(callee, Element):
            self.methods.run_element(callee)
            return UNKNOWN
        if isinstance(callee, PartialCall):
            return self._partial(callee, arguments, node)
        if isinstance(callee, Instance):
            return self._call_instance(callee, arguments)
        return self._unknown(callee, arguments, node)

    def _external(self, callee: External, arguments: Arguments, node: cst.Call) -> Value:
        if callee.name.startswith("builtins."):
            return self.builtins.call(callee.last, arguments, node)
        if callee.name.endswith(".?." + callee.last) and is_loader_method(callee.last):
            # A class that the program picks by name: the variable may say of what kind it is.
            return self.library.load_unseen(_receiver_name(node), arguments, node)
        result = self.library.call(callee, arguments, node)
        if isinstance(result, ModuleObject) and result.made_by is None:
            result.made_by = self._machine.innermost_call
        return result

    def _library_method(self, callee: LibraryMethod, arguments: Arguments, node: cst.Call) -> Value:
        receiver = callee.receiver
        if isinstance(receiver, ClassValue):
            return self.library.call_on_class(receiver, callee.name, arguments, node)
        if isinstance(receiver, Instance) and _extends(receiver.cls, Effect.TRAINER):
            return self._on_own_trainer(receiver, callee.name, arguments)
        if isinstance(receiver, Instance) and _extends(receiver.cls, Effect.COMMAND_LINE):
            if callee.name == "__init__":
                self.library.run_command_line(receiver, arguments)
            return UNKNOWN
        if isinstance(receiver, TrainerValue):
            return self._run_trainer(receiver, callee.name, arguments)
        return self.methods.call(callee, arguments, node)

    def _partial(self, callee: PartialCall, arguments: Arguments, node: cst.Call) -> Value:
        combined = Arguments(
            [*callee.positional, *arguments.positional],
            {**callee.keywords, **arguments.keywords},
            arguments.open,
        )
        return self.apply(callee.function, combined, node)

    def _call_instance(self, callee: Instance, arguments: Arguments) -> Value:
        method = callee.cls.find("__call__") if callee.cls is not None else None
        if isinstance(method, FunctionValue):
            return self.call_function(method, arguments.with_first(callee))
        self.use_arguments(arguments)
        return UNKNOWN

    def _unknown(self, callee: Value, arguments: Arguments, node: cst.Call) -> Value:
        name = _called_name(node)
        if is_loader_method(name):
            return self.library.load_unseen(_receiver_name(node), arguments, node)
        owner, _, method = _symbol(callee).rpartition(".")
        if is_loader_method(method):
            return self.library.load_unseen(owner.rpartition(".")[2], arguments, node)
        if name in TRAINER_METHODS and arguments.get(0, "model") is not None:
            self._run_trainer(TrainerValue(), name, arguments)
            if name == "fit":
                return UNKNOWN
        self.library.hand_over_functions(arguments)
        self.library.hand_over(arguments, name)
        varies = isinstance(callee, Unknown) and callee.varies
        return Unknown(varies=varies or any(_varies(each) for each in arguments.all_values()))

    def _on_own_trainer(self, receiver: Instance, name: str, arguments: Arguments) -> Value:
        """What a class of the program inherits from Lightning's Trainer."""
        if name == "__init__":
            receiver.attributes.update(arguments.keywords)
            return NONE
        trainer = self.library.trainer(Arguments(keywords=receiver.attributes))
        return self._run_trainer(trainer, name, arguments)

    def _run_trainer(self, trainer: TrainerValue, name: str, arguments: Arguments) -> Value:
        if name == "fit":
            return self._fit(trainer, arguments)
        model = arguments.get(0, "model")
        if isinstance(model, ModuleObject) and name in INFERENCE_METHODS:
            # Made for this, not for training.
            waiting = self._machine.waiting
            waiting[:] = [each for each in waiting if each is not model]
        return UNKNOWN

    def _fit(self, trainer: TrainerValue, arguments: Arguments) -> Value:
        model = arguments.get(0, "model")
        if isinstance(model, ModuleObject) and model.cls is not None:
            data = arguments.get(3, "datamodule") or UNKNOWN
            loaders = arguments.get(1, "train_dataloaders")
            if isinstance(data, Unknown) and isinstance(loaders, Instance):
                data = loaders
            trainer.model = model
            self._machine.hooks.on_fit(model, trainer, data)
        return UNKNOWN

    # Modules

    def run_module(self, module: ModuleObject, arguments: Arguments) -> Value:
        """``module(…)``: a forward pass."""
        self.use_arguments(arguments)
        forward = module.cls.find("forward") if module.cls is not None else None
        if module.origin is not None or not isinstance(forward, FunctionValue):
            self._machine.uses.run(module, no_grad=self._machine.no_grad)
        if isinstance(forward, FunctionValue):
            return self.call_function(forward, arguments.with_first(module))
        if not TOKENIZER_ARGUMENTS.isdisjoint(arguments.keywords):
            self._machine.uses.note(module, Use.AS_TOKENIZER)
        return UNKNOWN

    def use_arguments(self, arguments: Arguments) -> None:
        """Code that can't be seen runs what modules it is given."""
        for value in _modules_in(arguments.all_values()):
            self._machine.uses.give(value, no_grad=self._machine.no_grad)

    def unseen_method(self, name: str) -> None:
        """A method of a class that can't be seen may use whatever the object holds."""
        if name not in QUIET_METHODS and self._machine.uses.phase is Phase.TRAINING:
            self._machine.uses.escaped = True

    # Functions of the file

    def call_function(self, function: FunctionValue, arguments: Arguments) -> Value:
        """Enter a function of the file; unknown beyond the depth limit."""
        machine = self._machine
        machine.decisions.step()
        depth = [frame.function.node for frame in machine.frames if frame.function is not None]
        if len(depth) >= _MAX_DEPTH or depth.count(function.node) >= _MAX_RECURSION:
            return UNKNOWN
        # What is tried out calls nothing that matters.
        if machine.decisions.closed or not self._can_matter(
            function.scope.unit, _top(function), arguments
        ):
            return self._try_out(function, arguments)
        machine.entered.add(function.node)
        return self._enter(function, arguments)

    def _try_out(self, function: FunctionValue, arguments: Arguments) -> Value:
        """The result of a function that matters only for what it returns or keeps in an object.

        It is unknown where the function is long, or goes a way that can't be told.
        """
        made = arguments.get(0, "self") if function.name == "__init__" else None
        decisions = self._machine.decisions
        place = decisions.place
        if _is_brief(function, fresh=isinstance(made, Instance)):
            try:
                with decisions.taking_none():
                    return self._enter(function, arguments)
            except (PathEnded, Undecided):
                pass
            finally:
                decisions.place = place
        if isinstance(made, Instance):
            made.attributes.clear()
        changeable = [each for each in arguments.all_values() if isinstance(each, CHANGEABLE)]
        if changeable:
            _traces(function).leave_on(changeable, self._machine.new_question())
        return UNKNOWN

    def _can_matter(self, unit: Unit, name: str | None, arguments: Arguments) -> bool:
        """Whether code has to be entered: of this file, given a loaded module, or alive."""
        machine = self._machine
        if name is None or unit is machine.unit or any(map(_carries, arguments.all_values())):
            return True
        return machine.liveness.matters(unit, name)

    def _enter(self, function: FunctionValue, arguments: Arguments) -> Value:
        from hfmode_lint.analysis.interpreter import Frame

        machine = self._machine
        entry = function.node in machine.entries
        frame = Frame(function.scope.inner(), function, function.owner, entry)
        if machine.uses.phase is Phase.TRAINING:
            frame.detached = _detached(function)
        machine.frames.append(frame)
        without_gradients = not NO_GRAD_DECORATORS.isdisjoint(function.decorators)
        partial, gradients = machine.partial, machine.gradients
        if without_gradients:
            machine.gradients = False
        try:
            self._bind_parameters(function, arguments)
            result = self._run_body(function)
        finally:
            if without_gradients:
                machine.gradients = gradients
            machine.partial = partial
            machine.frames.pop()
        return self._as_decorated(function, arguments, result) if _is_remade(function) else result

    def _as_decorated(self, function: FunctionValue, arguments: Arguments, result: Value) -> Value:
        """What a call gives whose function is decorated: what decorators do is not followed."""
        node = function.node
        if isinstance(node, cst.FunctionDef) and self._may_switch(
            decorators_of(node), function.scope
        ):
            for module in _modules_in([*arguments.all_values(), result]):
                forget(module, by=self._machine.innermost_call)
        return UNKNOWN if isinstance(result, Constant) else result

    def _may_switch(self, makers: Iterable[cst.BaseExpression], scope: Scope) -> bool:
        """Whether something that decorates or makes a definition may set a mode."""
        with self._machine.standing_in(scope):
            return any(any_may_switch(self._machine.evaluate(each)) for each in makers)

    def _run_body(self, function: FunctionValue) -> Value:
        machine = self._machine
        node = function.node
        if isinstance(node, cst.Lambda):
            return machine.evaluate(node.body)
        machine.run_suite(node.body)
        frame = machine.frame
        if frame.yielded is not None:
            if "contextmanager" in function.decorators and len(frame.yielded) == 1:
                changed = frame.gradients is not machine.gradients
                return ContextValue(frame.yielded[0], frame.gradients if changed else None)
            return ListValue(frame.yielded, complete=False)
        return frame.result

    def _bind_parameters(self, function: FunctionValue, arguments: Arguments) -> None:
        scope = self._machine.frame.scope
        parameters = function.node.params
        named = [*parameters.posonly_params, *parameters.params]
        if named and not arguments.positional and named[0].name.value not in arguments.keywords:
            injected = self._machine.configs.injected(function)
            arguments = arguments.with_first(injected) if injected is not None else arguments
        for position, parameter in enumerate(named):
            given = arguments.get(position, parameter.name.value)
            scope.bind(parameter.name.value, self._parameter(function, parameter, given, arguments))
        for parameter in parameters.kwonly_params:
            given = arguments.keywords.get(parameter.name.value)
            scope.bind(parameter.name.value, self._parameter(function, parameter, given, arguments))
        names = {parameter.name.value for parameter in [*named, *parameters.kwonly_params]}
        if isinstance(parameters.star_arg, cst.Param):
            rest = ListValue(arguments.positional[len(named) :], complete=not arguments.open)
            scope.bind(parameters.star_arg.name.value, rest)
        if parameters.star_kwarg is not None:
            extra = {k: v for k, v in arguments.keywords.items() if k not in names}
            rest_by_name = DictValue.of_names(extra)
            name = parameters.star_kwarg.name.value
            rest_by_name.others.extend([_unknown(function, name)] if arguments.open else [])
            scope.bind(name, rest_by_name)

    def _parameter(
        self,
        function: FunctionValue,
        parameter: cst.Param,
        given: Value | None,
        arguments: Arguments,
    ) -> Value:
        if given is not None:
            return given
        unknown = _unknown(function, parameter.name.value)
        if parameter.default is None:
            return unknown
        default = self._default(function, parameter.name.value, parameter.default)
        if not arguments.open or isinstance(default, (External, ClassValue, FunctionValue)):
            return default
        return unknown

    def _default(self, function: FunctionValue, name: str, default: cst.BaseExpression) -> Value:
        if name not in function.defaults:
            value = self._machine.evaluate(default)
            if isinstance(default, (cst.Dict, cst.List)):
                # Another call may have left something in it.
                _traces(function).leave_on([value], self._machine.new_question())
            function.defaults[name] = value
        return function.defaults[name]

    # Classes of the file

    def instantiate(self, cls: ClassValue, arguments: Arguments) -> Value:
        """Make an object of a class of the file and run its constructor."""
        made = self._construct(cls, arguments)
        if isinstance(made, ModuleObject) and self._is_changed_by_others(cls):
            forget(made, by=self._machine.innermost_call)
        if isinstance(made, ModuleObject) and cls.is_lightning_module():
            self._machine.hooks.on_built(made)
        return made

    def _is_changed_by_others(self, cls: ClassValue) -> bool:
        """Whether what makes a class, or its objects, may set their modes."""
        maker = cls.find("__new__")
        if maker is not None and any_may_switch(maker):
            return True
        return self._may_switch(makers_of(cls), cls.scope.parent or cls.scope)

    def _construct(self, cls: ClassValue, arguments: Arguments) -> Value:
        machine = self._machine
        if cls.is_enum():
            value = arguments.get(0, ENUM_VALUE)
            return value if isinstance(value, (Choice, Constant, Unknown)) else UNKNOWN
        is_module = cls.is_module() or (cls.find("forward") is not None and cls.has_unseen_base())
        made: ModuleObject | Instance = ModuleObject(cls=cls) if is_module else Instance(cls)
        if isinstance(made, ModuleObject):
            made.made_by = machine.innermost_call
            if cls.is_lightning_module():
                machine.hooks.on_instance(made, arguments)
        record = self.records.written_for(cls)
        if record is not None:
            # What it is made of may decide what a program does, whatever it is.
            self.records.construct(made, cls, record, arguments)
            return made
        constructor = cls.find("__init__")
        trains = cls.is_lightning_module() or _extends(cls, Effect.COMMAND_LINE)
        if not trains and not self._can_matter(cls.unit, cls.name, arguments):
            if isinstance(made, Instance) and isinstance(constructor, FunctionValue):
                self._try_out(constructor, arguments.with_first(made))
            return made
        if isinstance(constructor, FunctionValue):
            self.call_function(constructor, arguments.with_first(made))
        else:
            self._default_constructor(made, arguments)
        return made

    def _default_constructor(self, made: ModuleObject | Instance, arguments: Arguments) -> None:
        if isinstance(made, Instance) and _extends(made.cls, Effect.COMMAND_LINE):
            self.library.run_command_line(made, arguments)
            return
        if isinstance(made, Instance):
            made.attributes.update(arguments.keywords)
            return
        for value in arguments.all_values():
            if isinstance(value, ModuleObject):
                made.bind(f"_{len(made.children)}", value)

    def _super(self, node: cst.Call) -> Value:
        frame = self._machine.frame
        if node.args:
            cls = self._machine.evaluate(node.args[0].value)
            receiver = self._machine.evaluate(node.args[-1].value)
            return SuperValue(receiver, cls) if isinstance(cls, ClassValue) else UNKNOWN
        function = frame.function
        if frame.owner is None or function is None:
            return UNKNOWN
        parameters = [*function.node.params.posonly_params, *function.node.params.params]
        if not parameters:
            return UNKNOWN
        return SuperValue(frame.scope.lookup(parameters[0].name.value), frame.owner)


def _is_remade(function: FunctionValue) -> bool:
    """Whether a decorator may give something else than the function that it is given."""
    return not function.decorators <= KEEPING_DECORATORS


def _top(function: FunctionValue) -> str | None:
    """The name of the top-level definition that a function stands in."""
    return function.scope.unit.index.tops.get(function.node)


def _detached(function: FunctionValue) -> AbstractSet[cst.CSTNode]:
    """The calls in a function whose results lead to no gradient."""
    node, unit = function.node, function.scope.unit
    # A lambda is small, and of which definition it is a part is not known.
    if isinstance(node, cst.FunctionDef):
        named = unit.symbols.names.get(_top(function) or "", frozenset[str]())
        # Where a backward pass is called, what a function does is more than its result.
        if named.isdisjoint(NAMES) or not named.isdisjoint(BACKWARD_METHODS):
            return frozenset()
    known = unit.index.detached
    if node not in known:
        known[node] = detached_in(node)
    return known[node]


def _is_brief(function: FunctionValue, *, fresh: bool) -> bool:
    known = function.scope.unit.index.brief
    key = function.node, fresh
    if key not in known:
        known[key] = is_brief(function.node, fresh=fresh)
    return known[key]


def _traces(function: FunctionValue) -> Traces:
    known = function.scope.unit.index.traces
    # A method may call others of its class.
    definition = function.owner.node if function.owner is not None else function.node
    if definition not in known:
        known[definition] = traces_of(definition)
    return known[definition]


def _carries(value: Value) -> bool:
    """Whether a value may hold a loaded module, or a LightningModule."""
    if isinstance(value, ModuleObject):
        return _is_lightning(value) or any(each.origin is not None for each in walk(value))
    if isinstance(value, (ListValue, DictValue)):
        items = value.items if isinstance(value, ListValue) else value.all_values()
        return any(map(_carries, items))
    if isinstance(value, Instance):
        parts = value.attributes.values()
        return any(_carries(each) for each in parts if not isinstance(each, Instance))
    return isinstance(value, _CARRIERS)


def _unknown(function: FunctionValue, parameter: str) -> Unknown:
    """What a caller that can't be seen gives for a parameter."""
    owner = f"{function.owner.name}." if function.owner is not None else ""
    return Unknown(f"{owner}{function.name}({parameter})")


def _spread_keywords(value: Value, result: Arguments) -> None:
    if isinstance(value, DictValue):
        for key, item in value.items.items():
            if isinstance(key, str):
                result.keywords[key] = item
        result.open = result.open or bool(value.others)
    else:
        result.open = True


def _called_name(node: cst.Call) -> str:
    function = node.func
    if isinstance(function, cst.Attribute):
        return function.attr.value
    return function.value if isinstance(function, cst.Name) else ""


def _receiver_name(node: cst.Call) -> str:
    """The last name in what a method is called on: ``cfg.model_class`` gives ``model_class``."""
    receiver: cst.CSTNode = node.func
    if isinstance(receiver, cst.Attribute):
        receiver = receiver.value
    while isinstance(receiver, (cst.Call, cst.Subscript)):
        receiver = receiver.func if isinstance(receiver, cst.Call) else receiver.value
    if isinstance(receiver, cst.Attribute):
        return receiver.attr.value
    return receiver.value if isinstance(receiver, cst.Name) else ""


def _modules_in(values: list[Value]) -> Iterator[ModuleObject]:
    for value in values:
        if isinstance(value, ModuleObject):
            yield value
        elif isinstance(value, ListValue):
            yield from _modules_in(value.items)


def _extends(cls: ClassValue | None, effect: Effect) -> bool:
    """Whether a class of the program extends one of Lightning's that is called for an effect."""
    bases = cls.external_bases() if cls is not None else ()
    return any(EFFECTS.get(name) is effect for name in bases)


def _is_lightning(module: ModuleObject) -> bool:
    return module.cls is not None and module.cls.is_lightning_module()


def _symbol(value: Value) -> str:
    return (value.symbol or "") if isinstance(value, Unknown) else ""


def _varies(value: Value) -> bool:
    return isinstance(value, Unknown) and value.varies
