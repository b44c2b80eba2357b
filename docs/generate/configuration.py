"""The command's options, the configuration's keys and flake8's options, as they are defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hfmode_lint import config
from hfmode_lint.cli import command
from hfmode_lint.flake8_plugin import Plugin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def command_options() -> str:
    """The options of ``hfmode-lint``, a table for each group of ``--help``."""
    groups: dict[str, list[tuple[str, str]]] = {}
    context = click.Context(command, **command.context_settings)
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if isinstance(parameter, click.Option) and record is not None:
            group = getattr(parameter, "group", "Output")
            groups.setdefault(group, []).append((f"`{record[0]}`", record[1]))
    return "\n".join(_headed(groups))


def _headed(groups: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    for group, rows in groups.items():
        yield f"### {group}\n"
        yield _table(("option", "what it does"), rows)


def keys() -> str:
    """The keys of ``[tool.hfmode-lint]``."""
    helps = {name: text for option in command.params for name, text in _named(option)}
    rows = [
        (f"`{key.name}`", key.values, _code(key.default), key.meaning or helps[f"--{key.name}"])
        for key in config.documented_keys()
    ]
    return _table(("key", "value", "default", "what it does"), rows)


def _named(parameter: click.Parameter) -> Iterator[tuple[str, str]]:
    if isinstance(parameter, click.Option):
        for name in parameter.opts:
            yield name, parameter.help or ""


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def flake8_options() -> str:
    """The options that the plugin adds to flake8."""
    recorder = _Recorder()
    Plugin.add_options(recorder)
    return _table(("option", "what it does"), recorder.rows)


class _Recorder:
    """Takes options as flake8's manager does, whose constructor differs from version to version."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str]] = []

    def add_option(self, name: str, **keywords: object) -> None:
        """Note one option."""
        shown = " ".join([name, *map(str, filter(None, [keywords.get("metavar")]))])
        self.rows.append((f"`{shown}`", str(keywords["help"])))


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    # A bar would end the cell.
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    ruler = " | ".join("---" for _ in heading)
    return "\n".join(f"| {line} |" for line in (" | ".join(heading), ruler, *lines)) + "\n"
