"""The record of what Lightning calls is still true, and nothing calls a submodule's hooks."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import lightning.pytorch as pl
import pytest
import torch
from packaging.version import Version

from tests.runtime.hooks import RECORD, observe
from tests.runtime.recorder import quiet


def test_the_record_is_still_true() -> None:
    known = json.loads(RECORD.read_text(encoding="utf-8")).get(version("lightning"))
    if known is None:
        pytest.skip("not recorded with this version of Lightning")
    assert {name: " ".join(calls) for name, calls in observe().items()} == known


class Inner(pl.LightningModule):
    """A LightningModule that another one holds."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.called: list[str] = []

    def setup(self, stage: str) -> None:
        self.called.append("setup")

    def on_train_start(self) -> None:
        self.called.append("on_train_start")


class Outer(pl.LightningModule):
    """The one that is trained, by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.inner = Inner()
        self.modes: list[bool] = []

    def training_step(self, batch: Any, batch_idx: int) -> None:
        self.modes.append(self.inner.layer.training)
        self.manual_backward(self.inner.layer(batch).sum())

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        pass

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def trainer() -> Any:
    return pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip


@pytest.mark.filterwarnings("ignore")
def test_the_hooks_of_a_lightning_module_inside_another_are_not_called() -> None:
    outer = Outer()
    batches = torch.utils.data.DataLoader(torch.zeros(2, 1))
    with quiet():
        trainer().fit(outer, batches, batches)
    assert outer.inner.called == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("training", [True, False])
def test_validate_and_fit_and_a_second_fit_keep_modes_since_2_2(*, training: bool) -> None:
    outer = Outer()
    outer.inner.layer.train(training)
    batches = torch.utils.data.DataLoader(torch.zeros(2, 1))
    with quiet():
        trainer().validate(outer, batches)
        trainer().fit(outer, batches, batches)
        trainer().fit(outer, batches, batches)
    switched = Version(pl.__version__) < Version("2.2")
    assert outer.modes == [training or switched] * 4
