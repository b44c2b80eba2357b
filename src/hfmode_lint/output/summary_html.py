"""Summaries for people who share them: trees of modules beside the source, in one HTML file.

Each module leads to the line that set its mode, and that line back to the module.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import count, groupby
from typing import TYPE_CHECKING

from hfmode_lint.findings import Position
from hfmode_lint.output.html_page import Section, counted, name, page
from hfmode_lint.output.html_source import Mark, source, text
from hfmode_lint.output.summaries import (
    INCOMPLETE,
    LEGEND,
    NOT_SEEN,
    ON_SOME_WAYS,
    parameter_causes,
    what,
    where,
)
from hfmode_lint.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hfmode_lint.model_summary import Cause, Location, ModelSummary, SummaryNode
    from hfmode_lint.summarizer import Sources, Summarized

_CUT = "…"


def render(result: Summarized) -> Iterator[str]:
    """The HTML document.

    :param result: the summaries with their sources.
    """
    sections = [
        Section(filename, counted(len(models), "LightningModule"), body)
        for filename, models, body in _by_file(result)
    ]
    yield from page(_title(len(result.models), len(sections)), "models", result.errors, sections)


def _title(models: int, files: int) -> str:
    if not models:
        return "No LightningModule"
    return f"{counted(models, 'LightningModule')} in {counted(files, 'file')}"


def _by_file(result: Summarized) -> Iterator[tuple[str, Sequence[ModelSummary], Iterable[str]]]:
    """The files with LightningModules, these, and the HTML that shows them."""
    numbers = count(1)
    for filename, models in groupby(result.models, key=lambda model: model.location.filename):
        if result.sources is not None:
            shown = _File(list(models), result.sources, numbers)
            yield filename, shown.models, shown.html()


class _File:
    """The LightningModules of one file, and the source of all lines that they have to do with.

    Modules and lines have numbers by which links lead to them, each its own in the report.
    """

    def __init__(
        self, models: Sequence[ModelSummary], sources: Sources, numbers: Iterator[int]
    ) -> None:
        self.models = models
        self._filename = models[0].location.filename
        self._sources = sources
        self._lines: defaultdict[Location, str] = defaultdict(lambda: f"line-{next(numbers)}")
        self._nodes: defaultdict[int, str] = defaultdict(lambda: f"module-{next(numbers)}")
        # What has to do with each line, outermost first.
        self._about: defaultdict[Location, list[SummaryNode]] = defaultdict(list)
        for node in self._all_nodes():
            for cause in (*node.mode_causes, *node.parameter_causes):
                self._about[cause.location].append(node)

    def _all_nodes(self) -> Iterator[SummaryNode]:
        for model in self.models:
            if model.root is not None:
                yield from model.root.walk()

    def html(self) -> Iterator[str]:
        """The trees, and beside them the sources."""
        yield '<ul class="cards">'
        for model in self.models:
            yield from self._model(model)
        yield "</ul>"
        yield "<div>"
        for filename in dict.fromkeys(location.filename for location in self._places()):
            here = {location for location in self._places() if location.filename == filename}
            in_order = sorted(here, key=lambda location: (location.cell or 0, location.start))
            yield from self._sources_of(filename, in_order)
        yield "</div>"

    def _places(self) -> Iterator[Location]:
        """The places that are shown, those of the file itself first."""
        yield from (model.location for model in self.models)
        yield from self._about

    def _model(self, model: ModelSummary) -> Iterator[str]:
        nodes = [] if model.root is None else list(model.root.walk())
        is_bad = any(node.trained_in_eval for node in nodes)
        yield f'<li id="{self._nodes[id(model)]}" class="{"bad" if is_bad else "calm"}">'
        line = f'<a href="#{self._lines[model.location]}">{_line(model.location)}</a>'
        yield f'<h3>{text(model.name)} <span class="where">{line}</span></h3>'
        if is_bad:
            yield f'<p class="bad">! {LEGEND}</p>'
        if model.root is None:
            yield f"<p>{NOT_SEEN}</p>"
        else:
            yield f'<ul class="tree">{"".join(self._node(model.root))}</ul>'
        if not model.complete:
            yield f"<p>{INCOMPLETE}</p>"
        yield "</li>"

    def _node(self, node: SummaryNode) -> Iterator[str]:
        state = "bad" if node.trained_in_eval else "calm"
        yield f'<li id="{self._nodes[id(node)]}"><div class="module {state}">'
        yield f"<p>{'! ' if node.trained_in_eval else ''}{self._name(node)}"
        yield f' <span class="quiet">{text(" or ".join(node.types))}</span></p>'
        yield f'<p><span class="mode">{node.mode.value}</span>, {node.parameters.value}</p>'
        if not node.on_every_way:
            yield f'<p class="where">{ON_SOME_WAYS}</p>'
        yield self._one_of("", node.mode_causes)
        yield self._one_of("parameters: ", parameter_causes(node))
        yield "</div>"
        if node.children:
            yield "<ul>"
            for child in node.children:
                yield from self._node(child)
            yield "</ul>"
        yield "</li>"

    def _name(self, node: SummaryNode) -> str:
        """The name of a module, which leads to the line that set its mode."""
        if not node.mode_causes:
            return f'<span class="name">{text(node.name)}</span>'
        line = self._lines[node.mode_causes[0].location]
        return f'<a class="name" href="#{line}">{text(node.name)}</a>'

    def _one_of(self, title: str, causes: Iterable[Cause]) -> str:
        told = " or ".join(
            f'<a href="#{self._lines[cause.location]}">{self._where(cause.location)}</a>'
            f" {text(what(cause, _CUT))}"
            for cause in causes
        )
        return told and f'<p class="where">{title}{told}</p>'

    def _where(self, location: Location) -> str:
        """A line, with its file where that is another one."""
        is_here = location.filename == self._filename
        return _line(location) if is_here else name(where(location))

    def _sources_of(self, filename: str, locations: Iterable[Location]) -> Iterator[str]:
        if filename != self._filename:
            yield f"<h3>{name(filename)}</h3>"
        for cell, here in groupby(locations, key=lambda location: location.cell):
            if cell is not None:
                yield f"<h3>Cell {cell}</h3>"
            yield from self._source(list(here))

    def _source(self, locations: Sequence[Location]) -> Iterator[str]:
        lines = split_lines(self._sources.text_of(locations[0]))
        marks = [self._mark(location, lines) for location in locations]
        yield from source(f"Source around {where(locations[0])}", lines, marks)

    def _mark(self, location: Location, lines: Sequence[str]) -> Mark:
        line = location.start.line
        about = self._about[location]
        return Mark(
            location.start,
            Position(line, len(lines[line - 1])),
            anchor=self._lines[location],
            back=self._nodes[id(about[0] if about else self._model_at(location))],
            label=_label(about) if about else self._model_at(location).name,
            calm=not any(node.trained_in_eval for node in about),
        )

    def _model_at(self, location: Location) -> ModelSummary:
        return next(model for model in self.models if model.location == location)


def _line(location: Location) -> str:
    line = f"line {location.start.line}"
    return line if location.cell is None else f"cell {location.cell}, {line}"


def _label(nodes: Sequence[SummaryNode]) -> str:
    """The modules whose mode or parameters a line sets, the outermost by its path."""
    first, *others = dict.fromkeys(node.path for node in nodes)
    return f"{first} and {counted(len(others), 'other')}" if others else first
