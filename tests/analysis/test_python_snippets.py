"""What is said of plain Python for certain is what Python itself says.

Each of the snippets leaves a truth in ``tune``, by which a model is put into train mode or not.
Python runs the snippet, and the linter reads it.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest

from hfmode_lint import check_source

_SNIPPETS = Path(__file__).with_name("python_snippets.txt")
_TASK = """
class Task(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("x")
{before}
        if {test}:
            self.encoder.train()

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).loss
"""
_IMPORTS = "import lightning as L\nfrom transformers import AutoModel\n"

# What is certain and wrong, by the end of the snippet, with what would have to be followed.
KNOWN = {
    # That an import fails: it is taken to work.
    "    import nonexistent_module_xyz\n    tune = True\nexcept ImportError:\n    tune = False",
    # Two names of one list, one of them an attribute of a class, at the top level of a file.
    "a = C(); b = C(); a.flags.append(1); tune = bool(b.flags)",
    # ``setattr`` at the top level, where only the class shows an attribute.
    'c = C(); setattr(c, "x", False); tune = c.x',
    # That a member of an enumeration does not equal what it stands for.
    "    A = 1\n    B = 2\ntune = M.A == 1",
    # What a function does that somebody else calls.
    "t = threading.Thread(target=lambda: x.append(1)); t.start(); t.join(); tune = bool(x)",
}


def _snippets() -> list[str]:
    return _SNIPPETS.read_text(encoding="utf-8").strip("\n").split("\n---\n")


@cache
def _truth(snippet: str) -> bool:
    """What Python says."""
    # A dataclass asks for the module that it is in.
    names: dict[str, object] = {"__name__": __name__}
    function = f"def told():\n{indent(snippet, '    ')}\n    return bool(tune)\n"
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = function + "result = told()"
        exec(compile(text, "snippet", "exec", dont_inherit=True), names)
    return bool(names["result"])


def _in_constructor(snippet: str) -> str:
    return _IMPORTS + _TASK.format(before=indent(snippet, " " * 8), test="tune")


def _in_function(snippet: str) -> str:
    told = f"def told():\n{indent(snippet, '    ')}\n    return tune\n"
    return _IMPORTS + told + _TASK.format(before="", test="told()")


def _at_top_level(snippet: str) -> str:
    return f"{_IMPORTS}{snippet}\n{_TASK.format(before='', test='tune')}"


@pytest.mark.parametrize("place", [_in_constructor, _in_function, _at_top_level])
@pytest.mark.parametrize("snippet", _snippets())
def test_what_is_certain_is_so(snippet: str, place: object) -> None:
    assert callable(place)
    codes = {finding.code for finding in check_source(place(snippet), "task.py")}
    certain = codes != {"HFM002"}
    right = codes == (set() if _truth(snippet) else {"HFM001"})
    if certain and not right and any(snippet.endswith(known) for known in KNOWN):
        pytest.xfail("known to be wrong")
    assert right or not certain


def test_snippets_are_told_apart() -> None:
    snippets = _snippets()
    assert len(snippets) == len(set(snippets))
    assert {_truth(each) for each in snippets} == {True, False}


def test_what_is_known_is_still_there() -> None:
    assert all(any(each.endswith(known) for each in _snippets()) for known in KNOWN)
