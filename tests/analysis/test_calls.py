"""Calls of what the file defines, and of what can't be seen."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hfmode_lint import check_source
from tests.analysis.programs import IMPORTS, found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

STILL_EVAL = {
    "a function that only logs": "log_graph(self.m)",
    "a method that only logs": "flag.log_graph(self.m)",
    "a quiet method": "self.log('loss', self.m)",
    "super that is not bound": "super(Lit)",
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert found(module(LOADED + lines)) == ["HFM001 self.m"]


def test_partial_of_who_knows_what() -> None:
    lines = """
        def prepare(kind=None, tuned=False):
            if tuned:
                self.m.train()
        partial(prepare)(*flag)
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


DATA = """
class Data(pl.LightningDataModule):
    def setup(self, stage):
        self.trainer.lightning_module.m.train()
"""

FITS = {
    "data by name": "pl.Trainer().fit(model, datamodule=Data())",
    "data in its place": "pl.Trainer().fit(model, None, None, Data())",
    "data in place of a loader": "pl.Trainer().fit(model, Data())",
    "data in place of a loader, by name": "pl.Trainer().fit(model, train_dataloaders=Data())",
    "the model by name": "model.m.train(); pl.Trainer().fit(model=model)",
    "what is not trained first": "t = pl.Trainer(); t.test(model); model.m.train(); t.fit(model)",
    "the trainer's model": "t = pl.Trainer(); t.model = model; t.model.m.train(); t.fit(t.model)",
    "a trainer from elsewhere": "import tools; model.m.train(); tools.trainer.build().fit(model)",
}


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_fit(fit: str) -> None:
    program = module(LOADED) + DATA + "model = Lit('x', True)\n"
    assert found(program + fit) == []
    assert found(program + "pl.Trainer().fit(model)") == ["HFM001 self.m"]


def test_a_trainer_that_is_given() -> None:
    main = """
def main(trainer):
    model = Lit("x", True)
    model.m.train()
    trainer.fit(model)
"""
    assert found(module(LOADED) + main) == []
    assert found(module(LOADED) + main.replace("(model)", "(model=model)")) == []
    # Whoever trains it later on has it as it was left, or as others have made it.
    left = main.replace("    trainer.fit(model)\n", "")
    assert found(module(LOADED) + left) == []
    untrained = left.replace("    model.m.train()\n", "")
    assert found(module(LOADED) + untrained) == ["HFM001 self.m"]
    assert found(f"{module(LOADED)}{untrained}    trainer.show(model)\n") == []


def test_a_trainer_that_is_given_trains_twice() -> None:
    main = """
def main(trainer):
    model = Lit("x", True)
    trainer.fit(model)
    trainer.fit(model)
"""
    assert found(module(LOADED) + main) == ["HFM001 self.m"]


def test_what_fits_something_else_may_do_anything() -> None:
    assert found(module(LOADED + "flag.fit(estimator=self.m)")) == []


def test_a_function_that_one_path_calls_is_no_way_in_of_its_own() -> None:
    main = """
def main(tuned=True):
    model = Lit("x", True)
    if tuned:
        model.m.train()
    pl.Trainer().fit(model)
if sys.argv:
    main()
"""
    assert found(module(LOADED) + main) == []


def test_a_function_that_trains_may_be_called_with_other_arguments() -> None:
    main = """
def main(tuned=False):
    model = Lit("x", True)
    if tuned:
        model.m.train()
    pl.Trainer().fit(model)
"""
    assert found(module(LOADED) + main) == ["HFM002 self.m"]


NO_STEP = """
import tools
class Own(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.m = AutoModel.from_pretrained("a")
class Lit({bases}):
    def setup(self, stage):
        {setup}
    def {step}(self, batch, batch_idx):
        return self.m(batch)
"""
STEPS = {
    "a base that is there to be extended": ("Own", "self.m.train()", "training_step", []),
    "a class of which no step is seen yet": ("Own", "pass", "forward", ["HFM001 self.m"]),
    "a class that is made for prediction": ("Own", "pass", "predict_step", []),
    "a class whose second base may train": (
        *("Own, tools.Base", "pass", "predict_step"),
        ["HFM001 self.m"],
    ),
}


@pytest.mark.parametrize(("bases", "setup", "step", "findings"), STEPS.values(), ids=STEPS)
def test_which_classes_are_trained(bases: str, setup: str, step: str, findings: list[str]) -> None:
    program = IMPORTS + NO_STEP.format(bases=bases, setup=setup, step=step)
    assert found(program) == findings


UNSEEN_BASE = """
import tools
class Own(tools.Base, pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.n = AutoModel.from_pretrained("x")
    def training_step(self, batch, batch_idx):
        with torch.no_grad():
            self.n(batch)
        return self.{}(batch)
"""


def test_a_method_of_a_base_that_can_not_be_seen_may_use_anything() -> None:
    assert found(module("pass") + UNSEEN_BASE.format("loss")) == ["HFM001 self.n"]
    assert found(module("pass") + UNSEEN_BASE.format("log")) == []


def test_a_base_that_can_not_be_seen_may_train() -> None:
    program = """
class Plain: ...
class Own(Plain, {}pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.n = AutoModel.from_pretrained("x")
    def validation_step(self, batch): ...
"""
    assert found(module("pass") + "import tools" + program.format("tools.Base, ")) == [
        "HFM001 self.n"
    ]
    assert found(module("pass") + program.format("")) == []


def fixes(program: str) -> list[str | None]:
    """How sure the fixes of the findings are."""
    made = [finding.fix for finding in check_source(program)]
    return [fix.applicability.value if fix is not None else None for fix in made]


IMPORTED = {
    "a model by its name": ("from tools import BertModel", "BertModel", "safe"),
    "a loader by its name": ("from tools import Loader", "Loader", "unsafe"),
    "a model in an option": ("", "flag.zoo.BertModel", "safe"),
    "a loader in an option": ("", "flag.zoo.loader", "unsafe"),
    "a loader in an item that is not known": ("", "flag[name]", "unsafe"),
    "a loader in an option for models": ("", "flag.ForModels.loader", "unsafe"),
}


@pytest.mark.parametrize(("line", "loader", "applicability"), IMPORTED.values(), ids=IMPORTED)
def test_what_shows_that_it_is_a_model(line: str, loader: str, applicability: str) -> None:
    lines = f"{line}\nload = {loader}.from_pretrained\nself.m = load(name)"
    assert fixes(module(lines, step="return batch")) == [applicability]


def test_a_class_that_others_may_make_with_other_arguments() -> None:
    init = LOADED + "if flag:\n    self.m.train()"
    program = module(init) + "pl.Trainer().fit(Lit('x'))\n"
    program = program.replace("flag):", "flag=False):")
    assert found(program) == ["HFM001 self.m"]
    assert fixes(program) == ["unsafe"]


def test_an_adapter_that_switches_off_is_no_place_for_a_fix() -> None:
    init = LOADED + "self.m.train()\nself.m.load_adapter('a')\nself.m.requires_grad_(True)"
    assert found(module(init)) == ["HFM001 self.m"]
    assert fixes(module(init)) == [None]


def test_an_adapter_that_switches_off_a_model_is_no_place_for_a_fix_of_a_part() -> None:
    lines = """
        model = AutoModel.from_pretrained(name)
        model.load_adapter("a")
        model.requires_grad_(True)
        self.m = model.encoder
    """
    assert found(module(dedent(lines))) == ["HFM001 self.m"]
    assert fixes(module(dedent(lines))) == [None]


def test_a_lambda_of_a_method_stands_in_the_class() -> None:
    lines = "load = lambda: AutoModel.from_pretrained(name)\nself.m = load()"
    assert fixes(module(lines)) == ["safe"]


SEVERAL = {
    "as many as nobody knows, by name": "prepare(**flag)",
    "a key that nobody knows": "prepare(**{flag: 1})",
    "in place, as many as nobody knows": "prepare(*flag)",
}


@pytest.mark.parametrize("call", SEVERAL.values(), ids=SEVERAL)
def test_arguments_that_are_not_known(call: str) -> None:
    lines = f"""
        def prepare(kind=None, tuned=False, **more):
            if tuned or more.get("tuned"):
                self.m.train()
        {call}
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


REST = {
    "nothing": ("prepare()", ["HFM001 self.m"]),
    "something else": ("prepare(kind=1)", ["HFM001 self.m"]),
    "it": ("prepare(tuned=1)", []),
    "as much as nobody knows": ("prepare(**flag)", ["HFM002 self.m"]),
}


@pytest.mark.parametrize(("call", "findings"), REST.values(), ids=REST)
def test_what_else_a_function_is_given(call: str, findings: list[str]) -> None:
    lines = f"""
        def prepare(**more):
            if "tuned" in more:
                self.m.train()
        {call}
    """
    assert found(module(LOADED + dedent(lines))) == findings


GIVEN = {
    "by name": "prepare(tuned=True)",
    "in place": "prepare(None, True)",
    "by name alone": "prepare(force=True)",
    "by a name that is not listed": "prepare(other=True)",
    "in a dictionary": "prepare(**{'tuned': True})",
    "in a list": "prepare(*[None, True])",
}


@pytest.mark.parametrize("call", GIVEN.values(), ids=GIVEN)
def test_arguments_that_are_known(call: str) -> None:
    lines = """
        def prepare(kind=None, tuned=False, *, force=False, **more):
            if tuned or force or more.get("other", False):
                self.m.train()
        {}
    """
    assert found(module(LOADED + dedent(lines).format(call))) == []
    assert found(module(LOADED + dedent(lines).format("prepare()"))) == ["HFM001 self.m"]


def test_what_a_function_without_gradients_calls() -> None:
    methods = """
@torch.no_grad()
def embed(self, batch):
    self.quiet()
    return self.m(batch)
@torch.no_grad()
def quiet(self): ...
"""
    assert found(module(LOADED, methods, step="return self.embed(batch)")) == []
    after = "self.embed(batch)\nreturn self.m(batch)"
    assert found(module(LOADED, methods, step=after)) == ["HFM001 self.m"]


def test_what_one_call_gave_twice() -> None:
    lines = """
        answers = []
        for each in (1, 2):
            answers.append(name.pop())
        if answers[0]:
            if not answers[1]:
                self.m.train()
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


def test_options_of_two_functions() -> None:
    """A parameter of the same name in another function is another option."""
    lines = """
        def first(tuned):
            if tuned:
                self.m.train()
        def second(tuned):
            if not tuned:
                self.m.train()
        first(*flag)
        second(*name)
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


def test_options_of_two_classes() -> None:
    program = """
class First:
    def __init__(self, tuned): self.tuned = tuned
class Second:
    def __init__(self, tuned): self.tuned = tuned
"""
    lines = """
        if First(*flag).tuned:
            self.m.train()
        if not Second(*name).tuned:
            self.m.train()
    """
    assert found(module(LOADED + dedent(lines)) + program) == ["HFM002 self.m"]


def test_what_two_calls_gave() -> None:
    lines = """
        first, second = flag(), flag()
        if first.tuned:
            self.m.train()
        if not {}.tuned:
            self.m.train()
    """
    assert found(module(LOADED + dedent(lines).format("first"))) == []
    assert found(module(LOADED + dedent(lines).format("second"))) == ["HFM002 self.m"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("name.lower()", []),
        ("name.split('-', maxsplit=1)", []),
        ("os.environ.get('A', 1)", []),
        ("os.path.exists(name)", []),
        ("flag.is_large(name, [1, 2])", []),
        ("len(name)", []),
        ("bool(name)", []),
        ("random.random()", ["HFM002 self.m"]),
        ("iter(name).pop()", ["HFM002 self.m"]),
        ("flag.next(name)", ["HFM002 self.m"]),
        ("flag(name)", ["HFM002 self.m"]),
        ("flag.is_large(*name)", ["HFM002 self.m"]),
        ("flag.is_large({1: 2})", ["HFM002 self.m"]),
        ("flag.is_large(a={1: 2})", ["HFM002 self.m"]),
        (f"flag.is_large({'a' * 401!r})", ["HFM002 self.m"]),
    ],
)
def test_what_is_asked_twice(question: str, expected: list[str]) -> None:
    lines = """
        if {} == 1:
            self.m.train()
        if {} != 1:
            self.m.train()
    """
    program = "import os, random\n" + module(LOADED + dedent(lines).format(question, question))
    assert found(program) == expected


CHAIN = """
class First(pl.LightningModule):
    def build(self): return AutoModel.from_pretrained("x")
class Second(First):
    def build(self): return {}.build()
class Third(Second):
    def __init__(self):
        super().__init__()
        self.n = self.build()
    def build(self): return {}.build()
    def training_step(self, batch, batch_idx): return self.n(batch)
"""


@pytest.mark.parametrize(
    ("second", "third"), [("super()", "super()"), ("super(Second, self)", "super(Third, self)")]
)
def test_super_goes_one_class_up(second: str, third: str) -> None:
    assert found(module("pass") + CHAIN.format(second, third)) == ["HFM001 self.n"]


@pytest.mark.parametrize("parent", ["super()", "super(Lit, self)"])
def test_super_of_a_method_that_uses_the_object(parent: str) -> None:
    top = """
class Top(pl.LightningModule):
    def ready(self):
        self.m.train()
"""
    methods = f"def ready(self):\n    {parent}.ready()"
    program = module(LOADED + "self.ready()", methods).replace("pl.LightningModule", "Top")
    assert found(program + top) == []


BOXES = {
    "of a base that can't be seen": ("tools.Base", "def show(self): ..."),
    "with a forward of its own": ("object", "def forward(self): ..."),
}


@pytest.mark.parametrize(("base", "method"), BOXES.values(), ids=BOXES)
def test_what_is_not_known_to_be_a_module_holds_no_submodules(base: str, method: str) -> None:
    box = f"""
import tools
class Box({base}):
    def __init__(self, model):
        self.model = model
    {method}
"""
    assert found(module("self.m = Box(AutoModel.from_pretrained(name))") + box) == []


def test_what_is_handed_over_without_gradients_is_not_trained() -> None:
    step = "import tools\nwith torch.no_grad():\n    tools.sample({})\nreturn batch"
    assert found(module(LOADED, step=step.format("self"))) == []
    assert found(module(LOADED, step=step.format("self.m"))) == []


USED = {
    "switched": ("self.m.gradient_checkpointing_enable()", "safe"),
    "saved": ("self.m.save_pretrained('x')", "unsafe"),
    "asked for another": ("self.m.from_pretrained('x')", "unsafe"),
    "asked to decode": ("self.m.batch_decode(flag)", None),
}


@pytest.mark.parametrize(("use", "applicability"), USED.values(), ids=USED)
def test_what_its_use_shows(use: str, applicability: str | None) -> None:
    lines = f"self.m = flag.loader.from_pretrained(name)\n{use}"
    expected = [applicability] if applicability is not None else []
    assert fixes(module(lines, step="return batch")) == expected


def test_a_static_hook_gets_no_receiver() -> None:
    callback = """
class Switch(pl.Callback):
    {}
    def on_train_start({}trainer, pl_module):
        pl_module.m.train()
pl.Trainer(callbacks=[Switch()]).fit(Lit("x", True))
"""
    assert found(module(LOADED) + callback.format("@staticmethod", "")) == []
    assert found(module(LOADED) + callback.format("", "self, ")) == []


@pytest.mark.parametrize("method", ["encode", "decode", "predict"])
def test_a_method_that_a_base_may_define_is_not_the_library_s(method: str) -> None:
    """It may compute gradients; a library's own does not."""
    net = """
import tools
class Net(tools.Base):
    def __init__(self, body):
        super().__init__()
        self.body = body
    def forward(self, batch): ...
"""
    lines = "self.net = Net(AutoModel.from_pretrained(name))"
    program = module(lines, step=f"return self.net.{method}(batch)") + net
    assert found(program) == ["HFM001 self.net.body"]
    assert found(module(LOADED, step=f"return self.m.{method}(batch)")) == []
