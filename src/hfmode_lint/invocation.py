"""What one call of the command asks for: its arguments as a request and options."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from hfmode_lint import config
from hfmode_lint.config import ConfigError, Options
from hfmode_lint.discovery import SUFFIXES
from hfmode_lint.rules import RULES
from hfmode_lint.run_mode import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hfmode_lint.per_file_ignores import PerFileIgnore
    from hfmode_lint.rules.base import Rule

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")

STDIN = "-"
SUMMARY_FORMATS = ("text", "json", "html")


class Request(NamedTuple):
    """What one call of the command asks for, apart from the options of the checks.

    ``jobs`` is None for as many as can run at once, and ``cache_folder`` for the usual one.
    """

    paths: tuple[str, ...]
    stdin_filename: str
    mode: Mode
    output_file: str | None
    baseline: str | None
    update_baseline: bool
    exit_zero: bool
    exit_non_zero_on_fix: bool
    statistics: bool
    summary: bool
    quiet: bool
    verbose: bool
    jobs: int | None
    cache: bool
    cache_folder: str | None

    @property
    def is_of_stdin(self) -> bool:
        """Whether standard input is checked, and no file."""
        return self.paths == (STDIN,)


def request_of(arguments: dict[str, Any]) -> Request:
    """What the arguments ask for.

    :raises click.UsageError: where they exclude each other.
    """
    paths = arguments["paths"] or (".",)
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("- for standard input can't be combined with other paths")
    for one, other in _EXCLUDING:
        if arguments[one] and arguments[other]:
            raise click.UsageError(f"{_named(one)} and {_named(other)} exclude each other")
    if arguments["update_baseline"] and not arguments["baseline"]:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    if arguments["summary"] and arguments["output_format"] not in {None, *SUMMARY_FORMATS}:
        raise click.UsageError(
            f"--summary is printed as {', '.join(SUMMARY_FORMATS[:-1])} or {SUMMARY_FORMATS[-1]}"
        )
    return Request(
        paths=paths,
        stdin_filename=arguments["stdin_filename"],
        mode=_mode(arguments),
        output_file=arguments["output_file"],
        baseline=arguments["baseline"],
        update_baseline=arguments["update_baseline"],
        exit_zero=arguments["exit_zero"],
        exit_non_zero_on_fix=arguments["exit_non_zero_on_fix"],
        statistics=arguments["statistics"],
        summary=arguments["summary"],
        quiet=arguments["quiet"],
        verbose=arguments["verbose"] and not arguments["quiet"],
        jobs=arguments["jobs"],
        cache=not arguments["no_cache"],
        cache_folder=arguments["cache_dir"],
    )


_EXCLUDING = (
    ("add_noqa", "fix"),
    ("add_noqa", "diff"),
    ("cache_dir", "no_cache"),
    ("config", "isolated"),
    ("diff", "output_file"),
    ("follow", "no_project"),
    *(("summary", other) for other in ("fix", "diff", "add_noqa", "statistics", "baseline")),
)


def _named(argument: str) -> str:
    return f"--{argument.replace('_', '-')}"


def _mode(arguments: dict[str, Any]) -> Mode:
    if arguments["add_noqa"]:
        return Mode.ADD_NOQA
    if arguments["diff"]:
        return Mode.DIFF
    return Mode.FIX if arguments["fix"] else Mode.CHECK


def options_of(arguments: dict[str, Any], request: Request) -> tuple[Options, str | None]:
    """The options of this run, and the file that they come from if there is one.

    :raises click.ClickException: where that file is wrong.
    """
    try:
        options, source = _file_options(arguments, request)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    options = config.override(
        options,
        select=arguments["select"],
        ignore=arguments["ignore"],
        extend_select=arguments["extend_select"],
    )
    options = replace(
        options, per_file_ignores=(*options.per_file_ignores, *arguments["per_file_ignores"])
    )
    if arguments["exclude"]:
        options = replace(
            options, exclude=arguments["exclude"], exclude_root="", force_exclude=True
        )
    if arguments["output_format"]:
        options = replace(options, output_format=arguments["output_format"])
    if arguments["lightning_version"]:
        options = replace(options, lightning_version=arguments["lightning_version"])
    if arguments["follow"]:
        options = replace(options, follow=arguments["follow"])
    if arguments["no_project"]:
        options = replace(options, project=False)
    if arguments["unsafe_fixes"]:
        options = replace(options, unsafe_fixes=True)
    return options, source


def _file_options(arguments: dict[str, Any], request: Request) -> tuple[Options, str | None]:
    named = arguments["config"]
    if arguments["isolated"]:
        return _said_by_nobody_else(Options()), None
    if named:
        return _said_by_nobody_else(config.load_file(named)), named
    first = request.stdin_filename if request.is_of_stdin else request.paths[0]
    options, source = config.load(first if os.path.isdir(first) else os.path.dirname(first))
    # What a project is, the configuration around each file says.
    return replace(options, src=None, set_elsewhere=None, follow=None), source


def _said_by_nobody_else(options: Options) -> Options:
    """Options for a run that asks no other file what a project is."""
    return replace(
        options,
        src=options.src or (),
        set_elsewhere=options.set_elsewhere or (),
        follow=options.follow or (),
    )


def split_commas(_: click.Context, __: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Values that may have commas in them, each by itself."""
    pieces = (piece.strip() for value in values for piece in value.split(","))
    return tuple(filter(None, pieces))


def split_codes(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Codes of rules, or their beginnings.

    :raises click.ClickException: where there is no such rule.
    """
    codes = split_commas(context, parameter, values)
    return _checked(config.check_codes, codes, parameter)


def split_ignores(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> tuple[PerFileIgnore, ...]:
    """Patterns with the rules to leave out: ``tests/:HFM001,HFM002,scripts/:HFM``.

    :raises click.ClickException: where one has no pattern or no such rule.
    """
    codes: dict[str, list[str]] = {}
    pattern = ""
    for piece in split_commas(context, parameter, values):
        before, colon, code = piece.rpartition(":")
        pattern = before if colon else pattern
        if not pattern:
            name = parameter.opts[0]
            raise click.ClickException(f"{name}: {piece!r} is not of the form FILES:CODES")
        codes.setdefault(pattern, []).append(code.strip())

    def entries(codes: dict[str, list[str]], place: str) -> tuple[PerFileIgnore, ...]:
        return tuple(config.per_file_ignore(*entry, place) for entry in codes.items())

    return _checked(entries, codes, parameter)


def split_packages(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    """Names of packages.

    :raises click.ClickException: where no package can have such a name, or it can't be followed.
    """
    names = split_commas(context, parameter, values)
    return _checked(config.check_packages, names, parameter)


def checked_version(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A version of Lightning, or a range of them.

    :raises click.ClickException: where it is neither.
    """
    return value and _checked(config.check_lightning_version, value, parameter)


def known_rule(_: click.Context, parameter: click.Parameter, value: str | None) -> Rule | None:
    """The rule of a code.

    :raises click.ClickException: where there is none.
    """
    rule = value and RULES.get(value.upper())
    if value is not None and not rule:
        raise click.ClickException(
            f"{parameter.opts[0]}: unknown rule code {value!r} (see --list-rules)"
        )
    return rule or None


def report_file(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The name of a file for the report.

    :raises click.BadParameter: where a source file would be overwritten.
    """
    if value is not None and value.lower().endswith(SUFFIXES):
        raise click.BadParameter(
            f"{value} has the name of a source file", param_hint=parameter.opts[0]
        )
    return value


def folder(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The name of a folder, which need not be there.

    :raises click.BadParameter: where there is a file of this name.
    """
    if value is not None and os.path.isfile(value):
        raise click.BadParameter(f"{value} is a file", param_hint=parameter.opts[0])
    return value


def _checked(
    check: Callable[[_Value, str], _Result], value: _Value, parameter: click.Parameter
) -> _Result:
    try:
        return check(value, parameter.opts[0])
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
