"""Which files to check.

A file that is named is always checked, whatever its suffix, even where a pattern excludes it
(unless ``Options.force_exclude``, which a pattern on the command line implies). A folder is
searched for ``.py``, ``.pyi`` and ``.ipynb`` files, without those that git ignores, the usual
build and environment folders, and what the user excludes. Links to files are followed, links to
folders are not.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from hfmode_lint.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.config import Options
    from hfmode_lint.patterns import Patterns

_NOTEBOOK = ".ipynb"
SUFFIXES = (".py", ".pyi", _NOTEBOOK)

# Folders that hold no source of the project itself, whatever .gitignore says.
SKIPPED_FOLDERS = frozenset(
    [
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".ipynb_checkpoints",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pyenv",
        ".pytest_cache",
        ".pytype",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        ".vscode",
        "CVS",
        "__pycache__",
        "__pypackages__",
        "_build",
        "buck-out",
        "build",
        "dist",
        "env",
        "node_modules",
        "site-packages",
        "venv",
    ]
)


# Each start makes these classes, and six of these tuples are made in the time of one dataclass.
class Found(NamedTuple):
    """One file to check: the name to show for it, its true path, and whether the user named it."""

    path: str
    real: str
    named: bool = False


class Problem(NamedTuple):
    """Something that is worth a line on standard error; an error makes the run fail."""

    message: str
    is_error: bool = True


def is_notebook(filename: str) -> bool:
    """Whether a file of this name is read as a notebook."""
    return filename.lower().endswith(_NOTEBOOK)


def unreadable(path: str, error: OSError) -> Problem:
    """The problem of a file that can't be read or written."""
    return Problem(f"{path}: {error.strerror or error}")


def internal_error(path: str, error: Exception) -> Problem:
    """The problem of a file over which we fail."""
    return Problem(f"{path}: internal error ({type(error).__name__}: {error})")


class Discovery(NamedTuple):
    """The files of one run, each once and in the order of their names, and what went wrong."""

    files: list[Found]
    problems: list[Problem]


def discover(paths: Iterable[str], options: Options) -> Discovery:
    """Find the files that a user means by files and folders.

    What can't be read becomes a problem; nothing is raised.
    """
    return _Search(options).run(paths)


class _Folder(NamedTuple):
    """A folder that is still to be searched: its true path, its name to show, its patterns."""

    real: str
    shown: str
    ignore: Patterns | None


class _Search:
    """One run of the search."""

    def __init__(self, options: Options) -> None:
        self._exclude = _exclusion(options)
        self._force_exclude = options.force_exclude
        # By true path, so that a file counts once however it was reached.
        self._found: dict[str, Found] = {}
        self._problems: list[Problem] = []

    def run(self, paths: Iterable[str]) -> Discovery:
        """Search each of the paths."""
        for path in paths:
            self._try_to_add(path)
        files = sorted(self._found.values(), key=lambda found: found.path)
        return Discovery(files, self._problems)

    def _try_to_add(self, path: str) -> None:
        try:
            self._add(path)
        except (OSError, ValueError) as error:
            self._fail(path, error)

    def _add(self, path: str) -> None:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            self._add_folder(path)
        elif not stat.S_ISREG(mode):
            self._problems.append(Problem(f"{path}: skipped, as it is no regular file"))
        elif not (self._force_exclude and self._excluded(os.path.abspath(path))):
            real = os.path.realpath(path)
            self._found[real] = Found(_shown(path), real, named=True)

    def _add_folder(self, path: str) -> None:
        problems = len(self._problems)
        real = os.path.realpath(path)
        pending = [_Folder(real, _shown(path), _ignore_above(real))]
        seen_python = False
        while pending:
            folder = pending.pop()
            try:
                entries = _entries(folder.real)
            except OSError as error:
                self._fail(folder.shown, error)
                continue
            folder = _with_own_ignore(folder, entries)
            pending += self._subfolders(entries, folder)
            modules = [entry for entry in entries if _is_module(entry)]
            seen_python = seen_python or bool(modules)
            for entry in modules:
                self._add_module(entry, folder)
        if not seen_python and problems == len(self._problems):
            self._note(f"{path}: no Python files in here")

    def _subfolders(
        self, entries: Sequence[os.DirEntry[str]], folder: _Folder
    ) -> Iterator[_Folder]:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and self._wants_folder(entry, folder):
                shown = os.path.join(folder.shown, entry.name)
                yield _Folder(os.path.join(folder.real, entry.name), shown, folder.ignore)

    def _wants_folder(self, entry: os.DirEntry[str], folder: _Folder) -> bool:
        if entry.name in SKIPPED_FOLDERS or entry.name.endswith(".egg-info"):
            return False
        path = f"{os.path.join(folder.real, entry.name)}/"
        return not self._excluded(path) and not (folder.ignore and folder.ignore.covers(path))

    def _add_module(self, entry: os.DirEntry[str], folder: _Folder) -> None:
        path = os.path.join(folder.real, entry.name)
        shown = os.path.join(folder.shown, entry.name)
        if self._excluded(path) or (folder.ignore and folder.ignore.covers(path)):
            return
        if entry.is_symlink():
            path = os.path.realpath(path)
        if _is_file(entry):
            self._found.setdefault(path, Found(shown, path))
        elif not os.path.isdir(path):
            self._note(f"{shown}: skipped, as it is no regular file")

    def _excluded(self, path: str) -> bool:
        return self._exclude is not None and self._exclude.covers(path)

    def _note(self, message: str) -> None:
        self._problems.append(Problem(message, is_error=False))

    def _fail(self, path: str, error: OSError | ValueError) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self._problems.append(Problem(f"{path or '.'}: {reason}"))


def _shown(path: str) -> str:
    """The name to show for a path: as given, without a leading or trailing ``./``."""
    plain = path.rstrip("/") or path
    while plain.startswith("./") and len(plain) > 2:
        plain = plain[2:].lstrip("/") or "."
    return "" if plain == "." else plain


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _is_module(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(SUFFIXES) and not entry.is_dir(follow_symlinks=False)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        # A link that leads to itself.
        return False


def _with_own_ignore(folder: _Folder, entries: Sequence[os.DirEntry[str]]) -> _Folder:
    if not any(entry.name == ".gitignore" for entry in entries):
        return folder
    return _Folder(folder.real, folder.shown, _read_ignore(folder.real, folder.ignore))


def _ignore_above(folder: str) -> Patterns | None:
    """The .gitignore files between the root of the repository and a folder in it.

    None where they ignore the folder itself: who names it wants to see into it.
    """
    ignore = None
    for parent in _parents_in_repository(folder):
        ignore = _read_ignore(parent, ignore)
    if ignore is None:
        return None
    from hfmode_lint.patterns import with_slash

    return None if ignore.covers(with_slash(folder)) else ignore


def _parents_in_repository(folder: str) -> Iterator[str]:
    """The folders above, from the repository's root on; none outside of a repository."""
    parents: list[str] = []
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        parents.append(parent)
        folder = parent
    yield from reversed(parents)


def _read_ignore(folder: str, outer: Patterns | None) -> Patterns | None:
    try:
        data = read(os.path.join(folder, ".gitignore"))
    except OSError:
        # git, too, carries on without a file that it can't read.
        return outer
    from hfmode_lint.patterns import patterns

    text = data.decode("utf-8-sig", "surrogateescape")
    return patterns(folder, text.replace("\r\n", "\n").split("\n"), outer)


def _exclusion(options: Options) -> Patterns | None:
    if not options.exclude:
        return None
    # Imported here and above where there are any.
    from hfmode_lint.patterns import patterns

    return patterns(os.path.realpath(options.exclude_root or "."), options.exclude)
