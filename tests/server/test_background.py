"""The process in which texts are checked: unwanted work does not hold up what follows."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.server import background
from hfmode_lint.server.background import Background, BackgroundError

if TYPE_CHECKING:
    from hfmode_lint.server.checker import Checker

pytestmark = pytest.mark.asyncio


@dataclass(frozen=True)
class Work:
    """Takes its time, and tells which process did it."""

    seconds: float = 0.0

    def put_to(self, checker: Checker) -> int:
        del checker
        time.sleep(self.seconds)
        return os.getpid()


class Crash:
    """Ends the process."""

    def put_to(self, checker: Checker) -> None:
        del checker
        os._exit(1)


class Chatter:
    """Prints in the midst of its work."""

    def put_to(self, checker: Checker) -> str:
        del checker
        print("printed")
        return "answered"


async def test_one_process_answers_all() -> None:
    process = Background()
    first, second = await asyncio.gather(process.ask(Work()), process.ask(Work()))
    assert first == second != os.getpid()
    await process.stop()


async def test_short_work_that_nobody_waits_for_comes_to_its_end() -> None:
    process = Background()
    worker = await process.ask(Work())
    unwanted = asyncio.ensure_future(process.ask(Work(0.3)))
    await asyncio.sleep(0.1)
    unwanted.cancel()
    assert await process.ask(Work()) == worker
    await process.stop()


async def test_long_work_that_nobody_waits_for_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_PATIENCE", 0.1)
    process = Background()
    worker = await process.ask(Work())
    unwanted = asyncio.ensure_future(process.ask(Work(3600)))
    await asyncio.sleep(0.1)
    unwanted.cancel()
    assert await asyncio.wait_for(process.ask(Work()), 60) != worker
    await process.stop()


async def test_a_process_that_dies_is_replaced() -> None:
    process = Background()
    worker = await process.ask(Work())
    with pytest.raises(BackgroundError):
        await process.ask(Crash())
    assert await process.ask(Work()) != worker
    await process.stop()


async def test_what_is_printed_is_no_answer() -> None:
    process = Background()
    assert await process.ask(Chatter()) == "answered"
    await process.stop()
