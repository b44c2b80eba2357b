"""What a name of a file stands for: imports, bindings in branches, classes and their order."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hfmode_lint.analysis.knowledge import names
from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

BOUND = {
    "the last plain assignment": """
        if torch:
            Kind = AutoTokenizer
        Kind = AutoModel
    """,
    "behind nested branches": """
        if torch:
            if nn:
                pass
            Kind = AutoTokenizer
        Kind = AutoModel
    """,
    "behind nested attempts": """
        try:
            try:
                pass
            finally:
                pass
            Kind = AutoTokenizer
        finally:
            pass
        Kind = AutoModel
    """,
    "behind a branch and an attempt": """
        try:
            Kind = AutoTokenizer
        except ImportError:
            Kind = AutoConfig
        Kind = AutoModel
    """,
    "behind nested handlers": """
        Kind = AutoTokenizer
        try:
            pass
        except ImportError:
            try:
                pass
            except ImportError:
                pass
            Kind = AutoConfig
        Kind = AutoModel
    """,
    "the first branch": """
        if torch:
            Kind = AutoModel
        else:
            Kind = AutoTokenizer
    """,
    "rather than a handler": """
        try:
            Kind = AutoModel
        except ImportError:
            try:
                pass
            except ImportError:
                pass
            Kind = AutoTokenizer
    """,
    "with a type": "Kind: type = AutoModel",
    "in a tuple": "Kind, Other = AutoModel, 1",
}


@pytest.mark.parametrize("lines", BOUND.values(), ids=BOUND)
def test_the_likeliest_binding_counts(lines: str) -> None:
    program = module("self.m = Kind.from_pretrained(name)") + "\n"
    assert found(program + dedent(lines)) == ["HFM001 self.m"]
    others = dedent(lines).replace("AutoModel", "AutoConfig")
    assert found(program + others) == []


def test_a_type_alone_binds_nothing() -> None:
    program = module("self.m = Kind.from_pretrained(name)") + "\n"
    assert found(program + "Kind = AutoTokenizer\nKind: type\n") == []


STARS = {
    "an adapter of the other package": (
        "from transformers import *\nfrom peft import *",
        "self.m = PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)",
        [],
    ),
    "an adapter for a task": (
        "from transformers import *\nfrom peft import *",
        "self.m = PeftModelForCausalLM.from_pretrained(AutoModel.from_pretrained(name), name)",
        [],
    ),
    "a function of the other package": (
        "from transformers import *\nfrom peft import *",
        "self.m = get_peft_model(AutoModel.from_pretrained(name), 1)",
        ["HFM001 self.m"],
    ),
    "a class of torch": (
        "from torch.nn import *\nfrom tools import *",
        "self.m = Embedding.from_pretrained(name)",
        [],
    ),
    "the only package": (
        "from transformers import *",
        LOADED + "trainer = Trainer(self.m)",
        ["HFM001 self.m"],
    ),
    "one of two packages": (
        "from transformers import *\nfrom tools import *",
        LOADED + "prepare(self.m)",
        [],
    ),
    "a package that is not known": ("from tools import *", LOADED + "prepare(self.m)", []),
    "a package that is not known, a class": (
        "from tools import *\nfrom more import *",
        "self.m = PeftModelOfMine.from_pretrained(AutoModel.from_pretrained(name))",
        ["HFM001 self.m"],
    ),
    "no class of the package of adapters": (
        "from peft import *\nfrom tools import *",
        LOADED + "prepare(self.m)",
        [],
    ),
}


@pytest.mark.parametrize(("imports", "lines", "findings"), STARS.values(), ids=STARS)
def test_star_imports(imports: str, lines: str, findings: list[str]) -> None:
    assert found(module(lines) + f"\n{imports}\n") == findings


ORDERS = {
    "a diamond": "class A(Top): ...\nclass B(Train, Top): ...\nclass Leaf(A, B, Last): ...",
    "a deep diamond": """
        class A(Top): ...
        class B(A): ...
        class C(A, Train): ...
        class Leaf(B, C, Last): ...
    """,
    "two bases of which one overrides": """
        class A(Last): ...
        class B(Last):
            def ready(self):
                self.m.train()
        class Leaf(A, B): ...
    """,
    "two bases that share one": """
        class A(Last): ...
        class B(Train, Last): ...
        class Leaf(A, B): ...
    """,
}


@pytest.mark.parametrize("classes", ORDERS.values(), ids=ORDERS)
def test_the_order_of_bases_is_python_s(classes: str) -> None:
    """``Train.ready`` is found before ``Last.ready``."""
    bases = """
class Top: ...
class Last(Top):
    def ready(self): ...
class Train(Top):
    def ready(self):
        self.m.train()
"""
    program = bases + dedent(classes) + "\n" + module(LOADED + "self.ready()")
    program = program.replace("class Lit(", "class Lit(Leaf, ")
    assert found(program) == []
    assert found(program.replace("self.m.train()", "pass")) == ["HFM001 self.m"]


@pytest.mark.parametrize(
    ("name", "is_model"),
    [
        ("AutoModel", True),
        ("AutoModelWithLMHead", True),
        ("BertModel", True),
        ("BertForMaskedLM", True),
        ("T5ForConditionalGeneration", True),
        ("TimmBackbone", True),
        ("AlbertConfig", False),
        ("ForestConfig", False),
        ("MaskFormerConfig", False),
        ("bertmodel", False),
        ("my_bert_ForMaskedLM", False),
        ("InformerConfig", False),
        ("", False),
    ],
)
def test_names_that_transformers_gives_its_models(name: str, *, is_model: bool) -> None:
    assert names.is_model_name(name) is is_model


BASES = {
    "BertModel": [],
    "InformerModel": [],
    "MaskFormerModel": [],
    "LlamaForCausalLMModel": ["HFM001 self.m"],
    "BertForMaskedLM": ["HFM001 self.m"],
    "GPT2LMHead": ["HFM001 self.m"],
}


@pytest.mark.parametrize(("kind", "findings"), BASES.items())
def test_the_base_of_a_model_without_a_head_is_the_model(kind: str, findings: list[str]) -> None:
    lines = f"self.m = transformers.{kind}.from_pretrained(name)\nself.m.base_model.train()"
    assert found(module(lines)) == findings


def test_a_method_does_not_see_the_names_of_its_class() -> None:
    methods = "Kind = AutoModel\ndef load(self):\n    return Kind.from_pretrained('x')"
    program = module("self.m = self.load()", methods)
    assert found(program + "\nKind = AutoTokenizer\n") == []
    assert found(program + "\nKind = BertModel\n") == ["HFM001 self.m"]


def test_an_import_of_a_submodule_binds_the_package() -> None:
    lines = "self.m = peft.PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)"
    assert found(module(lines) + "\nimport peft.tuners.lora\n") == []
