"""Methods of lists, sets and dictionaries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Config,
    Constant,
    DictValue,
    Element,
    ListValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfmode_lint.analysis.interpreter import Interpreter


class CollectionMethods:
    """Performs them for one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine

    def call(self, receiver: ListValue | DictValue, name: str, arguments: Arguments) -> Value:
        """Call the method of this name; one that is not known changes nothing."""
        handler = _LIST_METHODS if isinstance(receiver, ListValue) else _DICT_METHODS
        method = handler.get(name)
        return method(self, receiver, arguments) if method is not None else UNKNOWN

    def delete(self, owner: Value, key: Value) -> None:
        """``del owner[key]``."""
        if isinstance(owner, ListValue):
            self._take_out(owner, key)
        elif isinstance(owner, DictValue):
            self._drop(owner, key)

    # Lists and sets

    def extend(self, receiver: ListValue, value: Value) -> None:
        """Add what a value gives, in place."""
        known = isinstance(value, ListValue) and value.complete
        if known or not isinstance(value, Unknown):
            receiver.items.extend(objects.elements(value))
        receiver.complete = receiver.complete and known and not self._machine.sampling

    def _append(self, receiver: ListValue, arguments: Arguments) -> Value:
        receiver.items.extend(arguments.positional)
        receiver.complete = receiver.complete and not self._machine.sampling
        return NONE

    def _insert(self, receiver: ListValue, arguments: Arguments) -> Value:
        position = arguments.get(0)
        at = position.value if isinstance(position, Constant) else None
        if not isinstance(at, int):
            at = len(receiver.items)
        receiver.items[at:at] = arguments.positional[1:]
        receiver.complete = receiver.complete and not self._machine.sampling
        return NONE

    def _extend(self, receiver: ListValue, arguments: Arguments) -> Value:
        for value in arguments.positional:
            self.extend(receiver, value)
        return NONE

    def _pop(self, receiver: ListValue, arguments: Arguments) -> Value:
        return self._take_out(receiver, arguments.get(0) or Constant(-1))

    def _take_out(self, receiver: ListValue, key: Value) -> Value:
        """Take the item at a position out of a list."""
        at = key.value if isinstance(key, Constant) else None
        if receiver.complete and isinstance(at, int):
            if -len(receiver.items) <= at < len(receiver.items):
                return receiver.items.pop(at)
        else:
            taken = receiver.items[:1]
            receiver.forget()
            # Whichever it is, it is one of them.
            return taken[0] if taken and isinstance(taken[0], Element) else UNKNOWN
        return UNKNOWN

    def _remove(self, receiver: ListValue, arguments: Arguments) -> Value:
        gone = arguments.get(0)
        known = receiver.complete and all(isinstance(each, Constant) for each in receiver.items)
        if not known or not isinstance(gone, Constant):
            receiver.forget()
        elif gone in receiver.items:
            receiver.items.remove(gone)
        return NONE

    def _clear_list(self, receiver: ListValue, arguments: Arguments) -> Value:
        receiver.items.clear()
        receiver.complete = not self._machine.sampling
        return NONE

    def _reverse(self, receiver: ListValue, arguments: Arguments) -> Value:
        receiver.items.reverse()
        return NONE

    def _sort(self, receiver: ListValue, arguments: Arguments) -> Value:
        ordered = objects.in_order(receiver, arguments)
        receiver.items, receiver.complete = ordered.items, ordered.complete
        return NONE

    def _change(self, receiver: ListValue, arguments: Arguments) -> Value:
        """What else may happen to a set or a queue."""
        receiver.forget()
        return UNKNOWN

    def _copy_list(self, receiver: ListValue, arguments: Arguments) -> Value:
        return receiver.copy()

    # Dictionaries

    def _get(self, receiver: DictValue, arguments: Arguments) -> Value:
        key, default = arguments.get(0) or UNKNOWN, arguments.get(1) or NONE
        evaluator = self._machine.evaluator
        if not isinstance(key, Constant) and not isinstance(receiver, Config):
            return evaluator.choose([*receiver.all_values(), default], key)
        found = evaluator.get_item(receiver, key)
        if isinstance(receiver, Config) and receiver.others:
            return found
        if isinstance(key, Constant) and key.value not in receiver.items:
            return default
        return found

    def _set_default(self, receiver: DictValue, arguments: Arguments) -> Value:
        key, found = arguments.get(0), self._get(receiver, arguments)
        if isinstance(key, Constant) and key.value not in receiver.items:
            receiver.items[key.value] = found
        return found

    def _pop_key(self, receiver: DictValue, arguments: Arguments) -> Value:
        found = self._get(receiver, arguments)
        self._drop(receiver, arguments.get(0) or UNKNOWN)
        return found

    def _pop_item(self, receiver: DictValue, arguments: Arguments) -> Value:
        self._drop(receiver, UNKNOWN)
        return UNKNOWN

    def _drop(self, receiver: DictValue, key: Value) -> None:
        if isinstance(key, Constant):
            receiver.items.pop(key.value, None)
        else:
            receiver.lose(self._machine.new_question())

    def _clear_dict(self, receiver: DictValue, arguments: Arguments) -> Value:
        receiver.items.clear()
        receiver.others.clear()
        receiver.whole = True
        return NONE

    def _copy_dict(self, receiver: DictValue, arguments: Arguments) -> Value:
        return replace(receiver, items=dict(receiver.items), others=list(receiver.others))

    def _items(self, receiver: DictValue, arguments: Arguments) -> Value:
        pairs: list[Value] = [ListValue([Constant(k), v]) for k, v in receiver.items.items()]
        pairs.extend(ListValue([Unknown(), value]) for value in receiver.others)
        return ListValue(pairs, complete=receiver.complete)

    def _keys(self, receiver: DictValue, arguments: Arguments) -> Value:
        return ListValue(objects.elements(receiver), complete=receiver.complete)

    def _values(self, receiver: DictValue, arguments: Arguments) -> Value:
        return ListValue(receiver.all_values(), complete=receiver.complete)

    def _update(self, receiver: DictValue, arguments: Arguments) -> Value:
        for value in arguments.positional:
            receiver.take_over(value, self._machine.new_question)
        if arguments.open:
            receiver.overwrite(self._machine.new_question())
        receiver.items.update(arguments.keywords)
        return NONE


_LIST_METHODS: dict[str, Callable[..., Value]] = {
    "add": CollectionMethods._append,
    "append": CollectionMethods._append,
    "appendleft": CollectionMethods._change,
    "clear": CollectionMethods._clear_list,
    "copy": CollectionMethods._copy_list,
    "difference_update": CollectionMethods._change,
    "discard": CollectionMethods._remove,
    "extend": CollectionMethods._extend,
    "extendleft": CollectionMethods._change,
    "insert": CollectionMethods._insert,
    "intersection_update": CollectionMethods._change,
    "pop": CollectionMethods._pop,
    "popleft": CollectionMethods._change,
    "remove": CollectionMethods._remove,
    "reverse": CollectionMethods._reverse,
    "rotate": CollectionMethods._change,
    "sort": CollectionMethods._sort,
    "symmetric_difference_update": CollectionMethods._change,
    "update": CollectionMethods._extend,
}

_DICT_METHODS: dict[str, Callable[..., Value]] = {
    "clear": CollectionMethods._clear_dict,
    "copy": CollectionMethods._copy_dict,
    "get": CollectionMethods._get,
    "items": CollectionMethods._items,
    "keys": CollectionMethods._keys,
    "pop": CollectionMethods._pop_key,
    "popitem": CollectionMethods._pop_item,
    "setdefault": CollectionMethods._set_default,
    "update": CollectionMethods._update,
    "values": CollectionMethods._values,
}
