"""Trees of LightningModules in an HTML report, and the marks of the lines that set their modes.

Each module leads to the line that set its mode, and that line back to the module.
"""

from __future__ import annotations

import os
from collections import defaultdict
from itertools import count, groupby
from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable
from hfmode_lint.output.html_page import counted
from hfmode_lint.output.html_source import Mark, name, text
from hfmode_lint.output.summaries import (
    INCOMPLETE,
    LEGEND,
    NOT_SEEN,
    ON_SOME_WAYS,
    parameter_causes,
    what,
    where,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hfmode_lint.findings import Position
    from hfmode_lint.model_summary import Cause, Location, ModelSummary, SummaryNode
    from hfmode_lint.summarizer import Sources, Summarized

_CUT = "…"


@immutable
class Tree:
    """A module of a LightningModule, as others in the report lead to it."""

    anchor: str
    name: str


class Trees:
    """All trees of a report; modules have numbers by which links lead to them."""

    def __init__(self, result: Summarized) -> None:
        """Take summaries with their sources."""
        numbers = count(1)
        self._nodes: defaultdict[int, str] = defaultdict(lambda: f"module-{next(numbers)}")
        self._loaded: dict[tuple[str, int | None, Position], list[Tree]] = {}
        self.by_file: Mapping[str, TreesOfFile] = {}
        if result.sources is not None:
            lines = count(1)
            self.by_file = {
                filename: TreesOfFile(list(models), result.sources, self._nodes, lines)
                for filename, models in groupby(
                    result.models, key=lambda model: model.location.filename
                )
            }
        for model in result.models:
            self._index(model)

    def _index(self, model: ModelSummary) -> None:
        """Remember which line sets the mode of which modules: the outermost of a model."""
        seen = set()
        for node in _nodes_of(model):
            for cause in node.mode_causes:
                key = _key(cause.location)
                if key not in seen:
                    seen.add(key)
                    tree = Tree(self._nodes[id(node)], f"{node.path} of {model.name}")
                    self._loaded.setdefault(key, []).append(tree)

    def set_at(self, location: Location) -> Sequence[Tree]:
        """The modules whose mode is set at a place, the outermost of each LightningModule."""
        return self._loaded.get(_key(location), ())


class TreesOfFile:
    """The LightningModules of one file, and the lines that they have to do with.

    :param nodes: the names by which links lead to modules, each its own in the report.
    :param numbers: what the names of lines are made of, likewise.
    """

    def __init__(
        self,
        models: Sequence[ModelSummary],
        sources: Sources,
        nodes: defaultdict[int, str],
        numbers: Iterator[int],
    ) -> None:
        self.models = models
        self._filename = models[0].location.filename
        self._sources = sources
        self._nodes = nodes
        self._lines: defaultdict[Location, str] = defaultdict(lambda: f"set-{next(numbers)}")
        # What has to do with each line, outermost first.
        self._about: defaultdict[Location, list[SummaryNode]] = defaultdict(list)
        for model in models:
            for node in _nodes_of(model):
                for cause in (*node.mode_causes, *node.parameter_causes):
                    self._about[cause.location].append(node)

    def text_of(self, location: Location) -> str:
        """The text in which a place stands."""
        return self._sources.text_of(location)

    def cards(self) -> Iterator[str]:
        """The trees, as items of a list."""
        for model in self.models:
            yield from self._model(model)

    def marks(self) -> Iterator[Mark]:
        """The lines that the trees have to do with."""
        places = (*(model.location for model in self.models), *self._about)
        yield from map(self._mark, dict.fromkeys(places))

    def _model(self, model: ModelSummary) -> Iterator[str]:
        is_bad = any(node.trained_in_eval for node in _nodes_of(model))
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

    def _mark(self, location: Location) -> Mark:
        about = self._about.get(location, ())
        return Mark(
            location,
            end=None,
            anchor=self._lines[location],
            back=self._nodes[id(about[0] if about else self._model_at(location))],
            label=_label(about) if about else self._model_at(location).name,
            calm=not any(node.trained_in_eval for node in about),
        )

    def _model_at(self, location: Location) -> ModelSummary:
        return next(model for model in self.models if model.location == location)


def _nodes_of(model: ModelSummary) -> Iterator[SummaryNode]:
    if model.root is not None:
        yield from model.root.walk()


def _key(location: Location) -> tuple[str, int | None, Position]:
    """A place, whatever its file is called: people name it in several ways."""
    return os.path.realpath(location.filename), location.cell, location.start


def _line(location: Location) -> str:
    line = f"line {location.start.line}"
    return line if location.cell is None else f"cell {location.cell}, {line}"


def _label(nodes: Sequence[SummaryNode]) -> str:
    """The modules whose mode or parameters a line sets, the outermost by its path."""
    first, *others = dict.fromkeys(node.path for node in nodes)
    return f"{first} and {counted(len(others), 'other')}" if others else first
