"""Lists that are made empty, and that somebody fills before their items are asked for."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found, module

LOAD = "self.m = AutoModel.from_pretrained(name)\n"
EPOCH_END = "def on_train_epoch_end(self):\n    x = self.kept[0]\n    self.kept.clear()"
# More lines of the constructor, of the class, and the training step.
BY_OTHERS = {
    "a hook": (
        "self.kept = []\nself.m.register_forward_hook(lambda m, i, o: self.kept.append(o))",
        "",
        "self.m(batch)\nreturn self.kept[0].sum()",
    ),
    "a method that is a hook": (
        "self.kept = []\nself.m.register_forward_hook(self.keep)",
        "def keep(self, m, i, o):\n    self.kept.append(o)",
        "self.m(batch)\nreturn self.kept[-1].sum()",
    ),
    "a hook that a function makes": (
        "self.kept = {}\nself.m.register_forward_hook(self.hook('a'))",
        "def hook(self, key):\n    def f(m, i, o):\n        self.kept[key] = o\n    return f",
        "self.m(batch)\nreturn next(iter(self.kept.values())).sum()",
    ),
    "the training step": (
        "self.kept = []",
        EPOCH_END,
        "self.kept.append(1)\nreturn self.m(batch)",
    ),
    "the validation step": (
        "self.kept = []",
        f"def validation_step(self, b, i):\n    self.kept.append(1)\n{EPOCH_END}",
        "return self.m(batch)",
    ),
    "who knows what": (
        "self.kept = []",
        f"def prepare_data(self):\n    load_into(self.kept)\n{EPOCH_END}",
        "return self.m(batch)",
    ),
    "a method of the class": (
        "",
        "rows = []\n@classmethod\ndef add(cls, x):\n    cls.rows.append(x)",
        "self.add(1)\nx = self.rows[0]\nreturn self.m(batch)",
    ),
}
# What fills ``xs`` in the constructor.
FILLED = [
    "xs = [x for x in flag if x.ok]",
    "xs = []\nfor x in flag:\n    if x.ok:\n        xs.append(x)",
    "xs = []\nif flag:\n    xs.append(1)\nif name:\n    xs.append(2)",
    "xs = []\nwhile flag.more():\n    xs.append(flag.next())",
    "xs = []\nheappush(xs, 1)",
    "xs = []\nys = xs\nys.append(1)",
    "xs = []\nflag.collect(xs)",
    "xs = []\nxs[:] = flag",
    "xs = []\nxs += flag",
    "xs = [0] * flag",
    "xs = []\nfor r, d, f in os.walk(name):\n    xs.extend(f)",
    "xs = []\ntry:\n    xs.append(int(name))\nexcept ValueError:\n    pass",
]


@pytest.mark.parametrize(("init", "methods", "step"), BY_OTHERS.values(), ids=BY_OTHERS)
def test_a_list_that_somebody_fills(init: str, methods: str, step: str) -> None:
    assert found(module(LOAD + init, methods, step=step)) == ["HFM001 self.m"]


@pytest.mark.parametrize("filling", FILLED)
def test_a_list_that_is_filled(filling: str) -> None:
    assert found(module(f"{LOAD}{filling}\nself.first = xs[0]")) == ["HFM001 self.m"]
