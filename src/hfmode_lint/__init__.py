"""Find Hugging Face models that train in eval mode inside a LightningModule.

The Python interface::

    from hfmode_lint import check_source, fix_source, check_paths

    for finding in check_source(text, filename="model.py"):
        print(finding.start.line, finding.code, finding.message)

    fixed = fix_source(text).source

    for model in summarize_source(text, filename="model.py"):
        for node in model.root.walk() if model.root else ():
            print(node.path, node.mode.value, node.parameters.value)

All functions are pure: they print nothing, read no options, and keep no state. Only
``check_paths`` and ``summarize_paths`` read files. What a project's files say of it counts there
unless the options say it: the Lightning that it requires, its folders of source, the packages that
it follows, and the modules whose mode is set elsewhere. None writes any file. ``# noqa`` comments
are respected.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hfmode_lint._version import __version__

if TYPE_CHECKING:
    from hfmode_lint.api import (
        FixResult,
        check_paths,
        check_source,
        fix_source,
        summarize_paths,
        summarize_source,
    )
    from hfmode_lint.config import Options
    from hfmode_lint.findings import Applicability, Edit, Finding, Fix, Position, Related, Verdict
    from hfmode_lint.model_summary import (
        Cause,
        CauseKind,
        Location,
        ModelSummary,
        Parameters,
        SummaryNode,
    )
    from hfmode_lint.set_elsewhere import SetElsewhere

__all__ = [
    "Applicability",
    "Cause",
    "CauseKind",
    "Edit",
    "Finding",
    "Fix",
    "FixResult",
    "Location",
    "ModelSummary",
    "Options",
    "Parameters",
    "Position",
    "Related",
    "SetElsewhere",
    "SummaryNode",
    "Verdict",
    "__version__",
    "check_paths",
    "check_source",
    "fix_source",
    "summarize_paths",
    "summarize_source",
]

# Where they are defined. A command that has nothing to say is over before these are loaded.
_MODULES = {
    "config": ("Options",),
    "findings": ("Applicability", "Edit", "Finding", "Fix", "Position", "Related", "Verdict"),
    "model_summary": (
        "Cause",
        "CauseKind",
        "Location",
        "ModelSummary",
        "Parameters",
        "SummaryNode",
    ),
    "set_elsewhere": ("SetElsewhere",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load what is public when somebody names it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
