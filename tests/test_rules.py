"""Each rule's own examples: the first program has a finding of the rule, the second has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_source
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from hfmode_lint.rules.base import Rule


def code_of(rule: Rule) -> str:
    return rule.code


@pytest.mark.parametrize("rule", RULES.values(), ids=code_of)
def test_examples(rule: Rule) -> None:
    options = Options(extend_select=(rule.code,))
    assert [f.code for f in check_source(rule.failing, options=options)] == [rule.code]
    found = check_source(rule.passing, options=options)
    assert not [finding for finding in found if finding.code == rule.code]
    if rule.default:
        assert found == []


def test_codes_are_in_order_and_names_are_unique() -> None:
    assert list(RULES) == sorted(RULES)
    assert len({rule.name for rule in RULES.values()}) == len(RULES)
