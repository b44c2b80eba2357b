"""The rules, one file each, in the order of their codes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from hfmode_lint.rules import (
    hfm000_unparsable,
    hfm001_eval_mode,
    hfm002_eval_mode_on_some_paths,
    hfm003_mode_not_called,
    hfm004_explicit_eval,
    hfm005_frozen_in_train_mode,
    hfm006_left_in_eval,
    hfm007_recurrent_in_eval,
    hfm008_no_mode_assertion,
    hfm009_held_in_eval_mode,
    hfm010_unused_noqa,
    hfm101_torch_loop,
    hfm102_fabric_loop,
    hfm103_accelerate_loop,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfmode_lint.rules.base import Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.code: rule
        for rule in (
            hfm000_unparsable.RULE,
            hfm001_eval_mode.RULE,
            hfm002_eval_mode_on_some_paths.RULE,
            hfm003_mode_not_called.RULE,
            hfm004_explicit_eval.RULE,
            hfm005_frozen_in_train_mode.RULE,
            hfm006_left_in_eval.RULE,
            hfm007_recurrent_in_eval.RULE,
            hfm008_no_mode_assertion.RULE,
            hfm009_held_in_eval_mode.RULE,
            hfm010_unused_noqa.RULE,
            hfm101_torch_loop.RULE,
            hfm102_fabric_loop.RULE,
            hfm103_accelerate_loop.RULE,
        )
    }
)
