"""What the bytes of a file show of its imports and classes, without a parser.

This decides which files can have to do with each other. It may see an import or a class too many
(in a docstring, say), and costs a tenth of a parse.
"""

from __future__ import annotations

import re
from importlib.util import resolve_name
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.relevance import (
    loads,
    makes,
    names_lightning,
    names_lightning_module,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each begins with a word: a literal is searched for at the speed of memory, an anchor is not.
_IMPORT = re.compile(rb"import\b[ \t]*(\([^)]*\)|(?:[^\n#;\\(]|\\\r?\n)*)")
_CLASS = re.compile(rb"class[ \t]+(\w+)[ \t]*\(([^)]*)\)")
# What stands before ``import`` on its line, behind the last statement there.
_FROM = re.compile(rb"from[ \t]+(\.*[ \t]*[\w.]*)[ \t\\\n]*")
# What may stand before a statement; a backslash joins it to an empty line.
_BLANK = b" \t\f\n\\"
_DOTTED = re.compile(r"[\w.]+")
_COMMENT = re.compile(r"#[^\n]*")
# The following are compiled where they are asked for: few files have what they are about.

# Names of modules or classes in strings: hydra's ``_target_``, ``importlib.import_module`` and
# functions that look a dotted name up.
_NAMED = (
    rb"(?:(?:_target_|class_path)[\"']?\]?\s*[:=]"
    rb"|(?:import_module|__import__|locate|resolve_name|get_(?:class|method|object))\()"
    rb"\s*[\"']([\w.]+)[\"']"
    # The package to which a name is relative; what stands there instead is looked at by itself.
    rb"(?=(?:\s*,\s*(?:package\s*=\s*)?[\"']([\w.]+)[\"'])?)"
)
_NAMING = (b"_target_", b"class_path", b"import_", b"locate(", b"resolve_name(", b"get_")
# The folders and files of configurations, and what is made of them.
_CONFIG_FOLDER = rb"(?:config_path\s*=|hydra\.main\()\s*[\"']([^\"'\n]*)[\"']"
_CONFIG_FILE = rb"[\"']([^\"'\s]+\.ya?ml)[\"']"
_CONFIG_READERS = (b"hydra.main", b"from hydra import", b"OmegaConf")
# Starts of training, in a file that names Lightning or some trainer: many libraries have a ``fit``.
_STARTS = (b"fit(", b"LightningCLI", b"load_from_checkpoint")
_TRAINER = b"rainer"
# What sets train mode.
_SWITCH = b".train("


@immutable
class ImportedName:
    """A name that a file imports: ``member`` of ``module``, or the module itself (None)."""

    bound: str
    module: str
    member: str | None = None


@immutable
class ClassOutline:
    """A class statement: its name and the dotted names of its bases."""

    name: str
    bases: tuple[str, ...]


@immutable
class Outline:
    """One file.

    ``loads`` says that it may hold a loader call, ``trains`` that it may start training or restore
    a checkpoint, ``switches`` that it may set train mode, ``names_lightning_module`` that it may
    come to Lightning's own class without other files of the project. ``configs`` are the folders
    and files of configurations that it names, ``makes`` that it may make what one describes.
    """

    imports: tuple[ImportedName, ...]
    classes: tuple[ClassOutline, ...]
    loads: bool
    trains: bool
    switches: bool
    names_lightning_module: bool
    configs: tuple[str, ...] = ()
    makes: bool = False


def outline(data: bytes) -> Outline:
    """Outline the content of a file.

    :param data: in any encoding that has ASCII as a subset.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Outline(
        imports=tuple(_imports(data)),
        classes=tuple(_classes(data)),
        loads=loads(data),
        trains=_trains(data),
        switches=_SWITCH in data,
        names_lightning_module=names_lightning_module(data),
        configs=tuple(configs_named(data)),
        makes=makes(data),
    )


def configs_named(data: bytes) -> Iterator[str]:
    """The folders and files of configurations that a file with these bytes names."""
    if any(word in data for word in _CONFIG_READERS):
        for expression in (_CONFIG_FOLDER, _CONFIG_FILE):
            for match in re.finditer(expression, data):
                yield _text(match[1])


def _trains(data: bytes) -> bool:
    starts = any(word in data for word in _STARTS)
    return starts and (names_lightning(data) or _TRAINER in data)


def _imports(data: bytes) -> Iterator[ImportedName]:
    for match in _IMPORT.finditer(data):
        before = _before(data, match.start())
        source = _FROM.fullmatch(before)
        if source is None and before:
            continue
        for name, bound in _names(_text(match[1])):
            if source is None:
                yield ImportedName(bound, name)
            else:
                yield ImportedName(bound, "".join(_text(source[1]).split()), name)
    if any(word in data for word in _NAMING):
        for match in re.finditer(_NAMED, data):
            yield from named(_absolute(_text(match[1]), _text(match[2] or b"")))


def _before(data: bytes, position: int) -> bytes:
    """What stands before a word in its own statement, on its line or one that goes on in it."""
    start = data.rfind(b"\n", 0, position) + 1
    while start > 1 and data[start - 2 : start - 1] == b"\\":
        start = data.rfind(b"\n", 0, start - 1) + 1
    return re.split(rb"[;:]", data[start:position])[-1].lstrip(_BLANK)


def _absolute(name: str, package: str) -> str:
    """A name as ``import_module`` takes it together with a package, which may be empty."""
    try:
        return resolve_name(name, package)
    except ImportError:
        # It is relative to none, or leads out of it.
        return name


def named(name: str) -> Iterator[ImportedName]:
    """What a dotted name in a string may stand for: a module, or what is in one."""
    yield ImportedName("", name)
    parts = name.split(".")
    # A class, or a method of one.
    for length in range(len(parts) - 1, max(0, len(parts) - 3), -1):
        yield ImportedName("", ".".join(parts[:length]), parts[length])


def _names(text: str) -> Iterator[tuple[str, str]]:
    """The names of an import list, each with the name under which it is bound."""
    plain = _COMMENT.sub("", text).replace("\\\n", " ").strip("() \t\n")
    for item in plain.split(","):
        words = item.split()
        if words:
            bound = words[2] if len(words) > 2 and words[1] == "as" else words[0]
            yield words[0], bound


def _classes(data: bytes) -> Iterator[ClassOutline]:
    for match in _CLASS.finditer(data):
        if _before(data, match.start()):
            continue
        # A subscript is of the base: ``Base[T]``.
        bases = re.sub(r"\[[^\]]*\]", "", _COMMENT.sub("", _text(match[2])))
        found = [
            name[0]
            for base in bases.split(",")
            if "=" not in base and (name := _DOTTED.search(base)) is not None
        ]
        yield ClassOutline(_text(match[1]), tuple(found))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
