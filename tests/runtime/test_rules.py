"""What each rule says of its own examples is what happens when they run."""

from __future__ import annotations

import pytest

from hfmode_lint import Options, check_source, fix_source
from hfmode_lint.rules import RULES
from tests.runtime.recorder import NotRecorded, State, record

OPTIMIZER = """
    def configure_optimizers(self):
        import torch

        return torch.optim.SGD(self.parameters(), lr=0.1)
"""

# What must hold of the module at the first and at the second epoch.
CLAIMS = {
    "HFM001": (State("eval", trainable=True), State("eval", trainable=True)),
    "HFM002": (State("eval", trainable=True), State("eval", trainable=True)),
    "HFM004": (State("eval", trainable=True), State("eval", trainable=True)),
    "HFM005": (State("train", trainable=False), State("train", trainable=False)),
    "HFM006": (State("train", trainable=True), State("eval", trainable=True)),
    # On CPU the mode is the fact: the backward pass raises with cuDNN alone.
    "HFM007": (State("eval", trainable=True), State("eval", trainable=True)),
}


@pytest.mark.parametrize("code", CLAIMS)
def test_the_failing_example_does_what_the_rule_says(code: str) -> None:
    source = RULES[code].failing
    (finding,) = check_source(source, options=Options(select=(code,)))
    assert finding.module_path is not None
    shown = [
        (run.first[finding.module_path], run.second[finding.module_path])
        for run in record(source + OPTIMIZER, "failing.py")
    ]
    assert CLAIMS[code] in shown
    if code != "HFM002":
        assert set(shown) == {CLAIMS[code]}


@pytest.mark.parametrize("code", CLAIMS)
def test_the_passing_example_does_not(code: str) -> None:
    (finding,) = check_source(RULES[code].failing, options=Options(select=(code,)))
    assert finding.module_path is not None
    shown = {
        (run.first[finding.module_path], run.second[finding.module_path])
        for run in record(RULES[code].passing + OPTIMIZER, "passing.py")
    }
    assert CLAIMS[code] not in shown


def test_the_assertion_that_is_added_holds_and_stops_a_run_in_eval_mode() -> None:
    options = Options(select=("HFM008",), unsafe_fixes=True)
    fixed = fix_source(RULES["HFM008"].failing, options=options).source + OPTIMIZER
    assert "assert self.encoder.training" in fixed
    assert record(fixed, "fixed.py")
    broken = fixed.replace(".train()", "")
    with pytest.raises(NotRecorded, match="every way through it raises"):
        record(broken, "broken.py")
