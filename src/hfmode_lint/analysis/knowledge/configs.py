"""Configurations: where libraries read them, and how they describe what is to be made.

Measured with hydra-core 1.3.8 and omegaconf 2.4; Lightning's ``instantiate_class`` is in
pytorch/cli.py of 2.6.
"""

from __future__ import annotations

from hfmode_lint.immutable import immutable


@immutable
class Description:
    """How a dictionary describes a call.

    ``target`` is the key of the callable's dotted name. Its keyword arguments stand under the key
    ``arguments``, or beside the target where that is empty; the positional ones under
    ``positional``. Where ``partial`` is true, the call is not made but given. What is described in
    an argument is made first if it ``nests``, but for where ``recursive`` is false. ``ignored`` are
    no arguments.
    """

    target: str
    arguments: str = ""
    positional: str = ""
    partial: str = ""
    nests: bool = True
    recursive: str = ""
    ignored: frozenset[str] = frozenset()

    @property
    def keys(self) -> frozenset[str]:
        """The keys that stand beside the arguments and are none."""
        own = {self.target, self.arguments, self.positional, self.partial, self.recursive}
        return (self.ignored | own) - {""}


@immutable
class Maker:
    """A function that makes what a description says.

    The description is its argument at ``position``, or the one called ``name``. What else it is
    given goes to the call: positional arguments, and keywords, which beat those of the description.
    """

    description: Description
    position: int
    name: str


_TARGET = Description(
    target="_target_",
    positional="_args_",
    partial="_partial_",
    recursive="_recursive_",
    ignored=frozenset({"_convert_"}),
)
_CLASS_PATH = Description(target="class_path", arguments="init_args", nests=False)

MAKERS = {
    "hydra.utils.call": Maker(_TARGET, 0, "config"),
    "hydra.utils.instantiate": Maker(_TARGET, 0, "config"),
    "hydra_zen.instantiate": Maker(_TARGET, 0, "config"),
    "lightning.instantiate_class": Maker(_CLASS_PATH, 1, "init"),
}


@immutable
class ConfigArguments:
    """Which arguments name a configuration: its folder, from the file's own, and its name."""

    folder: str
    name: str
    folder_position: int | None = None
    name_position: int | None = None


# Decorators that give a function a configuration as its first argument.
INJECTING = {
    "hydra.main": ConfigArguments("config_path", "config_name", 0, 1),
}

# What reads the folder of later configurations, and one of them.
INITIALIZE = ConfigArguments("config_path", "config_name", 0)
COMPOSE = ConfigArguments("config_path", "config_name", None, 0)

# The classes of configurations: one by keys, and any.
CONFIG_CLASSES = frozenset({"omegaconf.DictConfig", "omegaconf.dictconfig.DictConfig"})

# Suffixes of the files, in the order in which they are looked for.
SUFFIXES = (".yaml", ".yml")
