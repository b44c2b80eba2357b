"""What the recorder does with programs from which nothing can be learned."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.runtime.program import programs_of
from tests.runtime.recorder import TIME_LIMIT, NotRecorded, record, record_project

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import lightning.pytorch as pl
import torch
from torch import nn
from transformers import AutoModel
"""
TASK = f"""\
{HEAD}
class Task(pl.LightningModule):
    def __init__(self, name):
        super().__init__()
        {{body}}

    def training_step(self, batch, batch_idx):
        return self.m(batch).sum()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)
"""


def reason_for(body: str, *, time_limit: int = TIME_LIMIT) -> str:
    with pytest.raises(NotRecorded) as caught:
        record(TASK.format(body=body), "program.py", time_limit=time_limit)
    return str(caught.value)


def test_a_program_that_raises_gives_the_error() -> None:
    assert reason_for("self.m = nn.Linear(1 / 0, 2)") == "ZeroDivisionError: division by zero"


def test_a_program_that_hangs_is_stopped() -> None:
    reason = reason_for("import time; time.sleep(60)", time_limit=2)
    assert reason == "it took more than 2 s"


def test_a_program_that_exits_is_no_run() -> None:
    assert reason_for("raise SystemExit(3)").endswith("every way through it raises")


def test_a_program_that_wants_the_hub_fails() -> None:
    call = "hf_hub_download('a/b', 'c')"
    body = f"from huggingface_hub import hf_hub_download; {call}"
    assert "on the hub" in reason_for(body).lower()


def test_a_program_that_trains_nothing_is_no_run() -> None:
    with pytest.raises(NotRecorded, match="it trains nothing"):
        record(HEAD, "program.py")


def test_a_flag_is_run_both_ways() -> None:
    source = TASK.format(
        body="self.m = AutoModel.from_pretrained(name)\n        if name.large:\n"
        "            self.m.train()"
    )
    shown = {dict(run.choices)["name.large"]: run.loads[0].first for run in record(source, "p.py")}
    assert shown == {True: "train", False: "eval"}


def test_a_copy_keeps_its_origin_and_a_new_head_has_none() -> None:
    source = TASK.format(
        body="import copy\n        self.m = copy.deepcopy(AutoModel.from_pretrained(name))\n"
        "        self.m.pooler = nn.Dropout(0.1)"
    )
    loads = {load for run in record(source, "p.py") for load in run.loads}
    assert {(load.line, load.path, load.first) for load in loads} == {(10, "self.m", "eval")}


# Projects

LIT = TASK.format(body="self.m = build(name)").replace(
    "import torch\n", "import torch\nfrom net import build\n"
)
NET = """\
from transformers import AutoModel


def build(name):
    return AutoModel.from_pretrained(name)
"""
SCRIPT = """\
import lightning.pytorch as pl
from lit import Task

pl.Trainer().fit(Task("bert-base-uncased"))
"""


def project(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def modes(root: Path) -> set[tuple[str, str, int, str]]:
    """The program, the file and line of the loader call, and the mode."""
    return {
        (run.program, load.file, load.line, load.first)
        for run in record_project(root)
        for load in run.loads
    }


def test_the_class_of_a_project_without_a_script_is_trained(tmp_path: Path) -> None:
    root = project(tmp_path, {"lit.py": LIT, "net.py": NET})
    assert modes(root) == {("lit.py", "net.py", 5, "eval")}


def test_a_project_leaves_no_module_behind(tmp_path: Path) -> None:
    first = project(tmp_path / "a", {"lit.py": LIT, "net.py": NET})
    second = project(
        tmp_path / "b", {"lit.py": LIT, "net.py": NET.replace("name)\n", "name).train()\n")}
    )
    before = set(sys.path)
    assert modes(first) == {("lit.py", "net.py", 5, "eval")}
    assert modes(second) == {("lit.py", "net.py", 5, "train")}
    assert not {"lit", "net"} & sys.modules.keys()
    assert set(sys.path) == before


def test_every_program_of_a_project_is_run_and_what_trains_nothing_shows_nothing(
    tmp_path: Path,
) -> None:
    trained = SCRIPT.replace('Task("bert-base-uncased")', 'Task("bert-base-uncased").train()')
    files = {"lit.py": LIT, "net.py": NET, "as_it_is.py": SCRIPT, "trained.py": trained}
    root = project(tmp_path, {**files, "show.py": "import lit\n"})
    assert [each.short_name(each.filename) for each in programs_of(root)] == [
        "as_it_is.py",
        "show.py",
        "trained.py",
    ]
    assert modes(root) == {
        ("as_it_is.py", "net.py", 5, "eval"),
        ("trained.py", "net.py", 5, "train"),
    }


def test_a_base_in_another_file_is_not_trained_by_itself(tmp_path: Path) -> None:
    sub = "from pkg.lit import Task\n\n\nclass Sub(Task):\n    def __init__(self, name):\n"
    sub += "        super().__init__(name)\n        self.m.train()\n"
    base = LIT.replace("from net", "from .net")
    files = {"pkg/__init__.py": "", "pkg/lit.py": base, "pkg/net.py": NET, "src/sub.py": sub}
    assert modes(project(tmp_path, files)) == {("src/sub.py", "pkg/net.py", 5, "train")}


def test_a_program_in_a_package_may_import_its_neighbours(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "from .lit import Task\n", "pkg/net.py": NET}
    files["pkg/lit.py"] = LIT.replace("from net", "from .net")
    assert modes(project(tmp_path, files)) == {("pkg/lit.py", "pkg/net.py", 5, "eval")}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"lit.py": LIT, "net.py": NET + "1 / 0\n"}, "lit.py: ZeroDivisionError: division by zero"),
        ({"lit.py": LIT, "net.py": "def build(\n"}, "lit.py: SyntaxError: .*net.py, line 1"),
        ({"lit.py": LIT, "net.py": "import lit\n" + NET}, "it trains nothing"),
        ({"net.py": NET}, "it trains nothing"),
        ({"run.py": "import argparse\nraise SystemExit\n"}, "run.py: every way through it raises"),
    ],
)
def test_a_project_that_can_not_run_is_refused(
    files: dict[str, str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(NotRecorded, match=reason):
        record_project(project(tmp_path, files))
