"""Lightning's command line: what it makes is trained by a command, or by the program later on.

Lightning 2.6, cli.py: ``LightningCLI.__init__`` makes a LightningModule, a data module and a
Trainer of the classes that it is given, with what the user types, and runs the command that the
user names, between ``before_fit`` and ``after_fit``; with ``run=False`` it runs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from hfmode_lint.analysis.classes import ClassValue
from hfmode_lint.analysis.lifecycle import call_own
from hfmode_lint.analysis.objects import truth
from hfmode_lint.analysis.values import (
    UNKNOWN,
    Arguments,
    Constant,
    DictValue,
    FunctionValue,
    Instance,
    LibraryMethod,
    ListValue,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis.interpreter import Interpreter

_TRUE = Constant(value=True)
# By this method of a parser, a subclass adds callbacks to the Trainer.
_ADD_CLASS = "add_lightning_class_args"


class CommandLine:
    """One that a program makes: ``cli`` holds what it makes, ``arguments`` say of what."""

    def __init__(self, machine: Interpreter, cli: Instance, arguments: Arguments) -> None:
        self._machine = machine
        self._cli = cli
        self._arguments = arguments

    def run(self) -> None:
        """Make what is trained, and train it where that is not left to the program."""
        callbacks = list(self._added_callbacks())
        self._hook("before_instantiate_classes")
        held = self._cli.attributes
        held["model"] = self._model()
        held["datamodule"] = self._made("datamodule_class", 1, "subclass_mode_data")
        held["trainer"] = self._trainer(callbacks)
        self._hook("after_instantiate_classes")
        if self._machine.decide_truth(self._arguments.keywords.get("run", _TRUE)):
            self._fit()

    def _hook(self, name: str, *given: Value) -> None:
        call_own(self._machine, self._cli, name, list(given))

    def _added_callbacks(self) -> Iterator[Value]:
        """The callbacks of the program's own whose options the user may set."""
        added = ListValue([])
        parser = Instance(None, {_ADD_CLASS: LibraryMethod(added, "append")})
        self._hook("add_arguments_to_parser", parser)
        for each in added.items:
            if isinstance(each, ClassValue) and not each.is_module():
                yield self._called(each)

    def _model(self) -> Value:
        made = self._made("model_class", 0, "subclass_mode_model")
        if made is not UNKNOWN:
            return made
        self._machine.asked = True
        base = self._arguments.get(0, "model_class")
        offered = self._machine.offered
        if offered is None or (isinstance(base, ClassValue) and not offered.extends(base)):
            return UNKNOWN
        return self._called(offered)

    def _made(self, name: str, position: int, subclass_mode: str) -> Value:
        """What the user's options make of a class, where no other one may stand for it."""
        maker = self._arguments.get(position, name)
        exact = truth(self._arguments.keywords.get(subclass_mode, UNKNOWN)) is not True
        if exact and isinstance(maker, (ClassValue, FunctionValue)):
            return self._called(maker)
        return UNKNOWN

    def _called(self, maker: Value, given: Arguments | None = None) -> Value:
        call = cst.Call(cst.Name("LightningCLI"))
        return self._machine.caller.apply(maker, given or Arguments(open=True), call)

    def _trainer(self, callbacks: list[Value]) -> Value:
        defaults = self._arguments.keywords.get("trainer_defaults")
        items = defaults.items if isinstance(defaults, DictValue) else {}
        keywords = {key: value for key, value in items.items() if isinstance(key, str)}
        listed = keywords.get("callbacks")
        known = listed.items if isinstance(listed, ListValue) else [listed] if listed else []
        keywords["callbacks"] = ListValue([*known, *callbacks], complete=False)
        maker = self._arguments.keywords.get("trainer_class")
        if isinstance(maker, (ClassValue, FunctionValue)):
            return self._called(maker, Arguments(keywords=keywords, open=True))
        return self._machine.caller.library.trainer(Arguments(keywords=keywords))

    def _fit(self) -> None:
        held = self._cli.attributes
        self._hook("before_fit")
        cls = self._cli.cls
        own = cls is not None and isinstance(cls.find("fit"), FunctionValue)
        runner = self._cli if own else held["trainer"]
        fit = self._machine.evaluator.get_attribute(runner, "fit")
        given = {name: held[name] for name in ("model", "datamodule")}
        self._called(fit, Arguments(keywords=given))
        self._hook("after_fit")
