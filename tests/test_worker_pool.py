"""Worker processes end when a run is interrupted, whatever they do at that moment."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.worker_pool import worker_pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Look whether all processes end, and the threads of this one that wait for their messages."""
    threads = threading.active_count()
    yield
    end = time.monotonic() + 20
    while is_left := active_children() or threading.active_count() > threads:
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    assert not is_left


def begin(words: str) -> None:
    """Start a worker."""
    os.environ["WORDS"] = words


def words() -> str:
    """What a worker was started with."""
    return os.environ["WORDS"]


def large_result() -> bytes:
    """A result that takes some time to be sent."""
    return bytes(10_000_000)


def one_long_call() -> int:
    """What no signal handler of Python's ends: they run between its instructions."""
    return sum(range(10**10))


def long_time() -> None:
    """Compute in many instructions."""
    while True:
        pass


def die() -> None:
    """End the process as a crash does."""
    os._exit(3)


def test_each_worker_begins_with_what_it_is_handed() -> None:
    with worker_pool(2, begin, "some words") as pool:
        futures = [pool.submit(words) for _ in range(10)]
        assert {future.result() for future in futures} == {"some words"}


def interrupt_after(seconds: float, function: Callable[[], object]) -> None:
    """Have two workers call a function many times, and interrupt them."""
    with worker_pool(2, begin, "") as pool:
        for _ in range(100):
            pool.submit(function)
        time.sleep(seconds)
        raise KeyboardInterrupt


@pytest.mark.parametrize("milliseconds", range(20, 200, 20))
def test_interrupted_in_the_midst_of_a_result(milliseconds: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt_after(milliseconds / 1000, large_result)


@pytest.mark.parametrize("function", [one_long_call, long_time])
def test_interrupted_while_it_computes(function: Callable[[], object]) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt_after(0.3, function)


def test_a_worker_that_died_is_told_by_each_future() -> None:
    with worker_pool(1, begin, "") as pool:
        first = pool.submit(die)
        with pytest.raises(BrokenProcessPool):
            first.result()
        with pytest.raises(BrokenProcessPool):
            pool.submit(words).result()
