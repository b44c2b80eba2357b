"""Training loops over several files, and which files are looked at at all."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source
from hfmode_lint.relevance import may_matter
from tests.programs import BUGGY

if TYPE_CHECKING:
    from pathlib import Path

LOOPS = Options(select=("HFM1",))
FILES = {
    "pyproject.toml": "",
    "main.py": (
        "import torch\nfrom engine import train_epoch\nfrom models import build\n\n\n"
        "def main(batches):\n    model = build()\n    {before}\n"
        "    optimizer = torch.optim.AdamW(model.parameters())\n"
        "    train_epoch(model, batches, optimizer)\n"
    ),
    "engine.py": (
        "def train_epoch(model, batches, optimizer):\n    for batch in batches:\n"
        "        model(batch).loss.backward()\n        optimizer.step()\n"
    ),
    "models.py": (
        "from transformers import AutoModel\n\n\n"
        "def build():\n    return AutoModel.from_pretrained('x')\n"
    ),
    "trainer.py": (
        "import torch\nfrom models import build\n\n\nclass Trainer:\n    def __init__(self):\n"
        "        self.model = build()\n"
        "        self.optimizer = torch.optim.AdamW(self.model.parameters())\n\n"
        "    def step(self, batch):\n        self.model(batch).loss.backward()\n"
        "        self.optimizer.step()\n"
    ),
    "use.py": (
        "from trainer import Trainer\n\n\ndef main(batches):\n    trainer = Trainer()\n"
        "    trainer.model.train()\n    for batch in batches:\n        trainer.step(batch)\n"
    ),
}


def write(folder: Path, *names: str, before: str = "pass") -> None:
    for name in ("pyproject.toml", *names):
        text = FILES[name]
        (folder / name).write_text(text.replace("{before}", before), encoding="utf-8")


def shown(folder: Path, options: Options = LOOPS) -> list[str]:
    return [
        f"{each.filename.rpartition('/')[2]}:{each.start.line} {each.code} {each.module_path}"
        for each in check_paths([folder], options)
    ]


MAIN = ("main.py", "engine.py", "models.py")


def test_a_loop_over_three_files(tmp_path: Path) -> None:
    write(tmp_path, *MAIN)
    assert shown(tmp_path) == ["models.py:5 HFM101 model"]
    (finding,) = check_paths([tmp_path / "models.py"], LOOPS)
    assert [each.filename.rpartition("/")[2] for each in finding.related] == ["main.py"]
    assert check_paths([tmp_path / "main.py", tmp_path / "engine.py"], LOOPS) == []


def test_the_twin_that_sets_train_mode(tmp_path: Path) -> None:
    write(tmp_path, *MAIN, before="model.train()")
    assert shown(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "expected"), [("pass", ["models.py:5 HFM101 model"]), ("model.train()", [])]
)
def test_what_is_imported_where_it_is_needed(
    tmp_path: Path, before: str, expected: list[str]
) -> None:
    write(tmp_path, *MAIN, before=before)
    main = tmp_path / "main.py"
    text = main.read_text(encoding="utf-8")
    for line in ("from engine import train_epoch\n", "from models import build\n"):
        text = text.replace(line, "").replace("(batches):\n", f"(batches):\n    {line}")
    main.write_text(text, encoding="utf-8")
    assert shown(tmp_path) == expected


def test_each_load_is_reported_in_its_own_file(tmp_path: Path) -> None:
    own = "from transformers import AutoModel; other = AutoModel.from_pretrained('y')"
    write(tmp_path, *MAIN, before=own)
    assert shown(tmp_path) == ["models.py:5 HFM101 model"]


def test_each_script_is_run_by_itself(tmp_path: Path) -> None:
    script = (
        "import torch\nfrom transformers import AutoModel\nfrom engine import train_epoch\n\n"
        "model = AutoModel.from_pretrained('x')\n"
        "train_epoch(model, range(9), torch.optim.AdamW(model.parameters()))\n"
    )
    write(tmp_path, "engine.py")
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(script, encoding="utf-8")
    assert shown(tmp_path) == ["one.py:5 HFM101 model", "two.py:5 HFM101 model"]


def test_nothing_is_said_while_the_rules_are_off(tmp_path: Path) -> None:
    write(tmp_path, *MAIN)
    assert shown(tmp_path, Options()) == []
    assert shown(tmp_path, Options(select=("HFM",))) == []
    assert shown(tmp_path, Options(project=False, select=("HFM1",))) == []


def test_a_trainer_that_another_file_uses(tmp_path: Path) -> None:
    write(tmp_path, "trainer.py", "models.py")
    assert shown(tmp_path) == ["models.py:5 HFM101 self.model"]
    write(tmp_path, "use.py")
    assert shown(tmp_path) == []


@pytest.mark.parametrize("selected", ["HFM101", "HFM1"])
def test_flake8_sees_the_same(tmp_path: Path, selected: str) -> None:
    write(tmp_path, *MAIN)
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", selected, "."]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.stdout.decode().startswith("./models.py:5:12: HFM101 model is loaded in eval")
    assert len(result.stdout.splitlines()) == 1


def test_which_files_can_matter() -> None:
    loop = b"m = A.from_pretrained(x)\nm(y).backward()\n"
    assert not may_matter(loop)
    assert may_matter(loop, loops=True)
    assert not may_matter(b"m(y).backward()\n", loops=True)
    assert not may_matter(b"m = A.from_pretrained(x)\n", loops=True)
    assert may_matter(BUGGY.encode(), loops=True)


def test_a_lightning_module_keeps_its_findings() -> None:
    both = Options(extend_select=("HFM1",))
    assert check_source(BUGGY, options=both) == check_source(BUGGY)
    assert check_source(BUGGY, options=LOOPS) == []
