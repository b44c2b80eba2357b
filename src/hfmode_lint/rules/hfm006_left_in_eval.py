"""HFM006: a hook or step leaves a trained module in eval mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.modes import TRAINED, Mode
from hfmode_lint.findings import Finding
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.states import on_every_path, path_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.states import ModuleState


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    seen: set[cst.CSTNode] = set()
    for root, state in on_every_path(analysis, is_left_in_eval):
        place = state.later_chosen_by
        if place is None or place.unit is not analysis.unit or place.node in seen:
            continue
        seen.add(place.node)
        start, end = analysis.parsed.span(place.node)
        yield Finding(
            code=RULE.code,
            message=f"{path_in(analysis, root, state.path)} is put in eval mode here and not back, "
            f"so it is trained with dropout off from then on; call {state.path}.train() afterwards",
            start=start,
            end=end,
            module_path=state.path,
        )


def is_left_in_eval(state: ModuleState) -> bool:
    """Whether a module trains in train mode first and in eval mode in the next epoch."""
    return (
        state.trained
        and state.ran_in is Mode.TRAIN
        and state.later_ran_in is Mode.CHOSEN_EVAL
        and state.later_grads in TRAINED
    )


RULE = Rule(
    code="HFM006",
    name="left-in-eval-mode",
    summary="A hook or step puts a trained module in eval mode and does not put it back.",
    why=(
        "Lightning restores the modes after validation, and after nothing else. A model that "
        "training_step, on_train_batch_end or on_train_epoch_end puts in eval mode, to sample from "
        "it for example, trains in eval mode from then on."
    ),
    failing="""\
import lightning as L
import torch
from transformers import AutoModelForCausalLM


class Writer(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = AutoModelForCausalLM.from_pretrained("gpt2").train()

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

    def on_train_epoch_end(self):
        self.model.eval()
        with torch.no_grad():
            self.sample = self.model.generate(max_new_tokens=20)
""",
    passing="""\
import lightning as L
import torch
from transformers import AutoModelForCausalLM


class Writer(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.model = AutoModelForCausalLM.from_pretrained("gpt2").train()

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

    def on_train_epoch_end(self):
        self.model.eval()
        with torch.no_grad():
            self.sample = self.model.generate(max_new_tokens=20)
        self.model.train()
""",
    fixable=False,
    check=_check,
)
