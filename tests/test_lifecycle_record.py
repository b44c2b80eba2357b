"""The lifecycle tables agree with what a recorder saw Lightning call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from hfmode_lint.analysis.knowledge import lightning
from hfmode_lint.analysis.knowledge.lightning import Receiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfmode_lint.analysis.knowledge.lightning import Stage

RECORD = Path(__file__).parent.parent / "fixtures" / "runtime" / "hooks.json"
SEEN = cast("dict[str, dict[str, str]]", json.loads(RECORD.read_text(encoding="utf-8")))
SUPPORTED = ("2.2.5", "2.6.6")
RECEIVERS = {
    Receiver.MODULE: "module",
    Receiver.CALLBACK: "callback",
    Receiver.FINETUNING: "finetuning",
    Receiver.DATA: "data",
}
# Of Lightning 1: called by no version that is supported, and harmless where code still has them.
OF_LIGHTNING_1 = {"configure_sharded_model", "validation_epoch_end"}
# Called first of all, for the callbacks that it returns.
SEPARATE = {
    "module.configure_callbacks",
    "module.on_validation_model_eval",
    "module.on_validation_model_train",
    "module.training_step",
}
NO_MODE = {
    "module.on_validation_model_zero_grad": "it zeroes gradients",
    "module.optimizer_step": "its stage stands before the step that it runs",
}


def calls(stages: Sequence[Stage], recorded: list[str]) -> list[str]:
    """What a table says is called, of what a scenario has."""
    known = set(recorded)
    found: list[str] = []
    for stage in stages:
        if stage.hook in OF_LIGHTNING_1:
            continue
        named = [f"{RECEIVERS[each]}.{stage.hook}" for each in stage.receivers]
        found.extend(name for name in named if name in known)
    return found


def whole_table(*, validation: bool, sanity: bool, recorded: list[str]) -> list[str]:
    """The tables in the order in which the lifecycle runs them."""
    in_validation = [
        "module.on_validation_model_eval",
        *calls(lightning.SANITY_CHECK, recorded),
        "module.on_validation_model_train",
    ]
    # The data loader is made once.
    again = [call for call in in_validation if not call.endswith("val_dataloader")]
    table = ["module.configure_callbacks", *calls(lightning.BEFORE_SANITY_CHECK, recorded)]
    if validation and sanity:
        table += calls(lightning.BEFORE_VALIDATION, recorded)
        table += in_validation
        table += calls(lightning.AFTER_VALIDATION, recorded)
    table += calls(lightning.AFTER_SANITY_CHECK, recorded)
    table += ["module.training_step", *calls(lightning.AFTER_STEP, recorded)]
    if validation:
        table += again
    return [*table, *calls(lightning.NEXT_EPOCH, recorded), "module.training_step"]


@pytest.mark.parametrize("version", SUPPORTED)
@pytest.mark.parametrize("scenario", SEEN["2.6.6"])
def test_the_tables_are_what_lightning_calls(version: str, scenario: str) -> None:
    recorded = SEEN[version][scenario].split()
    table = whole_table(
        validation="validation" in scenario or "data" in scenario,
        sanity="no sanity" not in scenario,
        recorded=recorded,
    )
    steps = [i for i, call in enumerate(recorded) if call == "module.training_step"]
    until_second_step = [call for call in recorded[: steps[1] + 1] if call not in NO_MODE]
    # A stage's order among its own receivers differs by nothing that a mode can tell.
    ignored = {"val_dataloader", "train_dataloader", "optimizer_step"}
    assert [c for c in table if c.partition(".")[2] not in ignored] == [
        c for c in until_second_step if c.partition(".")[2] not in ignored
    ]


@pytest.mark.parametrize("version", SUPPORTED)
def test_every_hook_that_is_called_is_in_a_table(version: str) -> None:
    stages = [
        *lightning.BEFORE_SANITY_CHECK,
        *lightning.BEFORE_VALIDATION,
        *lightning.SANITY_CHECK,
        *lightning.AFTER_VALIDATION,
        *lightning.AFTER_SANITY_CHECK,
        *lightning.AFTER_STEP,
        *lightning.NEXT_EPOCH,
    ]
    tabled = {f"{RECEIVERS[each]}.{stage.hook}" for stage in stages for each in stage.receivers}
    # What is called when training is over comes too late.
    over = {"teardown", "on_train_end", "on_fit_end"}
    for scenario in SEEN[version].values():
        called = {call for call in scenario.split() if call.partition(".")[2] not in over}
        assert called <= tabled | SEPARATE | NO_MODE.keys()


def test_before_lightning_2_2_the_order_is_the_same() -> None:
    """What changed in 2.2 is that ``fit`` no longer calls ``train()``, not the hooks."""
    assert SEEN["2.1.4"] == SEEN["2.2.5"]
