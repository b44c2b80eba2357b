"""HFM005: a frozen module in train mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.modes import Grads, Mode
from hfmode_lint.findings import Applicability, Edit, Finding, Fix
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.states import on_every_path, path_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.states import ModuleState

_APPEND = ".eval()"


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    # A part of a model may be frozen and regularized all the same.
    seen = set(_partly_trained(analysis))
    for root, state in on_every_path(analysis, _is_frozen_in_train_mode):
        origin = state.origin
        if origin is None or origin.unit is not analysis.unit or origin.call in seen:
            continue
        seen.add(origin.call)
        start, end = analysis.parsed.span(origin.call)
        yield Finding(
            code=RULE.code,
            message=f"{path_in(analysis, root, state.path)} is frozen and in train mode when "
            f"training starts (dropout is active); {_advice(state)}",
            start=start,
            end=end,
            fix=_fix(state, Edit(end, end, _APPEND)),
            module_path=state.path,
            origin=origin.loader,
        )


def _partly_trained(analysis: FileAnalysis) -> Iterator[cst.CSTNode]:
    for record in analysis.paths:
        for state in record.states:
            if state.origin is not None and not _is_frozen(state):
                yield state.origin.call


def _is_frozen_in_train_mode(state: ModuleState) -> bool:
    if state.origin is None or not state.mode_matters:
        return False
    return state.mode is Mode.TRAIN and state.ran_in is Mode.TRAIN and _is_frozen(state)


def _is_frozen(state: ModuleState) -> bool:
    return state.grads is Grads.FROZEN and state.later_grads is Grads.FROZEN


def _stays_where_the_loader_left_it(state: ModuleState) -> bool:
    return state.origin is not None and state.origin.trains and state.origin.chainable


def _advice(state: ModuleState) -> str:
    if _stays_where_the_loader_left_it(state):
        return f"append {_APPEND}"
    return f"call {state.path}{_APPEND} after what sets train mode"


def _fix(state: ModuleState, edit: Edit) -> Fix | None:
    if state.origin is None or not _stays_where_the_loader_left_it(state):
        return None
    message = f"Append {_APPEND} to {state.origin.loader}()"
    return Fix(message, Applicability.UNSAFE, (edit,))


RULE = Rule(
    code="HFM005",
    name="frozen-module-in-train-mode",
    summary="A frozen module is in train mode, so its dropout is active.",
    why=(
        "A teacher whose parameters are frozen still drops activations in train mode: its targets "
        "change from step to step. self.train() in a hook does that to every submodule, and so "
        "does Lightning before 2.2. Some freeze parts of a model that they train in train mode, so "
        "this rule is off by default."
    ),
    failing="""\
import lightning as L
from transformers import AutoModel


class Distillation(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.student = AutoModel.from_pretrained("distilbert-base-uncased")
        self.teacher = AutoModel.from_pretrained("bert-base-uncased")
        self.teacher.requires_grad_(False)

    def on_train_start(self):
        self.train()

    def training_step(self, batch, batch_idx):
        target = self.teacher(**batch).last_hidden_state
        return (self.student(**batch).last_hidden_state - target).pow(2).mean()
""",
    passing="""\
import lightning as L
from transformers import AutoModel


class Distillation(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.student = AutoModel.from_pretrained("distilbert-base-uncased")
        self.teacher = AutoModel.from_pretrained("bert-base-uncased")
        self.teacher.requires_grad_(False)

    def on_train_start(self):
        self.student.train()

    def training_step(self, batch, batch_idx):
        target = self.teacher(**batch).last_hidden_state
        return (self.student(**batch).last_hidden_state - target).pow(2).mean()
""",
    fixable=True,
    check=_check,
    default=False,
)
