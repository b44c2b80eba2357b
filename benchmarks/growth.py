"""How time and memory grow with a project: ``python -m benchmarks.growth``.

Makes projects of which one file in twenty has to do with a loader, and checks each with the
command. A group of three such files is what real projects have: a function that loads, an
``nn.Module`` that calls it, a LightningModule that holds that one.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SIZES = (1_000, 2_000, 5_000, 10_000)
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


@dataclass(frozen=True, slots=True)
class Measured:
    """One project: its files, bytes in those that have to do with a loader, and what it took."""

    files: int
    relevant: int
    relevant_bytes: int
    findings: int
    seconds: float
    megabytes: float


def make(folder: Path, files: int) -> tuple[int, int]:
    """Write a project; how many of its files have to do with a loader, and their bytes."""
    methods = "\n".join(_METHOD.format(number=number) for number in range(_METHODS))
    padding = "\n\n" + _OTHER.format(number=0, methods=methods)
    groups = range(files // (3 * _EVERY))
    relevant = [(name, text + padding) for group in groups for name, text in _group(group)]
    (folder / "pyproject.toml").write_text('[project]\nname = "grown"\nversion = "1"\n')
    for number in range(files):
        package = folder / f"package_{number // _PACKAGE}"
        if not package.exists():
            package.mkdir()
            (package / "__init__.py").write_text("")
        text = _OTHER.format(number=number, methods=methods)
        (package / f"table_{number}.py").write_text(text)
    for number, (name, text) in enumerate(relevant):
        (folder / f"package_{number // 3 % (files // _PACKAGE)}" / name).write_text(text)
    return len(relevant), sum(len(text) for _, text in relevant)


def _group(number: int) -> list[tuple[str, str]]:
    loading, network = f"loading_{number}", f"network_{number}"
    return [
        (f"{loading}.py", _LOADING),
        (f"{network}.py", _NETWORK.format(loading=loading, number=number)),
        (f"task_{number}.py", _TASK.format(network=network, number=number)),
    ]


def measure(folder: Path, files: int) -> Measured:
    """Make a project of so many files, and check it."""
    relevant, size = make(folder, files)
    command = [sys.executable, "-m", "hfmode_lint", "-q", "--output-format", "concise", "."]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The largest of all so far: sizes go up.
    megabytes = after.ru_maxrss / 1024
    return Measured(files, relevant, size, shown.stdout.count("HFM001"), seconds, megabytes)


def main() -> None:
    """Measure each size; print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = sorted(parser.parse_args().sizes)
    sys.stdout.write(
        "| files | of them relevant | kB of these | findings | processor seconds | "
        "ms per kB | largest process, MB |\n"
    )
    sys.stdout.write("| --- " * 7 + "|\n")
    for files in sizes:
        with tempfile.TemporaryDirectory() as folder:
            each = measure(Path(folder), files)
        size = each.relevant_bytes / 1000
        sys.stdout.write(
            f"| {each.files:,} | {each.relevant} | {size:.0f} | {each.findings} | "
            f"{each.seconds:.1f} | {1000 * each.seconds / size:.1f} | {each.megabytes:.0f} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
