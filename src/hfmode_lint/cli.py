"""The ``hfmode-lint`` command: from arguments to a run, from its outcome to an exit code.

Exit codes: 0 nothing left, 1 findings left, 2 misuse or a file that could not be read or written,
130 interrupted. Findings go to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from hfmode_lint import config
from hfmode_lint._version import __version__
from hfmode_lint.config import OUTPUT_FORMATS, ConfigError, Options
from hfmode_lint.discovery import Discovery, Problem, discover
from hfmode_lint.engine import FileReport, alone, check_bytes, fix_bytes
from hfmode_lint.output import as_json, concise, rules, text
from hfmode_lint.output.common import Style, printable
from hfmode_lint.output.diff import report_diff
from hfmode_lint.project import Workspace
from hfmode_lint.project_options import ProjectOptions
from hfmode_lint.rules import RULES
from hfmode_lint.runner import Mode, Outcome, run, usable_cpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hfmode_lint.findings import Finding
    from hfmode_lint.model_summary import ModelSummary
    from hfmode_lint.rules.base import Rule

_Function = TypeVar("_Function", bound="Callable[..., Any]")

NOTHING_LEFT, FINDINGS_LEFT, ERROR, INTERRUPTED = 0, 1, 2, 130

_STDIN = "-"


class _GroupedOption(click.Option):
    """An option that knows under which heading ``--help`` shows it."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - as click has it
        group: str,
        **kwargs: Any,  # noqa: ANN401 - as click has it
    ) -> None:
        super().__init__(*args, **kwargs)
        self.group = group


class _GroupedCommand(click.Command):
    """A command whose ``--help`` has its options under headings."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                groups[getattr(parameter, "group", "Output")].append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _option(
    *names: str,
    group: str,
    **kwargs: Any,  # noqa: ANN401 - as click has it
) -> Callable[[_Function], _Function]:
    return click.option(*names, cls=_GroupedOption, group=group, **kwargs)


def _split_commas(_: click.Context, __: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    pieces = (piece.strip() for value in values for piece in value.split(","))
    return tuple(filter(None, pieces))


def _split_codes(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    try:
        return config.check_codes(_split_commas(context, parameter, values), parameter.opts[0])
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def _split_packages(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> tuple[str, ...]:
    try:
        return config.check_packages(_split_commas(context, parameter, values), parameter.opts[0])
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


def _checked_version(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    try:
        return value if value is None else config.check_lightning_version(value, parameter.opts[0])
    except ConfigError as error:
        raise click.ClickException(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Request:
    """What one call of the command asks for, apart from the options of the checks."""

    paths: tuple[str, ...]
    stdin_filename: str
    mode: Mode
    exit_zero: bool
    statistics: bool
    quiet: bool
    verbose: bool
    summary: bool


@click.command(
    cls=_GroupedCommand,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Find Hugging Face models that train in eval mode inside a LightningModule.\n\n"
    "PATHS are files, folders, or - for standard input; the current folder if none is given.",
)
@click.argument("paths", nargs=-1, type=click.Path())
@_option("--fix", is_flag=True, group="Fixing", help="Make the safe fixes.")
@_option(
    "--unsafe-fixes",
    is_flag=True,
    group="Fixing",
    help="Make those too that other code may notice.",
)
@_option("--diff", is_flag=True, group="Fixing", help="Print the fixes as a diff; write nothing.")
@_option(
    "--select",
    multiple=True,
    metavar="CODES",
    callback=_split_codes,
    group="Rules",
    help="Check these rules alone: HFM001,HFM002; HFM; ALL.",
)
@_option(
    "--ignore",
    multiple=True,
    metavar="CODES",
    callback=_split_codes,
    group="Rules",
    help="Leave these rules out.",
)
@_option(
    "--extend-select",
    multiple=True,
    metavar="CODES",
    callback=_split_codes,
    group="Rules",
    help="Check these rules as well.",
)
@_option(
    "--lightning-version",
    metavar="VERSION",
    callback=_checked_version,
    group="Rules",
    help="The Lightning in use: 2.1.4 or '>=2.0,<2.2'.",
)
@_option(
    "--explain", metavar="CODE", group="Rules", help="Print what a rule finds and why, and exit."
)
@_option("--list-rules", is_flag=True, group="Rules", help="Print one line a rule, and exit.")
@_option(
    "--exclude",
    multiple=True,
    metavar="PATTERNS",
    callback=_split_commas,
    group="Files",
    help="Leave out files that match, as in .gitignore.",
)
@_option(
    "--stdin-filename",
    metavar="FILE",
    default=_STDIN,
    group="Files",
    help="What to call standard input.",
)
@_option("--config", metavar="FILE", group="Files", help="Read options from this pyproject.toml.")
@_option("--isolated", is_flag=True, group="Files", help="Read options from no file.")
@_option(
    "--no-project",
    is_flag=True,
    group="Files",
    help="Look at each file by itself, not at its project.",
)
@_option(
    "--follow",
    multiple=True,
    metavar="PACKAGES",
    callback=_split_packages,
    group="Files",
    help="Look into these installed packages as well.",
)
@_option("--no-cache", is_flag=True, group="Files", help="Has no effect yet: nothing is cached.")
@_option(
    "--output-format",
    type=click.Choice(OUTPUT_FORMATS),
    metavar="FORMAT",
    group="Output",
    help="How to print findings: text, concise or json.",
)
@_option(
    "--summary",
    is_flag=True,
    group="Output",
    help="Print the modules of each LightningModule, their modes and why.",
)
@_option("--statistics", is_flag=True, group="Output", help="Print counts a rule, not findings.")
@_option("--exit-zero", is_flag=True, group="Output", help="Exit with 0 in spite of findings.")
@_option("-q", "--quiet", is_flag=True, group="Output", help="Print findings and errors alone.")
@_option("-v", "--verbose", is_flag=True, group="Output", help="Say what is read and checked.")
@click.version_option(
    __version__,
    prog_name="hfmode-lint",
    cls=_GroupedOption,
    group="Output",
    message="%(prog)s %(version)s",
)
@click.pass_context
def command(
    context: click.Context,
    /,
    **arguments: Any,  # noqa: ANN401 - one value an option, checked by click
) -> None:
    """Run the command; exits with its code."""
    if arguments["list_rules"]:
        _print(rules.list_rules())
    elif arguments["explain"] is not None:
        _print(rules.explain(_rule(arguments["explain"])))
    else:
        request = _request(arguments)
        options, source = _options(arguments, request)
        if request.verbose:
            _say(f"options: {source or 'defaults'}")
        context.exit(_execute(request, options))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Start the command and exit with its code, without a traceback whatever the user does."""
    _write_any_name()
    try:
        code = command.main(arguments, "hfmode-lint", standalone_mode=False)
        _flush()
    except click.ClickException as error:
        _say(f"error: {' '.join(error.format_message().split())}")
        code = ERROR
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        _silence_output()
        code = FINDINGS_LEFT
    sys.exit(code)


def _request(arguments: dict[str, Any]) -> _Request:
    paths = arguments["paths"] or (".",)
    if _STDIN in paths and len(paths) > 1:
        raise click.UsageError("- for standard input can't be combined with other paths")
    mode = Mode.FIX if arguments["fix"] else Mode.CHECK
    return _Request(
        paths=paths,
        stdin_filename=arguments["stdin_filename"],
        mode=Mode.DIFF if arguments["diff"] else mode,
        exit_zero=arguments["exit_zero"],
        statistics=arguments["statistics"],
        quiet=arguments["quiet"],
        verbose=arguments["verbose"] and not arguments["quiet"],
        summary=_wants_summary(arguments),
    )


def _wants_summary(arguments: dict[str, Any]) -> bool:
    if not arguments["summary"]:
        return False
    for name in ("fix", "diff", "statistics"):
        if arguments[name]:
            raise click.UsageError(f"--summary and --{name} exclude each other")
    if arguments["output_format"] not in {None, "text", "json"}:
        raise click.UsageError("--summary is printed as text or json")
    return True


def _options(arguments: dict[str, Any], request: _Request) -> tuple[Options, str | None]:
    """The options of this run, and the file that they come from if there is one."""
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


def _file_options(arguments: dict[str, Any], request: _Request) -> tuple[Options, str | None]:
    if arguments["follow"] and arguments["no_project"]:
        raise click.UsageError("--follow and --no-project exclude each other")
    named, isolated = arguments["config"], arguments["isolated"]
    if named and isolated:
        raise click.UsageError("--config and --isolated exclude each other")
    if isolated:
        return _said_by_nobody_else(Options()), None
    if named:
        return _said_by_nobody_else(config.load_file(named)), named
    first = request.stdin_filename if request.paths == (_STDIN,) else request.paths[0]
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


def _rule(code: str) -> Rule:
    rule = RULES.get(code.upper())
    if rule is None:
        raise click.ClickException(f"--explain: unknown rule code {code!r} (see --list-rules)")
    return rule


def _execute(request: _Request, options: Options) -> int:
    """Do what was asked for, print the outcome, and tell the exit code."""
    if request.summary:
        return _summarize(request, options)
    if request.paths == (_STDIN,):
        outcome = _run_on_stdin(request, options)
    else:
        outcome = _run_on_files(request, options)
    for problem in outcome.problems:
        if problem.is_error or not request.quiet:
            _say(problem.message)
    _say_what_lightning_is(outcome, request)
    if request.verbose:
        for entry, findings in outcome.set_aside.items():
            _say(entry.note_on(findings))
    try:
        _show(outcome, request, options)
        _flush()
    except BrokenPipeError:
        # The reader has seen enough (``| head``); the code still tells what was found.
        _silence_output()
    return _exit_code(outcome, request)


def _summarize(request: _Request, options: Options) -> int:
    """Print what the modules of LightningModules are, which is no finding."""
    # Imported for those who ask for it only.
    from hfmode_lint import summarizer

    if request.paths == (_STDIN,):
        content = _read_stdin()
        on_disk = options if request.stdin_filename != _STDIN else replace(options, project=False)
        result = summarizer.summarize_content(content, request.stdin_filename, on_disk)
    else:
        found = discover(request.paths, options)
        result = summarizer.summarize_files(found.files, options)
        result.problems[:0] = found.problems
    for problem in result.problems:
        if problem.is_error or not request.quiet:
            _say(problem.message)
    failed = any(problem.is_error for problem in result.problems)
    if not (result.models or failed or request.quiet):
        _say("no LightningModule is defined there")
    try:
        _print(_summary_lines(result.models, options))
        _flush()
    except BrokenPipeError:
        _silence_output()
    return ERROR if failed else NOTHING_LEFT


def _summary_lines(models: list[ModelSummary], options: Options) -> Iterable[str]:
    from hfmode_lint.output import summary_json, summary_text

    if options.output_format == "json":
        return summary_json.render(models)
    lines = summary_text.Lines.for_encoding(sys.stdout.encoding)
    return summary_text.render(models, Style(enabled=_is_coloured()), lines)


def _run_on_files(request: _Request, options: Options) -> Outcome:
    found: Discovery = discover(request.paths, options)
    outcome = run(found.files, options, request.mode, jobs=usable_cpus())
    outcome.problems[:0] = found.problems
    if request.verbose:
        _say(f"{len(found.files)} files found, {outcome.parsed} of them parsed")
    return outcome


def _say_what_lightning_is(outcome: Outcome, request: _Request) -> None:
    if request.verbose:
        for line in (*outcome.projects, *outcome.unread):
            _say(line)
    if not request.quiet:
        for lightning, findings in outcome.not_yet_true.items():
            _say(lightning.note_on(findings))


def _run_on_stdin(request: _Request, options: Options) -> Outcome:
    outcome = Outcome(parsed=1)
    data = _read_stdin()
    if isinstance(data, Problem):
        outcome.problems.append(data)
        return outcome
    projects = ProjectOptions(options)
    around = alone(options)
    try:
        options = projects.options_for(request.stdin_filename)
        if request.stdin_filename != _STDIN:
            around = Workspace(options).around(request.stdin_filename)
    except ConfigError as error:
        outcome.fail(str(error))
        return outcome
    outcome.expect(options.set_elsewhere or ())
    outcome.projects = tuple(projects.described())
    examine = check_bytes if request.mode is Mode.CHECK else fix_bytes
    report = examine(data, request.stdin_filename, options, around, named=True)
    if request.mode is Mode.FIX:
        # The fixed source is the output; it is the whole text even if nothing was to be fixed.
        _write(report.after)
    outcome.add(report, options)
    return outcome


def _read_stdin() -> bytes | Problem:
    try:
        return sys.stdin.buffer.read()
    except (OSError, AttributeError) as error:
        # There is no standard input at all where the caller has closed it.
        return Problem(f"standard input can't be read: {error}")


def _show(outcome: Outcome, request: _Request, options: Options) -> None:
    findings = [finding for report in outcome.reports for finding in report.findings]
    if request.mode is Mode.DIFF:
        for report in outcome.reports:
            _write(report_diff(report))
    else:
        lines = _lines(outcome.reports, findings, request, options)
        _print(lines, err=_report_goes_to_stderr(request))
    fixed = sum(len(report.fixed) for report in outcome.reports)
    # Who could not read a file can't say that all is well.
    says_nothing = not (findings or fixed) and any(each.is_error for each in outcome.problems)
    if options.output_format == "text" and not request.quiet and not says_nothing:
        would = request.mode is Mode.DIFF
        line = text.summary(
            findings,
            fixed,
            unsafe_fixes=options.unsafe_fixes,
            would=would,
            set_aside=sum(map(len, outcome.set_aside.values())),
        )
        _print([line], err=would or _report_goes_to_stderr(request))


def _report_goes_to_stderr(request: _Request) -> bool:
    """Whether standard output is taken by the fixed source."""
    return request.mode is Mode.FIX and request.paths == (_STDIN,)


def _lines(
    reports: list[FileReport], findings: list[Finding], request: _Request, options: Options
) -> Iterable[str]:
    if request.statistics:
        if options.output_format == "json":
            return [as_json.dump(rules.statistics(findings))]
        return rules.statistics_lines(findings)
    if options.output_format == "json":
        return as_json.render(reports, set_aside=request.verbose)
    style = Style(enabled=_is_coloured())
    if options.output_format == "concise":
        return concise.render(reports, style)
    return text.render(reports, style)


def _exit_code(outcome: Outcome, request: _Request) -> int:
    if any(problem.is_error for problem in outcome.problems):
        return ERROR
    left = any(report.findings for report in outcome.reports)
    would_change = request.mode is Mode.DIFF and any(r.fixed for r in outcome.reports)
    return FINDINGS_LEFT if (left or would_change) and not request.exit_zero else NOTHING_LEFT


def _is_coloured() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def _print(lines: Iterable[str], *, err: bool = False) -> None:
    stream = sys.stderr if err else sys.stdout
    for line in lines:
        stream.write(f"{line}\n")


def _say(message: str) -> None:
    """Print a note or an error."""
    with suppress(OSError):
        print(f"hfmode-lint: {printable(message)}", file=sys.stderr, flush=True)


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _write_any_name() -> None:
    """Let the streams escape what their encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _silence_output() -> None:
    """Keep the interpreter from complaining of the broken pipe once more when it exits."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
