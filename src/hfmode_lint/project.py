"""The files of one project: which there are, how they import each other, and which to analyse.

A project is what lies below its root: the nearest folder with a pyproject.toml, a setup.cfg or a
.git. Nothing of it is imported or run, and nothing outside of it is read but the installed packages
that the user names.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.analysis import analyse_program, summarize_program
from hfmode_lint.analysis.composition import compose
from hfmode_lint.analysis.errors import SourceError
from hfmode_lint.analysis.knowledge.names import package
from hfmode_lint.analysis.outline import Outline, configs_named, outline
from hfmode_lint.analysis.units import Module, Unit
from hfmode_lint.config import Options, load
from hfmode_lint.data_files import Consulted, DataFiles
from hfmode_lint.discovery import discover
from hfmode_lint.engine import alone
from hfmode_lint.file_names import shown
from hfmode_lint.immutable import immutable
from hfmode_lint.import_graph import ImportGraph, SearchPath
from hfmode_lint.project_root import root_above
from hfmode_lint.reading import read
from hfmode_lint.relevance import (
    comes_to_backward,
    loads,
    makes,
    may_matter_in_project,
    names_lightning_module,
    names_mode_method,
)
from hfmode_lint.source import UndecodableError, decode
from hfmode_lint.syntax import BOM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.analysis.composition import Composed, Document
    from hfmode_lint.analysis.summaries import Locate
    from hfmode_lint.data_files import Answer, Question
    from hfmode_lint.engine import Surroundings
    from hfmode_lint.followed import FollowedPackage
    from hfmode_lint.model_summary import ModelSummary

# Rules about loaders with no visible way to a LightningModule.
_STRICT = frozenset({"HFM009"})
# ``@name``, ``name[``, ``name.`` or ``name(`` at the begin of a line.
_TOUCH = re.compile(rb"^@?(\w+)(?=[\[.(\s]|\Z)", re.MULTILINE)


def _located(follow: Sequence[str], root: str) -> tuple[FollowedPackage, ...]:
    # Imported for those who follow packages only.
    from hfmode_lint.followed import locate

    return locate(follow, root)


@immutable
class _Folder:
    """A folder of configurations."""

    data_files: DataFiles
    location: str

    def read(self, name: str) -> Document | None:
        """The file of this name; None where there is none, or no YAML."""
        path = self.data_files.locate(self.location, name)
        return self.data_files.document(path) if path is not None else None


class Workspace:
    """The projects of one run, each made when a file of it is first asked about."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._named: Sequence[str] = ()
        self._alone = alone(options)
        self._projects: dict[str, Project] = {}
        self._roots: dict[str, str] = {}

    def around(self, path: str) -> Surroundings:
        """What a file is to be looked at with: its project, where the options don't forbid it.

        :raises ConfigError: where the configuration of the project is wrong, or a package that it
            follows is not found.
        """
        return self.project_of(path) if self._options.project else self._alone

    def group_of(self, path: str) -> tuple[str, str]:
        """A name for the files that are examined together with a file."""
        if not self._options.project:
            return "", path
        project = self.project_of(path)
        return project.root, project.group_of(path)

    @contextmanager
    def together(self, paths: Iterable[str]) -> Iterator[None]:
        """Files that are asked about in the following, and are then let go."""
        projects = {self.project_of(path) for path in paths} if self._options.project else set()
        for project in projects:
            project.want(path for path in paths if self.project_of(path) is project)
        try:
            yield
        finally:
            for project in projects:
                project.forget()

    def expect(self, named: Sequence[str]) -> None:
        """Say in which files and folders all lie that will be asked about, one after the other."""
        self._named = named
        for project in self._projects.values():
            project.want(named)

    def forget_trees(self) -> None:
        """Let go of trees, but not of the analyses of files that are still to be asked about."""
        for project in self._projects.values():
            project.forget_trees()

    def overlay(self, path: str, text: str) -> None:
        """Take a text for what a file holds, until another one is given: it is not yet saved.

        :raises ConfigError: where the configuration of its project is wrong.
        """
        if self._options.project:
            self.project_of(path).overlay(path, text)

    def unread(self) -> set[str]:
        """A line for people on each configuration that was asked for and can't be understood."""
        return {
            f"{shown(path)}: not read ({reason})"
            for project in self._projects.values()
            for path, reason in project.data_problems.items()
        }

    def take_consulted(self) -> Consulted:
        """What was looked at beside the source files, since this was last asked."""
        together = Consulted()
        for project in self._projects.values():
            together.update(project.take_consulted())
        return together

    def project_of(self, path: str) -> Project:
        """The project that a file belongs to.

        :raises ConfigError: where its configuration is wrong, or a package that it follows is not
            found.
        """
        return self.project_above(os.path.dirname(os.path.realpath(path)))

    def project_above(self, folder: str) -> Project:
        """The project that the files of a folder belong to, which is known by its true path.

        :raises ConfigError: where its configuration is wrong, or a package that it follows is not
            found.
        """
        if folder not in self._roots:
            self._roots[folder] = root_above(folder)
        root = self._roots[folder]
        if root not in self._projects:
            self._projects[root] = self._project_at(root)
        return self._projects[root]

    def _project_at(self, root: str) -> Project:
        """A project as the options have it, and its own configuration where they say nothing."""
        sources, follow = self._options.src, self._options.follow
        if sources is None or follow is None:
            configured, _ = load(root)
            sources = configured.src if sources is None else sources
            follow = configured.follow if follow is None else follow
        strict = bool(_STRICT & self._options.enabled_codes)
        project = Project(
            root,
            sources or (),
            strict=strict,
            loops=self._options.follows_loops,
            follow=follow or (),
        )
        project.want(self._named)
        return project


class Project:
    """One project, read as far as somebody asks.

    A file is known by its real path. An analysis is kept until :meth:`forget`, so that the files
    that belong together are analysed together.
    """

    def __init__(
        self,
        root: str,
        sources: Sequence[str],
        *,
        strict: bool = False,
        loops: bool = False,
        follow: Sequence[str] = (),
    ) -> None:
        """Take a project; nothing is read yet.

        :param sources: folders below the root from which absolute imports start, beside those
            that are found.
        :param strict: a loader matters in a project with LightningModules even where no way from
            one to the other is seen.
        :param loops: a loader matters that a training loop may use.
        :param follow: names of installed packages that are looked into as well.
        :raises ConfigError: where one of these is not found.
        """
        self._strict = strict
        self._follows_loops = loops
        self.root = os.path.realpath(root)
        self._followed = _located(follow, self.root) if follow else ()
        self._sources = sources
        # Files, and folders of which all files are wanted.
        self._wanted: set[str] = set()
        self._done: dict[str, FileAnalysis] = {}
        self._units: dict[str, Unit] = {}
        # By the names that are touched: the files that do.
        self._touching: dict[frozenset[str], list[str]] = {}
        # By file: the names that it touches.
        self._touched: dict[str, frozenset[str]] = {}
        # By file: whether others touch its names.
        self._is_touched: dict[str, bool] = {}
        # Texts that differ from what is on disk, or are on none.
        self._texts: dict[str, str] = {}
        self._data_files = DataFiles(self.root)
        self._composed: dict[tuple[object, ...], Composed | None] = {}

    @property
    def is_read(self) -> bool:
        """Whether anybody has asked for more than one file's bytes."""
        return "_own_files" in self.__dict__

    @property
    def settings(self) -> tuple[object, ...]:
        """What was said of the project, by whoever made it."""
        return self.root, self._sources, self._strict, self._follows_loops, self._followed

    @property
    def files(self) -> Iterable[str]:
        """The true paths of the source files, those of followed packages included."""
        return {*self._own_files, *self._installed}

    @property
    def folders(self) -> Iterable[str]:
        """The folders that have source files, at any depth."""
        return self._search_path.folders_of(self.files)

    def take_consulted(self) -> Consulted:
        """What was looked at beside the source files, since this was last asked."""
        consulted, self._data_files.consulted = self._data_files.consulted, Consulted()
        return consulted

    def answer(self, question: Question) -> Answer:
        """What a question of an earlier run about files is answered with today.

        :raises ValueError: where it is none.
        """
        return self._data_files.answer(question)

    @property
    def data_problems(self) -> Mapping[str, str]:
        """Why some configurations can't be understood, by file."""
        return self._data_files.problems

    # What the engine asks for

    def may_matter(self, data: bytes, filename: str, *, in_json: bool = False) -> bool:
        """Whether a file with these bytes can have a finding."""
        path = os.path.realpath(filename)
        if not may_matter_in_project(data, in_json=in_json):
            if self._followed and self._may_call_followed(path, data):
                return True
            return self._makes(data, path)
        if names_mode_method(data, in_json=in_json) or not self._is_part(path):
            return True
        if self._may_train and self._strict and self._graph.lightning_classes:
            return True
        if data != self._data(path) or self._is_reached(path):
            return True
        return self._follows_loops and self._graph.is_reached_by_loops(path)

    def _is_reached(self, path: str) -> bool:
        """Whether Lightning's training may start anywhere that involves a file."""
        return self._may_train and self._graph.is_reached(path)

    @cached_property
    def _may_train(self) -> bool:
        """Whether there are LightningModules, and loaders, told from bytes.

        Many projects have none of the latter, and no import of them needs to be read.
        """
        return self._is_true_of_any(names_lightning_module) and (
            self._is_true_of_any(loads) or (self._is_true_of_any(makes) and self._configs_load)
        )

    @property
    def _matters_as_a_whole(self) -> bool:
        """Whether what a file shows can be due to other files."""
        return self._may_train or self._follows_loops

    def _is_true_of_any(self, holds: Callable[[bytes], bool]) -> bool:
        return any(holds(self._data(path)) for path in self._paths)

    @property
    def _configs_load(self) -> bool:
        """Whether a configuration that some file reads may name a loader."""
        return self._data_files.any_loads(
            (path, configs_named(self._data(path))) for path in self._paths
        )

    def _makes(self, data: bytes, path: str) -> bool:
        """Whether a file of the project may make what a configuration describes as a loader."""
        if not makes(data) or not self._is_part(path):
            return False
        return self._is_reached(path) and self._graph.may_load(path)

    def _may_call_followed(self, path: str, data: bytes) -> bool:
        """Whether a file may come to a loader call in a package that is followed."""
        if self._is_part(path) and data == self._data(path):
            return self._is_reached(path) and self._graph.calls_installed(path)
        return any(package(each.name).encode() in data for each in self._followed)

    def _is_part(self, path: str) -> bool:
        """Whether a file belongs to the project, which a notebook and a new text don't."""
        return path.endswith(".py") and path in self._paths

    def want(self, paths: Iterable[str]) -> None:
        """Say which files will be asked for, so that they are analysed together.

        :param paths: their own ones, or those of folders that have them.
        """
        self._wanted.update(map(os.path.realpath, paths))

    def analyse(self, text: str, path: str) -> FileAnalysis:
        """Analyse a file of the project together with those that have to do with it.

        :param text: what the file holds, or is to hold.
        :raises SourceError: where it can't be parsed.
        """
        path = os.path.realpath(path)
        changed = text != self._text(path)
        if changed or path not in self._paths:
            # Of one that .gitignore names, too: who asks for it wants to know.
            self._change(path, text)
        if path not in self._done:
            self._analyse([path] if changed else self._together_with(path))
        return self._done[path]

    def overlay(self, path: str, text: str) -> None:
        """Take a text for what a file holds, in whatever is asked from now on."""
        path, text = os.path.realpath(path), text.removeprefix(BOM)
        if text != self._text(path):
            self._change(path, text)

    def summarize(self, text: str, path: str, locate: Locate) -> list[ModelSummary]:
        """Summarize the LightningModules that a file of the project defines.

        The files that import it are looked at as well, as they may make and train these.

        :param text: what the file holds.
        :param locate: says where a position of a file is for those who read the summary.
        :raises SourceError: where it can't be parsed.
        """
        path = os.path.realpath(path)
        if path not in self._paths or text != self._text(path):
            self._change(path, text)
        entries = {*self._graph.entries_for([path]), *self._graph.importing([path])}
        return summarize_program(self, self._python(sorted(entries)), self._unit(path), locate)

    def _change(self, path: str, text: str) -> None:
        self._done.pop(path, None)
        self._units.pop(path, None)
        self._texts[path] = text
        self._paths.add(path)
        self.__dict__.pop("_may_train", None)
        self._touching.clear()
        self._touched.pop(path, None)
        self._is_touched.clear()
        new = outline(self._data(path))
        news = self._change_backward(path)
        if self._outlines.get(path) != new or news:
            self._outlines[path] = new
            self.__dict__.pop("_graph", None)

    def _change_backward(self, path: str) -> bool:
        """Look again whether a file runs a backward pass; whether that is news."""
        if not self._follows_loops:
            return False
        before = path in self._with_backward
        if comes_to_backward(self._data(path)):
            self._with_backward.add(path)
        else:
            self._with_backward.discard(path)
        return before is not (path in self._with_backward)

    def group_of(self, path: str) -> str:
        """A name for what is analysed together with a file."""
        real = os.path.realpath(path)
        return self._graph.group_of(real) if self._matters_as_a_whole else real

    def forget(self) -> None:
        """Let go of trees and analyses."""
        self._wanted.clear()
        self._done.clear()
        self.forget_trees()

    def forget_trees(self) -> None:
        """Let go of trees, where no analysis holds them."""
        self._units.clear()

    # Modules, as the analysis asks for them

    @property
    def lightning_classes(self) -> frozenset[str]:
        """The names of the project's LightningModules."""
        return self._graph.lightning_classes

    def find(self, importer: Unit, name: str) -> Module | None:
        """The module of the project that an import names, if it is one."""
        return self._module(self._graph.find(importer.name, name), name)

    def submodule(self, module: Module, name: str) -> Module | None:
        """The module below another one, or None."""
        full_name = f"{module.name}.{name}"
        return self._module(self._graph.below(module.folder, name, full_name), full_name)

    def below(self, module: Module) -> Iterable[Unit]:
        """The files in a package, at any depth."""
        return [self._unit(path) for path in self._graph.inside(module.folder)]

    def described(self, unit: Unit) -> Iterable[str]:
        """The dotted names that the configurations give which a file reads."""
        return self._graph.described_in(unit.name)

    def importers(self, unit: Unit, names: frozenset[str]) -> Iterable[Unit]:
        """The files that import one of these names and may touch it at their top level."""
        if names not in self._touching:
            self._touching[names] = [
                path for path in self._graph.importers_of(names) if self._touches(path, names)
            ]
        return [self._unit(path) for path in self._touching[names] if path != unit.name]

    def is_touched(self, unit: Unit) -> bool:
        """Whether a file may do something with another one's names at its top level."""
        if unit.name not in self._is_touched:
            self._is_touched[unit.name] = any(
                not names.isdisjoint(self._touched_in(path))
                for path, names in self._graph.bound_from(unit.name)
            )
        return self._is_touched[unit.name]

    def importing(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Files, and those that import one of them, directly or not."""
        importing = self._graph.importing(unit.name for unit in units)
        return [self._unit(path) for path in importing]

    def training(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """Files, and those that one of them comes to in which training may start."""
        found = self._graph.training([unit.name for unit in units])
        return [self._unit(path) for path in found]

    def looping(self, unit: Unit) -> Iterable[Unit]:
        """The files in which a training loop may start that involves a file, and the file."""
        return [self._unit(path) for path in self._graph.looping(unit.name)]

    def composed(
        self, unit: Unit, folder: str, name: str, choices: Mapping[str, str]
    ) -> Composed | None:
        """The configuration of a name in a folder; None where there is none that can be read."""
        location = self._folder_named(unit, folder)
        if location is None:
            return None
        key = (location, name, *sorted(choices.items()))
        if key not in self._composed:
            self._composed[key] = compose(_Folder(self._data_files, location), name, choices)
        return self._composed[key]

    def options(self, unit: Unit, folder: str, group: str) -> Sequence[str]:
        """The options of a group of configurations, in order."""
        location = self._folder_named(unit, folder)
        found = self._data_files.locate(location, group) if location is not None else None
        return self._data_files.options(found) if found is not None else ()

    def data_file(self, unit: Unit, path: str) -> object:
        """The content of a YAML file that a file of the program names by a path, or None."""
        # Programs are started in the project's root, or where they stand.
        for folder in (self.root, os.path.dirname(unit.name)):
            found = self._data_files.locate(folder, path)
            document = self._data_files.document(found) if found is not None else None
            if document is not None:
                return document.content
        return None

    def _folder_named(self, unit: Unit, folder: str) -> str | None:
        return self._data_files.locate(os.path.dirname(unit.name), folder)

    def _module(self, location: str | None, name: str) -> Module | None:
        if location is None:
            return None
        if not location.endswith(".py"):
            return Module(name, location, None)
        folder = location.removesuffix(".py")
        if os.path.basename(folder) == "__init__":
            folder = os.path.dirname(folder)
        return Module(name, folder, self._unit(location))

    def _touches(self, path: str, names: frozenset[str]) -> bool:
        imports = self._graph.outlines[path].imports
        bound = {each.bound for each in imports if each.member in names}
        return not bound.isdisjoint(self._touched_in(path))

    def _touched_in(self, path: str) -> frozenset[str]:
        """The names with which statements at the top level of a file begin, but assignments."""
        if path not in self._touched:
            found = _TOUCH.findall(self._data(path))
            self._touched[path] = frozenset(name.decode("utf-8", "replace") for name in found)
        return self._touched[path]

    # Files

    @cached_property
    def _search_path(self) -> SearchPath:
        homes = dict.fromkeys(
            home
            for followed in self._followed
            for home in followed.homes
            if not self._installed.keys().isdisjoint(followed.modules)
        )
        return SearchPath(self.root, self._sources, list(homes))

    @cached_property
    def _graph(self) -> ImportGraph:
        loops = frozenset(self._with_backward) if self._follows_loops else frozenset()
        return ImportGraph(self._search_path, self._outlines, self._data_files, loops)

    @cached_property
    def _with_backward(self) -> set[str]:
        """The files that run a backward pass."""
        return {path for path in self._outlines if comes_to_backward(self._data(path))}

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        return {path: outline(self._data(path)) for path in self._paths}

    @cached_property
    def _paths(self) -> set[str]:
        """All files, those included of which there is only a text."""
        return {*self._own_files, *self._installed, *self._texts}

    @cached_property
    def _own_files(self) -> frozenset[str]:
        found = discover([self.root], Options()).files
        return frozenset(each.real for each in found if each.path.endswith(".py"))

    @cached_property
    def _installed(self) -> dict[str, str]:
        """By path: the modules of followed packages that are none of the project's own files."""
        return {
            path: name
            for followed in self._followed
            for path, name in followed.modules.items()
            if path not in self._own_files
        }

    def _data(self, path: str) -> bytes:
        if path in self._texts:
            return self._texts[path].encode("utf-8", "surrogatepass")
        try:
            return read(path)
        except OSError:
            # Whoever was asked to check it reports that.
            return b""

    def _text(self, path: str) -> str | None:
        if path in self._texts:
            return self._texts[path]
        try:
            return decode(self._data(path))[0].removeprefix(BOM)
        except UndecodableError:
            return None

    def _unit(self, path: str) -> Unit:
        unit = self._units.get(path)
        if unit is None:
            installed_as = self._installed.get(path, "")
            unit = self._units[path] = Unit(path, lambda: self._source(path), installed_as)
        return unit

    def _source(self, path: str) -> str:
        text = self._text(path)
        if text is None:
            raise SourceError("can't be decoded")
        return text

    # Analyses

    def _together_with(self, path: str) -> list[str]:
        """A file, and those of its group that will be asked for and can have a finding."""
        if not self._matters_as_a_whole:
            return [path]
        group = self._graph.group_of(path)
        others = {each for each in self._wanted_files() if self._graph.group_of(each) == group}
        others -= {path, *self._done}
        matter = (each for each in others if self.may_matter(self._data(each), each))
        return [path, *sorted(matter)]

    def _wanted_files(self) -> Iterator[str]:
        """The files of the project that will be asked for, as far as anybody has said."""
        folders = tuple(os.path.join(path, "") for path in self._wanted)
        return (path for path in self._paths if path in self._wanted or path.startswith(folders))

    def _analyse(self, wanted: Sequence[str]) -> None:
        """Analyse files together, those of them that can be parsed.

        :raises SourceError: where the first can't be.
        """
        self._unit(wanted[0]).symbols  # noqa: B018 - it raises
        readable = self._python(wanted)
        entries: Sequence[str] = ()
        if self._matters_as_a_whole:
            entries = self._graph.entries_for([unit.name for unit in readable])
        analyses = analyse_program(self, self._python(entries), readable)
        self._done.update((analysis.unit.name, analysis) for analysis in analyses)

    def _python(self, paths: Iterable[str]) -> list[Unit]:
        """Those of some files that are Python."""
        return [unit for unit in map(self._unit, paths) if unit.is_python]
