"""What is measured: groups of commands that run side by side.

A group's name is what :mod:`benchmarks.figures` and the plots know it by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks import made
from benchmarks.contest import Contestant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.environments import Environments
    from benchmarks.trees import Tree

COLD, WARM = "hfmode-lint", "hfmode-lint, warm cache"
RUFF, RUFF_WARM = "ruff (F401, no cache)", "ruff, warm cache"
TORCHFIX, GREP = "TorchFix", "grep -r"
# Those that check whole trees, in the order in which they are shown.
ON_TREES = (COLD, WARM, RUFF, RUFF_WARM, TORCHFIX, GREP)
FLAKE8, PLUGIN = "flake8", "flake8 with the plugin"
IMPORT_CLICK, IMPORT_LIBCST = "import click", "import libcst"

NEMO, LIGHTNING = "nemo-toolkit", "lightning"

FILES = (1_000, 2_000, 5_000, 10_000)
LINES = (1_000, 3_000, 10_000, 30_000, 100_000)
CLASSES = (30, 100, 300, 1_000, 3_000)
RELEVANT_LINES = 300


@dataclass(frozen=True, slots=True)
class Group:
    """Commands that are compared with each other."""

    name: str
    contestants: tuple[Contestant, ...]


def tree_group(name: str) -> str:
    """The name of the group that checks a tree."""
    return f"tree {name}"


def flake8_group(name: str) -> str:
    """The name of the group that runs flake8 on a tree."""
    return f"flake8 {name}"


class Groups:
    """All groups.

    :param work: a folder for what is made, and for the caches of the commands.
    """

    def __init__(self, environments: Environments, trees: Sequence[Tree], work: Path) -> None:
        self._commands = environments
        self._trees = trees
        self._work = work

    def all(self) -> Iterator[Group]:
        """The groups, quick ones first."""
        yield from self._hooks()
        for tree in self._trees:
            yield Group(tree_group(tree.name), tuple(self._on_tree(tree)))
        for tree in self._trees:
            if tree.name in {NEMO, LIGHTNING}:
                yield Group(flake8_group(tree.name), tuple(self._flake8(tree)))
        yield self._growth("files", FILES, {n: self._project(n) for n in FILES})
        yield self._growth("lines", LINES, {n: self._lines(n) for n in LINES})
        yield self._growth("classes", CLASSES, {n: self._classes(n) for n in CLASSES})

    def _hooks(self) -> Iterator[Group]:
        for name, folder, imported in (
            ("irrelevant file", made.irrelevant_file(self._made("irrelevant")), IMPORT_CLICK),
            ("relevant file", self._lines(RELEVANT_LINES), IMPORT_LIBCST),
        ):
            module = imported.removeprefix("import ")
            yield Group(
                name,
                (
                    self._ours(COLD, folder, "--no-cache", "made.py"),
                    Contestant(imported, (self._commands.python, "-c", f"import {module}"), folder),
                ),
            )

    def _on_tree(self, tree: Tree) -> Iterator[Contestant]:
        commands, folder = self._commands, tree.folder
        cache = str(self._work / "caches" / "ruff" / tree.name)
        unused = ("--select", "F401", ".")
        yield self._ours(COLD, folder, "--no-cache", ".")
        # A run that was stopped has left nothing in the cache.
        yield replace(self._ours(WARM, folder, "."), needs=COLD)
        yield Contestant(RUFF, (commands.ruff, "check", "--no-cache", *unused), folder)
        yield Contestant(RUFF_WARM, (commands.ruff, "check", "--cache-dir", cache, "."), folder)
        yield Contestant(TORCHFIX, (commands.torchfix, "."), folder)
        yield Contestant(GREP, ("grep", "-r", "--include=*.py", "from_pretrained", "."), folder)

    def _flake8(self, tree: Tree) -> Iterator[Contestant]:
        yield Contestant(PLUGIN, (self._commands.flake8_with_plugin, "."), tree.folder)
        yield Contestant(FLAKE8, (self._commands.flake8, "."), tree.folder)

    def _growth(self, name: str, sizes: Sequence[int], folders: Mapping[int, Path]) -> Group:
        contestants = [
            self._ours(str(size), folders[size], "--no-cache", ".", watched=True) for size in sizes
        ]
        return Group(name, tuple(contestants))

    def _ours(self, name: str, folder: Path, *arguments: str, watched: bool = False) -> Contestant:
        # Where the command keeps its cache by default, so that no other run's is used.
        cache = {"XDG_CACHE_HOME": str(self._work / "caches" / "ours")}
        return Contestant(name, (self._commands.ours, *arguments), folder, cache, watched)

    def _project(self, files: int) -> Path:
        return made.project(self._made(f"files_{files}"), files)

    def _lines(self, lines: int) -> Path:
        return made.file_of_lines(self._made(f"lines_{lines}"), lines)

    def _classes(self, classes: int) -> Path:
        return made.file_of_classes(self._made(f"classes_{classes}"), classes)

    def _made(self, name: str) -> Path:
        return self._work / "made" / name
