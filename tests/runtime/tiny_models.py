"""Tiny models of each family, built from configurations and saved to a folder: no hub."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import transformers

if TYPE_CHECKING:
    import torch

_SMALL = {
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "vocab_size": 64,
    "max_position_embeddings": 32,
}
_SEQ2SEQ = {
    "d_model": 8,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "vocab_size": 64,
    "max_position_embeddings": 32,
}
_VISION = {**_SMALL, "image_size": 8, "patch_size": 4}

# Constructor arguments of the configuration of each family.
FAMILIES: dict[str, dict[str, Any]] = {
    "albert": {**_SMALL, "embedding_size": 8},
    "bart": {**_SEQ2SEQ},
    "bert": {**_SMALL},
    "clip": {
        "text_config": {**_SMALL, "projection_dim": 8},
        "vision_config": {**_VISION, "projection_dim": 8},
        "projection_dim": 8,
    },
    "clip_text_model": {**_SMALL, "projection_dim": 8},
    "distilbert": {"dim": 8, "n_layers": 2, "n_heads": 2, "hidden_dim": 16, "vocab_size": 64},
    "gpt2": {"n_embd": 8, "n_layer": 2, "n_head": 2, "vocab_size": 64, "n_positions": 32},
    "llama": {**_SMALL, "num_key_value_heads": 2, "pad_token_id": 0},
    "roberta": {**_SMALL},
    "t5": {
        "d_model": 8,
        "d_kv": 4,
        "d_ff": 16,
        "num_layers": 1,
        "num_heads": 2,
        "vocab_size": 64,
        "decoder_start_token_id": 0,
    },
    "vit": {**_VISION},
    "wav2vec2": {
        **_SMALL,
        "conv_dim": (8, 8),
        "conv_kernel": (3, 3),
        "conv_stride": (2, 2),
        "num_feat_extract_layers": 2,
        "num_conv_pos_embeddings": 4,
        "num_conv_pos_embedding_groups": 2,
    },
    "whisper": {**_SEQ2SEQ, "num_mel_bins": 8, "max_source_positions": 16},
}
# What an ``Auto`` class loads where the checkpoint's name names no family.
_AUTO = {
    "AutoModelForCausalLM": "llama",
    "AutoModelForImageClassification": "vit",
    "AutoModelForSeq2SeqLM": "t5",
    "AutoModelForSpeechSeq2Seq": "whisper",
}


@functools.cache
def folder() -> Path:
    """The folder that holds everything saved by this process; it is deleted at its end."""
    holder = tempfile.TemporaryDirectory(prefix="tiny-models-")
    _KEPT.append(holder)
    return Path(holder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def config(family: str) -> Any:
    """A tiny configuration of a family."""
    return transformers.AutoConfig.for_model(family, **FAMILIES[family])


def family_of(cls: Any, checkpoint: object) -> str:
    """The family that a class loads from a checkpoint of that name."""
    own = getattr(getattr(cls, "config_class", None), "model_type", "")
    if own:
        return str(own)
    text = checkpoint.lower() if isinstance(checkpoint, str) else ""
    named = [family for family in FAMILIES if text.startswith((family, f"facebook/{family}"))]
    return named[0] if named else _AUTO.get(cls.__name__, "bert")


@functools.cache
def saved(cls: Any, family: str) -> str:
    """The folder of a tiny model of a class, made when first asked for."""
    target = folder() / f"{cls.__name__}-{family}"
    if cls.__name__.startswith("Auto"):
        model = cls.from_config(config(family))
    else:
        model = cls(config(family))
    model.save_pretrained(target)
    return str(target)


@functools.cache
def with_tokenizer() -> str:
    """The folder of a tiny BERT classifier with a tokenizer of a few words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    target = folder() / "with-tokenizer"
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=16,
    ).save_pretrained(target)
    transformers.BertForSequenceClassification(config("bert")).save_pretrained(target)
    return str(target)


@functools.cache
def diffusion_pipeline() -> str:
    """The folder of a tiny Stable Diffusion pipeline, each part in its own folder."""
    import diffusers

    text = transformers.CLIPTextConfig(**_SMALL, projection_dim=8)
    unet = diffusers.UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(8, 8),
        layers_per_block=1,
        cross_attention_dim=8,
        attention_head_dim=2,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    vae = diffusers.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=4)
    target = folder() / "diffusion"
    diffusers.DDPMScheduler().save_pretrained(target / "scheduler")
    unet.save_pretrained(target / "unet")
    vae.save_pretrained(target / "vae")
    transformers.CLIPTextModel(text).save_pretrained(target / "text_encoder")
    return str(target)


def pipeline_parts() -> dict[str, Any]:
    """The modules of the tiny pipeline, loaded."""
    import diffusers

    root = Path(diffusion_pipeline())
    return {
        "unet": diffusers.UNet2DConditionModel.from_pretrained(root / "unet"),
        "vae": diffusers.AutoencoderKL.from_pretrained(root / "vae"),
        "text_encoder": transformers.CLIPTextModel.from_pretrained(root / "text_encoder"),
    }


def adapter_of(base: torch.nn.Module) -> str:
    """The folder of a LoRA adapter that fits a base model."""
    import copy

    import peft

    target = folder() / f"adapter-{type(base).__name__}"
    if not target.exists():
        plain = base.get_base_model() if isinstance(base, peft.PeftModel) else base
        settings = peft.LoraConfig(target_modules="all-linear", r=2)
        peft.get_peft_model(copy.deepcopy(plain), settings).save_pretrained(target)
    return str(target)
