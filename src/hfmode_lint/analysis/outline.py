"""What the bytes of a file show of its imports and classes, without a parser.

This decides which files can have to do with each other. It may see an import or a class too many
(in a docstring, say), and costs a tenth of a parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfmode_lint.analysis.relevance import loads, names_lightning

if TYPE_CHECKING:
    from collections.abc import Iterator

# Each begins with a word: a literal is searched for at the speed of memory, an anchor is not.
_IMPORT = re.compile(rb"import\b[ \t]*(\([^)]*\)|(?:[^\n#;\\(]|\\\r?\n)*)")
_CLASS = re.compile(rb"class[ \t]+(\w+)[ \t]*\(([^)]*)\)")
# What stands before ``import`` on its line, behind the last statement there.
_FROM = re.compile(rb"from[ \t]+(\.*[ \t]*[\w.]*)[ \t\\\n]*")
_DOTTED = re.compile(r"[\w.]+")
_COMMENT = re.compile(r"#[^\n]*")
# Names of modules or classes in strings: hydra's ``_target_`` and ``importlib.import_module``.
_NAMED = re.compile(rb"(?:_target_[\"']?\]?\s*[:=]|import_module\()\s*[\"']([\w.]+)[\"']")
_TRAINING = (b"fit(", b"LightningCLI", b"load_from_checkpoint", b"_step(")


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A name that a file imports: ``member`` of ``module``, or the module itself (None)."""

    bound: str
    module: str
    member: str | None = None


@dataclass(frozen=True, slots=True)
class ClassOutline:
    """A class statement: its name and the dotted names of its bases."""

    name: str
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One file.

    ``loads`` says that it may hold a loader call, ``trains`` that it may start training or hold a
    step of it, ``names_lightning`` that it mentions Lightning.
    """

    imports: tuple[ImportedName, ...]
    classes: tuple[ClassOutline, ...]
    loads: bool
    trains: bool
    names_lightning: bool


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
        trains=any(word in data for word in _TRAINING),
        names_lightning=names_lightning(data),
    )


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
    if b"_target_" in data or b"import_module" in data:
        for match in _NAMED.finditer(data):
            name = _text(match[1])
            yield ImportedName("", name)
            yield ImportedName("", *_split(name))


def _before(data: bytes, position: int) -> bytes:
    """What stands before a word in its own statement, on its line or one that goes on in it."""
    start = data.rfind(b"\n", 0, position) + 1
    while start > 1 and data[start - 2 : start - 1] == b"\\":
        start = data.rfind(b"\n", 0, start - 1) + 1
    return re.split(rb"[;:]", data[start:position])[-1].lstrip()


def _split(name: str) -> tuple[str, str | None]:
    module, _, member = name.rpartition(".")
    return (module, member) if module else (name, None)


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
