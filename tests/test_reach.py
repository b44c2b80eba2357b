"""What is not worth running shows nothing: running it all the same changes no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths
from hfmode_lint.analysis.parsing import parse
from hfmode_lint.analysis.reach import Reach
from hfmode_lint.analysis.units import OneFile, Unit
from tests.test_projects import NAMES, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

EVERY_RULE = Options(select=("ALL",))


def everything(self: Reach, entries: Sequence[object], modules: Set[str]) -> set[object]:
    del self, modules
    return set(entries)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_shows_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = check_paths([PROJECTS / name], EVERY_RULE)
    monkeypatch.setattr(Reach, "worth_running", everything)
    assert check_paths([PROJECTS / name], EVERY_RULE) == found


def test_a_class_that_loads_and_switches_nothing_is_left_out() -> None:
    unit = Unit.of(parse(TWO_TASKS))
    entries = [(unit, "Loaded"), (unit, "Made"), (unit, "Held"), (unit, "held")]
    reach = Reach(OneFile(), [unit])
    assert reach.worth_running(entries, {"Loaded", "Made", "Held"}) == {
        (unit, "Loaded"),
        (unit, "Held"),
        (unit, "held"),
    }


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        ("self.model = AutoModel.from_pretrained('x')", True),
        ("self.tokenizer = AutoTokenizer.from_pretrained('x')", False),
        ("self.model = kind.from_pretrained('x')", True),
        ("self.model = Own.from_pretrained('x')", False),
        ("self.model = Extended.from_pretrained('x')", True),
        ("self.model = Task.from_pretrained('x')", False),
        ("self.model = getattr(kind, 'from_pretrained')('x')", True),
        ("self.model = getattr(kind, name)('x')", False),
        ("self.model = make({'_target_': 'transformers.AutoModel.from_pretrained'})", True),
        ("self.model = MODEL", True),
        ("self.model = self.from_pretrained('x')", False),
        ("self = kind; self.model = self.from_pretrained('x')", True),
        ("def load(self, cls): return cls.from_pretrained('x')", True),
        ("self.model = eval('Net')()", True),
        ("self.model = globals()['Net']()", True),
        ("self.model = getattr(sys.modules[__name__], 'Net')()", True),
        ("self.model = make('__main__.Net')", True),
        ("self.model.train()", False),
        ("self.model.train(False)", True),
        ("self.model.eval()", True),
        ("self.model.apply(nn.Module.eval)", True),
        ("self.model = SentenceTransformer('x')", True),
    ],
)
def test_what_shows(body: str, shows: bool) -> None:  # noqa: FBT001 - a column of the table
    unit = Unit.of(parse(ONE_TASK.format(body=body)))
    worth = Reach(OneFile(), [unit]).worth_running([(unit, "Task")], {"Task"})
    assert bool(worth) is shows


ONE_TASK = """\
import lightning as L
from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel
from sentence_transformers import SentenceTransformer

MODEL = AutoModel.from_pretrained("x")


class Net(nn.Module):
    model = AutoModel.from_pretrained("x")


class Own(nn.Module):
    @classmethod
    def from_pretrained(cls, name):
        return cls()


class Extended(PreTrainedModel):
    pass


class Task(L.LightningModule):
    def __init__(self, kind, name):
        {body}
"""

TWO_TASKS = """\
import lightning as L
from torch import nn
from transformers import AutoModel


def load():
    return AutoModel.from_pretrained("x")


class Loaded(L.LightningModule):
    def __init__(self):
        self.model = load()
        self.inner = Held()


class Made(L.LightningModule):
    def __init__(self):
        self.model = nn.Linear(1, 1)


class Held(L.LightningModule):
    pass


def held():
    return Held()
"""
