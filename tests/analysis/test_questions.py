"""Tests that a program writes twice: where they can't both fail, no path has neither."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found

PROGRAM = """
import argparse, enum, os, re, torch
from pathlib import Path
import lightning as L
from transformers import AutoModel

class Kind(enum.Enum):
    A = 1

GLOBAL = os.environ.get("X")
args = argparse.ArgumentParser().parse_args()

class Task(L.LightningModule):
    def __init__(self, flag, other, **options):
        super().__init__()
        self.save_hyperparameters()
        self.flag = flag
        self.m = AutoModel.from_pretrained("x")
        if {}:
            self.m.train()
        if {}:
            self.m.train()

    def _is_large(self):
        return self.flag > 3

    @property
    def depth(self):
        return self.flag.depth

    def training_step(self, batch, batch_idx):
        return self.m(batch).loss
"""
OPPOSITE = [
    ("flag > 2", "flag <= 2"),
    ("flag >= 2", "flag < 2"),
    ("flag > 0", "flag < 1"),
    ("0 < flag", "1 > flag"),
    ("flag > 0.5", "flag <= 0.5"),
    ("flag > 2", "flag < 8"),
    ("flag > other", "other >= flag"),
    ("flag < other", "other <= flag"),
    ("-flag > 1", "-flag <= 1"),
    ("1 < flag < 3", "not 1 < flag < 3"),
    ("1 < flag < 3", "flag <= 1 or flag >= 3"),
    ("flag == 2", "flag != 2"),
    ("flag % 2", "not flag % 2"),
    ("flag and other", "not flag or not other"),
    ("flag or other", "not flag and not other"),
    ("flag.x > 3 and flag.y", "not flag.y or flag.x <= 3"),
    ("flag is not None and flag > 2", "flag is None or flag <= 2"),
    ("flag is other", "flag is not other"),
    ("flag in ('a', 'b')", "flag not in ('a', 'b')"),
    ("isinstance(flag, str)", "not isinstance(flag, str)"),
    ("type(flag) is str", "type(flag) is not str"),
    ("callable(flag)", "not callable(flag)"),
    ("flag == Kind.A", "flag != Kind.A"),
    ("flag is Kind.A", "flag is not Kind.A"),
    ("f'{flag}-a' == 'a'", "f'{flag}-a' != 'a'"),
    ("flag[0] == 'a'", "flag[0] != 'a'"),
    ("flag[:2] == 'ab'", "flag[:2] != 'ab'"),
    ("flag[other]", "not flag[other]"),
    ("flag['x']", "not flag.x"),
    ("flag.get('x')", "not flag['x']"),
    ("options['x']", "not options['x']"),
    ("'x' in options", "'x' not in options"),
    ("self.hparams['flag']", "not self.hparams.flag"),
    ("self.hparams.get('flag')", "not flag"),
    ("hasattr(flag, 'a')", "not hasattr(flag, 'a')"),
    ("getattr(flag, 'a', 1)", "not getattr(flag, 'a', 1)"),
    ("len(flag) > 2", "len(flag) <= 2"),
    ("max(flag, 2) > 3", "max(flag, 2) <= 3"),
    ("'a' in flag.split('-')", "'a' not in flag.split('-')"),
    ("re.match('a', flag)", "not re.match('a', flag)"),
    ("Path(flag).exists()", "not Path(flag).exists()"),
    ("torch.cuda.is_available()", "not torch.cuda.is_available()"),
    ("self._is_large()", "not self._is_large()"),
    ("self.depth", "not self.depth"),
    ("args.flag", "not args.flag"),
    ("GLOBAL", "not GLOBAL"),
]
# Neither may be true.
DIFFERENT = [
    ("flag > 2", "flag < 2"),
    ("flag > 2.5", "flag < 2.5"),
    ("flag < 2", "flag > 8"),
    ("flag[0]", "not flag[1]"),
    ("flag[:1]", "not flag[:2]"),
    ("flag.x", "not flag.y"),
    ("flag.get('x')", "not flag.get('y')"),
    ("options['x']", "not options['y']"),
    ("flag and other", "not flag and not other"),
    ("flag", "not other"),
    ("flag is not None", "flag"),
    ("flag is None", "not flag"),
    ("flag is None", "other"),
    ("f'{flag}'", "not f'{other}'"),
    ("f'{flag:2}'", "not f'{flag:2}'"),
    ("len(flag) > 2", "len(other) <= 2"),
    ("1 < flag < 3", "flag <= 1"),
]


@pytest.mark.parametrize(("first", "second"), OPPOSITE)
def test_what_can_not_both_fail(first: str, second: str) -> None:
    assert found(PROGRAM.format(first, second)) == []
    assert found(PROGRAM.format(second, first)) == []


# Nobody gives an empty path: what is not None is true.
GIVEN = [
    ("flag is None", "flag"),
    ("flag is not None", "not flag"),
    ("flag is not None", "not bool(flag)"),
    ("flag.x is None", "flag['x']"),
]


@pytest.mark.parametrize(("first", "second"), GIVEN)
def test_whether_something_is_given(first: str, second: str) -> None:
    assert found(PROGRAM.format(first, second)) == []


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_what_can_both_fail(first: str, second: str) -> None:
    assert found(PROGRAM.format(first, second)) == ["HFM002 self.m"]
    assert found(PROGRAM.format(second, first)) == ["HFM002 self.m"]
