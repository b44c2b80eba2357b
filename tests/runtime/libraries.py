"""The libraries' loaders, given tiny saved models, with a note of what each call made."""

from __future__ import annotations

import contextlib
import functools
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import torch
import transformers

from tests.runtime import tiny_models
from tests.runtime.stand_in import StandIn, stand_ins_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.runtime.program import Program
    from tests.runtime.stand_in import Choices

    Note = Callable[..., None]

# What the hub, the hardware or a large model would need, and a tiny one does not.
_NOT_PASSED = frozenset(
    {"device_map", "load_in_4bit", "load_in_8bit", "quantization_config", "subfolder", "token"}
    | {"revision", "use_auth_token", "local_files_only", "cache_dir", "attn_implementation"}
    # Options of older versions.
    | {"gradient_checkpointing"}
)
_PLAIN_LOADERS = (
    "AutoFeatureExtractor",
    "AutoImageProcessor",
    "AutoProcessor",
    "AutoTokenizer",
    "GenerationConfig",
    "PreTrainedTokenizerBase",
    "ProcessorMixin",
)


_NO_KEYS: Mapping[str, Sequence[Any]] = {}


class Patched:
    """The libraries that a program names, while it runs.

    ``note`` hears of each module or holder of modules that the program loaded. Where the program
    has data, its models run for real.
    """

    def __init__(
        self, program: Program, choices: Choices, note: Note, *, has_data: bool = False
    ) -> None:
        self._program = program
        self._choices = choices
        self._note = note
        self._depth = 0
        self._has_data = self._runs_for_real = has_data
        self._stack = ExitStack()

    def __enter__(self) -> Patched:
        self._transformers()
        self._optional("diffusers", self._diffusers)
        self._optional("peft", self._peft)
        self._optional("sentence_transformers", self._sentence_transformers)
        self._optional("huggingface_hub", self._hub_mixin)
        self._optional("timm", self._timm)
        self._state_dicts()
        self._torch()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _optional(self, library: str, patcher: Callable[[], None]) -> None:
        if library in self._program.text and find_spec(library):
            patcher()

    def _set(self, owner: Any, name: str, value: object) -> None:
        self._stack.enter_context(patch.object(owner, name, value))

    def loading(self, load: Callable[..., Any]) -> Callable[..., Any]:
        """A loader that notes what it returns, where no other loader called it."""

        @functools.wraps(load)
        def noted(*arguments: Any, **keywords: Any) -> Any:
            self._depth += 1
            try:
                result = load(*arguments, **keywords)
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._note(result)
            return result

        return noted

    def _class_loader(self, cls: Any, replacement: Callable[..., Any]) -> None:
        original = cls.__dict__["from_pretrained"].__func__
        load = self.loading(functools.partial(replacement, original))
        self._set(cls, "from_pretrained", classmethod(load))

    def _elsewhere(self, cls: Any, replacement: Callable[..., Any]) -> None:
        """Replace what a program's checkpoint gives; what is on disk is loaded as ever."""
        original = cls.__dict__["from_pretrained"]
        function = getattr(original, "__func__", original)

        def load(of: Any, checkpoint: Any, *arguments: Any, **keywords: Any) -> Any:
            if isinstance(checkpoint, (str, Path)) and Path(checkpoint).exists():
                # A static method in some versions.
                leading = (of,) if isinstance(original, classmethod) else ()
                return function(*leading, checkpoint, *arguments, **keywords)
            return replacement(of, checkpoint, *arguments, **keywords)

        self._set(cls, "from_pretrained", classmethod(load))

    def _with_data(self, method: Any) -> Any:
        """A method that gives a stand-in where it is given one."""

        @functools.wraps(method)
        def call(of: Any, first: Any, *arguments: Any, **keywords: Any) -> Any:
            if isinstance(first, StandIn):
                return StandIn(method.__name__, self._choices)
            return method(of, first, *arguments, **keywords)

        return call

    # transformers

    def _transformers(self) -> None:
        from transformers.models.auto.auto_factory import _BaseAutoModelClass

        # Each of these classes has a copy of the method.
        for cls in (transformers.PreTrainedModel, *_BaseAutoModelClass.__subclasses__()):
            if "from_pretrained" in vars(cls):
                self._class_loader(cls, _load_model)
        for name in _PLAIN_LOADERS:
            made = StandIn(name, self._choices)
            self._elsewhere(getattr(transformers, name), lambda *a, _made=made, **k: _made)
        for config in (transformers.PretrainedConfig, transformers.AutoConfig):
            self._elsewhere(config, _load_config)
        for cls_name, method in (
            ("EncoderDecoderModel", "from_encoder_decoder_pretrained"),
            ("SpeechEncoderDecoderModel", "from_encoder_decoder_pretrained"),
            ("VisionEncoderDecoderModel", "from_encoder_decoder_pretrained"),
            ("VisionTextDualEncoderModel", "from_vision_text_pretrained"),
        ):
            self._two_parts(getattr(transformers, cls_name), method)
        pipeline = transformers.pipeline

        root = tiny_models.with_tokenizer()

        def load_pipeline(task: str, **keywords: Any) -> Any:
            given = keywords.get("model")
            model = given if _is_module(given) else root
            return pipeline("text-classification", model=model, tokenizer=root)

        # The lazy package may put another object in its own place.
        self._set(sys.modules["transformers"], "pipeline", self.loading(load_pipeline))
        save = transformers.PreTrainedModel.save_pretrained
        self._set(transformers.PreTrainedModel, "save_pretrained", _unless_stand_in(save))

    def _two_parts(self, cls: Any, method: str) -> None:
        original = cls.__dict__[method].__func__
        first = "vit" if "Vision" in cls.__name__ else "bert"

        def load(of: Any, *arguments: Any, **keywords: Any) -> Any:
            parts = [
                tiny_models.saved(transformers.AutoModel, first),
                tiny_models.saved(transformers.AutoModel, "bert"),
            ]
            return original(of, *parts)

        noted = self.loading(load)
        self._set(cls, method, classmethod(noted))

    # Others

    def _diffusers(self) -> None:
        import diffusers

        root = Path(tiny_models.diffusion_pipeline())
        tiny_models.pipeline_parts()
        parts = {"AutoencoderKL": "vae", "UNet2DConditionModel": "unet"}

        def load_model(original: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
            return original(cls, root / parts[cls.__name__])

        def load_pipeline(original: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
            made = StandIn("pipeline", self._choices)
            given = {name: value for name, value in keywords.items() if _is_module(value)}
            made.__dict__.update({**tiny_models.pipeline_parts(), **given})
            return made

        def load_settings(cls: Any, name: Any, *arguments: Any, **keywords: Any) -> Any:
            part = parts.get(cls.__name__)
            if isinstance(name, Path) or Path(str(name)).exists():
                return load_config.__func__(cls, name, *arguments, **keywords)
            if part is None:
                return StandIn("settings", self._choices)
            return load_config.__func__(cls, root / part)

        load_config = diffusers.ConfigMixin.__dict__["load_config"]
        for name in ("encode", "decode"):
            run = getattr(diffusers.AutoencoderKL, name)
            self._set(diffusers.AutoencoderKL, name, self._with_data(run))
        self._class_loader(diffusers.ModelMixin, load_model)
        self._class_loader(diffusers.DiffusionPipeline, load_pipeline)
        self._set(diffusers.ConfigMixin, "load_config", classmethod(load_settings))
        self._set(
            diffusers.SchedulerMixin,
            "from_pretrained",
            classmethod(lambda cls, *a, **k: StandIn("scheduler", self._choices)),
        )

    def _peft(self) -> None:
        import peft
        from peft.auto import _BaseAutoPeftModel

        def load(original: Any, cls: Any, base: Any, *arguments: Any, **keywords: Any) -> Any:
            return original(cls, base, tiny_models.adapter_of(base), **keywords)

        def load_auto(original: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
            base = transformers.AutoModelForCausalLM.from_pretrained("llama")
            return peft.PeftModel.from_pretrained(base, "adapter", **keywords)

        load_adapter = peft.PeftModel.load_adapter

        def load_second(of: Any, path: object, name: object, **keywords: Any) -> Any:
            result = load_adapter(of, tiny_models.adapter_of(of), str(name), **keywords)
            if not keywords.get("is_trainable"):
                self._note(of, again=True)
            return result

        self._class_loader(peft.PeftModel, load)
        self._class_loader(_BaseAutoPeftModel, load_auto)
        self._set(peft.PeftModel, "load_adapter", load_second)
        self._set(peft, "prepare_model_for_kbit_training", lambda model, **keywords: model)

    def _sentence_transformers(self) -> None:
        import sentence_transformers

        for name in ("SentenceTransformer", "CrossEncoder"):
            cls = getattr(sentence_transformers, name)
            original = cls.__init__
            self._set(cls, "__init__", self._constructor(original))
        encode = sentence_transformers.SentenceTransformer.encode

        def encode_anything(of: Any, sentences: Any, **keywords: Any) -> Any:
            self._runs_for_real = True
            result = encode(of, ["a b"])
            self._runs_for_real = self._has_data
            return StandIn("encode()", self._choices) if stand_ins_in(sentences) else result

        self._set(sentence_transformers.SentenceTransformer, "encode", encode_anything)

    def _constructor(self, original: Any) -> Any:
        @functools.wraps(original)
        def construct(of: Any, *arguments: Any, **keywords: Any) -> None:
            self._depth += 1
            try:
                if "modules" in keywords:
                    original(of, modules=keywords["modules"], device="cpu")
                else:
                    original(of, tiny_models.with_tokenizer(), device="cpu")
            finally:
                self._depth -= 1
            if self._depth == 0:
                self._note(of)

        return construct

    def _hub_mixin(self) -> None:
        from huggingface_hub.hub_mixin import ModelHubMixin

        def load(original: Any, cls: Any, *arguments: Any, **keywords: Any) -> Any:
            target = tiny_models.folder() / f"mixin-{cls.__name__}"
            _with_stand_ins(cls, self._choices).save_pretrained(target)
            return original(cls, target)

        self._class_loader(ModelHubMixin, load)

    def _timm(self) -> None:
        import timm

        create = timm.create_model
        self._set(
            timm,
            "create_model",
            self.loading(lambda *a, **k: create("resnet10t", num_classes=k.get("num_classes", 2))),
        )

    def _state_dicts(self) -> None:
        """Weights are tiny ones or stand-ins, which need not fit."""
        load = torch.nn.Module.load_state_dict

        def load_what_fits(of: Any, state: Any, *arguments: Any, **keywords: Any) -> Any:
            # transformers 4 fills what it loads in this way.
            if isinstance(state, dict) and not stand_ins_in(state):
                with contextlib.suppress(RuntimeError):
                    return load(of, state, *arguments, **keywords)
            return StandIn("keys", self._choices)

        self._set(torch.nn.Module, "load_state_dict", load_what_fits)

    def _is_left_out(self, cls: type, without_data: object) -> bool:
        """Whether a forward pass is left out: it needs data, and changes no mode."""
        if cls.__module__.startswith(("transformers.", "diffusers.", "peft.")):
            return True
        if self._program.owns(cls) or cls.__module__ == "torch.nn.utils.parametrize":
            return False
        return bool(without_data)

    def _torch(self) -> None:
        """Library modules and optimizers take stand-ins."""
        run = torch.nn.Module.__call__
        optimize = torch.optim.Optimizer.__init__
        embed = torch.nn.Embedding.__dict__["from_pretrained"].__func__

        def call(of: Any, *arguments: Any, **keywords: Any) -> Any:
            found = stand_ins_in(arguments, keywords)
            if not self._runs_for_real and self._is_left_out(type(of), found or not arguments):
                return StandIn(f"{type(of).__name__}()", self._choices)
            return run(of, *arguments, **keywords)

        def optimizer(of: Any, parameters: Any, *arguments: Any, **keywords: Any) -> None:
            known = list(parameters) or [torch.nn.Parameter(torch.zeros(1))]
            optimize(of, known, *arguments, **keywords)

        def load_embedding(cls: Any, /, weights: Any, **keywords: Any) -> Any:
            rows = torch.zeros(4, 4) if stand_ins_in(weights) else weights
            return embed(cls, rows, **keywords)

        load = torch.load

        def load_file(file: Any, *arguments: Any, **keywords: Any) -> Any:
            if isinstance(file, (str, StandIn)) and not Path(str(file)).exists():
                return StandIn("checkpoint", self._choices)
            return load(file, *arguments, **keywords)

        pick = torch.nn.ModuleDict.__getitem__

        def pick_any(of: Any, key: Any) -> Any:
            return next(iter(of.values())) if isinstance(key, StandIn) else pick(of, key)

        for name in ("Linear", "Embedding", "Conv1d", "Conv2d", "LayerNorm", "LSTM", "GRU"):
            cls = getattr(torch.nn, name)
            self._set(cls, "__init__", _with_sizes(cls.__init__))
        self._set(torch, "load", load_file)
        self._set(torch.nn.ModuleDict, "__getitem__", pick_any)
        self._set(torch.nn.Module, "__call__", call)
        self._set(torch.optim.Optimizer, "__init__", optimizer)
        self._set(torch.nn.Embedding, "from_pretrained", classmethod(load_embedding))


def _load_model(
    original: Any,
    cls: Any,
    pretrained_model_name_or_path: Any,
    *arguments: Any,
    **keywords: Any,
) -> Any:
    checkpoint = pretrained_model_name_or_path
    given = keywords.get("config")
    passed = {name: each for name, each in keywords.items() if name not in _NOT_PASSED}
    family = tiny_models.family_of(cls, checkpoint)
    if isinstance(given, transformers.PretrainedConfig):
        family = str(given.model_type)
    if keywords.get("is_decoder"):
        family = "bert"
    passed = {name: each for name, each in passed.items() if not stand_ins_in(each)}
    if checkpoint is None:
        return original(cls, None, *arguments, **passed)
    return original(cls, tiny_models.saved(cls, family), **passed)


def _load_config(cls: Any, checkpoint: object, **keywords: Any) -> Any:
    made = tiny_models.config(tiny_models.family_of(_AsModel(cls), checkpoint))
    for name, value in keywords.items():
        setattr(made, name, value)
    return made


class _AsModel:
    """A configuration class where a model class is asked for its family."""

    def __init__(self, cls: Any) -> None:
        self.config_class = cls
        self.__name__ = cls.__name__


def _with_sizes(construct: Any) -> Any:
    """A layer's constructor that takes stand-ins for sizes."""

    @functools.wraps(construct)
    def sized(of: Any, *arguments: Any, **keywords: Any) -> None:
        sizes = [int(each) if isinstance(each, StandIn) else each for each in arguments]
        construct(of, *sizes, **keywords)

    return sized


def _unless_stand_in(function: Any) -> Any:
    """A method that does nothing where its first argument is a stand-in: no folder is given."""

    @functools.wraps(function)
    def call(of: Any, first: Any, *arguments: Any, **keywords: Any) -> Any:
        return None if isinstance(first, StandIn) else function(of, first, *arguments, **keywords)

    return call


def _is_module(value: object) -> bool:
    return isinstance(value, torch.nn.Module)


def _with_stand_ins(cls: Any, choices: Choices) -> Any:
    """An object of a program's class, its required arguments stood in for."""
    return cls(**arguments_for(cls.__init__, choices, skip=1))


def arguments_for(
    function: Any, choices: Choices, *, skip: int = 0, keys: Mapping[str, Sequence[Any]] = _NO_KEYS
) -> dict[str, Any]:
    """Arguments for a function: a stand-in for each parameter that may be anything.

    :param skip: how many leading parameters are given otherwise (``self``).
    :param keys: the values to choose from for parameters that are the keys of a dictionary.
    """
    import inspect

    given: dict[str, Any] = {}
    parameters: Iterator[inspect.Parameter] = iter(inspect.signature(function).parameters.values())
    for position, parameter in enumerate(parameters):
        if position < skip or parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        if parameter.name in keys:
            value = _chosen(parameter.name, keys[parameter.name], choices)
        else:
            value = _argument(parameter, choices)
        if value is not parameter.default:
            given[parameter.name] = value
    return given


def _chosen(name: str, options: Sequence[Any], choices: Choices) -> Any:
    """One of the options, by as many decisions as that takes."""
    for option in options[:-1]:
        if choices.decide(f"{name} is {option!r}"):
            return option
    return options[-1]


def _argument(parameter: Any, choices: Choices) -> Any:
    """The argument for one parameter, by its name and default."""
    if parameter.name in _BY_NAME:
        return _BY_NAME[parameter.name]
    stand_in = StandIn(parameter.name, choices)
    if parameter.default is parameter.empty:
        return stand_in
    if isinstance(parameter.default, bool):
        return choices.decide(parameter.name)
    if parameter.default is None:
        return stand_in if choices.decide(f"{parameter.name} is given") else None
    return parameter.default


# Parameters that a program uses for what they are called.
_BY_NAME: dict[str, Any] = {
    "class_name": "AutoModel",
    "config_class": transformers.AutoConfig,
    "encoder_class": transformers.AutoModel,
    "model_class": transformers.AutoModel,
    "model_class_name": "AutoModel",
    "model_cls": transformers.AutoModel,
    "tokenizer_class": transformers.AutoTokenizer,
    "tokenizer_class_name": "AutoTokenizer",
}
