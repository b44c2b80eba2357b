"""Summaries for programs: trees of objects, in a shape that stays the same within a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfmode_lint.output.as_json import dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.model_summary import Cause, Location, ModelSummary, SummaryNode

# Grows when a key goes away or changes its meaning; new keys may come at any time.
VERSION = 1


def render(models: Iterable[ModelSummary]) -> Iterator[str]:
    """One JSON document; rows and columns count from 1."""
    yield dump({"version": VERSION, "models": [_model(model) for model in models]}, indent=2)


def _model(model: ModelSummary) -> dict[str, Any]:
    return {
        "name": model.name,
        **_location(model.location),
        "complete": model.complete,
        "root": _node(model.root) if model.root is not None else None,
    }


def _node(node: SummaryNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "path": node.path,
        "types": list(node.types),
        "mode": node.mode.value,
        "mode_causes": [_cause(cause) for cause in node.mode_causes],
        "parameters": node.parameters.value,
        "parameter_causes": [_cause(cause) for cause in node.parameter_causes],
        "trained_in_eval": node.trained_in_eval,
        "on_every_way": node.on_every_way,
        "children": [_node(child) for child in node.children],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {"kind": cause.kind.value, "text": cause.text, **_location(cause.location)}


def _location(location: Location) -> dict[str, Any]:
    start = location.start
    return {
        "filename": location.filename,
        "cell": location.cell,
        "location": {"row": start.line, "column": start.column + 1},
    }
