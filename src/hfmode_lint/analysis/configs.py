"""Configurations as values: those that a decorator hands over, and those that a program reads."""

from __future__ import annotations

import re
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any

import libcst as cst

from hfmode_lint.analysis import objects
from hfmode_lint.analysis.composition import ANY_KEY, UNSEEN
from hfmode_lint.analysis.knowledge.configs import COMPOSE, INITIALIZE, INJECTING, MAKERS
from hfmode_lint.analysis.knowledge.loaders import is_loader_method
from hfmode_lint.analysis.values import (
    NONE,
    UNKNOWN,
    Arguments,
    Config,
    Constant,
    DictValue,
    External,
    ListValue,
    Unknown,
    Value,
)
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from hfmode_lint.analysis.composition import Composed, Group
    from hfmode_lint.analysis.interpreter import Interpreter
    from hfmode_lint.analysis.knowledge.configs import ConfigArguments
    from hfmode_lint.analysis.units import Unit
    from hfmode_lint.analysis.values import FunctionValue

_INJECTING_NAMES = frozenset(name.rpartition(".")[2] for name in INJECTING)
_TARGETS = frozenset(maker.description.target for maker in MAKERS.values())
# Of a group, those that are looked at beside the one that is taken by default.
_MOST_OPTIONS = 5
_MOST_LOOKED_AT = 24
# Values of one configuration: a YAML file may name a part of itself again and again.
_LARGEST = 20_000
# From one reference to the next.
_MOST_REFERENCES = 8
_REFERENCE = "${"
_PLAIN_REFERENCE = re.compile(r"\$\{(\w[\w.]*)\}")
_MISSING = "???"


class Configs:
    """Makes the configurations of one interpreter."""

    def __init__(self, machine: Interpreter) -> None:
        self._machine = machine
        # The folder that ``initialize`` was given, and the file in which.
        self._folder: tuple[Unit, str] | None = None
        self._created = 0

    # Where configurations come from

    def injected(self, function: FunctionValue) -> Value | None:
        """What a decorator gives a function as its first argument, where one is known to."""
        node = function.node
        if isinstance(node, cst.Lambda) or function.decorators.isdisjoint(_INJECTING_NAMES):
            return None
        unit = function.scope.unit
        with self._machine.standing_in(self._machine.globals_of(unit)):
            for decorator in node.decorators:
                call = decorator.decorator
                callee = self._machine.evaluate(call.func) if isinstance(call, cst.Call) else None
                if isinstance(call, cst.Call) and isinstance(callee, External):
                    where = INJECTING.get(callee.name)
                    if where is not None:
                        given = self._machine.caller.arguments(call)
                        return self._named_by(where, given, f"{function.name}(config)")
        return None

    def _named_by(self, where: ConfigArguments, given: Arguments, symbol: str) -> Value | None:
        folder, name = _named(where, given)
        if folder is None or name is None:
            return None
        return self._composed(_ConfigPlace(self._machine.unit, folder, name), symbol)

    def initialize(self, arguments: Arguments) -> Value:
        """``hydra.initialize(config_path=…)``."""
        folder, _ = _named(INITIALIZE, arguments)
        self._folder = (self._machine.unit, folder) if folder is not None else None
        return UNKNOWN

    def compose(self, arguments: Arguments) -> Value:
        """``hydra.compose(config_name=…)``; with overrides, nothing is known of it."""
        _, name = _named(COMPOSE, arguments)
        overrides = arguments.get(1, "overrides")
        if self._folder is None or name is None or overrides not in (None, NONE):
            return UNKNOWN
        unit, folder = self._folder
        found = self._composed(_ConfigPlace(unit, folder, name), f"{name}(config)")
        return found or UNKNOWN

    def read(self, arguments: Arguments) -> Value:
        """``OmegaConf.load("file.yaml")``."""
        path = objects.constant_text(arguments.get(0, "file_"))
        content = self._machine.modules.data_file(self._machine.unit, path) if path else None
        if content is None:
            return UNKNOWN
        return _Reader(content).value(content, f"<{path}>")

    def create(self, arguments: Arguments) -> Value:
        """``OmegaConf.create({…})``, from a dictionary, a list or a dataclass."""
        given = arguments.get(0, "obj")
        self._created += 1
        symbol = f"config {self._created}"
        return as_config(given, symbol) if given is not None else Config(symbol=symbol)

    def merge(self, arguments: Arguments) -> Value:
        """``OmegaConf.merge(first, …)``: the later ones beat those before."""
        result = Config(symbol="merged")
        for each in arguments.positional:
            if isinstance(each, DictValue):
                _merge(result, _copied(each, "merged"))
            else:
                # It may have any key.
                return UNKNOWN
        return UNKNOWN if arguments.open else result

    def select(self, arguments: Arguments) -> Value:
        """``OmegaConf.select(config, "a.b")``."""
        found = arguments.get(0, "cfg") or UNKNOWN
        path = objects.constant_text(arguments.get(1, "key"))
        for key in path.split(".") if path else ():
            found = self._machine.evaluator.get_item(found, Constant(key))
        return found if path else UNKNOWN

    def item(self, config: Config, key: object) -> Value:
        """What stands under a key; of a group's options, one by one decision."""
        if not isinstance(key, str) or key not in config.items:
            return config.missing(key)
        usual, others = config.choices.pop(key, (None, []))
        # What the program has put there since then is no option.
        if others and config.items[key] is usual:
            symbol = f"option {config.symbol}.{key}"
            choice = self._machine.decisions.decide(len(others) + 1, symbol)
            if choice:
                config.items[key] = others[choice - 1]()
        return config.items[key]

    # Composed ones

    def _composed(self, place: _ConfigPlace, symbol: str) -> Config | None:
        composed = self._read(place, {})
        if composed is None:
            return None
        offers = [
            (group, others)
            for group in composed.groups
            if group.package and (others := list(self._others(place, group)))
        ]
        reader = _Reader(composed.tree, [group.package for group, _ in offers])
        result = reader.config(composed.tree, symbol)
        for group, others in offers:
            _offer(result, group.package, others)
        return result

    def _read(self, place: _ConfigPlace, chosen: Mapping[str, str]) -> Composed | None:
        return self._machine.modules.composed(place.unit, place.folder, place.name, chosen)

    def _others(self, place: _ConfigPlace, group: Group) -> Iterator[Callable[[], Value]]:
        """What the other options of a group give, those that lead to a module of the program."""
        options = self._machine.modules.options(place.unit, place.folder, group.name)
        left = _MOST_OPTIONS
        for option in options[:_MOST_LOOKED_AT] if len(options) > 1 or not group.option else ():
            if option == group.option or not left:
                continue
            composed = self._read(place, {group.name: option})
            part = composed.part(group.package) if composed is not None else UNSEEN
            if composed is not None and any(map(self._is_telling, _targets(part))):
                left -= 1
                symbol = f"{group.name}={option}"
                yield partial(_Reader(composed.tree).value, part, symbol)

    def _is_telling(self, target: str) -> bool:
        """Whether what a target names is the program's own, or a loader."""
        found = self._machine.imports.by_name(target, self._machine.unit)
        return not isinstance(found, External) or is_loader_method(found.last)


@immutable
class _ConfigPlace:
    """The configuration of a name in a folder, as a file names them."""

    unit: Unit
    folder: str
    name: str


def _named(where: ConfigArguments, given: Arguments) -> tuple[str | None, str | None]:
    """The folder and the name that a call gives, where they are known."""
    folder = _argument(given, where.folder_position, where.folder)
    name = _argument(given, where.name_position, where.name)
    return objects.constant_text(folder), objects.constant_text(name)


def _argument(given: Arguments, position: int | None, name: str) -> Value | None:
    if position is not None and position < len(given.positional):
        return given.positional[position]
    return given.keywords.get(name)


def _offer(config: Config, package: Sequence[str], others: list[Callable[[], Value]]) -> None:
    """Let what stands at a place of a configuration be decided for."""
    for key in package[:-1]:
        below = config.items.get(key)
        if not isinstance(below, Config):
            return
        config = below
    last = package[-1]
    config.choices[last] = (config.items.setdefault(last, config.missing(last)), others)


def _targets(tree: object) -> Iterator[str]:
    """The names of what a part of a configuration describes."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each.values())
            yield from (name for key in _TARGETS if isinstance(name := each.get(key), str))
        elif isinstance(each, list):
            waiting.extend(each)


def _copied(value: DictValue, symbol: str) -> Config:
    items = {key: as_config(each, f"{symbol}.{key}") for key, each in value.items.items()}
    offered = value.choices if isinstance(value, Config) else {}
    choices = {
        key: (items[key], others)
        for key, (usual, others) in offered.items()
        if value.items.get(key) is usual
    }
    return Config(items, list(value.others), value.whole, symbol, choices)


def as_config(value: Value, symbol: str) -> Value:
    """A dictionary as a configuration, and what is in it; other values are themselves."""
    if isinstance(value, DictValue):
        return _copied(value, symbol)
    if isinstance(value, ListValue):
        return ListValue([as_config(each, symbol) for each in value.items], value.complete)
    text = objects.constant_text(value)
    # What refers to other parts is followed in files alone.
    return Unknown(symbol) if text is not None and _REFERENCE in text else value


def _merge(target: Config, new: Config) -> None:
    # What one of them changes is no option of the other one any more.
    kept = {key: each for key, each in target.choices.items() if key not in new.items}
    added = {key: each for key, each in new.choices.items() if key not in target.items}
    target.choices = {**kept, **added}
    for key, value in new.items.items():
        known = target.items.get(key)
        if isinstance(known, Config) and isinstance(value, Config):
            _merge(known, value)
        else:
            target.items[key] = value
    target.others.extend(new.others)


class _Reader:
    """Makes values of what was read, with the references in it followed."""

    def __init__(self, root: object, uncertain: Sequence[tuple[str, ...]] = ()) -> None:
        """Take what was read.

        :param root: the whole of it.
        :param uncertain: places where something else may stand.
        """
        self._root = root
        self._uncertain = uncertain
        self._left = _LARGEST
        self._references = 0

    def value(self, node: object, symbol: str) -> Value:
        """The value of a part."""
        self._left -= 1
        if self._left < 0 or node is UNSEEN:
            return Unknown(symbol)
        if isinstance(node, dict):
            return self.config(node, symbol)
        if isinstance(node, list):
            return ListValue([self.value(each, f"{symbol}[]") for each in node])
        if isinstance(node, str):
            return self._text(node, symbol)
        return Constant(node) if isinstance(node, (bool, int, float, NoneType)) else Unknown(symbol)

    def config(self, tree: Mapping[Any, object], symbol: str) -> Config:
        """The configuration that a part is."""
        result = Config(symbol=symbol)
        for key, node in tree.items():
            if node is not UNSEEN:
                result.items[key] = self.value(node, f"{symbol}.{key}")
            elif key == ANY_KEY:
                result.others.append(UNKNOWN)
        return result

    def _text(self, text: str, symbol: str) -> Value:
        if text == _MISSING:
            return Unknown(symbol)
        whole = _PLAIN_REFERENCE.fullmatch(text)
        if whole is not None:
            return self._referred(whole[1], symbol)
        # By turns what stands between references and what they name.
        parts = _PLAIN_REFERENCE.split(text)
        if any(_REFERENCE in part for part in parts[::2]):
            return Unknown(symbol)
        for position, path in enumerate(parts[1::2]):
            found = self._referred(path, symbol)
            if not isinstance(found, Constant):
                return Unknown(symbol)
            parts[2 * position + 1] = str(found.value)
        return Constant("".join(parts))

    def _referred(self, path: str, symbol: str) -> Value:
        keys = tuple(path.split("."))
        uncertain = any(keys[: len(place)] == place for place in self._uncertain)
        if uncertain or self._references > _MOST_REFERENCES:
            return Unknown(symbol)
        node = self._root
        for key in keys:
            node = node.get(key, UNSEEN) if isinstance(node, dict) else UNSEEN
        # They may go in a circle.
        self._references += 1
        try:
            return self.value(node, symbol)
        finally:
            self._references -= 1
