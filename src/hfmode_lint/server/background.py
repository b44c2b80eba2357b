"""The other end of :mod:`hfmode_lint.server.worker`: its process, as the server sees it."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

from hfmode_lint.server.worker import LENGTH, packed, unpacked

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from hfmode_lint.server.worker import Question

# With ``-m`` Python would look into the current folder first, which is the user's project.
_BEGIN = (
    "import sys; sys.path[:] = sys.argv[1:]; from hfmode_lint.server.worker import main; "
    "main(unsafe_fixes={})"
)

# How many seconds work goes on that nobody waits for any more. It ends by itself most times, and
# a new process has to read the project again.
_PATIENCE = 2.0

_Answer = TypeVar("_Answer")


class BackgroundError(Exception):
    """The process ended in the midst of its work."""


class Background:
    """Answers questions one by one, in a process that is started when it is needed."""

    def __init__(self, *, unsafe_fixes: bool = False) -> None:
        """Take what holds for all texts; nothing is started yet.

        :param unsafe_fixes: the options of a text allow the unsafe fixes.
        """
        self._program = _BEGIN.format(unsafe_fixes)
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._at_work: asyncio.Future[object] | None = None

    async def ask(self, question: Question[_Answer]) -> _Answer:
        """Get an answer, once those who asked before have theirs or want it no longer.

        :raises BackgroundError: where the process ended instead.
        """
        async with self._turn:
            await self._give_up_unwanted()
            if self._process is None:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", self._program, *sys.path, stdin=PIPE, stdout=PIPE
                )
            self._at_work = asyncio.ensure_future(self._exchange(self._process, question))
            # Who asked may be cancelled; the process can only be ended.
            answer = await asyncio.shield(self._at_work)
        return cast("_Answer", answer)

    async def stop(self) -> None:
        """End the process, whatever it does."""
        if self._at_work is not None:
            self._at_work.cancel()
        if self._process is not None:
            await _end(self._process)
        self._at_work = self._process = None

    async def _give_up_unwanted(self) -> None:
        if self._at_work is None:
            return
        _, unfinished = await asyncio.wait({self._at_work}, timeout=_PATIENCE)
        if unfinished:
            await self.stop()

    async def _exchange(self, process: Process, question: Question[object]) -> object:
        # Both are pipes, as was asked for.
        questions = cast("asyncio.StreamWriter", process.stdin)
        answers = cast("asyncio.StreamReader", process.stdout)
        try:
            questions.write(packed(question))
            await questions.drain()
            size = int.from_bytes(await answers.readexactly(LENGTH), "big")
            return unpacked(await answers.readexactly(size))
        except (OSError, asyncio.IncompleteReadError):
            await _end(process)
            self._process = None
            raise BackgroundError("the check ended unexpectedly") from None


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
