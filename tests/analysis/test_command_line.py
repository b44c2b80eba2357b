"""Lightning's command line: what it is made of, and what a program does with it."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import check_paths
from tests.analysis.programs import found

if TYPE_CHECKING:
    from pathlib import Path

TASK = """\
import lightning as L
import torch
from lightning.pytorch.cli import LightningCLI
from transformers import AutoModel


class Task(L.LightningModule):
    def __init__(self, name="x", tune=False):
        super().__init__()
        self.m = AutoModel.from_pretrained(name)

    def training_step(self, batch, batch_idx):
        return self.m(batch)


class Other(L.LightningModule):
    def training_step(self, batch, batch_idx):
        return batch


class Switch(L.Callback):
    def on_train_start(self, trainer, module):
        module.train()


class Switching(L.Trainer):
    def fit(self, model, *args, **kwargs):
        model.train()
        super().fit(model, *args, **kwargs)


"""
MAKERS = """\
def trained(name="x"):
    task = Task(name)
    task.train()
    return task


def made(name="x"):
    return Task(name)


"""
EVAL = ["HFM001 self.m"]
PROGRAMS: dict[str, tuple[str, list[str]]] = {
    "by name": ("LightningCLI(datamodule_class=None, model_class=Task)", EVAL),
    "by a function": (f"{MAKERS}LightningCLI(made)", EVAL),
    "by a function that trains": (f"{MAKERS}LightningCLI(trained)", []),
    "a trainer that switches": ("LightningCLI(Task, trainer_class=Switching)", []),
    "a trainer that does not": ("LightningCLI(Task, trainer_class=L.Trainer)", EVAL),
    "one callback": ("LightningCLI(Task, trainer_defaults=dict(callbacks=Switch()))", []),
    "defaults that can't be seen": ("LightningCLI(Task, trainer_defaults=unknown)", EVAL),
    "to be run, maybe": (
        "cli = LightningCLI(Task, run=unknown)\ncli.model.train()\ncli.trainer.fit(cli.model)",
        ["HFM002 self.m"],
    ),
    "never run": ("cli = LightningCLI(Task, run=False)\ncli.model.train()", EVAL),
    "any subclass": ("LightningCLI(Task, subclass_mode_model=True)", EVAL),
    "any subclass of another class": ("LightningCLI(Other, subclass_mode_model=True)", EVAL),
    "no class": ("LightningCLI()", EVAL),
    "any subclass, trained": (
        (
            "cli = LightningCLI(L.LightningModule, subclass_mode_model=True, run=False)\n"
            "cli.model.train()\ncli.trainer.fit(cli.model)"
        ),
        [],
    ),
    "no class, with a callback": ("LightningCLI(trainer_defaults=dict(callbacks=Switch()))", []),
    "another class, with a callback": (
        (
            "LightningCLI(Other, subclass_mode_model=True, "
            "trainer_defaults=dict(callbacks=Switch()))"
        ),
        EVAL,
    ),
}


@pytest.mark.parametrize(("program", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_what_it_is_made_of(program: str, expected: list[str]) -> None:
    assert found(f"{TASK}{program}\n") == expected


HOOKS: dict[str, tuple[str, list[str]]] = {
    "before it fits": ("def before_fit(self):\n    self.model.train()", []),
    "when all is made": ("def after_instantiate_classes(self):\n    self.model.m.train()", []),
    "after it has fitted": ("def after_fit(self):\n    self.model.train()", EVAL),
    "before another command": ("def before_test(self):\n    self.model.train()", EVAL),
    "a command of its own": (
        "def fit(self, model, **kwargs):\n    self.trainer.fit(model.train(), **kwargs)",
        [],
    ),
    "options": (
        "def add_arguments_to_parser(self, parser):\n    parser.add_argument('--x', default=1)",
        EVAL,
    ),
    "options of a module": (
        (
            "def add_arguments_to_parser(self, parser):\n"
            "    parser.add_lightning_class_args(Task, 'other')"
        ),
        EVAL,
    ),
    "a constructor": (
        (
            "def __init__(self):\n    super().__init__(Task, run=False)\n"
            "    self.model.train()\n    self.trainer.fit(self.model)"
        ),
        [],
    ),
    "a constructor that hands on": (
        "def __init__(self, *args, **kwargs):\n    super().__init__(*args, **kwargs)",
        EVAL,
    ),
}


@pytest.mark.parametrize(("methods", "expected"), HOOKS.values(), ids=HOOKS)
def test_what_a_subclass_does(methods: str, expected: list[str]) -> None:
    given = "" if "def __init__(self):" in methods else "Task"
    own = f"class Command(LightningCLI):\n{indent(methods, '    ')}\n\n\nCommand({given})\n"
    assert found(TASK + own) == expected


def test_one_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "task.py").write_text(TASK)
    (tmp_path / "command.py").write_text(
        "from lightning.pytorch.cli import LightningCLI\n\n\nclass Command(LightningCLI):\n"
        "    def before_fit(self):\n        self.model.train()\n"
    )
    script = tmp_path / "main.py"
    script.write_text("from command import Command\nfrom task import Task\n\nCommand(Task)\n")
    assert check_paths([tmp_path]) == []
    script.write_text("from task import LightningCLI, Task\n\nLightningCLI(Task)\n")
    assert [each.code for each in check_paths([tmp_path])] == ["HFM001"]
