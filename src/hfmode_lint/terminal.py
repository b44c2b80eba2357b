"""The standard streams: what may be written there, and what happens if nobody reads.

A finding must not be able to drive a terminal, so notes are made printable; reports are so already.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from hfmode_lint.discovery import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


def say(message: str) -> None:
    """Print a note or an error on standard error."""
    # Most runs have nothing to say there.
    from hfmode_lint.printable import printable

    with suppress(OSError):
        print(f"hfmode-lint: {printable(message)}", file=sys.stderr, flush=True)


def read_input() -> bytes | Problem:
    """What standard input holds, or why it can't be read."""
    try:
        return sys.stdin.buffer.read()
    except (OSError, AttributeError) as error:
        # There is no standard input at all where the caller has closed it.
        return Problem(f"standard input can't be read: {error}")


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines on standard output, or on standard error."""
    stream = sys.stderr if err else sys.stdout
    for line in lines:
        stream.write(f"{line}\n")


def write(data: bytes) -> None:
    """Write bytes to standard output, behind what was printed."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def flush() -> None:
    """Bring out what was printed.

    :raises BrokenPipeError: where nobody reads it.
    """
    sys.stdout.flush()
    sys.stderr.flush()


def is_coloured() -> bool:
    """Whether standard output is to have colours."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stdout.isatty()


def write_any_name() -> None:
    """Let the streams escape what their encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def silence_output() -> None:
    """Keep the interpreter from complaining of the stream once more when it exits."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
