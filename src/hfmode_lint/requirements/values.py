"""What TOML and YAML give: values that should have a type, and may have any."""

from __future__ import annotations

from typing import Any


def table(value: object) -> dict[str, Any]:
    """A value that should be a table; empty where it is none."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[dict[str, Any]]:
    """The tables of a value that should be a list of them."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def strings(value: object) -> list[str]:
    """The strings of a value that should be a list of them."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
