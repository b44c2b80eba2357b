"""Lists the exported classes whose ``from_pretrained`` is not what their name says.

``python -m tests.runtime.list_classes`` compares each class that the libraries export with the
rules by name of ``knowledge.loaders``, and writes the exceptions to ``knowledge/exported.py``.
Entries for classes that the installed versions don't export stay.
"""

from __future__ import annotations

import importlib
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from hfmode_lint.analysis.knowledge import exported, loaders

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARIES = ("diffusers", "peft", "sentence_transformers", "transformers")
TARGET = Path(exported.__file__)
_HEAD = '''"""Exported classes whose ``from_pretrained`` gives something else than their name says.

Written by ``python -m tests.runtime.list_classes``, at last from what these versions export:
{versions};
what they no longer export is as earlier versions had it.
"""

from __future__ import annotations

RESULTS = {{
{lines}
}}
'''


def exported_classes(library: str) -> Iterator[tuple[str, Any]]:
    """The classes with a ``from_pretrained`` that a library exports and that can be imported."""
    package = importlib.import_module(library)
    for name in sorted(dir(package)):
        if not name[:1].isupper():
            continue
        try:
            found = getattr(package, name)
            loads = isinstance(found, type) and hasattr(found, "from_pretrained")
        except (ImportError, AttributeError, RuntimeError):
            # It wants a library that is not installed.
            continue
        if loads:
            yield name, found


def result_of(library: str, name: str, cls: Any) -> str:
    """What ``from_pretrained`` of a class returns, by what the class is."""
    makes_modules = name.startswith(("AutoModel", "AutoPeftModel")) or name == "AutoBackbone"
    if makes_modules or issubclass(cls, torch.nn.Module):
        return "module"
    if library == "diffusers" and "Pipeline" in "".join(each.__name__ for each in cls.__mro__):
        return "nothing" if "Blocks" in name else "holder"
    return "nothing"


def by_name(library: str, name: str) -> str:
    """What the rules by name say."""
    result = loaders.loader_of_name(f"{library}.{name}", "from_pretrained").result
    return {loaders.Result.NOTHING: "nothing", loaders.Result.HOLDER: "holder"}.get(
        result, "module"
    )


def exceptions() -> dict[str, str]:
    """The classes of which the rules by name are wrong, with what is true."""
    found: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for library in LIBRARIES:
            for name, cls in exported_classes(library):
                truth = result_of(library, name, cls)
                if truth != by_name(library, name):
                    found[f"{library}.{name}"] = truth
    return found


def is_exported(name: str) -> bool:
    """Whether the installed libraries export a class of this full name."""
    library, _, last = name.partition(".")
    return any(each == last for each, _ in exported_classes(library))


def merged() -> dict[str, str]:
    """The exceptions, and those that are known of versions that are not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        older = {name: each for name, each in exported.RESULTS.items() if not is_exported(name)}
    return dict(sorted({**older, **exceptions()}.items()))


def main() -> None:
    """Write the list."""
    versions = ", ".join(f"{name} {version(name.replace('_', '-'))}" for name in LIBRARIES)
    lines = "\n".join(f'    "{name}": "{result}",' for name, result in merged().items())
    TARGET.write_text(_HEAD.format(versions=versions, lines=lines), encoding="utf-8")


if __name__ == "__main__":
    main()
