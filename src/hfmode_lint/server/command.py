"""The ``hfmode-lint-server`` command."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from hfmode_lint._version import __version__

_MISUSE = 2


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Editors start it: see docs/editors.md.",
)
@click.version_option(__version__, prog_name="hfmode-lint-server")
@click.option("--stdio", is_flag=True, help="Speak on standard input and output, as always.")
@click.option(
    "--unsafe-fixes", is_flag=True, help='Let "Fix all" make those too that other code may notice.'
)
def _command(*, stdio: bool, unsafe_fixes: bool) -> None:
    """Check what is being written in an editor, over the Language Server Protocol."""
    del stdio
    try:
        from hfmode_lint.server.language_server import create_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        raise click.ClickException(
            "the language server needs pygls: pip install 'hfmode-lint[lsp]'"
        ) from None
    create_server(unsafe_fixes=unsafe_fixes).start_io()


def main(arguments: list[str] | None = None) -> NoReturn:
    """Start the server, and exit when the editor has closed it."""
    try:
        _command.main(arguments, "hfmode-lint-server", standalone_mode=False)
    except click.ClickException as error:
        message = " ".join(error.format_message().split())
        print(f"hfmode-lint-server: error: {message}", file=sys.stderr)
        sys.exit(_MISUSE)
    sys.exit(0)
