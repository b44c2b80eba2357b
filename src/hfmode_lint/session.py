"""One call of the command: the run, what is printed of it, and the exit code.

Exit codes: 0 nothing left, 1 findings left, 2 misuse or a file that could not be read or written,
130 interrupted. Findings go to standard output or to a file, everything else to standard error.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hfmode_lint.config import ConfigError
from hfmode_lint.discovery import Problem, discover, unreadable
from hfmode_lint.first_look import nothing_to_say
from hfmode_lint.invocation import STDIN
from hfmode_lint.outcome import Outcome
from hfmode_lint.run_mode import Mode
from hfmode_lint.terminal import (
    flush,
    is_coloured,
    print_lines,
    read_input,
    say,
    silence_output,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hfmode_lint.baseline import Baseline
    from hfmode_lint.cache import Cache
    from hfmode_lint.config import Options
    from hfmode_lint.discovery import Found
    from hfmode_lint.findings import Finding
    from hfmode_lint.invocation import Request
    from hfmode_lint.summarizer import Summarized

NOTHING_LEFT, FINDINGS_LEFT, ERROR, INTERRUPTED = 0, 1, 2, 130


def execute(request: Request, options: Options) -> int:
    """Do what was asked for, print the outcome, and tell the exit code."""
    if request.summary:
        return _summarize_models(request, options)
    baseline = _baseline(request)
    if request.is_of_stdin:
        outcome, checked = _run_on_stdin(request, options), [request.stdin_filename]
    else:
        outcome, checked = _run_on_files(request, options)
    if baseline is not None:
        _compare(outcome, baseline, checked, request)
    _say_problems(outcome.problems, request)
    _say_what_lightning_is(outcome, request)
    if request.verbose:
        for entry, findings in outcome.set_aside.items():
            say(entry.note_on(findings))
    try:
        _show(outcome, request, options)
        flush()
    except BrokenPipeError:
        # The reader has seen enough (``| head``); the code still tells what was found.
        silence_output()
    return _exit_code(outcome, request)


def _summarize_models(request: Request, options: Options) -> int:
    """Print what the modules of LightningModules are, which is no finding."""
    # Imported for those who ask for it only.
    from hfmode_lint import summarizer

    # The text of the sources is kept for those alone who show it.
    sources = summarizer.Sources() if options.output_format == "html" else None
    if request.is_of_stdin:
        result = summarizer.summarize_content(
            read_input(), request.stdin_filename, _on_disk(request, options), sources
        )
    else:
        found = discover(request.paths, options)
        result = summarizer.summarize_files(found.files, options, sources)
        result.problems[:0] = found.problems
    _say_problems(result.problems, request)
    if not (result.models or result.errors or request.quiet):
        say("no LightningModule is defined there")
    try:
        _show_summary(result, request, options)
        flush()
    except BrokenPipeError:
        silence_output()
    return ERROR if result.errors else NOTHING_LEFT


def _show_summary(result: Summarized, request: Request, options: Options) -> None:
    if request.output_file is None:
        print_lines(_summary_lines(result, options, is_printed=True))
    else:
        lines = _summary_lines(result, options, is_printed=False)
        _write_lines(request.output_file, lines, result.problems)


def _summary_lines(result: Summarized, options: Options, *, is_printed: bool) -> Iterable[str]:
    if options.output_format == "json":
        from hfmode_lint.output import summary_json

        return summary_json.render(result.models)
    if options.output_format == "html":
        from hfmode_lint.output import summary_html

        return summary_html.render(result)
    from hfmode_lint.output import summary_text
    from hfmode_lint.output.common import Style

    if not is_printed:
        return summary_text.render(result.models, Style())
    lines = summary_text.Lines.for_encoding(sys.stdout.encoding)
    return summary_text.render(result.models, Style(enabled=is_coloured()), lines)


def _run_on_files(request: Request, options: Options) -> tuple[Outcome, list[str]]:
    """The outcome, and the names of all files that were checked."""
    found = discover(request.paths, options)
    # Who wants to see more is told of projects as well.
    if not request.verbose and nothing_to_say(found.files, options):
        outcome = Outcome()
    else:
        outcome = _look_closer(found.files, request, options)
    outcome.problems[:0] = found.problems
    return outcome, [each.path for each in found.files]


def _look_closer(files: Sequence[Found], request: Request, options: Options) -> Outcome:
    # Imported for runs that need it only, as are those below: most commits change nothing that
    # matters.
    from hfmode_lint.progress import Progress
    from hfmode_lint.runner import run, usable_cpus

    with Progress(wanted=not (request.quiet or request.verbose)) as progress:
        outcome = run(
            files,
            options,
            request.mode,
            jobs=request.jobs or usable_cpus(),
            progress=progress,
            cache=_cache(request),
        )
    if request.verbose:
        say(f"{len(files)} files found, {outcome.parsed} of them parsed")
        if outcome.is_from_cache:
            say(f"{len(files)} files unchanged, their findings are from the cache")
    return outcome


def _cache(request: Request) -> Cache | None:
    if not request.cache:
        return None
    # Imported for runs with a cache only.
    from hfmode_lint.cache import Cache, default_folder

    return Cache(request.cache_folder or default_folder())


def _baseline(request: Request) -> Baseline | None:
    """The baseline that the user named.

    :raises click.ClickException: where it can't be read, or there is none and none is to be made.
    """
    if request.baseline is None:
        return None
    # Imported for those who have one only.
    from hfmode_lint.baseline import BaselineError, load_baseline

    try:
        return load_baseline(request.baseline, create=request.update_baseline)
    except BaselineError as error:
        raise click.ClickException(str(error)) from None


def _compare(
    outcome: Outcome, baseline: Baseline, checked: Iterable[str], request: Request
) -> None:
    """Keep the findings alone that the baseline has not, after its update if one is wanted."""
    if request.update_baseline and not _errors(outcome):
        baseline.update(checked, outcome.reports)
        try:
            baseline.save()
        except OSError as error:
            outcome.problems.append(unreadable(baseline.path, error))
    elif request.update_baseline:
        outcome.problems.append(
            Problem(f"{baseline.path}: not updated, as not all files could be checked")
        )
    before = len(_findings(outcome))
    outcome.reports = [baseline.new_ones(report) for report in outcome.reports]
    outcome.known = before - len(_findings(outcome))


def _say_what_lightning_is(outcome: Outcome, request: Request) -> None:
    if request.verbose:
        for line in (*outcome.projects, *outcome.unread):
            say(line)
    if not request.quiet:
        for why, findings in outcome.not_yet_true.items():
            from hfmode_lint.lightning_version import note_on

            say(note_on(why, findings))


def _run_on_stdin(request: Request, options: Options) -> Outcome:
    outcome = Outcome(parsed=1)
    data = read_input()
    if isinstance(data, Problem):
        outcome.problems.append(data)
        return outcome
    from hfmode_lint.engine import alone
    from hfmode_lint.project import Workspace
    from hfmode_lint.project_options import ProjectOptions

    projects = ProjectOptions(options)
    around = alone(options)
    try:
        options = projects.options_for(request.stdin_filename)
        if request.stdin_filename != STDIN:
            around = Workspace(options).around(request.stdin_filename)
    except ConfigError as error:
        outcome.fail(str(error))
        return outcome
    outcome.expect(options.set_elsewhere or ())
    outcome.projects = tuple(projects.described())
    report = request.mode.examine(data, request.stdin_filename, options, around, named=True)
    if request.mode.rewrites:
        # The changed source is the output; it is the whole text even if nothing was to be fixed.
        write(report.after)
    outcome.add(report, options)
    return outcome


def _show(outcome: Outcome, request: Request, options: Options) -> None:
    if request.mode is Mode.DIFF:
        _show_diff(outcome)
    elif request.output_file is None:
        lines = _lines(outcome, request, options, coloured=is_coloured())
        print_lines(lines, err=_output_is_taken(request))
    else:
        _write_report(outcome, request, options)
    for_people = options.output_format == "text" or request.output_file is not None
    if for_people and not request.quiet:
        _conclude(outcome, request, options)


def _show_diff(outcome: Outcome) -> None:
    from hfmode_lint.output.diff import report_diff

    for report in outcome.reports:
        write(report_diff(report))


def _write_report(outcome: Outcome, request: Request, options: Options) -> None:
    """Write the report to the file that the user named; one that can't be written is a problem."""
    lines = _lines(outcome, request, options, coloured=False)
    _write_lines(str(request.output_file), lines, outcome.problems)


def _write_lines(path: str, lines: Iterable[str], problems: list[Problem]) -> None:
    """Write lines to a file; what keeps it from being written is told, and becomes a problem."""
    text = "".join(f"{line}\n" for line in lines)
    try:
        with open(path, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        problem = unreadable(path, error)
        problems.append(problem)
        say(problem.message)


def _conclude(outcome: Outcome, request: Request, options: Options) -> None:
    """Print the last line of a run."""
    from hfmode_lint.output.last_line import Tally, last_line

    tally = Tally(
        _findings(outcome),
        fixed=sum(len(report.fixed) for report in outcome.reports),
        unsafe_fixes=options.unsafe_fixes,
        would=request.mode is Mode.DIFF,
        silenced=sum(len(report.silenced) for report in outcome.reports),
        set_aside=sum(map(len, outcome.set_aside.values())),
        known=outcome.known,
    )
    # Who could not read a file can't say that all is well.
    if tally.findings or tally.fixed or tally.silenced or not _errors(outcome):
        print_lines([last_line(tally)], err=tally.would or _output_is_taken(request))


def _output_is_taken(request: Request) -> bool:
    """Whether the changed source has standard output for itself."""
    return request.mode.rewrites and request.is_of_stdin


def _lines(
    outcome: Outcome, request: Request, options: Options, *, coloured: bool
) -> Iterable[str]:
    if request.statistics:
        from hfmode_lint.output.rules import statistics

        return statistics(_findings(outcome), options.output_format)
    if not outcome.reports and options.output_format in _SILENT_ON_NOTHING:
        return ()
    from hfmode_lint.output import renderer
    from hfmode_lint.output.common import Run, Style

    style = Style(enabled=coloured)
    models = _reported_models(outcome, request, options)
    shown = Run(outcome.reports, _errors(outcome), style, set_aside=request.verbose, models=models)
    return renderer(options.output_format)(shown)


def _reported_models(outcome: Outcome, request: Request, options: Options) -> Summarized | None:
    """The LightningModules that findings are about, for the format that shows them."""
    if options.output_format != "html":
        return None
    from hfmode_lint.summarizer import summarize_reported

    models = summarize_reported(outcome.reports, _on_disk(request, options))
    _say_problems(models.problems, request)
    outcome.problems += models.problems
    return models


def _on_disk(request: Request, options: Options) -> Options:
    """Options for what is read: standard input without a name is in no project."""
    unnamed = request.is_of_stdin and request.stdin_filename == STDIN
    return replace(options, project=False) if unnamed else options


def _say_problems(problems: Iterable[Problem], request: Request) -> None:
    for problem in problems:
        if problem.is_error or not request.quiet:
            say(problem.message)


# Their modules need not be imported for a run that found nothing.
_SILENT_ON_NOTHING = ("text", "concise")


def _findings(outcome: Outcome) -> list[Finding]:
    return [finding for report in outcome.reports for finding in report.findings]


def _errors(outcome: Outcome) -> list[str]:
    return [problem.message for problem in outcome.problems if problem.is_error]


def _exit_code(outcome: Outcome, request: Request) -> int:
    if _errors(outcome):
        return ERROR
    left = any(report.findings for report in outcome.reports)
    fixed = any(report.fixed for report in outcome.reports)
    counts = request.mode is Mode.DIFF or request.exit_non_zero_on_fix
    fails = (left or (fixed and counts)) and not request.exit_zero
    return FINDINGS_LEFT if fails else NOTHING_LEFT
