"""The static model summary: trees with modes and the lines that set them.

What it says is compared with Lightning's own summary in the runtime tests.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

import hfmode_lint
from hfmode_lint import (
    CauseKind,
    Location,
    Options,
    Parameters,
    Position,
    Verdict,
    check_source,
    summarize_paths,
    summarize_source,
)
from hfmode_lint.output import summary_json, summary_text
from hfmode_lint.output.common import Style
from tests.analysis.programs import module
from tests.programs import BUGGY, FIXED, NOTEBOOK
from tests.test_cli import run
from tests.test_fixtures import PROGRAMS, expectation, name_of, read

if TYPE_CHECKING:
    from hfmode_lint import SummaryNode

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "summaries"
# Made by ``hfmode-lint --summary fixtures/… > tests/summaries/….txt`` and read by people.
FIXTURES = sorted(each.relative_to(KEPT).with_suffix("") for each in KEPT.rglob("*.txt"))


def fixture_of(name: Path) -> str:
    """The program or project that a kept summary is of."""
    path = "fixtures" / name
    found = (path, path.with_suffix(".py"), path.with_suffix(".ipynb"))
    return next(each for each in found if (ROOT / each).exists()).as_posix()


def test_there_are_kept_summaries() -> None:
    assert len(FIXTURES) >= 12
    assert {each.with_suffix("") for each in KEPT.rglob("*.json")} == {KEPT / f for f in FIXTURES}


@pytest.mark.parametrize("name", FIXTURES, ids=Path.as_posix)
def test_the_tree_is_as_it_was_kept(name: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    lines = summary_text.render(summarize_paths([fixture_of(name)]), Style())
    assert list(lines) == (KEPT / name).with_suffix(".txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", FIXTURES, ids=Path.as_posix)
def test_the_json_is_as_it_was_kept(name: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (text,) = summary_json.render(summarize_paths([fixture_of(name)]))
    assert text == (KEPT / name).with_suffix(".json").read_text("utf-8").rstrip()


REPORTED = {"HFM001", "HFM002"}
SICK = [each for each in PROGRAMS if REPORTED & {found["code"] for found in expectation(each)}]


@pytest.mark.parametrize("program", SICK, ids=name_of)
def test_what_is_reported_stands_out(program: Path) -> None:
    roots = [model.root for model in summarize_source(read(program)) if model.root is not None]
    red = {node.path for root in roots for node in root.walk() if node.trained_in_eval}
    # For the rules the model in an adapter goes by the name of the adapter.
    shown = {path.replace(".base_model.model", "") for path in red}
    assert {f["module_path"] for f in expectation(program) if f["code"] in REPORTED} <= shown


# What is said of a module, and why


def nodes_of(program: str) -> dict[str, SummaryNode]:
    """The modules of the last LightningModule of a program, by path."""
    root = summarize_source(program, "m.py")[-1].root
    assert root is not None
    return {node.path: node for node in root.walk()}


def said(node: SummaryNode) -> tuple[str, str, list[str], list[str]]:
    causes = (node.mode_causes, node.parameter_causes)
    texts = [[cause.text for cause in each] for each in causes]
    return node.mode.value, node.parameters.value, texts[0], texts[1]


LOADED = ["AutoModel.from_pretrained()"]
SET_BY = {
    "loaded": ("pass", "eval", "trainable", LOADED, []),
    "chained": (
        "self.m = AutoModel.from_pretrained(name).train()",
        *("train", "trainable", ["AutoModel.from_pretrained(name).train()"], []),
    ),
    "train": ("self.m.train()", "train", "trainable", ["self.m.train()"], []),
    "the last of several": (
        "self.train(); self.m.eval(); self.m.train(True)",
        *("train", "trainable", ["self.m.train(True)"], []),
    ),
    "the last of two that do the same": (
        "self.m.train(); self.m.train(True)",
        *("train", "trainable", ["self.m.train(True)"], []),
    ),
    "frozen by a method of its own": (
        "self.m.freeze()",
        *("eval", "frozen", LOADED, ["self.m.freeze()"]),
    ),
    "frozen by a call": (
        "self.m.requires_grad_(False)",
        *("eval", "frozen", LOADED, ["self.m.requires_grad_(False)"]),
    ),
    "frozen by an assignment": (
        "for p in self.m.parameters():\n    p.requires_grad = False",
        *("eval", "frozen", LOADED, ["p.requires_grad = False"]),
    ),
    "frozen by Lightning": (
        "self.freeze()",
        "eval",
        "frozen",
        ["self.freeze()"],
        ["self.freeze()"],
    ),
    "a part is frozen": (
        "self.m.encoder.requires_grad_(False)",
        *("eval", "partly frozen", LOADED, []),
    ),
    "setattr": (
        "for p in self.m.parameters():\n    setattr(p, 'requires_grad', False)",
        *("eval", "frozen", LOADED, ["setattr(p, 'requires_grad', False)"]),
    ),
    "given away": (
        "thaw(self.m)",
        "unknown",
        "unknown",
        ["thaw(self.m)"],
        ["thaw(self.m)"],
    ),
    "one way of two": (
        "if flag:\n    self.m.train()",
        *("either", "trainable", ["self.m.train()", *LOADED], []),
    ),
    "frozen on one way of two": (
        "if flag:\n    self.m.requires_grad_(False)",
        *("eval", "either", LOADED, ["self.m.requires_grad_(False)"]),
    ),
    "thawed again": (
        "self.m.requires_grad_(False); self.m.requires_grad_()",
        *("eval", "trainable", LOADED, ["self.m.requires_grad_()"]),
    ),
    "frozen by name": (
        "self.m.requires_grad_(requires_grad=False)",
        *("eval", "frozen", LOADED, ["self.m.requires_grad_(requires_grad=False)"]),
    ),
    "thawed by Lightning": (
        "self.freeze(); self.unfreeze()",
        *("train", "trainable", ["self.unfreeze()"], ["self.unfreeze()"]),
    ),
    "a part is frozen by its method": (
        "self.m.freeze_feature_encoder()",
        *("eval", "partly frozen", LOADED, ["self.m.freeze_feature_encoder()"]),
    ),
    "frozen module by module": (
        "for part in self.m.modules():\n    part.requires_grad_(False)",
        *("eval", "frozen", LOADED, ["part.requires_grad_(False)"]),
    ),
    "frozen parameter by parameter": (
        "for p in self.m.parameters():\n    p.requires_grad_(False)",
        *("eval", "frozen", LOADED, ["p.requires_grad_(False)"]),
    ),
    "some parameters are frozen": (
        "for n, p in self.m.named_parameters():\n    if 'a' in n:\n        p.requires_grad = False",
        *("eval", "partly frozen", LOADED, ["p.requires_grad = False"]),
    ),
    "frozen by a callback's class": (
        "pl.callbacks.BaseFinetuning.freeze(self.m)",
        *("eval", "frozen", LOADED, ["pl.callbacks.BaseFinetuning.freeze(self.m)"]),
    ),
    "a part frozen by a callback's class": (
        "pl.callbacks.BaseFinetuning.freeze(self.m[:2])",
        *("eval", "partly frozen", LOADED),
        ["pl.callbacks.BaseFinetuning.freeze(self.m[:2])"],
    ),
    "train module by module": (
        "for part in self.m.modules():\n    part.train()",
        *("train", "trainable", ["part.train()"], []),
    ),
    "some modules in train mode": (
        "for part in self.m.modules():\n    if isinstance(part, nn.Dropout): part.train()",
        *("unknown", "trainable", ["part.train()"], []),
    ),
    "flags": (
        "for part in self.m.modules():\n    part.training = True",
        *("train", "trainable", ["part.training = True"], []),
    ),
    "setattr of flags": (
        "for part in self.m.modules():\n    setattr(part, 'training', True)",
        *("train", "trainable", ["setattr(part, 'training', True)"], []),
    ),
    "some flags": (
        (
            "for part in self.m.modules():\n    if isinstance(part, nn.Dropout):\n"
            "        part.training = True"
        ),
        *("unknown", "trainable", ["part.training = True"], []),
    ),
    "eval mode that was there already": (
        "self.eval()",
        *("eval", "trainable", ["self.eval()"], []),
    ),
    "what Lightning switches off is off already": (
        "self.on_validation_model_eval()",
        *("eval", "trainable", LOADED, []),
    ),
    "an adapter that switches it off": (
        "self.m.train()\nself.m.load_adapter('a')",
        *("eval", "unknown", ["self.m.load_adapter('a')"], ["self.m.load_adapter('a')"]),
    ),
    "an adapter beside its layers": (
        "import peft\npeft.inject_adapter_in_model(flag, self.m)",
        *("eval", "partly frozen", LOADED, ["peft.inject_adapter_in_model(flag, self.m)"]),
    ),
    "an adapter more": (
        "self.m.requires_grad_(False)\nself.m.add_adapter(flag)",
        *("eval", "partly frozen", LOADED, ["self.m.add_adapter(flag)"]),
    ),
    "without its adapter again": (
        "import peft\nself.m = peft.get_peft_model(self.m, flag)\nself.m = self.m.unload()",
        *("eval", "frozen", LOADED, ["self.m.unload()"]),
    ),
    "a copy": (
        "self.m.train(); self.m.requires_grad_(False); self.m = copy.deepcopy(self.m)",
        *("train", "frozen", ["self.m.train()"], ["self.m.requires_grad_(False)"]),
    ),
    "a part of what was set": (
        "self.m.train(); self.m.requires_grad_(False); self.m = self.m.encoder",
        *("train", "frozen", ["self.m.train()"], ["self.m.requires_grad_(False)"]),
    ),
    "in a helper": (
        "def wake(model):\n    model.train()\nwake(self.m)",
        *("train", "trainable", ["model.train()"], []),
    ),
}


@pytest.mark.parametrize(
    ("lines", "mode", "parameters", "by", "frozen_by"), SET_BY.values(), ids=SET_BY
)
def test_what_set_the_mode(
    lines: str, mode: str, parameters: str, by: list[str], frozen_by: list[str]
) -> None:
    program = module(f"self.m = AutoModel.from_pretrained(name)\n{lines}")
    assert said(nodes_of(program)["self.m"]) == (mode, parameters, by, frozen_by)


def test_what_replaces_the_end_of_validation_sets_the_mode() -> None:
    hooks = "def validation_step(self): ...\ndef on_validation_model_train(self): ..."
    node = nodes_of(module("self.m = AutoModel.from_pretrained(name).train()", hooks))["self.m"]
    assert said(node)[::2] == ("eval", ["def on_validation_model_train"])


def test_a_part_keeps_its_own_mode_in_validation() -> None:
    lines = "self.e = self.m.encoder; self.e.train()"
    hooks = "def validation_step(self, batch): ..."
    nodes = nodes_of(module(LOADED_MODEL + lines, hooks))
    modes = {path: node.mode.value for path, node in nodes.items()}
    assert modes == {"self": "train", "self.m": "eval", "self.m.encoder": "train"}


def test_a_part_that_validation_looks_at_has_the_mode_of_the_whole() -> None:
    step = "part = self.m.pooler\nreturn part(batch)"
    hooks = f"def validation_step(self, batch):\n{indent(step, '    ')}"
    nodes = nodes_of(module(f"{LOADED_MODEL}self.m.train()", hooks, step=step))
    assert said(nodes["self.m.pooler"])[::2] == ("train", ["self.m.train()"])


ADAPTED = {
    "new layers around it": (
        "peft.get_peft_model(self.m, flag)",
        ("train", "partly frozen", ["peft.get_peft_model()"], []),
        ("eval", "partly frozen", LOADED, ["peft.get_peft_model(self.m, flag)"]),
    ),
    "loaded, in eval mode": (
        "peft.PeftModel.from_pretrained(self.m.train(), 'a')",
        *[
            (
                *("eval", "frozen"),
                ["peft.PeftModel.from_pretrained(self.m.train(), 'a')"],
                ["peft.PeftModel.from_pretrained(self.m.train(), 'a')"],
            )
        ]
        * 2,
    ),
    "loaded, to be trained": (
        "peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=True)",
        (
            *("train", "partly frozen", ["peft.PeftModel.from_pretrained()"]),
            ["peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=True)"],
        ),
        (
            *("eval", "partly frozen", LOADED),
            ["peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=True)"],
        ),
    ),
    "loaded, and nobody knows": (
        "peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=flag)",
        *[
            (
                *("unknown", "unknown"),
                ["peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=flag)"],
                ["peft.PeftModel.from_pretrained(self.m, 'a', is_trainable=flag)"],
            )
        ]
        * 2,
    ),
}
Said = tuple[str, str, list[str], list[str]]


@pytest.mark.parametrize(("adapted", "outer", "inner"), ADAPTED.values(), ids=ADAPTED)
def test_an_adapter_and_what_it_is_around(adapted: str, outer: Said, inner: Said) -> None:
    lines = f"import peft\nself.m = AutoModel.from_pretrained(name)\nself.m = {adapted}"
    nodes = nodes_of(module(lines))
    assert {path: said(node) for path, node in nodes.items() if path != "self"} == {
        "self.m": outer,
        "self.m.base_model.model": inner,
    }
    assert nodes["self.m"].types == ("PeftModel",)


# A tree of modules in short: the types, the mode, the parameters, "!" where it stands out.
NETS = """\
class Net(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
class WithParameter(Net):
    def __init__(self, body):
        super().__init__(body)
        self.p = nn.Parameter(torch.zeros(2))
class Registering(Net):
    def __init__(self, body):
        super().__init__(body)
        self.register_parameter("p", None)
"""
LOADED_MODEL = "self.m = AutoModel.from_pretrained(name)\n"
# In every one of these trees, where nothing else is said.
USUAL = {("self", "Lit, train, trainable"), ("self.m", "AutoModel, eval, trainable, !")}
TREES = {
    "a part of a loaded model": (
        "self.m.encoder.train(); self.m.pooler",
        {
            "self.m.encoder": "train, trainable",
            "self.m.pooler": "eval, trainable, !",
        },
    ),
    "a part of a model that a class loads": (
        """
            from sentence_transformers import SentenceTransformer
            self.s = SentenceTransformer(name); self.s.encoder.train()
        """,
        {
            "self.s": "SentenceTransformer, eval, trainable, !",
            "self.s.encoder": "train, trainable",
        },
    ),
    "parameters of layers": (
        """
            self.l = nn.Linear(2, 2); self.l.weight.data.zero_(); self.l.bias.data.zero_()
            self.m.pooler.weight.data
        """,
        {
            "self.m.pooler": "eval, trainable, !",
            "self.l": "Linear, train, trainable",
        },
    ),
    "one module at several places": (
        "self.n = self.m; self.p = nn.ModuleList([self.m])",
        {
            "self.p": "ModuleList, train, trainable",
        },
    ),
    "what a function makes": (
        """
            import timm
            self.t = timm.create_model('a')
            self.u = flag(name)
        """,
        {
            "self.t": "train, trainable",
        },
    ),
    "what is no module": (
        """
            self.tokenizer = flag.from_pretrained(name)
            self.x = flag.kind.from_pretrained(name); self.x.batch_decode(flag)
            self.y = flag.kind.from_pretrained(name)
            self.tokenizer_2 = BertModel.from_pretrained(name)
        """,
        {
            "self.y": "eval, trainable, !",
            "self.tokenizer_2": "BertModel, eval, trainable, !",
        },
    ),
    "containers": (
        """
            self.l = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
            self.l[0].requires_grad_(False)
            self.d = nn.DataParallel(nn.Linear(2, 2)); self.d.module.requires_grad_(False)
            self.s = nn.Sequential(nn.Linear(2, 2))
        """,
        {
            "self": "Lit, train, partly frozen",
            "self.l": "ModuleList, train, partly frozen",
            "self.l.0": "Linear, train, frozen",
            "self.l.1": "Linear, train, trainable",
            "self.d": "DataParallel, train, frozen",
            "self.d.module": "Linear, train, frozen",
            "self.s": "Sequential, train, trainable",
            "self.s.0": "Linear, train, trainable",
        },
    ),
    "what is not known": (
        """
            self.l = nn.ModuleList([nn.Linear(2, 2), BertModel.from_pretrained(name)])
            thaw(self.l[1]); self.l[0].requires_grad_(False)
        """,
        {
            "self": "Lit, train, unknown",
            "self.l": "ModuleList, train, unknown",
            "self.l.0": "Linear, train, frozen",
            "self.l.1": "BertModel, unknown, unknown",
        },
    ),
    "parameters of its own": (
        "self.a = WithParameter(nn.Linear(2, 2)); self.a.body.requires_grad_(False)",
        {
            "self": "Lit, train, partly frozen",
            "self.a": "WithParameter, train, partly frozen",
            "self.a.body": "Linear, train, frozen",
        },
    ),
    "parameters that are registered": (
        "self.a = Registering(nn.Linear(2, 2)); self.a.body.requires_grad_(False)",
        {
            "self": "Lit, train, partly frozen",
            "self.a": "Registering, train, partly frozen",
            "self.a.body": "Linear, train, frozen",
        },
    ),
    "no parameters of its own": (
        "self.a = Net(nn.Linear(2, 2)); self.a.body.requires_grad_(False)",
        {
            "self": "Lit, train, partly frozen",
            "self.a": "Net, train, frozen",
            "self.a.body": "Linear, train, frozen",
        },
    ),
    "a layer that holds another": (
        "self.l = nn.Linear(2, 2); self.l.a = nn.Linear(2, 2); self.l.a.requires_grad_(False)",
        {
            "self": "Lit, train, partly frozen",
            "self.l": "Linear, train, partly frozen",
            "self.l.a": "Linear, train, frozen",
        },
    ),
    "a part of a layer": (
        "self.l = nn.Transformer(2); self.l.encoder.requires_grad_(False)",
        {
            "self": "Lit, train, partly frozen",
            "self.l": "Transformer, train, partly frozen",
            "self.l.encoder": "train, frozen",
        },
    ),
    "eval mode above train mode": (
        "self.a = Net(nn.Dropout()); self.a.eval(); self.a.body.train()",
        {
            "self.a": "Net, eval, trainable",
            "self.a.body": "Dropout, train, trainable",
        },
    ),
    "eval mode above eval mode": (
        "self.a = Net(nn.Dropout()); self.a.eval()",
        {
            "self.a": "Net, eval, trainable, !",
            "self.a.body": "Dropout, eval, trainable, !",
        },
    ),
    "embeddings": (
        "self.e = self.m.get_input_embeddings(); self.e.eval(); del self.m",
        {
            "self.e": "eval, trainable",
        },
    ),
    "around an adapter": (
        """
            import peft
            self.m = peft.get_peft_model(self.m, flag); self.m.a = nn.Linear(2, 2); self.eval()
        """,
        {
            "self": "Lit, eval, partly frozen",
            "self.m": "PeftModel, eval, partly frozen",
            "self.m.base_model.model": "AutoModel, eval, partly frozen, !",
            "self.m.a": "Linear, eval, trainable, !",
        },
    ),
    "a part of what has an adapter": (
        """
            import peft
            peft.inject_adapter_in_model(flag, self.m); self.m.encoder
        """,
        {
            "self": "Lit, train, partly frozen",
            "self.m": "AutoModel, eval, partly frozen, !",
            "self.m.encoder": "eval, partly frozen, !",
        },
    ),
    "an adapter that is trained with all": (
        """
            import peft
            peft.inject_adapter_in_model(flag, self.m); self.m.requires_grad_(True)
        """,
        {},
    ),
    "a module that holds what holds it": (
        "self.a = Net(nn.Linear(2, 2)); self.a.owner = self",
        {
            "self.a": "Net, train, trainable",
            "self.a.body": "Linear, train, trainable",
        },
    ),
    "three ways": (
        """
            if flag == 1: self.m.train()
            elif flag == 2: thaw(self.m)
            else: self.m.requires_grad_(False)
        """,
        {
            "self": "Lit, train, unknown",
            "self.m": "AutoModel, unknown, unknown",
        },
    ),
    "a module on one way of two": (
        "if flag: self.l = nn.Linear(2, 2)",
        {
            "self.l": "Linear, train, trainable, sometimes",
        },
    ),
}


def in_short(node: SummaryNode) -> str:
    stands_out = ["!"] * node.trained_in_eval
    sometimes = ["sometimes"] * (not node.on_every_way)
    said_of_it = (*node.types, node.mode.value, node.parameters.value, *stands_out, *sometimes)
    return ", ".join(said_of_it)


@pytest.mark.parametrize(("lines", "expected"), TREES.values(), ids=TREES)
def test_the_tree(lines: str, expected: dict[str, str]) -> None:
    nodes = nodes_of(module(LOADED_MODEL + dedent(lines)) + NETS)
    shown = [(path, in_short(node)) for path, node in nodes.items()]
    assert dict(each for each in shown if each not in USUAL) == expected


def test_the_mode_of_the_first_training_step_counts() -> None:
    step = "self.m.train()\nloss = self.m(batch)\nself.m.eval()\nreturn loss"
    node = nodes_of(module("self.m = AutoModel.from_pretrained(name)", step=step))["self.m"]
    assert said(node)[0] == "train"
    assert not node.trained_in_eval
    node = nodes_of(module(f"{LOADED_MODEL}self.m.train()", step="self.m.eval()\nreturn 1"))[
        "self.m"
    ]
    assert said(node)[::2] == ("train", ["self.m.train()"])
    hook = "def on_train_start(self):\n    self.m.train()"
    node = nodes_of(module("self.m = AutoModel.from_pretrained(name)", hook))["self.m"]
    assert said(node)[::2] == ("train", ["self.m.train()"])


def test_what_is_seen_not_to_be_trained_does_not_stand_out() -> None:
    loaded = "self.m = AutoModel.from_pretrained(name)"
    used = nodes_of(module(loaded, step="with torch.no_grad():\n    self.m(batch)"))["self.m"]
    assert (used.mode, used.trained_in_eval) == (Verdict.EVAL, False)
    some = "def configure_optimizers(self):\n    return torch.optim.SGD(self.head.parameters())"
    left_out = nodes_of(module(f"{loaded}\nself.head = nn.Linear(2, 2)", some))["self.m"]
    assert (left_out.mode, left_out.trained_in_eval) == (Verdict.EVAL, False)
    assert nodes_of(module(loaded))["self.m"].trained_in_eval
    for after in ("self.m(batch)", "tools(self)"):
        step = f"with torch.no_grad():\n    self.m(batch)\nreturn {after}"
        assert nodes_of(module(loaded, step=step))["self.m"].trained_in_eval
    assert nodes_of(module(loaded, step="return 1"))["self.m"].trained_in_eval
    all_of_it = some.replace("head", "m")
    assert nodes_of(module(loaded, all_of_it))["self.m"].trained_in_eval


def test_what_a_cause_is() -> None:
    lines = """
        self.n = nn.Linear(2, 2); self.n.eval()
        self.o = nn.Transformer(2); self.o.encoder.requires_grad_(False)
    """
    nodes = nodes_of(module(LOADED_MODEL + dedent(lines)))
    assert {path: [cause.kind for cause in node.mode_causes] for path, node in nodes.items()} == {
        "self": [CauseKind.DEFINED],
        "self.m": [CauseKind.LOADED],
        "self.n": [CauseKind.SET],
        "self.o": [CauseKind.CONSTRUCTED],
        "self.o.encoder": [CauseKind.CONSTRUCTED],
    }


def test_of_too_many_ways_some_are_left_out() -> None:
    ways = "".join(f"if name[{each}]: self.n{each} = nn.ReLU()\n" for each in range(12))
    (model,) = summarize_source(module(LOADED_MODEL + ways))
    assert not model.complete
    plain = "".join(f"if name[{each}]: n{each} = {each}\n" for each in range(12))
    (model,) = summarize_source(module(LOADED_MODEL + plain))
    assert model.complete
    (model,) = summarize_source(module(LOADED_MODEL))
    assert model.complete


def test_each_class_has_a_summary_of_its_own() -> None:
    program = module("self.m = AutoModel.from_pretrained(name)") + SUBCLASS_AND_BUILDER
    roots = {model.name: model.root for model in summarize_source(program)}
    modes = {
        name: {node.path: node.mode.value for node in root.walk()} if root else None
        for name, root in roots.items()
    }
    assert modes == {
        "Lit": {"self": "train", "self.m": "eval"},
        "Sub": {"self": "train", "self.m": "train"},
        "Never": None,
        "Inner": {"self": "train", "self.n": "train"},
    }


def test_a_tokenizer_is_no_module() -> None:
    lines = "for k in ('model', 'tokenizer'):\n    setattr(self, k, get(k).from_pretrained(name))"
    assert "self.tokenizer" not in nodes_of(module(lines))


NOTHING_LOADED = """\
import lightning as L
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))
        self.body[1].eval()

class Task(L.LightningModule):
    def __init__(self, norm=False):
        super().__init__()
        self.net = Net()
        if norm:
            self.norm = nn.LayerNorm(2)

    def training_step(self, batch, batch_idx):
        return self.net(batch)
"""


def test_modules_that_nothing_loads() -> None:
    assert check_source(NOTHING_LOADED) == []
    nodes = nodes_of(NOTHING_LOADED)
    assert {path: (node.types, node.mode.value) for path, node in nodes.items()} == {
        "self": (("Task",), "train"),
        "self.net": (("Net",), "train"),
        "self.net.body": (("Sequential",), "train"),
        "self.net.body.0": (("Linear",), "train"),
        "self.net.body.1": (("Dropout",), "eval"),
        "self.norm": (("LayerNorm",), "train"),
    }
    assert [path for path, node in nodes.items() if not node.on_every_way] == ["self.norm"]
    (cause,) = nodes["self.net.body.1"].mode_causes
    assert cause.kind is CauseKind.SET
    assert cause.location == Location("m.py", Position(8, 8))
    (made,) = nodes["self.net.body"].mode_causes
    assert (made.kind, made.text) == (CauseKind.CONSTRUCTED, "nn.Sequential()")
    (defined,) = nodes["self"].mode_causes
    assert (defined.kind, defined.text) == (CauseKind.DEFINED, "class Task")


def test_the_files_of_a_project_count(tmp_path: Path) -> None:
    """One makes the layers, another the LightningModule, and none of them loads anything."""
    (tmp_path / "pyproject.toml").touch()
    net, task = NOTHING_LOADED.split("class Task")
    (tmp_path / "net.py").write_text(net)
    (tmp_path / "task.py").write_text(
        f"import lightning as L\nfrom net import Net\nfrom torch import nn\n\nclass Task{task}"
    )
    (tmp_path / "train.py").write_text(
        "import lightning as L\nfrom task import Task\n\n"
        "task = Task(norm=True)\ntask.net.body[0].requires_grad_(False)\nL.Trainer().fit(task)\n"
    )
    (model,) = summarize_paths([tmp_path / "task.py"])
    assert model.root is not None
    nodes = {node.path: node for node in model.root.walk()}
    assert nodes["self.norm"].on_every_way
    assert nodes["self.net.body.1"].mode is Verdict.EVAL
    assert nodes["self.net.body.0"].parameters is Parameters.FROZEN
    (cause,) = nodes["self.net.body.0"].parameter_causes
    assert Path(cause.location.filename).name == "train.py"
    (made,) = nodes["self"].mode_causes
    assert (made.text, Path(made.location.filename).name) == ("Task()", "train.py")
    (defined,) = nodes["self.net"].classes
    assert Path(defined.location.filename).name == "net.py"
    assert (defined.location.start, defined.end) == (Position(4, 0), Position(8, 27))
    assert nodes["self.norm"].classes == ()
    (alone,) = summarize_paths([tmp_path / "task.py"], Options(project=False))
    assert alone.root is not None
    assert [node.path for node in alone.root.walk()] == ["self", "self.norm"]


SUBCLASS_AND_BUILDER = """
class Sub(Lit):
    def setup(self, stage):
        self.m.train()
class Never(pl.LightningModule):
    def predict_step(self, batch): ...
def build():
    class Inner(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.n = nn.ReLU()
        def training_step(self, batch): ...
    pl.Trainer().fit(Inner())
"""


def test_what_is_made_and_left_counts() -> None:
    (model,) = summarize_source(f"{NOTHING_LOADED}\nsave(Task(norm=True))\n")
    assert model.root is not None
    nodes = {node.path: node for node in model.root.walk()}
    assert nodes["self.norm"].on_every_way


def test_what_nothing_trains_is_named() -> None:
    program = NOTHING_LOADED.replace("training_step", "predict_step")
    (model,) = summarize_source(program)
    assert (model.name, model.root) == ("Task", None)
    assert list(summary_text.render([model], Style()))[1:] == ["  nothing is seen that trains it"]


def test_text_bytes_and_notebooks() -> None:
    (model,) = summarize_source(BUGGY, "m.py")
    assert summarize_source(BUGGY.encode("utf-8-sig"), "m.py") == [model]
    # The encoding that a text names is none of its own.
    head, _, rest = BUGGY.partition("\n")
    (named,) = summarize_source(f"{head}  # coding: utf-1\n{rest}", "m.py")
    assert named.root == model.root
    assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - our own
    (in_cell,) = summarize_source(NOTEBOOK, "m.ipynb")
    assert in_cell.root is not None
    assert in_cell.location.cell == 2
    (cause,) = in_cell.root.children[0].mode_causes
    assert cause.location == Location("m.ipynb", Position(8, 23), cell=2)
    assert "(m.ipynb:cell 2:5)" in next(iter(summary_text.render([in_cell], Style())))


@pytest.mark.parametrize(
    ("source", "name"),
    [("class A(:", "m.py"), (b"# coding: utf-9\nclass A: pass", "m.py"), ("{class", "m.ipynb")],
)
def test_what_is_no_python_is_refused(source: str | bytes, name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}:\d+: can't be parsed: "):
        summarize_source(source, name)


def test_every_name_of_the_interface_can_be_had() -> None:
    assert all(getattr(hfmode_lint, name) is not None for name in hfmode_lint.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        getattr(hfmode_lint, "Nothing")  # noqa: B009 - for mypy there is none


# The command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(BUGGY)
    (tmp_path / "other.py").write_text("print('class')\n")
    return tmp_path


TREE = """\
Tagger (model.py:5)
  Module      Type       Mode   Parameters  Why
  self        Tagger     train  trainable   model.py:5 class Tagger
! └─ encoder  AutoModel  eval   trainable   model.py:8 loaded by AutoModel.from_pretrained()

! trained in eval mode: dropout is off, batch norm keeps its statistics
"""


def test_the_command(folder: Path) -> None:
    result = run(folder, "--summary", "model.py", PYTHONIOENCODING="utf-8")
    assert (result.stdout, result.stderr, result.returncode) == (TREE, "", 0)
    assert run(folder, "--summary", PYTHONIOENCODING="utf-8").stdout == TREE
    given = ["--summary", "--stdin-filename", "model.py", "-"]
    assert run(folder, *given, stdin=BUGGY, PYTHONIOENCODING="utf-8").stdout == TREE
    fixed = run(folder, *given, stdin=FIXED, PYTHONIOENCODING="utf-8").stdout
    assert "└─ encoder  AutoModel  train" in fixed
    assert "!" not in fixed


def test_ascii_where_the_output_can_write_no_lines(folder: Path) -> None:
    shown = run(folder, "--summary", "model.py", PYTHONIOENCODING="ascii").stdout
    assert shown == TREE.replace("└─", "`-")


def test_json_for_programs(folder: Path) -> None:
    result = run(folder, "--summary", "--output-format", "json", "model.py")
    shown = json.loads(result.stdout)
    assert shown["version"] == 1
    (model,) = shown["models"]
    assert model["location"] == {"row": 5, "column": 1}
    (encoder,) = model["root"]["children"]
    assert encoder["trained_in_eval"] is True
    nothing = run(folder, "--summary", "--output-format", "json", "other.py")
    assert (json.loads(nothing.stdout), nothing.returncode) == ({"version": 1, "models": []}, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.parametrize(("environment", "red"), [({}, 2), ({"NO_COLOR": "1"}, 0)])
def test_colours_on_a_terminal(folder: Path, environment: dict[str, str], red: int) -> None:
    import pty

    reader, writer = pty.openpty()
    known = {"NO_COLOR": "", "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "hfmode_lint", "--summary", "model.py"]
    subprocess.run(
        command, check=True, cwd=folder, env=os.environ | known | environment, stdout=writer
    )
    os.close(writer)
    shown = os.read(reader, 10_000).decode()
    os.close(reader)
    assert shown.count("\x1b[1;31m") == red
    assert re.sub(r"\x1b\[[\d;]*m", "", shown).replace("\r\n", "\n") == TREE


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["other.py"], 0, "no LightningModule is defined there"),
        (["missing.py"], 2, "missing.py"),
        (["broken.py"], 2, "broken.py:1: can't be parsed"),
        (["--fix", "model.py"], 2, "--summary and --fix exclude each other"),
        (["--diff", "model.py"], 2, "--summary and --diff exclude each other"),
        (["--statistics", "model.py"], 2, "--summary and --statistics exclude each other"),
        (
            ["--output-format", "concise", "model.py"],
            2,
            "--summary is printed as text, json or html",
        ),
    ],
)
def test_exit_codes(folder: Path, arguments: list[str], code: int, message: str) -> None:
    (folder / "broken.py").write_text("class A(:\n")
    result = run(folder, "--summary", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_reader_that_has_seen_enough(folder: Path) -> None:
    for number in range(400):
        (folder / f"model_{number}.py").write_text(BUGGY)
    command = [sys.executable, "-m", "hfmode_lint", "--summary", "--isolated", "--no-project", "."]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=120) == 0


def test_an_older_lightning_has_other_modes(folder: Path) -> None:
    for options, noted in ([], 0), (["--lightning-version", "2.1"], 1), (["--quiet"], 0):
        result = run(folder, "--summary", *options, ".", PYTHONIOENCODING="utf-8")
        assert result.stdout == TREE
        assert result.stderr.count("the summary shows the modes of 2.2 and later") == noted
