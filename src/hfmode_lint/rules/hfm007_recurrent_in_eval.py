"""HFM007: a recurrent layer in eval mode while it is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.analysis.knowledge.callables import RECURRENT
from hfmode_lint.analysis.modes import EVAL, TRAINED, Mode
from hfmode_lint.findings import Edit, Finding, Fix
from hfmode_lint.rules.base import Rule
from hfmode_lint.rules.loaded_models import APPEND, append_fix
from hfmode_lint.rules.states import on_every_path, path_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.states import ModuleState


def _check(analysis: FileAnalysis) -> Iterator[Finding]:
    seen: set[cst.CSTNode] = set()
    for root, state in on_every_path(analysis, _is_trained_recurrent_layer_in_eval):
        cause = _cause(state)
        if cause is None or cause.unit is not analysis.unit or cause.node in seen:
            continue
        seen.add(cause.node)
        start, end = analysis.parsed.span(cause.node)
        kind = _with_article(state.library_class.rpartition(".")[2])
        yield Finding(
            code=RULE.code,
            message=f"{path_in(analysis, root, state.path)} is {kind} that is trained in eval "
            "mode since this call; cuDNN raises in the backward pass",
            start=start,
            end=end,
            fix=_fix(state, Edit(end, end, APPEND)),
            module_path=state.path,
            removed=analysis.removed_in(root),
        )


def _is_trained_recurrent_layer_in_eval(state: ModuleState) -> bool:
    if state.library_class not in RECURRENT or not state.trained:
        return False
    return state.ran_in in EVAL and state.grads in TRAINED


def _with_article(kind: str) -> str:
    return f"a {kind}" if kind == "GRU" else f"an {kind}"


def _cause(state: ModuleState) -> Place | None:
    """The call that set eval mode: the program's own, or the loader."""
    if state.mode is Mode.CHOSEN_EVAL:
        return state.chosen_by
    return state.origin.place if state.origin is not None else None


def _fix(state: ModuleState, edit: Edit) -> Fix | None:
    if state.mode is Mode.CHOSEN_EVAL or state.origin is None or not state.origin.chainable:
        return None
    return append_fix(state.origin, edit, safe=False)


RULE = Rule(
    code="HFM007",
    name="recurrent-layer-in-eval-mode",
    summary="A recurrent layer is trained in eval mode, which cuDNN refuses.",
    why=(
        "The backward pass of an LSTM, GRU or RNN in eval mode raises on a GPU: 'cudnn RNN "
        "backward can only be called in training mode' (ATen/native/cudnn/RNN.cpp in torch). On a "
        "CPU the same program trains, so a test there does not find it."
    ),
    failing="""\
import lightning as L
from torch import nn
from transformers import AutoModel


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()
        self.lstm = nn.LSTM(768, 8)
        self.lstm.eval()

    def training_step(self, batch, batch_idx):
        return self.lstm(self.encoder(**batch).last_hidden_state)[0].mean()
""",
    passing="""\
import lightning as L
from torch import nn
from transformers import AutoModel


class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased").train()
        self.lstm = nn.LSTM(768, 8)

    def training_step(self, batch, batch_idx):
        return self.lstm(self.encoder(**batch).last_hidden_state)[0].mean()
""",
    fixable=True,
    check=_check,
    since_lightning_2_2=True,
)
