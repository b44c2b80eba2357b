"""pyproject.toml: PEP 621's dependencies, PEP 735's dependency groups, and poetry's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfmode_lint.requirements import poetry
from hfmode_lint.requirements.toml import read_tables
from hfmode_lint.requirements.values import strings, table, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.requirements.gathered import Gathered


def read(paths: Sequence[str], gathered: Gathered) -> None:
    """Gather what is required always, for an extra, and for the development."""
    for path in paths:
        content = read_tables(path, gathered)
        for requirement in _standard(content):
            gathered.requirement(requirement, path)
        for name, value in _of_poetry(table(table(content.get("tool")).get("poetry"))):
            _take(name, value, path, gathered)


def _standard(content: dict[str, Any]) -> Iterator[str]:
    project = table(content.get("project"))
    yield from strings(project.get("dependencies"))
    groups = (project.get("optional-dependencies"), content.get("dependency-groups"))
    for group in groups:
        # A group that includes another one has a table for it, and that other one is read anyway.
        for requirements in table(group).values():
            yield from strings(requirements)


def _of_poetry(section: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield from table(section.get("dependencies")).items()
    yield from table(section.get("dev-dependencies")).items()
    for group in table(section.get("group")).values():
        yield from table(table(group).get("dependencies")).items()


def _take(name: str, value: object, path: str, gathered: Gathered) -> None:
    """Take one dependency of poetry's: a constraint, a table with one, or a list of such tables."""
    if isinstance(value, list):
        for each in tables(value):
            _take(name, each, path, gathered)
        return
    constraint = table(value).get("version", "*") if isinstance(value, dict) else value
    if isinstance(constraint, str):
        gathered.version(name, poetry.alternatives(constraint), path, f"{name} {constraint}")
