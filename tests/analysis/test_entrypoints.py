"""Where programs start: what a file does with its LightningModule, and what that makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, check_paths, check_source

if TYPE_CHECKING:
    from pathlib import Path

    from hfmode_lint import Finding

MODULE = """\
import lightning as L
from transformers import AutoModel


class Lit(L.LightningModule):
    def __init__(self, ready=False, model=None):
        super().__init__()
        self.m = model or AutoModel.from_pretrained("x")
        if ready:
            self.m.train()

    def training_step(self, batch, batch_idx):
        return self.m(batch)


"""
FIT = "L.Trainer().fit(Lit({}))\n"
LOAD = "AutoModel.from_pretrained('y')"
OWN = "HFM002 8 self.m unsafe"
LEFT = "HFM001 16 self.m safe"

PROGRAMS = {
    # How it is made.
    "nothing": ("", [OWN]),
    "made once": ("Lit(True)\n", []),
    "made with what makes no difference": ("Lit()\n", ["HFM001 8 self.m unsafe"]),
    "made in two ways": ("Lit(ready=True)\nLit()\n", [OWN]),
    "made in one way twice": ("Lit(ready=True)\nLit(ready=True)\n", []),
    "made by who knows what": ("Lit(*unknown)\n", [OWN]),
    "made and tested": ("model = Lit(True)\nL.Trainer().test(model)\n", []),
    "restored": ("Lit.load_from_checkpoint('x')\n", [OWN]),
    "given a model, and saved": (f"model = Lit(model={LOAD})\nsave(model)\n", []),
    "given a model, and shown": (f"print(Lit(model={LOAD}))\n", ["HFM001 16 self.m safe"]),
    "given a model, and shown by a trainer": (
        f"L.Trainer().print(Lit(model={LOAD}))\n",
        ["HFM001 16 self.m safe"],
    ),
    "given a model, and tested": (f"L.Trainer().test(Lit(model={LOAD}))\n", [OWN]),
    "given a model, and validated": (f"L.Trainer().validate(model=Lit(model={LOAD}))\n", [OWN]),
    "given a model, and another one tested": (
        f"print(Lit(model={LOAD}))\nL.Trainer().test(Lit(model={LOAD}))\n",
        ["HFM001 16 self.m safe"],
    ),
    "made in one function, and another one trained": (
        (
            f"def make():\n    return Lit(model={LOAD})\n\n"
            f"def main():\n    {FIT.format(f'model={LOAD}.train()')}"
        ),
        [],
    ),
    "a class in a function that nobody trains": (
        (
            "def build():\n    class Inner(L.LightningModule):\n        def __init__(self):\n"
            f"            super().__init__()\n            self.n = {LOAD}\n"
            "        def training_step(self, batch):\n            return self.n(batch)\n"
            "    return Inner()\n"
        ),
        [OWN, "HFM001 20 self.n safe"],
    ),
    # How it is trained.
    "trained": (FIT.format("True"), []),
    "trained in a function with a default": (
        f"def main(ready=False):\n    {FIT.format('ready')}",
        [OWN],
    ),
    "trained in a function that the script calls": (
        f"def main(ready=False):\n    {FIT.format('ready')}main(True)\n",
        [],
    ),
    "trained on two paths, of which one stops": (
        f"if flag:\n    {FIT.format('True')}else:\n    {FIT.format('True')}    raise SystemExit\n",
        [],
    ),
    "trained, and its result given as the status": (
        f"import sys\ndef main():\n    {FIT.format('True')}\nsys.exit(main())\n",
        [],
    ),
    "trained, and its result raised as the status": (
        f"def main():\n    {FIT.format('True')}\nraise SystemExit(main())\n",
        [],
    ),
    "given a model, and left": (f"m = Lit(model={LOAD})\nexit()\n", [LEFT]),
    "given a model, and left well": (f"m = Lit(model={LOAD})\nraise SystemExit(0)\n", [LEFT]),
    "given a model, and left as something failed": (
        f"m = Lit(model={LOAD})\nexit('This is no use.')\n",
        [OWN],
    ),
    "made in one function, trained in another": (
        (
            "def build(ready):\n    return Lit(ready)\n\n"
            "def main():\n    L.Trainer().fit(build(True))\n"
        ),
        [],
    ),
    "a function that one path alone calls": (
        f"def main(ready):\n    {FIT.format('ready')}\n\nif flag:\n    main(True)\n",
        [],
    ),
    # Where the model is loaded.
    "loaded by the script": (FIT.format(f"model={LOAD}"), ["HFM001 16 self.m safe"]),
    "loaded by the function that trains": (
        f"def main():\n    {FIT.format(f'model={LOAD}')}",
        ["HFM001 17 self.m safe"],
    ),
    "loaded by another function": (
        f"def load():\n    return {LOAD}\n\n{FIT.format('model=load()')}",
        ["HFM001 17 self.m unsafe"],
    ),
    "a class that holds it": (
        (
            "class Outer(L.LightningModule):\n    def __init__(self):\n        super().__init__()\n"
            "        self.inner = Lit(True)\n\n"
            "    def validation_step(self, batch, batch_idx):\n"
            "        return self.inner.training_step(batch, 0)\n"
        ),
        [OWN],
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_a_program_does_with_its_lightning_module(name: str) -> None:
    script, expected = PROGRAMS[name]
    assert [in_short(each) for each in check_source(MODULE + script)] == expected


def in_short(finding: Finding) -> str:
    fix = finding.fix.applicability.value if finding.fix is not None else None
    return f"{finding.code} {finding.start.line} {finding.module_path} {fix}"


def test_a_class_of_a_file_that_libcst_refuses_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "task.py").write_text(MODULE)
    (tmp_path / "refused.py").write_text(
        "(x): int = 1\nfrom task import Lit\n\nclass Other(Lit):\n    pass\n"
    )
    assert [in_short(each) for each in check_paths([tmp_path / "task.py"])] == [OWN]


@pytest.mark.parametrize(("base", "expected"), [("L.LightningModule", ["HFM009"]), ("X", [])])
def test_what_a_module_holds_where_some_file_has_a_lightning_module(
    base: str, expected: list[str], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "net.py").write_text(
        "from torch import nn\nfrom transformers import AutoModel\n\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.encoder = AutoModel.from_pretrained('x')\n"
    )
    (tmp_path / "task.py").write_text(
        f"import lightning as L\nimport net\n\nclass Task({base}):\n    pass\n"
    )
    found = check_paths([tmp_path], Options(select=("HFM009",)))
    assert [each.code for each in found] == expected


def test_a_check_of_several_options_is_got_around_once() -> None:
    """The script of a large program: many options, of which some exclude each other."""
    options = "".join(
        f"    if cfg.get('o{each}'):\n        taken['o{each}'] = 1\n" for each in range(70)
    )
    check = (
        "    given = [1 if each in cfg else 0 for each in ('a', 'b', 'c')]\n"
        "    if sum(given) > 1:\n        raise ValueError\n"
    )
    train = f"    L.Trainer(**taken).fit(Lit(model={LOAD}))\n"
    source = f"{MODULE}def main(cfg):\n    taken = {{}}\n{options}{check}{train}"
    found = [(each.code, each.start.line) for each in check_source(source)]
    assert found == [("HFM001", len(source.splitlines()))]


def test_the_option_that_decides_on_a_load_is_tried_before_those_that_decide_on_nothing() -> None:
    options = [
        f"        if cfg.option_{each}:\n            self.part_{each} = make({each})\n"
        for each in range(200)
    ]
    options[100] = (
        "        if cfg.from_scratch:\n            self.m = make(0)\n"
        "        else:\n            self.m = AutoModel.from_pretrained('x')\n"
    )
    source = (
        "import lightning as L\nfrom transformers import AutoModel\nfrom parts import make\n\n\n"
        "class Lit(L.LightningModule):\n    def __init__(self, cfg):\n        super().__init__()\n"
        f"{''.join(options)}\n"
        "    def training_step(self, batch, batch_idx):\n        return self.m(batch)\n"
    )
    found = [in_short(each) for each in check_source(source)]
    assert found == ["HFM001 212 self.m safe"]


def test_kinds_behind_an_option_by_which_nothing_is_trained() -> None:
    """The way on which nothing is trained comes first: it says nothing of the kinds."""
    options = "".join(f"    if cfg.option_{each}:\n        print({each})\n" for each in range(20))
    kinds = "".join(
        f"        {'el' if each else ''}if cfg.kind == 'kind {each}':\n"
        f"            self.m = AutoModel.from_pretrained('model {each}')\n"
        for each in range(8)
    )
    source = (
        "import lightning as L\nfrom transformers import AutoModel\n\n\n"
        "class Lit(L.LightningModule):\n    def __init__(self, cfg):\n        super().__init__()\n"
        f"{kinds}\n    def training_step(self, batch, batch_idx):\n        return self.m(batch)\n\n"
        f"def main(cfg):\n{options}    trainer = L.Trainer()\n"
        "    if cfg.only_test:\n        trainer.test(Lit(cfg))\n"
        "    else:\n        trainer.fit(Lit(cfg))\n"
    )
    lines = [each.start.line for each in check_source(source) if each.code == "HFM001"]
    assert lines == list(range(9, 25, 2))


LEFT_TO_OTHERS = {
    "a function": "def make():\n    task = Lit()\n    task.train()\n    return task\n",
    "a fixture": "import pytest\n\n@pytest.fixture\ndef task():\n    yield Lit().train()\n",
    "a part of it": "def make():\n    task = Lit()\n    task.m.train()\n    return task\n",
    "a list": "def make():\n    return [each.train() for each in (Lit(), Lit())]\n",
}


@pytest.mark.parametrize("maker", LEFT_TO_OTHERS.values(), ids=LEFT_TO_OTHERS)
def test_what_a_file_makes_and_sets_to_train_mode(maker: str, tmp_path: Path) -> None:
    """Whoever trains it (a notebook, a test) has it as it was left."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "lit.py").write_text(MODULE)
    (tmp_path / "making.py").write_text(f"from lit import Lit\n\n{maker}")
    assert check_paths([tmp_path]) == []
    (tmp_path / "making.py").write_text(
        f"from lit import Lit\n\n{maker}\n\ndef other():\n    return Lit()\n"
    )
    assert [in_short(each) for each in check_paths([tmp_path])] == [OWN]
