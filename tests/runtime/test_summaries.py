"""The summary of each fixture says what Lightning's own ModelSummary says when it runs.

Lightning prints its summary when ``fit`` starts, before the hooks of the training in which many
programs call ``.train()``. Here it is made when the first training step begins, and what is said of
the modes holds in that step: where the program switches a mode inside of the step, the mode at its
end counts as well.
"""

from __future__ import annotations

import functools
import json
from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from hfmode_lint import Options, Parameters, Verdict, summarize_paths
from tests.runtime.record import FIXTURES, fixtures, has_loop, is_transformers_4, record_path
from tests.runtime.recorder import record, record_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfmode_lint import ModelSummary, SummaryNode
    from tests.runtime.recorder import Layer, Run

pytestmark = pytest.mark.skipif(
    version("lightning").startswith("2.1.") or is_transformers_4(),
    reason="a summary says what holds from Lightning 2.2 on, with the newest libraries",
)

_FLAG_ALONE = "its own flag is on, and that of layers added to it; what was loaded is in eval mode"
# Where a definite mode is not that of the real module itself, and why.
OTHER_MODE = {
    ("loaders/cross_encoder", "self.reranker"): _FLAG_ALONE,
    ("loaders/encoder_decoder_two_parts", "self.seq2seq"): _FLAG_ALONE,
    ("loaders/sentence_transformer", "self.embedder"): _FLAG_ALONE,
    ("loaders/vision_text_two_towers", "self.clip"): _FLAG_ALONE,
    ("order/training_flag_alone", "self.encoder"): _FLAG_ALONE,
}
_TINY = "six layers of the model are frozen, and the tiny one that runs has no more than two"
# The same of the parameters.
OTHER_PARAMETERS = {
    ("frozen/first_layers", "self.encoder.encoder"): _TINY,
    ("frozen/first_layers", "self.encoder.encoder.layer"): _TINY,
    ("order/deleted", "self.embed"): "Embedding.from_pretrained() freezes, which is not known",
}
PARAMETERS = {
    Parameters.TRAINABLE: "all",
    Parameters.PARTLY_FROZEN: "some",
    Parameters.FROZEN: "none",
}


def name_of(fixture: Path) -> str:
    return fixture.relative_to(FIXTURES).with_suffix("").as_posix()


def can_run(fixture: Path) -> bool:
    if has_loop(fixture):
        return False
    return "not_run" not in json.loads(record_path(fixture).read_text(encoding="utf-8"))


PROGRAMS = [fixture for fixture in fixtures() if can_run(fixture)]


@functools.cache
def runs_of(fixture: Path) -> list[Run]:
    if fixture.is_dir():
        return record_project(fixture)
    return record(fixture.read_text(encoding="utf-8"), str(fixture))


@functools.cache
def summaries_of(fixture: Path) -> list[ModelSummary]:
    alone = Options(project=fixture.is_dir(), src=(), set_elsewhere=(), follow=())
    return summarize_paths([fixture], alone)


def compared(fixture: Path) -> Iterator[tuple[Run, SummaryNode, Layer]]:
    """What is said of each module that both know, on each run."""
    for run in runs_of(fixture):
        root = summary_of(run, fixture).root
        for node in root.walk() if root is not None else ():
            if node.path in run.layers:
                yield run, node, run.layers[node.path]


def summary_of(run: Run, fixture: Path) -> ModelSummary:
    """The summary of the class that a run trained."""
    (found,) = (
        model
        for model in summaries_of(fixture)
        if (model.location.filename, model.name) == run.trained
    )
    return found


@pytest.mark.parametrize("fixture", PROGRAMS, ids=name_of)
def test_what_is_trained_has_a_summary(fixture: Path) -> None:
    assert all(summary_of(run, fixture).root is not None for run in runs_of(fixture))


@pytest.mark.parametrize("fixture", PROGRAMS, ids=name_of)
def test_each_definite_mode_is_the_real_one(fixture: Path) -> None:
    wrong = set()
    for run, node, layer in compared(fixture):
        if node.mode in {Verdict.TRAIN, Verdict.EVAL}:
            at_the_end = run.first.get(node.path)
            real = {layer.mode, at_the_end.mode if at_the_end is not None else layer.mode}
            if node.mode.value not in real:
                wrong.add((name_of(fixture), node.path))
                assert node.mode.value in modes_below(run, node.path)
    assert wrong == {key for key in OTHER_MODE if key[0] == name_of(fixture)}


def modes_below(run: Run, path: str) -> set[str]:
    """The modes of the layers in a module that hold no others."""
    paths = [each for each in run.layers if each.startswith(f"{path}.")]
    leaves = [each for each in paths if not any(p.startswith(f"{each}.") for p in paths)]
    return {run.layers[each].mode for each in leaves}


@pytest.mark.parametrize("fixture", PROGRAMS, ids=name_of)
def test_the_parameters_are_as_they_really_are(fixture: Path) -> None:
    wrong = {
        (name_of(fixture), node.path)
        for _, node, layer in compared(fixture)
        if PARAMETERS.get(node.parameters, layer.parameters) != layer.parameters != "no"
    }
    assert wrong == {key for key in OTHER_PARAMETERS if key[0] == name_of(fixture)}


def test_nearly_all_modes_are_definite() -> None:
    counts = Counter(node.mode for each in PROGRAMS for _, node, _ in compared(each))
    assert counts.total() > 1000
    assert counts[Verdict.UNKNOWN] <= 0.02 * counts.total(), counts
