"""The screen of ``--help``: options under headings, on as few lines as they need."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Function = TypeVar("_Function", bound="Callable[..., Any]")


class GroupedOption(click.Option):
    """An option that knows under which heading ``--help`` shows it."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - as click has it
        group: str,
        **kwargs: Any,  # noqa: ANN401 - as click has it
    ) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class GroupedCommand(click.Command):
    """A command whose ``--help`` has its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by their groups, in the order in which these first occur."""
        groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups[getattr(parameter, "group", "Output")].append(record)
        # One column for the explanations of all groups is read faster than one a group.
        width = max(len(names) for records in groups.values() for names, _ in records)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl([(names.ljust(width), text) for names, text in records])


def option(
    *names: str,
    group: str,
    **kwargs: Any,  # noqa: ANN401 - as click has it
) -> Callable[[_Function], _Function]:
    """``click.option`` with a heading."""
    return click.option(*names, cls=GroupedOption, group=group, **kwargs)
