"""Summaries for people who share them: trees of modules beside the source, in one HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.output.html_page import Section, counted, page
from hfmode_lint.output.html_source import sources
from hfmode_lint.output.html_trees import Trees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfmode_lint.output.html_trees import TreesOfFile
    from hfmode_lint.summarizer import Summarized


def render(result: Summarized) -> Iterator[str]:
    """The HTML document.

    :param result: the summaries with their sources.
    """
    sections = [
        Section(filename, counted(len(trees.models), "LightningModule"), _body(filename, trees))
        for filename, trees in Trees(result).by_file.items()
    ]
    yield from page(_title(len(result.models), len(sections)), "models", result.errors, sections)


def _title(models: int, files: int) -> str:
    if not models:
        return "No LightningModule"
    return f"{counted(models, 'LightningModule')} in {counted(files, 'file')}"


def _body(filename: str, trees: TreesOfFile) -> Iterator[str]:
    """The trees, and beside them the sources."""
    yield '<ul class="cards">'
    yield from trees.cards()
    yield "</ul>"
    yield "<div>"
    yield from sources(filename, trees.marks(), trees.text_of)
    yield "</div>"
