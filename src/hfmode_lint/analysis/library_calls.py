"""Calls of what libraries define: loaders, wrappers, constructors, and code that can't be seen."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import resolve_name
from typing import TYPE_CHECKING

from hfmode_lint.analysis import objects, texts, traces
from hfmode_lint.analysis.builtin_calls import leave
from hfmode_lint.analysis.descriptions import Descriptions
from hfmode_lint.analysis.handed_functions import may_switch, switched_by
from hfmode_lint.analysis.heap import (
    ModuleObject,
    Origin,
    copy_module,
    forget,
    set_grads,
    set_own_mode,
    walk,
)
from hfmode_lint.analysis.knowledge import loaders, names
from hfmode_lint.analysis.knowledge.callables import (
    ADAPTED_AS,
    EFFECTS,
    PARSING_METHODS,
    WRAPPED_AS,
    Effect,
)
from hfmode_lint.analysis.knowledge.configs import MAKERS
from hfmode_lint.analysis.knowledge.lightning import (
    FINETUNING_CALLBACKS,
    FINETUNING_METHODS,
    REMOVED_ARGUMENTS,
    REMOVED_MAKER,
)
from hfmode_lint.analysis.knowledge.loaders import Loader, Result
from hfmode_lint.analysis.knowledge.methods import HARMLESS_NAMES, METHODS
from hfmode_lint.analysis.modes import Mode
from hfmode_lint.analysis.module_methods import adapt
from hfmode_lint.analysis.units import MAIN
from hfmode_lint.analysis.uses import Phase
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Constant,
    ContextValue,
    DictValue,
    Element,
    External,
    FunctionValue,
    Holder,
    Instance,
    ListValue,
    Parameters,
    PartialCall,
    TextFrom,
    TrainerValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import libcst as cst

    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.places import Place

_CONSTRUCTORS = frozenset({"from_config", "_from_config", "from_name", "from_scratch"})


class LibraryCalls:
    """Performs calls of imported names for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine

    def call(self, callee: External, arguments: Arguments, node: cst.Call) -> Value:
        """Call something imported."""
        owner, _, last = callee.name.rpartition(".")
        if loaders.is_loader_method(last):
            made = self._load(loaders.loader_of_class(owner, last), arguments, node)
            if isinstance(made, ModuleObject) and made.origin is not None:
                made.library_class = owner
            return made
        loader = loaders.loader_callable(callee.name)
        if loader is not None:
            return self._load_or_wrap(loader, arguments, node)
        if callee.name in MAKERS:
            return Descriptions(self._machine).make(MAKERS[callee.name], arguments, node)
        effect = EFFECTS.get(callee.name)
        if effect is not None:
            return _EFFECTS[effect](self, callee, arguments)
        if owner in FINETUNING_CALLBACKS and last in FINETUNING_METHODS:
            return self._finetune(last, arguments)
        if last in METHODS and names.is_module_class(owner):
            return self._unbound_method(last, arguments)
        if names.is_module_class(callee.name):
            return self._construct(callee.name, arguments)
        if last in _CONSTRUCTORS and names.package(owner) in names.MEASURED_PACKAGES:
            return self._constructed(loaders.loader_of_class(owner, last), owner)
        return self._other(callee, arguments)

    def _other(self, callee: External, arguments: Arguments) -> Value:
        self.hand_over_functions(arguments)
        if not names.is_well_behaved(callee.name):
            self.hand_over(arguments, callee.last)
            return UNKNOWN
        self._machine.caller.use_arguments(arguments)
        return Unknown(varies=any(_varies(value) for value in arguments.all_values()))

    def hand_over(self, arguments: Arguments, name: str) -> None:
        """Give modules to code that can't be seen: while building, it may change their modes."""
        if name in PARSING_METHODS:
            for value in arguments.all_values():
                traces.forget(value, self._machine.new_question())
        uses = self._machine.uses
        if uses.phase is not Phase.BUILDING:
            self._machine.caller.use_arguments(arguments)
        elif uses.in_configure_optimizers:
            # Whoever builds the optimizer there takes parameters and sets no modes.
            for module in _modules_in(arguments.all_values()):
                uses.optimize(module)
        elif name not in HARMLESS_NAMES:
            for module in _modules_in(arguments.all_values()):
                forget(module, by=self._machine.innermost_call)

    def hand_over_to_method(self, cls: ClassValue | None, name: str, arguments: Arguments) -> None:
        """Give modules to a method that some library defines, or nobody knows who.

        :param cls: the class that inherits it.
        """
        if cls is None or cls.has_unseen_base():
            self.hand_over(arguments, name)
        else:
            self._machine.caller.use_arguments(arguments)

    def hand_over_functions(
        self, arguments: Arguments, receiver: ModuleObject | None = None
    ) -> None:
        """Give functions to code that can't be seen, which may call them before training starts.

        :param receiver: a module that calls them with itself.
        """
        if self._machine.uses.phase is not Phase.BUILDING:
            return
        given = arguments.all_values()
        switched = list(switched_by(given))
        if any(map(_may_switch, given)):
            switched += [receiver] if receiver is not None else _modules_in(given)
            switched += [each.owner for each in given if isinstance(each, Element)]
        for module in switched:
            forget(module, by=self._machine.innermost_call)

    def _callback(self, callee: External, arguments: Arguments) -> Value:
        return Instance(None, dict(arguments.keywords))

    # Loaders

    def load_unseen(self, name: str, arguments: Arguments, node: cst.Call) -> Value:
        """``from_pretrained`` of something of which only the name is known."""
        return self._load(loaders.loader_of_unseen_class(name), arguments, node)

    def call_on_class(
        self, cls: ClassValue, method: str, arguments: Arguments, node: cst.Call
    ) -> Value:
        """A class method that a class of the file inherits from a library."""
        if method == "load_from_checkpoint":
            self._machine.hooks.on_restored(cls)
            arguments = Arguments(keywords=arguments.keywords, open=True)
            return self._machine.caller.instantiate(cls, arguments)
        if method in _CONSTRUCTORS:
            return self._machine.caller.instantiate(cls, Arguments(open=True))
        if not loaders.is_loader_method(method):
            return self._inherited(cls, method, arguments)
        loader = _loader_of_seen_class(cls, method)
        if loader.result is not Result.MODULE or not cls.is_module():
            return self._load(loader, arguments, node)
        return self._load_seen(cls, loader, node)

    def _inherited(self, cls: ClassValue, method: str, arguments: Arguments) -> Value:
        """``Base.method(self, …)``, where a library defines the method."""
        if cls.is_module():
            return self._unbound_method(method, arguments)
        if method in FINETUNING_METHODS:
            return self._finetune(method, arguments)
        if method != "__init__":
            self.hand_over_to_method(cls, method, arguments)
        return UNKNOWN

    def _load_seen(self, cls: ClassValue, loader: Loader, node: cst.Call) -> Value:
        made = self._machine.caller.instantiate(cls, Arguments(open=True))
        if isinstance(made, ModuleObject):
            origin = self._origin(loader, node)
            for each in walk(made):
                each.origin, each.made_by = origin, origin.place
                each.mode, each.mode_set_by = _MODES[loader.eval_mode], None
                each.mode_if_fixed = Mode.TRAIN
        return made

    def _load(self, loader: Loader, arguments: Arguments, node: cst.Call) -> Value:
        if loader.result is Result.NOTHING:
            return Instance(None)
        if loader.result is Result.HOLDER:
            return self._holder(loader, arguments, node)
        if loader.adapter:
            return self._load_adapter(loader, arguments, node)
        pair = loader.result is Result.PAIR
        if pair or objects.truth(arguments.keywords.get("output_loading_info", _FALSE)):
            module = self._loaded(loader, node, chainable=False)
            return ListValue([module, Instance(None)])
        return self._loaded(loader, node)

    def _loaded(self, loader: Loader, node: cst.Call, *, chainable: bool = True) -> ModuleObject:
        origin = replace(self._origin(loader, node), chainable=chainable)
        mode = _MODES[loader.eval_mode]
        return ModuleObject(mode=mode, origin=replace(origin, trains=mode is Mode.TRAIN))

    def _load_or_wrap(self, loader: Loader, arguments: Arguments, node: cst.Call) -> Value:
        if "modules" in arguments.keywords:
            return self._construct("", arguments)
        return self._load(loader, arguments, node)

    def _holder(self, loader: Loader, arguments: Arguments, node: cst.Call) -> Value:
        origin = replace(self._origin(loader, node), chainable=False)
        given: dict[str, Value] = {
            name: value
            for name, value in arguments.keywords.items()
            if isinstance(value, ModuleObject)
        }
        return Holder(origin, given)

    def _load_adapter(self, loader: Loader, arguments: Arguments, node: cst.Call) -> Value:
        """An adapter of peft's around a base.

        Where the adapter is trainable the base keeps its mode; otherwise all of it is in eval
        mode and frozen, even a base that was in train mode (measured).
        """
        base = arguments.get(0, "model")
        by = self._machine.innermost_call
        trainable = objects.truth(arguments.keywords.get("is_trainable", _FALSE))
        module = self._construct("", Arguments())
        if isinstance(base, ModuleObject):
            module.transparent = True
            module.bind(ADAPTED_AS, base)
        elif trainable is not False:
            module = self._loaded(loader, node)
        if trainable:
            _freeze_around(module, by=by)
        elif trainable is None:
            forget(module, by=by)
        else:
            set_grads(module, trainable=False, by=by)
            for each in walk(module):
                set_own_mode(each, Mode.LOADED_EVAL, by=by)
        return module

    def _origin(self, loader: Loader, node: cst.Call) -> Origin:
        origin = self.origin_at(node)
        return replace(
            origin,
            assumed=loader.assumed,
            model_like=loader.model_like,
            by_version=loader.eval_mode is None,
        )

    def origin_at(self, node: cst.Call) -> Origin:
        """The origin of what a call loads, here."""
        frame = self._machine.frame
        return Origin(
            call=node,
            unit=self._machine.unit,
            loader=self._machine.unit.parsed.text(node.func),
            owner=frame.owner,
            in_entry=frame.entry,
            chain=tuple(self._machine.calls),
        )

    # Constructors, wrappers, functions

    def _constructed(self, loader: Loader, name: str) -> Value:
        is_module = loader.result is Result.MODULE
        return ModuleObject(library_class=name) if is_module else Instance(None)

    def _construct(self, name: str, arguments: Arguments) -> ModuleObject:
        """A library's module made by its constructor: train mode, with the modules it is given."""
        made = ModuleObject(library_class=name)
        for position, value in enumerate(arguments.positional):
            if isinstance(value, ModuleObject):
                made.bind(str(position), value)
        for keyword, value in arguments.keywords.items():
            for index, module in enumerate(_modules_in([value])):
                made.bind(keyword if index == 0 else f"{keyword}{index}", module)
        return made

    def _unbound_method(self, name: str, arguments: Arguments) -> Value:
        receiver = arguments.get(0, "self")
        rest = Arguments(arguments.positional[1:], arguments.keywords)
        if isinstance(receiver, Element):
            return self._machine.caller.methods.on_element(receiver, name, rest)
        if not isinstance(receiver, ModuleObject):
            return UNKNOWN
        return self._machine.caller.methods.on_module(receiver, name, rest)

    def _finetune(self, name: str, arguments: Arguments) -> Value:
        trainable = FINETUNING_METHODS[name]
        return self._machine.caller.methods.finetune(arguments, trainable=trainable)

    def _same(self, callee: External, arguments: Arguments) -> Value:
        return arguments.get(0, "model", "module", "obj") or UNKNOWN

    def _cast(self, callee: External, arguments: Arguments) -> Value:
        return arguments.get(1, "val") or UNKNOWN

    def _copy(self, callee: External, arguments: Arguments) -> Value:
        value = arguments.get(0, "x") or UNKNOWN
        if not isinstance(value, ModuleObject):
            return _copied(value, deep=callee.last == "deepcopy")
        if callee.last == "deepcopy":
            return copy_module(value)
        clone = copy_module(value)
        clone.attributes = dict(value.attributes)
        return clone

    def _contain(self, callee: External, arguments: Arguments) -> Value:
        made = ModuleObject(library_class=callee.name)
        for index, value in enumerate(arguments.positional):
            self._fill(made, str(index), value)
        self._fill(made, "0", arguments.keywords.get("modules", UNKNOWN))
        return made

    def _fill(self, made: ModuleObject, name: str, value: Value) -> None:
        if isinstance(value, ModuleObject):
            made.bind(name, value)
        elif isinstance(value, ListValue):
            for position, item in enumerate(value.items):
                made.bind(*_named_item(position, item))
        elif isinstance(value, DictValue):
            for key, item in value.items.items():
                made.bind(str(key), item)
            for item in value.others:
                made.bind("*", item)

    def _wrap(self, callee: External, arguments: Arguments) -> Value:
        made = ModuleObject(library_class=callee.name)
        inner = arguments.get(0, "module", "model")
        if isinstance(inner, ModuleObject):
            held = copy_module(inner) if callee.last == "AveragedModel" else inner
            made.bind(WRAPPED_AS, held)
        return made

    def _adapt(self, callee: External, arguments: Arguments) -> Value:
        base = arguments.get(0 if callee.last == "get_peft_model" else 1, "model")
        if not isinstance(base, ModuleObject):
            return UNKNOWN
        _freeze_around(base, by=self._machine.innermost_call)
        if callee.last != "get_peft_model":
            return base
        made = ModuleObject(transparent=True)
        made.bind(ADAPTED_AS, base)
        return made

    def _command_line(self, callee: External, arguments: Arguments) -> Value:
        cli = Instance(None)
        self.run_command_line(cli, arguments)
        return cli

    def run_command_line(self, cli: Instance, arguments: Arguments) -> None:
        """Do what ``LightningCLI`` does when it is made, with some arguments."""
        from hfmode_lint.analysis.command_line import CommandLine

        CommandLine(self._machine, cli, arguments).run()

    def _trainer(self, callee: External, arguments: Arguments) -> Value:
        made = self.trainer(arguments)
        if callee.last == REMOVED_MAKER:
            made.removed = f"Trainer.{REMOVED_MAKER}()"
        return made

    def trainer(self, arguments: Arguments) -> TrainerValue:
        """A Trainer that is made with some arguments."""
        given = arguments.keywords.get("callbacks")
        callbacks = given.items if isinstance(given, ListValue) else []
        callbacks = [given] if isinstance(given, Instance) else callbacks
        checks = [
            arguments.keywords.get(name) for name in ("num_sanity_val_steps", "limit_val_batches")
        ]
        off = any(isinstance(each, Constant) and each.value == 0 for each in checks)
        removed = sorted(REMOVED_ARGUMENTS & arguments.keywords.keys())
        made = f"Trainer({removed[0]}=…)" if removed else None
        return TrainerValue(list(callbacks), sanity_check=not off, removed=made)

    def _partial_method(self, callee: External, arguments: Arguments) -> Value:
        made = self._partial_call(callee, arguments)
        return replace(made, is_method=True) if isinstance(made, PartialCall) else made

    def _no_grad(self, callee: External, arguments: Arguments) -> Value:
        return ContextValue(gradients=False)

    def _grad(self, callee: External, arguments: Arguments) -> Value:
        return ContextValue(gradients=True)

    def _namespace(self, callee: External, arguments: Arguments) -> Value:
        # What is asked of something unknown has one answer, whatever it is.
        return UNKNOWN if arguments.open else Instance(None, {**arguments.keywords})

    def _match(self, callee: External, arguments: Arguments) -> Value:
        text = arguments.get(1, "string")
        if not isinstance(text, TextFrom) or arguments.get(2, "flags") is not None:
            return self._other(callee, arguments)
        pattern = arguments.get(0, "pattern") or UNKNOWN
        at_the_start = EFFECTS[callee.name] is Effect.MATCH
        return texts.matches(text, pattern, at_the_start=at_the_start)

    def _pattern(self, callee: External, arguments: Arguments) -> Value:
        if arguments.get(1, "flags") is not None:
            return self._other(callee, arguments)
        pattern = arguments.get(0, "pattern") or UNKNOWN
        methods: dict[str, Value] = {
            name.rpartition(".")[2]: PartialCall(External(name), [pattern], {})
            for name in _ABOUT_PATTERNS
        }
        return Instance(None, methods)

    def _exit(self, callee: External, arguments: Arguments) -> Value:
        leave(arguments)

    def _suppress(self, callee: External, arguments: Arguments) -> Value:
        return ContextValue(suppressing=True)

    def _gradients_enabled(self, callee: External, arguments: Arguments) -> Value:
        """They are set at once; as a context it sets them back behind it."""
        enabled = arguments.get(0, "mode") or UNKNOWN
        machine = self._machine
        # Elsewhere it matters to nobody.
        if machine.uses.phase is Phase.TRAINING:
            machine.gradients = machine.decide_truth(enabled)
        else:
            machine.gradients = machine.known_truth(enabled) is not False
        return ContextValue()

    def _asks_for_gradients(self, callee: External, arguments: Arguments) -> Value:
        if not self._machine.gradients:
            return Constant(value=False)
        # Lightning switches them off for validation, which may run the same methods.
        return Constant(value=True) if self._machine.uses.phase is Phase.TRAINING else UNKNOWN

    def _partial_call(self, callee: External, arguments: Arguments) -> Value:
        if not arguments.positional:
            return UNKNOWN
        return PartialCall(arguments.positional[0], arguments.positional[1:], arguments.keywords)

    def _replace_fields(self, callee: External, arguments: Arguments) -> Value:
        records = self._machine.caller.records
        return records.replaced(arguments.get(0) or UNKNOWN, arguments.keywords)

    def _fields_by_name(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.caller.records.as_dict(arguments.get(0, "obj", "inst") or UNKNOWN)

    def _initialize(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.initialize(arguments)

    def _compose(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.compose(arguments)

    def _read_config(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.read(arguments)

    def _create_config(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.create(arguments)

    def _merge_configs(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.merge(arguments)

    def _select(self, callee: External, arguments: Arguments) -> Value:
        return self._machine.configs.select(arguments)

    def _import(self, callee: External, arguments: Arguments) -> Value:
        name = objects.constant_text(arguments.get(0, "name"))
        package = objects.constant_text(arguments.get(1, "package"))
        if name is None:
            return UNKNOWN
        if name.startswith(".") and package not in {None, MAIN}:
            try:
                name = resolve_name(name, package)
            except ImportError:
                return UNKNOWN
        return self._machine.imports.by_name(name, self._machine.unit)

    def _locate(self, callee: External, arguments: Arguments) -> Value:
        name = objects.constant_text(arguments.get(0, "path", "name"))
        if name is None:
            return UNKNOWN
        return self._machine.imports.by_name(name.replace(":", "."), self._machine.unit)

    def _chain(self, callee: External, arguments: Arguments) -> Value:
        items = [item for value in arguments.positional for item in objects.elements(value)]
        if items and all(isinstance(item, Parameters) for item in items):
            owners = [o for item in items if isinstance(item, Parameters) for o in item.owners]
            return Parameters(owners)
        return ListValue(items, complete=False)


def _loader_of_seen_class(cls: ClassValue, method: str) -> Loader:
    bases = list(cls.external_bases())
    for base in bases:
        if loaders.has_measured_loaders(base):
            return loaders.loader_of_class(base, method)
    return loaders.loader_of_unseen_class(cls.name)


def _copied(value: Value, *, deep: bool, known: dict[int, Value] | None = None) -> Value:
    """A copy of what is no module; what is in it is copied as well where that is ``deep``.

    :param known: the copies of what it is in, by identity.
    """
    known = {} if known is None else known
    if id(value) in known:
        return known[id(value)]

    def part(each: Value) -> Value:
        if not deep:
            return each
        if isinstance(each, ModuleObject):
            return copy_module(each)
        return _copied(each, deep=True, known=known)

    if isinstance(value, ListValue):
        items = ListValue([], value.complete)
        known[id(value)] = items
        items.items.extend(map(part, value.items))
        return items
    if isinstance(value, DictValue):
        named = replace(value, items={}, others=[])
        known[id(value)] = named
        named.items.update((key, part(each)) for key, each in value.items.items())
        named.others.extend(map(part, value.others))
        return named
    if isinstance(value, Instance):
        made = replace(value, attributes={})
        known[id(value)] = made
        made.attributes.update((name, part(each)) for name, each in value.attributes.items())
        return made
    return value


def _named_item(position: int, item: Value) -> tuple[str, Value]:
    """``Sequential(OrderedDict([("name", module)]))`` names its items; a list numbers them."""
    if isinstance(item, ListValue) and len(item.items) == 2:
        name = objects.constant_text(item.items[0])
        return name or str(position), item.items[1]
    return str(position), item


def _modules_in(values: list[Value]) -> Iterator[ModuleObject]:
    for value in values:
        if isinstance(value, ModuleObject):
            yield value
        elif isinstance(value, ListValue):
            yield from _modules_in(value.items)
        elif isinstance(value, DictValue):
            yield from _modules_in(value.all_values())
        elif isinstance(value, Instance):
            yield from _modules_in([value.attributes.get(name, UNKNOWN) for name in value.fields])


def _freeze_around(module: ModuleObject, *, by: Place | None) -> None:
    """Put an adapter into a module: what the module had is frozen (measured)."""
    adapt(module, by=by)
    for each in walk(module):
        each.adapted, each.grads_set_by = True, by


def _may_switch(value: Value) -> bool:
    return isinstance(value, FunctionValue) and may_switch(value)


def _varies(value: Value) -> bool:
    return isinstance(value, Unknown) and value.varies


_FALSE = Constant(value=False)

# By what is known of a loader's eval mode.
_MODES = {True: Mode.LOADED_EVAL, False: Mode.TRAIN, None: Mode.UNKNOWN}

_ABOUT_PATTERNS = [
    name for name, effect in EFFECTS.items() if effect in {Effect.MATCH, Effect.SEARCH}
]

_EFFECTS: dict[Effect, Callable[..., Value]] = {
    Effect.ADAPT: LibraryCalls._adapt,
    Effect.ASKS_FOR_GRADIENTS: LibraryCalls._asks_for_gradients,
    Effect.CALLBACK: LibraryCalls._callback,
    Effect.CAST: LibraryCalls._cast,
    Effect.CHAIN: LibraryCalls._chain,
    Effect.AS_DICT: LibraryCalls._fields_by_name,
    Effect.COMMAND_LINE: LibraryCalls._command_line,
    Effect.COMPOSE_CONFIG: LibraryCalls._compose,
    Effect.CONTAIN: LibraryCalls._contain,
    Effect.COPY: LibraryCalls._copy,
    Effect.EXIT: LibraryCalls._exit,
    Effect.GRAD: LibraryCalls._grad,
    Effect.GRADIENTS_ENABLED: LibraryCalls._gradients_enabled,
    Effect.CREATE_CONFIG: LibraryCalls._create_config,
    Effect.IMPORT: LibraryCalls._import,
    Effect.INITIALIZE_CONFIG: LibraryCalls._initialize,
    Effect.LOCATE: LibraryCalls._locate,
    Effect.MATCH: LibraryCalls._match,
    Effect.MERGE_CONFIGS: LibraryCalls._merge_configs,
    Effect.NAMESPACE: LibraryCalls._namespace,
    Effect.NO_GRAD: LibraryCalls._no_grad,
    Effect.PARTIAL: LibraryCalls._partial_call,
    Effect.PARTIAL_METHOD: LibraryCalls._partial_method,
    Effect.PATTERN: LibraryCalls._pattern,
    Effect.READ_CONFIG: LibraryCalls._read_config,
    Effect.REPLACE: LibraryCalls._replace_fields,
    Effect.SAME: LibraryCalls._same,
    Effect.SEARCH: LibraryCalls._match,
    Effect.SELECT_CONFIG: LibraryCalls._select,
    Effect.SUPPRESS: LibraryCalls._suppress,
    Effect.TRAINER: LibraryCalls._trainer,
    Effect.WRAP: LibraryCalls._wrap,
}
