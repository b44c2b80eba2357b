"""Configurations out of several files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hfmode_lint.analysis.composition import ANY_KEY, UNSEEN, Composed, Document, Group, compose
from hfmode_lint.data_files import DataFiles
from tests.configurations import CASES, NET, Case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class OnDisk:
    data_files: DataFiles
    location: str

    def read(self, name: str) -> Document | None:
        path = self.data_files.locate(self.location, name)
        return self.data_files.document(path) if path is not None else None


def composed(
    files: Mapping[str, str], folder: Path, choices: Mapping[str, str] | None = None
) -> Composed | None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    root = str(folder.resolve())
    return compose(OnDisk(DataFiles(root), root), "config", choices or {})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_hydra_composes(case: Case, tmp_path: Path) -> None:
    found = composed(case.files, tmp_path, case.choices)
    assert found is not None
    assert found.tree == case.expected


def test_the_options_that_were_taken(tmp_path: Path) -> None:
    listed = "defaults: [{net: small}, {net@a.b: large}, {kind: one}, base]\n"
    files = {"config.yaml": listed, "kind/one.yaml": "# @package c.d\nx: 1\n", **NET}
    found = composed({**files, "base.yaml": "x: 1\n"}, tmp_path)
    assert found is not None
    assert found.groups == [
        Group("net", "small", ("net",)),
        Group("net", "large", ("a", "b")),
        Group("kind", "one", ("c", "d")),
    ]
    assert found.part(("a", "b", "size")) == 2
    assert found.part(("a", "c")) is UNSEEN


def test_a_header_as_hydra_1_1_reads_it(tmp_path: Path) -> None:
    """``_group_`` is nothing special in a header from version base 1.2 on, which is its default."""
    files = {
        "config.yaml": "defaults: [{model/head: wide}, _self_]\n",
        "model/head/wide.yaml": "# @package _group_\noutputs: 3\n",
    }
    found = composed(files, tmp_path)
    assert found is not None
    assert found.tree == {"model": {"head": {"outputs": 3}}}


def test_a_file_that_is_missing_leaves_a_part_unseen(tmp_path: Path) -> None:
    files = {"config.yaml": "defaults: [{net: gone}, schema, {must: '???'}, _self_]\na: 1\n"}
    found = composed(files, tmp_path)
    assert found is not None
    assert found.tree == {"net": UNSEEN, ANY_KEY: UNSEEN, "must": UNSEEN, "a": 1}
    assert found.groups[-1] == Group("must", "", ("must",))


@pytest.mark.parametrize("text", ["a: [1\n", "a: 2020-02-30\n", "\x00", "? [a]\n: 1\n<<: [x]\n"])
def test_a_file_that_is_no_yaml_is_as_good_as_missing(text: str, tmp_path: Path) -> None:
    assert composed({"config.yaml": text}, tmp_path) is None


def test_what_is_no_dictionary_is_empty(tmp_path: Path) -> None:
    assert composed({"config.yaml": "defaults: nothing\n"}, tmp_path) == Composed()
    found = composed({"config.yaml": "- a\n- b\n"}, tmp_path)
    assert found == Composed()


def test_circles_end(tmp_path: Path) -> None:
    files = {
        "config.yaml": "defaults: [{a: one}]\n",
        "a/one.yaml": "defaults: [/b: two]\nx: 1\n",
        "b/two.yaml": "defaults: [/a: one]\ny: 1\n",
    }
    assert composed(files, tmp_path) is not None
    wide = "defaults: [" + ", ".join(f"n{i}" for i in range(200)) + "]\n"
    assert composed({"config.yaml": wide, "n1.yaml": wide}, tmp_path) is not None
