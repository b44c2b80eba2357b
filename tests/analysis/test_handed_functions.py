"""What a program gives to others who may set a mode, or lets them make of its definitions."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.analysis.programs import found

HEAD = """\
import contextlib, functools, threading, elsewhere
import lightning as L
from lightning.pytorch.callbacks import LambdaCallback
from transformers import AutoModel

"""
DECORATORS = """
def then_train(init):
    @functools.wraps(init)
    def wrapper(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.train()
    return wrapper

def then_print(init):
    @functools.wraps(init)
    def wrapper(self, *args, **kwargs):
        init(self, *args, **kwargs)
        print(self)
    return wrapper

class Training(type(L.LightningModule)):
    def __call__(cls, *args, **kwargs):
        made = super().__call__(*args, **kwargs)
        made.train()
        return made

class Printing(type(L.LightningModule)):
    def __call__(cls, *args, **kwargs):
        print(cls)
        return super().__call__(*args, **kwargs)

def trained(cls):
    init = cls.__init__
    def wrapper(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.m.train()
    cls.__init__ = wrapper
    return cls

def known(cls):
    KNOWN[cls.__name__] = cls
    return cls

KNOWN = {}
"""
INIT = """
def __init__(self, flag=None):
    super().__init__()
    self.m = AutoModel.from_pretrained("x")
"""
STEP = """
def training_step(self, batch, batch_idx):
    return self.m(batch).loss
"""


def task(init: str = "", methods: str = "", *, head: str = "class Task(L.LightningModule):") -> str:
    """A LightningModule that loads a model, with more lines of its constructor and more methods."""
    body = f"{INIT}{indent(init, '    ')}\n{STEP}\n{methods}"
    return f"{HEAD}{DECORATORS}\n{head}\n{indent(body, '    ')}\n"


EVAL = ["HFM001 self.m"]
GIVEN: dict[str, tuple[str, list[str]]] = {
    "a method of the model": ("threading.Thread(target=self.m.train).start()", []),
    "another method of the model": ("threading.Thread(target=self.m.state_dict).start()", EVAL),
    "a lambda": ("unknown(lambda: self.m.train())", []),
    "a lambda that does nothing": ("unknown(lambda: self.m.config)", EVAL),
    "a method": ("unknown(self.switch)", []),
    "a method that calls one": ("unknown(self.switch_later)", []),
    "a method that calls itself": ("unknown(self.repeat)", EVAL),
    "in a list": ("unknown([self.m.train])", []),
    "in a dictionary": ("unknown({'on': self.m.train})", []),
    "by name": ("unknown(on=self.m.train)", []),
    "with its argument": ("unknown(functools.partial(switch, self.m))", []),
    "with a named argument": ("unknown(functools.partial(switch, module=self.m))", []),
    "a method with its argument": ("unknown(functools.partial(self.m.train, True))", []),
    "to what is kept of a method": ("stack = unknown()\nstack.callback(self.m.train)", []),
    "to a hook of the model": ("self.m.register_forward_pre_hook(lambda m, x: m.train())", []),
    "to a hook of all": ("self.register_forward_pre_hook(lambda m, x: m.m.train())", []),
    "to a hook that prints": ("self.register_forward_pre_hook(lambda m, x: print(m))", EVAL),
    "a hook on the module itself": ("self.on_train_start = self.m.train", []),
    "a function as a hook": ("self.on_train_start = lambda: self.m.train()", []),
    "a hook that prints": ("self.on_train_start = lambda: print(self)", EVAL),
    "for part of a method": ("self.tune()", []),
}
METHODS = """
def switch(self):
    self.m.train()

def switch_later(self):
    self.switch()

def repeat(self):
    self.repeat()

def set_mode(self, mode):
    self.m.train(mode)

tune = functools.partialmethod(set_mode, True)
"""
SWITCH = "\ndef switch(module):\n    module.train()\n"


@pytest.mark.parametrize(("lines", "expected"), GIVEN.values(), ids=GIVEN)
def test_functions_that_others_call(lines: str, expected: list[str]) -> None:
    assert found(task(lines, METHODS) + SWITCH) == expected


MADE: dict[str, tuple[str, list[str]]] = {
    "a decorated class": ("@trained\nclass Task(L.LightningModule):", []),
    "a class that is registered": ("@known\nclass Task(L.LightningModule):", EVAL),
    "a metaclass": ("class Task(L.LightningModule, metaclass=Training):", []),
    "a metaclass that prints": ("class Task(L.LightningModule, metaclass=Printing):", EVAL),
    "a decorated constructor": ("class Task(L.LightningModule):\n    @then_train", []),
    "one that prints": ("class Task(L.LightningModule):\n    @then_print", EVAL),
}


@pytest.mark.parametrize(("head", "expected"), MADE.values(), ids=MADE)
def test_what_makes_a_class(head: str, expected: list[str]) -> None:
    assert found(task(head=head)) == expected


def test_a_hook_that_is_decorated() -> None:
    hook = "@then_train\ndef on_train_start(self):\n    print(self)\n"
    assert found(task(methods=hook)) == []


def test_an_object_that_is_trained_as_it_is_made() -> None:
    maker = (
        "def __new__(cls):\n    made = super().__new__(cls)\n    made.train()\n    return made\n"
    )
    assert found(task(methods=maker)) == []


TRAINERS: dict[str, tuple[str, list[str]]] = {
    "a callback of functions": (
        (
            "call = LambdaCallback(on_train_start=lambda trainer, module: module.train())\n"
            "L.Trainer(callbacks=[call]).fit(Task())"
        ),
        [],
    ),
    "a callback of functions that print": (
        (
            "callback = LambdaCallback(on_train_start=lambda trainer, module: print(module))\n"
            "L.Trainer(callbacks=callback).fit(Task())"
        ),
        EVAL,
    ),
    "a callback that is added": (
        "trainer = L.Trainer()\ntrainer.callbacks.append(Switch())\ntrainer.fit(Task())",
        [],
    ),
    "callbacks that are added": (
        "trainer = L.Trainer()\ntrainer.callbacks += [Switch()]\ntrainer.fit(Task())",
        [],
    ),
    "callbacks that are set": (
        "trainer = L.Trainer()\ntrainer.callbacks = [Switch()]\ntrainer.fit(Task())",
        [],
    ),
    "callbacks that are taken away": (
        "trainer = L.Trainer(callbacks=[Switch()])\ntrainer.callbacks = []\ntrainer.fit(Task())",
        EVAL,
    ),
    "a callback that asks Lightning's own": (
        "L.Trainer(callbacks=[Clock()]).fit(Task())",
        EVAL,
    ),
    "a callback that asks one that can't be seen": (
        "L.Trainer(callbacks=[Unseen()]).fit(Task())",
        [],
    ),
    "a trainer of its own": ("Own().fit(Task())", []),
    "a trainer that extends": ("Plain().fit(Task())", EVAL),
    "a trainer that extends, with a callback": ("Plain(callbacks=[Switch()]).fit(Task())", []),
    "a trainer with a callback of its own": ("Switching(1).fit(Task())", []),
    "a context that trains": ("model = Task()\nwith Mode(model):\n    L.Trainer().fit(model)", []),
    "a context that has trained": (
        "model = Task()\nwith Mode(model):\n    pass\n",
        EVAL,
    ),
    "what a context gives": ("with Mode(Task()) as model:\n    L.Trainer().fit(model)", []),
}
CLASSES = """
class Switch(L.Callback):
    def on_train_start(self, trainer, module):
        module.train()

class Clock(L.pytorch.callbacks.Timer):
    def on_train_start(self, trainer, module):
        super().on_train_start(trainer, module)

class Unseen(elsewhere.Timer):
    def on_train_start(self, trainer, module):
        super().on_train_start(trainer, module)

class Own(L.Trainer):
    def fit(self, model, *args):
        model.train()
        super().fit(model, *args)

class Plain(L.Trainer):
    pass

class Switching(L.Trainer):
    def __init__(self, epochs):
        super().__init__(max_epochs=epochs, callbacks=[Switch()])

class Mode:
    def __init__(self, module):
        self.module = module

    def __enter__(self):
        self.module.train()
        return self.module

    def __exit__(self, *problem):
        self.module.eval()
"""


@pytest.mark.parametrize(("script", "expected"), TRAINERS.values(), ids=TRAINERS)
def test_who_trains(script: str, expected: list[str]) -> None:
    assert found(f"{task()}{CLASSES}\n{script}\n") == expected
