"""What is known of each load, reported or not."""

from __future__ import annotations

from textwrap import dedent

import pytest

from hfmode_lint import Verdict
from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.parsing import parse
from hfmode_lint.analysis.verdicts import Reason
from tests.analysis.programs import module

LOADED = "self.m = AutoModel.from_pretrained(name)\n"

JUDGED = {
    "eval mode": (LOADED, Verdict.EVAL, Reason.TRAINS_IN_EVAL),
    "on some paths": (
        LOADED + "if flag:\n    self.m.train()",
        Verdict.EITHER,
        Reason.TRAINS_IN_EVAL,
    ),
    "train mode": (LOADED + "self.m.train()", Verdict.TRAIN, Reason.TRAIN),
    "frozen": (LOADED + "self.m.requires_grad_(False)", Verdict.EVAL, Reason.INTENDED),
    "frozen on some paths, trained on others": (
        LOADED + "if flag:\n    self.m.train()\nelse:\n    self.m.eval()",
        Verdict.EITHER,
        Reason.INTENDED,
    ),
    "handed over": (
        LOADED + "import tools\ntools.prepare(self.m)",
        Verdict.UNKNOWN,
        Reason.UNKNOWN,
    ),
    "no dropout in it": (
        "self.m = AutoModel.from_pretrained(name).lm_head",
        Verdict.EVAL,
        Reason.MODELESS,
    ),
    "no dropout in a part of an adapter's base": (
        """
        from peft import get_peft_model
        self.m = get_peft_model(AutoModel.from_pretrained(name), flag).lm_head
        """,
        Verdict.EVAL,
        Reason.MODELESS,
    ),
    "an adapter for inference": (
        """
        from peft import PeftModel
        self.m = PeftModel.from_pretrained(AutoModel.from_pretrained(name), name)
        """,
        Verdict.EVAL,
        Reason.INTENDED,
    ),
    "an adapter loaded later": (
        LOADED + "self.m.train()\nself.m.load_adapter('a')",
        Verdict.EVAL,
        Reason.BY_VERSION,
    ),
    "by the version of the library": (
        """
        from huggingface_hub import PyTorchModelHubMixin
        class Net(nn.Module, PyTorchModelHubMixin): ...
        self.m = Net.from_pretrained(name)
        """,
        Verdict.UNKNOWN,
        Reason.BY_VERSION,
    ),
}


@pytest.mark.parametrize(("lines", "verdict", "reason"), JUDGED.values(), ids=JUDGED)
def test_verdict_and_reason(lines: str, verdict: Verdict, reason: Reason) -> None:
    (loaded,) = analyse(parse(module(dedent(lines)))).loaded
    assert (loaded.verdict, loaded.reason) == (verdict, reason)


def test_one_load_under_two_paths_is_reported_once() -> None:
    lines = """
        for key in ("a", "b", "c"):
            model = AutoModel.from_pretrained(key)
            if key == "b":
                model.train()
            setattr(self, key, model)
    """
    loaded = analyse(parse(module(dedent(lines)))).loaded
    assert [each.reason for each in loaded] == [
        Reason.TRAINS_IN_EVAL,
        Reason.TRAIN,
        Reason.ELSEWHERE,
    ]
