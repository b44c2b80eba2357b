"""Loaders: calls that return modules in a known mode."""

from __future__ import annotations

from enum import Enum

from hfmode_lint.analysis.knowledge import exported, names
from hfmode_lint.immutable import immutable


class Result(Enum):
    """What a loader returns."""

    MODULE = "a module"
    HOLDER = "no module, but its attributes are modules (a pipeline)"
    PAIR = "a tuple that begins with a module"
    NOTHING = "nothing with a mode"


@immutable
class Loader:
    """One loader: what it returns, and whether in eval mode; None where that can't be told.

    ``assumed`` is set where the class could not be seen. ``adapter`` marks peft's: the module in
    the first argument is put into the result.
    """

    result: Result
    eval_mode: bool | None = True
    assumed: bool = False
    model_like: bool = True
    adapter: bool = False


_EVAL = Loader(Result.MODULE)
_TRAIN = Loader(Result.MODULE, eval_mode=False)
_UNKNOWN = Loader(Result.MODULE, eval_mode=None)
_HOLDER = Loader(Result.HOLDER)
_NOTHING = Loader(Result.NOTHING)
_PEFT = Loader(Result.MODULE, adapter=True)

# The methods that load, on whichever class. Of the two-part models the root is in train mode
# and the parts in eval mode; the parts are what matters.
LOADER_METHODS = frozenset(
    {
        "from_pretrained",
        "from_encoder_decoder_pretrained",
        "from_sub_models_pretrained",
        "from_text_vision_pretrained",
        "from_vision_text_pretrained",
        "from_text_audio_pretrained",
    }
)

# Functions and constructors that load. ``timm.create_model`` was measured; open_clip 3's factory.py
# builds its models in train mode too. ``torch.hub.load`` returns whatever the repository makes, and
# is left unknown.
LOADING_CALLABLES = {
    "open_clip.create_model": _TRAIN,
    "open_clip.create_model_and_transforms": Loader(Result.PAIR, eval_mode=False),
    "open_clip.create_model_from_pretrained": Loader(Result.PAIR, eval_mode=False),
    "sentence_transformers.CrossEncoder": _EVAL,
    "sentence_transformers.SentenceTransformer": _EVAL,
    "sentence_transformers.SparseEncoder": _EVAL,
    "timm.create_model": _TRAIN,
    "transformers.pipeline": _HOLDER,
}

# Classes by full name, for loaders that are unlike the rest of their kind.
_CLASSES = {
    "peft.PeftModel": _PEFT,
    "torch.nn.Embedding": _TRAIN,
    "torch.nn.EmbeddingBag": _TRAIN,
}

# Packages whose own ``from_pretrained`` leaves the module in train mode, or returns a tuple. Read
# in their source: efficientnet_pytorch 0.3 (model.py), NeMo 2.3 (core/classes/modelPT.py),
# pyannote.audio 4.0 (core/model.py), pytorch_pretrained_bert 0.6 (modeling.py). huggingface_hub's
# mixin leaves train mode in 0.36 where it reads safetensors, and eval mode in 2.4 (measured).
_PACKAGES = {
    "efficientnet_pytorch": _TRAIN,
    "huggingface_hub": _UNKNOWN,
    "nemo": _TRAIN,
    "pyannote": _TRAIN,
    "pytorch_pretrained_bert": _TRAIN,
    "timm": _TRAIN,
    "unsloth": Loader(Result.PAIR),
}

_BY_RESULT = {"module": _EVAL, "holder": _HOLDER, "nothing": _NOTHING}

# Packages of which no class has a method that loads, but for those listed above.
_WITHOUT_LOADERS = frozenset(
    {
        "abc",
        "builtins",
        "collections",
        "dataclasses",
        "enum",
        "lightning",
        "omegaconf",
        "torch",
        "typing",
        "typing_extensions",
    }
)

# The ends of the names of classes that have a ``from_pretrained`` and are no modules.
_NOT_MODULES = (
    "blocks",
    "config",
    "configuration",
    "dictionary",
    "extractor",
    "guidance",
    "index",
    "processor",
    "retriever",
    "scheduler",
    "tokenizer",
    "transform",
    "transforms",
    "vocab",
    "vocabulary",
)
_HOLDERS = ("pipeline", "pipe")
# ``tokenizer_class``, ``config_cls`` name a class by what it is for.
_CLASS_WORDS = ("class", "cls", "type", "name")
# ``BertTokenizerFast``, ``ViTImageProcessorPil``, ``SchedulerMixin`` are variants of their kind.
_VARIANTS = ("fast", "legacy", "mixin", "pil")


def is_loader_method(name: str) -> bool:
    """Whether a method of this name loads a pretrained object."""
    return name in LOADER_METHODS


def loader_callable(name: str) -> Loader | None:
    """The loader that an imported function or constructor is, if it is one."""
    return LOADING_CALLABLES.get(name)


def is_listed_class(name: str) -> bool:
    """Whether a class of this name has an entry of its own here."""
    last = name.rpartition(".")[2]
    return name in _CLASSES or (names.package(name) == "peft" and "PeftModel" in last)


def loader_of_class(name: str, method: str) -> Loader:
    """What ``method`` of an imported class returns.

    :param name: the canonical dotted name of the class.
    :param method: a name that :func:`is_loader_method` accepts.
    """
    if name in _CLASSES:
        return _CLASSES[name]
    if name in exported.RESULTS:
        return _BY_RESULT[exported.RESULTS[name]]
    return loader_of_name(name, method)


def loader_of_name(name: str, method: str) -> Loader:
    """What the rules say of a class that no list has: its package and its name decide.

    The parameters are those of :func:`loader_of_class`.
    """
    package = names.package(name)
    if package == "peft" and name.rpartition(".")[2].startswith("PeftModel"):
        return _PEFT
    if package == "peft" and "AutoPeftModel" in name:
        return Loader(Result.MODULE, adapter=True)
    by_name = _loader_of_name(name.rpartition(".")[2])
    if by_name is not None:
        return by_name
    if package in _PACKAGES:
        return _PACKAGES[package]
    if package in names.MEASURED_PACKAGES or method != "from_pretrained":
        return _EVAL
    return loader_of_unseen_class(name.rpartition(".")[2])


def has_no_loaders(name: str) -> bool:
    """Whether a library's class has no method that loads.

    :param name: its canonical dotted name.
    """
    return names.package(name) in _WITHOUT_LOADERS and name not in _CLASSES


def has_measured_loaders(name: str) -> bool:
    """Whether it is known what a class of this name inherits as ``from_pretrained``."""
    package = names.package(name)
    return package in names.MEASURED_PACKAGES or package in _PACKAGES


def loader_of_unseen_class(name: str) -> Loader:
    """What ``from_pretrained`` returns when only the name of the class is known, or nothing.

    :param name: the class's name or the name of the variable that holds it; may be empty.
    """
    by_name = _loader_of_name(name)
    if by_name is not None:
        return by_name
    return Loader(Result.MODULE, assumed=True, model_like=names.is_model_name(name))


def names_no_module(name: str) -> bool:
    """Whether something of this name is no module: ``tokenizer``, ``BertConfig``."""
    words = _significant(name)
    return words.endswith(_NOT_MODULES)


def _loader_of_name(name: str) -> Loader | None:
    words = _significant(name)
    if words.endswith(_NOT_MODULES):
        return _NOTHING
    if words.endswith(_HOLDERS):
        return _HOLDER
    return None


def _significant(name: str) -> str:
    words = name.lower().rstrip("_")
    for word in (*_CLASS_WORDS, *_VARIANTS):
        words = words.removesuffix(word).rstrip("_")
    return words
