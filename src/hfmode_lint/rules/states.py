"""What the rules about modes have in common: states by module, over every path."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.places import Place
    from hfmode_lint.analysis.states import ModuleState


def path_in(analysis: FileAnalysis, root: Place, path: str) -> str:
    """A module path, with the class that it begins in where that is another file's."""
    from libcst.helpers import get_full_name_for_node

    if root.unit is analysis.unit:
        return path
    return f"{path} of {get_full_name_for_node(root.node)}"


def on_every_path(
    analysis: FileAnalysis, holds: Callable[[ModuleState], bool]
) -> Iterator[tuple[Place, ModuleState]]:
    """The modules of each LightningModule of which something holds on every path.

    A flag that switches a module off is somebody's choice, so that one path is not enough.

    :returns: the class of the LightningModule and what the first path showed, shortest module
        path first.
    """
    found: dict[tuple[Place, str], list[ModuleState]] = {}
    paths: dict[Place, int] = {}
    for record in analysis.paths:
        paths[record.root] = paths.get(record.root, 0) + 1
        for state in record.states:
            found.setdefault((record.root, state.path), []).append(state)
    for (root, _), states in found.items():
        if len(states) == paths[root] and all(map(holds, states)):
            yield root, states[0]
