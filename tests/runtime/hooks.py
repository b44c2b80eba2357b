"""What Lightning calls, in order: every hook of every base class is overridden and recorded.

``python -m tests.runtime.hooks`` writes what the installed version does to
``fixtures/runtime/hooks.json``, beside what other versions did.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import BaseFinetuning

from tests.runtime.recorder import quiet

if TYPE_CHECKING:
    from collections.abc import Callable

RECORD = Path(__file__).parent.parent.parent / "fixtures" / "runtime" / "hooks.json"

# Called whenever something is read or saved, and no place for a mode.
_NO_HOOKS = frozenset({"on_gpu", "on_tpu", "state_key", "example_input_array"})
_OTHERS = frozenset(
    {"prepare_data", "setup", "teardown", "training_step", "validation_step", "optimizer_step"}
    | {"train_dataloader", "val_dataloader", "transfer_batch_to_device", "test_step"}
    | {"configure_model", "configure_sharded_model", "configure_optimizers", "configure_callbacks"}
    | {"freeze_before_training", "finetune_function", "predict_step", "lr_scheduler_step"}
    | {"test_dataloader", "predict_dataloader"}
)


def hooks_of(cls: type) -> list[str]:
    """The hooks that a class of Lightning's defines."""
    names = {name for each in cls.__mro__ for name in vars(each)} - _NO_HOOKS
    return sorted(name for name in names if name.startswith("on_") or name in _OTHERS)


def _batches() -> Any:
    return torch.utils.data.DataLoader(torch.zeros(2, 1))


def _results(module: Any) -> dict[str, Callable[..., Any]]:
    """What the hooks return that have to return something."""
    return {
        "configure_optimizers": lambda: torch.optim.SGD(module.parameters(), lr=0.1),
        "training_step": lambda *a: module.layer(a[0]).sum(),
        "configure_callbacks": list,
        "transfer_batch_to_device": lambda batch, *a: batch,
        "on_before_batch_transfer": lambda batch, *a: batch,
        "on_after_batch_transfer": lambda batch, *a: batch,
    }


def _recording(base: type, receiver: str, calls: list[str], *, without: frozenset[str]) -> type:
    """A subclass whose every hook is noted and then does what the base's does."""

    def override(name: str) -> Callable[..., Any]:
        inherited = getattr(base, name)

        # Without ``functools.wraps``: Lightning looks through it, and sees no override.
        def hook(self: Any, *arguments: Any, **keywords: Any) -> Any:
            calls.append(f"{receiver}.{name}")
            results = _results(self) if receiver == "module" else {}
            if name in results:
                return results[name](*arguments)
            if name.endswith("_dataloader"):
                return _batches()
            if name in {"validation_step", "test_step", "predict_step"}:
                return None
            if name in {"freeze_before_training", "finetune_function", "configure_sharded_model"}:
                return None
            return inherited(self, *arguments, **keywords)

        return hook

    wanted = [name for name in hooks_of(base) if name not in without]
    return type(f"Recording{base.__name__}", (base,), {name: override(name) for name in wanted})


class _Plain(pl.LightningModule):
    """A LightningModule with a layer, for the recording subclasses to extend."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)


class _Finetuning(BaseFinetuning):
    """The two methods that a finetuning callback has to define."""

    def freeze_before_training(self, module: Any) -> None:
        """Freeze nothing."""

    def finetune_function(self, module: Any, epoch: int, optimizer: Any) -> None:
        """Unfreeze nothing."""


def record_hooks(*, validation: bool, data: bool = False, sanity: bool = True) -> list[str]:
    """The hooks that one ``fit`` of two epochs of a batch calls, in order.

    :param data: the batches come from a LightningDataModule.
    """
    calls: list[str] = []
    left_out = {"configure_sharded_model", "test_step", "predict_step"}
    left_out |= {"test_dataloader", "predict_dataloader"}
    if not validation:
        left_out |= {"validation_step", "val_dataloader"}
    without = frozenset(left_out | ({"train_dataloader", "val_dataloader"} if data else set()))
    module = _recording(_Plain, "module", calls, without=without)()
    callbacks = [
        _recording(pl.Callback, "callback", calls, without=frozenset())(),
        _recording(_Finetuning, "finetuning", calls, without=_NOT_FINETUNING)(),
    ]
    module_data = _recording(pl.LightningDataModule, "data", calls, without=frozenset(left_out))
    with warnings.catch_warnings(), quiet():
        warnings.simplefilter("ignore")
        trainer = pl.Trainer(
            accelerator="cpu", max_epochs=2, limit_train_batches=1, limit_val_batches=1,
            logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, callbacks=callbacks,
            num_sanity_val_steps=1 if sanity else 0,
        )  # fmt: skip
        trainer.fit(module, datamodule=module_data() if data else None)
    return calls


# The other hooks of a finetuning callback are those of every callback.
_NOT_FINETUNING = frozenset(hooks_of(pl.Callback))

SCENARIOS: dict[str, dict[str, bool]] = {
    "fit": {"validation": False},
    "fit with validation": {"validation": True},
    "fit with validation and no sanity check": {"validation": True, "sanity": False},
    "fit with a data module": {"validation": True, "data": True},
}


def observe() -> dict[str, list[str]]:
    """What the installed version calls in each scenario."""
    return {name: record_hooks(**options) for name, options in SCENARIOS.items()}


def main() -> None:
    """Write the record."""
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    known[version("lightning")] = {name: " ".join(calls) for name, calls in observe().items()}
    RECORD.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
