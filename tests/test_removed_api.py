"""What only runs with Lightning below 2.0 is not reported: ``fit`` sets train mode there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source
from hfmode_lint.cli import main
from tests.test_cache import TICK

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import pytorch_lightning as pl
import torch
from torch import nn
from transformers import AutoModel


class Base(pl.LightningModule):
    HOOK


class Task(Base):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("x")

    def training_step(self, batch, batch_idxPARAMETER):
        return self.encoder(**batch)[0].mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


TRAINER
trainer.fit(Task())
"""
USUAL = {"HOOK": "...", "PARAMETER": "", "TRAINER": "trainer = pl.Trainer(devices=1)"}


def program(**changes: str) -> str:
    text = PROGRAM
    for name, part in {**USUAL, **changes}.items():
        text = text.replace(name, part)
    return text


def codes(text: str, version: str = "", *select: str) -> list[str]:
    options = Options(lightning_version=version, extend_select=select)
    return [each.code for each in check_source(text, options=options)]


REMOVED = {
    "a hook behind each validation": {"HOOK": "def validation_epoch_end(self, outputs): ..."},
    "a hook behind each epoch": {"HOOK": "def training_epoch_end(self, outputs): ..."},
    "a parameter of the step": {"PARAMETER": ", optimizer_idx"},
    "an argument": {"TRAINER": "trainer = pl.Trainer(gpus=1)"},
    "an argument by its name": {
        "TRAINER": "given = dict(max_epochs=1, gpus=1)\ntrainer = pl.Trainer(**given)"
    },
    "options": {"TRAINER": "trainer = pl.Trainer.from_argparse_args(options)"},
}
TODAYS = {
    "a hook of today": {"HOOK": "def on_validation_epoch_end(self): ..."},
    "no hook": {"HOOK": "validation_epoch_end = None"},
    "another hook": {"HOOK": "def test_epoch_end(self, outputs): ..."},
    "another parameter": {"PARAMETER": ", dataloader_idx=0"},
    "an argument of today": {"TRAINER": "trainer = pl.Trainer(accelerator='gpu')"},
    "one of two trainers": {
        "TRAINER": "trainer = pl.Trainer(gpus=1) if OLD else pl.Trainer(devices=1)"
    },
}


@pytest.mark.parametrize("changes", REMOVED.values(), ids=REMOVED)
def test_what_stops_with_lightning_2_is_not_reported(changes: dict[str, str]) -> None:
    text = program(**changes)
    assert codes(text) == codes(text, ">=1.5") == codes(text, ">=2.0") == codes(text, "1.9") == []
    assert codes(text, "2.2") == codes(text, ">=2.2") == ["HFM001"]


@pytest.mark.parametrize("changes", TODAYS.values(), ids=TODAYS)
def test_what_still_runs_is(changes: dict[str, str]) -> None:
    assert codes(program(**changes)) == ["HFM001"]


def test_other_rules_that_are_true_from_2_2_on() -> None:
    layer = 'AutoModel.from_pretrained("x").train()\n        self.rnn = nn.LSTM(2, 2).eval()'
    text = program().replace('AutoModel.from_pretrained("x")', layer)
    text = text.replace("return self.encoder(**batch)[0]", "return self.rnn(batch)[0]")
    old = text.replace("    ...", "    def training_epoch_end(self, outputs): ...")
    assert codes(text, "", "HFM004") == ["HFM004", "HFM007"]
    assert codes(old, "", "HFM004") == []
    assert codes(old, "2.2", "HFM004") == ["HFM004", "HFM007"]
    assert codes(old + "Task().train\n") == ["HFM003"]


def test_what_the_project_requires_beats_it(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(program(**REMOVED["an argument"]))
    assert check_paths([str(path)], Options()) == []
    (tmp_path / "requirements.txt").write_text("pytorch-lightning>=2.3\n")
    assert [each.code for each in check_paths([str(path)], Options())] == ["HFM001"]


NOTE = (
    "hfmode-lint: {} needs Lightning below 2.0, where fit() sets train mode itself; not reported: "
    "{} (HFM001) that an upgrade to 2.2 or later would bring (--lightning-version 2.2 shows them)"
)
OTHER = NOTE.format("Trainer.from_argparse_args()", "1 problem")


def test_one_note_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, way in (("a", "an argument"), ("b", "an argument"), ("c", "options")):
        (tmp_path / f"{name}.py").write_text(program(**REMOVED[way]))
    arguments = ["--isolated", "--cache-dir", str(tmp_path / "cache"), str(tmp_path)]
    time.sleep(TICK)
    for _ in ("first", "from the cache"):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        lines = capsys.readouterr().err.splitlines()
        assert lines == [NOTE.format("Trainer(gpus=…)", "2 problems"), OTHER]
