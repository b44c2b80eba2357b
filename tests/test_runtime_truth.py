"""What the real libraries did decides what must be reported; fixtures/runtime/ has the records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict, cast

import pytest

from hfmode_lint import check_source

RECORDS = Path(__file__).parent.parent / "fixtures" / "runtime" / "cases.jsonl"
MODEL_RULES = {"HFM001", "HFM002"}
ROOT = ""

Mode = str | dict[str, int]


class Case(TypedDict):
    """One program, and the modes of the module and its children as they were recorded."""

    name: str
    source: str
    first_step: dict[str, Mode]
    second_epoch: dict[str, Mode]


_EVAL_IS_EXPLICIT = "an explicit .eval() or .train(False) says that eval mode is meant"
_NO_LOADER = "no loader is concerned: the program itself put a layer of torch in eval mode"
_BY_VERSION = "another version of the library does otherwise (measured with transformers 4's)"
_FROZEN = "peft freezes what it loads without is_trainable=True, so eval mode is meant"
_TRAIN_OVERRIDE = "a train() override that forces eval mode says that it is meant"
_LATER_IN_STEP = "the mode was recorded before training_step's first line, which sets train mode"

# Cases in which something is in eval mode at the first step, and rightly nothing is said.
SILENT_THOUGH_EVAL = {
    "forward.noval": _LATER_IN_STEP,
    "forward.val": _LATER_IN_STEP,
    "lit_hubmixin_from_pretrained": _BY_VERSION,
    "on_validation_model_train_frozen_teacher": _EVAL_IS_EXPLICIT,
    "override_train_call.noval": _TRAIN_OVERRIDE,
    "override_train_call.val": _TRAIN_OVERRIDE,
    "override_train_freeze.noval": _TRAIN_OVERRIDE,
    "override_train_freeze.val": _TRAIN_OVERRIDE,
    "peft_auto": _FROZEN,
    "peft_from_pretrained": _FROZEN,
    "peft_from_pretrained_trainbase": _FROZEN,
    "peft_load_adapter_method": _BY_VERSION,
    "st_encode_after_train": "encode() set eval mode again, and is the only use of the model",
    "training_step_first.noval": _LATER_IN_STEP,
    "training_step_first.val": _LATER_IN_STEP,
    "training_step_selftrain.val": _LATER_IN_STEP,
    "user_eval_before_fit.val": _EVAL_IS_EXPLICIT,
    "warn_frozen_teacher": "the model is frozen by requires_grad_(False)",
    "warn_single_dropout_eval": _NO_LOADER,
    "x_eval_chain": _EVAL_IS_EXPLICIT,
    "x_parametrize_weightnorm": _NO_LOADER,
    "x_train_false": _EVAL_IS_EXPLICIT,
    "x_train_then_eval": _EVAL_IS_EXPLICIT,
    "x_with_eval_mode_head": _NO_LOADER,
}

# Cases that are eval on some paths only, although the one run that was recorded took one path.
ON_SOME_PATHS = {
    "basefinetuning.val": "the callback freezes the model first and unfreezes it in a later epoch",
    "fit_twice_train_between.noval": "the program fits twice, with .train() before the second time",
    "fit_twice_train_between.val": "the program fits twice, with .train() before the second time",
}

CASES = [
    cast("Case", json.loads(line)) for line in RECORDS.read_text(encoding="utf-8").splitlines()
]


def in_eval(modes: dict[str, Mode]) -> set[str]:
    """The children with anything in eval mode; the root stands for a child that it alone shows."""
    return {name for name, mode in modes.items() if name != ROOT and mode != "train"}


def expected_codes(case: Case) -> set[str]:
    if case["name"] in SILENT_THOUGH_EVAL or not in_eval(case["first_step"]):
        return set()
    return {"HFM002"} if case["name"] in ON_SOME_PATHS else {"HFM001"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_analysis_agrees_with_the_run(case: Case) -> None:
    findings = [f for f in check_source(case["source"]) if f.code in MODEL_RULES]
    assert {finding.code for finding in findings} == expected_codes(case)
    eval_children = in_eval(case["first_step"])
    for finding in findings:
        child = (finding.module_path or "").removeprefix("self").strip(".").partition(".")[0]
        assert child in eval_children or (child == ROOT and case["first_step"][ROOT] == "eval")


def test_what_is_reported_for_a_lost_epoch_is_train_later() -> None:
    """Where a program is reported and yet trains in the second epoch, a late hook is the cause."""
    late = {
        case["name"] for case in CASES if expected_codes(case) and not in_eval(case["second_epoch"])
    }
    assert late == {
        "on_train_epoch_end.noval",
        "on_validation_model_train_train_nosanity",
    }


def test_every_exception_is_a_case_that_needs_it() -> None:
    eval_cases = {case["name"] for case in CASES if in_eval(case["first_step"])}
    assert eval_cases >= SILENT_THOUGH_EVAL.keys() | ON_SOME_PATHS.keys()
    assert not SILENT_THOUGH_EVAL.keys() & ON_SOME_PATHS.keys()


def test_there_are_records_of_both_kinds() -> None:
    reported = sum(bool(expected_codes(case)) for case in CASES)
    assert len(CASES) > 200
    assert reported > 90
    assert len(CASES) - reported > 60
