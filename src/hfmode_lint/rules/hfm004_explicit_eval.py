"""HFM004: an explicit ``.eval()`` on a module that is still trained."""

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
    for root, state in on_every_path(analysis, _is_trained_in_chosen_eval):
        place = state.chosen_by
        if place is None or place.unit is not analysis.unit or place.node in seen:
            continue
        seen.add(place.node)
        start, end = analysis.parsed.span(place.node)
        yield Finding(
            code=RULE.code,
            message=f"{path_in(analysis, root, state.path)} is put in eval mode here, and is "
            "trained in it (dropout is off); freeze it or leave it in train mode",
            start=start,
            end=end,
            module_path=state.path,
            removed=analysis.removed_in(root),
        )


def _is_trained_in_chosen_eval(state: ModuleState) -> bool:
    return state.ran_in is Mode.CHOSEN_EVAL and state.trained and state.grads in TRAINED


RULE = Rule(
    code="HFM004",
    name="explicit-eval-of-trained-module",
    summary="A module is put in eval mode by the program itself, and still trained.",
    why=(
        "Eval mode does not freeze: the parameters go on changing, with dropout off and batch norm "
        "on its running statistics. That can be meant, so this rule is off by default; where the "
        "module was to stay as it is, requires_grad_(False) says so."
    ),
    failing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.encoder.eval()

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    passing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.encoder.eval()
        self.encoder.requires_grad_(False)

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    fixable=False,
    check=_check,
    default=False,
    since_lightning_2_2=True,
)
