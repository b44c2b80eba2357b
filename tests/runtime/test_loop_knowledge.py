"""What torch, Fabric, Accelerate and the Trainers do to modes in a training loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import transformers

from hfmode_lint.analysis.knowledge import loops
from tests.runtime import tiny_models
from tests.runtime.loops import batches
from tests.runtime.recorder import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")
CLASSIFIER = transformers.BertForSequenceClassification


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


def model() -> Any:
    return CLASSIFIER.from_pretrained(tiny_models.saved(CLASSIFIER, "bert"))


def leaves(module: torch.nn.Module) -> set[bool]:
    return {each.training for each in module.modules() if not any(each.children())}


def fabric() -> Any:
    from lightning.fabric import Fabric

    return Fabric(accelerator="cpu", devices=1)


def accelerator() -> Any:
    from accelerate import Accelerator

    return Accelerator(cpu=True)


HELPERS = {loops.Library.FABRIC: fabric, loops.Library.ACCELERATE: accelerator}


@pytest.mark.parametrize("name", sorted(loops.HELPERS))
def test_a_helper_is_a_class_of_its_library(name: str) -> None:
    module, _, cls = name.rpartition(".")
    if module.startswith("lightning_fabric"):
        pytest.importorskip("lightning_fabric")
    assert isinstance(getattr(__import__(module, fromlist=[cls]), cls), type)


@pytest.mark.parametrize("library", HELPERS)
@pytest.mark.parametrize("training", [True, False])
def test_what_gives_back_keeps_the_mode(library: loops.Library, *, training: bool) -> None:
    helper = HELPERS[library]()
    for name in sorted(loops.GIVING_BACK):
        if not hasattr(helper, name):
            continue
        if name.endswith(("optimizer", "optimizers")):
            optimizer = torch.optim.SGD(model().parameters(), lr=0.1)
            made = getattr(helper, name)(optimizer)
            assert isinstance(made, torch.optim.Optimizer) or hasattr(made, "step")
            continue
        given = model().train(training)
        assert leaves(getattr(helper, name)(given)) == {training}


@pytest.mark.parametrize("library", HELPERS)
def test_model_and_optimizer_come_back_and_train_reaches_the_model(library: loops.Library) -> None:
    helper = HELPERS[library]()
    inner = model()
    optimizer = torch.optim.SGD(inner.parameters(), lr=0.1)
    together = helper.setup if library is loops.Library.FABRIC else helper.prepare
    made, optimizer = together(inner, optimizer)
    helper.backward(made(**batches()[0]).loss)
    optimizer.step()
    assert leaves(inner) == {False}
    made.train()
    assert leaves(inner) == {True}


@pytest.mark.parametrize("library", HELPERS)
def test_the_flags_exist(library: loops.Library) -> None:
    helper = HELPERS[library]()
    assert any(hasattr(helper, name) for name in loops.HELPER_FLAGS)


def test_launch_calls_the_function_with_the_fabric() -> None:
    helper = fabric()
    assert helper.launch(lambda given, more: (given is helper, more), 1) == (True, 1)


def optimizers() -> list[str]:
    found = [
        name
        for name, each in vars(torch.optim).items()
        if isinstance(each, type) and issubclass(each, torch.optim.Optimizer)
    ]
    return sorted(found)


@pytest.mark.parametrize("name", optimizers())
def test_the_optimizers_of_torch_are_known(name: str) -> None:
    assert loops.makes_optimizer(f"torch.optim.{name}")


def test_a_scheduler_makes_no_optimizer() -> None:
    assert not loops.makes_optimizer("torch.optim.lr_scheduler.StepLR")


# Loops that others bring


def modes_in_the_step(made: Any, **more: Any) -> set[bool]:
    seen: list[set[bool]] = []

    def noted(*arguments: Any) -> None:
        seen.append(leaves(made))

    handle = made.register_forward_pre_hook(noted)
    more["trainer"].train()
    handle.remove()
    return seen[0]


def test_the_trainer_of_transformers_sets_train_mode(tmp_path: Path) -> None:
    rows = [{name: value[0] for name, value in batch.items()} for batch in batches()]
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), max_steps=1, use_cpu=True, report_to=[], save_strategy="no"
    )
    made = model()
    assert leaves(made) == {False}
    trainer = transformers.Trainer(model=made, args=arguments, train_dataset=rows)
    assert modes_in_the_step(made, trainer=trainer) == {True}


def test_the_trainer_of_sentence_transformers_is_one_of_transformers() -> None:
    import sentence_transformers

    assert issubclass(sentence_transformers.SentenceTransformerTrainer, transformers.Trainer)
    assert issubclass(sentence_transformers.cross_encoder.CrossEncoderTrainer, transformers.Trainer)


def test_the_trainers_of_trl_are_those_of_transformers() -> None:
    pytest.importorskip("datasets")
    trl = pytest.importorskip("trl")
    for name in ("DPOTrainer", "GRPOTrainer", "SFTTrainer"):
        assert issubclass(getattr(trl, name), transformers.Trainer)
