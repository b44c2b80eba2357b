"""Names: which packages are known, and which of their classes are modules."""

from __future__ import annotations

import re

# ``pytorch_lightning`` and ``lightning.pytorch`` are the same code under two distributions.
CANONICAL_PACKAGES = {
    "pytorch_lightning": "lightning",
    "lightning.pytorch": "lightning",
}

# In these packages a class has one name, wherever it is imported from:
# ``transformers.models.bert.modeling_bert.BertModel`` is ``transformers.BertModel``.
FLAT_PACKAGES = frozenset(
    {
        "diffusers",
        "huggingface_hub",
        "lightning",
        "peft",
        "sentence_transformers",
        "transformers",
    }
)

# What a name usually means in a snippet that has no import for it.
CONVENTIONAL = {
    "L": "lightning",
    "LightningModule": "lightning.LightningModule",
    "lightning": "lightning",
    "nn": "torch.nn",
    "pl": "lightning",
    "torch": "torch",
    "transformers": "transformers",
}

LIGHTNING_MODULES = frozenset({"lightning.LightningModule"})

# Packages whose loaders were measured, so that nothing about a loader's result is assumed.
MEASURED_PACKAGES = frozenset(
    {"diffusers", "huggingface_hub", "peft", "sentence_transformers", "transformers"}
)

# Packages that change no module's mode or gradients behind the caller's back, except where
# ``callables`` says so.
_WELL_BEHAVED = frozenset(
    {
        "abc",
        "accelerate",
        "argparse",
        "attr",
        "attrs",
        "bitsandbytes",
        "builtins",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datasets",
        "diffusers",
        "enum",
        "evaluate",
        "functools",
        "huggingface_hub",
        "inspect",
        "itertools",
        "json",
        "lightning",
        "lightning_utilities",
        "logging",
        "loguru",
        "math",
        "numpy",
        "operator",
        "omegaconf",
        "os",
        "peft",
        "pprint",
        "pydantic",
        "random",
        "rich",
        "sentence_transformers",
        "sys",
        "thop",
        "time",
        "timm",
        "tokenizers",
        "torch",
        "torchinfo",
        "torchmetrics",
        "torchsummary",
        "torchvision",
        "tqdm",
        "transformers",
        "typing",
        "typing_extensions",
        "wandb",
        "warnings",
    }
)

# What every module extends.
MODULE = "torch.nn.Module"
_MODULE_BASES = frozenset(
    {
        "diffusers.ModelMixin",
        "lightning.LightningModule",
        "sentence_transformers.SentenceTransformer",
        MODULE,
        "transformers.PreTrainedModel",
    }
)

# What a model is for, as in ``BertForMaskedLM``; ``MaskFormerModel`` is for nothing.
_HEAD = re.compile("For[A-Z]")

_MODULE_PACKAGES = frozenset({"diffusers", "peft", "transformers"})
_MODULE_SUFFIXES = ("Model", "PreTrainedModel", "Decoder", "Encoder", "Backbone", "Adapter", "VAE")


def canonical(name: str) -> str:
    """The one spelling under which the knowledge base has a library's name.

    ``pytorch_lightning.core.LightningModule`` gives ``lightning.LightningModule``.
    """
    for package, replacement in CANONICAL_PACKAGES.items():
        if name == package or name.startswith(package + "."):
            name = replacement + name[len(package) :]
    first, *rest = name.split(".")
    if first not in FLAT_PACKAGES or len(rest) < 2:
        return name
    kept = [part for part in rest[:-1] if not part[:1].islower() and not part.startswith("_")]
    return ".".join([first, *kept, rest[-1]])


def conventional(name: str) -> str | None:
    """What a dotted name means where nothing binds its beginning; None where nobody can tell.

    ``pl.LightningModule`` gives ``lightning.LightningModule``.
    """
    first, dot, rest = name.partition(".")
    meant = CONVENTIONAL.get(first)
    return None if meant is None else f"{meant}{dot}{rest}"


def package(name: str) -> str:
    """The top-level package of a dotted name; empty for a relative import."""
    return name.partition(".")[0]


def is_well_behaved(name: str) -> bool:
    """Whether a callable of this name leaves the modes of its arguments alone."""
    return package(name) in _WELL_BEHAVED


def is_known_base(name: str) -> bool:
    """Whether a base class of this name has no hooks that the analysis does not know of."""
    return is_well_behaved(name)


def is_module_class(name: str) -> bool:
    """Whether a library class of this name is an ``nn.Module``."""
    if name in _MODULE_BASES:
        return True
    last = name.rpartition(".")[2]
    if name.startswith("torch.nn.") and last[:1].isupper():
        return last not in {"Parameter", "ParameterList", "ParameterDict"}
    if package(name) not in _MODULE_PACKAGES:
        return False
    return last.endswith(_MODULE_SUFFIXES) or is_model_name(last)


def is_model_name(last: str) -> bool:
    """Whether a class name has the shape that transformers gives its models."""
    return last[:1].isupper() and (
        last.endswith(("Model", "Backbone"))
        or last.startswith("AutoModel")
        or _HEAD.search(last) is not None
    )


def is_bare_model_name(last: str) -> bool:
    """Whether a class name is that of a model without a head: ``BertModel``, ``AutoModel``."""
    return last.endswith("Model") and _HEAD.search(last) is None
