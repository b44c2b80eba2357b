"""HFM102: a loop with Lightning Fabric trains a loaded model in eval mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.loops import Library
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.loops import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.findings import Finding


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    return findings(analysis, RULE.code, Library.FABRIC, "fabric.backward()")


RULE = Rule(
    code="HFM102",
    name="fabric-loop-trains-in-eval-mode",
    summary="A loop with Lightning Fabric trains a loaded model in eval mode.",
    why=(
        "from_pretrained() ends with model.eval(), and Fabric.setup() keeps that mode: what it "
        "returns is in train mode itself, and the model inside is not. Call train() on what "
        "setup() returned before the loop, and again after each evaluation."
    ),
    failing="""\
import torch
from lightning.fabric import Fabric
from transformers import AutoModelForSequenceClassification


def main(batches):
    fabric = Fabric(accelerator="cpu", devices=1)
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model, optimizer = fabric.setup(model, optimizer)
    for batch in batches:
        loss = model(**batch).loss
        fabric.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
""",
    passing="""\
import torch
from lightning.fabric import Fabric
from transformers import AutoModelForSequenceClassification


def main(batches):
    fabric = Fabric(accelerator="cpu", devices=1)
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model, optimizer = fabric.setup(model, optimizer)
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        fabric.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
""",
    fixable=True,
    check=_check,
    default=False,
    about_loops=True,
)
