"""Import statements, and which library name a name of a file stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from libcst.helpers import get_full_name_for_node_or_raise

from hfmode_lint.analysis.knowledge.callables import EFFECTS
from hfmode_lint.analysis.knowledge.loaders import is_listed_class
from hfmode_lint.analysis.knowledge.names import CONVENTIONAL, MEASURED_PACKAGES, canonical
from hfmode_lint.analysis.symbols import Imported
from hfmode_lint.analysis.values import External, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hfmode_lint.analysis.values import Value


def external(name: str) -> External:
    """The value of an imported name."""
    return External(canonical(name))


def member(owner: External, name: str) -> External:
    """An attribute of something imported."""
    return external(f"{owner.name}.{name}")


def imports_of(node: cst.Import | cst.ImportFrom) -> Iterator[Imported]:
    """Each name that an import statement binds; stars are left out."""
    if isinstance(node, cst.Import):
        yield from _plain_import(node)
    elif not isinstance(node.names, cst.ImportStar):
        package = package_of(node)
        for alias in node.names:
            name = get_full_name_for_node_or_raise(alias.name)
            yield Imported(_bound_name(alias) or name, package, name)


def package_of(node: cst.ImportFrom) -> str:
    """The package that a ``from`` statement reads, with its leading dots."""
    return "." * len(node.relative) + (
        get_full_name_for_node_or_raise(node.module) if node.module is not None else ""
    )


def unbound(name: str, star_packages: Iterable[str]) -> Value:
    """The value of a name that nothing in the file binds.

    It may come from a ``*`` import, or the file is a snippet and means what everybody means.
    """
    packages = tuple(star_packages)
    for package in packages:
        candidate = canonical(f"{package}.{name}")
        listed = candidate in EFFECTS or is_listed_class(candidate)
        if listed or (len(packages) == 1 and package in MEASURED_PACKAGES):
            return External(candidate)
    if name in CONVENTIONAL:
        return External(CONVENTIONAL[name])
    return Unknown(name)


def _plain_import(node: cst.Import) -> Iterator[Imported]:
    for alias in node.names:
        name = get_full_name_for_node_or_raise(alias.name)
        bound = _bound_name(alias)
        top = name.partition(".")[0]
        yield Imported(top, top) if bound is None else Imported(bound, name)


def _bound_name(alias: cst.ImportAlias) -> str | None:
    if alias.asname is None or not isinstance(alias.asname.name, cst.Name):
        return None
    return alias.asname.name.value
