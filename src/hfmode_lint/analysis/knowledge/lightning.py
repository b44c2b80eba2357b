"""The lifecycle: what ``Trainer.fit`` calls, in order, up to the second epoch's first step.

Lightning 2.2.5 and 2.6.6 agree; ``fixtures/runtime/hooks.json`` has what a recorder saw, and
``tests/test_lifecycle_record.py`` compares.
"""

from __future__ import annotations

from enum import Enum

from hfmode_lint.immutable import immutable


class Receiver(Enum):
    """Whose hook is called."""

    MODULE = "the LightningModule"
    FINETUNING = "each callback, with the LightningModule as its first argument"
    CALLBACK = "each callback"
    DATA = "the LightningDataModule"


@immutable
class Stage:
    """One hook, on each of its receivers in turn, with what Lightning passes last."""

    hook: str
    receivers: tuple[Receiver, ...]
    arguments: tuple[str, ...] = ()


_ALL = (Receiver.CALLBACK, Receiver.MODULE)
_MODULE = (Receiver.MODULE,)
_CALLBACK = (Receiver.CALLBACK,)
_FINETUNING = (Receiver.FINETUNING,)
_DATA_FIRST = (Receiver.DATA, Receiver.MODULE)

# Of a batch to its device: the data module's hooks where it has them.
_TRANSFER = (
    Stage("on_before_batch_transfer", _DATA_FIRST),
    Stage("transfer_batch_to_device", _DATA_FIRST),
    Stage("on_after_batch_transfer", _DATA_FIRST),
)

BEFORE_SANITY_CHECK = (
    Stage("prepare_data", _DATA_FIRST),
    Stage("setup", (Receiver.DATA, Receiver.CALLBACK), ("fit",)),
    Stage("freeze_before_training", _FINETUNING),
    Stage("setup", _MODULE, ("fit",)),
    Stage("configure_sharded_model", _MODULE),
    Stage("configure_model", _MODULE),
    Stage("configure_optimizers", _MODULE),
    Stage("on_fit_start", _ALL),
)

BEFORE_VALIDATION = (Stage("on_sanity_check_start", _CALLBACK),)
AFTER_VALIDATION = (Stage("on_sanity_check_end", _CALLBACK),)

# Between those, Lightning puts every submodule in eval mode and gives it its own mode back.
SANITY_CHECK = (
    Stage("val_dataloader", _DATA_FIRST),
    Stage("on_validation_start", _ALL),
    Stage("on_validation_epoch_start", _ALL),
    *_TRANSFER,
    Stage("on_validation_batch_start", _ALL),
    Stage("validation_step", _MODULE),
    Stage("on_validation_batch_end", _ALL),
    # Lightning 1 only: code that still has it is written for it.
    Stage("validation_epoch_end", _MODULE),
    Stage("on_validation_epoch_end", _ALL),
    Stage("on_validation_end", _ALL),
)

AFTER_SANITY_CHECK = (
    Stage("train_dataloader", _DATA_FIRST),
    Stage("on_train_start", _ALL),
    Stage("on_train_epoch_start", _CALLBACK),
    Stage("finetune_function", _FINETUNING),
    Stage("on_train_epoch_start", _MODULE),
    *_TRANSFER,
    Stage("on_train_batch_start", _ALL),
    Stage("optimizer_step", _MODULE),
)

# What Lightning counts, from 0: the parameter of hooks, and attributes of modules and of Trainers.
BATCH_NUMBER = "batch_idx"
COUNTERS = frozenset({"current_epoch", "global_step"})
# Of a Trainer: whether it trains.
TRAINER_FLAGS = {
    "predicting": False, "sanity_checking": False, "testing": False, "training": True,
    "validating": False,
}  # fmt: skip

# With automatic optimization the optimizer's step runs this.
TRAINING_STEP = "training_step"

# From the first training step to the validation at the epoch's end.
AFTER_STEP = (
    Stage("on_before_zero_grad", _ALL),
    Stage("on_before_backward", _ALL),
    Stage("on_after_backward", _ALL),
    Stage("on_before_optimizer_step", _ALL),
    Stage("on_train_batch_end", _ALL),
)

# From that validation to the first training step of the second epoch.
NEXT_EPOCH = (
    Stage("on_train_epoch_end", _ALL),
    Stage("on_train_epoch_start", _CALLBACK),
    Stage("finetune_function", _FINETUNING),
    Stage("on_train_epoch_start", _MODULE),
    *_TRANSFER,
    Stage("on_train_batch_start", _ALL),
    Stage("optimizer_step", _MODULE),
)

ENTER_VALIDATION = "on_validation_model_eval"
LEAVE_VALIDATION = "on_validation_model_train"

# Steps that make a LightningModule without a ``training_step`` one for inference.
INFERENCE_STEPS = frozenset({"predict_step", "test_step", "validation_step"})

# What the base class defines without touching a mode; a call of anything else on ``self`` that
# can't be seen may use any submodule.
QUIET_METHODS = frozenset(
    {
        "all_gather",
        "clip_gradients",
        "configure_gradient_clipping",
        "freeze",
        "log",
        "log_dict",
        "log_grad_norm",
        "lr_scheduler_step",
        "lr_schedulers",
        "manual_backward",
        "on_train_start",
        "optimizers",
        "print",
        "register_buffer",
        "save_hyperparameters",
        "toggle_optimizer",
        "unfreeze",
        "untoggle_optimizer",
    }
)

# What stops with an error since Lightning 2.0 (measured with 2.2.5 and 2.6): a LightningModule with
# one of these hooks, or with this parameter of its training step, when ``fit`` begins; a Trainer
# with one of these arguments, or made by this method, when it is made.
REMOVED_HOOKS = ("training_epoch_end", "validation_epoch_end")
REMOVED_PARAMETER = "optimizer_idx"
REMOVED_MAKER = "from_argparse_args"
REMOVED_ARGUMENTS = frozenset(
    {
        "amp_backend", "amp_level", "auto_lr_find", "auto_scale_batch_size", "auto_select_gpus",
        "checkpoint_callback", "distributed_backend", "early_stop_callback",
        "flush_logs_every_n_steps", "gpus", "ipus", "log_gpu_memory", "move_metrics_to_cpu",
        "multiple_trainloader_mode", "num_processes", "prepare_data_per_node", "process_position",
        "progress_bar_refresh_rate", "reload_dataloaders_every_epoch", "replace_sampler_ddp",
        "resume_from_checkpoint", "stochastic_weight_avg", "terminate_on_nan", "tpu_cores",
        "track_grad_norm", "truncated_bptt_steps", "weights_save_path", "weights_summary",
    }
)  # fmt: skip

# What a ``BaseFinetuning`` callback inherits, and whether it makes modules trainable; modes stay as
# they are (measured).
FINETUNING_CALLBACKS = frozenset({"lightning.BackboneFinetuning", "lightning.BaseFinetuning"})
FINETUNING_METHODS = {
    "freeze": False,
    "make_trainable": True,
    "unfreeze_and_add_param_group": True,
}

# Of these, ``fit`` trains; the others leave each submodule in the mode that it had (measured).
INFERENCE_METHODS = frozenset({"predict", "test", "validate"})
TRAINER_METHODS = frozenset({"fit", "save_checkpoint"}) | INFERENCE_METHODS
