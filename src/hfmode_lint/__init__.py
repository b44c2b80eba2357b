"""Find Hugging Face models that train in eval mode inside a LightningModule.

The Python interface::

    from hfmode_lint import check_source, fix_source, check_paths

    for finding in check_source(text, filename="model.py"):
        print(finding.start.line, finding.code, finding.message)

    fixed = fix_source(text).source

    for model in summarize_source(text, filename="model.py"):
        for node in model.root.walk() if model.root else ():
            print(node.path, node.mode.value, node.parameters.value)

All functions are pure: they print nothing, read no options, and keep no state. Only
``check_paths`` and ``summarize_paths`` read files. What a project's files say of it counts there
unless the options say it: the Lightning that it requires, its folders of source, the packages that
it follows, and the modules whose mode is set elsewhere. None writes any file. ``# noqa`` comments
are respected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from hfmode_lint._version import __version__
from hfmode_lint.config import Options
from hfmode_lint.findings import Applicability, Edit, Finding, Fix, Position, Related, Verdict
from hfmode_lint.set_elsewhere import SetElsewhere

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from hfmode_lint.model_summary import (
        Cause,
        CauseKind,
        Location,
        ModelSummary,
        Parameters,
        SummaryNode,
    )

__all__ = [
    "Applicability",
    "Cause",
    "CauseKind",
    "Edit",
    "Finding",
    "Fix",
    "FixResult",
    "Location",
    "ModelSummary",
    "Options",
    "Parameters",
    "Position",
    "Related",
    "SetElsewhere",
    "SummaryNode",
    "Verdict",
    "__version__",
    "check_paths",
    "check_source",
    "fix_source",
    "summarize_paths",
    "summarize_source",
]

# Most runs make no summary, and are over before these are loaded.
_OF_SUMMARIES = frozenset(
    {"Cause", "CauseKind", "Location", "ModelSummary", "Parameters", "SummaryNode"}
)
_Source = TypeVar("_Source", str, bytes)


def __getattr__(name: str) -> object:
    """Load what summaries are made of when somebody names it."""
    if name not in _OF_SUMMARIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hfmode_lint import model_summary

    return getattr(model_summary, name)


@dataclass(frozen=True, slots=True)
class FixResult(Generic[_Source]):
    """A source after its fixes.

    ``source`` is of the type that was given. ``applied`` are the findings whose fixes were made,
    with the positions that they had at that moment, and ``remaining`` what is found in the fixed
    source.
    """

    source: _Source
    applied: tuple[Finding, ...]
    remaining: tuple[Finding, ...]


def check_source(
    source: str | bytes, filename: str = "<unknown>", options: Options | None = None
) -> list[Finding]:
    """Check one source.

    :param source: text, or the bytes of a file, which are decoded as Python does (PEP 263).
    :param filename: what the findings are to call it; no file is read. A source whose name ends
        with ``.ipynb`` is the JSON of a notebook.
    :param options: which rules are on; by default those that are on by default.
    :returns: the findings in the order of their positions. A source that is no Python gives one
        finding, HFM000.
    """
    from hfmode_lint import engine
    from hfmode_lint.notebooks import is_notebook

    options = options or Options()
    around = engine.alone(options)
    if isinstance(source, str) and not is_notebook(filename):
        return engine.check_named(source, filename, options, around)
    report = engine.check_bytes(_as_bytes(source), filename, options, around, named=True)
    return list(report.findings)


def fix_source(
    source: _Source, filename: str = "<unknown>", options: Options | None = None
) -> FixResult[_Source]:
    """Make the fixes of one source: the safe ones, and all with ``Options(unsafe_fixes=True)``.

    Every character or byte outside of the fixes stays as it is, line ends, BOM and encoding
    included. A source that can't be parsed comes back unchanged.

    :param source: text, or the bytes of a file, which are decoded as Python does (PEP 263).
    :param filename: what the findings are to call it; no file is read or written. A source whose
        name ends with ``.ipynb`` is the JSON of a notebook.
    :param options: which rules are on, and whether unsafe fixes are made.
    """
    from hfmode_lint import engine
    from hfmode_lint.notebooks import is_notebook

    options = options or Options()
    around = engine.alone(options)
    if isinstance(source, str) and not is_notebook(filename):
        fixed = engine.fix_text(source, filename, options, around)
        return FixResult(fixed.text, fixed.applied, fixed.remaining)
    report = engine.fix_bytes(_as_bytes(source), filename, options, around, named=True)
    after = report.after
    if isinstance(source, str):
        return FixResult(after.decode("utf-8", "surrogatepass"), report.fixed, report.findings)
    return FixResult(after, report.fixed, report.findings)


def check_paths(
    paths: Iterable[str | os.PathLike[str]], options: Options | None = None
) -> list[Finding]:
    """Check files, and the Python files and notebooks of folders.

    :param paths: files and folders; what is searched in a folder is told in
        ``hfmode_lint.discovery``.
    :param options: which rules are on, which files are excluded, and the version of Lightning
        where it is not to be looked for in the projects' files.
    :returns: the findings by file name, then position.
    :raises OSError: where a file or folder is missing or can't be read, or the configuration of a
        project is wrong.
    """
    import os

    from hfmode_lint.discovery import discover
    from hfmode_lint.runner import Mode, run

    options = options or Options()
    discovery = discover([os.fspath(path) for path in paths], options)
    outcome = run(discovery.files, options, Mode.CHECK)
    for problem in (*discovery.problems, *outcome.problems):
        if problem.is_error:
            raise OSError(problem.message)
    return [finding for report in outcome.reports for finding in report.findings]


def summarize_source(source: str | bytes, filename: str = "<unknown>") -> list[ModelSummary]:
    """Summarize the LightningModules of one source: each module, its mode, and why.

    :param source: text, or the bytes of a file, which are decoded as Python does (PEP 263).
    :param filename: what the summaries are to call it; no file is read. A source whose name ends
        with ``.ipynb`` is the JSON of a notebook.
    :returns: the summaries in the order of the classes.
    :raises ValueError: where the source is no Python.
    """
    from hfmode_lint import engine, summarizer

    around = engine.alone(Options())
    return summarizer.summarize_bytes(_as_bytes(source), filename, around)


def summarize_paths(
    paths: Iterable[str | os.PathLike[str]], options: Options | None = None
) -> list[ModelSummary]:
    """Summarize the LightningModules of files, and of the files of folders.

    :param paths: files and folders, as in :func:`check_paths`.
    :param options: which files are excluded, and what a project is.
    :returns: the summaries by file name, then in the order of the classes.
    :raises OSError: where a file or folder is missing or can't be read or parsed, or the
        configuration of a project is wrong.
    """
    import os

    from hfmode_lint.discovery import discover
    from hfmode_lint.summarizer import summarize_files

    options = options or Options()
    discovery = discover([os.fspath(path) for path in paths], options)
    result = summarize_files(discovery.files, options)
    for problem in (*discovery.problems, *result.problems):
        if problem.is_error:
            raise OSError(problem.message)
    return result.models


def _as_bytes(source: str | bytes) -> bytes:
    # What has no UTF-8 is passed on, to be refused as a file would be that holds it.
    return source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
