"""Expressions: what a test, an attribute or an item has to do with the mode."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"
IF = "if {}:\n    self.m.train()\n"

TRUE = [
    "not None",
    "not 0",
    "True and 1",
    "0 or 'a'",
    "None is None",
    "1 is not None",
    "'a b' is 'a b'",
    "f'a{1}b' == 'a1b'",
    f"'a' + {'b' * 9_000!r} != 'a'",
    "'a' in ['b'] + ['a']",
    "self.m is self.m",
    "'a' in ['a', 'b']",
    "'k' in {'k': 1}",
    "-1 < 0",
    "2 - 1 == 1",
    "[1] + [2]",
    "hasattr(self, 'm')",
    "{'a': 1}",
    "{flag: 1}",
    "self.m",
    "AutoModel",
    "AutoModel is AutoModel",
    "AutoModel == AutoModel",
    "AutoModel is transformers.models.auto.AutoModel",
    "AutoModel is not BertModel",
    "AutoModel is not None",
    "nn.Linear is not flag or True",
    "self.training",
    "not self.m.training",
    "(self.m.train().training, self.m.eval())[0]",
]


@pytest.mark.parametrize("test", TRUE)
def test_known_to_be_true(test: str) -> None:
    assert found(module(LOADED + IF.format(test))) == []


FALSE = [
    "[]",
    "None is True",
    "False and flag",
    "flag and False",
    "'c' in ['a', 'b']",
    "not 'a'",
    "AutoModel is BertModel",
    "AutoModel == BertModel",
    "AutoModel is None",
    "AutoModel is type(self)",
]


@pytest.mark.parametrize("test", FALSE)
def test_known_to_be_false(test: str) -> None:
    assert found(module(LOADED + IF.format(test))) == ["HFM001 self.m"]


LONG = repr("a" * 9_000)
NOT_KNOWN = {
    "an item of a list and who knows what": "'a' in [*flag] + ['b']",
    "an item of who knows what and a list": "'a' in ['b'] + [*flag]",
    "an item of who knows what": "'a' in [*flag, 'b']",
    "a number of more than are looked at": "9 in [*range(20)] + [30]",
    "a number of more than are looked at, behind another": "9 in [30] + [*range(20)]",
    "what is in an unseen package": "settings.tuned",
    "that it is not": "not settings.TUNED",
    "that it is None": "settings.tuned is None",
    "that it is True": "settings.tuned is True",
    "a constant of a library": "transformers.HAS_TUNED is True",
    "two names that end alike": "settings.linear is torch.linear",
    "a text that is too long": f"{LONG} + {LONG} == 'a'",
    "a text that becomes too long": 'f"{' + LONG + "}{" + LONG + "}\" == 'a'",
}


@pytest.mark.parametrize("test", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_not_known_to_be_true_or_false(test: str) -> None:
    program = "import settings\n" + module(LOADED + IF.format(test))
    assert found(program) == ["HFM002 self.m"]


# Where the one is false the other is true, whatever the options are.
OPPOSITES = {
    "and with what is true": ("True and flag", "not flag"),
    "and what is true": ("flag and True", "not flag"),
    "both": ("flag and name", "not (flag and name)"),
    "an item": ("flag['a']", "not flag['a']"),
    "an item and an attribute": ("flag.a", "not flag['a']"),
    "a comparison": ("flag > 1", "not flag > 1"),
    "a library's constant": ("flag is torch.float16", "flag is not torch.float16"),
    "an item of a list": ("flag in ['a', name]", "flag not in ['a', name]"),
    "a remainder": ("flag % 2", "not flag % 2"),
    "an attribute of the module": ("self.tuned", "not self.tuned"),
    "a name from nowhere": ("TUNED", "not TUNED"),
    "a result": ("len(flag) > 1", "True"),
}


@pytest.mark.parametrize(("one", "other"), OPPOSITES.values(), ids=OPPOSITES)
def test_two_tests_that_are_opposites(one: str, other: str) -> None:
    assert found(module(LOADED + IF.format(one) + IF.format(other))) == []


# Both can be false.
INDEPENDENT = {
    "both, and one of them": ("name and flag", "not flag"),
    "both, and neither": ("flag and name", "not (flag or name)"),
    "two options": ("flag == 1", "name != 1"),
    "two comparisons": ("flag > 1", "not flag < 1"),
    "what is compared with False": ("flag is False", "not flag"),
    "two values": ("flag == 'a'", "flag != 'b'"),
    "the opposite of an option": ("(not flag) == 1", "flag != 1"),
    "two chains": ("1 < flag < 3", "not 1 < flag"),
    "remainder and quotient": ("flag % 2", "not flag // 2"),
    "items by number": ("flag[0] == 1", "flag[1] != 1"),
    "two lists": ("flag in ['a']", "flag not in ['b']"),
    "two lists of what is not known": ("flag in [flag[name]]", "flag not in [flag[self]]"),
    "items of what is not known": ("flag[name]['a']", "not flag[self]['a']"),
    "attributes of what is not known": ("flag[name].a", "not flag[self].a"),
    "items that are not known": ("flag[name]", "not flag[self]"),
    "an unknown item": ("'a' in [flag]", "'b' in [flag]"),
    "two texts that nobody knows": ("eval(flag)", "not eval(name)"),
    "an unknown key": ("'a' in {flag: 1}", "'b' in {flag: 1}"),
    "an option of a library": ("flag is torch.float16", "flag is not torch.float32"),
}


@pytest.mark.parametrize(("one", "other"), INDEPENDENT.values(), ids=INDEPENDENT)
def test_two_tests_that_can_both_fail(one: str, other: str) -> None:
    assert found(module(LOADED + IF.format(one) + IF.format(other))) == ["HFM002 self.m"]


WAYS_IN = {
    "or with a model first": "self.m = AutoModel.from_pretrained(name) or None",
    "what an empty separator raises": """
        self.m = AutoModel.from_pretrained(name)
        try:
            "a".split("")
        except ValueError:
            print(name)
    """,
    "or with nothing first": "self.m = None or AutoModel.from_pretrained(name)",
    "the last of a list": "self.m = [1, AutoModel.from_pretrained(name)][-1]",
    "the first from the end": "self.m = [AutoModel.from_pretrained(name), 1][-2]",
    "by a method of what is not known": ("load = flag[0:1].from_pretrained\nself.m = load(name)"),
    "by the complement": "self.m = [1, AutoModel.from_pretrained(name)][~0]",
    "in place of the first": """
        models = [None, 1]
        models[0] = AutoModel.from_pretrained(name)
        self.m = models[0]
    """,
    "in place of the first from the end": """
        models = [None, 1]
        models[-2] = AutoModel.from_pretrained(name)
        self.m = models[0]
    """,
    "behind the last": """
        models = [1, 2]
        try:
            models[2] = 3
        except IndexError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "items that are not there": """
        try:
            (1, 2)[2], nn.ModuleList([nn.Linear(1, 1)])[-3]
        except IndexError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "the first of the rest": """
        first, *rest = [1, AutoModel.from_pretrained(name)]
        for model in rest:
            self.m = model
    """,
    "the last of the rest": """
        first, *rest = [1, 2, AutoModel.from_pretrained(name)]
        self.m = rest[1]
    """,
    "behind the rest": "*_, self.m = [1, 2, AutoModel.from_pretrained(name)]",
    "from the second on": "self.m = [1, AutoModel.from_pretrained(name)][1:][0]",
    "up to the last": "self.m = [1, AutoModel.from_pretrained(name), 2][:-1][-1]",
    "in front": """
        models = [1]
        models.insert(0, AutoModel.from_pretrained(name))
        self.m = models[0]
    """,
    "in front of somewhere": """
        models = [AutoModel.from_pretrained(name)]
        models.insert(flag, 1)
        self.m = models[0]
    """,
    "backwards": "self.m = [AutoModel.from_pretrained(name), 1][::-1][1]",
    "the rest of nothing": """
        try:
            first, *rest = []
        except ValueError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "no rest": """
        self.m, *rest = [AutoModel.from_pretrained(name)]
        for part in rest:
            self.m.train()
    """,
    "an odd subscript": """
        try:
            [1][0, 1], super(Lit, flag).missing
        except TypeError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "a slice without a step": """
        try:
            [1][::0]
        except ValueError:
            self.m = AutoModel.from_pretrained(name)
    """,
    "a cached property": "self.m = self.once",
    "a class method of a base": "self.m = Lid.of(AutoModel.from_pretrained(name)).model",
    "in the dictionary of attributes": """
        self.__dict__["other"] = AutoModel.from_pretrained(name)
        self.m = self.other
    """,
    "a static method": "self.m = self.same(AutoModel.from_pretrained(name))",
    "a class method": "self.m = Box().of(AutoModel.from_pretrained(name)).model",
    "a property is asked twice": "self.fresh.train()\nself.m = self.fresh",
}

METHODS = """
@staticmethod
def same(model):
    return model

@property
def fresh(self):
    return AutoModel.from_pretrained("x")

@cached_property
def once(self):
    return AutoModel.from_pretrained("x")
"""

BOX = """
class Box:
    @classmethod
    def of(cls, model):
        box = cls()
        box.model = model
        return box

class Lid(Box):
    @classmethod
    def of(cls, model):
        return super().of(model)
"""


@pytest.mark.parametrize("lines", WAYS_IN.values(), ids=WAYS_IN)
def test_ways_into_the_module(lines: str) -> None:
    assert found(module(dedent(lines), METHODS) + BOX) == ["HFM001 self.m"]


SILENT = {
    "a cached property is asked once": "self.once.train()\nself.m = self.once",
    "and with nothing first": "self.m = None and AutoModel.from_pretrained(name)",
    "what a pipeline gives": """
        pipe = transformers.pipeline("x", model=name)
        self.m = pipe.get().model
    """,
    "the wrong item": "self.m = [1, AutoModel.from_pretrained(name)][:1][0]",
    "the name of a tokenizer's class": """
        tokenizer_cls = flag
        self.t = tokenizer_cls.from_pretrained(name)
    """,
}


@pytest.mark.parametrize("lines", SILENT.values(), ids=SILENT)
def test_nothing_is_reported(lines: str) -> None:
    assert found(module(dedent(lines), METHODS)) == []


def test_a_number_that_grows_by_an_option_is_not_known() -> None:
    lines = "number = 0\nnumber += flag\n" + IF.format("number == 0")
    assert found(module(LOADED + lines)) == ["HFM002 self.m"]


def test_what_else_a_model_says_of_itself_is_not_known() -> None:
    test = IF.format("self.m.name_or_path == 'bert-base-uncased'")
    assert found(module(LOADED + test)) == ["HFM002 self.m"]


def test_an_item_that_a_class_gives_is_no_part() -> None:
    net = """
class Net(transformers.PreTrainedModel):
    def __getitem__(self, index):
        return nn.Linear(1, 1)
"""
    assert found(module("self.m = Net.from_pretrained(name)[0]") + net) == []


def test_what_is_not_known_has_no_mode() -> None:
    lines = """
        import tools
        tools.prepare(self.m)
        self.n = BertModel.from_pretrained(name)
        if not self.m.training:
            self.n.train()
    """
    program = module(LOADED + dedent(lines), step="return self.m(batch) + self.n(batch)")
    assert found(program) == ["HFM002 self.n"]


TRAINER = {
    "its module by the other name": (["self.trainer.model.m.train()"], []),
    "its module": (["self.trainer.lightning_module.m.train()"], []),
    "its options": (
        [IF.format("self.trainer.fast_dev_run"), IF.format("not self.trainer.fast_dev_run")],
        [],
    ),
    "two of its options": (
        [IF.format("self.trainer.fast_dev_run"), IF.format("not self.trainer.max_steps")],
        ["HFM002 self.m"],
    ),
}


@pytest.mark.parametrize(("lines", "findings"), TRAINER.values(), ids=TRAINER)
def test_the_trainer(lines: list[str], findings: list[str]) -> None:
    hook = "def setup(self, stage):\n" + indent("".join(lines), "    ")
    assert found(module(LOADED, hook)) == findings


MATCHES = {
    "one of two constants": ("case 'a' | 'b': self.m.train()", "'b'", []),
    "none of two constants": ("case 'a' | 'b': self.m.train()", "'c'", ["HFM001 self.m"]),
    "one of two, for an option": ("case 'a' | 'b': self.m.train()", "flag", ["HFM002 self.m"]),
    "the option itself": ("case other: self.m.train()", "flag", []),
}


@pytest.mark.parametrize(("case", "subject", "findings"), MATCHES.values(), ids=MATCHES)
def test_match(case: str, subject: str, findings: list[str]) -> None:
    assert found(module(LOADED + f"match {subject}:\n    {case}")) == findings
