"""Which files may matter, asked of their bytes: what is turned down here is never parsed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.relevance import (
    may_ever_matter,
    may_have_noqa,
    may_matter,
    may_matter_in_project,
    names_mode_method,
)
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAMS = Path(__file__).resolve().parent.parent / "fixtures"
FUNCTIONS: dict[str, Callable[[bytes], bool]] = {
    "alone": may_matter,
    "in a project": may_matter_in_project,
    "ever": may_ever_matter,
    "names a mode method": names_mode_method,
    "noqa": may_have_noqa,
}
EVER = {"ever"}
PROJECT = {"in a project", "ever"}
ALL_RULES = {"alone", "in a project", "ever"}
NAMED = {*ALL_RULES, "names a mode method"}
# Each with the questions that are answered with yes.
FILES: dict[bytes, set[str]] = {
    b"": set(),
    b"x = 1": set(),
    # Loaders.
    b"m.from_pretrained(x)": PROJECT,
    b"SentenceTransformer(x)": PROJECT,
    b"CrossEncoder(x)": PROJECT,
    b"pipeline(x)": PROJECT,
    b"pipelines": set(),
    b"import lightning; m.from_pretrained(x)": ALL_RULES,
    b"LightningModule; m.from_pretrained(x)": ALL_RULES,
    b"import lightning": set(),
    b"m.from_pretrained(x).backward()": PROJECT,
    # Calls of mode methods, in what may be a hook.
    b"def forward(self): self.m.eval()": PROJECT,
    b"def  on_fit_start (self): self.m. train ( False )": PROJECT,
    b"def training_step(self): self.m.train(mode)": PROJECT,
    b"def forward(self): self.m.train()": set(),
    b"def forward(self): self.m.training": set(),
    b"def forward(self): pass": set(),
    b"def step(self): self.m.eval()": set(),
    b"self.m.eval()": set(),
    # Mode methods that are not called.
    b"import torch\nm.train": NAMED,
    b"import torch\nm.eval\n": NAMED,
    b"import torch\r\nm.eval\r\n": NAMED,
    b"lightning; m.eval; x": NAMED,
    b"transformers\n(m. train) # why": NAMED,
    b"diffusers\nm.eval \\\n": NAMED,
    b"import torch\nm.eval()": set(),
    b"import torch\nm.evaluate\n": set(),
    b"import torch\nm.x\n": set(),
    b"m.eval\n": set(),
    # Objects that are made of a description.
    b"instantiate(x)": EVER,
    b"install": set(),
    # Comments that hide findings.
    b"x  # noqa: HFM001": {"ever", "noqa"},
    b"x  # NoQA: HFM": {"ever", "noqa"},
    b"x  # NOQA: HFM002": {"ever", "noqa"},
    b"x  # noqa: E501": set(),
    b"x  # noqa: hfm001": set(),
    b"HFM001": set(),
}
# In the strings of a notebook a line ends with an escape or the string.
NOTEBOOKS: dict[bytes, set[str]] = {
    b'["import torch\\n", "m.train"]': NAMED,
    b'["import torch\\n", "m.train\\n"]': NAMED,
    b'["import torch\\n", "m.train # why"]': NAMED,
    b'["import torch\\n", "m.train()"]': set(),
    b'["import torch"]\nm.train\n': set(),
    b'["m.train"]': set(),
}


@pytest.mark.parametrize("data", FILES)
def test_what_may_matter(data: bytes) -> None:
    assert {name for name, ask in FUNCTIONS.items() if ask(data)} == FILES[data]


@pytest.mark.parametrize("data", NOTEBOOKS)
def test_what_may_matter_in_a_notebook(data: bytes) -> None:
    answers = {
        "alone": may_matter(data, in_json=True),
        "in a project": may_matter_in_project(data, in_json=True),
        "ever": may_ever_matter(data, in_json=True),
        "names a mode method": names_mode_method(data, in_json=True),
    }
    assert {name for name, answer in answers.items() if answer} == NOTEBOOKS[data]


def test_a_training_loop_alone_matters_where_its_rules_are_on() -> None:
    loop = b"m = A.from_pretrained(x)\nm(y).backward()\n"
    assert may_matter(loop, loops=True)
    assert not may_matter(loop)
    assert not may_matter(b"m = A.from_pretrained(x)\n", loops=True)
    assert not may_matter(b"m(y).backward()\n", loops=True)


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*/*.py")), ids=lambda path: path.stem)
def test_a_file_with_findings_is_relevant(path: Path) -> None:
    if path.with_suffix(".expected.json").read_text().strip() != "[]":
        rule = RULES.get(path.parent.name.upper())
        assert may_matter(path.read_bytes(), loops=rule is not None and rule.about_loops)
