"""What the two rules about loaded models share: the place and the fix of a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability, Edit, Finding, Fix, Related, Verdict
from hfmode_lint.rules.states import path_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.heap import Origin
    from hfmode_lint.analysis.verdicts import LoadedModule

APPEND = ".train()"
_LONGEST_CHAIN = 8


def findings(
    analysis: FileAnalysis, code: str, verdict: Verdict, template: str
) -> Iterator[Finding]:
    """A finding for each loaded module with the verdict.

    :param template: the message, with ``{path}``, ``{loader}`` and ``{advice}`` in it.
    """
    for loaded in analysis.loaded:
        if not loaded.reported or loaded.verdict is not verdict:
            continue
        start, end = analysis.parsed.span(_node(loaded))
        message = template.format(
            path=path_in(analysis, loaded.root.place, loaded.path),
            loader=_loader(loaded),
            advice=_advice(loaded),
        )
        yield Finding(
            code=code,
            message=message,
            start=start,
            end=end,
            fix=_fix(loaded, Edit(end, end, APPEND)),
            module_path=loaded.path,
            verdict=verdict,
            origin=loaded.origin.loader,
            assumed=loaded.origin.assumed,
            related=tuple(_related(analysis, loaded)),
            removed=analysis.removed_in(loaded.root.place),
        )


def _node(loaded: LoadedModule) -> cst.CSTNode:
    """What the finding points at: a call, or the name of a class."""
    import libcst as cst

    node = loaded.place.node if loaded.place is not None else loaded.origin.call
    return node.name if isinstance(node, cst.ClassDef) else node


def _loader(loaded: LoadedModule) -> str:
    """The call of the loader, and the module that has it where that is an installed one."""
    where = loaded.origin.unit.installed_as
    return f"{loaded.origin.loader}(){f' in {where}' if where else ''}"


def _related(analysis: FileAnalysis, loaded: LoadedModule) -> Iterator[Related]:
    """Where in other files the module is trained, and the calls that lead to the loader.

    The loader call itself, too, where it is not what the finding points at.
    """
    root = loaded.root
    if root.unit is not analysis.unit:
        message = f"{root.name} trains it as {loaded.path}"
        yield Related(root.unit.name, *root.unit.parsed.span(root.node.name), message)
    yield from callers(analysis, loaded.origin)
    if loaded.origin.unit.installed_as:
        unit, call = loaded.origin.place
        yield Related(
            unit.name, *unit.parsed.span(call), f"{loaded.origin.loader}() is called here"
        )


def callers(analysis: FileAnalysis, origin: Origin) -> Iterator[Related]:
    """The calls in other files that lead to a loader."""
    for place in origin.chain[-_LONGEST_CHAIN:]:
        if place.unit is not analysis.unit and place != origin.place:
            yield Related(place.unit.name, *place.unit.parsed.span(place.node), "called from here")


def _advice(loaded: LoadedModule) -> str:
    if loaded.fixable:
        return f"append {APPEND}"
    return f"call {loaded.path}{APPEND}"


def _fix(loaded: LoadedModule, edit: Edit) -> Fix | None:
    if not loaded.fixable:
        return None
    safe = loaded.stays_eval and loaded.local and not loaded.partly_frozen and _is_model(loaded)
    return append_fix(loaded.origin, edit, safe=safe)


def append_fix(origin: Origin, edit: Edit, *, safe: bool) -> Fix:
    """The fix that appends the call of ``train`` to a loader call."""
    applicability = Applicability.SAFE if safe else Applicability.UNSAFE
    return Fix(f"Append {APPEND} to {origin.loader}()", applicability, (edit,))


def _is_model(loaded: LoadedModule) -> bool:
    """Whether what was loaded has a ``train()``: a class that can't be seen must show it."""
    return not loaded.origin.assumed or loaded.origin.model_like or loaded.used_as_module
