"""The parts of the site that are written from the code, so that they can't say something else.

``rules/hfm….md`` is a page a rule; what stands in ``generated/`` is included by other pages. None
of these files is kept in the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generate import configuration, lifecycle, rules
from hfmode_lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pages() -> Iterator[tuple[str, str]]:
    """Each generated file: its path below ``docs``, and its text."""
    yield from rules.pages()
    yield "generated/rule-table.md", rules.table()
    yield "generated/first-finding.md", "\n\n".join(rules.reported(RULES["HFM001"])) + "\n"
    yield "generated/command.md", configuration.command_options()
    yield "generated/keys.md", configuration.keys()
    yield "generated/flake8.md", configuration.flake8_options()
    yield "generated/lifecycle.svg", lifecycle.picture()


def write_pages(folder: Path) -> None:
    """Write the generated files; one that is as it should be stays untouched.

    :param folder: where the site's sources are.
    :raises OSError: where it can't be written to.
    """
    for path, text in pages():
        target = folder / path
        # Sphinx reads again what is newer than its last build.
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
