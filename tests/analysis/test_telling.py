"""Which statements seem to matter for modes, whichever way they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest

from hfmode_lint.analysis.liveness import Liveness
from hfmode_lint.analysis.paths import Telling
from hfmode_lint.analysis.telling import what_tells
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
    "self.m = AutoModel.from_pretrained('x')": Telling.ITSELF,
    "self.m.eval()": Telling.ITSELF,
    "self.m.requires_grad_(False)": Telling.ITSELF,
    "self.m = load()": Telling.BY_OTHERS,
    "helper()": Telling.BY_OTHERS,
    "self.build()": Telling.BY_OTHERS,
    "model.build()": Telling.BY_OTHERS,
    "self.set_up_elsewhere()": Telling.BY_OTHERS,
    "return": Telling.BY_OTHERS,
    "self.n = count()": Telling.NOTHING,
    "self.n = self.size()": Telling.NOTHING,
    "self.n = numpy.array(cfg.n)": Telling.NOTHING,
    "self.log('x', 1)": Telling.NOTHING,
    "self.n = self.encoder": Telling.NOTHING,
    "model.set_up_elsewhere()": Telling.NOTHING,
}


@pytest.mark.parametrize(("statement", "expected"), TELLING.items(), ids=TELLING)
def test_what_tells(statement: str, expected: Telling, tmp_path: Path) -> None:
    files = Files(tmp_path, {"main": FILE.format(statement), **OTHERS})
    unit = files.unit("main")
    constructor = unit.index.methods["__init__"][0]
    branch = constructor.body.body[1]
    assert isinstance(branch, cst.If)
    liveness = Liveness(files.modules)
    assert what_tells(branch, unit, liveness) is expected
    assert liveness.telling == {branch: expected}
