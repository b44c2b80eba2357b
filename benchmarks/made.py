"""Source made for measurements: projects of any size, and single files of any length.

In a project one file in twenty has to do with a loader. A group of three such files is what real
projects have: a function that loads, an ``nn.Module`` that calls it, a LightningModule that holds
that one.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Files of one package, and every how many of them one has to do with a loader.
_PACKAGE = 100
_EVERY = 20

_LOADING = """\
from transformers import AutoConfig, AutoModel


def get_model(name):
    config = AutoConfig.from_pretrained(name)
    return config, AutoModel.from_pretrained(name, config=config)
"""
_NETWORK = """\
from torch import nn

from .{loading} import get_model


class Network{number}(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.config, self.encoder = get_model(name)

    def forward(self, batch):
        return self.encoder(**batch).last_hidden_state.mean()
"""
_TASK = """\
import lightning as L
import torch

from .{network} import Network{number}


class Task{number}(L.LightningModule):
    def __init__(self, name="bert-base-uncased"):
        super().__init__()
        self.net = Network{number}(name)

    def training_step(self, batch, batch_idx):
        return self.net(batch)

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-4)
"""
_OTHER = '''\
"""Rows of table {number}, as a data set reads them."""

import json
import os

import numpy as np


class Table{number}:
    """A table."""

    def __init__(self, folder):
        self.folder = folder
        self.rows = []

{methods}
'''
_METHOD = '''\
    def column_{number}(self, limit=None):
        """One column, as numbers."""
        path = os.path.join(self.folder, "column_{number}.json")
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        if limit is not None:
            values = values[:limit]
        self.rows.append(("{number}", len(values)))
        return np.asarray([float(value) for value in values])
'''
_METHODS = 20
_PROJECT = '[project]\nname = "made"\nversion = "1"\n'
_IMPORTS = """\
import json
import os

import lightning as L
import numpy as np
import torch
from transformers import AutoModel
"""
_HOLDER = """\
class Task{number}(L.LightningModule):
    def __init__(self, name="bert-base-uncased"):
        super().__init__()
        self.encoder = AutoModel.from_pretrained(name)

    def training_step(self, batch, batch_idx):
        return self.encoder(**batch).last_hidden_state.mean()

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=1e-4)
"""


def project(folder: Path, files: int) -> Path:
    """Write a project of so many files."""
    return _written_once(folder, lambda: _write_project(folder, files))


def file_of_lines(folder: Path, lines: int) -> Path:
    """A folder with one file, ``made.py``: a LightningModule that loads, and other classes."""
    return _written_once(folder, lambda: _write_file(folder, _lines(lines)))


def file_of_classes(folder: Path, classes: int) -> Path:
    """A folder with one file, ``made.py``: so many LightningModules that load."""
    holders = [_HOLDER.format(number=number) for number in range(classes)]
    return _written_once(folder, lambda: _write_file(folder, "\n\n".join([_IMPORTS, *holders])))


def irrelevant_file(folder: Path) -> Path:
    """A folder with one file, ``made.py``, that has to do with no loader."""
    text = _OTHER.format(number=0, methods=_methods())
    return _written_once(folder, lambda: _write_file(folder, text))


def _written_once(folder: Path, write: Callable[[], None]) -> Path:
    whole = folder / "pyproject.toml"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write()
        # Written last: a folder without it was interrupted.
        whole.write_text(_PROJECT)
    return folder


def _write_project(folder: Path, files: int) -> None:
    groups = range(files // (3 * _EVERY))
    relevant = [each for group in groups for each in _group(group).items()]
    others = files - len(relevant)
    packages = max(1, files // _PACKAGE)
    for number in range(packages):
        (folder / f"package_{number}").mkdir()
    for number in range(others):
        text = _OTHER.format(number=number, methods=_methods())
        (folder / f"package_{number % packages}" / f"table_{number}.py").write_text(text)
    for number, (name, text) in enumerate(relevant):
        padded = f"{text}\n\n{_OTHER.format(number=0, methods=_methods())}"
        (folder / f"package_{number // 3 % packages}" / name).write_text(padded)


def _group(number: int) -> dict[str, str]:
    loading, network = f"loading_{number}", f"network_{number}"
    return {
        f"{loading}.py": _LOADING,
        f"{network}.py": _NETWORK.format(loading=loading, number=number),
        f"task_{number}.py": _TASK.format(network=network, number=number),
    }


def _methods() -> str:
    return "\n".join(_METHOD.format(number=number) for number in range(_METHODS))


def _write_file(folder: Path, text: str) -> None:
    (folder / "made.py").write_text(text)


def _lines(lines: int) -> str:
    parts = [_IMPORTS, _HOLDER.format(number=0)]
    written = sum(part.count("\n") + 2 for part in parts)
    for number in range(lines):
        if written >= lines:
            break
        name = f"Column{number}"
        part = f"class {name}:\n{_METHOD.format(number=number)}"
        parts.append(part)
        written += part.count("\n") + 2
    return "\n\n".join(parts)
