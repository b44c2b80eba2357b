"""HFM002: a loaded model is in eval mode when training starts, on some paths only."""

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
        Verdict.EITHER,
        "{path} is loaded in eval mode by {loader} and on some paths still in eval mode when "
        "training starts (dropout is off); {advice}",
    )


RULE = Rule(
    code="HFM002",
    name="eval-mode-on-some-paths",
    summary="A loaded model is still in eval mode when training starts, on some paths only.",
    why=(
        "Behind a branch or a flag the same program trains once with dropout and once without. The "
        "difference between the two runs is then not the one that the flag is there for. Set train "
        "mode on every path, or eval mode where it is meant."
    ),
    failing="""\
import lightning as L
from transformers import AutoConfig, AutoModel


class Classifier(L.LightningModule):
    def __init__(self, name, pretrained=True):
        super().__init__()
        if pretrained:
            self.encoder = AutoModel.from_pretrained(name)
        else:
            self.encoder = AutoModel.from_config(AutoConfig.from_pretrained(name))

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    passing="""\
import lightning as L
from transformers import AutoConfig, AutoModel


class Classifier(L.LightningModule):
    def __init__(self, name, pretrained=True):
        super().__init__()
        if pretrained:
            self.encoder = AutoModel.from_pretrained(name).train()
        else:
            self.encoder = AutoModel.from_config(AutoConfig.from_pretrained(name))

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()
""",
    fixable=True,
    check=_check,
    since_lightning_2_2=True,
)
