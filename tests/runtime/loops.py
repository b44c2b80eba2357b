"""Runs training loops with the real libraries: what is trained, and in which mode.

A program starts in its own code, in its function ``main``, or in ``run`` of its last class.
Parameters called ``batches`` are given two small batches of tokens with labels, which are also in
the file ``batches.pt``. A loaded model is judged at the first optimizer's step that changes it: its
mode is the one at the backward pass before.
"""

from __future__ import annotations

import contextlib
import inspect
import types
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

import torch

from tests.runtime.libraries import PROGRAM, Patched, arguments_for
from tests.runtime.recorder import (
    TAG,
    NotRecorded,
    World,
    calls_in,
    elsewhere,
    execute,
    quiet,
    raises_itself,
    summary,
    time_limit_of,
)
from tests.runtime.stand_in import Choices

if TYPE_CHECKING:
    from collections.abc import Iterator

TIME_LIMIT = 120
_MAX_RUNS = 12


@dataclass(frozen=True, slots=True, order=True)
class Looped:
    """What one loader call made, on one run.

    ``mode`` is ``train``, ``eval`` or ``mixed``; ``trained`` says whether ``all``, ``some`` or
    ``none`` of its parameters are those of an optimizer that changed any of them.
    """

    line: int
    column: int
    part: str
    mode: str
    trained: str


@dataclass(frozen=True, slots=True)
class LoopRun:
    """One run: what was decided, and what it showed."""

    choices: tuple[tuple[str, bool], ...]
    loads: tuple[Looped, ...]


def batches() -> list[dict[str, torch.Tensor]]:
    """Two batches that each of the tiny text models can run on."""
    made = []
    for start in (1, 2):
        ids = (torch.arange(start, start + 8) % 6 + 1).reshape(2, 4)
        labels = torch.tensor([0, 1])
        made.append({"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels})
    return made


def record_loop(source: str, filename: str) -> list[LoopRun]:
    """Run a program along its branches.

    :returns: the runs; at least one.
    :raises NotRecorded: with the reason, when the program raises, hangs, or starts nowhere.
    """
    waiting: list[dict[str, bool]] = [{}]
    runs: list[LoopRun] = []
    with time_limit_of(TIME_LIMIT), warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        for _ in range(_MAX_RUNS):
            if not waiting:
                break
            choices = Choices(waiting.pop(0))
            run = _one_run(source, filename, choices)
            waiting.extend(choices.alternatives())
            runs.extend([run] if run is not None else [])
    if not runs:
        message = "every way through it raises"
        raise NotRecorded(message)
    return runs


def _one_run(source: str, filename: str, choices: Choices) -> LoopRun | None:
    world = World(filename, source, choices, validation=False, calls=calls_in(source))
    try:
        with (
            elsewhere(),
            Patched(source, choices, world.note, has_data=True),
            _Watch(world) as watch,
        ):
            torch.save(batches(), "batches.pt")
            module = execute(world)
            if not watch.before:
                _start(module, choices)
            loads = watch.loads()
    except (Exception, SystemExit) as error:
        if raises_itself(error, world):
            return None
        message = f"{type(error).__name__}: {error}"
        raise NotRecorded(message) from error
    return LoopRun(tuple(sorted(choices.asked.items())), loads)


def _start(module: types.ModuleType, choices: Choices) -> None:
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == PROGRAM]
    classes = [each for each in own if isinstance(each, type) and hasattr(each, "run")]
    main = vars(module).get("main")
    if isinstance(main, types.FunctionType):
        main(**_given(main, choices))
    elif classes:
        cls: Any = classes[-1]
        made = cls(**_given(cls.__init__, choices, skip=1))
        made.run(**_given(cls.run, choices, skip=1))


def _given(function: Any, choices: Choices, *, skip: int = 0) -> dict[str, Any]:
    """Arguments, with real batches, and a real Fabric or Accelerator."""
    given = arguments_for(function, choices, skip=skip)
    wanted = inspect.signature(function).parameters
    return {**given, **{name: make() for name, make in _BY_NAME.items() if name in wanted}}


def _fabric() -> Any:
    from lightning.fabric import Fabric

    return Fabric(accelerator="cpu", devices=1)


def _accelerator() -> Any:
    from accelerate import Accelerator

    return Accelerator(cpu=True)


_BY_NAME: dict[str, Any] = {"accelerator": _accelerator, "batches": batches, "fabric": _fabric}


@dataclass(slots=True)
class _Watch:
    """The backward passes and the optimizers' steps of one run."""

    world: World
    before: dict[int, str] = field(default_factory=dict)
    shown: dict[int, tuple[str, str]] = field(default_factory=dict)
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> _Watch:
        from torch.optim.optimizer import register_optimizer_step_pre_hook

        backward = torch.Tensor.backward

        def noted(of: Any, *arguments: Any, **keywords: Any) -> None:
            self._note_modes()
            backward(of, *arguments, **keywords)

        self.stack.enter_context(mock.patch.object(torch.Tensor, "backward", noted))
        hook = register_optimizer_step_pre_hook(lambda of, args, kwargs: self._step(of))
        self.stack.callback(hook.remove)
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def _note_modes(self) -> None:
        for number in range(len(self.world.made)):
            self.before[number] = summary(list(self._modules(number)))[0]

    def _modules(self, number: int) -> Iterator[torch.nn.Module]:
        for module in self.world.made[number].module.modules():
            if module.__dict__.get(TAG) == number:
                yield module

    def _step(self, optimizer: torch.optim.Optimizer) -> None:
        wanted = {
            id(parameter) for group in optimizer.param_groups for parameter in group["params"]
        }
        for number in set(self.before) - set(self.shown):
            own = {
                id(parameter): parameter
                for module in self._modules(number)
                for parameter in module.parameters()
            }
            given = [each for key, each in own.items() if key in wanted and each.requires_grad]
            if any(each.grad is not None for each in given):
                trained = "all" if len(given) == len(own) else "some"
                self.shown[number] = (self.before[number], trained)

    def loads(self) -> tuple[Looped, ...]:
        """What each loader call made, with what was seen of it."""
        found = []
        for number, made in enumerate(self.world.made):
            modules = list(self._modules(number))
            mode, trained = self.shown.get(number) or (summary(modules)[0], "none")
            found.append(Looped(*made.place, mode, trained))
        return tuple(sorted(found))
