"""Every entry of the knowledge base whose library is installed, against that library.

An entry that nothing here proves has its source in ``READ_IN_SOURCE``.
"""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pydoc
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attr
import diffusers
import lightning.pytorch as pl
import omegaconf
import peft
import pytest
import torch
import transformers
from torch import nn

from hfmode_lint.analysis.knowledge import callables, exported, lightning, loaders, methods
from hfmode_lint.analysis.knowledge.callables import EFFECTS, Effect
from hfmode_lint.analysis.knowledge.methods import METHODS, MethodEffect
from tests.runtime import list_classes, tiny_models
from tests.runtime.libraries import Patched
from tests.runtime.program import single
from tests.runtime.recorder import quiet
from tests.runtime.stand_in import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.filterwarnings("ignore")

READ_IN_SOURCE = {
    "accelerate.dispatch_model": "accelerate 1.x big_modeling.py: hooks are added to the model",
    "peft.prepare_model_for_int8_training": "peft 0.9 and older: an alias of the kbit function",
    "lightning.Trainer.from_argparse_args": "Lightning 1 only",
    "torch.jit.script": "needs source that can be compiled; Lightning issue 20105 uses no script",
    "torch.nn.parallel.DistributedDataParallel": "needs a process group; wraps like DataParallel",
    "peft.inject_adapter_in_model": "proven by fixtures/chains/inject_adapter",
    # Methods that need a device, a hub or a quantized model.
    "cuda": "needs a GPU; nn.Module.cuda returns self",
    "ipu": "needs an IPU; nn.Module.ipu returns self",
    "xpu": "needs an XPU; nn.Module.xpu returns self",
    "to_bettertransformer": "transformers 4 with optimum",
    "with_config": "a method of configurable wrappers, returns self",
    "train_adapter": "adapters 1.3 model_mixin.py: calls train() and freeze_model(True)",
    "train_adapter_fusion": "adapters 1.3 model_mixin.py: calls train() and freeze_model(True)",
    "train_fusion": "adapter-transformers 3: the former under its older name",
    "unmerge_adapter": "peft 0.21 tuners_utils.py",
    "compile": "compiles in place at the first call; returns None",
    "enable_model_cpu_offload": "diffusers pipeline_utils.py: hooks only",
    "enable_xformers_memory_efficient_attention": "needs xformers",
    "push_to_hub": "needs the hub",
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with quiet():
        yield


def bert(*, training: bool = False) -> Any:
    """A tiny BERT as ``from_pretrained`` leaves it, or in train mode."""
    folder = tiny_models.saved(transformers.BertModel, "bert")
    return transformers.BertModel.from_pretrained(folder).train(training)


def llama() -> Any:
    folder = tiny_models.saved(transformers.AutoModelForCausalLM, "llama")
    return transformers.AutoModelForCausalLM.from_pretrained(folder)


def flags(module: nn.Module) -> list[bool]:
    return [each.training for each in module.modules()]


def leaves(module: nn.Module) -> set[bool]:
    return {each.training for each in module.modules() if not any(each.children())}


# Loaders

CLASSES: dict[str, Callable[[], Any]] = {
    "from_pretrained": bert,
    "from_encoder_decoder_pretrained": lambda: _two_parts("EncoderDecoderModel", "bert"),
    "from_vision_text_pretrained": lambda: _two_parts("VisionTextDualEncoderModel", "vit"),
    "from_sub_models_pretrained": lambda: None,
    "from_text_vision_pretrained": lambda: None,
    "from_text_audio_pretrained": lambda: None,
}


def _two_parts(cls: str, first: str) -> Any:
    method = "from_vision_text_pretrained" if first == "vit" else "from_encoder_decoder_pretrained"
    folders = [tiny_models.saved(transformers.AutoModel, name) for name in (first, "bert")]
    return getattr(getattr(transformers, cls), method)(*folders)


@pytest.mark.parametrize("method", sorted(loaders.LOADER_METHODS))
def test_a_loader_method_leaves_the_layers_in_eval_mode(method: str) -> None:
    model = CLASSES[method]()
    if model is None:
        pytest.skip("a composite model that transformers 5 no longer has, or needs audio codecs")
    loaded = {each.training for each in _layers_from_disk(model)}
    assert loaded == {False}


def _layers_from_disk(model: Any) -> list[nn.Module]:
    """The leaves but for the projections that a two-part model adds."""
    added = {"visual_projection", "text_projection"}
    return [
        module
        for name, module in model.named_modules()
        if name not in added and not any(module.children())
    ]


@pytest.mark.parametrize("name", ["SentenceTransformer", "CrossEncoder", "SparseEncoder"])
def test_a_loading_constructor(name: str) -> None:
    library = importlib.import_module("sentence_transformers")
    assert f"sentence_transformers.{name}" in loaders.LOADING_CALLABLES
    if name == "SparseEncoder":
        pytest.skip("wants a masked language model; the class shares SentenceTransformer's loader")
    made = getattr(library, name)(tiny_models.with_tokenizer(), device="cpu")
    inner = next(each for each in made.modules() if isinstance(each, transformers.PreTrainedModel))
    assert leaves(inner) == {False}


def test_a_pipeline_holds_a_model_in_eval_mode() -> None:
    root = tiny_models.with_tokenizer()
    made = transformers.pipeline("text-classification", model=root, tokenizer=root)
    assert not isinstance(made, nn.Module)
    assert leaves(made.model) == {False}


def test_embeddings_from_pretrained_stay_in_train_mode() -> None:
    assert nn.Embedding.from_pretrained(torch.zeros(2, 2)).training
    assert nn.EmbeddingBag.from_pretrained(torch.zeros(2, 2)).training


@pytest.mark.parametrize("trainable", [False, True])
def test_an_adapter_puts_its_base_in_eval_mode_unless_it_is_trainable(*, trainable: bool) -> None:
    base = bert(training=True)
    made = peft.PeftModel.from_pretrained(
        base, tiny_models.adapter_of(base), is_trainable=trainable
    )
    assert leaves(made.get_base_model()) == {trainable}
    assert any(each.requires_grad for each in made.parameters()) is trainable


def test_diffusers_models_load_in_eval_mode_and_pipelines_hold_them() -> None:
    parts = tiny_models.pipeline_parts()
    assert {mode for part in parts.values() for mode in leaves(part)} == {False}
    assert set(parts) <= set(methods.HOLDER_MODULES)
    assert not issubclass(diffusers.DiffusionPipeline, nn.Module)


def test_from_config_and_constructors_give_train_mode() -> None:
    config = tiny_models.config("bert")
    assert leaves(transformers.AutoModel.from_config(config)) == {True}
    assert leaves(transformers.BertModel(config)) == {True}


def test_the_list_of_exported_classes_is_what_the_script_writes() -> None:
    assert list_classes.merged() == exported.RESULTS


# Callables


def _wrapper_of(name: str, model: Any) -> Any:
    package, _, last = name.rpartition(".")
    return getattr(importlib.import_module(package), last)(model)


def _probe_same(name: str) -> None:
    if name.startswith("omegaconf."):
        function: Any = pydoc.locate(name)
        made = function(_config_of(Options()))
        assert (made["a"] if isinstance(made, dict) else made.a) == 1
        return
    if name.endswith("convert_sync_batchnorm"):
        assert nn.SyncBatchNorm.convert_sync_batchnorm(nn.Linear(1, 1).eval()).training is False
        return
    model = bert()
    before = flags(model)
    made = _wrapper_of(name, model)
    assert leaves(made) == set(before)
    made.train()
    assert leaves(model) == {True}


def _probe_copy(name: str) -> None:
    model = bert()
    made = _wrapper_of(name, model)
    assert made is not model
    assert flags(made) == flags(model)


def _probe_wrap(name: str) -> None:
    model = bert()
    made = _wrapper_of(name, model)
    assert made.training
    assert leaves(getattr(made, callables.WRAPPED_AS)) == {False}


def _probe_contain(name: str) -> None:
    model = bert()
    given: Any = {"a": model} if name.endswith("Dict") else [model]
    cls = getattr(nn, name.rpartition(".")[2])
    made = cls(model) if name.endswith("Sequential") else cls(given)
    assert made.training
    assert leaves(model) == {False}


def _probe_adapt(name: str) -> None:
    made = peft.get_peft_model(bert(), peft.LoraConfig(target_modules="all-linear", r=2))
    new = [each for key, each in made.named_modules() if "lora_dropout" in key]
    assert {each.training for each in new} == {True}
    assert leaves(getattr(made, callables.ADAPTED_AS)) == {False, True}


def _probe_no_grad(name: str) -> None:
    context = getattr(torch, name.rpartition(".")[2])
    with context(False) if name.endswith("enabled") else context():  # noqa: FBT003 - torch's API
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def _probe_gradients_enabled(name: str) -> None:
    _probe_no_grad(name)
    switch = getattr(torch, name.rpartition(".")[2])
    switch(False)  # noqa: FBT003 - torch's API
    assert not torch.is_grad_enabled()
    switch(True)  # noqa: FBT003 - torch's API
    assert torch.is_grad_enabled()


def _probe_asks_for_gradients(name: str) -> None:
    ask = getattr(torch, name.rpartition(".")[2])
    assert ask()
    with torch.no_grad():
        assert not ask()


def _probe_grad(name: str) -> None:
    with torch.no_grad():
        with getattr(torch, name.rpartition(".")[2])():
            assert torch.is_grad_enabled()
        assert not torch.is_grad_enabled()


@dataclasses.dataclass
class Options:
    """A record, for the functions about records."""

    a: int = 1


def _config_of(value: Any) -> Any:
    return omegaconf.OmegaConf.create(dataclasses.asdict(value))


def _record_of(name: str) -> Any:
    return Options() if name.startswith("dataclasses.") else attr.make_class("Options", ["a"])(1)


def _probe_as_dict(name: str) -> None:
    assert _wrapper_of(name, _record_of(name)) == {"a": 1}


def _probe_replace(name: str) -> None:
    record = _record_of(name)
    package, _, last = name.rpartition(".")
    made = getattr(importlib.import_module(package), last)(record, a=2)
    assert (record.a, made.a) == (1, 2)


def _probe_import(name: str) -> None:
    assert _wrapper_of(name, "torch.nn") is nn


def _probe_locate(name: str) -> None:
    method = name.endswith("method")
    found = _wrapper_of(name, "torch.nn.Linear.forward" if method else "torch.nn.Linear")
    assert found is (nn.Linear.forward if method else nn.Linear)


def _probe_config(name: str) -> None:
    config = _config_of(Options())
    if name.endswith("create"):
        assert config.a == config["a"] == 1
    elif name.endswith("merge"):
        assert omegaconf.OmegaConf.merge(config, {"a": 2}, {"b": 3}) == {"a": 2, "b": 3}
    elif name.endswith("select"):
        assert omegaconf.OmegaConf.select(omegaconf.OmegaConf.create({"x": config}), "x.a") == 1
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "options.yaml"
            file.write_text("a: 1\n", encoding="utf-8")
            assert omegaconf.OmegaConf.load(file).a == 1


def _probe_callback(name: str) -> None:
    called: list[tuple[object, ...]] = []
    made = getattr(pl.callbacks, name.rpartition(".")[2])(
        on_train_start=lambda *a: called.append(a)
    )
    made.on_train_start("trainer", "module")
    assert called == [("trainer", "module")]


PROBES: dict[Effect, Callable[[str], None]] = {
    Effect.ADAPT: _probe_adapt,
    Effect.CALLBACK: _probe_callback,
    Effect.ASKS_FOR_GRADIENTS: _probe_asks_for_gradients,
    Effect.AS_DICT: _probe_as_dict,
    Effect.CONTAIN: _probe_contain,
    Effect.COPY: _probe_copy,
    Effect.CREATE_CONFIG: _probe_config,
    Effect.GRAD: _probe_grad,
    Effect.GRADIENTS_ENABLED: _probe_gradients_enabled,
    Effect.IMPORT: _probe_import,
    Effect.LOCATE: _probe_locate,
    Effect.MERGE_CONFIGS: _probe_config,
    Effect.NO_GRAD: _probe_no_grad,
    Effect.READ_CONFIG: _probe_config,
    Effect.REPLACE: _probe_replace,
    Effect.SELECT_CONFIG: _probe_config,
    Effect.SAME: _probe_same,
    Effect.WRAP: _probe_wrap,
}
# Python's own functions, the Trainer and its command line: nothing about a mode is claimed. What
# hydra composes is in test_composition.
PLAIN_EFFECTS = {
    Effect.CAST,
    Effect.CHAIN,
    Effect.COMMAND_LINE,
    Effect.COMPOSE_CONFIG,
    Effect.EXIT,
    Effect.INITIALIZE_CONFIG,
    Effect.MATCH,
    Effect.NAMESPACE,
    Effect.PARTIAL,
    Effect.PARTIAL_METHOD,
    Effect.PATTERN,
    Effect.SEARCH,
    Effect.SUPPRESS,
    Effect.TRAINER,
}
PYTHON = {"collections.OrderedDict"}


@pytest.mark.parametrize("name", sorted(EFFECTS.keys() - READ_IN_SOURCE.keys() - PYTHON))
def test_a_callable_does_what_its_entry_says(name: str) -> None:
    effect = EFFECTS[name]
    if effect in PLAIN_EFFECTS:
        assert not name.startswith(("peft.", "torch."))
        return
    PROBES[effect](name)


@pytest.mark.parametrize("name", sorted(methods.OF_EVERY_MODULE))
def test_every_module_has_it(name: str) -> None:
    assert hasattr(nn.Module(), name)


@pytest.mark.parametrize("name", sorted(callables.RECURRENT))
def test_on_cpu_a_recurrent_layer_trains_in_eval_mode(name: str) -> None:
    """The error is cuDNN's: without a GPU the mode is the fact."""
    layer = getattr(nn, name.rpartition(".")[2])(2, 2).eval()
    layer(torch.zeros(1, 1, 2))[0].sum().backward()


# Methods

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "to": ("cpu",),
    "type": (torch.float32,),
    "add_module": ("part", nn.Identity()),
    "apply": (lambda module: None,),
    "extend": ([nn.Identity()],),
    "get_buffer": ("embeddings.position_ids",),
    "get_parameter": ("pooler.dense.weight",),
    "get_submodule": ("encoder",),
    "load_state_dict": ({}, False),
    "register_buffer": ("extra", torch.zeros(1)),
    "register_forward_hook": (lambda *a: None,),
    "register_forward_pre_hook": (lambda *a: None,),
    "register_full_backward_hook": (lambda *a: None,),
    "register_module": ("part", nn.Identity()),
    "register_parameter": ("extra", nn.Parameter(torch.zeros(1))),
    "resize_token_embeddings": (70,),
    "save_pretrained": (),
    "set_input_embeddings": (nn.Embedding(64, 8),),
    "to_empty": ("cpu",),
}


def arguments_of(name: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if name == "to_empty":
        return (), {"device": "cpu"}
    if name == "save_pretrained":
        return (tiny_models.folder() / "again",), {}
    return ARGUMENTS.get(name, ()), {}


def having(effect: MethodEffect) -> list[str]:
    """The methods of an effect that a plain transformers model has."""
    model = bert()
    names = [name for name, each in METHODS.items() if each is effect]
    return [name for name in names if name not in READ_IN_SOURCE and hasattr(model, name)]


@pytest.mark.parametrize("name", having(MethodEffect.SAME))
def test_a_method_that_returns_the_module_itself(name: str) -> None:
    model = bert()
    positional, keywords = arguments_of(name)
    assert getattr(model, name)(*positional, **keywords) is model
    assert set(flags(model)) == {False}


# Of other versions, or on a model that has an adapter or other embeddings.
_NEEDS_MORE = {
    "disable_adapter_layers", "disable_gradient_checkpointing", "disable_input_require_grads",
    "enable_adapters", "enable_gradient_checkpointing", "enable_input_require_grads",
    "get_nb_trainable_parameters", "resize_position_embeddings", "set_adapter",
    "set_attn_implementation", "set_output_embeddings", "floating_point_ops",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(having(MethodEffect.QUIET)) - _NEEDS_MORE))
@pytest.mark.parametrize("training", [False, True])
def test_a_quiet_method_changes_no_mode(name: str, *, training: bool) -> None:
    model = bert(training=training)
    positional, keywords = arguments_of(name)
    getattr(model, name)(*positional, **keywords)
    before = {"embeddings.word_embeddings"}
    changed = {key for key, each in model.named_modules() if each.training is not training}
    # New embeddings are made in train mode; nothing in them depends on it.
    assert changed <= before


@pytest.mark.parametrize("training", [False, True])
def test_adapters_are_switched_without_a_mode(*, training: bool) -> None:
    model = peft.get_peft_model(bert(), peft.LoraConfig(target_modules="all-linear", r=2))
    model.train(training)
    model.disable_adapter_layers()
    model.enable_adapter_layers()
    model.set_adapter("default")
    model.print_trainable_parameters()
    assert set(flags(model)) == {training}
    assert leaves(model.merge_and_unload()) == {training}


def test_train_eval_and_gradients() -> None:
    model = bert()
    assert METHODS["train"] is MethodEffect.TRAIN
    assert leaves(model.train()) == {True}
    assert leaves(model.train(mode=False)) == {False}
    assert leaves(model.train().eval()) == {False}
    model.requires_grad_(requires_grad=False)
    assert not any(each.requires_grad for each in model.parameters())


def test_generate_and_encode_compute_no_gradients() -> None:
    model = llama()
    ids = model.generate(torch.ones(1, 2, dtype=torch.long), max_new_tokens=1, do_sample=False)
    assert not ids.requires_grad
    assert set(flags(model)) == {False}


def test_the_methods_that_return_parts() -> None:
    for name in having(MethodEffect.PART):
        part = getattr(bert(), name)()
        assert part is None or not part.training


@pytest.mark.parametrize("name", sorted(methods.MODELESS_PARTS))
def test_nothing_in_a_modeless_part_depends_on_the_mode(name: str) -> None:
    found = 0
    for family in ("albert", "bart", "bert", "gpt2", "llama", "roberta", "t5"):
        auto = transformers.AutoModelForCausalLM if family in {"gpt2", "llama"} else None
        model = (auto or transformers.AutoModel).from_config(tiny_models.config(family))
        parts = [part for key, part in model.named_modules() if key.rpartition(".")[2] == name]
        if name.startswith("get_"):
            parts = [part for part in [getattr(model, name)()] if part is not None]
        for part in parts:
            found += 1
            kinds = {type(each).__name__ for each in part.modules()}
            assert not any("Dropout" in kind or "Norm" in kind for kind in kinds), (family, kinds)
    assert found or name == "weight"


def test_all_blocks_of_a_model_with_embeddings_are_in_its_bodies() -> None:
    found = set()
    for family in ("albert", "bert", "distilbert", "roberta", "vit"):
        model = transformers.AutoModel.from_config(tiny_models.config(family))
        assert hasattr(model, methods.EMBEDDINGS)
        blocks = {each for each in model.modules() if "ttention" in type(each).__name__}
        part = model
        while below := [
            (name, each) for name, each in part.named_children() if name in methods.BODIES
        ]:
            ((name, part),) = below
            found.add(name)
            assert blocks <= {*part.modules()}, (family, name)
    # Those of vit are under ``layers`` since transformers 5.
    assert found | {"layers"} == methods.BODIES


# Lightning


class Old(pl.LightningModule):
    def training_step(self, batch: Any, batch_idx: int) -> torch.Tensor:
        return self.layer(batch).mean()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def train_dataloader(self) -> Any:
        return [torch.zeros(1, 2)]

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)


def old_step(self: Old, batch: Any, batch_idx: int, optimizer_idx: int) -> torch.Tensor:
    return self.layer(batch).mean()


@pytest.mark.parametrize("name", [*lightning.REMOVED_HOOKS, lightning.TRAINING_STEP])
def test_what_lightning_2_removed_stops_fit(name: str) -> None:
    assert lightning.REMOVED_PARAMETER == "optimizer_idx"
    replaced = old_step if name == lightning.TRAINING_STEP else (lambda self, outputs: None)
    task = type("Task", (Old,), {name: replaced})()
    trainer = pl.Trainer(fast_dev_run=True, accelerator="cpu", logger=False)
    with pytest.raises((NotImplementedError, RuntimeError), match=r"[Rr]emove"):
        trainer.fit(task)


@pytest.mark.parametrize("name", sorted(lightning.REMOVED_ARGUMENTS))
def test_what_lightning_2_removed_stops_a_trainer(name: str) -> None:
    assert not hasattr(pl.Trainer, lightning.REMOVED_MAKER)
    with pytest.raises(TypeError, match="unexpected keyword"):
        pl.Trainer(**{name: None})


def test_freeze_and_unfreeze() -> None:
    class Task(pl.LightningModule):
        pass

    module = Task()
    module.layer = nn.Linear(1, 1)
    module.freeze()
    assert set(flags(module)) == {False}
    assert not module.layer.weight.requires_grad
    module.unfreeze()
    assert set(flags(module)) == {True}
    assert module.layer.weight.requires_grad
    assert methods.LIGHTNING_METHODS.keys() == {"freeze", "unfreeze"}


@pytest.mark.parametrize("name", sorted(lightning.QUIET_METHODS))
def test_a_quiet_method_is_one_of_lightning(name: str) -> None:
    of_lightning_1 = {"log_grad_norm", "clip_gradients"}
    assert hasattr(pl.LightningModule, name) or name in of_lightning_1


@pytest.mark.parametrize("callback", sorted(lightning.FINETUNING_CALLBACKS))
@pytest.mark.parametrize(("name", "trainable"), sorted(lightning.FINETUNING_METHODS.items()))
def test_a_finetuning_method_keeps_the_mode(name: str, callback: str, *, trainable: bool) -> None:
    finetuning = getattr(pl.callbacks, callback.removeprefix("lightning."))
    layer = nn.Linear(1, 1).eval()
    layer.requires_grad_(requires_grad=not trainable)
    if name == "unfreeze_and_add_param_group":
        other = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
        finetuning.unfreeze_and_add_param_group(layer, other)
    else:
        getattr(finetuning, name)(layer)
    assert layer.weight.requires_grad is trainable
    assert not layer.training


@pytest.mark.parametrize("name", sorted(lightning.TRAINER_METHODS))
def test_a_trainer_method_exists(name: str) -> None:
    assert hasattr(pl.Trainer, name)


# The whole


def test_every_entry_is_proven_or_has_its_source() -> None:
    for entry, effect in EFFECTS.items():
        assert entry in READ_IN_SOURCE or entry in PYTHON or effect in {*PROBES, *PLAIN_EFFECTS}


def test_the_patches_are_taken_back() -> None:
    before = transformers.PreTrainedModel.__dict__["from_pretrained"]
    with Patched(single("", "program.py"), Choices(), lambda made, **keywords: None):
        assert transformers.PreTrainedModel.__dict__["from_pretrained"] is not before
    assert transformers.PreTrainedModel.__dict__["from_pretrained"] is before
    assert copy.deepcopy(bert()).training is False
