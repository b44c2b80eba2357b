"""What holds of every module below a LightningModule on one path, whoever made it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hfmode_lint.analysis.heap import walk, walk_paths
from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.analysis.paths import OutOfSteps, PathEnded
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from hfmode_lint.analysis.heap import ModuleObject, Origin
    from hfmode_lint.analysis.lifecycle import Lifecycle
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.uses import Uses


@immutable
class ModuleState:
    """One module, at the ends of two epochs' first training steps.

    ``trained`` says that it is seen to run with gradients in the first of them; ``ran_in`` and
    ``later_ran_in`` are the modes in which it ran, or in which the step began where no run is
    seen. ``at_start`` is the mode when ``on_train_start`` had run.
    """

    path: str
    origin: Origin | None
    library_class: str
    grads: Grads
    mode: Mode
    chosen_by: Place | None
    trained: bool
    mode_matters: bool
    at_start: Mode
    ran_in: Mode
    later_grads: Grads
    later_ran_in: Mode
    later_chosen_by: Place | None


@immutable
class _Later:
    ran_in: Mode
    grads: Grads
    chosen_by: Place | None


def read_states(
    module: ModuleObject, lifecycle: Lifecycle, uses: Uses, *, second_epoch: bool
) -> tuple[ModuleState, ...]:
    """Read the heap at the end of the first training step, and run on to the second epoch.

    :param second_epoch: run that far; otherwise what comes later is taken to be the same.
    """
    found = [("self", module), *walk_paths(module)]
    at_start = dict(lifecycle.at_start)
    first = [(path, each, _ran_in(each, lifecycle, uses)) for path, each in found]
    now = {id(each): (each.mode, each.grads, each.chosen_by) for _, each in found}
    trained = set(uses.trained_in)
    if second_epoch:
        # A path that ends there has shown what it can.
        with suppress(PathEnded, OutOfSteps, RecursionError):
            lifecycle.run_to_second_epoch()
    later = {id(each): _later(each, lifecycle, uses) for each in walk(module)}
    return tuple(
        ModuleState(
            path=path,
            origin=each.origin,
            library_class=each.library_class,
            grads=now[id(each)][1],
            mode=now[id(each)][0],
            chosen_by=now[id(each)][2],
            trained=id(each) in trained,
            mode_matters=each.mode_matters and not each.transparent,
            at_start=at_start.get(id(each), Mode.UNKNOWN),
            ran_in=ran_in,
            later_grads=later[id(each)].grads if id(each) in later else Grads.UNKNOWN,
            later_ran_in=later[id(each)].ran_in if id(each) in later else Mode.UNKNOWN,
            later_chosen_by=later[id(each)].chosen_by if id(each) in later else None,
        )
        for path, each, ran_in in first
    )


def _ran_in(module: ModuleObject, lifecycle: Lifecycle, uses: Uses) -> Mode:
    began = lifecycle.at_step.get(id(module))
    return uses.trained_in.get(id(module), began.mode if began is not None else module.mode)


def _later(module: ModuleObject, lifecycle: Lifecycle, uses: Uses) -> _Later:
    return _Later(_ran_in(module, lifecycle, uses), module.grads, module.chosen_by)
