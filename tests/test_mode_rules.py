"""The rules that are off by default, on programs that only differ from their examples a little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_source, fix_source
from hfmode_lint.rules import RULES
from tests.analysis.programs import module

if TYPE_CHECKING:
    from hfmode_lint import Finding

MESSAGES = {
    "HFM001": "self.encoder is loaded in eval mode by AutoModel.from_pretrained() and still in "
    "eval mode when training starts (dropout is off); append .train()",
    "HFM002": "self.encoder is loaded in eval mode by AutoModel.from_pretrained() and on some "
    "paths still in eval mode when training starts (dropout is off); append .train()",
    "HFM003": "model.train is named but not called, so no mode is set; add ()",
    "HFM004": "self.encoder is put in eval mode here, and is trained in it (dropout is off); "
    "freeze it or leave it in train mode",
    "HFM005": "self.teacher is frozen and in train mode when training starts (dropout is active); "
    "call self.teacher.eval() after what sets train mode",
    "HFM006": "self.model is put in eval mode here and not back, so it is trained with dropout off "
    "from then on; call self.model.train() afterwards",
    "HFM007": "self.lstm is an LSTM that is trained in eval mode since this call; cuDNN raises in "
    "the backward pass",
    "HFM008": "nothing in Classifier asserts that self.encoder is in train mode when training "
    "starts; add an assertion to on_train_start",
}
ORIGINS = {"HFM001": "AutoModel.from_pretrained", "HFM002": "AutoModel.from_pretrained"}
ORIGINS["HFM005"] = ORIGINS["HFM001"]


@pytest.mark.parametrize(("code", "message"), MESSAGES.items())
def test_what_a_rule_says_of_its_example(code: str, message: str) -> None:
    (finding,) = check_source(RULES[code].failing, options=Options(select=(code,)))
    assert finding.message == message
    assert finding.origin == ORIGINS.get(code)


def test_a_recurrent_layer_of_a_loaded_model_is_fixed_at_the_loader() -> None:
    """The layer came in eval mode with the model."""
    program = module(
        """
class Net(transformers.PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.lstm = nn.LSTM(8, 8)
    def forward(self, batch):
        return self.lstm(batch)
self.m = Net.from_pretrained(name)
"""
    )
    result = fix_source(program, options=Options(select=("HFM007",), unsafe_fixes=True))
    assert result.source == program.replace(
        "Net.from_pretrained(name)", "Net.from_pretrained(name).train()"
    )


LOADED = "self.m = AutoModel.from_pretrained(name)\n"


def findings_of(
    code: str, lines: str, methods: str = "", *, step: str = "return self.m(batch)"
) -> list[Finding]:
    """What one rule finds in a LightningModule with these lines in its constructor."""
    return check_source(module(lines, methods, step=step), options=Options(select=(code,)))


EVAL_IN_A_STEP = {
    "a part that is seen later": (
        LOADED + "self.m.eval()",
        "",
        "part = self.m.encoder\nreturn part(batch)",
        ["self.m.encoder"],
    ),
    "a part that validation sees first": (
        LOADED + "self.m.eval()",
        "def validation_step(self, batch, batch_idx):\n    part = self.m.encoder\n    part(batch)",
        "part = self.m.encoder\nreturn part(batch)",
        ["self.m.encoder"],
    ),
    "all of it": (
        LOADED + "self.eval()",
        "def forward(self, batch):\n    return self.m(batch)",
        "return self(batch)",
        ["self.m"],
    ),
    "two modules by one call, and a third": (
        """
        self.a, self.b = AutoModel.from_pretrained(name), AutoModel.from_pretrained(flag)
        self.m = AutoModel.from_pretrained(name)
        for model in (self.a, self.b):
            model.eval()
        self.m.eval()
        """,
        "",
        "return self.m(batch) + self.a(batch) + self.b(batch)",
        ["self.a", "self.m"],
    ),
    "switched off for the step alone": (
        LOADED + "self.m.train()",
        "",
        "self.m.eval()\nloss = self.m(batch)\nself.m.train()\nreturn loss",
        [],
    ),
}


@pytest.mark.parametrize(
    ("lines", "methods", "step", "paths"), EVAL_IN_A_STEP.values(), ids=EVAL_IN_A_STEP
)
def test_explicit_eval(lines: str, methods: str, step: str, paths: list[str]) -> None:
    findings = findings_of("HFM004", lines, methods, step=step)
    assert [finding.module_path for finding in findings] == paths


FROZEN = LOADED + "self.m.requires_grad_(False)\n"
TRAINED = "self.m.train()\n"

FROZEN_IN_TRAIN_MODE = {
    "two of three": (
        FROZEN
        + TRAINED
        + """
self.n = AutoModel.from_pretrained(name).train()
self.o = AutoModel.from_pretrained(flag).train()
self.o.requires_grad_(False)
""",
        "",
        "return self.m(batch) + self.n(batch) + self.o(batch)",
        ["self.m", "self.o"],
    ),
    "two by one load": (
        """
for key in ("a", "b"):
    setattr(self, key, AutoModel.from_pretrained(key).train())
self.requires_grad_(False)
self.m = AutoModel.from_pretrained(name).train()
self.m.requires_grad_(False)
""",
        "",
        "return self.m(batch)",
        ["self.a", "self.m"],
    ),
    "runs in eval mode": (
        FROZEN + TRAINED,
        "",
        "self.m.eval()\nloss = self.m(batch)\nself.m.train()\nreturn loss",
        [],
    ),
    "thawed after the first epoch": (
        FROZEN + TRAINED,
        """
def on_train_epoch_end(self):
    self.m.requires_grad_(True)
    self.other.eval()
""",
        "return self.m(batch)",
        [],
    ),
}


@pytest.mark.parametrize(
    ("lines", "methods", "step", "paths"), FROZEN_IN_TRAIN_MODE.values(), ids=FROZEN_IN_TRAIN_MODE
)
def test_frozen_in_train_mode(lines: str, methods: str, step: str, paths: list[str]) -> None:
    findings = findings_of("HFM005", lines, methods, step=step)
    assert [finding.module_path for finding in findings] == paths


def test_what_says_where_a_frozen_module_came_from() -> None:
    embedding = "self.m = torch.nn.Embedding.from_pretrained(name)\nself.m.requires_grad_(False)"
    (own,) = findings_of("HFM005", embedding)
    assert own.origin == "torch.nn.Embedding.from_pretrained"
    assert own.fix is not None
    assert own.fix.message == "Append .eval() to torch.nn.Embedding.from_pretrained()"
    assert own.message.endswith("; append .eval()")
    (other,) = findings_of("HFM005", FROZEN + TRAINED)
    assert other.origin == "AutoModel.from_pretrained"
    assert other.fix is None
    assert other.message.endswith("; call self.m.eval() after what sets train mode")


TWO_MODELS = """\
import lightning as L
from transformers import AutoModel
if True:
  class Pair(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.a = AutoModel.from_pretrained("a").train()
        self.b = AutoModel.from_pretrained("b").train()

    def training_step(self, batch, batch_idx):
        return self.a(batch) + self.b(batch)

    size = 1
"""
HOOK = """

    def on_train_start(self):
      super().on_train_start()
      assert self.a.training
      assert self.b.training
"""


def test_an_assertion_is_added_at_the_end_of_the_class() -> None:
    result = fix_source(TWO_MODELS, options=Options(select=("HFM008",), unsafe_fixes=True))
    assert result.source == TWO_MODELS.rstrip() + HOOK
    (finding,) = result.applied
    assert "asserts that self.a, self.b is in train mode" in finding.message


def test_a_flag_that_no_assertion_reads() -> None:
    """An assertion in one class is none in another, nor is what stands behind it."""
    lines = LOADED + TRAINED
    asserting = "def on_train_start(self):\n    assert self.m.training"
    assert findings_of("HFM008", lines, asserting) == []
    reading = "def on_train_start(self):\n    assert self.m\n    print(self.m.training)"
    assert len(findings_of("HFM008", lines, reading)) == 1


SOME_PARTS = """
for n, p in self.m.named_parameters():
    if "encoder" in n:
        self.m.train()
"""


def test_what_may_be_in_eval_mode_needs_no_assertion() -> None:
    assert findings_of("HFM008", LOADED + SOME_PARTS) == []
    assert len(findings_of("HFM008", LOADED + TRAINED)) == 1
