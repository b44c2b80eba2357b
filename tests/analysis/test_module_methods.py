"""Methods of modules, of their elements in a loop and of their parameters."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hfmode_lint import Applicability, Options, check_source
from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

STILL_EVAL = {
    "thawed again, module by module": """
        self.m.requires_grad_(False)
        for part in self.m.modules():
            part.requires_grad_()
    """,
    "thawed again, parameter by parameter": """
        self.m.requires_grad_(False)
        for p in self.m.parameters():
            p.requires_grad_()
    """,
    "parts of parts frozen": """
        for part in self.m.children():
            part.attention.requires_grad_(False)
    """,
    "parameters of parts of parts frozen": """
        for part in self.m.children():
            for p in part.attention.parameters():
                p.requires_grad = False
    """,
    "items of parts frozen": "for part in self.m.children(): part[0].requires_grad_(False)",
    "a part frozen that is not known": "self.m.get_submodule(name).requires_grad_(False)",
    "an item frozen that is not known": "self.m[flag].requires_grad_(False)",
    "the first items frozen": "self.m[:2].requires_grad_(False)",
    "the parameters of the first items frozen": """
        for p in self.m[:2].parameters():
            p.requires_grad = False
    """,
    "frozen by a comprehension with a condition": """
        for p in [p for p in self.m.parameters() if p.ndim > 1]:
            p.requires_grad = False
    """,
    "frozen by a comprehension over a part": """
        for p in [p for p in list(self.m.parameters())[:3]]:
            p.requires_grad = False
    """,
    "frozen by a slice of a list": """
        for p in [*self.m.parameters()][:10]:
            p.requires_grad = False
    """,
    "all but the head frozen, of who knows what": """
        self.m = flag.kind.from_pretrained(name)
        self.m.base_model.requires_grad_(False)
    """,
    "a quiet method kept": "write = self.log; write('loss', self.m)",
    "frozen by shape": """
        for p in self.m.parameters():
            if p.dim() > 1:
                p.requires_grad = False
    """,
    "frozen by name": """
        for n, p in self.m.named_parameters():
            if n.startswith("encoder"):
                p.requires_grad = False
    """,
    "frozen by what a function says of the name": """
        for n, p in self.m.named_parameters():
            if flag(n):
                p.requires_grad = False
    """,
    "frozen by what the name is not": """
        for n, p in self.m.named_parameters():
            if not n.startswith("encoder"):
                p.requires_grad = False
    """,
    "frozen by what the name does not equal": """
        for n, p in self.m.named_parameters():
            if n != "encoder.weight":
                p.requires_grad = False
    """,
    "frozen by a part of the name": """
        for n, p in self.m.named_parameters():
            if n.split(".")[0] == "encoder":
                p.requires_grad = False
    """,
    "frozen by the number in the name": """
        for n, p in self.m.named_parameters():
            if "layer." in n and int(n.split("layer.")[1].split(".")[0]) < 6:
                p.requires_grad = False
    """,
    "frozen by one part of the name and another": """
        for n, p in self.m.named_parameters():
            if "encoder" in n:
                if "bias" in n:
                    print(n)
                p.requires_grad = False
    """,
    "frozen up to a name": """
        for n, p in self.m.named_parameters():
            if "layer.6" in n:
                break
            p.requires_grad = False
    """,
    "trainable as another model is": """
        other = BertModel.from_pretrained(flag)
        for p, q in zip(self.m.parameters(), other.parameters()):
            p.requires_grad = q.requires_grad
    """,
    "what is not trainable is thawed": """
        next(self.m.parameters()).requires_grad = False
        for p in self.m.parameters():
            p.requires_grad = not p.requires_grad
    """,
    "an adapter that does not train": """
        self.m.train()
        self.m.load_adapter("a", is_trainable=False)
        self.m.requires_grad_(True)
    """,
    "an adapter loaded, and all of it thawed": """
        self.m.load_adapter("a")
        self.m.requires_grad_(True)
    """,
    "made trainable again by a callback's class": """
        from lightning.pytorch.callbacks import BaseFinetuning
        BaseFinetuning.freeze(self.m)
        BaseFinetuning.make_trainable(self.m)
    """,
    "made trainable again by a callback": """
        class Finetuning(pl.callbacks.BaseFinetuning): ...
        callback = Finetuning()
        callback.freeze(self.m)
        callback.make_trainable(self.m)
    """,
    "another method of a callback's class": """
        pl.callbacks.BaseFinetuning.on_fit_start(self.m)
    """,
    "validation is entered by hand": "self.m.train(); self.on_validation_model_eval()",
    "given to the constructor of a class that inherits none": """
        class Tools: ...
        Tools.__init__(self)
    """,
    "shown by a function that is wrapped": """
        @functools.lru_cache
        def show(model):
            print(model)
        show.__wrapped__(self.m)
    """,
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == ["HFM001 self.m"]


SETTLED = {
    "frozen by name": "self.m.requires_grad_(requires_grad=False)",
    "frozen module by module, by name": """
        for part in self.m.modules():
            part.requires_grad_(requires_grad=False)
    """,
    "frozen parameter by parameter, by name": """
        for p in self.m.parameters():
            p.requires_grad_(requires_grad=False)
    """,
    "frozen item by item": """
        for layer in self.m[:]:
            layer.requires_grad_(False)
    """,
    "frozen, and some names printed": """
        for n, p in self.m.named_parameters():
            if "encoder" in n:
                print(n)
            p.requires_grad = False
    """,
    "what is trainable is frozen": """
        for p in self.m.parameters():
            if p.requires_grad:
                p.requires_grad = False
    """,
    "what is not frozen is not thawed": """
        self.m.requires_grad_(False)
        for p in self.m.parameters():
            if p.requires_grad:
                p.requires_grad = True
    """,
    "train by apply, by name": "self.m.apply(fn=lambda part: part.train())",
    "train after a move": "for part in self.m.children(): part.to('cpu').train()",
    "some of its dropouts switched on": "for part in self.m.modules(): part.dropout.train()",
    "some of its modules switched on": """
        for n, part in self.m.named_modules():
            if "encoder" in n:
                print(n)
            else:
                part.train()
    """,
    "a method kept": "train = self.train; train()",
    "frozen by a method kept": "stop = self.freeze; stop()",
    "frozen by a method of a base that can't be seen": """
        import tools
        class Net(tools.Base): ...
        self.m = Net.from_pretrained(name)
        self.m.freeze()
    """,
    "frozen in a loop over what holds it": """
        for key, part in self.named_children():
            if key == "m":
                self.m.freeze()
    """,
    "a part of what is frozen, frozen": """
        self.m.requires_grad_(False)
        self.m.freeze_feature_encoder()
    """,
    "what a saved option says": """
        self.save_hyperparameters()
        if name:
            self.m.train()
        if not self.hparams.name:
            self.m.train()
    """,
    "one adapter more, frozen in part": """
        self.m.load_adapter("a")
        next(self.m.parameters()).requires_grad = False
    """,
    "an adapter that trains": """
        self.m.train()
        self.m.load_adapter("a", is_trainable=True)
        self.m.requires_grad_(True)
    """,
    "handed to what an option does": "flag.prepare(self.m)",
    "train by the class": "class Net(nn.Module): ...\nNet.train(self.m)",
    "frozen by the class": "class Net(nn.Module): ...\nNet.requires_grad_(self.m, False)",
    "frozen by a callback's class": """
        from lightning.pytorch.callbacks import BaseFinetuning
        BaseFinetuning.freeze([self.m])
    """,
    "frozen by a callback's class, by name": "pl.callbacks.BaseFinetuning.freeze(modules=self.m)",
    "validation is left by hand": "self.on_validation_model_train()",
    "made trainable by who knows what": """
        import tools
        tools.make_trainable(self.m)
    """,
    "frozen by a class that extends a callback": """
        from lightning.pytorch.callbacks import BackboneFinetuning
        class Finetuning(BackboneFinetuning): ...
        Finetuning.freeze(self.m)
    """,
    "handed to a class with a base that can't be seen": """
        import tools
        class Net(tools.Base): ...
        Net.prepare(self.m)
    """,
}


@pytest.mark.parametrize("lines", SETTLED.values(), ids=SETTLED)
def test_settled(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == []


SHARED = {
    "get_encoder": "model.get_encoder().train(); self.m = model.encoder",
    "get_encoder of a part that is known": """
        self.m = model.encoder
        model.get_encoder().train()
    """,
    "get_submodule": """
        model.get_submodule("encoder.layer").requires_grad_(False)
        self.m = model.encoder.layer
    """,
    "get_submodule by name": """
        model.get_submodule(target="encoder").requires_grad_(False)
        self.m = model.encoder
    """,
    "head": "self.m = model.lm_head",
    "head of a model of the file": """
        class Own(BertModel): ...
        self.m = Own.from_pretrained(name).lm_head
    """,
    "embeddings": "self.m = model.get_input_embeddings()",
    "base model": "model.base_model.train(); self.m = model",
    "base of an adapter": """
        import peft
        peft.get_peft_model(model, flag).get_base_model().train()
        self.m = model
    """,
    "module dict": """
        self.parts = nn.ModuleDict({"a": model})
        for key, part in self.parts.items():
            if key == "a":
                part.train()
    """,
    "items of a dictionary": """
        parts = {"a": model, "b": BertModel.from_pretrained(name)}
        parts[flag].train()
        self.m = parts[flag]
    """,
    "parts of a class": """
        class Parts(nn.ModuleDict): ...
        parts = Parts()
        parts["a"] = model
        parts["a"].train()
        self.m = model
    """,
    "blocks of a class": """
        class Blocks(nn.ModuleList): ...
        blocks = Blocks()
        blocks.append(model)
        blocks[0].train()
        self.m = model
    """,
}


@pytest.mark.parametrize("lines", SHARED.values(), ids=SHARED)
def test_one_module_under_two_names(lines: str) -> None:
    load = "model = BertModel.from_pretrained(name)\n"
    assert found(module(load + dedent(lines))) == []


APART = {
    "the first and the last layer": """
        layers = AutoModel.from_pretrained(name).encoder.layer
        layers[0].train()
        self.m = layers[-1]
    """,
    "the part below a head": """
        self.m = transformers.BertForMaskedLM.from_pretrained(name)
        self.m.base_model.train()
    """,
    "a container's item": """
        self.m = nn.ModuleList([AutoModel.from_pretrained(name)])[0]
    """,
    "a container's item from the end": """
        self.m = nn.ModuleList([AutoModel.from_pretrained(name)])[-1]
    """,
    "a part of a model of the file": """
        class Own(BertModel): ...
        self.m = Own.from_pretrained(name).encoder
    """,
}


@pytest.mark.parametrize("lines", APART.values(), ids=APART)
def test_a_part_is_in_eval_mode(lines: str) -> None:
    assert found(module(dedent(lines))) == ["HFM001 self.m"]


LATER = {
    "train(False)": "self.m.train(False)",
    "train(False) by name": "self.m.train(mode=False)",
    "module by module": "for part in self.m.modules(): part.train(False)",
    "module by module, by name": "for part in self.m.modules(): part.train(mode=False)",
}


@pytest.mark.parametrize("lines", LATER.values(), ids=LATER)
def test_switched_off_after_an_epoch(lines: str) -> None:
    hook = f"def on_train_epoch_end(self):\n    {lines}"
    assert found(module(LOADED + "self.m.train()", hook)) == ["HFM006 self.m"]


def test_what_the_mode_is_compared_with() -> None:
    """``eval()`` calls ``train(False)``, of a class of the file too."""
    program = (
        module("self.net = Net(name)", "def on_train_epoch_end(self):\n    self.net.eval()")
        + """
class Net(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.body = AutoModel.from_pretrained(name).train()
    def train(self, mode=True):
        return super().train(mode is not False)
    def forward(self, batch):
        return self.body(batch)
"""
    )
    program = program.replace("self.m(batch)", "self.net(batch)")
    assert "HFM006 self.net.body" in found(program)


def found_by(code: str, program: str) -> list[str | None]:
    """The module paths that one rule finds, a rule that is off by default."""
    findings = check_source(program, options=Options(select=(code,)))
    return [finding.module_path for finding in findings]


TEACHER = LOADED + "self.m.requires_grad_(False)\n"

IN_TRAIN_MODE = {
    "train": "self.train()",
    "its flags": "for part in self.m.modules(): part.training = True",
    "by name of a part": """
        for n, part in self.m.named_modules():
            part.train()
    """,
}


@pytest.mark.parametrize("lines", IN_TRAIN_MODE.values(), ids=IN_TRAIN_MODE)
def test_a_frozen_module_is_in_train_mode(lines: str) -> None:
    assert found_by("HFM005", module(TEACHER + dedent(lines))) == ["self.m"]


NOT_ALL_IN_TRAIN_MODE = {
    "nobody switches it on": "",
    "thawed": "self.freeze(); self.unfreeze()",
    "its method is replaced": "self.m.train = flag; self.train()",
    "some parts": """
        for part in self.m.modules():
            if isinstance(part, nn.Dropout):
                part.training = True
    """,
    "its flags": """
        self.m.train()
        for part in self.m.modules():
            part.training = False
    """,
    "a class that stays": """
        class Net(nn.Module):
            def __init__(self, body):
                super().__init__()
                self.body = body
            def train(self, mode=True):
                return super().train(False)
        self.net = Net(self.m)
        del self.m
        self.train()
    """,
    "embeddings": """
        self.m = self.m.get_input_embeddings()
        self.train()
    """,
}


@pytest.mark.parametrize("lines", NOT_ALL_IN_TRAIN_MODE.values(), ids=NOT_ALL_IN_TRAIN_MODE)
def test_a_frozen_module_is_not_in_train_mode(lines: str) -> None:
    assert found_by("HFM005", module(TEACHER + dedent(lines))) == []


DEEP = "".join(f"def deep_{each}(): return {'-' * 150}deep_{each + 1}()\n" for each in range(20))
LOOPS = "\n".join(f"{'    ' * each}for i{each} in range(9):" for each in range(1, 10))
# Where the program ends in the second epoch, or does more than is followed.
AFTER_AN_EPOCH = {
    "ends": "    raise SystemExit",
    "goes too deep": "    deep_0()",
    "goes on and on": f"{LOOPS}\n{'    ' * 10}print()",
}


@pytest.mark.parametrize("lines", AFTER_AN_EPOCH.values(), ids=AFTER_AN_EPOCH)
def test_what_the_first_epoch_showed_stays(lines: str) -> None:
    hook = f"def on_train_epoch_end(self):\n    self.m.eval()\n{lines}"
    program = f"{module(LOADED + 'self.m.eval()', hook)}\n{DEEP}"
    assert found_by("HFM004", program) == ["self.m"]


def test_the_mode_in_which_a_step_begins_or_runs_a_module() -> None:
    frozen = module(TEACHER + "self.m.eval()", step="self.m.train()\nreturn 1")
    assert found_by("HFM005", frozen) == []
    step = "self.m.train()\nloss = self.m(batch)\nself.m.eval()\nself.m(batch)\nreturn loss"
    assert found(module(LOADED + "self.m.train()", step=step)) == []


def test_the_lightning_module_itself_is_self() -> None:
    program = module(LOADED + "self.eval()", step="return self(batch)")
    assert found_by("HFM004", program) == ["self"]


@pytest.mark.parametrize("name", ["train_adapter", "train_adapter_fusion", "train_fusion"])
def test_training_adapters_sets_train_mode(name: str) -> None:
    assert found(module(LOADED + f"self.m.add_adapter('a')\nself.m.{name}('a')")) == []
    assert found(module(LOADED + f"self.m.{name}('a')\nself.m.eval()")) == []
    assert found(module(LOADED + "self.m.add_adapter('a')\nself.m.set_active_adapters('a')")) == [
        "HFM001 self.m"
    ]


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("train_parts", []),
        ("set_training", []),
        ("enable_train_mode", []),
        ("load_pretrained", ["HFM001 self.m"]),
        ("set_context_encoder_for_training", ["HFM001 self.m"]),
        ("is_trainable", ["HFM001 self.m"]),
    ],
)
def test_a_method_that_nobody_knows_may_set_train_mode(name: str, findings: list[str]) -> None:
    assert found(module(LOADED + f"self.m.{name}()")) == findings


def test_freeze_is_eval_mode_and_no_gradients() -> None:
    assert found_by("HFM004", module(LOADED + "self.m.eval()")) == ["self.m"]
    assert found_by("HFM004", module(LOADED + "self.freeze()")) == []
    assert found_by("HFM004", module(LOADED + "self.freeze(); self.unfreeze()")) == []


def test_an_attribute_of_a_module_that_is_not_known() -> None:
    net = "class Net(nn.Module): ...\nself.n = Net()\nif self.n.ready: self.m.train()"
    assert found(module(LOADED + net)) == ["HFM002 self.m"]


def test_a_flag_that_is_not_known() -> None:
    lines = """
        self.n = BertModel.from_pretrained(flag)
        for part in self.m.modules():
            part.training = flag
        if self.m.training:
            self.n.train()
    """
    program = module(LOADED + dedent(lines), step="return self.m(batch) + self.n(batch)")
    assert found(program) == ["HFM002 self.n"]


FIXED = {
    "nothing is frozen": ("", Applicability.SAFE),
    "loaded by a lambda": (
        "load = lambda: AutoModel.from_pretrained(name)\nself.m = load()",
        Applicability.SAFE,
    ),
    "the children of a layer that has none": (
        "for part in self.m.lm_head.children(): part.requires_grad_(False)",
        Applicability.SAFE,
    ),
    "a layer": (
        "for part in self.m.lm_head.modules(): part.requires_grad_(False)",
        Applicability.UNSAFE,
    ),
    "a part by its method": ("self.m.freeze_feature_encoder()", Applicability.UNSAFE),
    "a part of a pipeline": ("self.m = transformers.pipeline('x', model=name).model", None),
    "an adapter switched it off": (
        """
        self.m.train()
        self.m.load_adapter("a", is_trainable=False)
        self.m.requires_grad_(True)
        """,
        None,
    ),
}


@pytest.mark.parametrize(("lines", "applicability"), FIXED.values(), ids=FIXED)
def test_whether_train_behind_the_loader_is_safe(
    lines: str, applicability: Applicability | None
) -> None:
    (finding,) = check_source(module(LOADED + dedent(lines)))
    assert finding.code == "HFM001"
    assert (finding.fix and finding.fix.applicability) == applicability
