"""Worker processes that end when a run is interrupted: soon, and all of them.

A process that is killed while it sends a result leaves half a message behind. Who reads it waits
for the rest for ever, as its own end of the pipe stays open. So what interrupts a worker ends what
it computes, and lets it send.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from hfmode_lint.garbage import collect_rarely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess
    from types import FrameType

P = ParamSpec("P")
R = TypeVar("R")

# For workers that are interrupted: one call of a native parser can't be.
_SECONDS_TO_END = 5


class WorkerPool:
    """Some processes; made by :func:`worker_pool`."""

    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def submit(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a worker call a function of a module.

        The future has a BrokenProcessPool where a worker has died, of this call or another one.
        """
        from concurrent.futures import Future
        from concurrent.futures.process import BrokenProcessPool

        try:
            with _held_back():
                return self._executor.submit(_call, function, *args, **kwargs)
        except BrokenProcessPool as error:
            future: Future[R] = Future()
            future.set_exception(error)
            return future


@contextmanager
def worker_pool(
    processes: int, begin: Callable[P, None], *args: P.args, **kwargs: P.kwargs
) -> Iterator[WorkerPool]:
    """Have worker processes until the block ends; no longer than a moment if it ends with an error.

    :param begin: is called in each of them first, with the arguments that follow.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    # A fork shares what is imported already.
    method = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(
        processes,
        mp_context=get_context(method),
        initializer=_begin,
        initargs=(begin, args, kwargs),
    ) as executor:
        try:
            yield WorkerPool(executor)
        except BaseException:
            # Who interrupts a run doesn't want to wait for what takes long.
            executor.shutdown(wait=False, cancel_futures=True)
            _end(active_children())
            raise


@contextmanager
def _held_back() -> Iterator[None]:
    """Hold Ctrl-C back: a process that begins within isn't ready to answer it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(begin: Callable[..., None], args: Sequence[object], kwargs: dict[str, object]) -> None:
    signal.signal(signal.SIGINT, _worker.interrupt)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    collect_rarely()
    begin(*args, **kwargs)


def _call(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    return _worker.call(function, *args, **kwargs)


class _Worker:
    """What a process of the pool computes; an interrupt ends it, and all that would come next."""

    def __init__(self) -> None:
        self._computes = False
        self._is_interrupted = False

    def call(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function.

        :raises KeyboardInterrupt: when the run is interrupted, or was before.
        """
        self._computes = True
        try:
            if self._is_interrupted:
                raise KeyboardInterrupt
            return function(*args, **kwargs)
        finally:
            self._computes = False

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Answer Ctrl-C, which a terminal sends to all of its processes."""
        self._is_interrupted = True
        if self._computes:
            raise KeyboardInterrupt


_worker = _Worker()


def _end(workers: Sequence[BaseProcess]) -> None:
    """Interrupt workers, and kill those that don't end: they are in the midst of no message."""
    # On Windows a console alone can interrupt them.
    if os.name == "posix":
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(cast("int", worker.pid), signal.SIGINT)
    stuck = _still_there(workers, _SECONDS_TO_END)
    for worker in stuck:
        worker.kill()
    _still_there(stuck, _SECONDS_TO_END)


def _still_there(workers: Sequence[BaseProcess], seconds: float) -> list[BaseProcess]:
    """Those of some workers that do not end in this time."""
    from multiprocessing.connection import wait

    end = time.monotonic() + seconds
    left = list(workers)
    while left and (seconds := end - time.monotonic()) > 0:
        ended = wait([worker.sentinel for worker in left], seconds)
        left = [worker for worker in left if worker.sentinel not in ended]
    return left
