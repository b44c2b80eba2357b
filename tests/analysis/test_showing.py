"""Whether code may load a module or set eval mode, told from names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis.showing import Showing, names_loader
from tests.analysis.files import Files

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import transformers, package
from transformers import AutoModel, AutoTokenizer, PreTrainedModel
from torch import nn
"""
OTHERS = {
    "base": "from transformers import PreTrainedModel\nclass Base(PreTrainedModel): ...\n"
    "class Plain: ...\nfrom last import *\n",
    "package.__init__": "from package.inner import Base\nfrom torch import nn as layers\n",
    "package.inner": "from base import Base, Plain\nclass Holder:\n    class Model: ...\n",
    "package.deep.er.most": "class Plain: ...\n",
    "broken": "class Base(:\n",
}
# What is loaded from, the lines before it, and whether that may give a module.
SOURCES: dict[str, tuple[str, str, bool]] = {
    "a class of a library": ("AutoModel", "", True),
    "its tokenizer": ("AutoTokenizer", "", False),
    "a class of a library's module": ("transformers.AutoModel", "", True),
    "a tokenizer of its module": ("transformers.BertTokenizer", "", False),
    "a part of a library's class": ("transformers.models.AutoModel", "", True),
    "a class that loads something else": ("transformers.ModelCard", "", False),
    "by its own name": ("EMAModel", "from diffusers import EMAModel", False),
    "a library without loaders": ("nn.Linear", "", False),
    "a name for a tokenizer": ("self.tokenizer", "", False),
    "a name for a model": ("tokenizer.model", "", True),
    "what nobody binds": ("model", "", True),
    "what is computed": ("make()", "", True),
    "a global": ("KIND", "KIND = f()", True),
    "a module that is assigned again": ("nn.Linear", "nn = f(nn)", True),
    "a class with a loader of its own": (
        "Own",
        "class Own(AutoModel):\n    def from_pretrained(self): ...",
        False,
    ),
    "a class that inherits one": ("Own", "class Own(AutoModel): ...", True),
    "a class that inherits one later": ("Own", "class Own(nn.Module, AutoModel): ...", True),
    "a class that inherits none": ("Own", "class Own(nn.Module): ...", False),
    "a class that inherits a computed one": ("Own", "class Own(f()): ...", True),
    "a class with a builtin base": ("Own", "class Own(dict): ...", False),
    "a class with a base of a builtin's name": (
        "Own",
        "class dict(AutoModel): ...\nclass Own(dict): ...",
        True,
    ),
    "a class with a base that nobody binds": ("Own", "class Own(Base): ...", True),
    "a class that extends itself": ("Own", "class Own(Own): ...", True),
    "classes that extend each other": ("Own", "class Own(Two): ...\nclass Two(Own): ...", False),
    "a class of another file": ("Base", "from base import Base", True),
    "one that loads nothing": ("Plain", "from base import Plain", False),
    "one that is not bound there": ("Other", "from base import Other", True),
    "by its module": ("base.Plain", "import base", False),
    "by its package": ("package.inner.Plain", "", False),
    "by a package that imports it": ("package.Base", "", True),
    "a library's module in a package": ("package.layers.Linear", "", False),
    "a class in a class": ("package.inner.Holder.Model", "", True),
    "deep in a package": ("package.deep.er.most.Plain", "", False),
    "a module": ("package.inner", "", True),
    "one of a file that Python refuses": ("Base", "from broken import Base", True),
    "one of two": (
        "Plain",
        "try: from base import Base as Plain\nexcept ImportError: from base import Plain",
        True,
    ),
}


@pytest.mark.parametrize(("source", "before", "shows"), SOURCES.values(), ids=SOURCES)
def test_what_may_load(source: str, before: str, shows: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    program = f"{HEAD}{before}\ndef load(): return {source}.from_pretrained('x')\n"
    files = Files(tmp_path, {"main": program, **OTHERS})
    assert Showing(files.modules).may_show(files.unit("main"), "load", ()) is shows


IN_CLASS: dict[str, tuple[str, bool]] = {
    "its own method": ("class A(nn.Module):\n    def f(cls): cls.from_pretrained('x')", False),
    "an inherited one": ("class A(AutoModel):\n    def f(self): self.from_pretrained('x')", True),
    "of another class": ("class A(AutoModel):\n    def f(self): nn.from_pretrained('x')", False),
    "in a function": ("def A(self): self.from_pretrained('x')", True),
    "eval": ("class A:\n    def f(self): self.eval()", True),
    "nothing": ("class A:\n    def f(self): self.train()", False),
    "another definition loads": ("class A: ...\ndef f(): AutoModel.from_pretrained('x')", False),
    "a function that loads": ("def A(): SentenceTransformer('x')", True),
}


@pytest.mark.parametrize(("program", "shows"), IN_CLASS.values(), ids=IN_CLASS)
def test_what_a_definition_may_show(program: str, shows: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    files = Files(tmp_path, {"main": HEAD + program})
    unit = files.unit("main")
    showing = Showing(files.modules)
    assert showing.may_show(unit, "A", unit.symbols.names["A"]) is shows
    assert not showing.may_show(unit, None, ())


@pytest.mark.parametrize(
    ("text", "is_loader"),
    [
        ("transformers.AutoModel.from_pretrained", True),
        ("a.from_pretrained", True),
        ("sentence_transformers.SentenceTransformer", True),
        ("from_pretrained", False),
        ("a.from_pretrained.b", False),
        ("a.b", False),
    ],
)
def test_strings_that_name_a_loader(text: str, is_loader: bool) -> None:  # noqa: FBT001 - a column of the table
    assert names_loader(text) is is_loader
