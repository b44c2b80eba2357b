"""What is run: the files of a program, and where Python finds them.

The programs of a project are the files that no other file of it imports. Each is run as Python runs
a script: from its folder, with the project's root and its ``src`` importable. This knows nothing of
how the analysis finds imports, which it is there to judge.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import sys
import types
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The name of the module that a program is run as.
PROGRAM = "__main__"
_PACKAGE = "__init__.py"
# In a project's root: the command lines of its programs, by their paths.
_COMMAND_LINES = "command_lines.json"


@dataclass(frozen=True, slots=True)
class Program:
    """A file that is run, and those that it may import.

    ``sources`` has the text of each file by its name, the one that is run too; ``folders`` is where
    imports are looked for, ``package`` that of the file that is run; ``words`` are what a user
    types after its name.
    """

    filename: str
    sources: Mapping[str, str]
    root: Path | None = None
    folders: tuple[str, ...] = ()
    package: str = ""
    words: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The text of the file that is run."""
        return self.sources[self.filename]

    @property
    def text(self) -> str:
        """All that is written in any of the files."""
        return "\n".join(self.sources.values())

    def short_name(self, filename: str) -> str:
        """What a record calls a file: its path in the project; nothing where there is but one."""
        return "" if self.root is None else Path(filename).relative_to(self.root).as_posix()

    def owns(self, definition: object) -> bool:
        """Whether a class or function was defined by the program."""
        name = getattr(definition, "__module__", "")
        return name == PROGRAM or _file_of(sys.modules.get(name)) in self.sources

    def modules(self, main: types.ModuleType) -> list[types.ModuleType]:
        """The modules of the program that are loaded, the one that is run first."""
        loaded = [each for each in sys.modules.values() if _file_of(each) in self.sources]
        return [main, *loaded]

    @contextlib.contextmanager
    def executed(self) -> Iterator[types.ModuleType]:
        """Run the program's own code, as the main module."""
        module = types.ModuleType(PROGRAM)
        module.__dict__.update(__file__=self.filename, __package__=self.package)
        # What this file imports from the future is not the program's.
        code = compile(self.source, self.filename, "exec", dont_inherit=True)
        before = sys.modules[PROGRAM]
        sys.modules[PROGRAM] = module
        try:
            exec(code, module.__dict__)  # noqa: S102 - a fixture of this project
            yield module
        finally:
            sys.modules[PROGRAM] = before

    @contextlib.contextmanager
    def importable(self) -> Iterator[None]:
        """Let its files be imported, and leave none of them to the next program."""
        names = {_first_name(name, folder) for name in self.sources for folder in self.folders}
        hidden = {name: each for name, each in sys.modules.items() if name.split(".")[0] in names}
        for name in hidden:
            del sys.modules[name]
        try:
            with (
                mock.patch.object(sys, "path", [*self.folders, *sys.path]),
                mock.patch.object(sys, "dont_write_bytecode", True),  # noqa: FBT003 - an attribute
            ):
                importlib.invalidate_caches()
                yield
        finally:
            for name in [each for each in sys.modules if each.split(".")[0] in names]:
                del sys.modules[name]
            sys.modules.update(hidden)


def single(source: str, filename: str) -> Program:
    """A program of one file.

    :param filename: a name for it, in messages and tracebacks.
    """
    return Program(filename, {filename: source})


def programs_of(folder: Path) -> list[Program]:
    """The programs of a project, in the order of their names.

    A file that is no Python is never run by itself, and fails those that import it.
    """
    root = folder.resolve()
    paths = [each for each in sorted(root.rglob("*.py")) if ".venv" not in each.parts]
    sources = {str(path): path.read_text(encoding="utf-8") for path in paths}
    programs = [_program(name, sources, root) for name in sources if _is_python(sources[name])]
    able = [each for each in programs if Path(each.filename).name != _PACKAGE]
    imported = {name for each in able for name in _reached(each) - {each.filename}}
    scripts = [each for each in able if each.filename not in imported]
    return [replace(each, words=words) for each in scripts for words in _command_lines(each, root)]


def _command_lines(program: Program, root: Path) -> list[tuple[str, ...]]:
    """What a user may type after a program's name: nothing, or what the project lists."""
    listed = root / _COMMAND_LINES
    if not listed.exists():
        return [()]
    known = json.loads(listed.read_text(encoding="utf-8"))
    return [tuple(line.split()) for line in known.get(program.short_name(program.filename), [""])]


def _program(filename: str, sources: Mapping[str, str], root: Path) -> Program:
    outside = Path(filename).parent
    while str(outside / _PACKAGE) in sources:
        outside = outside.parent
    package = ".".join(Path(filename).parent.relative_to(outside).parts)
    folders = dict.fromkeys(str(each) for each in (outside, root, root / "src") if each.is_dir())
    return Program(filename, sources, root, tuple(folders), package)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _reached(program: Program) -> set[str]:
    """The files that a program imports, directly or not, and itself."""
    seen: set[str] = set()
    waiting = [program.filename]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_imported(name, program))
    return seen


def _imported(filename: str, program: Program) -> Iterator[str]:
    source = program.sources[filename]
    for node in ast.walk(ast.parse(source)) if _is_python(source) else ():
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _found(program.folders, alias.name.split("."), program.sources)
        elif isinstance(node, ast.ImportFrom):
            folders: Sequence[str] = program.folders
            if node.level:
                folders = [str(Path(filename).parents[node.level - 1])]
            parts = node.module.split(".") if node.module else []
            yield from _found(folders, parts, program.sources)
            for alias in node.names:
                yield from _found(folders, [*parts, alias.name], program.sources)


def _found(
    folders: Sequence[str], parts: Sequence[str], sources: Mapping[str, str]
) -> Iterator[str]:
    for folder in folders:
        place = Path(folder, *parts)
        for path in (str(place / _PACKAGE), f"{place}.py"):
            if path in sources:
                yield path
                return


def _first_name(filename: str, folder: str) -> str:
    """The first part of the name under which a file is imported from a folder."""
    if not Path(filename).is_relative_to(folder):
        return ""
    return Path(filename).relative_to(folder).parts[0].removesuffix(".py")


def _file_of(module: types.ModuleType | None) -> str:
    return getattr(module, "__file__", None) or ""
