"""What is not worth running shows nothing: running it all the same changes no finding."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source
from hfmode_lint.analysis.reach import Reach
from hfmode_lint.analysis.units import OneFile, Unit
from tests.analysis.files import Files
from tests.test_projects import NAMES, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EVERY_RULE = Options(select=("ALL",))


def everything(self: Reach, entries: Sequence[object]) -> set[object]:
    del self
    return set(entries)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_left_out_shows_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = check_paths([PROJECTS / name], EVERY_RULE)
    monkeypatch.setattr(Reach, "worth_running", everything)
    assert check_paths([PROJECTS / name], EVERY_RULE) == found


def test_a_class_that_loads_and_switches_nothing_is_left_out() -> None:
    unit = Unit("", lambda: TWO_TASKS)
    entries = [(unit, "Loaded"), (unit, "Made"), (unit, "Held"), (unit, "held")]
    reach = Reach(OneFile(), [unit])
    assert reach.worth_running(entries) == {(unit, "Loaded")}


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        ("self.model = AutoModel.from_pretrained('x')", True),
        ("self.tokenizer = AutoTokenizer.from_pretrained('x')", False),
        ("self.model = kind.from_pretrained('x')", True),
        ("self.model = Own.from_pretrained('x')", False),
        ("self.model = Extended.from_pretrained('x')", True),
        ("self.model = Task.from_pretrained('x')", False),
        ("self.model = getattr(kind, 'from_pretrained')('x')", True),
        ("self.model = getattr(kind, name)('x')", False),
        ("self.model = make({'_target_': 'transformers.AutoModel.from_pretrained'})", True),
        ("self.model = MODEL", True),
        ("self.model = self.from_pretrained('x')", False),
        ("self = kind; self.model = self.from_pretrained('x')", True),
        ("def load(self, cls): return cls.from_pretrained('x')", True),
        ("self.model = eval('Net')()", True),
        ("self.model = globals()['Net']()", True),
        ("self.model = getattr(sys.modules[__name__], 'Net')()", True),
        ("self.model = make('__main__.Net')", True),
        ("self.model.train()", False),
        ("self.model.train(False)", True),
        ("self.model.eval()", True),
        ("self.model.apply(nn.Module.eval)", True),
        ("self.model = SentenceTransformer('x')", True),
    ],
)
def test_what_shows(body: str, shows: bool) -> None:  # noqa: FBT001 - a column of the table
    unit = Unit("", lambda: ONE_TASK.format(body=body))
    worth = Reach(OneFile(), [unit]).worth_running([(unit, "Task")])
    assert bool(worth) is shows


LOADER = """\
from transformers import AutoModel


def load():
    return AutoModel.from_pretrained("x")


def other():
    return None


def by_name():
    return "transformers.AutoModel.from_pretrained"


class Net(nn.Module):
    inner = load


KINDS = {"net": load}
MADE = {}


def fill():
    MADE["net"] = load
"""
OTHERS = {
    "loader": LOADER,
    "handing_on": "from loader import load, load as renamed, other\n",
    "changing": "from loader import load\nload = wrap(load)\nother = 1\n",
    "star": "from loader import *\n",
    "circle": "from circle_back import load, nothing\nfrom loader import other\n",
    "circle_back": "from circle import load, nothing\nfrom loader import load as other\n",
    "package.__init__": "import loader\nfrom package import inner\n",
    "package.itself": "from package import deep, itself, inner\n",
    "package.inner": "from loader import load\ndef other(): pass\n",
    "package.deep.most": "from loader import load\ndef nothing(): pass\n",
    "registry": "import loader\nALL = {}\nEMPTY = {}\ndef register(f): return f\n",
    "filling": "from loader import load\nfrom registry import ALL\nALL['a'] = load\n",
    "unrelated": "def load(): pass\n",
    "loading_itself": "def load(): AutoModel.from_pretrained('x')\n",
    "broken": "import loader\ndef load(:\n",
    "refused": "def load(:\n",
    # Folders without a file of their own.
    "package.deep.changing": "from loader import load\nfrom unrelated import load as x\nx = load\n",
    "package.deep.star": "from loader import *\n",
    "handing_on_a_folder": "from package import deep as d\n",
    "own_code": "from loader import *\nload()\n",
    "empty_star": "from unrelated import *\n",
    # What does not import the loader itself.
    "kinds": "KINDS = {}\nEMPTY = {}\ndef register(f): KINDS[f] = f\ndef plain(f): return f\n",
    "filling_kinds": "from loader import load\nfrom kinds import KINDS, EMPTY\n"
    "KINDS['a'] = load\nEMPTY['a'] = None\n",
    "more": "MORE = {}\ndef register(f): MORE[f] = f\ndef plain(f): return f\n",
    "registering": "from loader import load\nfrom more import register\nregister(load)\n",
    "calling": "from loader import load\nfrom more import plain\nplain(load)\n",
}
# Programs, each with those of its functions and of what it imports that lead to the loader.
LEADING: dict[str, tuple[str, set[str]]] = {
    "a name": ("from loader import load, other\ndef a(): load()\ndef b(): other()", {"a"}),
    "through others": (
        "from loader import load\ndef a(): b()\ndef b(): c()\ndef c(): load()\ndef d(): pass",
        {"a", "b", "c"},
    ),
    "a part of a module": (
        "import loader\ndef a(): loader.load()\ndef b(): f()",
        {"a"},
    ),
    "a module by another name": (
        "import loader as m\ndef a(): m.load()\ndef b(): f()",
        {"a"},
    ),
    "some part of a module": ("import loader\ndef a(): getattr(loader, n)()\ndef b(): f()", {"a"}),
    "a class": ("import loader\ndef a(): loader.Net()\ndef b(): f()", {"a"}),
    "a class that extends it": (
        "from loader import Net\nclass Own(Net): ...\ndef a(): Own()\nclass B: ...\ndef b(): B()",
        {"a"},
    ),
    "a global": ("import loader\ndef a(): loader.KINDS[n]()\ndef b(): f()", {"a"}),
    "a global that is filled by a function": (
        "import loader\ndef a(): loader.MADE[n]()\ndef b(): f()",
        {"a"},
    ),
    "all of a module": ("from loader import *\ndef a(): load()\ndef b(): other()", {"a"}),
    "a module that takes all": (
        "import star\ndef a(): star.load()\ndef b(): f()",
        {"a"},
    ),
    "out of a module that takes all": (
        "from star import load, other\ndef a(): load()\ndef b(): other()",
        {"a"},
    ),
    "handed on": (
        "from handing_on import load, other\ndef a(): load()\ndef b(): other()",
        {"a"},
    ),
    "handed on by another name": (
        "import handing_on\ndef a(): handing_on.renamed()\ndef b(): f()",
        {"a"},
    ),
    "changed on the way": (
        "import changing\ndef a(): changing.load()\ndef b(): f()",
        {"a"},
    ),
    "in a circle": (
        "import circle\ndef a(): circle.load()\ndef b(): circle.nothing()",
        set(),
    ),
    "its package": (
        (
            "import package\ndef a(): package.inner.load()\ndef b(): f()\n"
            "def c(): package.loader.load()"
        ),
        {"a", "c"},
    ),
    "deep in a package": (
        "import package.deep.most\ndef a(): package.deep.most.load()\ndef b(): f()",
        {"a"},
    ),
    "a package's module": (
        "from package.deep import most\ndef a(): most.load()\ndef b(): f()",
        {"a"},
    ),
    "a registry": (
        "from registry import ALL, EMPTY\ndef a(): ALL[n]()\ndef b(): EMPTY[n]()",
        {"a"},
    ),
    "a file with another import": (
        "from unrelated import load\nimport loader\ndef a(): load()\ndef b(): f()",
        set(),
    ),
    "a file that Python refuses": ("from broken import load\ndef a(): load()", set()),
    "loads though nobody asks about it": (
        "import loader\nfrom loading_itself import load\ndef a(): load()",
        set(),
    ),
    "a decorated function": (
        "from loader import load, other\n@load\ndef a(): ...\n@other\ndef b(): ...",
        {"a"},
    ),
    "a description": (
        (
            "import loader\ndef a(): make({'_target_': 'loader.load'})\n"
            "def b(): make({'_target_': 'loader.other'})"
        ),
        {"a"},
    ),
    "the name of a library's loader": (
        (
            "import loader\ndef a(): make('transformers.AutoModel.from_pretrained')\n"
            "def b(): make('transformers.AutoModel')\ndef c(): loader.by_name()"
        ),
        {"a", "c"},
    ),
    "a module by a string": (
        "import loader\ndef a(): import_module('loader')\ndef b(): import_it('loader')",
        {"a"},
    ),
    "a package by a string": (
        "import loader\ndef a(): import_module('package.deep')\ndef b(): import_it('package.deep')",
        {"a"},
    ),
    "a string that is put together": (
        (
            "import loader\ndef a(): f('package.deep.{}'.format(n))\n"
            "def b(): f('unrelated.{}'.format(n))"
        ),
        {"a"},
    ),
    "a part of a module by a string": (
        "import loader\ndef a(): f('package.inner.load')\ndef b(): f('package.inner.other')",
        {"a"},
    ),
    "a relative name": (
        "import loader\ndef a(): import_module('.loader')\ndef b(): import_module('.unrelated')",
        {"a"},
    ),
    "all of its own file": (
        "import loader\ndef a(): globals()[n]\ndef b(): f()\nloader.load()",
        {"a"},
    ),
    "a folder without a file": (
        (
            "from package import deep\ndef a(): deep.most.load()\n"
            "def b(): deep.none.load()\ndef c(): deep.star.load()\ndef d(): deep.most.nothing()"
        ),
        {"a", "c"},
    ),
    "a part of a module in a folder": (
        "from package import deep\ndef a(): getattr(deep.most, n)()\ndef b(): getattr(deep, n)",
        {"a"},
    ),
    "a folder, handed on": (
        (
            "from handing_on_a_folder import d\ndef a(): d.most.load()\n"
            "def b(): d.most.load()\ndef c(): d.none.load()"
        ),
        {"a", "b"},
    ),
    "changed on the way, in a folder": (
        "import loader\nfrom package import deep\ndef a(): deep.changing.x()\ndef b(): deep.x()",
        {"a"},
    ),
    "modules that take all, as a whole": (
        "import star\nimport empty_star\ndef a(): f(star)\ndef b(): f(empty_star)",
        {"a"},
    ),
    "the own code of a module that takes all": (
        "import unrelated\nfrom own_code import *\ndef a(): f(unrelated)\ndef b(): load()",
        {"b"},
    ),
    "a file that Python refuses, with another import": (
        "import loader\nfrom refused import load\ndef a(): load()",
        set(),
    ),
    "a registry that others fill": (
        ("import loader\nfrom kinds import KINDS, EMPTY\ndef a(): KINDS[n]()\ndef b(): EMPTY[n]()"),
        {"a"},
    ),
    "a function by which others fill a registry": (
        ("import loader\nfrom more import MORE, plain\ndef a(): MORE[n]()\ndef b(): plain(n)"),
        {"a"},
    ),
    "itself by a string": (
        "import loader\ndef a(): f('__main__.x')\ndef b(): f()\ndef c(): loader.load()",
        {"a", "c"},
    ),
    "an import of its own": (
        (
            "def a():\n from loader import load\n load()\n"
            "def b():\n from loader import other\n other()"
        ),
        {"a"},
    ),
    "a module of its own": (
        (
            "def a():\n import loader as m\n m.load()\n"
            "def b():\n import loader as m\n m.other()\n"
            "def c():\n import loader as m\n f(m)"
        ),
        {"a", "c"},
    ),
    "a method of a class with an import of its own": (
        "class A:\n def __init__(self):\n  from loader import load\n  load()\ndef a(): A()",
        {"a"},
    ),
    "a module as a whole": (
        "import loader\ndef a(): f(loader)\ndef b(): f(loader.other)",
        {"a"},
    ),
    "some part of something else": (
        "import loader\ndef a(): getattr(loader.KINDS, n)\ndef b(): getattr(c.d, n)(loader.other)",
        {"a"},
    ),
    "what a package imports of itself": (
        "from package import itself\ndef a(): itself.inner.load()\ndef b(): itself.deep.none()",
        {"a"},
    ),
    "a name by a string, and methods that are called alike": (
        (
            "import loader\ndef a(): eval(n)\ndef b(): x.eval()\ndef c(): x.modules()\n"
            "def d(): sys.modules[n]\ndef e(): loader.load()"
        ),
        {"a", "d", "e"},
    ),
    "what a library's decorator decorates elsewhere": (
        (
            "from functools import cache\nfrom loader import load, other\n"
            "@cache\ndef a(): load()\n@cache\ndef b(): other()"
        ),
        {"a"},
    ),
    "what a decorator of the program decorates": (
        (
            "from loader import load\nimport more\n"
            "@more.register\ndef a(): load()\ndef b(): more.MORE[n]()\ndef c(): f()"
        ),
        {"a", "b"},
    ),
}


@pytest.mark.parametrize(("program", "expected"), LEADING.values(), ids=LEADING)
def test_what_leads_to_a_loader_of_another_file(
    program: str, expected: set[str], tmp_path: Path
) -> None:
    files = Files(tmp_path, {"main": program, **OTHERS})
    main = files.unit("main")
    reach = Reach(files.modules, [files.unit("loader")])
    found = reach.worth_running([(main, each) for each in main.symbols.functions])
    assert {name for _, name in found} == expected


def test_to_import_a_loader_leads_nowhere(tmp_path: Path) -> None:
    programs = {"a": "from loader import load", "b": "import loader\nloader.load()"}
    files = Files(tmp_path, {**OTHERS, **programs})
    reach = Reach(files.modules, [files.unit("loader")])
    entries = [(files.unit("a"), ""), (files.unit("b"), "")]
    assert reach.worth_running(entries) == {(files.unit("b"), "")}


def test_what_a_configuration_describes(tmp_path: Path) -> None:
    program = "import loader\nOmegaConf.load('{}.yaml')\ndef main(): make()"
    configs = {"loads": "loader.load", "other": "loader.other", "folder": "package.deep"}
    for name, target in configs.items():
        (tmp_path / f"{name}.yaml").write_text(f"_target_: {target}\n")
    files = Files(tmp_path, {**OTHERS, **{name: program.format(name) for name in configs}})
    reach = Reach(files.modules, [files.unit("loader")])
    entries = [(files.unit(name), "main") for name in configs]
    assert reach.worth_running(entries) == {(files.unit("loads"), "main")}


def test_a_loader_of_an_installed_package(tmp_path: Path) -> None:
    package = tmp_path / ".venv" / "lib" / "python3" / "site-packages" / "company.py"
    package.parent.mkdir(parents=True)
    package.write_text(LOADER)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    program = "from company import load, other\ndef a(): load()\ndef b(): other()"
    files = Files(tmp_path, {"main": program}, follow=["company"])
    main = files.unit("main")
    reach = Reach(files.modules, [main])
    assert reach.worth_running([(main, "a"), (main, "b")]) == {(main, "a")}


def test_what_leads_to_a_name_of_a_file_that_nobody_asks_about(tmp_path: Path) -> None:
    main = "from loader import load\nfrom unrelated import load as x\ndef a(): load()\ndef b(): x()"
    other = "from unrelated import load\ndef c(): load()\ndef d(): other()"
    texts = {name: OTHERS[name] for name in ("loader", "unrelated")}
    files = Files(tmp_path, {**texts, "main": main, "other": other})
    a, b = ((files.unit("main"), name) for name in "ab")
    c, d = ((files.unit("other"), name) for name in "cd")
    reach = Reach(files.modules, [files.unit("loader")])
    assert reach.leading_to({(files.unit("unrelated"), "load")}, [a, b, c, d]) == {b, c}
    # Those that it was made to ask about are still asked about.
    assert reach.worth_running([a, b, c, d]) == {a}


TASK = """\
import lightning as L
import torch


class Task(L.LightningModule):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def training_step(self, batch, batch_idx):
        return self.model(**batch).loss

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters())
"""
BUILD = """\
import lightning as L
from task import Task
from transformers import AutoModel


def build():
    return L.Trainer(), Task(AutoModel.from_pretrained("x"))
"""
# Leads to nothing that shows anything of the other file.
TRAIN = """\
import lightning as L
from task import Task
from torch import nn
from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("x")
L.Trainer().fit(Task(nn.Linear(1, 1)))
"""


TRAIN_A_LOADED_ONE = """\
import lightning as L
from task import Task
from transformers import AutoModel

L.Trainer().fit(Task(AutoModel.from_pretrained("y").train()))
"""
# Shows nothing of its own, and leaves nothing to be trained.
OTHER = """

def other():
    L.Trainer().fit(AutoModel.from_pretrained("y"))
"""
BUILD_NOW = f"{BUILD}{OTHER}\n\nbuild()\n"
CLASS_IN_A_FUNCTION = f"""\
def Task(model):
{indent(TASK.replace("Task", "Inner"), "    ")}
    return Inner(model)
"""


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, 1),
        ({"train": TRAIN}, 0),
        ({"task": CLASS_IN_A_FUNCTION, "build": BUILD_NOW}, 1),
        ({"task": CLASS_IN_A_FUNCTION, "build": BUILD_NOW, "train": TRAIN_A_LOADED_ONE}, 0),
        ({"build": BUILD + OTHER}, 1),
        ({"build": BUILD + OTHER, "train": TRAIN}, 0),
    ],
    ids=["no", "yes", "in a function", "it too", "among others", "they too"],
)
def test_whether_a_file_trains_what_another_one_makes(
    files: dict[str, str], found: int, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    for name, text in {"task": TASK, "build": BUILD, **files}.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert len(check_paths([tmp_path / "build.py"])) == found


@pytest.mark.parametrize(
    ("made", "found"), [("Task(nn.Linear(1, 1))", 0), ("nn.Linear(1, 1)", 1)], ids=["yes", "no"]
)
def test_whether_a_function_has_another_one_train_what_a_third_one_makes(
    made: str, found: int
) -> None:
    program = f"""{TASK}
{BUILD.replace("from task import Task", "from torch import nn")}

def run(model):
    L.Trainer().fit(model)


def train():
    run({made})
"""
    assert len(check_source(program)) == found


ONE_TASK = """\
import lightning as L
from torch import nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel
from sentence_transformers import SentenceTransformer

MODEL = AutoModel.from_pretrained("x")


class Net(nn.Module):
    model = AutoModel.from_pretrained("x")


class Own(nn.Module):
    @classmethod
    def from_pretrained(cls, name):
        return cls()


class Extended(PreTrainedModel):
    pass


class Task(L.LightningModule):
    def __init__(self, kind, name):
        {body}
"""

TWO_TASKS = """\
import lightning as L
from torch import nn
from transformers import AutoModel


def load():
    return AutoModel.from_pretrained("x")


class Loaded(L.LightningModule):
    def __init__(self):
        self.model = load()
        self.inner = Held()


class Made(L.LightningModule):
    def __init__(self):
        self.model = nn.Linear(1, 1)


class Held(L.LightningModule):
    pass


def held():
    return Held()
"""
