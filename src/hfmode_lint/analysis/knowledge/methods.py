"""Methods of ``nn.Module`` and of library models: what they do to the mode and what they return."""

from __future__ import annotations

from enum import Enum


class MethodEffect(Enum):
    """What a method does to the module it is called on."""

    SAME = "returns the module itself, in the mode that it has"
    TRAIN = "sets train mode, or eval mode for a false argument"
    EVAL = "sets eval mode"
    TRAIN_ADAPTER = "sets train mode, and switches gradients off but for adapters"
    FREEZE = "switches gradients off"
    FREEZE_PART = "switches the gradients of a part off"
    REQUIRES_GRAD = "switches gradients on or off by its argument"
    LIGHTNING_FREEZE = "switches gradients off and sets eval mode"
    LIGHTNING_UNFREEZE = "switches gradients on and sets train mode"
    PARAMETERS = "returns its parameters"
    MODULES = "returns its submodules"
    APPLY = "calls a function with each submodule"
    PART = "returns a submodule"
    SUBMODULE = "returns the submodule that its argument names"
    REGISTER = "adds a submodule under a name"
    EXTEND = "adds submodules to a container"
    MEMBERS = "returns the submodules of a container"
    LOAD_ADAPTER = "adds a loaded adapter and sets eval mode"
    ADAPT = "adds new layers to the module"
    QUIET = "changes no mode and runs no forward pass"
    NO_GRAD_USE = "runs a forward pass without gradients"
    RUN = "runs a forward pass"


_SAME = (
    "bfloat16 cpu cuda double float half ipu merge_and_unload share_memory to to_bettertransformer "
    "to_empty type unload unmerge_adapter with_config xpu"
)
_QUIET = (
    "buffers compile disable_adapter_layers disable_gradient_checkpointing "
    "disable_input_require_grads enable_adapters enable_gradient_checkpointing "
    "enable_input_require_grads enable_model_cpu_offload "
    "enable_xformers_memory_efficient_attention extra_repr floating_point_ops get_buffer "
    "get_memory_footprint get_nb_trainable_parameters get_parameter "
    "get_sentence_embedding_dimension gradient_checkpointing_disable gradient_checkpointing_enable "
    "init_weights load_state_dict named_buffers num_parameters post_init "
    "print_trainable_parameters push_to_hub register_buffer register_forward_hook "
    "register_forward_pre_hook register_full_backward_hook register_parameter register_to_config "
    "resize_position_embeddings resize_token_embeddings save_pretrained set_active_adapters "
    "set_adapter set_attn_processor set_attn_implementation set_default_attn_processor "
    "set_input_embeddings set_output_embeddings state_dict tie_weights zero_grad"
)

# Mode facts measured; that ``generate`` and ``encode`` compute no gradients is in their
# libraries' source (transformers 5.23 generation/utils.py, sentence-transformers 6.2).
_BY_EFFECT = {
    MethodEffect.SAME: _SAME,
    MethodEffect.TRAIN: "train",
    MethodEffect.EVAL: "eval",
    MethodEffect.TRAIN_ADAPTER: "train_adapter train_adapter_fusion train_fusion",
    MethodEffect.FREEZE: "freeze freeze_base_model freeze_all freeze_model freeze_parameters",
    MethodEffect.FREEZE_PART: "freeze_feature_encoder freeze_feature_extractor freeze_text_encoder "
    "freeze_vision_encoder freeze_encoder freeze_embeddings",
    MethodEffect.REQUIRES_GRAD: "requires_grad_",
    MethodEffect.PARAMETERS: "parameters named_parameters",
    MethodEffect.MODULES: "modules children named_modules named_children",
    MethodEffect.APPLY: "apply",
    MethodEffect.PART: "get_base_model get_decoder get_encoder get_input_embeddings "
    "get_output_embeddings",
    MethodEffect.SUBMODULE: "get_submodule",
    MethodEffect.REGISTER: "add_module register_module",
    MethodEffect.EXTEND: "append extend insert update",
    MethodEffect.MEMBERS: "items values",
    MethodEffect.LOAD_ADAPTER: "load_adapter",
    MethodEffect.ADAPT: "add_adapter",
    MethodEffect.QUIET: _QUIET,
    MethodEffect.NO_GRAD_USE: "decode encode generate predict",
    MethodEffect.RUN: "forward __call__",
}

METHODS = {name: effect for effect, names in _BY_EFFECT.items() for name in names.split()}

# Words with which the names of methods begin that may set train mode, maybe behind a verb.
_TRAINING = frozenset({"train", "training"})


def may_train(name: str) -> bool:
    """Whether a method that nobody knows is called as if it set train mode: ``set_training``."""
    return not _TRAINING.isdisjoint(name.lower().split("_")[:2])


# The adapter is gone afterwards; its base stays frozen as ``get_peft_model`` left it (measured).
UNADAPTING_METHODS = frozenset({"merge_and_unload", "unload"})

# What a LightningModule adds.
LIGHTNING_METHODS = {
    "freeze": MethodEffect.LIGHTNING_FREEZE,
    "unfreeze": MethodEffect.LIGHTNING_UNFREEZE,
}

# Of the methods that give modules, those that leave out the module itself.
INNER_MODULES = frozenset({"children", "named_children"})

# Of a model with embeddings under this name, the submodules that have all of its blocks, and of
# which each has all that is below the one before (measured: BERT and its like have no decoder).
EMBEDDINGS = "embeddings"
BODIES = frozenset({"encoder", "layer", "layers", "transformer"})

# Submodules in which nothing depends on the mode: no dropout, no batch norm (measured: the parts
# of transformers' models under these names are plain Embedding and Linear layers).
MODELESS_PARTS = frozenset(
    {
        "embed_positions",
        "embed_tokens",
        "get_input_embeddings",
        "get_output_embeddings",
        "lm_head",
        "position_embeddings",
        "shared",
        "token_type_embeddings",
        "weight",
        "word_embeddings",
        "wpe",
        "wte",
    }
)

# Of a model without a head this is the model itself, of one with a head the part below it
# (measured: transformers' ``base_model``).
BASE_OF_MODEL = "base_model"

# Attributes of a library's module that are no submodules.
PLAIN_ATTRIBUTES = frozenset(
    {"config", "device", "dtype", "generation_config", "hparams", "name_or_path", "training"}
)

# What every module has, by nn.Module's documentation.
OF_EVERY_MODULE = frozenset(
    {
        "apply", "buffers", "children", "cpu", "cuda", "double", "eval", "float", "forward", "half",
        "load_state_dict", "modules", "named_buffers", "named_children", "named_modules",
        "named_parameters", "parameters", "register_buffer", "register_forward_hook",
        "requires_grad_", "state_dict", "to", "train", "training", "zero_grad",
    }
)  # fmt: skip

# Keyword arguments that show that what is called is a tokenizer or a processor, not a module.
TOKENIZER_ARGUMENTS = frozenset(
    {"add_special_tokens", "max_length", "padding", "return_tensors", "text_target", "truncation"}
)

# Methods that tokenizers and processors have and modules have not, or not alone.
TOKENIZER_METHODS = frozenset(
    {
        "__len__",
        "add_special_tokens",
        "add_tokens",
        "apply_chat_template",
        "batch_decode",
        "batch_encode_plus",
        "convert_ids_to_tokens",
        "convert_tokens_to_ids",
        "decode",
        "encode",
        "encode_plus",
        "get_vocab",
        "pad",
        "save_vocabulary",
        "tokenize",
    }
)

# Methods of dictionaries, which configurations have too.
DICT_METHODS = frozenset({"copy", "get", "items", "keys", "pop", "setdefault", "update", "values"})

# Attributes of a pipeline that are no modules: ``pipe.scheduler``.
HOLDER_MODULES = (
    "controlnet",
    "decoder",
    "encoder",
    "image_encoder",
    "model",
    "movq",
    "prior",
    "text_encoder",
    "text_encoder_2",
    "text_encoder_3",
    "transformer",
    "unet",
    "vae",
    "vqvae",
    "vocoder",
)

# Functions and methods, of whatever library, that change nothing in the modules they are given.
HARMLESS_NAMES = frozenset(
    {
        "add_graph",
        "append",
        "count_parameters",
        "debug",
        "extend",
        "get_num_params",
        "info",
        "log",
        "log_graph",
        "lr_find",
        "num_params",
        "predict",
        "print",
        "register",
        "save_hyperparameters",
        "scale_batch_size",
        "summary",
        "test",
        "update",
        "validate",
        "warning",
        "watch",
    }
)
