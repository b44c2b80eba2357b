"""Which statements seem to matter for modes, whichever way they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest

from hfmode_lint.analysis.liveness import Liveness
from hfmode_lint.analysis.telling import may_tell
from tests.analysis.files import Files

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = {
    "others": "def load(): from_pretrained()\ndef count(): pass\n",
}
FILE = """\
from others import count, load
import numpy


def helper():
    load()


class Lit:
    def __init__(self, cfg):
        super().__init__()
        if cfg.x:
            {}

    def build(self):
        self.build_more()
        self.build()

    def build_more(self):
        self.m = load()

    def size(self):
        return count()
"""
TELLING = {
    "self.m = AutoModel.from_pretrained('x')": True,
    "self.m.eval()": True,
    "self.m = load()": True,
    "helper()": True,
    "self.build()": True,
    "model.build()": True,
    "self.set_up_elsewhere()": True,
    "return": True,
    "self.n = count()": False,
    "self.n = self.size()": False,
    "self.n = numpy.array(cfg.n)": False,
    "self.log('x', 1)": False,
    "self.n = self.encoder": False,
    "model.set_up_elsewhere()": False,
}


@pytest.mark.parametrize(("statement", "expected"), TELLING.items(), ids=TELLING)
def test_what_may_tell(statement: str, *, expected: bool, tmp_path: Path) -> None:
    files = Files(tmp_path, {"main": FILE.format(statement), **OTHERS})
    unit = files.unit("main")
    constructor = unit.index.methods["__init__"][0]
    branch = constructor.body.body[1]
    assert isinstance(branch, cst.If)
    liveness = Liveness(files.modules)
    assert may_tell(branch, unit, liveness) is expected
    assert liveness.telling == {branch: expected}
