"""Many files: read, check or fix each, in several processes where that pays.

What goes wrong with one file becomes a problem of that file, and the others are still done.
"""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from hfmode_lint.config import ConfigError
from hfmode_lint.data_files import Consulted
from hfmode_lint.discovery import Found, Problem, internal_error, unreadable
from hfmode_lint.edits import replace_file
from hfmode_lint.engine import FileReport, is_relevant, unfinished
from hfmode_lint.immutable import immutable
from hfmode_lint.outcome import Outcome
from hfmode_lint.project import Workspace
from hfmode_lint.project_options import ProjectOptions
from hfmode_lint.reading import read
from hfmode_lint.run_mode import Mode
from hfmode_lint.time_limit import OutOfTimeError, time_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from concurrent.futures import Future

    from hfmode_lint.cache import Cache
    from hfmode_lint.config import Options
    from hfmode_lint.engine import Surroundings
    from hfmode_lint.repeated_run import Checked, Remembered

# Below this many bytes of relevant source one process is done before others have started.
_PARALLEL_FROM = 200_000
# Of computing on one file, and on what of its project is needed for it: minutes where a project has
# thousands of files.
_SECONDS_A_FILE = 600
# Files that belong together are analysed with the first one: 16 minutes for 300 of NVIDIA/NeMo.
_SECONDS_TOGETHER = 3_600


@immutable
class _Task:
    """A file, and the options that hold for it: projects may require different Lightnings."""

    found: Found
    options: Options


@dataclass(slots=True, repr=False)
class _Examined:
    """The results of some files by their names, and the configurations that can't be understood.

    ``consulted`` is what the results depend on beside source files.
    """

    results: dict[str, FileReport | Problem] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    consulted: Consulted = field(default_factory=Consulted)

    def update(self, other: _Examined) -> None:
        """Take the results of other files."""
        self.results.update(other.results)
        self.unread.update(other.unread)
        self.consulted.update(other.consulted)


def run(  # noqa: PLR0913 - what is behind the star has defaults
    files: Sequence[Found],
    options: Options,
    mode: Mode,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
    cache: Cache | None = None,
) -> Outcome:
    """Check files, and rewrite those that the mode has something to write into.

    :param jobs: how many processes may be used.
    :param progress: is told from time to time how many files are examined, and how many there are.
    :param cache: has what earlier runs have found, and takes what this one finds. Files that are
        to be rewritten are always read and checked anew.
    """
    projects = ProjectOptions(options)
    workspace = Workspace(options)
    repeated = None
    if cache is not None and files and mode is Mode.CHECK:
        # Imported for runs with a cache only.
        from hfmode_lint.repeated_run import RepeatedRun

        repeated = RepeatedRun(cache, files, options, workspace)
        remembered = repeated.recall(projects)
        if remembered is not None:
            return _as_before(remembered, projects)
    outcome = Outcome()
    relevant = _relevant(files, options, projects, workspace, outcome)
    parallel = jobs > 1 and len(relevant) > 1 and outcome.size >= _PARALLEL_FROM
    examined = _examine_all(relevant, workspace, mode, jobs if parallel else 1, progress)
    for task in relevant:
        outcome.add(examined.results[task.found.path], task.options)
    outcome.projects = tuple(projects.described())
    examined.update(_Examined({}, workspace.unread(), workspace.take_consulted()))
    outcome.unread = tuple(sorted(examined.unread))
    # With more time another run may find more.
    finished = all(report.is_finished for report in outcome.reports)
    if repeated is not None and finished and not outcome.problems:
        repeated.keep(_checked(relevant, examined), outcome.unread, examined.consulted)
    return outcome


def _relevant(
    files: Iterable[Found],
    options: Options,
    projects: ProjectOptions,
    workspace: Workspace,
    outcome: Outcome,
) -> list[_Task]:
    """The files to parse; the outcome takes what is wrong with the others."""
    relevant: list[_Task] = []
    for found in files:
        try:
            data = read(found.path)
        except OSError as error:
            outcome.problems.append(unreadable(found.path, error))
            continue
        try:
            outcome.expect(projects.set_elsewhere(found.path))
            around = workspace.around(found.path)
            if is_relevant(data, found.path, options, around):
                relevant.append(_Task(found, projects.options_for(found.path)))
            elif found.named:
                relevant.append(_Task(found, options))
            else:
                continue
        except ConfigError as error:
            outcome.fail(str(error))
            continue
        outcome.size += len(data)
    outcome.parsed = len(relevant)
    return relevant


def _checked(tasks: Iterable[_Task], examined: _Examined) -> list[Checked]:
    from hfmode_lint.repeated_run import Checked

    results = ((task, examined.results[task.found.path]) for task in tasks)
    return [
        Checked(task.found, task.options, result)
        for task, result in results
        if isinstance(result, FileReport)
    ]


def _as_before(remembered: Remembered, projects: ProjectOptions) -> Outcome:
    """The outcome of a run that was there before."""
    outcome = Outcome(is_from_cache=True)
    outcome.expect(remembered.expected)
    for each in remembered.checked:
        outcome.add(each.report, each.options)
    outcome.projects = tuple(projects.described())
    outcome.unread = remembered.unread
    return outcome


def _examine_all(
    tasks: Sequence[_Task],
    workspace: Workspace,
    mode: Mode,
    jobs: int,
    progress: Callable[[int, int], None] | None,
) -> _Examined:
    """The results of files; those that belong together are examined together."""
    batches = _batches(tasks, workspace)
    if jobs > 1 and len(batches) > 1:
        examined = _in_parallel(batches, workspace, mode, jobs)
    else:
        examined = (_examine_batch(batch, workspace, mode) for batch in batches)
    together = _Examined()
    with closing(examined):
        for each in examined:
            together.update(each)
            if progress is not None:
                progress(len(together.results), len(tasks))
    return together


def _batches(tasks: Sequence[_Task], workspace: Workspace) -> list[list[_Task]]:
    together: dict[tuple[str, str], list[_Task]] = {}
    for task in tasks:
        together.setdefault(workspace.group_of(task.found.path), []).append(task)
    return list(together.values())


def _examine_batch(batch: Sequence[_Task], workspace: Workspace, mode: Mode) -> _Examined:
    results: dict[str, FileReport | Problem] = {}
    if len(batch) > 1:
        with workspace.together([task.found.path for task in batch]), suppress(OutOfTimeError):
            seconds = min(_SECONDS_A_FILE * len(batch), _SECONDS_TOGETHER)
            for task in batch:
                results[task.found.path] = examine(
                    task.found, task.options, mode, workspace, seconds
                )
    # Which file it was that took too long can't be told: those that are left show it.
    for task in batch[len(results) :]:
        results[task.found.path] = _examine_alone(task, workspace, mode)
    return _Examined(results, workspace.unread(), workspace.take_consulted())


def _examine_alone(task: _Task, workspace: Workspace, mode: Mode) -> FileReport | Problem:
    found = task.found
    with workspace.together([found.path]):
        try:
            return examine(found, task.options, mode, workspace, _SECONDS_A_FILE)
        except OutOfTimeError:
            return _given_up(found.path, task.options)


def _given_up(path: str, options: Options) -> FileReport | Problem:
    try:
        data = read(path)
    except OSError as error:
        return unreadable(path, error)
    return unfinished(data, path, options, f"given up after {_SECONDS_A_FILE} seconds")


def examine(
    found: Found, options: Options, mode: Mode, workspace: Workspace, seconds: float
) -> FileReport | Problem:
    """Check one file, and fix it where that is the mode.

    :param seconds: how long that may take.
    :raises OutOfTimeError: where it takes longer.
    """
    try:
        return _examine(found, options, mode, workspace.around(found.path), seconds)
    except OSError as error:
        return unreadable(found.path, error)
    except Exception as error:  # noqa: BLE001 - a fault of ours in one file costs that file alone
        return internal_error(found.path, error)


def _examine(
    found: Found, options: Options, mode: Mode, around: Surroundings, seconds: float
) -> FileReport:
    data = read(found.path)
    with time_limit(seconds):
        report = mode.examine(data, found.path, options, around, named=found.named)
    if mode.rewrites and report.after != report.before:
        replace_file(found.path, report.before, report.after)
    return report


def _in_parallel(
    batches: Sequence[Sequence[_Task]], workspace: Workspace, mode: Mode, jobs: int
) -> Generator[_Examined, None, None]:
    # Imported for runs with several processes only.
    from hfmode_lint.worker_pool import worker_pool

    # Once, before there are several processes.
    import_module("hfmode_lint.analysis.parsing")
    with worker_pool(min(jobs, len(batches)), _Worker.begin, workspace, mode) as pool:
        futures = [pool.submit(_Worker.examine, batch) for batch in batches]
        for batch, future in zip(batches, futures, strict=True):
            yield from _results(batch, future, workspace, mode)


def _results(
    batch: Sequence[_Task], future: Future[_Examined], workspace: Workspace, mode: Mode
) -> Generator[_Examined, None, None]:
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield future.result()
    except BrokenProcessPool:
        yield from _in_own_processes(batch, workspace, mode)


def _in_own_processes(
    batch: Sequence[_Task], workspace: Workspace, mode: Mode
) -> Generator[_Examined, None, None]:
    """Examine a batch that was lost as a process died, maybe over another one.

    It gets a process for itself, and where that dies as well, each of its files gets one.
    """
    from concurrent.futures.process import BrokenProcessPool

    from hfmode_lint.worker_pool import worker_pool

    try:
        with worker_pool(1, _Worker.begin, workspace, mode) as pool:
            yield pool.submit(_Worker.examine, batch).result()
    except BrokenProcessPool:
        if len(batch) > 1:
            for task in batch:
                yield from _in_own_processes([task], workspace, mode)
        else:
            path = batch[0].found.path
            problem = Problem(f"{path}: not checked, as a process died over it")
            yield _Examined({path: problem})


class _Worker:
    """What a worker process has: a workspace is large, and is handed over once."""

    workspace: Workspace
    mode: Mode

    @classmethod
    def begin(cls, workspace: Workspace, mode: Mode) -> None:
        """Take what is the same for all batches."""
        cls.workspace, cls.mode = workspace, mode

    @classmethod
    def examine(cls, batch: Sequence[_Task]) -> _Examined:
        """Examine a batch of files."""
        return _examine_batch(batch, cls.workspace, cls.mode)


def usable_cpus() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
