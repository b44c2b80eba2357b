"""Programs that don't train what they load in eval mode: the real libraries say so as well."""

from __future__ import annotations

from textwrap import indent

_HEAD = """\
import contextlib
import re
import types

import lightning as L
import torch
from torch import nn
from transformers import AutoModel

PARTS = ("encoder", "other")


@contextlib.contextmanager
def without_gradients():
    with torch.no_grad():
        yield


@contextlib.contextmanager
def without_gradients_of(module, finetune=False):
    if finetune:
        yield module
    else:
        with torch.no_grad():
            yield module


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")


class Task(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.head = nn.Linear(WIDTH, 2)
{lines}
    def encode(self, batch):
{step}

    def training_step(self, batch, batch_idx):
        return self.head(self.encode(batch).float()).mean()

    def configure_optimizers(self):
{optimizer}


trainer = L.Trainer(max_epochs=1, logger=False, enable_checkpointing=False)
trainer.fit(Task(), DATA)
"""
_USUAL = "return self.encoder(**batch).last_hidden_state"
_ALL = "return torch.optim.SGD(self.parameters(), lr=1.0)"

# Of the name of a parameter: what is true of those of the encoder alone.
_TESTS = {
    "all before a point": 'name.partition(".")[0] == "encoder"',
    "all before the last point": 'name.rsplit(".", 1)[0] != "head"',
    "a place": 'name.find("encoder") == 0',
    "another text": 'name.replace("module.", "").startswith("encoder")',
    "a formatted text": 'f"{name}".startswith("encoder")',
    "a text": 'str(name).startswith("encoder")',
    "a regular expression": 're.match(r"encoder\\..*", name)',
    "a regular expression for what is found": 're.search("^encoder", name)',
    "a compiled regular expression": 're.compile("encoder").match(name)',
    "no part of another": '"head" not in name.split(".")',
    "none of some names": 'not any(part in name for part in ["head"])',
    "a name of which some is an option": "any(name.startswith(part) for part in PARTS)",
}


def _freezing(test: str) -> str:
    return (
        "for name, each in self.named_parameters():\n"
        f"    if {test}:\n"
        "        each.requires_grad = False"
    )


# In the constructor.
_LINES = {
    **{f"frozen by {way}": _freezing(test) for way, test in _TESTS.items()},
    "frozen by the beginning of the names": (
        "for name, each in self.named_parameters():\n"
        '    if name.startswith("encoder"):\n'
        "        each.requires_grad = False"
    ),
    "frozen but for what begins with a name": (
        "for name, each in self.named_parameters():\n"
        '    if not name.startswith(("head", "other")):\n'
        "        each.requires_grad = False"
    ),
    "frozen by a name in the names": (
        "for name, each in self.named_parameters():\n"
        '    if "encoder" in name:\n'
        "        each.requires_grad_(False)"
    ),
    "frozen by one of some names": (
        "for name, each in self.named_parameters():\n"
        '    if any(part in name for part in ("encoder", "embedding")):\n'
        "        each.requires_grad = False"
    ),
    "frozen by the first part of the names": (
        "for name, each in self.named_parameters():\n"
        '    if name.split(".")[0] == "encoder":\n'
        "        each.requires_grad = False"
    ),
    "frozen by one of the parts of the names": (
        "for name, each in self.named_parameters():\n"
        '    if "encoder" in name.lower().split("."):\n'
        "        each.requires_grad = False"
    ),
    "frozen by the first letters of the names": (
        "for name, each in self.named_parameters():\n"
        '    if name[:7] == "encoder":\n'
        "        each.requires_grad = False"
    ),
    "frozen as the name says": (
        "for name, each in self.named_parameters():\n"
        '    each.requires_grad = name.startswith("head")'
    ),
    "frozen but for a name": (
        "for name, each in self.named_parameters():\n"
        '    if name != "head.weight" and name != "head.bias":\n'
        "        each.requires_grad = False"
    ),
    "others are left out": (
        "for name, each in self.named_parameters():\n"
        '    if name.startswith("head"):\n'
        "        continue\n"
        "    each.requires_grad = False"
    ),
    "frozen but for what has the name of another part": (
        "for name, each in self.named_parameters():\n"
        '    if "head" not in name:\n'
        "        each.requires_grad = False"
    ),
    "frozen in parts": (
        "for part in (self.encoder.embeddings, self.encoder.encoder, self.encoder.pooler):\n"
        "    for each in part.parameters():\n"
        "        each.requires_grad = False"
    ),
    "frozen in parts, layer by layer": (
        "for part in [self.encoder.embeddings, *self.encoder.encoder.layer, self.encoder.pooler]:\n"
        "    for each in part.parameters():\n"
        "        each.requires_grad = False"
    ),
    "frozen as a namespace says": (
        "options = types.SimpleNamespace(frozen=True)\n"
        "if options.frozen:\n"
        "    self.encoder.requires_grad_(False)"
    ),
    "children by their names": (
        "for name, each in self.named_children():\n"
        '    if name != "head":\n'
        "        each.requires_grad_(False)"
    ),
    "modules by their names": (
        "for name, each in self.named_modules():\n"
        '    if name.startswith("encoder"):\n'
        "        for parameter in each.parameters():\n"
        "            parameter.requires_grad = False"
    ),
    "a module by its name": (
        "for name, each in self.named_modules():\n"
        '    if name == "encoder":\n'
        "        each.requires_grad_(False)"
    ),
    "frozen within a module of the program": (
        "self.net = Net()\n"
        "self.encoder = self.net.encoder\n"
        "for name, each in self.net.named_parameters():\n"
        '    if name.startswith("encoder."):\n'
        "        each.requires_grad = False"
    ),
}
# In the training step.
_STEPS = {
    "detached": "return self.encoder(**batch).last_hidden_state.detach()",
    "detached later": (
        "out = self.encoder(**batch)\n"
        "hidden = out.last_hidden_state\n"
        "hidden = hidden.mean(1)\n"
        "return hidden.detach()"
    ),
    "the place of the largest": "return self.encoder(**batch).last_hidden_state.argmax(1)",
    "the place of the largest by a function": (
        "return torch.argmax(self.encoder(**batch).last_hidden_state, dim=1)"
    ),
    "a number": (
        "weight = self.encoder(**batch).last_hidden_state.mean().item()\n"
        "return torch.full((1, self.head.in_features), weight)"
    ),
    "an array": (
        "out = self.encoder(**batch).last_hidden_state\n"
        "return torch.tensor(out.detach().cpu().numpy())"
    ),
    "data": "return self.encoder(**batch).last_hidden_state.data",
    "the places of some of the largest": (
        "return self.encoder(**batch).last_hidden_state.topk(1).indices.repeat(1, 1, WIDTH)"
    ),
    "whole numbers": "return self.encoder(**batch).last_hidden_state.long()",
    "detached by a lambda": (
        "encode = lambda inputs: self.encoder(**inputs).last_hidden_state.detach()\n"
        "return encode(batch)"
    ),
    "a context by its other name": (
        "with torch.autograd.no_grad():\n    return self.encoder(**batch).last_hidden_state"
    ),
    "a context that is set": (
        "with torch.set_grad_enabled(False):\n    return self.encoder(**batch).last_hidden_state"
    ),
    "switched off and on": (
        "torch.set_grad_enabled(False)\n"
        "hidden = self.encoder(**batch).last_hidden_state\n"
        "torch.set_grad_enabled(True)\n"
        "return hidden"
    ),
    "switched off and back": (
        "before = torch.is_grad_enabled()\n"
        "torch.set_grad_enabled(False)\n"
        "hidden = self.encoder(**batch).last_hidden_state\n"
        "torch.set_grad_enabled(before)\n"
        "return hidden"
    ),
    "where gradients are computed": (
        "if not torch.is_grad_enabled():\n"
        "    return self.encoder(**batch).last_hidden_state\n"
        "return torch.ones(1, self.head.in_features)"
    ),
    "a context of the program": (
        "with without_gradients():\n    return self.encoder(**batch).last_hidden_state"
    ),
    "a context of the program with a value": (
        "with without_gradients_of(self.encoder) as encoder:\n"
        "    return encoder(**batch).last_hidden_state"
    ),
}
# In configure_optimizers.
_OPTIMIZERS = {
    "picked by the beginning of the names": (
        'chosen = [each for name, each in self.named_parameters() if name.startswith("head")]\n'
        "return torch.optim.SGD(chosen, lr=1.0)"
    ),
    "picked but for a name": (
        "return torch.optim.SGD(\n"
        '    [each for name, each in self.named_parameters() if "encoder" not in name], lr=1.0\n'
        ")"
    ),
    "picked by a filter": (
        'chosen = filter(lambda pair: pair[0].startswith("head"), self.named_parameters())\n'
        "return torch.optim.SGD([each for _, each in chosen], lr=1.0)"
    ),
    "picked of some children": (
        "return torch.optim.SGD(\n"
        "    [each for name, child in self.named_children()"
        ' if name != "encoder" for each in child.parameters()], lr=1.0\n'
        ")"
    ),
    "picked in a loop": (
        "chosen = []\n"
        "for name, each in self.named_parameters():\n"
        '    if "encoder" in name or not each.requires_grad:\n'
        "        continue\n"
        "    chosen.append(each)\n"
        "return torch.optim.SGD(chosen, lr=1.0)"
    ),
    "picked in groups": (
        'decayed = ["weight"]\n'
        "own = [(name, each) for name, each in self.named_parameters()"
        ' if not name.startswith("encoder")]\n'
        "groups = [\n"
        '    {"params": [each for name, each in own if any(d in name for d in decayed)]},\n'
        '    {"params": [each for name, each in own if not any(d in name for d in decayed)]},\n'
        "]\n"
        "return torch.optim.SGD(groups, lr=1.0)"
    ),
}


def _program(lines: str = "", step: str = _USUAL, optimizer: str = _ALL) -> str:
    return _HEAD.format(
        lines=indent(f"{lines}\n", " " * 8),
        step=indent(step, " " * 8),
        optimizer=indent(optimizer, " " * 8),
    )


WAYS = {
    **{way: _program(lines) for way, lines in _LINES.items()},
    **{way: _program(step=step) for way, step in _STEPS.items()},
    **{way: _program(optimizer=optimizer) for way, optimizer in _OPTIMIZERS.items()},
}

# What is like one of them, and trains what it loads.
_CHANGED = {
    "frozen is what begins otherwise": (
        "frozen by the beginning of the names",
        ('"encoder"', '"decoder"'),
    ),
    "frozen is a part": ("frozen by a name in the names", ('"encoder" in', '"embeddings" in')),
    "frozen is another part of the names": (
        "frozen by the first part of the names",
        ('.split(".")[0] == "encoder"', '.split(".")[1] == "embeddings"'),
    ),
    "frozen are some layers": (
        "frozen in parts, layer by layer",
        ("*self.encoder.encoder.layer,", "*self.encoder.encoder.layer[1:],"),
    ),
    "the namespace says otherwise": ("frozen as a namespace says", ("=True", "=False")),
    "picked in a loop, into two lists": (
        "picked in a loop",
        ("        continue", "        chosen.append(each)\n                continue"),
    ),
    "picked of all children": ("picked of some children", ('"encoder"', '"other"')),
    "detached for a part of the loss": (
        "detached later",
        ("return hidden.detach()", "return hidden - hidden.detach()"),
    ),
    "what is largest of some": (
        "the places of some of the largest",
        (".indices", ".values"),
    ),
    "a lambda that detaches nothing": ("detached by a lambda", (".detach()", ".clone()")),
    "detached is something else": (
        "detached",
        (".last_hidden_state.detach()", ".last_hidden_state + self.head.bias.sum().detach()"),
    ),
    "the context may compute gradients": (
        "a context of the program with a value",
        ("(self.encoder) as", "(self.encoder, finetune=True) as"),
    ),
    "a context within another": (
        "a context by its other name",
        ("no_grad():", "no_grad(), torch.enable_grad():"),
    ),
    "switched on": ("switched off and on", ("(False)", "(True)")),
    "switched on behind it": (
        "a context that is set",
        ("(False):\n", "(False): pass\n        if True:\n"),
    ),
    "picked in two groups": (
        "picked in groups",
        ('if not name.startswith("encoder")', 'if not name.startswith("other")'),
    ),
    "picked by the end of the names": (
        "picked by the beginning of the names",
        ('.startswith("head")', '.endswith("weight")'),
    ),
}


def _changed(way: str, change: tuple[str, str]) -> str:
    program = WAYS[way]
    assert change[0] in program
    return program.replace(*change)


TRAINED = {name: _changed(*what) for name, what in _CHANGED.items()} | {
    "switched off before it, which Lightning undoes": _program().replace(
        "trainer = ", "torch.set_grad_enabled(False)\ntrainer = "
    )
}

# What an option decides: whether it is trained, or of all names that begin alike.
BY_OPTIONS = {
    "gradients": _program(
        step=f"with torch.set_grad_enabled(self.hparams.finetune):\n    {_USUAL}"
    ),
    "a context": _program(
        step=f"if self.hparams.finetune:\n    {_USUAL}\nwith torch.no_grad():\n    {_USUAL}"
    ),
    "what is optimized": _program(
        optimizer="if self.hparams.finetune:\n"
        f"    {_ALL}\n"
        "return torch.optim.SGD(self.head.parameters(), lr=1.0)"
    ),
} | {
    test: _program(_freezing(test).replace("OPTION", "self.hparams.frozen"))
    for test in (
        "name.startswith(OPTION)",
        "OPTION in name",
        "any(name.startswith(each) for each in OPTION)",
        'name.split(".")[0] in OPTION',
        "re.match(OPTION, name)",
    )
}

# Two groups that are one another's rest, by names that an option gives.
IN_GROUPS_BY_OPTION = _program(
    optimizer="decayed = self.hparams.decayed\n"
    "named = list(self.named_parameters())\n"
    "groups = [\n"
    '    {"params": [each for name, each in named if any(d in name for d in decayed)]},\n'
    '    {"params": [each for name, each in named if not any(d in name for d in decayed)]},\n'
    "]\n"
    "return torch.optim.SGD(groups, lr=1.0)"
)
