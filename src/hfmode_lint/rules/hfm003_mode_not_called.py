"""HFM003: ``.train`` or ``.eval`` is named but not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability, Edit, Finding, Fix
from hfmode_lint.rules.base import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis import FileAnalysis


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    for node in analysis.uncalled:
        start, end = analysis.parsed.span(node)
        name = analysis.parsed.text(node)
        yield Finding(
            code=RULE.code,
            message=f"{name} is named but not called, so no mode is set; add ()",
            start=start,
            end=end,
            fix=Fix(f"Call {name}()", Applicability.SAFE, (Edit(end, end, "()"),)),
        )


RULE = Rule(
    code="HFM003",
    name="mode-method-not-called",
    summary="A statement names .train or .eval without calling it.",
    why=(
        "A statement that only names a method does nothing. The line looks as if it set the mode, "
        "and the model trains or predicts in the other one."
    ),
    failing="""\
import torch


def prepare(model: torch.nn.Module):
    model.train
""",
    passing="""\
import torch


def prepare(model: torch.nn.Module):
    model.train()
""",
    fixable=True,
    check=_check,
)
