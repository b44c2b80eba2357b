"""HFM009: a module of a project that uses Lightning holds a loaded model in eval mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability, Edit, Finding, Fix, Verdict
from hfmode_lint.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis

_APPEND = ".train()"


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    seen: set[cst.CSTNode] = set()
    for held in analysis.held():
        origin = held.origin
        if origin.call in seen:
            continue
        seen.add(origin.call)
        start, end = analysis.parsed.span(origin.call)
        fix = Fix(
            f"Append {_APPEND} to {origin.loader}()",
            Applicability.UNSAFE,
            (Edit(end, end, _APPEND),),
        )
        yield Finding(
            code=RULE.code,
            message=f"{held.path} of {held.holder} is loaded in eval mode by {origin.loader}(), "
            f"and what trains it can't be seen; append {_APPEND} if a LightningModule does",
            start=start,
            end=end,
            fix=fix if origin.chainable else None,
            module_path=held.path,
            verdict=Verdict.UNKNOWN,
            origin=origin.loader,
            assumed=origin.assumed,
        )


RULE = Rule(
    code="HFM009",
    name="held-in-eval-mode",
    summary="A module in a project with LightningModules holds a loaded model in eval mode.",
    why=(
        "Where a configuration or a string decides at run time which class a LightningModule "
        "holds, the way from the loader to the training can't be seen. This stricter rule names "
        "each loaded model that an nn.Module of the project holds in eval mode, and that no "
        "visible LightningModule holds. It can't know whether the model is trained, so it is off "
        "by default."
    ),
    failing="""\
import lightning as L
from torch import nn
from transformers import AutoModel


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")

    def forward(self, batch):
        return self.encoder(**batch).last_hidden_state


class Task(L.LightningModule):
    def __init__(self, kind):
        super().__init__()
        self.net = globals()[kind]()

    def training_step(self, batch, batch_idx):
        return self.net(batch).mean()
""",
    passing="""\
import lightning as L
from torch import nn
from transformers import AutoModel


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()

    def forward(self, batch):
        return self.encoder(**batch).last_hidden_state


class Task(L.LightningModule):
    def __init__(self, kind):
        super().__init__()
        self.net = globals()[kind]()

    def training_step(self, batch, batch_idx):
        return self.net(batch).mean()
""",
    fixable=True,
    check=_check,
    default=False,
    since_lightning_2_2=True,
)
