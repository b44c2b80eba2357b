"""HFM103: a loop with Accelerate trains a loaded model in eval mode."""

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
    return findings(analysis, RULE.code, Library.ACCELERATE, "accelerator.backward()")


RULE = Rule(
    code="HFM103",
    name="accelerate-loop-trains-in-eval-mode",
    summary="A loop with Accelerate trains a loaded model in eval mode.",
    why=(
        "from_pretrained() ends with model.eval(), and Accelerator.prepare() keeps that mode. Call "
        "model.train() before the loop, and again after each evaluation."
    ),
    failing="""\
import torch
from accelerate import Accelerator
from transformers import AutoModelForSequenceClassification


def main(batches):
    accelerator = Accelerator()
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model, optimizer = accelerator.prepare(model, optimizer)
    for batch in batches:
        loss = model(**batch).loss
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
""",
    passing="""\
import torch
from accelerate import Accelerator
from transformers import AutoModelForSequenceClassification


def main(batches):
    accelerator = Accelerator()
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model, optimizer = accelerator.prepare(model, optimizer)
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
""",
    fixable=True,
    check=_check,
    default=False,
    about_loops=True,
)
