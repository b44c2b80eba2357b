"""From the content of a file to the summaries of its LightningModules, and the same for files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.config import ConfigError
from hfmode_lint.discovery import Problem, internal_error, is_notebook, unreadable
from hfmode_lint.file_names import shown
from hfmode_lint.immutable import immutable
from hfmode_lint.model_summary import Location
from hfmode_lint.notebooks import NotebookError, read_notebook
from hfmode_lint.project import Workspace
from hfmode_lint.project_options import ProjectOptions
from hfmode_lint.project_root import root_of
from hfmode_lint.reading import read
from hfmode_lint.rules import UNPARSABLE
from hfmode_lint.source import UndecodableError, decode
from hfmode_lint.syntax import BOM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hfmode_lint.analysis.units import Unit
    from hfmode_lint.config import Options
    from hfmode_lint.discovery import Found
    from hfmode_lint.engine import FileReport, Surroundings
    from hfmode_lint.findings import Position
    from hfmode_lint.model_summary import ModelSummary
    from hfmode_lint.notebooks import Notebook

# Each LightningModule is defined by a statement with this word.
_CLASS = b"class"


class SummaryError(ValueError):
    """A source of which nothing can be told; the message is one line that begins with its name."""


@dataclass(slots=True)
class Sources:
    """The source texts of the places that summaries name, by file and cell of a notebook."""

    texts: dict[tuple[str, int | None], str] = field(default_factory=dict)

    def add(self, location: Location, read: Callable[[], str]) -> None:
        """Take the text that a place stands in."""
        where = location.filename, location.cell
        if where not in self.texts:
            self.texts[where] = read()

    def text_of(self, location: Location) -> str:
        """The text that a place stands in, which was taken before."""
        return self.texts[location.filename, location.cell]


@dataclass(slots=True)
class Summarized:
    """The summaries of some files in their order, and what is wrong with the others.

    ``sources`` has the texts that they are about, if these were asked for.
    """

    models: list[ModelSummary] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: Sources | None = None

    @property
    def errors(self) -> list[str]:
        """What kept files from being summarized, one line each."""
        return [problem.message for problem in self.problems if problem.is_error]

    def add(self, found: list[ModelSummary] | Problem | None) -> None:
        """Take what one file gave; what is wrong with a whole project is told once."""
        if isinstance(found, list):
            self.models += found
        elif found is not None and found not in self.problems:
            self.problems.append(found)


@immutable
class _Names:
    """Where positions are for people: one file goes by the name that it was given."""

    filename: str
    notebook: Notebook | None
    sources: Sources | None

    def locate(self, unit: Unit, position: Position) -> Location:
        location = self._location(unit, position)
        if self.sources is not None:
            self.sources.add(location, lambda: self._text(unit, location))
        return location

    def _text(self, unit: Unit, location: Location) -> str:
        if self.notebook is not None and location.cell is not None:
            return self.notebook.sources[location.cell]
        return unit.parsed.tree.code

    def _location(self, unit: Unit, position: Position) -> Location:
        if unit.name != os.path.realpath(self.filename):
            return Location(shown(unit.name), position)
        if self.notebook is None:
            return Location(self.filename, position)
        cell, start = self.notebook.place(position)
        return Location(self.filename, start, cell)


def summarize_bytes(
    data: bytes, filename: str, around: Surroundings, sources: Sources | None = None
) -> list[ModelSummary]:
    """Summarize the LightningModules of a file, which is a notebook where its name says so.

    :param data: its content.
    :param sources: takes the texts that the summaries are about.
    :returns: the summaries in the order of the classes.
    :raises SummaryError: where it can't be decoded or parsed.
    """
    try:
        text, _ = decode(data)
    except UndecodableError as error:
        raise _error(filename, error.position, error.reason) from None
    return summarize_text(text, filename, around, sources)


def summarize_text(
    text: str, filename: str, around: Surroundings, sources: Sources | None = None
) -> list[ModelSummary]:
    """Summarize the LightningModules of a text, whatever encoding it names.

    :param text: a program, or the JSON of a notebook where the file's name says so.
    :param sources: takes the texts that the summaries are about.
    :returns: the summaries in the order of the classes.
    :raises SummaryError: where it can't be parsed.
    """
    try:
        notebook = read_notebook(text) if is_notebook(filename) else None
        program = text.removeprefix(BOM) if notebook is None else notebook.program
        return around.summarize(program, filename, _Names(filename, notebook, sources).locate)
    except NotebookError as error:
        raise _error(filename, error.position, error.reason) from None
    except SourceError as error:
        raise SummaryError(f"{filename}:{error.line}: can't be parsed: {error.reason}") from None
    except RecursionError:
        raise SummaryError(f"{filename}: can't be parsed: nested too deeply") from None


def _error(filename: str, where: Position, reason: str) -> SummaryError:
    return SummaryError(f"{filename}:{where.line}: can't be parsed: {reason}")


def summarize_content(
    content: bytes | Problem, filename: str, options: Options, sources: Sources | None = None
) -> Summarized:
    """Summarize the LightningModules of one file, whose content comes from elsewhere.

    :param content: what it holds, or why that can't be had.
    :param sources: takes the texts that the summaries are about.
    """
    if isinstance(content, Problem):
        return Summarized(problems=[content], sources=sources)
    return _summarized([(filename, lambda: content)], options, sources)


def summarize_files(
    files: Sequence[Found], options: Options, sources: Sources | None = None
) -> Summarized:
    """Summarize the LightningModules of files; what is wrong with one costs that one alone.

    :param sources: takes the texts that the summaries are about.
    """
    contents = [(found.path, partial(read, found.path)) for found in files]
    return _summarized(contents, options, sources)


def summarize_reported(reports: Iterable[FileReport], options: Options) -> Summarized:
    """Summarize the LightningModules that findings are about, with their sources.

    They are those of the files with findings, as these are after fixes, and of the files of the
    same project that findings name as the LightningModule's.
    """
    found: dict[str, tuple[str, Callable[[], bytes]]] = {}
    with_findings = [each for each in reports if each.findings and _may_be_summarized(each)]
    for report in with_findings:
        found[os.path.realpath(report.filename)] = report.filename, partial(bytes, report.after)
    for report in with_findings:
        for name in _models_named(report):
            found.setdefault(os.path.realpath(name), (name, partial(read, name)))
    return _summarized(list(found.values()), options, Sources())


def _may_be_summarized(report: FileReport) -> bool:
    """Whether nothing is known yet that stands against it."""
    return report.is_finished and not any(each.code == UNPARSABLE for each in report.findings)


def _models_named(report: FileReport) -> Iterator[str]:
    """The other files of the project whose LightningModules train what a file loads."""
    project = root_of(report.filename)
    for finding in report.findings:
        for related in finding.related[:1]:
            if root_of(related.filename) == project:
                yield related.filename


def _summarized(
    files: Sequence[tuple[str, Callable[[], bytes]]], options: Options, sources: Sources | None
) -> Summarized:
    workspace = Workspace(options)
    projects = ProjectOptions(options)
    result = Summarized(sources=sources)
    for name, content in files:
        found = _summarized_file(name, content, workspace, sources)
        result.add(found)
        if found and isinstance(found, list):
            result.add(_note_on(name, projects))
    return result


def _summarized_file(
    name: str, content: Callable[[], bytes], workspace: Workspace, sources: Sources | None
) -> list[ModelSummary] | Problem:
    try:
        data = content()
        if _CLASS not in data:
            return []
        return summarize_bytes(data, name, workspace.around(name), sources)
    except OSError as error:
        return unreadable(name, error)
    except (ConfigError, SummaryError) as error:
        return Problem(str(error))
    except Exception as error:  # noqa: BLE001 - a fault of ours in one file costs that file alone
        return internal_error(name, error)


def _note_on(name: str, projects: ProjectOptions) -> Problem | None:
    """What the project of a file says that makes its summary less than true."""
    try:
        lightning = projects.options_for(name).lightning
    except ConfigError as error:
        return Problem(str(error))
    if lightning is None or not lightning.is_below:
        return None
    return Problem(lightning.note_on_summaries, is_error=False)
