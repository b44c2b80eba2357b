"""What the recorder does with programs from which nothing can be learned."""

from __future__ import annotations

import pytest

from tests.runtime.recorder import TIME_LIMIT, NotRecorded, record

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
