"""How a run is shown: one module a format, each with ``render`` from a run to lines of text.

A format is imported when it is chosen, and no other one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hfmode_lint.output.common import Run

    Renderer = Callable[[Run], Iterable[str]]

# Where a module's name can't be the format's, as the standard library has one of that name.
_MODULES = {"html": "as_html", "json": "as_json"}


def renderer(output_format: str) -> Renderer:
    """What turns a run into the lines of a format.

    :param output_format: one of ``config.OUTPUT_FORMATS``.
    """
    module = import_module(f"{__name__}.{_MODULES.get(output_format, output_format)}")
    return cast("Renderer", module.render)
