"""What is known of each load, reported or not."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from hfmode_lint import Verdict
from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.verdicts import Reason, judge
from tests.analysis.programs import module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

JUDGED = {
    "eval mode": (LOADED, Verdict.EVAL, Reason.TRAINS_IN_EVAL),
    "on some paths": (
        LOADED + "if flag:\n    self.m.train()",
        Verdict.EITHER,
        Reason.TRAINS_IN_EVAL,
    ),
    "train mode": (LOADED + "self.m.train()", Verdict.TRAIN, Reason.TRAIN),
    "frozen": (LOADED + "self.m.requires_grad_(False)", Verdict.EVAL, Reason.INTENDED),
    "frozen on some paths, trained on others": (
        LOADED + "if flag:\n    self.m.train()\nelse:\n    self.m.eval()",
        Verdict.EITHER,
        Reason.INTENDED,
    ),
    "handed over": (
        LOADED + "import tools\ntools.prepare(self.m)",
        Verdict.UNKNOWN,
        Reason.UNKNOWN,
    ),
    "no dropout in it": (
        "self.m = AutoModel.from_pretrained(name).lm_head",
        Verdict.EVAL,
        Reason.MODELESS,
    ),
    "no dropout in a part of an adapter's base": (
        """
        from peft import get_peft_model
        self.m = get_peft_model(AutoModel.from_pretrained(name), flag).lm_head
        """,
        Verdict.EVAL,
        Reason.MODELESS,
    ),
    "an adapter for inference": (
        """
        from peft import PeftModel
        self.m = PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)
        """,
        Verdict.EVAL,
        Reason.INTENDED,
    ),
    "an adapter loaded later": (
        LOADED + "self.m.train()\nself.m.load_adapter('a')",
        Verdict.EVAL,
        Reason.BY_VERSION,
    ),
    "by the version of the library": (
        """
        from huggingface_hub import PyTorchModelHubMixin
        class Net(nn.Module, PyTorchModelHubMixin): ...
        self.m = Net.from_pretrained(name)
        """,
        Verdict.UNKNOWN,
        Reason.BY_VERSION,
    ),
}


@pytest.mark.parametrize(("lines", "verdict", "reason"), JUDGED.values(), ids=JUDGED)
def test_verdict_and_reason(lines: str, verdict: Verdict, reason: Reason) -> None:
    (loaded,) = analyse(module(dedent(lines))).loaded
    assert (loaded.verdict, loaded.reason) == (verdict, reason)


def test_one_load_under_two_paths_is_reported_once() -> None:
    lines = """
        for key in ("a", "b", "c"):
            model = AutoModel.from_pretrained(key)
            if key == "b":
                model.train()
            setattr(self, key, model)
    """
    loaded = analyse(module(dedent(lines))).loaded
    assert [each.reason for each in loaded] == [
        Reason.TRAINS_IN_EVAL,
        Reason.TRAIN,
        Reason.ELSEWHERE,
    ]


FAMILY = """\
import lightning as L
from transformers import AutoModel


class Base(L.LightningModule):
    def __init__(self, name="b"):
        super().__init__()
        self.m = AutoModel.from_pretrained(name)

    def training_step(self, batch, batch_idx):
        return self.m(batch).sum()


class Sub(Base):
    def __init__(self, name="s"):
        super().__init__(name)
        self.m.train()


class Leaf(Sub):
    pass


"""
FIT = "L.Trainer().fit({})\n"

# What the program does with the classes, and the verdicts by the class that holds the load.
USES_OF_A_FAMILY = {
    "nothing": ("", {"Base": Verdict.EVAL, "Sub": Verdict.TRAIN, "Leaf": Verdict.TRAIN}),
    "trains the last": (FIT.format("Leaf()"), {"Leaf": Verdict.TRAIN}),
    "trains the base": (
        FIT.format("Base()"),
        {"Base": Verdict.EVAL, "Sub": Verdict.TRAIN, "Leaf": Verdict.TRAIN},
    ),
    "trains the base and the last": (
        FIT.format("Base()") + FIT.format("Leaf()"),
        {"Base": Verdict.EVAL, "Leaf": Verdict.TRAIN},
    ),
    "restores the base, trains the last": (
        FIT.format("Leaf()") + "Base.load_from_checkpoint('x.ckpt')\n",
        {"Base": Verdict.EVAL, "Leaf": Verdict.TRAIN},
    ),
    "restores the last": (
        "Leaf.load_from_checkpoint('x.ckpt')\n",
        {"Leaf": Verdict.TRAIN},
    ),
}


@pytest.mark.parametrize(("script", "verdicts"), USES_OF_A_FAMILY.values(), ids=USES_OF_A_FAMILY)
def test_each_lightning_module_that_is_made_has_a_verdict(
    script: str, verdicts: dict[str, Verdict]
) -> None:
    loaded = analyse(FAMILY + script).loaded
    assert {each.root.name: each.verdict for each in loaded} == verdicts
    assert [each.root.name for each in loaded if each.reported] == [
        name for name in verdicts if name == "Base"
    ]


def test_the_surest_of_several_verdicts_is_reported() -> None:
    """One class trains it in eval mode for sure under a long path, another one perhaps."""
    program = """
import lightning as L
from torch import nn
from transformers import AutoModel

def load():
    return AutoModel.from_pretrained("x")

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = load()
    def forward(self, batch):
        return self.inner(batch)

class Perhaps(L.LightningModule):
    def __init__(self, ready):
        super().__init__()
        self.m = load()
        if ready:
            self.m.train()
    def training_step(self, batch, batch_idx):
        return self.m(batch).sum()

class Surely(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = Net()
    def training_step(self, batch, batch_idx):
        return self.net(batch).sum()
"""
    (reported,) = (each for each in analyse(program).loaded if each.reported)
    assert (reported.path, reported.verdict) == ("self.net.inner", Verdict.EVAL)
    assert not reported.stays_eval


PAIR = """\
import lightning as L
from transformers import AutoModel

def load():
    return AutoModel.from_pretrained("x")

class Surely(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.m = load()
    def training_step(self, batch, batch_idx):
        return self.m(batch).sum()

class Perhaps(L.LightningModule):
    def __init__(self, ready):
        super().__init__()
        self.m = load()
        if ready:
            self.m.train()
    def training_step(self, batch, batch_idx):
        return self.m(batch).sum()
"""


@pytest.mark.parametrize(("complete", "verdict"), [(True, Verdict.EVAL), (False, Verdict.EITHER)])
def test_where_paths_were_left_out_other_classes_stand_for_them(
    verdict: Verdict, *, complete: bool
) -> None:
    records = analyse(PAIR).paths
    surely = records[0].root
    assert len({record.root for record in records}) == 2
    seen = [replace(each, complete=complete or each.root != surely) for each in records]
    (reported,) = (each for each in judge(seen) if each.reported)
    assert (reported.root.name, reported.verdict) == ("Surely", verdict)
    assert reported.used_as_module
    without_gradients = PAIR.replace("return self.m", "with torch.no_grad(): return self.m")
    records = analyse(f"import torch\n{without_gradients}").paths
    cut = [replace(each, complete=False) for each in records]
    assert not any(each.reported for each in judge(cut))
    # What one of them hands to code that can't be seen may be trained there.
    *others, last = cut
    handed = replace(last, uses=replace(last.uses, escaped=True))
    assert any(each.reported for each in judge([*others, handed]))


def test_what_one_class_shows_of_a_load_is_true_of_all() -> None:
    program = PAIR.replace("AutoModel.from_pretrained", "kind.from_pretrained")
    assert any(each.reported for each in analyse(program).loaded)
    program = program.replace("self.m(batch)", "self.m(batch, padding=True)", 1)
    assert not any(each.reported for each in analyse(program).loaded)


def test_of_two_module_paths_the_shorter_one_is_reported() -> None:
    inner = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = load()

class Surely"""
    program = PAIR.replace("\nclass Surely", inner).replace("self.m = load()", "self.n = Net()", 1)
    program = program.replace("self.m(batch)", "self.n.inner(batch)", 1).replace(
        "if ready:", "if False:"
    )
    (reported,) = (each for each in analyse(program).loaded if each.reported)
    assert (reported.path, reported.verdict) == ("self.m", Verdict.EVAL)


AROUND = """
def load(name):
    return AutoModel.from_pretrained(name)

class Net(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.body = AutoModel.from_pretrained(name)

    def forward(self, batch):
        return self.body(batch)
"""
HEAD = LOADED + "self.head = nn.Linear(1, 1)"
OPTIMIZES = "def configure_optimizers(self):\n    return "
NO_GRAD = "with torch.no_grad():\n    x = self.m(batch)\nreturn self.head(x)"
RUNS = "return self.m(batch)"
ASSUMED = "self.m = flag.kind.from_pretrained(name)"
ALL = {"stays_eval", "fixable", "local", "used_as_module"}
TRAINED = Reason.TRAINS_IN_EVAL

# Lines of the constructor, other methods, the step; the path, the reason, and what else holds.
KNOWN = {
    "alone": (LOADED, "", RUNS, "self.m", TRAINED, ALL),
    "on some paths": (
        LOADED + "if flag: self.m.train()",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL - {"stays_eval"},
    ),
    "without gradients": (HEAD, "", NO_GRAD, "self.m", Reason.UNUSED, ALL),
    "in validation alone": (
        HEAD,
        "def validation_step(self, batch, batch_idx):\n    self.m(batch)",
        "return self.head(batch)",
        "self.m",
        Reason.UNUSED,
        ALL,
    ),
    "seen to be used nowhere": (
        HEAD,
        "",
        "return self.head(batch)",
        "self.m",
        TRAINED,
        ALL - {"used_as_module"},
    ),
    "without gradients, and handed to who knows what": (
        HEAD,
        "",
        f"unseen(self)\n{NO_GRAD}",
        "self.m",
        TRAINED,
        ALL,
    ),
    "the optimizer has another one": (
        HEAD,
        OPTIMIZES + "torch.optim.SGD(self.head.parameters())",
        RUNS,
        "self.m",
        Reason.NOT_OPTIMIZED,
        ALL,
    ),
    "the optimizer has it": (
        HEAD,
        OPTIMIZES + "torch.optim.SGD(self.m.parameters())",
        RUNS,
        "self.m",
        TRAINED,
        ALL,
    ),
    "the optimizer has all": (
        HEAD,
        OPTIMIZES + "[torch.optim.SGD(each.parameters()) for each in (self, self.head)]",
        RUNS,
        "self.m",
        TRAINED,
        ALL,
    ),
    "no optimizer": (HEAD, OPTIMIZES + "None", RUNS, "self.m", Reason.NOT_OPTIMIZED, ALL),
    "a part is frozen": (
        LOADED + "self.m.encoder.requires_grad_(False)",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL | {"partly_frozen"},
    ),
    "a parameter is frozen": (
        LOADED + "next(self.m.parameters()).requires_grad = False",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL | {"partly_frozen"},
    ),
    "in a tuple": (
        "self.m, info = AutoModel.from_pretrained(name, output_loading_info=True)",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL - {"fixable"},
    ),
    "of an unknown class": (ASSUMED, "", RUNS, "self.m", TRAINED, ALL),
    "named as a tokenizer": (
        ASSUMED.replace("self.m", "self.tokenizer"),
        "",
        "return self.tokenizer(batch)",
        "self.tokenizer",
        Reason.NO_MODULE,
        ALL,
    ),
    "used as a tokenizer": (
        ASSUMED,
        "",
        "return self.m(batch, padding=True)",
        "self.m",
        Reason.NO_MODULE,
        ALL,
    ),
    "loaded by a function": (
        "self.m = load(name)",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL - {"local"},
    ),
    "loaded by a module": (
        "self.m = Net(name)",
        "",
        RUNS,
        "self.m.body",
        TRAINED,
        ALL - {"local"},
    ),
    "a part in train mode": (
        LOADED + "self.m.eval()\nself.m.encoder.train()",
        "",
        RUNS,
        "self.m",
        Reason.TRAIN,
        ALL - {"stays_eval"},
    ),
    "a part in eval mode by choice": (
        LOADED + "self.m.encoder.eval()",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL,
    ),
}


KNOWN |= {
    "named as a tokenizer in a module": (
        "self.m = Net(name)\nself.m.tokenizer = flag.kind.from_pretrained(name)\ndel self.m.body",
        "",
        RUNS,
        "self.m.tokenizer",
        Reason.NO_MODULE,
        ALL - {"used_as_module"},
    ),
    "on one path with gradients": (
        HEAD,
        "",
        f"if flag(batch):\n    return self.m(batch)\n{NO_GRAD}",
        "self.m",
        TRAINED,
        ALL,
    ),
    "on another path without": (
        HEAD,
        "",
        f"if not flag(batch):\n    return self.m(batch)\n{NO_GRAD}",
        "self.m",
        TRAINED,
        ALL,
    ),
    "where train() keeps eval mode": (
        LOADED,
        "def train(self, mode=True):\n    super().train(mode)\n    self.m.eval()\n    return self",
        RUNS,
        "self.m",
        Reason.INTENDED,
        ALL - {"stays_eval"},
    ),
    "without gradients, and a base that can't be seen has the other methods": (
        HEAD,
        "",
        f"if flag(batch):\n    self.shared_step(batch)\n{NO_GRAD}",
        "self.m",
        TRAINED,
        ALL,
    ),
    "a later epoch that does not come": (
        LOADED,
        "def on_train_epoch_end(self):\n    raise ValueError",
        RUNS,
        "self.m",
        TRAINED,
        ALL,
    ),
    "another module in eval mode on the other path": (
        "self.m = nn.Linear(1, 1).eval()\nif flag: self.m = AutoModel.from_pretrained(name)",
        "",
        RUNS,
        "self.m",
        TRAINED,
        ALL,
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_of_a_load(name: str) -> None:
    lines, methods, step, path, reason, holds = KNOWN[name]
    program = module(lines, methods, step=step) + AROUND
    if "shared_step" in step:
        program = f"import tools\n{program}".replace("(pl.", "(tools.Base, pl.")
    (loaded,) = analyse(program).loaded
    assert (loaded.path, loaded.reason) == (path, reason)
    asked = ("stays_eval", "partly_frozen", "fixable", "local", "used_as_module")
    assert {each for each in asked if getattr(loaded, each)} == holds
