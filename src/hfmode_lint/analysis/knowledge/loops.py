"""Training loops that a program writes itself: what torch, Fabric and Accelerate do in them.

Measured with torch 2.13, Lightning 2.6.6 and accelerate 1.15: ``Fabric.setup`` wraps a module in
one of its own, which is in train mode, and what it holds keeps its mode; ``Accelerator.prepare``
gives the very module back; neither ``backward`` nor an optimizer's step touches a mode. Whoever
brings a loop of its own sets train mode in it: the Trainer of transformers 5.24 (measured), and
those of sentence-transformers 6.2 and trl 1.16, which are subclasses of it (trl's by its source,
trainer/base_trainer.py).
"""

from __future__ import annotations

import re
from enum import Enum


class Library(Enum):
    """Who runs the backward pass of a loop."""

    TORCH = "torch"
    FABRIC = "Lightning Fabric"
    ACCELERATE = "Accelerate"


# Classes of helpers that a loop is written with.
HELPERS = {
    "accelerate.Accelerator": Library.ACCELERATE,
    "accelerate.accelerator.Accelerator": Library.ACCELERATE,
    "lightning.Fabric": Library.FABRIC,
    "lightning_fabric.Fabric": Library.FABRIC,
    "lightning_fabric.fabric.Fabric": Library.FABRIC,
}

# What a parameter or an attribute of one of these names is, where nothing says more.
HELPER_NAMES = {"accelerator": Library.ACCELERATE, "fabric": Library.FABRIC}

# Methods of helpers that return what they are given, in the mode that it has. The others leave
# modules alone and return none, but for the one that calls a function.
GIVING_BACK = frozenset(
    {
        "prepare",
        "prepare_model",
        "prepare_optimizer",
        "setup",
        "setup_module",
        "setup_optimizers",
        "unwrap_model",
    }
)
LAUNCH = "launch"

# Attributes of helpers that a program asks for to decide something.
HELPER_FLAGS = frozenset(
    {
        "distributed_type",
        "is_global_zero",
        "is_local_main_process",
        "is_main_process",
        "mixed_precision",
        "num_processes",
        "sync_gradients",
        "world_size",
    }
)

# The backward pass: of a loss, of a helper, of ``torch.autograd``.
BACKWARD = "backward"
BACKWARD_METHODS = frozenset({BACKWARD, "manual_backward"})
# Steps of an optimizer: its own, or a scaler's or a device library's, which get the optimizer.
STEPS = frozenset({"optimizer_step", "step"})

# Names of optimizers' classes, and what is in the names of functions that make one.
_OPTIMIZERS = (
    r"(?:Ada(?:delta|factor|grad|m|max|mW)|ASGD|LBFGS|[NR]Adam|RMSprop|Rprop|SGD"
    r"|Fused(?:Adam|LAMB|SGD)|LAMB|LARS|Lamb|Lars|Lion|Muon|Paged\w+)(?:\d+bit|W)?"
)
_MAKERS = "optim"
_SCHEDULERS = "torch.optim.lr_scheduler."


def makes_optimizer(name: str) -> bool:
    """Whether something of this dotted name makes an optimizer of the parameters it is given."""
    if name.startswith(_SCHEDULERS):
        return False
    last = name.rpartition(".")[2]
    if name.startswith("torch.optim."):
        return last[:1].isupper() or last == "?"
    return re.fullmatch(_OPTIMIZERS, last) is not None or _MAKERS in last.lower()
