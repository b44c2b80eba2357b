"""Programs that set train mode in one way or another: the real libraries say so as well."""

from __future__ import annotations

from textwrap import indent

_HEAD = """\
import contextlib
import copy
import functools
import itertools
import operator
import os
import pickle
import queue
from collections import namedtuple

import lightning as L
import torch
from torch import nn
from transformers import AutoModel


class Task(L.LightningModule):
    def __init__(self, name="bert-base-uncased"):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)
{lines}
    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-4)
{methods}

{script}
"""

# In the constructor.
_LINES = {
    "an operator": 'operator.methodcaller("train")(self.encoder)',
    "an unbound method": "nn.Module.train(self.encoder)",
    "an unbound method for each": "self.encoder.apply(nn.Module.train)",
    "an unbound method of each": "list(map(nn.Module.train, self.children()))",
    "a comprehension": "[each.train() for each in self.modules()]",
    "a dictionary of modules": 'self._modules["encoder"].train()',
    "all in that dictionary": "for each in self._modules.values():\n    each.train()",
    "each name in it": "for name in self._modules:\n    self._modules[name].train()",
    "attributes": 'self.__dict__["_modules"]["encoder"].train()',
    "variables": 'vars(self)["_modules"]["encoder"].train()',
    "a path": 'self.get_submodule("encoder").train()',
    "all modules by path": 'dict(self.named_modules())["encoder"].train()',
    "the first one": "next(self.children()).train()",
    "flags": "for each in self.modules():\n    each.training = True",
    "an object that hands on": (
        "class Held:\n"
        "    def __init__(self, held):\n"
        "        self.held = held\n\n"
        "    def __getattr__(self, name):\n"
        "        return getattr(self.held, name)\n\n"
        "Held(self.encoder).train()"
    ),
    "an object that is asked for an item": (
        "class Trained:\n"
        "    def __getitem__(self, module):\n"
        "        return module.train()\n\n"
        "Trained()[self.encoder]"
    ),
    "an object that is asked whether it holds something": (
        "class Trained:\n"
        "    def __contains__(self, module):\n"
        "        return bool(module.train())\n\n"
        "self.encoder in Trained()"
    ),
    "a list of what is to be done": (
        "todo = [self]\n"
        "while todo:\n"
        "    module = todo.pop()\n"
        "    module.training = True\n"
        "    todo.extend(module.children())"
    ),
    "a recursive function": (
        "def tune(module):\n"
        "    module.training = True\n"
        "    for each in module.children():\n"
        "        tune(each)\n\n"
        "tune(self)"
    ),
    "attributes by names that are not known": (
        'for part in os.environ.get("PARTS", "encoder").split():\n    getattr(self, part).train()'
    ),
    "a reduction": "functools.reduce(lambda _, each: each.train(), self.modules(), None)",
    "a chain": "for each in itertools.chain(self.children(), []):\n    each.train()",
}
# Methods of the LightningModule.
_METHODS = {
    "by the strategy": "def on_fit_start(self):\n    self.trainer.strategy.model.train()",
    "by the strategy's other name": (
        "def on_train_start(self):\n    self.trainer.strategy.lightning_module.train()"
    ),
    "in the first epoch": (
        "def on_train_epoch_start(self):\n    if self.current_epoch == 0:\n        self.train()"
    ),
    "in the first step": (
        "def on_train_batch_start(self, batch, batch_idx):\n"
        "    if self.global_step < 1:\n"
        "        self.encoder.train()"
    ),
    "in the first step of the trainer": (
        "def on_train_batch_start(self, batch, batch_idx):\n"
        "    if not self.trainer.global_step:\n"
        "        self.encoder.train()"
    ),
    "in the first batch": (
        "def training_step(self, batch, batch_idx):\n"
        "    if batch_idx == 0:\n"
        "        self.encoder.train()\n"
        "    return self.encoder(**batch).last_hidden_state.mean()"
    ),
    "where the trainer trains": (
        "def on_train_batch_start(self, batch, batch_idx):\n"
        "    if self.trainer.training and not self.trainer.sanity_checking:\n"
        "        self.encoder.train()"
    ),
    "by the trainer": "def setup(self, stage):\n    self.trainer.lightning_module.train()",
}
# What others make of the LightningModule, and train.
_SCRIPTS = {
    "a decorated maker": (
        "def tuned(make):\n"
        "    @functools.wraps(make)\n"
        "    def tuning():\n"
        "        task = make()\n"
        "        task.train()\n"
        "        return task\n\n"
        "    return tuning\n\n\n"
        "@tuned\n"
        "def make():\n"
        "    return Task()\n\n\n"
        "L.Trainer(max_epochs=1).fit(make())"
    ),
    "a tuple": (
        'Run = namedtuple("Run", "task trainer")\n'
        "run = Run(Task().train(), L.Trainer(max_epochs=1))\n"
        "run.trainer.fit(run.task)"
    ),
    "a copy of bytes": (
        "task = pickle.loads(pickle.dumps(Task().train()))\nL.Trainer(max_epochs=1).fit(task)"
    ),
    "a queue": (
        "tasks = queue.Queue()\ntasks.put(Task().train())\nL.Trainer(max_epochs=1).fit(tasks.get())"
    ),
    "an unbound fit": "task = Task().train()\nL.Trainer.fit(L.Trainer(max_epochs=1), task)",
    "a copy": "L.Trainer(max_epochs=1).fit(copy.deepcopy(Task()).train())",
    "a context": (
        "@contextlib.contextmanager\n"
        "def tuning(module):\n"
        "    module.train()\n"
        "    yield\n\n\n"
        "task = Task()\n"
        "with tuning(task):\n"
        "    L.Trainer(max_epochs=1).fit(task)"
    ),
}


def _program(lines: str = "", methods: str = "", script: str = "") -> str:
    return _HEAD.format(
        lines=indent(f"{lines}\n", " " * 8) if lines else "",
        methods=indent(f"\n{methods}\n", " " * 4) if methods else "",
        script=script,
    )


WAYS = {
    **{name: _program(lines=each) for name, each in _LINES.items()},
    **{name: _program(methods=each) for name, each in _METHODS.items()},
    **{name: _program(script=each) for name, each in _SCRIPTS.items()},
}
