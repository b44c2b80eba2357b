"""The rules, one file each, in the order of their codes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from hfmode_lint.rules import (
    hfm000_unparsable,
    hfm001_eval_mode,
    hfm002_eval_mode_on_some_paths,
    hfm003_mode_not_called,
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
        )
    }
)
