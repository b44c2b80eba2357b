"""What Lightning runs before the first training step: hooks, callbacks, the sanity check."""

from __future__ import annotations

import pytest

from hfmode_lint import Options, check_source
from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"
CALLBACK = """
class Waker(pl.Callback):
    def on_train_start(self, trainer, pl_module):
        pl_module.m.train()

class Static(pl.Callback):
    @staticmethod
    def on_train_start(trainer, pl_module):
        pl_module.m.train()
"""
STEP = "def validation_step(self, batch, batch_idx): ...\n"
SICK = ["HFM001 self.m"]

HOOKS = {
    "a stage by its name": ("def setup(self, stage):\n    if stage == 'fit': self.m.train()", []),
    "another stage": ("def setup(self, stage):\n    if stage == 'test': self.m.train()", SICK),
    "a static hook": ("@staticmethod\ndef on_fit_start(): print('starts')", SICK),
    "a callback of its own": ("def configure_callbacks(self): return Waker()", []),
    "callbacks of its own": ("def configure_callbacks(self): return [Waker()]", []),
    "a callback with a static hook": ("def configure_callbacks(self): return Static()", []),
    "behind the sanity check": (f"{STEP}def on_validation_model_train(self): self.train()", []),
    "behind no sanity check": ("def on_validation_model_train(self): self.train()", SICK),
    "in the sanity check": (f"{STEP}def on_validation_end(self): self.train()", SICK),
    "the trainer is there": (
        "def on_fit_start(self):\n    if self.trainer.lightning_module is self: self.m.train()",
        [],
    ),
}


@pytest.mark.parametrize("name", HOOKS)
def test_what_is_run_before_the_first_step(name: str) -> None:
    methods, expected = HOOKS[name]
    assert found(module(LOADED, methods) + CALLBACK) == expected


STEPS = {
    "parameters of another module are clipped": (
        "clip(self.head.parameters())\nreturn self.m(batch)",
        "",
        SICK,
    ),
    "a property is set that runs it": (
        "return 1",
        "@property\ndef x(self): ...\n@x.setter\ndef x(self, value):\n    self.m(value)",
        SICK,
    ),
    "a method runs it": ("return 1", "def x(self, value):\n    self.m(value)", []),
}


@pytest.mark.parametrize(("step", "methods", "expected"), STEPS.values(), ids=STEPS)
def test_what_the_step_shows(step: str, methods: str, expected: list[str]) -> None:
    head = "self.head = nn.Linear(2, 2)\n"
    assert found(module(LOADED + head, methods, step=step)) == expected


def test_a_step_that_is_still_to_be_written_may_train_it() -> None:
    program = module(LOADED, "@torch.no_grad()\ndef embed(self, batch):\n    return self.m(batch)")
    before, _, after = program.partition("    def training_step(self, batch, batch_idx):")
    assert found(before + after.partition("return self.m(batch)\n")[2]) == SICK
    assert found(program.replace("        return self.m(batch)\n", "        return 1\n", 1)) == []


def test_validation_that_is_not_undone() -> None:
    """Measured: whoever replaces the method that restores the modes leaves all in eval mode."""
    not_undone = f"{STEP}def on_validation_model_train(self): pass\n"
    not_done = "def on_validation_model_eval(self): pass"
    assert found(module(LOADED + "self.m.train()", not_undone)) == SICK
    assert found(module(LOADED + "self.m.train()", not_undone + not_done)) == []


def test_a_train_method_that_does_nothing_is_meant() -> None:
    assert found(module(LOADED + "self.m.train = lambda mode=True: self.m")) == []


def test_the_mode_when_training_starts_is_that_behind_on_train_start() -> None:
    later = "def on_train_batch_start(self, batch, batch_idx): self.m.eval()"
    earlier = "def on_train_start(self): self.m.train()"
    for lines, methods in ((LOADED + "self.m.train()", later), (LOADED, earlier)):
        findings = check_source(module(lines, methods), options=Options(select=("HFM008",)))
        assert [each.module_path for each in findings] == ["self.m"]
