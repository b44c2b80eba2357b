"""Small LightningModules, composed of statements and expressions at random.

They use few names, so that their parts meet: what one statement loads, the next one freezes, copies
or deletes. As they are short, many are tried in the time that a changed fixture takes.
"""

from __future__ import annotations

import textwrap
from random import Random
from typing import TYPE_CHECKING

from tests.fuzzing.invariants import PROFILES
from tests.fuzzing.mutated_fixtures import of_text, programs
from tests.fuzzing.mutations import mutated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.fuzzing.invariants import Case

_LOADED = "AutoModel.from_pretrained('x')"
_IMPORTS = (
    "import copy, functools, torch",
    "from torch import nn",
    "from torch import nn",
    "import torch; from peft import LoraConfig, get_peft_model",
    "from transformers import AutoConfig, BertModel",
    "",
)
_ATOMS = (
    "None",
    "True",
    "(0)",
    "(1)",
    "'encoder'",
    "x",
    "model",
    "self",
    "self.encoder",
    "self.head",
    "self.parts",
    "self.training",
    "self.hparams",
    "self.trainer",
    "super()",
    "Task",
    _LOADED,
    "AutoModel.from_config(AutoConfig.from_pretrained('x'))",
    "BertModel.from_pretrained('x')",
    "nn.Linear(2, 2)",
    "nn.Module()",
)
# Braces stand for an expression each.
_EXPRESSIONS = (
    "{}()",
    "{}({})",
    "{}.train()",
    "{}.train({})",
    "{}.eval()",
    "{}.eval().train()",
    "{}.requires_grad_({})",
    "{}.to('cuda')",
    "{}.encoder",
    "{}.training",
    "{}.config",
    "{}.parameters()",
    "{}.named_parameters()",
    "{}.modules()",
    "{}.named_children()",
    "{}.state_dict()",
    "{}.load_state_dict({})",
    "{}.apply(lambda m: {})",
    "{}.append({})",
    "{}.detach()",
    "{}[0]",
    "{}[{}]",
    "{}['a']",
    "{}[1:]",
    "{}.startswith({})",
    "copy.deepcopy({})",
    "copy.copy({})",
    "functools.partial({}, {})",
    "nn.Sequential({}, {})",
    "nn.ModuleList([{}, {}])",
    "nn.ModuleDict({{'a': {}}})",
    "nn.ParameterList({})",
    "torch.compile({})",
    "torch.optim.Adam({})",
    "get_peft_model({}, LoraConfig())",
    "[{}, {}]",
    "({}, {})",
    "({},)",
    "{{{}, {}}}",
    "{{'a': {}, {}: {}}}",
    "{{**{}}}",
    "[*{}, {}]",
    "({} if {} else {})",
    "({} or {})",
    "({} and {})",
    "(not {})",
    "({} is {})",
    "({} == {})",
    "({} in {})",
    "({} < {} < {})",
    "({} + {})",
    "({} * {})",
    "(-{})",
    "(x := {})",
    "(lambda: {})",
    "(lambda x: {})({})",
    "[{} for x in {}]",
    "{{x: {} for x in {} if {}}}",
    "({} for x, model in {} for x in {})",
    "isinstance({}, nn.Module)",
    "isinstance({}, ({}, {}))",
    "hasattr({}, 'encoder')",
    "getattr({}, 'encoder')",
    "getattr({}, {}, {})",
    "setattr({}, 'encoder', {})",
    "delattr({}, 'encoder')",
    "vars({})",
    "type({})",
    "len({})",
    "all({})",
    "list({})",
    "dict({})",
    "tuple({})",
    "next(iter({}))",
    "zip({}, {})",
    "enumerate({})",
    "range({})",
    "map({}, {})",
    "filter({}, {})",
    "sorted({}, key={})",
    "made({})",
    "made(*{}, **{})",
    "self.built({})",
    "self.trainer.fit({})",
    "f'{{{}}}'",
    "f'encoder.{{{}}}'",
    "'{{}}'.format({})",
)
_TARGETS = (
    "x",
    "model",
    "self.encoder",
    "self.encoder",
    "self.head",
    "self.parts",
    "self.parts['a']",
    "self.parts[0]",
    "self.encoder.train",
    "self.encoder.eval",
    "self.training",
    "self.encoder.requires_grad",
    "x, model",
    "(self.encoder, x)",
    "(x, [self.head, model])",
)
# A colon at the end stands for a block below, brackets for a target.
_STATEMENTS = (
    "{}",
    "{}",
    "[] = {}",
    "[] = {}",
    "[] = {}",
    "[] = [] = {}",
    "x: nn.Module = {}",
    "x += {}",
    "del []",
    "return {}",
    "return",
    "yield {}",
    "raise {}",
    "assert {}",
    "pass",
    "break",
    "continue",
    "global model",
    "super().__init__()",
    "self.save_hyperparameters()",
    "self.freeze()",
    "self.encoder.eval(); self.head.train()",
    "from torch import nn",
    "if {}:",
    "if {}:",
    "for [] in {}:",
    "for p in self.parameters(): p.requires_grad = {}",
    "while {}:",
    "with {}:",
    "with {} as []:",
    "with torch.no_grad():",
    "with torch.set_grad_enabled({}):",
    "try:",
    "match {}:\n    case {{'a': x}} | [x, *_]:",
    "def made(x={}):",
    "@functools.cache\ndef made(*x, **model):",
    "class Part(nn.Module):",
)
_TAILS = {
    "if": ("", "", "else:\n    {}", "elif {}:\n    {}"),
    "for": ("", "", "else:\n    {}"),
    "while": ("", "else:\n    {}"),
    "try": ("finally:\n    {}", "except Exception as x:\n    {}", "except ValueError:\n    pass"),
}
_METHODS = (
    "def setup(self, stage):",
    "def configure_model(self):",
    "def configure_optimizers(self):",
    "def on_fit_start(self):",
    "def on_train_start(self):",
    "def on_train_epoch_start(self):",
    "def on_validation_epoch_end(self):",
    "def validation_step(self, batch, batch_idx):",
    "def train(self, mode=True):",
    "def forward(self, x):",
    "def built(self, x=None):",
    "@property\ndef head(self):",
    "@staticmethod\ndef built(model):",
    "@classmethod\ndef built(cls, x):",
)
_BASES = ("L.LightningModule", "L.LightningModule", "pl.LightningModule", "nn.Module", "Base")
_ENDS = (
    "",
    "",
    "L.Trainer().fit(Task())",
    "if __name__ == '__main__':\n    model = Task()\n    L.Trainer(max_epochs=1).fit(model)",
)


def run(seed: str, count: int, attempt: Callable[[Case], None]) -> None:
    """Try as many cases as are asked for; one seed always makes the same ones."""
    chance = Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        text = composed(chance)
        if chance.random() < 0.1:
            text = mutated(text, programs(), chance)
        attempt(of_text(text, chance.choice(tuple(PROFILES)), chance))


def composed(chance: Random) -> str:
    """A program that Python's parser takes."""
    helper = f"def made(x):\n{_indented(_block(chance, 1))}"
    pieces = (
        "import lightning as L",
        "from transformers import AutoModel",
        chance.choice(_IMPORTS),
        helper if chance.random() < 0.15 else "",
        f"class Task({chance.choice(_BASES)}):",
        _indented("\n".join(_methods(chance))),
        chance.choice(_ENDS),
    )
    return "\n".join(filter(None, pieces)) + chance.choice(("\n", "\n", ""))


def _methods(chance: Random) -> Iterator[str]:
    loaded = chance.choice((_LOADED, _LOADED, _expression(chance, 2)))
    yield f"def __init__(self, x=None):\n    self.encoder = {loaded}"
    if chance.random() < 0.7:
        yield _indented(_block(chance, 1))
    if chance.random() < 0.7:
        yield "def training_step(self, batch, batch_idx):"
        step = chance.choice(("return self.encoder(batch).sum()", _block(chance, 1)))
        yield _indented(step)
    if chance.random() < 0.4:
        yield chance.choice(_METHODS)
        yield _indented(_block(chance, 1))


def _indented(block: str) -> str:
    return textwrap.indent(block, "    ")


def _block(chance: Random, depth: int) -> str:
    """One to three statements, of which those above the given depth hold blocks."""
    return "\n".join(_statement(chance, depth) for _ in range(chance.choice((1, 1, 1, 1, 2, 2, 3))))


def _statement(chance: Random, depth: int) -> str:
    shape = chance.choice(_STATEMENTS)
    if not shape.endswith(":"):
        return _filled(shape, chance, 2)
    if depth == 0:
        return "pass"
    head = _filled(shape, chance, 1)
    # The block of a case is one level further in.
    block = textwrap.indent(_block(chance, depth - 1), "    " * (2 if shape[:5] == "match" else 1))
    tails = _TAILS.get(shape.partition(" ")[0].rstrip(":"), ("",))
    tail = _filled(chance.choice(tails), chance, 1)
    return f"{head}\n{block}" + (f"\n{tail}" if tail else "")


def _filled(shape: str, chance: Random, depth: int) -> str:
    while "[]" in shape:
        shape = shape.replace("[]", chance.choice(_TARGETS), 1)
    return shape.format(*_some(shape, chance, depth))


def _expression(chance: Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.5:
        return chance.choice(_ATOMS)
    shape = chance.choice(_EXPRESSIONS)
    return shape.format(*_some(shape, chance, depth - 1))


def _some(shape: str, chance: Random, depth: int) -> Sequence[str]:
    """As many expressions as a shape has places for."""
    count = shape.replace("{{", "").count("{}")
    return [_expression(chance, depth) for _ in range(count)]
