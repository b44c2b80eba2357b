"""Enums decide which way a program goes: a member is taken for what it stands for."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found, module

ENUMS = """
import enum
from enum import Enum, IntEnum, auto

class Mode(Enum):
    TUNE = "tune"
    KEEP = "keep"
    @classmethod
    def parse(cls, text):
        return cls(text)

class Named(str, Enum):
    TUNE = "tune"

class Numbered(IntEnum):
    ONE = 1
    TWO = 2

class Counted(enum.Enum):
    ONE = auto()
    TWO = enum.auto()

class Own(Mode):
    pass
"""
ALWAYS: list[str] = []
NEVER, SOMETIMES = ["HFM001 self.m"], ["HFM002 self.m"]
TESTS: dict[str, tuple[str, list[str]]] = {
    "a member": ("Mode.TUNE is Mode.TUNE", ALWAYS),
    "another one": ("Mode.KEEP is Mode.TUNE", NEVER),
    "by value": ("Mode('tune') is Mode.TUNE", ALWAYS),
    "by the value of another one": ("Mode('keep') == Mode.TUNE", NEVER),
    "by the value of a name": ("Mode(value='tune') == Mode.TUNE", ALWAYS),
    "by a value that is not known": ("Mode(name) is Mode.TUNE", SOMETIMES),
    "by what may have any value": ("Mode(object()) is Mode.TUNE", SOMETIMES),
    "of a member": ("Mode(Mode.TUNE) is Mode.TUNE", ALWAYS),
    "of an option": ("Mode(name) is Mode.TUNE or not (Mode(name) is Mode.TUNE)", ALWAYS),
    "by name": ("Mode['TUNE'] is Mode.TUNE", ALWAYS),
    "by the name of another one": ("Mode['KEEP'] is Mode.TUNE", NEVER),
    "by a name that is not known": ("Mode[name] is Mode.TUNE", SOMETIMES),
    "its value": ("Mode.TUNE.value == 'tune'", ALWAYS),
    "its name": ("Mode.TUNE.name == 'TUNE'", SOMETIMES),
    "a string": ("Named('tune') == 'tune'", ALWAYS),
    "a number": ("Numbered(1) < Numbered.TWO", ALWAYS),
    "by its method": ("Mode.parse('keep') is Mode.TUNE", NEVER),
    "without values": ("Counted.ONE is Counted.ONE", ALWAYS),
    "another one without values": ("Counted.ONE is Counted.TWO", NEVER),
    "of a class that extends it": ("Own('tune') is Own.TUNE", ALWAYS),
    "among some": ("Mode.TUNE in (Mode.TUNE, Mode.KEEP)", ALWAYS),
}


@pytest.mark.parametrize(("test", "expected"), TESTS.values(), ids=TESTS)
def test_which_way_it_goes(test: str, expected: list[str]) -> None:
    init = f"self.m = AutoModel.from_pretrained(name)\nif {test}:\n    self.m.train()"
    assert found(ENUMS + module(init)) == expected
