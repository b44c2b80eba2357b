"""The rules, one file each, in the order of their codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfmode_lint.rules.base import Rule

# What the engine itself reports.
UNPARSABLE = "HFM000"
UNUSED_NOQA = "HFM010"

_MODULES = (
    "hfm000_unparsable",
    "hfm001_eval_mode",
    "hfm002_eval_mode_on_some_paths",
    "hfm003_mode_not_called",
    "hfm004_explicit_eval",
    "hfm005_frozen_in_train_mode",
    "hfm006_left_in_eval",
    "hfm007_recurrent_in_eval",
    "hfm008_no_mode_assertion",
    "hfm009_held_in_eval_mode",
    "hfm010_unused_noqa",
    "hfm101_torch_loop",
    "hfm102_fabric_loop",
    "hfm103_accelerate_loop",
)


class _Rules(Mapping[str, "Rule"]):
    """The rules by their codes, imported once somebody asks: most runs are over before that."""

    @cached_property
    def _by_code(self) -> Mapping[str, Rule]:
        rules = (import_module(f"{__name__}.{name}").RULE for name in _MODULES)
        return {rule.code: rule for rule in rules}

    def __getitem__(self, code: str) -> Rule:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)


RULES: Mapping[str, Rule] = _Rules()
