"""The process in which texts are checked: questions come in, answers go out.

It is a process of its own, so that work which nobody waits for any more can be ended, and so that
the server answers while a text is checked.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING, BinaryIO, Generic, Protocol, TypeVar, cast

from hfmode_lint.garbage import collect_rarely
from hfmode_lint.immutable import immutable
from hfmode_lint.server.checker import Checker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfmode_lint.server.checker import Checked
    from hfmode_lint.server.modes import ModuleMode

# How many bytes say how long an answer is.
LENGTH = 8

Answer_co = TypeVar("Answer_co", covariant=True)


class Question(Protocol, Generic[Answer_co]):
    """What can be asked."""

    def put_to(self, checker: Checker) -> Answer_co:
        """Find the answer."""


@immutable
class Check:
    """Asks what is found in texts, by their names."""

    texts: Mapping[str, str]
    anew: bool

    def put_to(self, checker: Checker) -> dict[str, Checked]:
        """Find the answer."""
        return checker.check(self.texts, anew=self.anew)


@immutable
class Fix:
    """Asks how one of the texts reads after its fixes."""

    texts: Mapping[str, str]
    name: str

    def put_to(self, checker: Checker) -> str:
        """Find the answer."""
        return checker.fix(self.texts, self.name)


@immutable
class Modes:
    """Asks for the modes of the modules that one of the texts is about."""

    texts: Mapping[str, str]
    name: str

    def put_to(self, checker: Checker) -> tuple[ModuleMode, ...]:
        """Find the answer."""
        return checker.modes(self.texts, self.name)


def packed(content: object) -> bytes:
    """Something, as it is sent: its length first."""
    data = pickle.dumps(content)
    return len(data).to_bytes(LENGTH, "big") + data


def unpacked(data: bytes) -> object:
    """What :func:`packed` made, without its length."""
    return pickle.loads(data)  # noqa: S301 - it comes from the other process of ours


def answer_all(checker: Checker, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer questions until there are no more."""
    while head := questions.read(LENGTH):
        data = questions.read(int.from_bytes(head, "big"))
        question = cast("Question[object]", unpacked(data))
        answers.write(packed(question.put_to(checker)))
        answers.flush()


def main(*, unsafe_fixes: bool) -> None:
    """Answer on standard input and output what the server asks, until it ends."""
    collect_rarely()
    # Ctrl-C reaches all processes of a terminal; the server alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever prints something must not do it in the midst of an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    answer_all(Checker(unsafe_fixes=unsafe_fixes), sys.stdin.buffer, answers)
