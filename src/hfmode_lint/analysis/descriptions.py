"""Objects that a dictionary describes: the callable's name, and what to give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.heap import ModuleObject
from hfmode_lint.analysis.knowledge.names import canonical
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Config,
    Constant,
    DictValue,
    Holder,
    Instance,
    ListValue,
    PartialCall,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    import libcst as cst

    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.knowledge.configs import Description, Maker

_DEEPEST = 16


class Descriptions:
    """Makes what is described, for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine

    def make(self, maker: Maker, arguments: Arguments, node: cst.Call) -> Value:
        """Call a function that makes what one of its arguments describes."""
        described = _fields_of(arguments.get(maker.position, maker.name) or UNKNOWN)
        rest = Arguments(
            _spread(arguments.positional, maker.position),
            {name: each for name, each in arguments.keywords.items() if name != maker.name},
            arguments.open,
        )
        if isinstance(described, (DictValue, ListValue)):
            return _Making(self._machine, maker.description, node).made(described, rest)
        if described == Constant(None):
            return described
        self._machine.caller.library.hand_over(rest, "")
        return UNKNOWN


class _Making:
    """What one call makes."""

    def __init__(self, machine: Interpreter, description: Description, node: cst.Call) -> None:
        self._machine = machine
        self._description = description
        self._node = node
        # The keys that lead to what is being made.
        self._path: list[str] = []

    def made(self, value: Value, given: Arguments | None = None) -> Value:
        """A value with all that it describes made."""
        if len(self._path) > _DEEPEST:
            return UNKNOWN
        if isinstance(value, ListValue):
            items = [self._at(str(index), each) for index, each in enumerate(value.items)]
            return ListValue(items, value.complete)
        value = _fields_of(value)
        if not isinstance(value, DictValue):
            return value
        given = given or Arguments()
        named = self._named(value, given)
        if self._description.target not in named:
            return self._plain(value, named)
        return self._called(value, named, given)

    def _at(self, key: str, value: Value) -> Value:
        self._path.append(key)
        try:
            return self.made(value)
        finally:
            self._path.pop()

    def _named(self, value: DictValue, given: Arguments) -> dict[str, Value]:
        """What stands in a dictionary, with what the call says instead."""
        items = {
            str(key): self._machine.evaluator.get_item(value, Constant(key))
            for key in list(value.items)
        }
        changed = items
        if self._description.arguments and given.keywords:
            changed = _by_name(items.get(self._description.arguments))
            items[self._description.arguments] = DictValue.of_names(changed)
        for name, each in given.keywords.items():
            changed[name] = _merged(changed.get(name), each)
        return items

    def _plain(self, value: DictValue, items: dict[str, Value]) -> Value:
        """A dictionary that describes nothing itself."""
        if value.others:
            # It may describe something after all.
            return UNKNOWN
        made = Config(symbol=value.symbol) if isinstance(value, Config) else DictValue()
        for name, each in items.items():
            made.items[name] = self._at(name, each)
        return made

    def _called(self, value: DictValue, items: dict[str, Value], given: Arguments) -> Value:
        target = objects.constant_text(items[self._description.target])
        arguments = self._arguments(items, given)
        arguments.open = arguments.open or bool(value.others)
        later = self._flag(items, self._description.partial, default=False)
        if target is None or later is None:
            self._machine.caller.library.hand_over(arguments, "")
            return Unknown()
        callee = self._machine.imports.by_name(target, self._machine.unit)
        if later:
            return PartialCall(callee, arguments.positional, arguments.keywords)
        result = self._machine.caller.apply(callee, arguments, self._node)
        self._name_origin(result, target)
        return result

    def _arguments(self, items: dict[str, Value], given: Arguments) -> Arguments:
        description = self._description
        named = {name: each for name, each in items.items() if name not in description.keys}
        if description.arguments:
            named = _by_name(items.get(description.arguments))
        positional = items.get(description.positional) if description.positional else None
        makes = self._flag(items, description.recursive, default=description.nests)
        if makes:
            named = {name: self._at(name, each) for name, each in named.items()}
            positional = self._at(description.positional, positional) if positional else None
        listed = positional.items if isinstance(positional, ListValue) else []
        unclear = makes is None or (positional is not None and not listed)
        return Arguments(given.positional or list(listed), named, given.open or unclear)

    def _flag(self, items: dict[str, Value], key: str, *, default: bool) -> bool | None:
        value = items.get(key) if key else None
        return default if value is None else objects.truth(value)

    def _name_origin(self, result: Value, target: str) -> None:
        """Have what a loader made here called by that loader's name."""
        first = result.items[0] if isinstance(result, ListValue) and result.items else result
        origin = first.origin if isinstance(first, (ModuleObject, Holder)) else None
        if origin is not None and origin.call is self._node:
            origin.loader = canonical(target).partition(".")[2] or target
            # A fix would stand behind all that is made, and for every configuration.
            origin.chainable = False
            origin.keys = tuple(self._path)


def _fields_of(value: Value) -> Value:
    """A dataclass as the dictionary of its fields; other values are themselves."""
    if isinstance(value, Instance) and value.fields:
        return DictValue.of_names(
            {name: value.attributes.get(name, UNKNOWN) for name in value.fields}
        )
    return value


def _by_name(value: Value | None) -> dict[str, Value]:
    """What stands in a dictionary, by the text of its keys."""
    if not isinstance(value, DictValue):
        return {}
    return {str(key): each for key, each in value.items.items()}


def _spread(positional: list[Value], without: int) -> list[Value]:
    """The arguments beside the description; those before it come in a tuple, or alone."""
    before = positional[:without]
    spread = [item for each in before for item in _items_of(each)]
    return [*spread, *positional[without + 1 :]]


def _items_of(value: Value) -> list[Value]:
    return value.items if isinstance(value, ListValue) else [value]


def _merged(known: Value | None, new: Value) -> Value:
    """What a call gives instead of what a description says: dictionaries are merged."""
    if not isinstance(known, DictValue) or not isinstance(new, DictValue):
        return new
    items = dict(known.items)
    for key, each in new.items.items():
        items[key] = _merged(items.get(key), each)
    return DictValue(items, [*known.others, *new.others])
