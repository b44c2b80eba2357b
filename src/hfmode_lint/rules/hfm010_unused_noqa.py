"""HFM010: a ``noqa`` comment that names our rules and hides nothing."""

from __future__ import annotations

from hfmode_lint.rules.base import Rule

RULE = Rule(
    code="HFM010",
    name="unused-noqa",
    summary="A noqa comment names rules that find nothing there.",
    why=(
        "A comment that hides nothing today hides the next bug on its line. Only codes of "
        "hfmode-lint are looked at, and of rules that are off by default only those that are "
        "turned on; a plain noqa may be there for other tools. In flake8 this rule finds nothing, "
        "as flake8 reads the comments itself."
    ),
    failing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()  # noqa: HFM001

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    passing="""\
import lightning as L
from transformers import AutoModel


class Classifier(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")  # noqa: HFM001

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    fixable=True,
    check=None,
    default=False,
)
