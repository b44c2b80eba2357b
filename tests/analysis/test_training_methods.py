"""Classes that are no modules and train some: ``Runner(…).run()``, whoever calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest

from hfmode_lint import Options, check_paths, check_source
from hfmode_lint.analysis.training_methods import training_methods

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import lightning as L
from transformers import AutoModel


class Lit(L.LightningModule):
    def __init__(self, model):
        super().__init__()
        self.m = model

    def training_step(self, batch, batch_idx):
        return self.m(batch)


class Runner:
    def __init__(self, name):
        self.model = AutoModel.from_pretrained(name)
        self.given = name
{}
"""
FITS = "L.Trainer().fit(Lit(self.model))"
SICK = ["HFM001"]
WELL: list[str] = []
CLASSES = {
    "a method": ("""
    def run(self):
        FITS
    """, SICK),
    "one that sets train mode": ("""
    def run(self):
        self.model.train()
        FITS
    """, WELL),
    "what it loads itself": ("""
    def run(self, name):
        self.model.train()
        L.Trainer().fit(Lit(AutoModel.from_pretrained(name)))
    """, SICK),
    "one that another one calls": ("""
    def run(self):
        self.model.train()
        self.fit()

    def fit(self):
        FITS
    """, WELL),
    "one that another one calls through a third": ("""
    def run(self):
        self.model.train()
        self.between()

    def between(self):
        self._fit()

    def _fit(self):
        FITS
    """, WELL),
    "one that another one hands over": ("""
    def run(self):
        self.model.train()
        call(self._fit)

    def _fit(self):
        FITS
    """, WELL),
    "two that call each other": ("""
    def run(self):
        self.fit()

    def fit(self):
        FITS
        self.run()
    """, WELL),
    "one that calls itself": ("""
    def run(self):
        FITS
        self.run()
    """, SICK),
    "of the class": ("""
    @classmethod
    def run(cls, name):
        L.Trainer().fit(Lit(AutoModel.from_pretrained(name)))
    """, SICK),
    "none": ("""
    def run(self):
        # FITS
        Lit(self.model)

Runner('x').run()
    """, WELL),
    "called by the file": ("""
    def run(self):
        FITS

Runner('x').run()
    """, SICK),
    "called by the file that sets train mode": ("""
    def run(self):
        FITS

runner = Runner('x')
runner.model.train()
runner.run()
    """, WELL),
    "called by a function that sets train mode": ("""
    def run(self):
        FITS

def main():
    runner = Runner('x')
    runner.model.train()
    runner.run()
    """, WELL),
}  # fmt: skip


@pytest.mark.parametrize(("methods", "expected"), CLASSES.values(), ids=CLASSES)
def test_what_a_class_trains(methods: str, expected: list[str]) -> None:
    program = PROGRAM.format(methods.replace("FITS", FITS).rstrip(" "))
    found = check_source(program, options=Options(lightning_version="2.2"))
    assert [each.code for each in found] == expected


def test_what_another_file_calls(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "runner.py").write_text(PROGRAM.format(f"    def run(self): {FITS}"))
    assert [each.code for each in check_paths([tmp_path])] == SICK
    (tmp_path / "main.py").write_text(
        "from runner import Runner\n\nrunner = Runner('x')\nrunner.model.train()\nrunner.run()\n"
    )
    assert check_paths([tmp_path]) == []


def test_methods_are_in_their_order() -> None:
    (cls,) = cst.parse_module(
        "class A:\n"
        "    def b(self): self.t.fit(self)\n"
        "    def a(self): self.t.fit(self)\n"
        "    def c(self): fit(self)\n"
        "    def d(self): self.t.fit\n"
    ).body
    assert isinstance(cls, cst.ClassDef)
    assert [each.name.value for each in training_methods(cls)] == ["b", "a"]
