"""Functions and classes of libraries: what they do with the modules given to them."""

from __future__ import annotations

from enum import Enum


class Effect(Enum):
    """What a call does."""

    SAME = "returns its first argument, or a wrapper that shares its modes"
    COPY = "returns a deep copy of its first argument"
    CONTAIN = "a container in train mode whose children are numbered or keyed"
    WRAP = "a module in train mode that holds its first argument"
    ADAPT = "a module with new, trainable layers around its first argument"
    TRAINER = "a Lightning Trainer"
    COMMAND_LINE = "Lightning's command line"
    GRAD = "a context in which gradients are computed"
    NO_GRAD = "a context in which no gradients are computed"
    NAMESPACE = "an object with its arguments as attributes"
    CALLBACK = "a callback whose hooks are its arguments"
    CAST = "returns its second argument"
    CHAIN = "goes through the elements of all its arguments"
    ASKS_FOR_GRADIENTS = "whether gradients are computed"
    GRADIENTS_ENABLED = "computes gradients from here on or not, by its argument; a context as well"
    PARTIAL = "a function with some arguments given"
    PARTIAL_METHOD = "a method with some arguments given"
    REPLACE = "a copy of its first argument, a record, with other fields"
    AS_DICT = "the fields of its first argument, a record, by name"
    INITIALIZE_CONFIG = "sets the folder of configurations"
    COMPOSE_CONFIG = "a configuration of that folder"
    READ_CONFIG = "the configuration in a file"
    CREATE_CONFIG = "the configuration that its first argument holds"
    MERGE_CONFIGS = "one configuration out of its arguments"
    SUPPRESS = "a context that exceptions end, and no more"
    SELECT_CONFIG = "a part of its first argument, by a path"
    IMPORT = "the module that its first argument names"
    EXIT = "ends the program, well or not by its first argument"
    MATCH = "whether its second argument begins with what its first describes"
    PATTERN = "what has the functions about its first argument, a regular expression, as methods"
    SEARCH = "whether its second argument has what its first describes"
    LOCATE = "what its first argument, a dotted name, stands for"


# The last names of functions and methods that may give something else each time, with the same
# arguments. Of others two calls are taken to give the same, as tests of options do.
DIFFERING = frozenset(
    {
        "acquire", "bernoulli", "choice", "choices", "get_nowait", "input", "mkdtemp", "monotonic",
        "next", "normal", "now", "perf_counter", "pop", "popitem", "popleft", "process_time",
        "rand", "rand_like", "randint", "randn", "randn_like", "random", "randperm", "randrange",
        "read", "readline", "readlines", "recv", "sample", "shuffle", "time", "time_ns", "today",
        "token_hex", "uniform", "urandom", "utcnow", "uuid1", "uuid4",
    }
)  # fmt: skip

# Measured: the wrapper of each is in train mode, and what it holds keeps its own mode.
EFFECTS = {
    "accelerate.dispatch_model": Effect.SAME,
    "argparse.Namespace": Effect.NAMESPACE,
    "attr.asdict": Effect.AS_DICT,
    "attr.evolve": Effect.REPLACE,
    "attrs.asdict": Effect.AS_DICT,
    "attrs.evolve": Effect.REPLACE,
    "collections.OrderedDict": Effect.SAME,
    "contextlib.suppress": Effect.SUPPRESS,
    "copy.copy": Effect.COPY,
    "copy.deepcopy": Effect.COPY,
    "dataclasses.asdict": Effect.AS_DICT,
    "dataclasses.replace": Effect.REPLACE,
    "functools.partial": Effect.PARTIAL,
    "functools.partialmethod": Effect.PARTIAL_METHOD,
    "hydra.compose": Effect.COMPOSE_CONFIG,
    "hydra.initialize": Effect.INITIALIZE_CONFIG,
    "hydra.utils.get_class": Effect.LOCATE,
    "hydra.utils.get_method": Effect.LOCATE,
    "hydra.utils.get_object": Effect.LOCATE,
    "hydra.utils.get_static_method": Effect.LOCATE,
    "importlib.import_module": Effect.IMPORT,
    "itertools.chain": Effect.CHAIN,
    "lightning.LambdaCallback": Effect.CALLBACK,
    "lightning.LightningCLI": Effect.COMMAND_LINE,
    "lightning.Trainer": Effect.TRAINER,
    "lightning.Trainer.from_argparse_args": Effect.TRAINER,
    "omegaconf.OmegaConf.create": Effect.CREATE_CONFIG,
    "omegaconf.OmegaConf.load": Effect.READ_CONFIG,
    "omegaconf.OmegaConf.merge": Effect.MERGE_CONFIGS,
    "omegaconf.OmegaConf.select": Effect.SELECT_CONFIG,
    "omegaconf.OmegaConf.structured": Effect.SAME,
    "omegaconf.OmegaConf.to_container": Effect.SAME,
    "omegaconf.OmegaConf.to_object": Effect.SAME,
    "os._exit": Effect.EXIT,
    "peft.get_peft_model": Effect.ADAPT,
    "peft.inject_adapter_in_model": Effect.ADAPT,
    "peft.prepare_model_for_int8_training": Effect.SAME,
    "peft.prepare_model_for_kbit_training": Effect.SAME,
    "pkgutil.resolve_name": Effect.LOCATE,
    "pydoc.locate": Effect.LOCATE,
    "re.compile": Effect.PATTERN,
    "re.match": Effect.MATCH,
    "re.search": Effect.SEARCH,
    "sys.exit": Effect.EXIT,
    "torch.autograd.enable_grad": Effect.GRAD,
    "torch.autograd.inference_mode": Effect.NO_GRAD,
    "torch.autograd.no_grad": Effect.NO_GRAD,
    "torch.autograd.set_grad_enabled": Effect.GRADIENTS_ENABLED,
    "torch.compile": Effect.SAME,
    "torch.enable_grad": Effect.GRAD,
    "torch.inference_mode": Effect.NO_GRAD,
    "torch.is_grad_enabled": Effect.ASKS_FOR_GRADIENTS,
    "torch.jit.script": Effect.SAME,
    "torch.nn.DataParallel": Effect.WRAP,
    "torch.nn.ModuleDict": Effect.CONTAIN,
    "torch.nn.ModuleList": Effect.CONTAIN,
    "torch.nn.Sequential": Effect.CONTAIN,
    "torch.nn.SyncBatchNorm.convert_sync_batchnorm": Effect.SAME,
    "torch.nn.parallel.DataParallel": Effect.WRAP,
    "torch.nn.parallel.DistributedDataParallel": Effect.WRAP,
    "torch.no_grad": Effect.NO_GRAD,
    "torch.optim.swa_utils.AveragedModel": Effect.WRAP,
    "torch.set_grad_enabled": Effect.GRADIENTS_ENABLED,
    "types.SimpleNamespace": Effect.NAMESPACE,
    "typing.cast": Effect.CAST,
}

# How a call is written that ends the program.
EXITS = frozenset({"exit", "os._exit", "quit", "sys.exit"})

# Constants of libraries that have the same value wherever a program runs.
KNOWN_FLAGS = {"typing.TYPE_CHECKING": False}

# Methods of argparse's parsers, which set the attributes of a namespace that they are given.
PARSING_METHODS = frozenset({"parse_args", "parse_intermixed_args", "parse_known_args"})

# What has modules by their names.
MODULES_BY_NAME = "sys.modules"

# The attribute under which each wrapper holds its argument.
WRAPPED_AS = "module"
ADAPTED_AS = "base_model"

# Decorators under which a function computes no gradients, by the end of their name.
NO_GRAD_DECORATORS = frozenset({"no_grad", "inference_mode"})

# Decorators behind which a function gives what it gave before, by the end of their name: those of
# Python's library, of torch and of Lightning that say how, when and where it is called.
KEEPING_DECORATORS = NO_GRAD_DECORATORS | {
    "abstractmethod", "cached_property", "classmethod", "contextmanager", "deleter",
    "enable_grad", "export", "final", "getter", "ignore", "overload", "override",
    "property", "setter", "staticmethod", "typechecked", "unused", "wraps",
}  # fmt: skip

# Methods of tensors whose results have no gradient, and the attribute that has none.
DETACHING = frozenset({"argmax", "argmin", "argsort", "detach", "item", "long", "numpy", "tolist"})
DETACHED = frozenset({"data", "indices"})

# Layers whose cuDNN kernels refuse the backward pass in eval mode ("cudnn RNN backward can only be
# called in training mode", ATen/native/cudnn/RNN.cpp of torch 2.13). On CPU they train without an
# error: the recorded fact is the mode.
RECURRENT = frozenset({"torch.nn.GRU", "torch.nn.LSTM", "torch.nn.RNN"})
