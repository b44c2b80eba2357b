"""A progress bar for people who wait: on a terminal, for a run of more than a second."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from click._termui_impl import ProgressBar

_PATIENCE = 1.0


class Progress:
    """A progress bar on standard error, which shows itself late, or never.

    :param wanted: the user wants to see more than findings and errors.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._possible = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._started = time.monotonic()
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Progress:
        """Begin to wait."""
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show how many files of all that need it are examined."""
        if not self._possible or time.monotonic() - self._started < _PATIENCE:
            return
        if self._bar is None:
            self._bar = _bar(total)
        self._bar.update(done - self._bar.pos)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as a run without a bar does."""
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)


def _bar(total: int) -> ProgressBar[int]:
    import click

    bar = click.progressbar(length=total, label="Checking", file=sys.stderr)
    return bar.__enter__()
