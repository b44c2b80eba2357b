"""What is known of a module's mode, and of the gradients of its parameters."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """``nn.Module.training``, and why it is off."""

    TRAIN = "train"
    LOADED_EVAL = "eval since it was loaded"
    CHOSEN_EVAL = "eval because the program says so"
    UNKNOWN = "unknown"


class Grads(Enum):
    """Which parameters of a module require a gradient."""

    TRAINABLE = "all"
    PARTIAL = "some"
    FROZEN = "none"
    UNKNOWN = "unknown"


EVAL = frozenset({Mode.LOADED_EVAL, Mode.CHOSEN_EVAL})
# Of modules of which training changes something.
TRAINED = frozenset({Grads.TRAINABLE, Grads.PARTIAL})
