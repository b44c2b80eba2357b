"""Parameters and submodules with their names, as ``named_parameters()`` and its like give them.

Programs pick by these names what is frozen or optimized: ``if name.startswith("head")``. The names
within a loaded model can't be known, but they begin with the path of the model.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from hfmode_lint.analysis.objects import CONTAINERS
from hfmode_lint.analysis.values import (
    Constant,
    Element,
    ListValue,
    Parameters,
    TextFrom,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.analysis.heap import ModuleObject

    # A path, and what is there.
    _Part = tuple[str, ModuleObject]

# More parts than that are taken together.
_MOST = 8
_ANY_NAME = Unknown(varies=True)


def named(method: str, module: ModuleObject) -> Value:
    """What a method of a module gives: the parts of the program's own modules one by one.

    :param method: one of :data:`NAMED`.
    """
    parts = list(islice(_parts(module), _MOST + 1))
    if not 0 < len(parts) <= _MOST or any("*" in path for path, _ in parts):
        # None is known, or the name of one is not.
        parameters = method == "named_parameters"
        return with_names(method, Parameters([module]) if parameters else Element(module))
    pairs = [ListValue([name, value]) for name, value in _PAIRS[method](parts)]
    return ListValue([*pairs], complete=False)


def with_names(method: str, value: Value) -> Value:
    """What stands for all that a method gives, with a name if that gives names."""
    return ListValue([ListValue([_ANY_NAME, value])]) if method in NAMED else value


def _parts(module: ModuleObject, path: str = "") -> Iterator[_Part]:
    """The submodules of the program's own modules, by their paths."""
    if not _is_own(module):
        return
    for name, child in module.child_modules():
        yield f"{path}{name}", child
        yield from _parts(child, f"{path}{name}.")


def _is_own(module: ModuleObject) -> bool:
    """Whether all submodules of a module are known by their names."""
    is_defined = module.cls is not None or module.library_class in CONTAINERS
    return module.origin is None and is_defined


def _below(path: str, parts: Sequence[_Part]) -> TextFrom:
    """The names below a part: where one has the path of another part in it, that part is meant."""
    others = frozenset(other for other, _ in parts if not other.startswith(path))
    return TextFrom(varies=True, start=f"{path}.", others=others)


def _parameters(parts: Sequence[_Part]) -> Iterator[tuple[Value, Value]]:
    leaves = [(path, part) for path, part in parts if not _is_own(part)]
    for path, part in leaves:
        if part.mode_matters:
            yield _below(path, leaves), Parameters([part])
    # Those of plain layers, and those that own modules have beside their submodules.
    yield _ANY_NAME, Parameters([part for _, part in leaves if not part.mode_matters])


def _modules(parts: Sequence[_Part]) -> Iterator[tuple[Value, Value]]:
    for path, part in parts:
        yield Constant(path), Element(part)
        if not _is_own(part):
            yield _below(path, parts), Element(part, partial=True)


def _children(parts: Sequence[_Part]) -> Iterator[tuple[Value, Value]]:
    yield from ((Constant(path), Element(part)) for path, part in parts if "." not in path)


_PAIRS = {
    "named_children": _children,
    "named_modules": _modules,
    "named_parameters": _parameters,
}
NAMED = _PAIRS.keys()
