"""Calls of what libraries define: their arguments by position and by name, copies, wrappers."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.analysis.programs import found, module

LOAD = "AutoModel.from_pretrained(name)"

BY_NAME = {
    "accelerate": f"import accelerate\nself.m = accelerate.dispatch_model(model={LOAD})",
    "compile": f"self.m = torch.compile(model={LOAD})",
    "script": f"self.m = torch.jit.script(obj={LOAD})",
    "sync batch norm": f"self.m = nn.SyncBatchNorm.convert_sync_batchnorm(module={LOAD})",
    "cast": f"import typing\nself.m = typing.cast(typ=BertModel, val={LOAD})",
    "copy": f"self.m = copy.deepcopy(x={LOAD})",
    "adapter": f"import peft\nself.m = peft.get_peft_model(model={LOAD}, peft_config=flag)",
    "injected adapter": (
        f"import peft\nself.m = peft.inject_adapter_in_model(peft_config=flag, model={LOAD})"
    ),
    "injected adapter, by position": (
        f"import peft\nself.m = peft.inject_adapter_in_model(flag, {LOAD})"
    ),
    "registered": f"self.add_module(name='m', module={LOAD})",
}


@pytest.mark.parametrize("lines", BY_NAME.values(), ids=BY_NAME)
def test_arguments_by_name(lines: str) -> None:
    assert found(module(lines)) == ["HFM001 self.m"]


WAYS_IN = {
    "partial with two arguments": (
        f"put = partial(setattr, self, 'm')\nput({LOAD})",
        ["self.m"],
    ),
    "chain of lists": (
        f"for model in itertools.chain([{LOAD}], []): self.m = model",
        ["self.m"],
    ),
    "module dict under a name that is not known": (
        f"self.m = nn.ModuleDict({{flag: {LOAD}}})",
        ["self.m.*"],
    ),
    "module dict item under a name that is not known": (
        f"self.m = nn.ModuleDict()\nself.m[name] = {LOAD}",
        ["self.m.*"],
    ),
    "registered under a name that is not known": (f"self.add_module(name, {LOAD})", ["self.*"]),
    "ordered dictionary with a name that is not known": (
        f"self.m = nn.Sequential(OrderedDict([(flag, {LOAD})]))",
        ["self.m.0"],
    ),
    "several modules under one keyword": (
        f"self.m = transformers.TwoPartModel(parts=[{LOAD}, {LOAD}])",
        ["self.m.parts", "self.m.parts1"],
    ),
    "module list by name": (f"self.m = nn.ModuleList(modules=[{LOAD}])", ["self.m.0"]),
    "module list of layers by name": (
        f"self.m = nn.ModuleList(modules={LOAD}.encoder.layer)",
        ["self.m.0"],
    ),
    "data parallel by name": (f"self.m = nn.DataParallel(module={LOAD})", ["self.m.module"]),
    "averaged by name": (
        f"self.m = torch.optim.swa_utils.AveragedModel(model={LOAD})",
        ["self.m.module"],
    ),
    "a model and its tokenizer": (
        """
        from unsloth import FastLanguageModel
        self.m, tokenizer = FastLanguageModel.from_pretrained(name)
        """,
        ["self.m"],
    ),
    "a list of a package that is asked for by a longer name": (
        f"self.m = __import__('torch.nn').nn.ModuleList([{LOAD}])",
        ["self.m.0"],
    ),
    "two parts of one pipeline": (
        """
        from diffusers import DiffusionPipeline
        pipe = DiffusionPipeline.from_pretrained(name)
        self.unet, self.vae = pipe.unet, pipe.vae
        """,
        ["self.unet", "self.vae"],
    ),
    "a part of a pipeline that was moved": (
        """
        from diffusers import DiffusionPipeline
        self.unet = DiffusionPipeline.from_pretrained(name).to("cuda").unet
        """,
        ["self.unet"],
    ),
    "two copies in a copy": (
        f"self.m = copy.deepcopy(nn.ModuleList([{LOAD}, {LOAD}]))",
        ["self.m.0", "self.m.1"],
    ),
}


@pytest.mark.parametrize(("lines", "paths"), WAYS_IN.values(), ids=WAYS_IN)
def test_ways_into_the_module(lines: str, paths: list[str]) -> None:
    assert found(module(lines)) == [f"HFM001 {path}" for path in paths]


STILL_EVAL = {
    "an averaged copy is switched on": """
        self.m = AutoModel.from_pretrained(name)
        average = torch.optim.swa_utils.AveragedModel(self.m)
        average.train()
    """,
    "a part of a deep copy is switched on": """
        model = AutoModel.from_pretrained(name)
        self.m = model.encoder
        twin = copy.deepcopy(model)
        twin.encoder.train()
    """,
    "a part is switched on after a deep copy": """
        model = AutoModel.from_pretrained(name)
        model.encoder.float()
        twin = copy.deepcopy(model)
        model.encoder.train()
        self.m = twin.encoder
    """,
    "switched off by an unbound method": """
        self.m = AutoModel.from_pretrained(name)
        nn.Module.requires_grad_(self.m, requires_grad=False)
        nn.Module.requires_grad_(self.m, True)
    """,
    "an adapter for inference, thawed": """
        from peft import PeftModel
        self.m = PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)
        self.m.requires_grad_(True)
    """,
    "a base that only keeps its options": """
        import argparse
        class Options(argparse.Namespace):
            def __init__(self, model):
                super().__init__(model=model)
        self.m = AutoModel.from_pretrained(name)
        options = Options(self.m)
    """,
    "a class with a base that can't be seen": """
        import tools
        class Own(tools.Base): ...
        self.m = Own.from_pretrained(name)
    """,
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert found(module(dedent(lines))) == ["HFM001 self.m"]


def test_a_part_of_a_deep_copy_is_deleted() -> None:
    lines = f"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = {LOAD}
        self.m = Net()
        twin = copy.deepcopy(self.m)
        del twin.body
    """
    assert found(module(dedent(lines))) == ["HFM001 self.m.body"]


SETTLED = {
    "an unbound method by name": """
        self.m = AutoModel.from_pretrained(name)
        nn.Module.train(self=self.m)
    """,
    "frozen by an unbound method": """
        self.m = AutoModel.from_pretrained(name)
        nn.Module.requires_grad_(self.m, False)
    """,
    "frozen by an unbound method, by name": """
        self.m = AutoModel.from_pretrained(name)
        nn.Module.requires_grad_(self.m, requires_grad=False)
    """,
    "a wrapper shares its module": """
        self.m = AutoModel.from_pretrained(name)
        parallel = nn.DataParallel(self.m)
        parallel.train()
    """,
    "a shallow copy shares its parts": """
        model = AutoModel.from_pretrained(name)
        self.m = model.encoder
        twin = copy.copy(model)
        twin.encoder.train()
    """,
    "a deep copy of a list with one module twice": """
        model = AutoModel.from_pretrained(name)
        twins = copy.deepcopy(nn.ModuleList([model, model]))
        twins[0].train()
        self.m = twins[1]
    """,
    "an adapter on a base in train mode, by name": """
        from peft import PeftModel
        model = AutoModel.from_pretrained(name).train()
        self.m = PeftModel.from_pretrained(model=model, model_id=name, is_trainable=True)
    """,
    "handed to what is made from a configuration": """
        self.m = AutoModel.from_pretrained(name)
        AutoTokenizer.from_config(flag).prepare(self.m)
    """,
    "handed to a method of it that is called get": """
        self.m = AutoModel.from_pretrained(name)
        AutoTokenizer.from_config(flag).get(self.m)
    """,
}


@pytest.mark.parametrize("lines", SETTLED.values(), ids=SETTLED)
def test_settled(lines: str) -> None:
    assert found(module(dedent(lines))) == []


STEPS = {
    "gradients switched off by name": (
        "with torch.set_grad_enabled(mode=False):\n    self.m(batch)",
        [],
    ),
    "two contexts": ("with torch.no_grad(), open(batch):\n    self.m(batch)", []),
    "one context in the other": (
        "with torch.no_grad():\n    with open(batch):\n        self.m(batch)",
        [],
    ),
    "a method of a library's": ("with torch.no_grad():\n    self.m.embed(batch)", []),
    "layers in turn": (
        "with torch.no_grad():\n    [part(batch) for part in self.m.children()]",
        [],
    ),
    "a quiet method of a layer": (
        "with torch.no_grad(): self.m(batch)\nfor part in self.m.children(): part.zero_grad()",
        [],
    ),
    "another method of a layer": (
        "with torch.no_grad(): self.m(batch)\nfor part in self.m.children(): part.embed(batch)",
        ["self.m"],
    ),
    "a quiet method": ("with torch.no_grad():\n    self.m(batch)\nself.log('loss', 0)", []),
    "a function of a known library": (
        "with torch.no_grad():\n    self.m(batch)\ntransformers.loss(self.m, batch)",
        ["self.m"],
    ),
    "a part of it": ("with torch.no_grad():\n    self.m(batch)\nself.m.encoder(batch)", ["self.m"]),
}


@pytest.mark.parametrize(("step", "paths"), STEPS.values(), ids=STEPS)
def test_gradients_in_the_training_step(step: str, paths: list[str]) -> None:
    assert found(module(f"self.m = {LOAD}", step=step)) == [f"HFM001 {path}" for path in paths]


def test_a_copy_is_judged_apart_from_what_was_copied() -> None:
    init = f"self.m = {LOAD}\nself.ema = copy.deepcopy(self.m)\nself.m.train()"
    step = "with torch.no_grad():\n    self.ema(batch)\nreturn self.m(batch)"
    assert found(module(init, step=step)) == []


def test_what_a_checkpoint_restores_is_as_its_constructor_left_it() -> None:
    inner = """
class Inner(pl.LightningModule):
    def __init__(self, kind, tuned=False):
        super().__init__()
        self.body = AutoModel.from_pretrained(kind)
        if tuned:
            self.body.train()
"""
    restored = "self.m = Inner.load_from_checkpoint(name, {})"
    assert found(module(restored.format("tuned=True")) + inner) == []
    assert found(module(restored.format("tuned=False")) + inner) == ["HFM001 self.m.body"]
    assert found(module(restored.format("kind=name")) + inner) == ["HFM002 self.m.body"]


@pytest.mark.parametrize("loader", ["from_pretrained", "from_config"])
def test_what_a_library_gives_to_a_constructor_is_not_known(loader: str) -> None:
    own = """
class Own(transformers.PreTrainedModel):
    def __init__(self, config, tuned=False):
        super().__init__(config)
        self.tuned = tuned
"""
    lines = f"self.m = {LOAD}\nif Own.{loader}(flag).tuned:\n    self.m.train()"
    assert found(module(lines) + own) == ["HFM002 self.m"]


VALIDATED = """
def validation_step(self, batch, batch_idx): ...
def on_validation_model_train(self):
    self.train()
"""


@pytest.mark.parametrize("option", ["num_sanity_val_steps", "limit_val_batches"])
def test_a_sanity_check_that_is_off(option: str) -> None:
    """What runs after it can't switch the model on."""
    program = module(f"self.m = {LOAD}", VALIDATED)
    fit = "pl.Trainer({}).fit(Lit('x', True))\n"
    assert found(program + fit.format(f"{option}=0")) == ["HFM001 self.m"]
    assert found(program + fit.format(f"{option}=2")) == []


def test_a_lightning_module_that_is_loaded_itself() -> None:
    program = """
import lightning as L
from transformers import BertPreTrainedModel

class Lit(L.LightningModule, BertPreTrainedModel):
    def training_step(self, batch, batch_idx):
        return self(batch)

L.Trainer().fit(Lit.from_pretrained("x"))
"""
    assert found(program) == ["HFM001 self"]
