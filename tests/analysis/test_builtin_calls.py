"""Modules on their way through Python's builtin functions."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.analysis.programs import found, module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

STILL_EVAL = {
    "parameters frozen by the length of their names": """
        for n, p in self.m.named_parameters():
            if len(n) > 3:
                p.requires_grad = False
    """,
    "parameters frozen by their length": """
        for p in self.m.parameters():
            if len(p) > 3:
                p.requires_grad = False
    """,
    "parameters frozen by their class": """
        from bitsandbytes.nn import Params4bit
        for p in self.m.parameters():
            if isinstance(p, Params4bit):
                p.requires_grad = False
    """,
    "parameters frozen by one of several words": """
        for n, p in self.m.named_parameters():
            if any(word in n for word in ["embeddings", "pooler"]):
                p.requires_grad = False
    """,
    "handed to a function of a known library by name": "getattr(torch.nn.utils, flag)(self.m)",
    "a missing attribute of a text": "getattr('text', 'size', None)",
    "nothing to take the first of": "self.n = next(iter([]), None)",
    "a number beyond what is listed": "assert 11 in range(12)",
    "the type of an option": """
        if type(flag) is str:
            self.m.float()
    """,
}


@pytest.mark.parametrize("lines", STILL_EVAL.values(), ids=STILL_EVAL)
def test_still_in_eval_mode(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == ["HFM001 self.m"]


SETTLED = {
    "whatever is a module": "if isinstance(self.m, nn.Module): self.m.train()",
    "one of several constants": "if any([False, True]): self.m.train()",
    "one of several options": "if any([flag, True]): self.m.train()",
    "none of several constants": "if not any([False, 0]): self.m.train()",
    "all of several constants": "if all((True, 1)): self.m.train()",
    "not all of several options": "if not all([flag, False]): self.m.train()",
    "an attribute asked for twice": """
        if hasattr(self, "tuned"):
            self.m.train()
        if not hasattr(self, "tuned"):
            self.m.train()
    """,
    "layers switched on by index": """
        for index, layer in enumerate(self.m.children()):
            if index > 3:
                layer.train()
    """,
    "frozen at the second turn": """
        for index, word in enumerate(["a", "b"]):
            if index == 1:
                self.m.requires_grad_(False)
    """,
    "a class of the file": """
        class Other(nn.Module): ...
        if isinstance(self, Lit) and not isinstance(self, Other):
            self.m.train()
    """,
    "a class of constants": """
        if isinstance("a", str) and not isinstance("a", int) and not isinstance(1, nn.Module):
            self.m.train()
    """,
    "a class that others extend": """
        if isinstance(True, int) and isinstance(1, object):
            self.m.train()
    """,
    "the class of an option asked for twice": """
        if isinstance(flag, str):
            self.m.train()
        if not isinstance(flag, str):
            self.m.train()
    """,
    "a number in a short range": """
        if 7 in range(8):
            self.m.train()
    """,
    "a default of what nothing sets": """
        if getattr(self, "tuned", True):
            self.m.train()
    """,
    "layers switched on by a number in a range that is not known": """
        for i in range(flag):
            if i > 3:
                self.m[i].train()
    """,
}


@pytest.mark.parametrize("lines", SETTLED.values(), ids=SETTLED)
def test_settled(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == []


SOME_PATHS = {
    "one attribute of two models": """
        other = BertModel.from_pretrained(flag)
        if hasattr(self.m, "pooler"):
            self.m.train()
        if not hasattr(other, "pooler"):
            self.m.train()
    """,
    "the classes of two options": """
        if isinstance(flag[0], str):
            self.m.train()
        if not isinstance(flag[1], str):
            self.m.train()
    """,
    "two classes that are not known": """
        if isinstance(flag, flag.first):
            self.m.train()
        if not isinstance(flag, flag.second):
            self.m.train()
    """,
    "an abstract class": """
        from collections.abc import Sequence
        if isinstance("a", Sequence):
            self.m.train()
    """,
}


@pytest.mark.parametrize("lines", SOME_PATHS.values(), ids=SOME_PATHS)
def test_in_eval_mode_on_some_paths(lines: str) -> None:
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


UNKNOWN_NUMBERS = [
    "enumerate(flag)",
    "generated()",
    "range(flag)",
    "filter(None, flag)",
    "list(flag)",
    "map(str, flag)",
    "zip(flag, name)",
    "[*flag]",
    "[*flag] + [1]",
    "[1] + [*flag]",
    "[item for item in flag]",
    "[*flag][:name]",
    "rest",
    "more",
    "itertools.chain(flag, [1])",
]


@pytest.mark.parametrize("several", UNKNOWN_NUMBERS)
def test_how_many_there_are_is_not_known(several: str) -> None:
    """The second of them may switch the model on."""
    lines = f"""
        def prepare(kind=None, tuned=False):
            if tuned:
                self.m.train()
        def generated():
            for item in flag:
                yield item
        first, *rest = flag
        second, *more = [1, *flag]
        prepare(*{several})
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


def test_how_many_arguments_a_function_gets_is_not_known() -> None:
    lines = """
        def prepare(*tuned):
            if list(tuned):
                self.m.train()
        prepare(*flag)
    """
    assert found(module(LOADED + dedent(lines))) == ["HFM002 self.m"]


WAYS_IN = {
    "a name that is not known": (
        "setattr(self, name, AutoModel.from_pretrained(name))",
        "self.*",
    ),
    "a range with a step": (
        "for i in range(4, 0, -2): setattr(self, f'm{i}', AutoModel.from_pretrained(name))",
        "self.m4",
    ),
    "a range with a step of one": (
        "for i in range(3, 5, 1): setattr(self, f'm{i}', AutoModel.from_pretrained(name))",
        "self.m3",
    ),
    "a range from where nobody knows": (
        "for i in range(flag, 2): setattr(self, f'm{i}', AutoModel.from_pretrained(name))",
        "self.*",
    ),
    "a range without a step": (
        """
        try:
            range(1, 2, 0)
        except ValueError:
            self.m = AutoModel.from_pretrained(name)
        """,
        "self.m",
    ),
    "a range of too many numbers": (
        """
        try:
            range(1, 2, 3, 4)
        except TypeError:
            self.m = AutoModel.from_pretrained(name)
        """,
        "self.m",
    ),
    "the first of two names": (
        "for k, m in zip(['a', 'b'], [AutoModel.from_pretrained(name)]): setattr(self, k, m)",
        "self.a",
    ),
    "map over names": (
        "list(map(lambda key: setattr(self, key, AutoModel.from_pretrained(name)), ['m']))",
        "self.m",
    ),
}


@pytest.mark.parametrize(("lines", "path"), WAYS_IN.values(), ids=WAYS_IN)
def test_ways_into_the_module(lines: str, path: str) -> None:
    assert found(module(lines)) == [f"HFM001 {path}"]


def test_a_tokenizer_class_by_name_is_no_model() -> None:
    lines = (
        "tokenizer_cls = getattr(transformers, flag)\nself.t = tokenizer_cls.from_pretrained(name)"
    )
    assert found(module(lines)) == []


UNSEEN_BASE = """
import tools
class Own(tools.Base, pl.LightningModule):
    def __init__(self, other):
        super().__init__()
        self.m = AutoModel.from_pretrained("x")
        {}
    def training_step(self, batch, batch_idx):
        return self.m(batch)
"""
DEFAULTS: dict[str, tuple[str, list[str]]] = {
    "asked once": ("if getattr(self, 'tuned', False): self.m.train()", ["HFM002 self.m"]),
    "asked twice": (
        """if getattr(self, "tuned", 0): self.m.train()
        if not getattr(self, "tuned", 0): self.m.train()""",
        [],
    ),
    "of two modules": (
        """if getattr(self, "tuned", 1) == 1: self.m.train()
        if getattr(self.m, "tuned", 1) != 1: self.m.train()""",
        ["HFM002 self.m"],
    ),
}


# The default is the model itself; what a base may have set is something else.
BOXES: dict[str, tuple[str, list[str]]] = {
    "of one": ("if {first} is self.m: self.m.train()", ["HFM002 self.m"]),
    "of one, twice": (
        """if {first} is self.m: self.m.train()
        if {first} is not self.m: self.m.train()""",
        [],
    ),
    "of two": (
        """if {first} is self.m: self.m.train()
        if {second} is not self.m: self.m.train()""",
        ["HFM002 self.m"],
    ),
}


@pytest.mark.parametrize(("lines", "findings"), BOXES.values(), ids=BOXES)
def test_a_default_of_objects_with_a_base_that_may_have_set_it(
    lines: str, findings: list[str]
) -> None:
    asked = {each: f"getattr({each}, 'tuned', self.m)" for each in ("first", "second")}
    program = UNSEEN_BASE.format("first, second = Box(), Box()\n        " + lines.format(**asked))
    assert found(module("pass") + program + "class Box(tools.Box): ...\n") == findings


@pytest.mark.parametrize(("lines", "findings"), DEFAULTS.values(), ids=DEFAULTS)
def test_a_default_where_a_base_may_have_set_it(lines: str, findings: list[str]) -> None:
    assert found(module("pass") + UNSEEN_BASE.format(lines)) == findings
