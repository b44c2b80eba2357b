"""What names stand for across the files of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import check_paths

if TYPE_CHECKING:
    from pathlib import Path

TASK = """\
import lightning as L
{imports}

class Net(L.LightningModule):
    def __init__(self, name):
        super().__init__()
        self.m = {load}

    def training_step(self, batch, batch_idx):
        return self.m(batch)
"""
LOADERS = """\
from transformers import AutoModel

def sick(name):
    return AutoModel.from_pretrained(name)

def well(name):
    return AutoModel.from_pretrained(name).train()

def _private(name):
    return AutoModel.from_pretrained(name)
"""
# The first line is one that Python accepts and libcst does not.
REFUSED = """\
(x): int = 1
import lightning as L
from transformers import AutoModel

class Other(L.LightningModule):
    def __init__(self, name):
        super().__init__()
        self.m = sick(name)

    def training_step(self, batch, batch_idx):
        return self.m(batch)

def sick(name):
    return AutoModel.from_pretrained(name)
"""
KINDS = """\
KINDS = {}

def register(name):
    def add(f):
        KINDS[name] = f
        return f
    return add

def keep(f):
    KINDS["kept"] = f
    return f
"""
DECORATING = """\
from kinds import keep, register
from loaders import sick, well

@register("b")
def make(name):
    return sick(name)

@keep
def make_again(name):
    return sick(name)

@register("d")
def make_well(name):
    return well(name)
"""
STOPPING = """\
class Box:
    def __init__(self, model):
        self.model = model

def stopped(model):
    for parameter in model.parameters():
        parameter.requires_grad = False
    return model

def unpacked(box):
    return stopped(box.model)

def put(owner, model):
    owner.m = model

def put_boxed(owner, box):
    owner.m = box.model
"""
KEEPING = """\
class Keeper:
    def __init__(self):
        self.kinds = {}
    def keep(self, f):
        self.kinds["a"] = f
        return f

keeper = Keeper()
"""
KEPT = """\
from keeping import keeper
from loaders import sick

@keeper.keep
def make(name):
    return sick(name)
"""
# A LightningModule that has nothing to do with loaders.
READY = """\
import lightning as L

class Ready(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.ready = True
"""
FILES = {
    "stopping": STOPPING,
    "loaders": LOADERS,
    "stars": "from loaders import *\n",
    "package.__init__": "",
    "package.inner": LOADERS,
    "package.deep.most": LOADERS,
    "package.Xs": LOADERS,
    "keeping": KEEPING,
    "kept": KEPT,
    "ready": READY,
    "listed": "from loaders import sick, well\n__all__ = ['sick']\n",
    "computed": "from loaders import sick, well\n__all__ = names()\n",
    "broken": "def sick(:\n",
    "refused": REFUSED,
    "kinds": KINDS,
    "handing": "from kinds import KINDS, register\n",
    "own_kinds": "KINDS = {}\n",
    "filling": "from handing import KINDS\nfrom loaders import sick, well\nKINDS['a'] = sick\n",
    "decorating": DECORATING,
    "shadowing.__init__": "from loaders import well as inner\n",
    "shadowing.inner": LOADERS,
    "own_part.__init__": "from . import inner, inner as same\nget = inner.sick\n",
    "own_part.inner": LOADERS,
    "own_part_named.__init__": "from own_part_named import inner\nget = inner.sick\n",
    "own_part_named.inner": LOADERS,
    "circle_a": "from circle_b import nothing\n",
    "circle_b": "from circle_a import nothing\n",
    "others": "from own_kinds import KINDS\nfrom loaders import well\nKINDS['a'] = well\n",
}
WELL: list[str] = []
SICK = ["HFM001"]
# What is imported, what is loaded by it, and what is reported.
PROGRAMS: dict[str, tuple[str, str, list[str]]] = {
    "a function": ("from loaders import sick", "sick(name)", SICK),
    "another one": ("from loaders import well", "well(name)", WELL),
    "by a star": ("from loaders import *", "sick(name)", SICK),
    "another one by a star": ("from loaders import *", "well(name)", WELL),
    "by two stars": ("from stars import *", "sick(name)", SICK),
    "the last star": ("from transformers import *\nfrom loaders import *", "sick(name)", SICK),
    "a star of a file that Python refuses": (
        "from loaders import *\nfrom broken import *",
        "sick(name)",
        SICK,
    ),
    "a star of a file that libcst refuses": (
        "from loaders import *\nfrom refused import *",
        "sick(name)",
        WELL,
    ),
    "what a file has that libcst refuses, beside a loader": (
        "from transformers import AutoModel\nfrom refused import *",
        "AutoModel.from_pretrained(name); self.n = sick(name)",
        SICK,
    ),
    "a star leaves private names out": ("from loaders import *", "_private(name)", WELL),
    "a star and __all__": ("from listed import *", "sick(name)", SICK),
    "a star and a list that is computed": ("from computed import *", "sick(name)", SICK),
    "a module by a name": (
        "import importlib",
        "importlib.import_module('package.inner').sick(name)",
        SICK,
    ),
    "a relative name": (
        "import importlib, package.Xs",
        "importlib.import_module('.Xs', 'package').sick(name)",
        SICK,
    ),
    "a well one by a name": (
        "import importlib",
        "importlib.import_module('package.inner').well(name)",
        WELL,
    ),
    "a module by a name and its package": (
        "import importlib",
        "importlib.import_module('.inner', 'package').sick(name)",
        SICK,
    ),
    "a module by a name that leads out of its package": (
        "import importlib",
        "importlib.import_module('...inner', package='package.deep').sick(name)",
        WELL,
    ),
    "a module that its package hides": (
        "import importlib",
        "importlib.import_module('shadowing.inner').sick(name)",
        SICK,
    ),
    "an earlier star": ("from loaders import *\nfrom kinds import *", "sick(name)", SICK),
    "its own module": (
        "import sys\nfrom loaders import sick",
        "getattr(sys.modules[__name__], 'sick')(name)",
        SICK,
    ),
    "a module that is loaded": ("import sys, loaders", "sys.modules['loaders'].sick(name)", SICK),
    "a function by its name": (
        "from hydra.utils import get_method",
        "get_method('package.deep.most.sick')(name)",
        SICK,
    ),
    "a registry": (
        "import filling, decorating, others\nfrom kinds import KINDS",
        "KINDS['a'](name)",
        SICK,
    ),
    "decorated": ("import decorating\nfrom kinds import KINDS", "KINDS['b'](name)", SICK),
    "decorated without a call": (
        "import decorating\nfrom kinds import KINDS",
        "KINDS['kept'](name)",
        SICK,
    ),
    "decorated by a method": (
        "import kept\nfrom keeping import keeper",
        "keeper.kinds['a'](name)",
        SICK,
    ),
    "a well one decorated": (
        "import decorating\nfrom kinds import KINDS",
        "KINDS['d'](name)",
        WELL,
    ),
    "given to code elsewhere": (
        "from loaders import sick\nfrom stopping import stopped",
        "stopped(sick(name))",
        WELL,
    ),
    "given to code elsewhere in a box": (
        "from loaders import sick\nfrom stopping import Box, unpacked",
        "unpacked(Box(sick(name)))",
        WELL,
    ),
    "put somewhere by code elsewhere": (
        "from loaders import sick\nfrom stopping import put\nfrom torch import nn",
        "nn.Module(); put(self.m, sick(name))",
        SICK,
    ),
    "put somewhere out of a box": (
        "from loaders import sick\nfrom stopping import Box, put_boxed\nfrom torch import nn",
        "nn.Module(); put_boxed(self.m, Box(sick(name)))",
        SICK,
    ),
    "a flag of another LightningModule": (
        "from loaders import sick\nfrom ready import Ready",
        "sick(name)\n        if Ready().ready: self.m.train()",
        WELL,
    ),
    "of a package's part": ("from own_part import get", "get(name)", SICK),
    "of a package's part by another name": ("import own_part", "own_part.same.sick(name)", SICK),
    "of a part that a package names in full": ("from own_part_named import get", "get(name)", SICK),
    "a well one of a package's part": ("from own_part import inner", "inner.well(name)", WELL),
    "what files have from each other": (
        "from loaders import sick\nfrom circle_a import nothing",
        "sick(nothing)",
        SICK,
    ),
    "another registry of that name": (
        "import filling, others\nfrom own_kinds import KINDS",
        "KINDS['a'](name)",
        WELL,
    ),
}


@pytest.mark.parametrize(("imports", "load", "expected"), PROGRAMS.values(), ids=PROGRAMS)
def test_what_is_found(imports: str, load: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    for name, text in FILES.items():
        path = tmp_path / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "task.py").write_text(TASK.format(imports=imports, load=load))
    found = check_paths([tmp_path])
    assert [each.code for each in found if each.code != "HFM000"] == expected
