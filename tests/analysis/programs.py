"""Small programs for the tests of the analysis: a LightningModule around a few lines."""

from __future__ import annotations

from textwrap import dedent, indent

from hfmode_lint.analysis import analyse
from hfmode_lint.rules import RULES

IMPORTS = """\
import copy, functools, itertools, os, sys
import contextlib
from collections import OrderedDict
from functools import cached_property, partial
import torch
import transformers
from torch import nn
import lightning.pytorch as pl
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertModel, T5EncoderModel
"""


def module(init: str, methods: str = "", *, step: str = "return self.m(batch)") -> str:
    """A program with one LightningModule.

    :param init: the lines of its constructor, which has the parameters ``name`` and ``flag``.
    :param methods: more lines of its body.
    :param step: the lines of its training step.
    """
    return "\n".join(
        [
            IMPORTS,
            "class Lit(pl.LightningModule):",
            "    def __init__(self, name, flag):",
            "        super().__init__()",
            indent(dedent(init), " " * 8),
            "    def training_step(self, batch, batch_idx):",
            indent(dedent(step), " " * 8),
            indent(dedent(methods), " " * 4),
        ]
    )


def found(program: str) -> list[str]:
    """The codes and module paths that the rules find in a program."""
    analysis = analyse(program)
    return sorted(
        f"{finding.code} {finding.module_path}"
        for rule in RULES.values()
        if rule.check is not None and rule.default
        for finding in rule.check(analysis)
    )
