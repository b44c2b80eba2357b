"""HFM001: a loaded model is in eval mode when training starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Verdict
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.loaded_models import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.findings import Finding


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    return findings(
        analysis,
        RULE.code,
        Verdict.EVAL,
        "{path} is loaded in eval mode by {loader} and still in eval mode when training starts "
        "(dropout is off); {advice}",
    )


RULE = Rule(
    code="HFM001",
    name="eval-mode-when-training-starts",
    summary="A loaded model is still in eval mode when training starts.",
    why=(
        "from_pretrained() ends with model.eval(), and since Lightning 2.2 Trainer.fit() no longer "
        "calls train() on the LightningModule. A model that nobody switches back trains every step "
        "with dropout off and batch norm on its running statistics: no error, a worse model. "
        "Gradient checkpointing does nothing in eval mode either."
    ),
    failing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    passing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    fixable=True,
    check=_check,
    since_lightning_2_2=True,
)
