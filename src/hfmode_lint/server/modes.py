"""The modes of a LightningModule's modules, for who reads the classes in its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.findings import Position
    from hfmode_lint.model_summary import ModelSummary, SummaryNode


@immutable
class ModuleMode:
    """A module, as it is called in a class that holds it.

    ``start`` and ``end`` are those of the class, and ``name`` is what its methods call the module.
    ``owner`` is the LightningModule, and ``filename`` the file with the class.
    """

    start: Position
    end: Position
    name: str
    owner: str
    filename: str
    module: SummaryNode


def module_modes(models: Iterable[ModelSummary], filename: str) -> Iterator[ModuleMode]:
    """The modules that classes in a file hold, at any depth."""
    for model in models:
        for holder in model.root.walk() if model.root is not None else ():
            for extent in holder.classes:
                if extent.location.filename == filename:
                    yield from (
                        ModuleMode(
                            start=extent.location.start,
                            end=extent.end,
                            name=f"self{module.path.removeprefix(holder.path)}",
                            owner=model.name,
                            filename=filename,
                            module=module,
                        )
                        for module in holder.walk()
                        if module is not holder
                    )
