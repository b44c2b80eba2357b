"""Runs a program with the real libraries and records the modes of what it loaded.

A program is one file, or one of those of a project. Each loader call of the program is known by its
place. Every module that it made carries a tag, so that copies and parts are told apart from what
was added later. The modes are read when the first ``training_step`` of the first and of the second
epoch ends.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import traceback
import types
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

os.environ["HF_HUB_OFFLINE"] = "1"

import torch

from tests.runtime.libraries import Patched, arguments_for
from tests.runtime.program import PROGRAM, Program, programs_of, single
from tests.runtime.stand_in import Choices, StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

TIME_LIMIT = 180
_MAX_RUNS = 12
TAG = "_loaded_by"

# Of a loader call: the file, the line from 1, the column from 0, the part of what it loads.
Place = tuple[str, int, int, str]


class NotRecorded(Exception):  # noqa: N818 - what is wrong is the program
    """A program from which nothing can be learned: it raises, hangs, or trains nothing."""


class TrainsNothing(NotRecorded):
    """A program that ends, and has trained nothing."""

    def __init__(self) -> None:
        super().__init__("it trains nothing")


class _Stopped(Exception):  # noqa: N818 - no error: one way through the program ends here
    """The program's own ``raise`` or ``assert`` stopped a run."""


@dataclass(frozen=True, slots=True, order=True)
class Load:
    """What one loader call made, on one run.

    ``path`` is where it is in the LightningModule, None where it is not below it. A mode is
    ``train``, ``eval`` or ``mixed``; ``parameters`` that need a gradient are ``all``, ``some`` or
    ``none`` of them, or some of them only in the second epoch: ``later``. ``part`` names the module
    where the call loads several. ``file`` is that of a project in which the call stands.
    """

    file: str
    line: int
    column: int
    part: str
    path: str | None
    first: str
    second: str
    parameters: str

    @property
    def place(self) -> Place:
        """What is the same for the same loader call on every run."""
        return self.file, self.line, self.column, self.part


@dataclass(frozen=True, slots=True)
class State:
    """One module at the end of a training step; ``trainable`` if any parameter needs a gradient."""

    mode: str
    trainable: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of Lightning's ModelSummary, and which parameters need a gradient.

    ``parameters`` are ``all``, ``some`` or ``none`` of them, or ``no`` where the module has none.
    """

    type_name: str
    mode: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run: what was decided, whether there was validation, and what it showed.

    ``program`` is the file of a project that was run.
    ``first`` and ``second`` are the states of all modules at the end of the first training step of
    the first and of the second epoch, by module path. ``trained`` is the file and the name of the
    class that was trained, ``layers`` Lightning's own summary of it, made when the first training
    step began.
    """

    choices: tuple[tuple[str, bool], ...]
    validation: bool
    loads: tuple[Load, ...]
    first: dict[str, State]
    second: dict[str, State]
    program: str = ""
    trained: tuple[str, str] = ("", "")
    layers: dict[str, Layer] = field(default_factory=dict)


@dataclass(slots=True)
class _Made:
    place: Place
    module: torch.nn.Module


@dataclass(slots=True)
class _Snapshot:
    modes: dict[tuple[int, str | None], tuple[str, str]]
    states: dict[str, State]


@dataclass(slots=True)
class World:
    """One run of one program."""

    program: Program
    choices: Choices
    validation: bool
    made: list[_Made] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    shown: dict[int, _Snapshot] = field(default_factory=dict)
    fitted: bool = False
    trained: tuple[str, str] = ("", "")
    layers: dict[str, Layer] = field(default_factory=dict)
    calls: dict[str, dict[tuple[int, int], tuple[int, int]]] = field(default_factory=dict)
    keys: dict[str, list[Any]] = field(default_factory=dict)

    # What was loaded

    def note(self, result: Any, *, again: bool = False) -> None:
        """Tag what a loader returned.

        :param again: the loader also set the mode of modules that others loaded.
        """
        place = self._place()
        if place is None:
            return
        for part, module in _modules_of(result).items():
            number = len(self.made)
            self.made.append(_Made((*place, part), module))
            for each in module.modules():
                if again or TAG not in each.__dict__:
                    each.__dict__[TAG] = number

    def _place(self) -> tuple[str, int, int] | None:
        """Where the program's call stands that is running."""
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_filename not in self.program.sources:
            frame = frame.f_back  # type: ignore[assignment]  # None ends the walk
        if frame is None:
            return None
        filename = frame.f_code.co_filename
        positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        end = (positions[1] or 0, positions[3] or 0)
        line, column = self._calls_in(filename).get(end, (frame.f_lineno, 0))
        return self.program.short_name(filename), line, column

    def _calls_in(self, filename: str) -> dict[tuple[int, int], tuple[int, int]]:
        if filename not in self.calls:
            self.calls[filename] = calls_in(self.program.sources[filename])
        return self.calls[filename]

    # Snapshots

    def step_begins(self, module: Any) -> None:
        """Have Lightning summarize the module when its first step begins."""
        if not self.layers:
            cls = type(module)
            self.trained = sys.modules[cls.__module__].__file__ or "", cls.__name__
            self.layers = _layers(module)

    def step_ended(self, module: Any) -> None:
        """Read the modes at the end of the first step of an epoch."""
        epoch = int(module.current_epoch)
        if epoch not in self.shown:
            self.shown[epoch] = self._snapshot(module)

    def _snapshot(self, root: Any) -> _Snapshot:
        found: dict[tuple[int, str | None], list[Any]] = {}
        tops: dict[str, tuple[int, str | None]] = {}
        for path, module in root.named_modules():
            number = module.__dict__.get(TAG)
            if number is None:
                continue
            # A part belongs to the module around it; a copy is a load of its own.
            above = tops.get(path.rpartition(".")[0]) if path else None
            own = (number, f"self.{path}" if path else "self")
            tops[path] = above if above is not None and above[0] == number else own
            found.setdefault(tops[path], []).append(module)
        held = {number for number, _ in found}
        for number, made in enumerate(self.made):
            if number not in held:
                found[number, None] = list(made.module.modules())
        modes = {key: summary(modules) for key, modules in found.items()}
        return _Snapshot(modes, _states(root))

    def loads(self) -> tuple[Load, ...]:
        """What each loader call made, with what was read."""
        first, second = self.shown.get(0), self.shown.get(1)
        if first is None:
            message = "no training step ended"
            raise NotRecorded(message)
        later = second or first
        found = []
        for (number, path), (mode, parameters) in first.modes.items():
            place = self.made[number].place
            after, trained = later.modes.get((number, path), ("gone", "none"))
            thawed = parameters == "none" and trained != "none"
            wanted = "later" if thawed else parameters
            found.append(Load(*place, path, mode, after, wanted))
        return tuple(sorted(found, key=lambda load: (*load.place, load.path or "")))


def _layers(root: Any) -> dict[str, Layer]:
    from lightning.pytorch.utilities.model_summary import ModelSummary

    modules = dict(root.named_modules())
    summary = ModelSummary(root, max_depth=-1)
    # Lightning 2.2 has no column for the mode.
    modes = getattr(summary, "training_modes", None) or [
        modules[name].training for name in summary.layer_names
    ]
    lines = zip(summary.layer_names, summary.layer_types, modes, strict=True)
    return {
        f"self.{name}": Layer(kind, "train" if mode else "eval", _required(modules[name]))
        for name, kind, mode in lines
    }


def _required(module: Any) -> str:
    wanted = [parameter.requires_grad for parameter in module.parameters()]
    if not wanted:
        return "no"
    return "all" if all(wanted) else "some" if any(wanted) else "none"


def _states(root: Any) -> dict[str, State]:
    return {
        f"self.{path}" if path else "self": State(
            "train" if module.training else "eval",
            any(parameter.requires_grad for parameter in module.parameters()),
        )
        for path, module in root.named_modules()
    }


def summary(modules: list[Any]) -> tuple[str, str]:
    """The mode of the modules of one load, and what is trained in them.

    The mode is that of the layers that hold no others: a wrapper's own flag does nothing. Layers
    that were put into them later count for the parameters: an adapter trains a frozen model.
    """
    flags = {module.training for module in modules if not any(module.children())}
    if not flags:
        # Layers of others hold all of its leaves, as those of an adapter do.
        flags = {module.training for module in modules}
    wanted = [p.requires_grad for module in modules for p in module.parameters()]
    mode = "mixed" if len(flags) > 1 else "train" if flags == {True} else "eval"
    parameters = "all" if all(wanted) else "some" if any(wanted) else "none"
    return mode, parameters


def _modules_of(result: Any) -> dict[str, torch.nn.Module]:
    if isinstance(result, torch.nn.Module):
        return {"": result}
    if isinstance(result, tuple):
        return {"": result[0]} if isinstance(result[0], torch.nn.Module) else {}
    held = getattr(result, "__dict__", {})
    return {name: each for name, each in held.items() if isinstance(each, torch.nn.Module)}


def calls_in(source: str) -> dict[tuple[int, int], tuple[int, int]]:
    """The start of each call, by its end."""
    return {
        (node.end_lineno or 0, node.end_col_offset or 0): (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
    }


# Lightning


def _lightning_packages() -> Iterator[Any]:
    import lightning.pytorch

    yield lightning.pytorch
    with contextlib.suppress(ImportError):
        import pytorch_lightning

        yield pytorch_lightning


class _Batches(torch.utils.data.Dataset[Any]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> int:
        return index


def _loader(choices: Choices) -> Any:
    batch = StandIn("batch", choices)
    return torch.utils.data.DataLoader(_Batches(), batch_size=1, collate_fn=lambda items: batch)


@dataclass(slots=True)
class _Lightning:
    """Lightning while one program runs: short, quiet, on CPU, with batches of its own."""

    world: World
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> None:
        for package in _lightning_packages():
            trainer = package.Trainer
            self.stack.enter_context(
                mock.patch.object(trainer, "__init__", self._constructor(trainer.__init__))
            )
            self.stack.enter_context(mock.patch.object(trainer, "fit", self._fit(trainer.fit)))
            for name in ("validate", "test", "predict"):
                original = getattr(trainer, name)
                self.stack.enter_context(
                    mock.patch.object(trainer, name, self._with_data(original))
                )
            module = package.LightningModule
            for name in ("log", "log_dict", "manual_backward"):
                self.stack.enter_context(mock.patch.object(module, name, _do_nothing))
            restored = classmethod(self._restore)
            self.stack.enter_context(mock.patch.object(module, "load_from_checkpoint", restored))

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def _restore(self, cls: Any, *arguments: Any, **keywords: Any) -> Any:
        """``load_from_checkpoint``: the constructor, and weights that change no mode."""
        needed = arguments_for(cls.__init__, self.world.choices, skip=1)
        return cls(**{**needed, **keywords})

    def _constructor(self, original: Any) -> Any:
        kept = (
            "num_sanity_val_steps",
            "callbacks",
            "max_epochs",
            "reload_dataloaders_every_n_epochs",
        )

        @functools.wraps(original)
        def construct(of: Any, *arguments: Any, **keywords: Any) -> None:
            given = {
                name: each
                for name, each in keywords.items()
                if name in kept and not isinstance(each, StandIn)
            }
            given["callbacks"] = _own_callbacks(given.get("callbacks"))
            off = keywords.get("limit_val_batches") == 0 or not self.world.validation
            given.update(
                accelerator="cpu",
                devices=1,
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                limit_train_batches=2,
                limit_val_batches=0 if off else 1,
                max_epochs=max(2, given.get("max_epochs") or 2),
            )
            original(of, **given)

        return construct

    def _fit(self, original: Any) -> Any:
        world = self.world

        @functools.wraps(original)
        def fit(of: Any, model: Any, *arguments: Any, **keywords: Any) -> None:
            world.fitted = True
            # Each ``fit`` is judged by what it trains; the last one counts.
            world.shown.clear()
            world.layers = {}
            _watch(model, world)
            original(of, model, **_data(of, model, arguments, keywords, world))

        return fit

    def _with_data(self, original: Any) -> Any:
        world = self.world

        @functools.wraps(original)
        def evaluate(of: Any, model: Any = None, *arguments: Any, **keywords: Any) -> None:
            original(of, model, _loader(world.choices))

        return evaluate


def _do_nothing(*arguments: Any, **keywords: Any) -> None:
    """What needs a tensor, and changes no mode."""


def _own_callbacks(given: Any) -> list[Any]:
    """The callbacks but for those that want metrics or a disk."""
    callbacks = given if isinstance(given, list) else [given]
    unwanted = ("ModelCheckpoint", "EarlyStopping", "LearningRateMonitor")
    return [each for each in callbacks if each and type(each).__name__ not in unwanted]


def _data(of: Any, model: Any, arguments: Any, keywords: Any, world: World) -> dict[str, Any]:
    """Where the batches come from: the program's own hooks are called, for what they do."""
    given = [*arguments, *keywords.values()]
    module = next((each for each in given if type(each).__mro__[-2:-1] and _is_data(each)), None)
    for owner in (model, module):
        for name in ("train_dataloader", "val_dataloader"):
            if owner is not None and name in _own_methods(type(owner), world):
                _replace_result(owner, name, world)
    if module is not None:
        for name in ("train_dataloader", "val_dataloader"):
            if name not in _own_methods(type(module), world):
                setattr(type(module), name, lambda of: _loader(world.choices))
        return {"datamodule": module}
    chosen: dict[str, Any] = {}
    if "train_dataloader" not in _own_methods(type(model), world):
        chosen["train_dataloaders"] = _loader(world.choices)
    if "val_dataloader" not in _own_methods(type(model), world):
        chosen["val_dataloaders"] = _loader(world.choices)
    return chosen


def _is_data(value: Any) -> bool:
    return any(isinstance(value, package.LightningDataModule) for package in _lightning_packages())


def _own_methods(cls: type, world: World) -> set[str]:
    return {name for each in cls.__mro__ if world.program.owns(each) for name in vars(each)}


def _replace_result(owner: Any, name: str, world: World) -> None:
    original = getattr(type(owner), name)

    @functools.wraps(original)
    def call(of: Any) -> Any:
        original(of)
        return _loader(world.choices)

    setattr(type(owner), name, call)


def _watch(model: Any, world: World) -> None:
    """Have the end of each training step noted, and a loss returned that can be optimized."""
    cls = type(model)
    original = cls.training_step
    if getattr(original, "_watched", False):
        return

    @functools.wraps(original)
    def training_step(of: Any, *arguments: Any, **keywords: Any) -> Any:
        given = [StandIn("batch", world.choices), 0]
        wanted = len(inspect.signature(original).parameters) - 1
        if of.trainer.training:
            world.step_begins(of)
        original(of, *given[:wanted])
        if of.trainer.training:
            # Validation may call it too.
            world.step_ended(of)
        start = torch.zeros(1, requires_grad=True).sum()
        return sum((p.sum() * 0 for p in of.parameters() if p.requires_grad), start)

    training_step._watched = True  # type: ignore[attr-defined]  # a mark on a function
    cls.training_step = training_step


# Programs


def _start(world: World, main: types.ModuleType) -> None:
    """Call what starts training, where the program did not call it itself."""
    for function in _functions(main):
        if not world.fitted and _names(function) & {"fit", "validate"}:
            function(**arguments_for(function, world.choices, keys=world.keys))


def _drive(world: World, main: types.ModuleType) -> None:
    """Train each class that nothing in the program trains, or what its functions make."""
    defined = {
        id(each): each for module in world.program.modules(main) for each in vars(module).values()
    }
    classes = [
        each for each in defined.values() if isinstance(each, type) and _is_trainable(each, world)
    ]
    extended = {base for cls in classes for base in cls.__mro__[1:]}
    for cls in classes:
        if cls not in extended:
            _fit_class(cls, world)
    for function in _functions(main) if not classes else ():
        _fit_made_by(function, world)


def _functions(main: types.ModuleType) -> list[types.FunctionType]:
    """The functions that the file defines that is run."""
    found = [each for each in vars(main).values() if isinstance(each, types.FunctionType)]
    return [each for each in found if each.__module__ == PROGRAM]


def _keys(modules: list[types.ModuleType], program: Program) -> dict[str, list[Any]]:
    """The keys that a name may have that a dictionary of the program is asked for."""
    found: dict[str, list[Any]] = {}
    for module in modules:
        for node in ast.walk(ast.parse(program.sources[str(module.__file__)])):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
                owner = _named(node.value, module)
                if isinstance(owner, dict):
                    found[node.slice.id] = list(owner)
    return found


def _named(node: ast.expr, module: types.ModuleType) -> object:
    """What a name of a module is, or an attribute of one of its objects."""
    if isinstance(node, ast.Attribute):
        held = (getattr(each, "__dict__", {}) for each in vars(module).values())
        return next((each[node.attr] for each in held if node.attr in each), None)
    return vars(module).get(getattr(node, "id", ""))


def _names(function: types.FunctionType) -> set[str]:
    return set(function.__code__.co_names)


def _is_trainable(cls: type, world: World) -> bool:
    modules = tuple(package.LightningModule for package in _lightning_packages())
    if not world.program.owns(cls) or not issubclass(cls, modules):
        return False
    return "training_step" in _own_methods(cls, world)


def _fit_class(cls: Any, world: World) -> None:
    _fit(cls(**arguments_for(cls.__init__, world.choices, skip=1, keys=world.keys)), world)


def _fit_made_by(function: types.FunctionType, world: World) -> None:
    """Train what a function makes, where it makes a LightningModule."""
    made = function(**arguments_for(function, world.choices, keys=world.keys))
    if _is_trainable(type(made), world):
        _fit(made, world)


def _fit(module: Any, world: World) -> None:
    packages = list(_lightning_packages())
    package = next(each for each in packages if isinstance(module, each.LightningModule))
    shown = dict(world.shown)
    package.Trainer().fit(module)
    _merge(world, shown)


def _merge(world: World, shown: dict[int, _Snapshot]) -> None:
    """Add what another LightningModule of the program showed before."""
    for epoch, snapshot in shown.items():
        now = world.shown.setdefault(epoch, snapshot)
        held = {number for number, path in now.modes if path is not None}
        for key, summary in snapshot.modes.items():
            if key[1] is not None:
                now.modes.pop((key[0], None), None)
                now.modes[key] = summary
            elif key[0] not in held:
                now.modes.setdefault(key, summary)


def raises_itself(error: BaseException, world: World) -> bool:
    """Whether the program's own ``raise`` or ``assert`` stopped it."""
    sources = world.program.sources
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in sources]
    if not frames:
        return False
    line = sources[frames[-1].filename].splitlines()[(frames[-1].lineno or 1) - 1].strip()
    return line.startswith(("raise", "assert"))


@contextlib.contextmanager
def time_limit_of(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        message = f"it took more than {seconds} s"
        raise NotRecorded(message)

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def elsewhere(folder: Path | None) -> Iterator[None]:
    """A working folder for what a program leaves behind, as Lightning's CLI does its settings.

    :param folder: what is copied into it.
    """
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="run-") as copy:
        if folder is not None:
            shutil.copytree(folder, copy, dirs_exist_ok=True)
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(before)


def _one_run(program: Program, choices: Choices, *, validation: bool, driven: bool) -> Run | None:
    world = World(program, choices, validation)
    try:
        with (
            elsewhere(program.root),
            program.importable(),
            Patched(program, choices, world.note),
            _Lightning(world),
            program.executed() as main,
        ):
            world.keys = _keys(program.modules(main), program)
            _start(world, main)
            if driven and not world.fitted:
                _drive(world, main)
    except NotRecorded:
        raise
    except (Exception, SystemExit) as error:
        if raises_itself(error, world):
            raise _Stopped from error
        message = f"{type(error).__name__}: {error}"
        raise NotRecorded(message) from error
    if not world.shown:
        return None
    asked = tuple(sorted(choices.asked.items()))
    first = world.shown[0].states
    second = world.shown[1].states if 1 in world.shown else {}
    name = " ".join([program.short_name(program.filename), *program.words])
    return Run(asked, validation, world.loads(), first, second, name, world.trained, world.layers)


def record(source: str, filename: str, *, time_limit: int = TIME_LIMIT) -> list[Run]:
    """Run a program of one file along its branches, with validation and without.

    What it does not train itself is trained: by a function that fits, or class by class.

    :param filename: a name for the program, in messages and tracebacks.
    :param time_limit: seconds for all of it.
    :returns: the runs; at least one.
    :raises NotRecorded: with the reason, when the program raises, hangs, or trains nothing.
    """
    with time_limit_of(time_limit), _calm():
        return _record(single(source, filename), driven=True)


def record_project(folder: Path, *, time_limit: int = TIME_LIMIT) -> list[Run]:
    """Run each program of a project along its branches, with validation and without.

    A program that trains nothing shows nothing. Where none of them trains anything, they are run
    again and their LightningModules are trained, but for those that others extend.

    :param folder: the project's root.
    :param time_limit: seconds for all of it.
    :returns: the runs of all programs; at least one.
    :raises NotRecorded: with the reason, when a program raises or hangs, or none trains anything.
    """
    programs = programs_of(folder)
    with time_limit_of(time_limit), _calm():
        for driven in (False, True):
            runs = [run for each in programs for run in _runs_in_project(each, driven=driven)]
            if runs:
                return runs
    raise TrainsNothing


def _runs_in_project(program: Program, *, driven: bool) -> list[Run]:
    try:
        return _record(program, driven=driven)
    except TrainsNothing:
        return []
    except NotRecorded as reason:
        message = f"{program.short_name(program.filename)}: {reason}"
        raise NotRecorded(message) from reason


def _record(program: Program, *, driven: bool) -> list[Run]:
    found: list[Run | None] = []
    # What a user types after the program's name: the command that Lightning's CLI wants.
    words = [*program.words, *(["fit"] if "LightningCLI" in program.text else [])]
    with mock.patch.object(sys, "argv", [program.filename, *words]):
        for validation in _validations(program.text):
            found.extend(_all_choices(program, validation=validation, driven=driven))
    if not found:
        message = "every way through it raises"
        raise NotRecorded(message)
    runs = [run for run in found if run is not None]
    if not runs:
        raise TrainsNothing
    return runs


def _validations(text: str) -> tuple[bool, ...]:
    """With validation and without, but for a program that is written for the one or the other."""
    return (True,) if re.search("on_validation|sanity", text) else (True, False)


def _all_choices(program: Program, *, validation: bool, driven: bool) -> Iterator[Run | None]:
    """A run for each way that does not raise; None for one that trains nothing."""
    waiting: list[dict[str, bool]] = [{}]
    for _ in range(_MAX_RUNS):
        if not waiting:
            return
        choices = Choices(waiting.pop(0))
        with contextlib.suppress(_Stopped):
            yield _one_run(program, choices, validation=validation, driven=driven)
        waiting.extend(choices.alternatives())


@contextlib.contextmanager
def _calm() -> Iterator[None]:
    """What the libraries warn of, print and log is not asked for."""
    with warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing is printed or logged."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            Path(os.devnull).open("w", encoding="utf-8") as hole,
            contextlib.redirect_stdout(hole),
            contextlib.redirect_stderr(hole),
        ):
            yield
    finally:
        logging.disable(before)
