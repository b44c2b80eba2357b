"""A grammar of valid programs: what Hypothesis draws from, and how a program is put together.

Everything a program does is a statement over *references*: expressions that are a module for sure,
on every path, so that the program runs whatever its flags are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import indent
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Draw = Callable[[st.SearchStrategy[Any]], Any]

IMPORTS = """\
import contextlib
import copy

import lightning.pytorch as pl
import torch
from torch import nn
from peft import LoraConfig, get_peft_model
from torch.optim import SGD
from transformers import AutoConfig, AutoModel, BertModel, EncoderDecoderModel

NAME = "bert-base-uncased"
"""

HELPERS = {
    "load": "def load(name):\n    return AutoModel.from_pretrained(name)\n",
    "load_trained": "def load_trained(name):\n    model = BertModel.from_pretrained(name)\n"
    "    return model.train()\n",
    "load_pair": "def load_pair(name):\n    config = AutoConfig.from_pretrained(name)\n"
    "    return config, AutoModel.from_pretrained(name)\n",
    "load_as": "def load_as(name, training):\n    model = AutoModel.from_pretrained(name)\n"
    "    if training:\n        model.train()\n    return model\n",
    "switch_on": "def switch_on(module):\n    module.train()\n    return module\n",
    "freeze": "def freeze(module):\n    for parameter in module.parameters():\n"
    "        parameter.requires_grad = False\n",
    "Holder": "class Holder(nn.Module):\n    def __init__(self, inner):\n"
    "        super().__init__()\n        self.inner = inner\n\n"
    "    def forward(self, batch):\n        return self.inner(batch)\n",
    "Backbone": "class Backbone(nn.Module):\n    def __init__(self, name, trained=False):\n"
    "        super().__init__()\n        self.bert = AutoModel.from_pretrained(name)\n"
    "        if trained:\n            self.bert.train()\n\n"
    "    def forward(self, batch):\n        return self.bert(batch)\n",
}

HELPERS["Inner"] = """\
class Inner(pl.LightningModule):
    def __init__(self, name):
        super().__init__()
        self.bert = AutoModel.from_pretrained(name)

    def on_train_start(self):
        self.train()

    def forward(self, batch):
        return self.bert(batch)
"""

# Expressions that load a BERT, whose parts are known by name.
BERTS = (
    "AutoModel.from_pretrained(name)",
    "BertModel.from_pretrained(name)",
    "AutoModel.from_pretrained(name).train()",
    "AutoModel.from_config(AutoConfig.from_pretrained(name))",
    "load(name)",
    "load_as(name, flag)",
    "self._load(name)",
)

# Expressions that load: most in eval mode, some in train mode.
LOADS = (
    "AutoModel.from_pretrained(name)",
    "AutoModel.from_pretrained(name)",
    "BertModel.from_pretrained(name, add_pooling_layer=True)",
    "AutoModel.from_pretrained(name).train()",
    "AutoModel.from_pretrained(name).eval()",
    'AutoModel.from_pretrained(name).to("cpu")',
    "AutoModel.from_config(AutoConfig.from_pretrained(name))",
    "BertModel(AutoConfig.from_pretrained(name))",
    "AutoModel.from_pretrained(name).encoder",
    "copy.deepcopy(AutoModel.from_pretrained(name))",
    "load(name)",
    "load_trained(name)",
    "load_pair(name)[1]",
    "load_as(name, True)",
    "load_as(name, False)",
    "load_as(name, flag)",
    "switch_on(AutoModel.from_pretrained(name))",
    "Holder(AutoModel.from_pretrained(name))",
    "Backbone(name)",
    "Backbone(name, trained=True)",
    "nn.Sequential(AutoModel.from_pretrained(name), nn.Dropout(0.1))",
    "AutoModel.from_pretrained(name) if flag else BertModel.from_pretrained(name)",
    "AutoModel.from_pretrained(name) if flag else nn.Linear(2, 2)",
    "AutoModel.from_pretrained(name, output_loading_info=True)[0]",
    "(lambda: AutoModel.from_pretrained(name))()",
    "self._load(name)",
    "Inner(name)",
    "AutoModel.from_pretrained(name).pooler",
    "AutoModel.from_pretrained(name).get_input_embeddings()",
    "EncoderDecoderModel.from_encoder_decoder_pretrained(name, name)",
    'get_peft_model(AutoModel.from_pretrained(name), LoraConfig(r=2, target_modules=["query"]))',
    "nn.ModuleList([AutoModel.from_pretrained(name) for _ in range(2)])[0]",
    'nn.ModuleDict({key: AutoModel.from_pretrained(name) for key in ("a", "b")})["b"]',
    "nn.DataParallel(AutoModel.from_pretrained(name))",
)

# Statements about a BERT, ``{m}``.
ON_BERT = (
    "{m}.encoder.train()",
    "{m}.pooler.eval()",
    "{m}.embeddings.requires_grad_(False)",
    "for layer in {m}.encoder.layer[:1]:\n    layer.train()",
    "for layer in {m}.encoder.layer:\n    layer.train()",
    "{m}.encoder.layer[0].eval()",
    "{m}.gradient_checkpointing_enable()",
    "{m}.resize_token_embeddings(70)",
    "{m}.pooler = nn.Linear(8, 8)",
    "self.part = {m}.encoder\nself.part.train()",
    "{m}.base_model.train()",
    '{m}.get_submodule("encoder").train()',
    'for key, parameter in {m}.named_parameters():\n    parameter.requires_grad = "pooler" in key',
    'for key, part in {m}.named_modules():\n    if "encoder" in key:\n        part.train()',
    "{m}.training = True",
    "for parameter in {m}.encoder.parameters():\n    parameter.requires_grad_(False)",
)

# Statements about one module, ``{m}``.
ON_MODULE = (
    "{m}.train()",
    "{m}.train()",
    "{m}.train(mode=True)",
    "{m}.train(False)",
    "{m}.eval()",
    "{m}.requires_grad_(False)",
    "{m}.requires_grad_(True)",
    "freeze({m})",
    "switch_on({m})",
    "nn.Module.train({m})",
    "{m}.apply(lambda part: part.train())",
    "for part in {m}.modules():\n    part.training = True",
    "for part in {m}.children():\n    part.train()",
    "for parameter in {m}.parameters():\n    parameter.requires_grad = False",
    "for each in ({m}, nn.Identity()):\n    each.train()",
    "alias = {m}\nalias.train()",
    '{m}.to("cpu").train()',
    "{m}.half().float()",
    "({m}.train if flag else {m}.eval)()",
    "{m}.train(flag)",
    "{m}.train(not flag)",
    "copy.deepcopy({m}).train()",
    "with torch.no_grad():\n    {m}.train()",
    "[each.train() for each in [{m}]]",
    "next(iter([{m}])).train()",
)

# Statements about the LightningModule.
ON_SELF = (
    "self.train()",
    "self.train()",
    "self.eval()",
    "self.freeze()",
    "self.unfreeze()",
    "self.requires_grad_(False)",
    "self.requires_grad_(True)",
    "for part in self.children():\n    part.train()",
    "for part in self.modules():\n    part.training = True",
    "for name_, part in self.named_children():\n    part.eval()",
    "self._switch()",
    "self.automatic_optimization = False",
    'name = "bert-large-uncased"',
    "self.main.train()",
    "pass",
)

# Ways to hold a module ``{m}`` under a new attribute ``{a}``.
HOLDING = (
    "self.{a} = {m}",
    'setattr(self, "{a}", {m})',
    'self.add_module("{a}", {m})',
    "self.{a} = nn.ModuleList([{m}])",
    'self.{a} = nn.ModuleDict({{"inner": {m}}})',
    "self.{a} = nn.Sequential({m})",
    "self.{a} = Holder({m})",
    "self.{a} = [{m}]",
    'self.__dict__["{a}"] = {m}',
    "self.{a}: nn.Module = {m}",
    "self.{a} = local = {m}\nlocal.float()",
    "local = {m}\nself.{a} = local",
    "local = {m}\nself.{a} = local\nlocal = None",
    "self.{a}, self.{a}_size = {m}, 3",
    "self.{a} = copy.deepcopy({m})",
)

# The ways after which the attribute is the module itself.
_KEEPING = {"self.{a} = {m}", 'setattr(self, "{a}", {m})', "self.{a}: nn.Module = {m}"}
_IN_A_LIST = {"self.{a} = [{m}]"}
# What is called of a container that can't be called.
_ITEM = {
    "self.{a} = nn.ModuleList([{m}])": "[0]",
    'self.{a} = nn.ModuleDict({{"inner": {m}}})': '["inner"]',
}

HOOKS = {
    "setup": "self, stage",
    "prepare_data": "self",
    "configure_model": "self",
    "on_fit_start": "self",
    "on_train_start": "self",
    "on_train_epoch_start": "self",
    "on_train_batch_start": "self, batch, batch_idx",
    "on_train_batch_end": "self, outputs, batch, batch_idx",
    "on_train_epoch_end": "self",
    "on_validation_start": "self",
    "on_validation_epoch_end": "self",
    "on_validation_end": "self",
    "on_validation_model_train": "self",
    "on_before_zero_grad": "self, optimizer",
    "on_after_backward": "self",
    "on_save_checkpoint": "self, checkpoint",
    "validation_step": "self, batch, batch_idx",
    "on_predict_start": "self",
    "unused_method": "self",
}
CALLBACK_HOOKS = {
    "setup": "self, trainer, module, stage",
    "on_fit_start": "self, trainer, module",
    "on_sanity_check_start": "self, trainer, module",
    "on_sanity_check_end": "self, trainer, module",
    "on_train_start": "self, trainer, module",
    "on_train_epoch_start": "self, trainer, module",
    "on_train_batch_start": "self, trainer, module, batch, batch_idx",
    "on_train_epoch_end": "self, trainer, module",
}


@dataclass
class _Scope:
    """What is bound for sure where a statement stands."""

    modules: list[str] = field(default_factory=list)
    attributes: int = 0
    callables: dict[str, str] = field(default_factory=dict)
    berts: list[str] = field(default_factory=list)


@st.composite
def programs(draw: Draw) -> str:
    """The source of a program."""
    scope = _Scope()
    init = _init(draw, scope)
    held = [name for name in scope.modules if name.startswith("self.")]
    hooks = [_hook(draw, name, HOOKS[name], held) for name in _some(draw, HOOKS, 2)]
    override = _train_override(draw, held)
    parent, bases = _base(draw)
    parts = [
        f"class Lit({bases}):",
        "    def __init__(self, name, flag=False, other=False):",
        "        super().__init__()",
        indent(init, " " * 8),
        "\n    def _load(self, name):",
        "        return AutoModel.from_pretrained(name)",
        "\n    @property",
        "    def main(self):",
        f"        return {held[0] if held else 'self'}",
        "\n    def _switch(self):",
        indent("\n".join(f"{each}.train()" for each in held) or "pass", " " * 8),
        *(indent(hook, " " * 4) for hook in hooks),
        *override,
        "\n    def training_step(self, batch, batch_idx):",
        indent(_step(draw, held, scope), " " * 8),
        "\n    def configure_optimizers(self):",
        f"        return {_optimizer(draw, held)}",
    ]
    callback = _callback(draw)
    body = "\n".join(parts)
    can_validate = "def validation_step" in body
    script = _script(draw, with_callback=bool(callback), can_validate=can_validate)
    used = [text for name, text in HELPERS.items() if f"{name}(" in body + script]
    pieces = [IMPORTS, *used, parent, callback, body, script]
    return "\n\n".join(piece.rstrip("\n") for piece in pieces if piece) + "\n"


def _some(draw: Draw, options: Any, most: int) -> list[str]:
    return list(draw(st.lists(st.sampled_from(sorted(options)), max_size=most, unique=True)))


def _init(draw: Draw, scope: _Scope) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines.append(_hold(draw, scope))
        if draw(st.integers(0, 2)) == 2:
            lines.append(_statement(draw, scope.modules, depth=0))
        if scope.berts and draw(st.integers(0, 3)) == 3:
            lines.append(_about(draw, scope.berts, ON_BERT))
    last = draw(st.integers(0, 2))
    lines.extend(_statement(draw, scope.modules, depth=0) for _ in range(last))
    if draw(st.integers(0, 9)) == 9:
        lines.append(_replace(draw, scope))
    return "\n".join(lines)


def _hold(draw: Draw, scope: _Scope) -> str:
    """Load a module and put it into the LightningModule."""
    is_bert = draw(st.booleans())
    load = draw(st.sampled_from(BERTS if is_bert else LOADS))
    if draw(st.integers(0, 5)) == 5 and scope.modules:
        load, is_bert = draw(st.sampled_from(scope.modules)), False
    attribute = f"m{scope.attributes}"
    scope.attributes += 1
    way = draw(st.sampled_from(HOLDING))
    name = f"self.{attribute}[0]" if way in _IN_A_LIST else f"self.{attribute}"
    scope.modules.append(name)
    if is_bert and way in _KEEPING:
        scope.berts.append(name)
    scope.callables[name] = f"{name}{_ITEM.get(way, '')}"
    return str(way.format(a=attribute, m=load))


def _replace(draw: Draw, scope: _Scope) -> str:
    """Take a module away, or another in its place."""
    plain = [each for each in scope.modules if "[" not in each]
    if not plain:
        return "pass"
    name = draw(st.sampled_from(plain))
    if draw(st.booleans()):
        scope.callables[name] = name
        return f"{name} = nn.Linear(2, 2)"
    scope.berts[:] = [each for each in scope.berts if each != name]
    scope.modules[:] = [each for each in scope.modules if not each.startswith(name)]
    return f"del {name}"


def _statement(draw: Draw, modules: list[str], depth: int) -> str:
    kind = draw(st.integers(0, 9))
    if kind >= 7 and depth < 2:
        return _branch(draw, modules, depth)
    if kind >= 5 or not modules:
        return str(draw(st.sampled_from(ON_SELF)))
    return _about(draw, modules, ON_MODULE)


def _about(draw: Draw, modules: list[str], statements: Sequence[str]) -> str:
    module = draw(st.sampled_from(modules))
    return str(draw(st.sampled_from(statements)).format(m=module))


def _branch(draw: Draw, modules: list[str], depth: int) -> str:
    body = indent(_statement(draw, modules, depth + 1), " " * 4)
    other = indent(_statement(draw, modules, depth + 1), " " * 4)
    shape = draw(
        st.sampled_from(
            [
                "if flag:\n{a}\nelse:\n{b}",
                "if flag:\n{a}",
                "if not other:\n{a}",
                "if flag and other:\n{a}\nelse:\n{b}",
                'if name == "a":\n{a}\nelif flag:\n{b}',
                "if False:\n{a}",
                "try:\n{a}\nfinally:\n{b}",
                "with contextlib.nullcontext():\n{a}",
                "for _ in range(2):\n{a}",
                "while True:\n{a}\n    break",
                "match flag:\n    case True:\n{a_deeper}\n    case _:\n{b_deeper}",
            ]
        )
    )
    deeper = {"a_deeper": indent(body, " " * 4), "b_deeper": indent(other, " " * 4)}
    return str(shape.format(a=body, b=other, **deeper))


def _hook(draw: Draw, name: str, parameters: str, held: list[str]) -> str:
    body = _plain_statement(draw, held)
    return f"\ndef {name}({parameters}):\n{indent(body, ' ' * 4)}"


def _plain_statement(draw: Draw, modules: list[str]) -> str:
    """A statement that needs nothing but ``self``."""
    if modules and draw(st.booleans()):
        usable = [each for each in ON_MODULE if "flag" not in each]
        return str(draw(st.sampled_from(usable)).format(m=draw(st.sampled_from(modules))))
    return str(draw(st.sampled_from(ON_SELF)))


def _train_override(draw: Draw, held: list[str]) -> list[str]:
    if not held or draw(st.integers(0, 14)) != 14:
        return []
    return [
        "\n    def train(self, mode=True):",
        "        super().train(mode)",
        f"        {held[0]}.eval()",
        "        return self",
    ]


def _base(draw: Draw) -> tuple[str, str]:
    if draw(st.integers(0, 4)) != 4:
        return "", "pl.LightningModule"
    name = draw(st.sampled_from(sorted(set(HOOKS) - {"validation_step"})))
    hook = _hook(draw, name, HOOKS[name], [])
    text = f"class Base(pl.LightningModule):\n{indent(hook.lstrip(), ' ' * 4)}"
    for absent in ("self._switch()", "self.main.train()"):
        text = text.replace(absent, "self.train()")
    return text, "Base"


def _step(draw: Draw, held: list[str], scope: _Scope) -> str:
    lines = ["total = 0.0"]
    if draw(st.integers(0, 9)) == 9:
        lines.insert(0, _plain_statement(draw, held))
    lines.extend(f"total = total + {scope.callables[each]}(batch).sum()" for each in held)
    if draw(st.integers(0, 9)) == 9:
        lines.append(_plain_statement(draw, held))
    return "\n".join([*lines, "return total"])


def _optimizer(draw: Draw, held: list[str]) -> str:
    if held and draw(st.integers(0, 9)) == 9:
        return f"SGD({held[0]}.parameters(), lr=0.1)"
    return str(draw(st.sampled_from(_OPTIMIZERS)))


_OPTIMIZERS = (
    "SGD(self.parameters(), lr=0.1)",
    "SGD([p for p in self.parameters() if p.requires_grad] or list(self.parameters()), lr=0.1)",
    "torch.optim.AdamW(self.parameters(), lr=0.1)",
)


def _callback(draw: Draw) -> str:
    if draw(st.integers(0, 5)) != 5:
        return ""
    name = draw(st.sampled_from(sorted(CALLBACK_HOOKS)))
    body = draw(st.sampled_from(["module.train()", "module.eval()", "module.m0.train()", "pass"]))
    return f"class Switch(pl.Callback):\n    def {name}({CALLBACK_HOOKS[name]}):\n        {body}"


def _script(draw: Draw, *, with_callback: bool, can_validate: bool) -> str:
    kind = draw(st.integers(0, 3))
    if kind == 0 and not with_callback:
        return ""
    callbacks = "callbacks=[Switch()]" if with_callback else ""
    lines = [f"lit = Lit(NAME{draw(st.sampled_from(['', ', flag=True', ', True, True']))})"]
    if kind == 1:
        lines.append(draw(st.sampled_from(["lit.train()", "lit.eval()", "lit.m0"])))
    if kind == 2:
        lines.append(f"trainer = pl.Trainer({callbacks})")
        if can_validate and draw(st.booleans()):
            lines.append("trainer.validate(lit)")
        lines.append("trainer.fit(lit)")
        return "\n".join(lines)
    lines.append(f"pl.Trainer({callbacks}).fit(lit)")
    return "\n".join(lines)
