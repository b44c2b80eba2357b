"""Configurations in a project's files: what they make of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfmode_lint import check_paths
from hfmode_lint.data_files import DataFiles

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
import hydra
import lightning as L
from hydra import compose, initialize
from omegaconf import OmegaConf
from transformers import AutoModel


class Net(L.LightningModule):
    def __init__(self, switch=False, **more):
        super().__init__()
        self.m = AutoModel.from_pretrained("x")
        if switch:
            self.m.train()

    def training_step(self, batch, batch_idx):
        return self.m(**batch).loss
"""
MAIN = """

@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(cfg):
    L.Trainer().fit(Net({}))


main()
"""
SICK = ["HFM001"]
PARTLY = ["HFM002"]


def found(folder: Path, program: str, **files: str) -> list[str]:
    """The codes of what is found; the files are YAML, with two underscores for each slash."""
    (folder / "setup.cfg").write_text("")
    (folder / "train.py").write_text(HEAD + program)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [each.code for each in check_paths([folder])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("switch: true", []),
        ("switch: false", SICK),
        ("switch: ???", PARTLY),
        ("switch: ${other}\nother: true", []),
        ("switch: ${a.b}\na: {b: false}", SICK),
        ("switch: ${a.b}\na: {}", PARTLY),
        ("switch: ${oc.env:SWITCH}", PARTLY),
        ("switch: ${a}\na: ${switch}", PARTLY),
        ("switch: x${a}${b}\na: 1\nb: ''", []),
        ("switch: x${oc.env:SWITCH}", PARTLY),
        ("switch: x${a}\na: ???", PARTLY),
        ("switch: [1]", []),
        ("switch: 2020-01-01", PARTLY),
        ("a: &a [&b [x, x], *b]\nswitch: *a", []),
        ("other: 1", PARTLY),
        ("- a", PARTLY),
        ("defaults: [schema, _self_]\nother: 1", PARTLY),
    ],
)
def test_a_value(text: str, expected: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, MAIN.format("cfg.switch"), conf__config=text) == expected


ALWAYS = "cfg.a or not cfg.a"


@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        ("cfg.a == 'x1-2y'", "a: x${b}-${c}y\nb: 1\nc: 2", []),
        ("cfg.a", "a: ${b}${oc.env:X}\nb: 1", PARTLY),
        ("cfg.a[0]", "a: [true]", []),
        ("cfg.get('other')", "a: 1", SICK),
        ("cfg.get('other')", "defaults: [schema, _self_]\na: 1", PARTLY),
        # What is not known is the same each time, and only then.
        *(
            (ALWAYS, text, [])
            for text in (
                "b: 1",
                "a: ???",
                "a: ${oc.env:X}",
                "a: x${oc.env:X}",
                "a: x${b}\nb: ???",
                "a: ${b}\nb: ???",
                "a: ${gone}",
                "a: ${b}\nb: ${a}",
                "a: 2020-01-01",
                "defaults: [{a: gone}, _self_]",
            )
        ),
        ("cfg.a or not cfg.b", "a: ???\nb: ???", PARTLY),
        ("cfg.a or not cfg.b", "c: 1", PARTLY),
    ],
)
def test_what_is_made_of_a_value(
    expression: str, text: str, expected: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, MAIN.format(expression), conf__config=text) == expected


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("with initialize(config_path='conf'):\n    cfg = compose('config')\n", []),
        ("with initialize(config_path='conf'):\n    cfg = compose(config_name='config')\n", []),
        ("with initialize(config_path='conf'):\n    cfg = compose('config', ['a=1'])\n", PARTLY),
        ("with initialize(config_path='none'):\n    cfg = compose('config')\n", PARTLY),
        ("with initialize(config_path=unknown):\n    cfg = compose('config')\n", PARTLY),
        (
            "initialize(config_path='conf')\ncfg = compose('config', overrides=['a=1'])\n",
            PARTLY,
        ),
        ("initialize('conf')\ncfg = compose('config')\n", []),
        ("cfg = OmegaConf.load('conf/config.yaml')\n", []),
        ("cfg = OmegaConf.load(file_='conf/config.yaml')\n", []),
        ("cfg = OmegaConf.load('conf/none.yaml')\n", PARTLY),
        ("cfg = OmegaConf.load('../conf/config.yaml')\n", PARTLY),
        ("cfg = OmegaConf.load('conf')\n", PARTLY),
        ("cfg = OmegaConf.load('a\\0b.yaml')\n", PARTLY),
    ],
)
def test_a_reader(program: str, expected: list[str], tmp_path: Path) -> None:
    program += "L.Trainer().fit(Net(cfg.switch))\n"
    assert found(tmp_path, program, conf__config="switch: true\n") == expected


def test_a_reader_follows_references(tmp_path: Path) -> None:
    program = "cfg = OmegaConf.load('conf/config.yaml')\nL.Trainer().fit(Net(cfg.switch))\n"
    assert found(tmp_path, program, conf__config="switch: ${b}\nb: true\n") == []


def test_a_folder_that_is_not_named_is_unknown(tmp_path: Path) -> None:
    program = MAIN.format("cfg.switch").replace('config_path="conf", ', "")
    assert found(tmp_path, program, conf__config="switch: true\n") == PARTLY
    assert found(tmp_path, MAIN.format("cfg.switch").replace("conf", "gone")) == PARTLY


TARGET = "_target_: train.Net\n"


@pytest.mark.parametrize(
    ("usual", "expected"), [("net: one", PARTLY), ("net: ???", PARTLY), ("net: two", SICK)]
)
def test_an_option_of_a_group(usual: str, expected: list[str], tmp_path: Path) -> None:
    """What is usual counts, and of the others those that lead to a module of the project."""
    codes = found(
        tmp_path,
        MAIN.format("cfg.net.switch"),
        conf__config=f"defaults: [{{{usual}}}]\n",
        conf__net__one="switch: true\n",
        conf__net__two=f"switch: false\nparts: [{{{TARGET.strip()}}}]\n",
        conf__net__three="switch: false\n",
    )
    assert codes == expected


@pytest.mark.parametrize("group", ["net", "model/net", "model/inner/net"])
@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (f"{TARGET}switch: false\n", PARTLY),
        (f"{TARGET}switch: true\n", []),
        (f"{TARGET}switch: ${{flag}}\n", []),
        ("_target_: torch.nn.Linear\nswitch: false\n", []),
    ],
)
def test_the_other_option_of_a_group(
    group: str, other: str, expected: list[str], tmp_path: Path
) -> None:
    place = group.replace("/", ".")
    files = {
        f"conf__{group.replace('/', '__')}__one": f"{TARGET}switch: true\n",
        f"conf__{group.replace('/', '__')}__two": other,
    }
    config = f"defaults: [{{{group}: one}}, _self_]\nflag: true\n"
    for read in ("cfg", "OmegaConf.merge(cfg, {'x': 1})"):
        program = MAIN.format(f"{read}.{place}.switch")
        assert found(tmp_path, program, conf__config=config, **files) == expected


def test_an_option_at_the_top_is_taken_as_it_is(tmp_path: Path) -> None:
    files = {
        f"conf__experiment__{name}": f"# @package _global_\n{TARGET}switch: {switch}\n"
        for name, switch in (("long", "true"), ("short", "false"))
    }
    config = "defaults: [{experiment: long}, _self_]\n"
    assert found(tmp_path, MAIN.format("cfg.switch"), conf__config=config, **files) == []


def test_an_option_that_is_overruled_is_none(tmp_path: Path) -> None:
    files = {
        "conf__config": "defaults: [{net: one}, _self_]\n",
        "conf__net__one": f"{TARGET}switch: false\n",
        "conf__net__two": f"{TARGET}switch: false\n",
    }
    program = MAIN.format("OmegaConf.merge(cfg, {'net': {'switch': True}}).net.switch")
    assert found(tmp_path, program, **files) == []
    program = program.replace("cfg, {'net': {'switch': True}}", "{'net': {'switch': True}}, cfg")
    assert found(tmp_path, program, **files) == SICK


def test_what_refers_to_an_option_depends_on_it(tmp_path: Path) -> None:
    codes = found(
        tmp_path,
        MAIN.format("cfg.switch"),
        conf__config="defaults: [{net: one}, _self_]\nswitch: ${net.switch}\n",
        conf__net__one=f"{TARGET}switch: true\n",
        conf__net__two=f"{TARGET}switch: false\n",
    )
    assert codes == PARTLY


def test_what_the_program_sets_is_no_option(tmp_path: Path) -> None:
    program = MAIN.format("cfg.net.switch").replace(
        "    L.Trainer", "    cfg.net = OmegaConf.create({'switch': True})\n    L.Trainer"
    )
    codes = found(
        tmp_path,
        program,
        conf__config="defaults: [{net: one}, _self_]\n",
        conf__net__one=f"{TARGET}switch: false\n",
        conf__net__two=f"{TARGET}switch: false\n",
    )
    assert codes == []


def test_a_large_file_and_one_outside_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    large = tmp_path / "in" / "large.yaml"
    large.write_text("a: " + "x" * 300_000)
    (tmp_path / "out.yaml").write_text("a: 1")
    files = DataFiles(str((tmp_path / "in").resolve()))
    assert files.document(str(large)) is None
    assert files.problems == {str(large): "too large"}
    assert files.locate(str(tmp_path / "in"), "../out.yaml") is None
    assert list(files.below(str(large))) == [str(large)]
    assert list(files.options(str(tmp_path / "none"))) == []
    assert list(files.names_in(str(large))) == []


def test_billions_of_values_are_not_made(tmp_path: Path) -> None:
    lines = [
        f"a{level}: &a{level} {{{', '.join(f'k{key}: *a{level - 1}' for key in range(10))}}}"
        for level in range(1, 12)
    ]
    text = "\n".join(["switch: true", "a0: &a0 {k: 1}", *lines])
    assert found(tmp_path, MAIN.format("cfg.switch"), conf__config=text) == PARTLY


def test_what_holds_itself_is_not_read(tmp_path: Path) -> None:
    text = "switch: true\na: &a {b: [*a]}\n"
    assert found(tmp_path, MAIN.format("cfg.switch"), conf__config=text) == PARTLY
