"""Which classes hold a loaded module, and which files have to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis import analyse
from hfmode_lint.analysis.holding import Holder, Holding
from tests.analysis.programs import IMPORTS, module

if TYPE_CHECKING:
    from collections.abc import Callable

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
    analysis = analyse(module(lines).replace(IMPORTS, IMPORTS + NET), file)
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


def of_net(held: Holding) -> bool:
    return any(each.name[-1] == "Net" for each in held.holders)


BOTH = "self.net = Net(name)\nself.m = AutoModel.from_pretrained(name)\nself.layer = nn.ReLU()"
# Which modules count: paths of those that are loaded, of all, of the loaded ones that don't.
COUNTED: dict[str, tuple[Callable[[Holding], bool], list[str], list[str], list[str]]] = {
    "all": (
        lambda _: True,
        ["self.net.m", "self.m"],
        ["self", "self.net", "self.net.m", "self.m", "self.layer"],
        [],
    ),
    "some": (
        lambda held: not of_net(held),
        ["self.m"],
        ["self", "self.m", "self.layer"],
        ["self.net.m"],
    ),
    "those that a file loads": (
        lambda held: "/app/lit.py" in held.files,
        ["self.net.m", "self.m"],
        ["self.net.m", "self.m"],
        [],
    ),
    "none": (lambda _: False, [], [], ["self.net.m", "self.m"]),
}


@pytest.mark.parametrize(("counts", "loaded", "states", "left_out"), COUNTED.values(), ids=COUNTED)
def test_what_a_path_showed_of_the_modules_that_count(
    counts: Callable[[Holding], bool], loaded: list[str], states: list[str], left_out: list[str]
) -> None:
    analysis = analyse(module(BOTH).replace(IMPORTS, IMPORTS + NET), "/app/lit.py")
    first, *others = analysis.paths[0].restricted_to(counts)
    assert {each.path for each in first.sightings} == set(loaded)
    assert {each.path for each in first.states} == set(states)
    assert not first.supposed
    shown = [(sorted(each.path for each in o.sightings), o.states, o.supposed) for o in others]
    assert shown == ([(sorted(left_out), (), True)] if left_out else [])
    restricted = analysis.restricted_to(counts)
    assert all(not each.supposed for each in restricted.paths)
    assert {each.path for each in restricted.loaded} == set(loaded)


def test_a_path_concerns_the_file_that_sets_a_mode() -> None:
    analysis = analyse(module("self.n = nn.ReLU()\nself.n.eval()"), "/app/lit.py")
    (record, *_) = analysis.paths
    assert record.sightings == ()
    assert record.concerns(analysis.unit)
    assert not record.concerns(analyse("").unit)
