"""setup.cfg: what setuptools reads of requirements."""

from __future__ import annotations

from configparser import Error, RawConfigParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.requirements.gathered import Gathered


def read(paths: Sequence[str], gathered: Gathered) -> None:
    """Gather what is required always and for an extra."""
    for path in paths:
        text = gathered.telling_text_of(path)
        if text is None:
            continue
        parser = RawConfigParser(strict=False)
        try:
            parser.read_string(text)
        except Error as error:
            gathered.ignore(path, error)
            continue
        for requirement in _requirements(parser):
            gathered.requirement(requirement, path)


def _requirements(parser: RawConfigParser) -> Iterator[str]:
    yield from _split(parser.get("options", "install_requires", fallback=""))
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            yield from _split(value)


def _split(value: str) -> list[str]:
    # On one line semicolons stand between requirements, so that none has a marker.
    return value.splitlines() if "\n" in value else value.split(";")
