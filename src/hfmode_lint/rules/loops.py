"""What the rules about training loops share: the place, the text and the fix of a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Edit, Finding, Fix, Verdict
from hfmode_lint.rules.loaded_models import APPEND, append_fix, callers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.knowledge.loops import Library
    from hfmode_lint.analysis.loop_verdicts import LoopedModule

_UNNAMED = "a model"


def findings(
    analysis: FileAnalysis, code: str, library: Library, backward: str
) -> Iterator[Finding]:
    """A finding for each loaded model that a loop of the library trains in eval mode.

    :param backward: how the backward pass of such a loop is written.
    """
    for looped in analysis.looped():
        if looped.library is not library:
            continue
        start, end = analysis.parsed.span(looped.origin.call)
        yield Finding(
            code=code,
            message=_message(looped, backward),
            start=start,
            end=end,
            fix=_fix(looped, Edit(end, end, APPEND)),
            module_path=looped.path or None,
            verdict=looped.verdict,
            origin=looped.origin.loader,
            assumed=looped.origin.assumed,
            related=tuple(callers(analysis, looped.origin)),
        )


def _message(looped: LoopedModule, backward: str) -> str:
    loader = f"{looped.origin.loader}()"
    still = "and" if looped.verdict is Verdict.EVAL else "and on some paths"
    return (
        f"{looped.path or _UNNAMED} is loaded in eval mode by {loader} {still} still in eval mode "
        f"when {backward} first runs (dropout is off); {_advice(looped)}"
    )


def _advice(looped: LoopedModule) -> str:
    if looped.fixable and looped.safe:
        return f"append {APPEND}"
    return f"call {looped.path or 'its '}{APPEND if looped.path else 'train()'} before the loop"


def _fix(looped: LoopedModule, edit: Edit) -> Fix | None:
    if not looped.fixable:
        return None
    return append_fix(looped.origin, edit, safe=looped.safe)
