"""Which files can matter, told from their bytes alone.

A file that is turned down here is never parsed, so this must never be wrong in that direction:
each finding needs one of these words in the source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# HFM001, HFM002: a loader (knowledge.loaders) that reaches a LightningModule (knowledge.lightning).
_LOADERS = (b"_pretrained", b"SentenceTransformer", b"CrossEncoder", b"pipeline(")
_LIGHTNING = b"ightning"
# The class itself, or the package that it comes from, in an import or a string: comments, and names
# of other things, have the word as well.
_LIGHTNING_MODULE = (
    rb"LightningModule|(?:\bimport|\bfrom|,)[ \t\r\n\\]*(?:pytorch_)?lightning\b"
    rb"|[\"'](?:pytorch_)?lightning\b"
)
# What makes an object of a description: hydra's ``instantiate`` (knowledge.configs).
_MAKER = b"instantiate"

# HFM101 to HFM103: a loader in a file that runs a backward pass, or is imported by one that does.
_BACKWARD = b".backward("

_MODES = (b"train", b"eval")

# Expressions are compiled when one is asked for: most runs of a commit hook ask for none.

# HFM003: a mode method named at the end of a statement.
_UNCALLED = rb"\.[ \t]*(?:train|eval)[ \t\f)]*(?:[;#\r\n\\]|$)"
# In the strings of JSON a line ends with an escape, which begins with a backslash, or the string.
_UNCALLED_IN_JSON = rb'\.[ \t]*(?:train|eval)[ \t\f)]*[;#\\"]'
_MODULE_LIBRARIES = (b"torch", b"ightning", b"transformers", b"diffusers")

# HFM004, HFM006: a call that may set eval mode, in what may be a LightningModule or a part of one.
_SWITCH = rb"\.[ \t]*(?:eval[ \t]*\([ \t]*\)|train[ \t]*\([ \t]*[^ \t)])"
_HOOK = rb"def[ \t]+(?:on_\w+|\w+_step|forward)[ \t]*\("


def loads(data: bytes) -> bool:
    """Whether a file with these bytes can hold a loader call."""
    return _has_any(_LOADERS, data)


def makes(data: bytes) -> bool:
    """Whether a file with these bytes may make what a configuration describes."""
    return _MAKER in data


def names_lightning(data: bytes) -> bool:
    """Whether a file with these bytes can mention Lightning."""
    return _LIGHTNING in data


def names_lightning_module(data: bytes) -> bool:
    """Whether a file with these bytes can come to Lightning's LightningModule by itself."""
    return names_lightning(data) and re.search(_LIGHTNING_MODULE, data) is not None


def comes_to_backward(data: bytes) -> bool:
    """Whether a file with these bytes can run a backward pass."""
    return _BACKWARD in data


def may_matter_in_project(data: bytes, *, in_json: bool = False) -> bool:
    """Whether a file with these bytes can have a finding, whatever other files hold.

    The parameters are those of :func:`may_matter`.
    """
    return loads(data) or _may_switch(data) or names_mode_method(data, in_json=in_json)


def _may_switch(data: bytes) -> bool:
    if not _has_any(_MODES, data):
        return False
    return re.search(_SWITCH, data) is not None and re.search(_HOOK, data) is not None


def may_ever_matter(data: bytes, *, in_json: bool = False) -> bool:
    """Whether a file with these bytes can have a finding, by itself or in any project.

    In one that follows packages, others can have one as well. The parameters are those of
    :func:`may_matter`.
    """
    return may_matter_in_project(data, in_json=in_json) or makes(data) or may_have_noqa(data)


def may_have_noqa(data: bytes) -> bool:
    """Whether a file with these bytes can have a comment that hides one of our findings."""
    # The cheapest test first, as this is asked of every file.
    return b"HFM" in data and b"noqa" in data.lower()


def may_matter(data: bytes, *, in_json: bool = False, loops: bool = False) -> bool:
    """Whether a file with these bytes can have a finding by itself.

    :param data: the file's content, in any encoding that has ASCII as a subset.
    :param in_json: the source stands in the strings of a notebook. JSON may spell any letter as
        an escape, and may cut a word in two strings of one cell; nothing that writes notebooks
        does, and such a word is not seen here.
    :param loops: a training loop counts that is written without Lightning.
    """
    if loads(data) and (names_lightning(data) or (loops and comes_to_backward(data))):
        return True
    return names_mode_method(data, in_json=in_json)


def names_mode_method(data: bytes, *, in_json: bool = False) -> bool:
    """Whether a file with these bytes can name a mode method without calling it.

    The parameters are those of :func:`may_matter`.
    """
    if not (_has_any(_MODES, data) and _has_any(_MODULE_LIBRARIES, data)):
        return False
    return re.search(_UNCALLED_IN_JSON if in_json else _UNCALLED, data) is not None


def _has_any(words: Iterable[bytes], data: bytes) -> bool:
    # Ten times as fast as one expression with the alternatives.
    return any(word in data for word in words)
