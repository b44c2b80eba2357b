"""Which of some classes, functions and tables of them a filter leaves."""

from __future__ import annotations

import pytest

from tests.analysis.programs import found, module

TABLES = """
from dataclasses import dataclass

@dataclass
class Spec:
    name: str
    cls: type
    tune: bool

SPECS = [Spec("bert", BertModel, {bert}), Spec("t5", T5EncoderModel, {t5})]
ROWS = [{{"name": each.name, "spec": each}} for each in SPECS]

def matching(key):
    found = [row for row in ROWS if row["name"] == key]
    if not found:
        raise KeyError(key)
    return found[0]["spec"]
"""
# How a row is found whose name is ``name``; ``{}`` is the name.
WAYS = {
    "the next one": "next(each for each in SPECS if each.name == {})",
    "the first of a list": "[each for each in SPECS if each.name == {}][0]",
    "the last of a list": "[each for each in SPECS if each.name == {}][-1]",
    "by a filter": "next(filter(lambda each: each.name == {}, SPECS))",
    "of a function": "matching({})",
    "by two tests": "next(each for each in SPECS if each.cls if {} == each.name)",
}
ALWAYS: list[str] = []
NEVER, SOMETIMES = ["HFM001 self.m"], ["HFM002 self.m"]
EXPECTED = {
    ("'bert'", True, False): ALWAYS,
    ("'t5'", True, False): NEVER,
    ("name", True, True): ALWAYS,
    ("name", False, False): NEVER,
    ("name", True, False): SOMETIMES,
    ("name", False, True): SOMETIMES,
}


def found_by(way: str, *, bert: bool, t5: bool) -> list[str]:
    init = f"spec = {way}\nself.m = spec.cls.from_pretrained(name)\nif spec.tune: self.m.train()"
    return found(module(init).replace("class Lit", TABLES.format(bert=bert, t5=t5) + "class Lit"))


@pytest.mark.parametrize(("name", "bert", "t5"), EXPECTED)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_a_filter_leaves(way: str, name: str, *, bert: bool, t5: bool) -> None:
    assert found_by(way.format(name), bert=bert, t5=t5) == EXPECTED[name, bert, t5]


def test_what_is_taken_where_a_filter_leaves_nothing() -> None:
    way = "next((each for each in SPECS if each.name == name), Spec('any', BertModel, False))"
    assert found_by(way, bert=True, t5=True) == SOMETIMES


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("next(each for each in SPECS if each.name == 'x')", ALWAYS),
        ("[each for each in SPECS if each.name == 'x'][0]", ALWAYS),
        # The loop may come to another one each time.
        ("[each for each in SPECS if os.path.exists(each.name)][0]", SOMETIMES),
    ],
)
def test_nothing_is_trained_where_nothing_is_left(row: str, expected: list[str]) -> None:
    assert found_by(row, bert=False, t5=True) == expected


def test_a_trainer_has_more_callbacks_than_it_is_given() -> None:
    init = "self.m = AutoModel.from_pretrained(name)"
    program = module(init) + (
        "\ntrainer = pl.Trainer()\n"
        "first = [each for each in trainer.callbacks if isinstance(each, pl.Callback)][0]\n"
        "trainer.fit(Lit('x', True))\n"
    )
    assert found(program) == ["HFM001 self.m"]
