"""The ``hfmode-lint`` command: its options, and what they are called."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from hfmode_lint._version import __version__
from hfmode_lint.click_parts import GroupedCommand, PathName, option, screen
from hfmode_lint.config import OUTPUT_FORMATS
from hfmode_lint.garbage import collect_no_more, collect_rarely
from hfmode_lint.invocation import (
    STDIN,
    checked_version,
    folder,
    known_rule,
    options_of,
    report_file,
    request_of,
    split_codes,
    split_commas,
    split_ignores,
    split_packages,
)
from hfmode_lint.session import ERROR, FINDINGS_LEFT, INTERRUPTED, execute
from hfmode_lint.terminal import flush, print_lines, say, silence_output, write_any_name


@click.command(
    cls=GroupedCommand,
    add_help_option=False,
    context_settings={"max_content_width": 100},
    help="Find Hugging Face models that train in eval mode inside a LightningModule.\n\n"
    "PATHS are files, folders (by default this one), or - for standard input.",
)
@click.argument("paths", nargs=-1, type=PathName())
@option("--fix", is_flag=True, group="Fixing", help="Make the safe fixes.")
@option(
    "--unsafe-fixes",
    is_flag=True,
    group="Fixing",
    help="Make those too that other code may notice.",
)
@option("--diff", is_flag=True, group="Fixing", help="Print the fixes as a diff; write nothing.")
@option(
    "--add-noqa", is_flag=True, group="Fixing", help="Add noqa comments that hide all findings."
)
@option(
    "--select",
    multiple=True,
    metavar="CODES",
    callback=split_codes,
    group="Rules",
    help="Check these alone: HFM001,HFM002 or ALL.",
)
@option(
    "--ignore",
    multiple=True,
    metavar="CODES",
    callback=split_codes,
    group="Rules",
    help="Leave these rules out.",
)
@option(
    "--extend-select",
    multiple=True,
    metavar="CODES",
    callback=split_codes,
    group="Rules",
    help="Check these rules as well.",
)
@option(
    "--per-file-ignores",
    multiple=True,
    metavar="FILES:CODES",
    callback=split_ignores,
    group="Rules",
    help="Leave rules out there: tests/:HFM001.",
)
@option(
    "--lightning-version",
    metavar="VERSION",
    callback=checked_version,
    group="Rules",
    help="The Lightning in use: 2.1.4 or '>=2.0,<2.2'.",
)
@option(
    "--explain",
    metavar="CODE",
    callback=known_rule,
    group="Rules",
    help="Print what a rule finds and why, and exit.",
)
@option("--list-rules", is_flag=True, group="Rules", help="Print one line a rule, and exit.")
@option(
    "--exclude",
    multiple=True,
    metavar="PATTERNS",
    callback=split_commas,
    group="Files",
    help="Leave out files, by patterns of .gitignore.",
)
@option(
    "--stdin-filename",
    metavar="FILE",
    default=STDIN,
    group="Files",
    help="What to call standard input.",
)
@option("--config", metavar="FILE", group="Files", help="Read options from this pyproject.toml.")
@option("--isolated", is_flag=True, group="Files", help="Read options from no file.")
@option(
    "--no-project",
    is_flag=True,
    group="Files",
    help="Look at each file by itself.",
)
@option(
    "--follow",
    multiple=True,
    metavar="PACKAGES",
    callback=split_packages,
    group="Files",
    help="Look into these installed packages as well.",
)
@option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    group="Files",
    help="Use up to N processes.",
)
@option("--no-cache", is_flag=True, group="Files", help="Check anew what has not changed.")
@option(
    "--cache-dir",
    metavar="FOLDER",
    type=PathName(of_folder=True),
    callback=folder,
    group="Files",
    help="Keep results there.",
)
@option(
    "--output-format",
    type=click.Choice(OUTPUT_FORMATS),
    metavar="FORMAT",
    group="Output",
    help=f"How to print findings: {', '.join(OUTPUT_FORMATS)}.",
)
@option(
    "--output-file",
    metavar="FILE",
    type=PathName(),
    callback=report_file,
    group="Output",
    help="Write the report to this file.",
)
@option(
    "--summary",
    is_flag=True,
    group="Output",
    help="Print all modules, their modes and why.",
)
@option("--statistics", is_flag=True, group="Output", help="Print counts a rule, not findings.")
@option(
    "--baseline",
    metavar="FILE",
    type=PathName(),
    callback=report_file,
    group="Output",
    help="Report only what is not in this file.",
)
@option("--update-baseline", is_flag=True, group="Output", help="Write that file anew.")
@option("--exit-zero", is_flag=True, group="Output", help="Exit with 0 in spite of findings.")
@option("--exit-non-zero-on-fix", is_flag=True, group="Output", help="Exit with 1 after fixes too.")
@option("-q", "--quiet", is_flag=True, group="Output", help="Print findings and errors alone.")
@option("-v", "--verbose", is_flag=True, group="Output", help="Say what is read and checked.")
@screen(
    "--version", shown=lambda _: f"hfmode-lint {__version__}", help="Show the version and exit."
)
@screen("-h", "--help", shown=click.Context.get_help, help="Show this message and exit.")
@click.pass_context
def command(
    context: click.Context,
    /,
    **arguments: Any,  # noqa: ANN401 - one value an option, checked by click
) -> None:
    """Run the command; exits with its code."""
    if arguments["list_rules"]:
        from hfmode_lint.output.rules import list_rules

        print_lines(list_rules())
    elif arguments["explain"] is not None:
        from hfmode_lint.output.rules import explain

        print_lines(explain(arguments["explain"]))
    else:
        request = request_of(arguments)
        options, source = options_of(arguments, request)
        if request.verbose:
            say(f"options: {source or 'defaults'}")
        context.exit(execute(request, options))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Start the command and exit with its code, without a traceback whatever the user does."""
    collect_rarely()
    write_any_name()
    try:
        code = command.main(arguments, "hfmode-lint", standalone_mode=False)
        flush()
    except click.ClickException as error:
        say(f"error: {' '.join(error.format_message().split())}")
        code = ERROR
    except (KeyboardInterrupt, click.Abort):
        say("interrupted")
        code = INTERRUPTED
    except BrokenPipeError:
        silence_output()
        code = FINDINGS_LEFT
    except OSError as error:
        # What is printed can't be written, as on a full disk, or our own files can't be read.
        silence_output()
        say(f"error: {error.filename or 'the output'}: {error.strerror}")
        code = ERROR
    collect_no_more()
    sys.exit(code)
