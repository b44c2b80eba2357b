"""Which classes hold a loaded module, and which files have to do with it."""

from __future__ import annotations

import pytest

from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.holding import Holder
from hfmode_lint.analysis.parsing import parse
from tests.analysis.programs import IMPORTS, module

NET = """
import tools.bases
class Body(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.m = AutoModel.from_pretrained(name)
class Net(Body, tools.bases.Base): ...
class Lid(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.body = Body(name)
"""
IN_NET = "self.net = Net(name)"

HOLDERS = {
    "in a file": (IN_NET, "/app/lit.py", "app.lit", ["Lit", "Net", "tools.bases.Base", "Body"]),
    "through a class in between": (
        "self.lid = Lid(name)",
        *("/app/lit.py", "app.lit", ["Lit", "Lid", "Body"]),
    ),
    "in a package": (IN_NET, "/app/__init__.py", "app", ["Lit", "Net", "tools.bases.Base", "Body"]),
    "in a file at the top": (IN_NET, "/lit.py", "lit", ["Lit", "Net", "tools.bases.Base", "Body"]),
    "in no file": (IN_NET, "", "", ["Lit", "Net", "tools.bases.Base", "Body"]),
    "by itself": ("self.m = AutoModel.from_pretrained(name)", "/app/lit.py", "app.lit", ["Lit"]),
}


@pytest.mark.parametrize(("lines", "file", "name", "classes"), HOLDERS.values(), ids=HOLDERS)
def test_who_holds_what_is_loaded(lines: str, file: str, name: str, classes: list[str]) -> None:
    analysis = analyse(parse(module(lines).replace(IMPORTS, IMPORTS + NET)), file)
    (record, *_) = analysis.paths
    held = record.holding_of(record.sightings[0])
    root = ("/", *name.split(".")) if name else ()
    expected = {
        Holder(tuple(each.split(".")), "") if "." in each else Holder((*root, each), file)
        for each in classes
    }
    assert len(held.holders) == len(classes)
    assert set(held.holders) == expected
    assert held.files == {file}
