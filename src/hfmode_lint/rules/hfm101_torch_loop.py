"""HFM101: a training loop trains a loaded model in eval mode."""

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
    return findings(analysis, RULE.code, Library.TORCH, "backward()")


RULE = Rule(
    code="HFM101",
    name="loop-trains-in-eval-mode",
    summary="A training loop trains a loaded model in eval mode.",
    why=(
        "from_pretrained() ends with model.eval(), and nothing in a loop of loss.backward() and "
        "optimizer.step() switches the model back: every step runs with dropout off and batch norm "
        "on its running statistics. Call model.train() before the loop, and again after each "
        "evaluation. The Trainers of transformers, sentence-transformers and trl do it themselves."
    ),
    failing="""\
import torch
from transformers import AutoModelForSequenceClassification


def main(batches):
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    for batch in batches:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
""",
    passing="""\
import torch
from transformers import AutoModelForSequenceClassification


def main(batches):
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model.train()
    for batch in batches:
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
""",
    fixable=True,
    check=_check,
    default=False,
    about_loops=True,
)
