"""What libraries do with a module: its methods, wrappers and parameters."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

STILL_EVAL = {
    "one layer frozen by index": """
for p in self.m.encoder.layer[0].parameters():
    p.requires_grad = False
""",
    "all but the last layers frozen": """
for layer in list(self.m.encoder.layer)[:-2]:
    layer.requires_grad_(False)
""",
    "some parameters frozen, by filter": """
for p in filter(lambda p: p.ndim > 1, self.m.parameters()):
    p.requires_grad_(False)
""",
    "the first parameter frozen": "next(self.m.parameters()).requires_grad = False",
    "some parameters frozen, by slice": """
for p in list(self.m.parameters())[:10]:
    p.requires_grad = False
for p in [q for q in self.m.parameters()][:3]:
    p.requires_grad = False
""",
    "by a condition on the name": """
for n, p in self.m.named_parameters():
    p.requires_grad = "encoder" not in n
""",
    "by a condition that leaves": """
for n, p in self.m.named_parameters():
    if not n.startswith("encoder") and any(x in n for x in ["a"]):
        continue
    p.requires_grad = False
""",
    "frozen and thawed": "self.m.requires_grad_(False); self.m.requires_grad_()",
    "frozen by the model's own method": "self.m.freeze_feature_encoder()",
    "an adapter on a frozen model": "self.m.requires_grad_(False); self.m.add_adapter('a')",
    "a part that is not named": "self.part = self.m.get_submodule(name)",
    "nothing registered": "self.m.register_module('x', None); self.register_buffer('b', None)",
    "counted": "n = sum(p.numel() for p in self.m.parameters() if p.requires_grad)",
    "embeddings read": "self.n = self.m.get_input_embeddings().weight.shape[0]",
    "looked at": "print(self.m.training, self.m.config, self.training, self.trainer)",
    "its layers looked at": """
for layer in self.m.encoder.layer:
    layer.self_attn.mode = layer.to("cpu").modules()
    layer.named_children()
""",
    "apply by name": "self.m.apply(nn.init.normal_)",
    "batch norm kept in eval": """
for mod in self.m.modules():
    if isinstance(mod, nn.BatchNorm1d):
        mod.eval()
""",
    "its own flag": "self.m.training = True",
    "apply with no mode": "self.m.apply(lambda q: print(q))",
    "a quiet method": "self.m.gradient_checkpointing_enable(); self.m.save_pretrained('x')",
    "a part by path": "self.part = self.m.get_submodule('encoder.layer')",
    "get_base_model": "self.part = self.m.get_base_model()",
    "data moved": "self.m.embeddings.word_embeddings.weight.requires_grad = False",
    "unknown mode by a switch": """
self.m.train(False)
self.m = copy.copy(AutoModel.from_pretrained(name))
""",
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert "HFM001 self.m" in found(module(LOADED + lines))


SETTLED = {
    "all frozen by parameters": "for p in self.m.parameters(): p.requires_grad_(False)",
    "all frozen by chain": """
for p in itertools.chain(self.m.parameters(), self.parameters()):
    p.requires_grad = False
""",
    "all frozen by comprehension": "[p.requires_grad_(False) for p in self.m.parameters()]",
    "all frozen by modules": "for mod in self.m.modules(): mod.requires_grad_(False)",
    "all frozen by children's parameters": """
for child in self.m.children():
    for p in child.parameters():
        p.requires_grad = False
""",
    "frozen base": "self.m.freeze_base_model()",
    "self.freeze": "self.freeze()",
    "thawed with its mode": "self.freeze(); self.unfreeze()",
    "train by apply": "self.m.apply(lambda q: q.train())",
    "train by flag": "for mod in self.m.modules(): mod.training = True",
    "train by children": "for _, mod in self.named_children(): mod.train()",
    "train by an unbound method": "nn.Module.train(self.m)",
    "train by getattr": "getattr(self, 'm').train()",
    "train after compile": "self.m = torch.compile(self.m); self.m.train()",
    "train with an option": "self.m.train(flag)\nif not flag:\n    self.m.eval()",
    "some layers switched on": """
for mod in self.m.modules():
    if isinstance(mod, nn.Dropout):
        mod.train()
""",
    "a slice, then all": """
self.m.encoder.layer[0:2].train()
for mod in self.m.modules():
    mod.train()
""",
    "handed to code elsewhere": "import tools\ntools.prepare(self.m)",
    "handed on in a list": "import tools\ntools.prepare([self.m, {'a': self.m}])",
    "merged adapter": "import peft\nself.m = peft.get_peft_model(self.m, 1).merge_and_unload()",
    "a new container": "self.m = nn.ModuleList().append(nn.Linear(1, 1))",
    "eval by flag": "self.m.eval()",
    "wiped": "super().__init__()",
}


@pytest.mark.parametrize("lines", SETTLED.values(), ids=SETTLED)
def test_settled(lines: str) -> None:
    assert found(module(LOADED + lines)) == []


def test_a_module_inside_itself_ends_the_walk() -> None:
    lines = "self.net = nn.Module()\nself.net.owner = self\nself.net.same = self.net\n"
    assert found(module(LOADED + lines)) == ["HFM001 self.m"]
    assert found(module(LOADED + lines + "self.requires_grad_(False)")) == []


def test_one_module_under_two_names() -> None:
    lines = "self.first = nn.Linear(1, 1)\nself.second = self.first\nself.requires_grad_(False)"
    assert found(module(LOADED + lines)) == []


WAYS_IN = {
    "ordered dictionary": (
        "self.m = nn.Sequential(OrderedDict([('enc', AutoModel.from_pretrained(name))]))",
        "self.m.enc",
    ),
    "module dict": (
        "self.m = nn.ModuleDict({'a': AutoModel.from_pretrained(name), flag: nn.Linear(1, 1)})",
        "self.m.a",
    ),
    "module dict item": (
        "self.m = nn.ModuleDict()\nself.m['a'] = AutoModel.from_pretrained(name)",
        "self.m.a",
    ),
    "module dict update": (
        "self.m = nn.ModuleDict()\nself.m.update({'a': AutoModel.from_pretrained(name)})",
        "self.m.a",
    ),
    "module list extend": (
        "self.m = nn.ModuleList()\nself.m.extend([AutoModel.from_pretrained(name)])",
        "self.m.0",
    ),
    "last of a container": (
        "self.m = nn.ModuleList([AutoModel.from_pretrained(name)])[-1]",
        "self.m",
    ),
    "data parallel": ("self.m = nn.DataParallel(AutoModel.from_pretrained(name))", "self.m.module"),
    "averaged": (
        "self.m = torch.optim.swa_utils.AveragedModel(AutoModel.from_pretrained(name))",
        "self.m.module",
    ),
    "cast": (
        "import typing\nself.m = typing.cast(BertModel, AutoModel.from_pretrained(name))",
        "self.m",
    ),
    "registered": ("self.add_module('m', AutoModel.from_pretrained(name))", "self.m"),
    "constructor with parts": (
        "self.m = transformers.EncoderDecoderModel(encoder=AutoModel.from_pretrained(name))",
        "self.m.encoder",
    ),
    "constructor with a positional part": (
        "self.m = transformers.EncoderDecoderModel(None, AutoModel.from_pretrained(name))",
        "self.m.1",
    ),
    "merged adapter": (
        """
import peft
self.m = peft.get_peft_model(AutoModel.from_pretrained(name), 1).merge_and_unload()
self.m.requires_grad_(True)
""",
        "self.m",
    ),
    "adapter of an adapter": (
        """
from peft import AutoPeftModelForCausalLM
self.m = AutoPeftModelForCausalLM.from_pretrained(name, is_trainable=True)
""",
        "self.m",
    ),
    "copied with its parts": (
        """
self.a = AutoModel.from_pretrained(name)
self.a.encoder.train()
self.a.train()
self.m = copy.deepcopy(BertModel.from_pretrained(name).encoder)
""",
        "self.m",
    ),
    "a class by name": ("self.m = getattr(transformers, name).from_pretrained(name)", "self.m"),
    "a dictionary of classes": (
        "self.m = {'a': BertModel, 'b': T5EncoderModel}[name].from_pretrained(name)",
        "self.m",
    ),
    "a pair": ("self.m, _ = BertModel.from_pretrained(name, output_loading_info=True)", "self.m"),
    "a pipeline that moved": (
        "self.m = transformers.pipeline('x', model=name).to('cuda').model",
        "self.m",
    ),
    "a module of no library": ("self.m = flag.model_class.from_pretrained(name)", "self.m"),
    "a method kept": ("load = flag.model_class.from_pretrained\nself.m = load(name)", "self.m"),
}


@pytest.mark.parametrize(("lines", "path"), WAYS_IN.values(), ids=WAYS_IN)
def test_ways_into_the_module(lines: str, path: str) -> None:
    assert found(module(lines)) == [f"HFM001 {path}"]


NO_MODEL = {
    "tokenizer class in an option": "self.t = flag.tokenizer_cls.from_pretrained(name)",
    "given to a pipeline": (
        "from diffusers import StableDiffusionPipeline, UNet2DConditionModel\n"
        "unet = UNet2DConditionModel.from_pretrained(name).train()\n"
        "self.m = StableDiffusionPipeline.from_pretrained(name, unet=unet).unet"
    ),
    "a pipeline's other attributes": (
        "p = transformers.pipeline('x', model=name)\nself.m = p.tokenizer\np.x = 1\np.run()"
    ),
    "from a configuration": "self.m = AutoModel.from_config(AutoConfig.from_pretrained(name))",
    "its configuration from itself": "self.m = AutoConfig.from_config(name)",
    "a plain adapter": (
        "from peft import PeftModel\n"
        "self.m = PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)"
    ),
    "an adapter of unknown kind": (
        "from peft import PeftModel\nself.m = PeftModel.from_pretrained("
        "AutoModel.from_pretrained(name), name, is_trainable=flag)"
    ),
    "sentence transformer of modules": (
        "from sentence_transformers import SentenceTransformer\n"
        "self.m = SentenceTransformer(modules=[nn.Linear(1, 1)])"
    ),
    "embedding": "self.m = nn.Embedding.from_pretrained(flag)",
    "nothing at all": "self.m = torch.no_grad; functools.partial(); copy.copy(name)",
    "get_peft_model of nothing known": "import peft\nself.m = peft.get_peft_model(flag, 1)",
    "unbound without a module": "nn.Module.train(flag)",
}


@pytest.mark.parametrize("lines", NO_MODEL.values(), ids=NO_MODEL)
def test_no_model_in_eval_mode(lines: str) -> None:
    assert found(module(lines)) == []


STEPS = {
    "freed of its wrapper": ("return self.m.forward(batch)", ["self.m"]),
    "in a list": ("return torch.stack([self.m, batch])", ["self.m"]),
    "no_grad": ("with torch.no_grad():\n    return self.m(batch)", []),
    "inference_mode": ("with torch.inference_mode():\n    return self.m(batch)", []),
    "gradients switched off": ("with torch.set_grad_enabled(False):\n    self.m(batch)", []),
    "gradients switched on": ("with torch.set_grad_enabled(True):\n    self.m(batch)", ["self.m"]),
    "decorated": ("return self.embed(batch)", []),
    "generate": ("return self.m.generate(batch)", []),
    "own forward": ("return self(batch)", ["self.m"]),
    "through a loss": ("return torch.utils.checkpoint.checkpoint(self.m, batch)", ["self.m"]),
    "a method that can't be seen": ("return self.unseen(batch)", []),
    "handed over whole": ("import tools\nreturn tools.loss(self, batch)", ["self.m"]),
    "part of it": ("return self.m.encoder(batch)", ["self.m"]),
    "element of it": ("return [layer(batch) for layer in self.m.encoder.layer]", ["self.m"]),
}

STEP_METHODS = """
def forward(self, batch):
    return self.m(batch)

@torch.no_grad()
def embed(self, batch):
    return self.m(batch)
"""


@pytest.mark.parametrize(("step", "paths"), STEPS.values(), ids=STEPS)
def test_what_the_training_step_uses(step: str, paths: list[str]) -> None:
    findings = found(module(LOADED, STEP_METHODS, step=step))
    assert findings == [f"HFM001 {path}" for path in paths]


def test_a_mode_that_depends_on_an_option_is_reported_for_some_paths() -> None:
    assert found(module(LOADED + "self.m.train(flag)")) == []
    assert found(module(LOADED + "if flag:\n    self.m.train()")) == ["HFM002 self.m"]
    assert found(module(LOADED + "for p in self.parameters():\n    p.requires_grad = flag")) == [
        "HFM002 self.m"
    ]


def test_options_are_the_same_under_hparams() -> None:
    init = (
        "self.save_hyperparameters()\n"
        "self.m = AutoModel.from_pretrained(name)\nif flag:\n    self.m.train()"
    )
    step = "if not self.hparams.flag:\n    self.m.train()\nreturn self.m(batch)"
    assert found(module(init, step=step)) == []


CALLBACK = """
from lightning.pytorch.callbacks import BaseFinetuning
class Unfreeze(BaseFinetuning):
    def freeze_before_training(self, pl_module):
        self.freeze([pl_module.m, None])
        self.freeze(pl_module.m.encoder.layer[:2])
    def finetune_function(self, pl_module, epoch, optimizer):
        pass
"""


def test_a_callback_that_freezes_for_good_is_meant() -> None:
    program = module(LOADED) + CALLBACK
    fit = "pl.Trainer(callbacks={}).fit(Lit('x', True))\n"
    assert found(program + fit.format("[Unfreeze()]")) == []
    assert found(program + fit.format("Unfreeze()")) == []
    assert found(program + fit.format("[]")) == ["HFM001 self.m"]


@pytest.mark.parametrize(
    ("frozen", "findings"),
    [
        ("modules=pl_module.m", []),
        ("pl_module.m[:2]", ["HFM001 self.m"]),
        ("[pl_module.m[flag]]", ["HFM001 self.m"]),
    ],
)
def test_what_a_callback_freezes(frozen: str, findings: list[str]) -> None:
    callback = CALLBACK.partition("        self.freeze")[0] + f"        self.freeze({frozen})\n"
    fit = "pl.Trainer(callbacks=Unfreeze()).fit(Lit('x', True))\n"
    assert found(module(LOADED) + callback + fit) == findings


def test_hyperparameters_of_a_namespace() -> None:
    init = (
        "self.save_hyperparameters(flag)\nself.m = AutoModel.from_pretrained(name)\n"
        "if flag.train:\n    self.m.train()"
    )
    step = "if not self.hparams.train:\n    self.m.train()\nreturn self.m(batch)"
    assert found(module(init, step=step)) == []


def test_a_model_that_is_handed_in_by_a_function_that_does_not_train() -> None:
    program = (
        module("self.m = flag")
        + """
def build():
    return Lit("x", AutoModel.from_pretrained("x"))
"""
    )
    assert found(program) == ["HFM001 self.m"]


def test_a_subclass_of_a_library_model() -> None:
    program = (
        module("self.m = Own.from_pretrained(name)")
        + """
class Own(transformers.PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.inner = BertModel(config)
        self.post_init()
    def forward(self, x):
        self.unseen(x)
        return self.inner(x) + self.classifier(x)
"""
    )
    assert found(program) == ["HFM001 self.m"]
    assert found(program.replace("Own.from_pretrained(name)", "Own.from_config(name)")) == []
    assert found(program.replace("Own.from_pretrained(name)", "Own.missing(name)")) == []
