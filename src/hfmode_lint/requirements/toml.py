"""TOML files that may name Lightning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfmode_lint.config import parse_toml

if TYPE_CHECKING:
    from hfmode_lint.requirements.gathered import Gathered


def read_tables(path: str, gathered: Gathered) -> dict[str, Any]:
    """The content of a file that may name Lightning; empty for all others."""
    text = gathered.telling_text_of(path)
    if text is None:
        return {}
    try:
        return parse_toml(text)
    except ValueError as error:
        gathered.ignore(path, error)
        return {}
