"""Which files of a project import which, by their outlines alone."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from hfmode_lint.analysis import graphs
from hfmode_lint.analysis.knowledge.names import LIGHTNING_MODULES, canonical, conventional
from hfmode_lint.analysis.knowledge.names import is_well_behaved as is_known_library
from hfmode_lint.analysis.outline import named
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hfmode_lint.analysis.outline import ClassOutline, ImportedName, Outline
    from hfmode_lint.data_files import DataFiles

_PACKAGE = "__init__.py"
# A group with this many files that may have a finding is joined with no other one. Measured: on a
# project with 20 such files in 7 groups, one group takes a fifth of the time of seven.
_GROUP_SIZE = 32


@immutable
class SearchPath:
    """Where imports are looked for: in a project's ``root``, its folders ``sources`` and others.

    ``homes`` are the folders that followed packages are imported from.
    """

    root: str
    sources: Sequence[str]
    homes: Sequence[str] = ()

    @property
    def tops(self) -> frozenset[str]:
        """The folders above which nothing is looked for."""
        return frozenset({self.root, *self.homes})

    def folders_of(self, files: Iterable[str]) -> set[str]:
        """The folders that hold files, at any depth."""
        tops = self.tops
        found: set[str] = set()
        for path in files:
            for folder in _upwards(os.path.dirname(path), tops):
                if folder in found:
                    break
                found.add(folder)
        return found


class ImportGraph:
    """The files of a project and the edges between them.

    Files and folders are known by their real paths. ``outlines`` has every file, those of followed
    packages included; ``data_files`` are the configurations that make a file depend on what they
    name; ``loops`` are the files that run a backward pass, where training loops are followed.
    """

    def __init__(
        self,
        search: SearchPath,
        outlines: Mapping[str, Outline],
        data_files: DataFiles,
        loops: frozenset[str] = frozenset(),
    ) -> None:
        self.outlines = outlines
        self._data_files = data_files
        self._loops = loops
        self._root = search.root
        self._homes = search.homes
        self._tops = search.tops
        self._folders = search.folders_of(outlines)
        self._sources = [os.path.normpath(os.path.join(self._root, s)) for s in search.sources]
        self._roots: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._found_below: dict[tuple[str, str], str | None] = {}
        self._by_name: dict[str, Mapping[str, list[ImportedName]]] = {}
        self._defined_in: dict[tuple[str, str], frozenset[str]] = {}
        self._is_lightning: dict[tuple[str, str], bool] = {}
        self._described: dict[str, frozenset[str]] = {}

    # Where imports lead

    def find(self, importer: str, name: str) -> str | None:
        """The file or folder that an import names; None where it is none of the project.

        :param name: a dotted name, with leading dots where the import is relative.
        """
        folder = os.path.dirname(importer)
        key = (folder, name)
        if key not in self._found:
            self._found[key] = self._find(folder, name)
        return self._found[key]

    def _find(self, folder: str, name: str) -> str | None:
        plain = name.lstrip(".")
        level = len(name) - len(plain)
        parts = plain.split(".") if plain else []
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._below(folder, parts)
        if parts and parts[0] not in self._known_names:
            return None
        for root in self._import_roots(folder):
            # Of a library that we know, what was measured says more than a copy of its source.
            if is_known_library(plain) and not self._is_file(root, parts[0]):
                continue
            location = self._below(root, parts)
            if location is not None:
                return location
        return None

    def _is_file(self, folder: str, name: str) -> bool:
        return os.path.join(folder, f"{name}.py") in self.outlines

    def below(self, folder: str, name: str, full_name: str) -> str | None:
        """The file or folder of this name in a folder, or of the full name anywhere."""
        # Asked of each name in the code that uses a module: most are no module's.
        if name not in self._known_names:
            return None
        key = (folder, full_name)
        if key not in self._found_below:
            self._found_below[key] = self._below(folder, [name]) or self._anywhere(*key)
        return self._found_below[key]

    def _anywhere(self, folder: str, full_name: str) -> str | None:
        if full_name.startswith("."):
            return None
        return self.find(os.path.join(folder, _PACKAGE), full_name)

    def _below(self, folder: str, parts: Sequence[str]) -> str | None:
        location = folder
        for part in parts:
            # Most of what is asked for is not there, and paths are dear to join.
            if part not in self._names_in.get(location, ()):
                return None
            location = os.path.join(location, part)
        package = os.path.join(location, _PACKAGE)
        if package in self.outlines:
            return package
        if parts and f"{location}.py" in self.outlines:
            return f"{location}.py"
        return location if location in self._folders else None

    @cached_property
    def _names_in(self) -> dict[str, set[str]]:
        """By folder: the modules and folders in it."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for path in (*self.outlines, *self._folders):
            folder, name = os.path.split(path)
            found[folder].add(name.removesuffix(".py"))
        return found

    @cached_property
    def _known_names(self) -> set[str]:
        """What a module or folder anywhere is called."""
        return set().union(*self._names_in.values())

    def _import_roots(self, folder: str) -> list[str]:
        """The folders in which absolute imports of a file in a folder are looked for, in order."""
        if folder not in self._roots:
            above = [each for each in _upwards(folder, self._tops) if not self._is_package(each)]
            known = [*self._sources, *self._source_folders, *self._homes]
            if self._is_installed(folder):
                above, known = list(self._homes), []
            self._roots[folder] = list(dict.fromkeys([*above, *known]))
        return self._roots[folder]

    @cached_property
    def _source_folders(self) -> list[str]:
        """The folders called ``src``, and those with a build file, that are no packages."""
        return sorted(
            folder
            for folder in self._folders
            if (
                os.path.basename(folder) == "src"
                or os.path.join(folder, "setup.py") in self.outlines
                or os.path.exists(os.path.join(folder, "pyproject.toml"))
            )
            and not self._is_package(folder)
            and not self._is_installed(folder)
        )

    def _is_installed(self, folder: str) -> bool:
        """Whether a folder is one of a followed package."""
        *_, top = _upwards(folder, self._tops)
        return top in self._homes

    def _is_package(self, folder: str) -> bool:
        return os.path.join(folder, _PACKAGE) in self.outlines

    def inside(self, folder: str) -> list[str]:
        """The files in a folder, at any depth."""
        return sorted(path for path in self.outlines if path.startswith(folder + os.sep))

    # Edges

    @cached_property
    def _imports(self) -> dict[str, set[str]]:
        """The files that each file imports."""
        return {
            path: {
                target
                for each in (*outline.imports, *self._configured(path))
                for target in self._targets(path, each)
            }
            for path, outline in self.outlines.items()
        }

    def _configured(self, path: str) -> set[ImportedName]:
        """What the configurations name that a file reads."""
        return {imported for name in self.described_in(path) for imported in named(name)}

    def described_in(self, path: str) -> frozenset[str]:
        """The dotted names that the configurations give which a file reads."""
        if path not in self._described:
            configs = self._data_files.read_by(path, self.outlines[path].configs)
            names = (name for each in configs for name in self._data_files.names_in(each))
            self._described[path] = frozenset(names)
        return self._described[path]

    @cached_property
    def _configs_load(self) -> bool:
        """Whether some configuration of the program names a loader."""
        return self._data_files.any_loads(
            (path, outline.configs) for path, outline in self.outlines.items()
        )

    def may_load(self, path: str) -> bool:
        """Whether a file may hold a loader call, or make what a configuration describes as one."""
        outline = self.outlines[path]
        return outline.loads or (outline.makes and self._configs_load)

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        """The files that import each file."""
        return graphs.turned(self._imports)

    def _targets(self, path: str, imported: ImportedName) -> Iterator[str]:
        location = self.find(path, imported.module)
        if location is None:
            return
        if imported.member is None or imported.member == "*":
            if location.endswith(".py"):
                yield location
        else:
            yield from self._definers(location, imported.member)

    def _definers(self, location: str, name: str) -> frozenset[str]:
        """The files that may define a name of a module, through re-exports."""
        key = (location, name)
        known = self._defined_in.get(key)
        if known is None:
            # In a circle each says what the others add.
            self._defined_in[key] = frozenset()
            known = self._defined_in[key] = frozenset(self._find_definers(location, name))
        return known

    def _find_definers(self, location: str, name: str) -> Iterator[str]:
        if not location.endswith(".py"):
            below = self._below(location, [name])
            if below is not None and below.endswith(".py"):
                yield below
            return
        re_exported = False
        for source, member in self._sources_of(location, name):
            re_exported = re_exported or member is not None
            yield from self._definers(source, member or name)
        below = self._submodule_of(location, name)
        if below is not None:
            yield below
        if below is None and not re_exported:
            yield location

    def _sources_of(self, location: str, name: str) -> Iterator[tuple[str, str | None]]:
        """Where a file imports a name from, and as what; None for a star, which may have it."""
        imported = self._imported(location)
        for each in (*imported.get(name, ()), *imported.get("*", ())):
            source = self.find(location, each.module)
            if each.member is not None and source is not None and source != location:
                yield source, None if each.member == "*" else each.member

    def _imported(self, location: str) -> Mapping[str, list[ImportedName]]:
        """The imports of a file by the name that they bind."""
        if location not in self._by_name:
            found: defaultdict[str, list[ImportedName]] = defaultdict(list)
            for each in self.outlines[location].imports:
                found[each.bound].append(each)
            self._by_name[location] = found
        return self._by_name[location]

    def _submodule_of(self, location: str, name: str) -> str | None:
        if os.path.basename(location) != _PACKAGE:
            return None
        below = self._below(os.path.dirname(location), [name])
        return below if below is not None and below.endswith(".py") and below != location else None

    def importers_of(self, names: frozenset[str]) -> list[str]:
        """The files that import something of one of these names."""
        return sorted({path for name in names for path in self._by_member.get(name, ())})

    @cached_property
    def _by_member(self) -> dict[str, list[str]]:
        """The files that import a name from somewhere."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path, outline in self.outlines.items():
            for name in {each.member for each in outline.imports}:
                if name is not None:
                    found[name].append(path)
        return found

    def bound_from(self, path: str) -> Iterator[tuple[str, frozenset[str]]]:
        """The files that import a file, each with the names that it binds by doing so."""
        for importer in self._importers.get(path, ()):
            yield (
                importer,
                frozenset(
                    each.bound
                    for each in self.outlines[importer].imports
                    if path in self._targets(importer, each)
                ),
            )

    def _upstream(self, paths: Iterable[str]) -> set[str]:
        """Files, and all that import them, directly or not."""
        return graphs.reached(paths, self._importers)

    def _downstream(self, paths: Iterable[str]) -> set[str]:
        """Files, and all that they import, directly or not."""
        return graphs.reached(paths, self._imports)

    # LightningModules

    @cached_property
    def lightning_classes(self) -> frozenset[str]:
        """The names of the classes that extend a LightningModule."""
        return frozenset(
            each.name
            for path in self._with_lightning
            for each in self.outlines[path].classes
            if self._extends(path, each.name)
        )

    @cached_property
    def _with_lightning(self) -> list[str]:
        """The files that define LightningModules."""
        return [
            path
            for path, outline in self.outlines.items()
            if any(self._extends(path, each.name) for each in outline.classes)
        ]

    def _extends(self, path: str, name: str) -> bool:
        """Whether a class of a file extends Lightning's LightningModule, by its outline."""
        key = (path, name)
        if key not in self._is_lightning:
            self._is_lightning[key] = False
            self._is_lightning[key] = any(
                self._is_lightning_base(path, each, base)
                for each in self.outlines[path].classes
                if each.name == name
                for base in each.bases
            )
        return self._is_lightning[key]

    def _is_lightning_base(self, path: str, cls: ClassOutline, base: str) -> bool:
        first, _, rest = base.partition(".")
        if not rest and first != cls.name and self._defines(path, first):
            return self._extends(path, first)
        imported = [
            each for each in self.outlines[path].imports if each.bound.partition(".")[0] == first
        ]
        for each in imported:
            if self._leads_to_lightning(path, each, rest):
                return True
        if imported:
            return False
        return self._by_star(path, first) or _is_conventional(base)

    def _leads_to_lightning(self, path: str, imported: ImportedName, rest: str) -> bool:
        location = self.find(path, imported.module)
        if location is None:
            names = [imported.module, imported.member or "", rest]
            return canonical(".".join(filter(None, names))) in LIGHTNING_MODULES
        name = imported.member or rest.rpartition(".")[2]
        return any(
            self._extends(definer, rest.rpartition(".")[2] or name)
            for definer in self._definers(location, name)
        )

    def _by_star(self, path: str, name: str) -> bool:
        for each in self.outlines[path].imports:
            if each.member == "*":
                named = replace(each, bound=name, member=name)
                if self._leads_to_lightning(path, named, ""):
                    return True
        return False

    def _defines(self, path: str, name: str) -> bool:
        return any(each.name == name for each in self.outlines[path].classes)

    # What is to be analysed

    @cached_property
    def _entries(self) -> set[str]:
        """The files in which training may start, with a LightningModule and a loader in reach.

        Or what is trained elsewhere may be made there, and set to train mode.
        """
        loads = self._upstream(self.relevant)
        # A file that has both in its text may join them in a way that its outline does not show.
        own = {path for path in self.relevant if self.outlines[path].names_lightning_module}
        own.update(self._with_lightning)
        return {
            path
            for path in loads & self._upstream(own)
            # A notebook is no part of a project: it is checked with it, and changes nothing in it.
            if path.endswith(".py")
            and (path in own or path in self._starters or self.outlines[path].switches)
            # What a package trains by itself is not the project's.
            and path not in self._installed
        }

    @cached_property
    def _starters(self) -> set[str]:
        """The files that may start training, or come to a file that does."""
        return self._upstream(self._training)

    @cached_property
    def _training(self) -> set[str]:
        """The files in which training may start."""
        return {path for path, outline in self.outlines.items() if outline.trains}

    def training(self, paths: Sequence[str]) -> list[str]:
        """Files, and those that one of them comes to in which training may start."""
        return sorted({*paths, *(self._downstream(paths) & self._training)})

    @cached_property
    def relevant(self) -> list[str]:
        """The files that may hold a loader call."""
        return sorted(path for path in self.outlines if self.may_load(path))

    @cached_property
    def reported(self) -> list[str]:
        """The files that may have a finding because of a loader call."""
        return sorted({*self.relevant, *self._calling_installed} - self._installed)

    def calls_installed(self, path: str) -> bool:
        """Whether a file of the project has a followed package with a loader call in reach."""
        return path in self._calling_installed

    @cached_property
    def _calling_installed(self) -> set[str]:
        return self._upstream(self._installed.intersection(self.relevant)) - self._installed

    @cached_property
    def _installed(self) -> set[str]:
        """The files of followed packages."""
        if not self._homes:
            return set()
        return {path for path in self.outlines if self._is_installed(os.path.dirname(path))}

    def importing(self, paths: Iterable[str]) -> list[str]:
        """Files, and all that import one of them, directly or not."""
        return sorted(self._upstream(paths))

    def is_reached(self, path: str) -> bool:
        """Whether training may start anywhere that involves a file."""
        return path in self._below_entries

    @cached_property
    def _below_entries(self) -> set[str]:
        return self._downstream(self._entries)

    @cached_property
    def _loop_entries(self) -> set[str]:
        """The files from which both a loader and a backward pass can be reached."""
        if not self._loops:
            return set()
        reached = self._upstream(self._loops) & self._upstream(self.relevant)
        return {path for path in reached if path.endswith(".py")}

    def is_reached_by_loops(self, path: str) -> bool:
        """Whether a training loop may start anywhere that involves a file."""
        return path in self._below_loop_entries

    @cached_property
    def _below_loop_entries(self) -> set[str]:
        return self._downstream(self._loop_entries)

    def looping(self, path: str) -> list[str]:
        """The files in which a training loop may start that involves a file, and the file."""
        return sorted((self._upstream([path]) & self._loop_entries) | {path})

    def entries_for(self, paths: Sequence[str]) -> list[str]:
        """The files in which something may start that involves one of these files, and they.

        Those that have a LightningModule in common with them show whether it is trained.
        """
        own = [path for path in paths if path in self.outlines]
        entries = self._upstream(own) & self._entries
        shared = self._downstream(entries | set(own)) & set(self._with_lightning)
        return sorted(entries | set(own) | (self._upstream(shared) & self._entries))

    def group_of(self, path: str) -> str:
        """A name for the files that are best analysed together with a file.

        They share entry points with it, directly or through others, or are those of other small
        groups, as much of what is looked at is the same for all of a project.
        """
        groups = self._groups
        return groups.get(path) or next(reversed(groups.values()), path)

    @cached_property
    def _groups(self) -> dict[str, str]:
        """The group of each file that shares entry points with others, by one of its files."""
        reported = set(self.reported)
        sharing: dict[str, list[str]] = {}
        for path, top in sorted(self._shared_tops.items()):
            sharing.setdefault(top, []).append(path)
        joined: dict[str, str] = {}
        name, size = "", _GROUP_SIZE
        for paths in sharing.values():
            if size >= _GROUP_SIZE:
                name, size = paths[0], 0
            size += len(reported.intersection(paths))
            joined.update(dict.fromkeys(paths, name))
        return joined

    @cached_property
    def _shared_tops(self) -> dict[str, str]:
        """By file, one of those that share entry points with it.

        A file, and the entries that come through it, share them.
        """
        parents: dict[str, str] = {}

        def top(path: str) -> str:
            while parents.get(path, path) != path:
                parents[path] = parents.get(parents[path], parents[path])
                path = parents[path]
            return path

        grouped = {*self.relevant, *self.reported, *self._with_lightning}
        # On a way from an entry to one of these: whoever comes to one end of an edge here comes
        # to all that the other leads to.
        between = self._upstream(grouped) & (self._below_entries | self._below_loop_entries)
        for path in between:
            for target in self._imports[path] & between:
                parents[top(target)] = top(path)
        ends = grouped | self._entries | self._loop_entries
        return {path: top(path) for path in between & ends}


def _is_conventional(base: str) -> bool:
    meant = conventional(base)
    return meant is not None and canonical(meant) in LIGHTNING_MODULES


def _upwards(folder: str, tops: frozenset[str]) -> Iterator[str]:
    """A folder and those above it, up to a top."""
    yield folder
    while folder not in tops and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        yield folder
