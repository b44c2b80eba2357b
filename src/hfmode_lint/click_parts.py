"""What click lacks for this command: headings in ``--help``, and parts that translate nothing.

click's own paths, help and version ask gettext for a translation of a text of theirs whenever they
are made. That imports ``locale``, which takes longer than reading the command line.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.types import StringParamType

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

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
            if record is not None and isinstance(parameter, GroupedOption):
                groups[parameter.group].append(record)
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


class PathName(StringParamType):
    """The name of a file or folder, which the shell completes.

    What is there, and whether it can be read, is found out by who opens it: a file that can't be
    read is no reason to check none of the others.
    """

    name = "path"

    def __init__(self, *, of_folder: bool = False) -> None:
        """Take a name.

        :param of_folder: whether nothing but a folder makes sense.
        """
        self._kind = "dir" if of_folder else "file"

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - as click calls it
        param: click.Parameter,  # noqa: ARG002 - as click calls it
        incomplete: str,
    ) -> list[CompletionItem]:
        """Leave it to the shell."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self._kind)]


def screen(
    *names: str,
    shown: Callable[[click.Context], str],
    help: str,  # noqa: A002 - as click has it
) -> Callable[[_Function], _Function]:
    """A flag that shows a text and ends the run."""

    def show(context: click.Context, _: click.Parameter, wanted: Any) -> None:  # noqa: ANN401 - as click has it
        if wanted and not context.resilient_parsing:
            click.echo(shown(context), color=context.color)
            context.exit()

    return option(
        *names,
        group="Output",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=help,
    )
