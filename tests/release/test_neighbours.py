"""hfmode-lint beside the linters that its users have: each finds what it is there to find."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.programs import BUGGY, MESSAGE, PLACE
from tests.release.conftest import Environment

if TYPE_CHECKING:
    from pathlib import Path

# Something for each: a mutable default, an endless wait, an unsafe load, a model in eval mode.
PROGRAM = """\
import lightning as L
import torch
import trio
from transformers import AutoModel


class Tagger(L.LightningModule):
    def __init__(self, sizes=[]):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("x")
        self.weights = torch.load("weights.pt")

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).sum()


async def wait():
    with trio.fail_after(1):
        pass
"""
FOUND = {(8, "B006"), (10, "HFM001"), (11, "TOR102"), (18, "ASYNC100")}
SILENCED = BUGGY.replace('("x")', '("x")  # noqa: HFM001')
LOADING = """\
%matplotlib inline
import lightning as L
from transformers import AutoModel

encoder = AutoModel.from_pretrained("x")"""
HOLDING = """\
class Tagger(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = encoder

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).sum()"""
TRAINING = "!pip list\nL.Trainer().fit(Tagger())"
CELLS = (LOADING, HOLDING, TRAINING)


def notebook() -> str:
    """A notebook that loads in one cell what it holds in another and trains in a third."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"cell{number}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(CELLS, 1)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_flake8_with_other_plugins(neighbours: Environment, tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(PROGRAM)
    result = neighbours.run("flake8", "--isolated", "model.py", cwd=tmp_path)
    found = re.findall(r"^model\.py:(\d+):\d+: (\w+) ", result.stdout, re.MULTILINE)
    assert {(int(line), code) for line, code in found} >= FOUND, result.stdout + result.stderr
    assert result.stderr == ""


def test_ruff_keeps_a_noqa_with_an_external_code(neighbours: Environment, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    check = ("check", "--no-cache", "--select", "RUF100,RUF102", "--fix", "model.py")
    (tmp_path / "ruff.toml").write_text('[lint]\nexternal = ["HFM"]\n')
    file.write_text(SILENCED)
    kept = neighbours.run("ruff", *check, cwd=tmp_path)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert file.read_text() == SILENCED
    assert neighbours.run("hfmode-lint", "model.py", cwd=tmp_path).returncode == 0

    # Without the setting it would not stay: that is what the setting is for.
    (tmp_path / "ruff.toml").unlink()
    neighbours.run("ruff", "--isolated", *check, cwd=tmp_path)
    assert file.read_text() == BUGGY


def test_nbqa_runs_flake8_and_the_command(neighbours: Environment, tmp_path: Path) -> None:
    file = tmp_path / "train.ipynb"
    file.write_text(notebook())
    by_flake8 = neighbours.run("nbqa", "flake8", file.name, "--select", "HFM", cwd=tmp_path)
    by_command = neighbours.run(
        "nbqa", "hfmode_lint", file.name, "--output-format", "concise", cwd=tmp_path
    )
    for result in (by_flake8, by_command):
        assert result.returncode == 1, result.stdout + result.stderr
        assert "train.ipynb:cell_1:5:11: HFM001 self.encoder is loaded" in result.stdout

    fixed = neighbours.run("nbqa", "hfmode_lint", file.name, "--fix", cwd=tmp_path)
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    sources = ["".join(cell["source"]) for cell in json.loads(file.read_text())["cells"]]
    assert sources == [CELLS[0] + ".train()", *CELLS[1:]]


def test_flake8_nb(wheel: Path, tmp_path: Path) -> None:
    """It takes flake8 5, the oldest that is supported."""
    environment = Environment(tmp_path / "venv", wheel, "flake8-nb>=0.5.3")
    (tmp_path / "train.ipynb").write_text(notebook())
    (tmp_path / "model.py").write_text(BUGGY)
    result = environment.run("flake8_nb", "--select", "HFM", "train.ipynb", cwd=tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "train.ipynb#In[1]:5:11: HFM001 self.encoder is loaded" in result.stdout
    plain = environment.run("flake8", "--isolated", "model.py", cwd=tmp_path)
    assert plain.stdout == f"model.py:{PLACE}: {MESSAGE}\n"
