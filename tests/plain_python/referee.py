"""What Python says of a snippet, and what the linter does."""

from __future__ import annotations

import contextlib
import io
import warnings
from enum import Enum
from functools import cache
from textwrap import indent
from typing import TYPE_CHECKING

from hfmode_lint import check_paths, check_source

if TYPE_CHECKING:
    from pathlib import Path

_IMPORTS = "import lightning as L\nfrom transformers import AutoModel\n"
_TASK = """
class Task(L.LightningModule):
    def __init__(self, flag):
        super().__init__()
        self.flag = flag
        self.encoder = AutoModel.from_pretrained("x")
{before}
        if {test}:
            self.encoder.train()

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).loss
"""
_LATER = """
class Task(L.LightningModule):
    def __init__(self, flag):
        super().__init__()
        self.flag = flag
        self.encoder = AutoModel.from_pretrained("x")

    def tell(self, flag):
{before}
        self.tune = tune

    def on_fit_start(self):
        self.tell(self.flag)
        if self.tune:
            self.encoder.train()

    def training_step(self, batch, batch_idx):
        return self.encoder(batch).loss
"""
_OPTIONS = """
class Options:
    def __init__(self, flag):
{before}
        self.tune = tune
"""
_SCRIPT = """
{snippet}
L.Trainer().fit(Task(tune))
"""


class Place(Enum):
    """Where a snippet stands, or what runs it."""

    CONSTRUCTOR = "the LightningModule's constructor"
    FUNCTION = "a function of the file"
    METHOD = "a method that a hook calls"
    OPTIONS = "the constructor of an object of its own"
    TOP_LEVEL = "the top level of the file"
    SCRIPT = "a script that trains"
    FUNCTION_ELSEWHERE = "a function of another file"
    TOP_LEVEL_ELSEWHERE = "the top level of another file"


# Those in which there is nothing unknown: ``flag`` is the parameter of a function.
WITHOUT_FLAG = frozenset({Place.TOP_LEVEL, Place.SCRIPT, Place.TOP_LEVEL_ELSEWHERE})


@cache
def truths(snippet: str, flags: tuple[bool, ...] = (True, False)) -> frozenset[bool]:
    """What Python says, for each value of ``flag``.

    :raises Exception: whatever the snippet does.
    """
    # A dataclass asks for the module that it is in.
    names: dict[str, object] = {"__name__": __name__, "flags": flags}
    told = f"def told(flag):\n{indent(snippet, '    ')}\n    return bool(tune)\n"
    text = told + "result = frozenset(map(told, flags))"
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, "snippet", "exec", dont_inherit=True), names)
    result = names["result"]
    assert isinstance(result, frozenset)
    return result


def program(snippet: str, place: Place) -> dict[str, str]:
    """The files of a program that trains a model where the snippet says so, by name."""
    function = f"def told(flag):\n{indent(snippet, '    ')}\n    return tune\n"
    deeper = indent(snippet, " " * 8)
    called = _TASK.format(before="", test="told(flag)")
    plain = _TASK.format(before="", test="tune")
    if place is Place.CONSTRUCTOR:
        return {"task.py": _IMPORTS + _TASK.format(before=deeper, test="tune")}
    if place is Place.FUNCTION:
        return {"task.py": _IMPORTS + function + called}
    if place is Place.METHOD:
        return {"task.py": _IMPORTS + _LATER.format(before=deeper)}
    if place is Place.OPTIONS:
        test = "Options(flag).tune"
        options = _OPTIONS.format(before=deeper)
        return {"task.py": _IMPORTS + options + _TASK.format(before="", test=test)}
    if place is Place.TOP_LEVEL:
        return {"task.py": f"{_IMPORTS}{snippet}\n{plain}"}
    if place is Place.SCRIPT:
        task = _TASK.format(before="", test="flag")
        return {"task.py": _IMPORTS + task + _SCRIPT.format(snippet=snippet)}
    if place is Place.FUNCTION_ELSEWHERE:
        return {"task.py": f"{_IMPORTS}from told import told\n{called}", "told.py": function}
    return {"task.py": f"{_IMPORTS}from told import tune\n{plain}", "told.py": snippet + "\n"}


def codes(snippet: str, place: Place, folder: Path) -> frozenset[str]:
    """The codes of the findings.

    :param folder: where the files are put, if there are several.
    """
    files = program(snippet, place)
    if len(files) == 1:
        return frozenset(each.code for each in check_source(files["task.py"], "task.py"))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return frozenset(each.code for each in check_paths([folder / "task.py"]))


def is_certain(found: frozenset[str]) -> bool:
    """Whether the linter says how it is, and not that it may be so."""
    return found != {"HFM002"}


def is_right(found: frozenset[str], said: frozenset[bool]) -> bool:
    """Whether the findings are what they are to be, where they are certain at all.

    :param said: what Python says.
    """
    if not is_certain(found):
        return True
    return len(said) == 1 and found == ({"HFM001"} if False in said else frozenset())
