"""Of the programs of which nothing is reported, none changes what it loads; of the others each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import torch
from transformers import AutoModel, BertConfig, BertModel

from tests.analysis.ways_not_to_train import TRAINED, WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

# Lightning warns of machines that could be faster.
pytestmark = pytest.mark.filterwarnings("ignore")
_WIDTH = 8


@pytest.fixture
def loaded() -> Iterator[list[BertModel]]:
    """What the program loads: tiny models, which need no network."""
    models: list[BertModel] = []

    def load(*_: Any, **__: Any) -> BertModel:
        config = BertConfig(
            vocab_size=8,
            hidden_size=_WIDTH,
            num_hidden_layers=1,
            num_attention_heads=1,
            intermediate_size=8,
        )
        models.append(BertModel(config).eval())
        return models[-1]

    with mock.patch.object(AutoModel, "from_pretrained", load), torch.enable_grad():
        yield models


def _is_trained(program: str, loaded: list[BertModel]) -> bool:
    """Whether anything that a program has loaded, and left in eval mode, is another afterwards."""
    before: list[torch.Tensor] = []

    class Data(torch.utils.data.DataLoader[Any]):
        def __iter__(self) -> Any:
            before.extend(_weights(loaded))
            yield {"input_ids": torch.tensor([[1, 2, 3]])}

    names = {"WIDTH": _WIDTH, "DATA": Data([0])}
    exec(program, names)  # noqa: S102 - a program of this project
    assert before
    return not all(map(torch.equal, before, _weights(loaded)))


def _weights(loaded: list[BertModel]) -> list[torch.Tensor]:
    in_eval = [model for model in loaded if not model.training]
    return [each.detach().clone() for model in in_eval for each in model.parameters()]


@pytest.mark.parametrize("program", WAYS.values(), ids=WAYS)
def test_it_is_not_trained(program: str, loaded: list[BertModel]) -> None:
    assert not _is_trained(program, loaded)


@pytest.mark.parametrize("program", TRAINED.values(), ids=TRAINED)
def test_it_is_trained(program: str, loaded: list[BertModel]) -> None:
    assert _is_trained(program, loaded)
