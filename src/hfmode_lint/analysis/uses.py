"""Where loaded modules are used: with gradients, without, or outside training."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from hfmode_lint.analysis.heap import ModuleObject, walk

if TYPE_CHECKING:
    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.modes import Mode


class Phase(Enum):
    """What the program is doing."""

    BUILDING = "before the first training step"
    TRAINING = "in the training step"
    ELSEWHERE = "in methods that training does not reach"


class Use(Enum):
    """How a module is used."""

    TRAINED = "a forward pass with gradients, in training"
    NOT_TRAINED = "a forward pass without gradients, or outside training"
    WITHOUT_GRADIENTS = "a forward pass without gradients, in training"
    AS_MODULE = "something only a module can do"
    AS_TOKENIZER = "something only a tokenizer or processor can do"


@dataclass(slots=True, repr=False)
class Uses:
    """The uses on one path, by the origin of the module.

    ``root`` is the LightningModule that is trained. ``escaped`` says that it was handed to code
    that can't be seen while training, which may use any of its submodules. ``optimized`` are the
    origins whose modules were seen to give parameters to the optimizer; None while nothing is
    known, and for good once the LightningModule gave all of its own. ``named`` are the modules of
    which parameters were asked for to be picked by their names, and ``passed_over`` the origins of
    what was then not picked, once for each time.
    """

    root: ModuleObject | None = None
    phase: Phase = Phase.BUILDING
    by_origin: dict[Origin, set[Use]] = field(default_factory=dict)
    escaped: bool = False
    optimized: set[Origin] | None = None
    optimizes_all: bool = False
    in_configure_optimizers: bool = False
    named: list[ModuleObject] = field(default_factory=list)
    passed_over: list[Origin] = field(default_factory=list)
    trained_in: dict[int, Mode] = field(default_factory=dict)

    def run(self, module: ModuleObject, *, no_grad: bool) -> None:
        """A forward pass through a module and what it holds."""
        trained = self.phase is Phase.TRAINING and not no_grad
        for each in walk(module):
            self.note(each, Use.AS_MODULE)
            if trained:
                self.trained_in.setdefault(id(each), each.mode)
            if self.phase is not Phase.BUILDING:
                self.note(each, Use.TRAINED if trained else Use.NOT_TRAINED)
            if self.phase is Phase.TRAINING and no_grad:
                self.note(each, Use.WITHOUT_GRADIENTS)

    def give(self, module: ModuleObject, *, no_grad: bool) -> None:
        """Code that can't be seen is given a module, and may run it."""
        self.run(module, no_grad=no_grad)

    def optimizes(self, origin: Origin) -> bool:
        """Whether the optimizer may get the parameters of what was loaded."""
        return self.optimized is None or origin in self.optimized

    def spares(self, origin: Origin) -> bool:
        """Whether what was loaded is seen not to be trained, in the training step itself."""
        if not self.optimizes(origin):
            # What one group passes over by its name, by an option, the next one may well take.
            return origin not in self.passed_over
        used = self.by_origin.get(origin, set())
        return Use.WITHOUT_GRADIENTS in used and not (self.escaped or Use.TRAINED in used)

    def note(self, module: ModuleObject, use: Use) -> None:
        """One use of one module."""
        if module.origin is not None:
            self.by_origin.setdefault(module.origin, set()).add(use)

    def optimize(self, module: ModuleObject) -> None:
        """The parameters of a module were asked for."""
        if not self.in_configure_optimizers:
            return
        self.optimizes_all = self.optimizes_all or module is self.root
        self._add_optimized(_origins(module))

    def _add_optimized(self, origins: set[Origin]) -> None:
        self.optimized = None if self.optimizes_all else (self.optimized or set()) | origins

    def ask_by_name(self, module: ModuleObject) -> None:
        """The parameters of a module were asked for with their names."""
        if self.in_configure_optimizers:
            self.named.append(module)

    def pass_over(self, module: ModuleObject) -> None:
        """The parameters of a module were not picked."""
        if self.in_configure_optimizers:
            self.passed_over += _origins(module)

    def configure_optimizers(self) -> None:
        """The optimizers are about to be made."""
        self.in_configure_optimizers = True

    def end_configure_optimizers(self) -> None:
        """The optimizers are made, of what was asked for and not passed over each time."""
        asked = [origin for module in self.named for origin in _origins(module)]
        never = {each for each in asked if asked.count(each) <= self.passed_over.count(each)}
        for module in self.named:
            if never:
                self._add_optimized(_origins(module) - never)
            else:
                self.optimize(module)
        self.in_configure_optimizers = False


def _origins(module: ModuleObject) -> set[Origin]:
    return {each.origin for each in walk(module) if each.origin is not None}
