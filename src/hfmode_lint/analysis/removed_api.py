"""What programs use that Lightning 2.0 has removed: with it, or a later one, they stop.

Where such a program runs, ``fit`` sets train mode itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.lightning import (
    REMOVED_HOOKS,
    REMOVED_PARAMETER,
    TRAINING_STEP,
)
from hfmode_lint.analysis.values import FunctionValue

if TYPE_CHECKING:
    from hfmode_lint.analysis.classes import ClassValue
    from hfmode_lint.analysis.values import TrainerValue


def removed_in(cls: ClassValue, trainer: TrainerValue) -> str | None:
    """What keeps a LightningModule from being trained by a Trainer of today, as people write it.

    :returns: None where nothing is seen that does.
    """
    for hook in REMOVED_HOOKS:
        if isinstance(cls.find(hook), FunctionValue):
            return f"{hook}()"
    step = cls.find(TRAINING_STEP)
    if isinstance(step, FunctionValue) and REMOVED_PARAMETER in _parameters(step):
        return f"{TRAINING_STEP}(…, {REMOVED_PARAMETER})"
    return trainer.removed


def _parameters(function: FunctionValue) -> set[str]:
    parameters = function.node.params
    return {each.name.value for each in (*parameters.params, *parameters.kwonly_params)}
