"""How a run is shown: one module a format, each with a function from reports to text."""

from __future__ import annotations

from hfmode_lint.output import as_json, concise, text

__all__ = ["as_json", "concise", "text"]
