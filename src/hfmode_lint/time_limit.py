"""A limit on the time that is spent on one file."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class OutOfTimeError(BaseException):
    """The time is over; no ``except Exception`` on the way is to stop it."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End what takes too long.

    It is the time that this process computes: a busy machine makes no difference. There is no
    limit where signals can't be had, on Windows and outside of the main thread, and none within
    one call of a native parser.

    :raises OutOfTimeError: at any place within, once the time is over.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not in_main_thread:
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _end)
    # Again and again, as Python drops what is raised while an object is let go.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _end(*_: object) -> NoReturn:
    raise OutOfTimeError
