"""The functions of the Python interface, which is the package's own namespace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

from hfmode_lint import engine
from hfmode_lint.config import Options
from hfmode_lint.discovery import discover, is_notebook
from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfmode_lint.findings import Finding
    from hfmode_lint.model_summary import ModelSummary

_Source = TypeVar("_Source", str, bytes)


@immutable
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
    # Most callers have texts.
    from hfmode_lint.run_mode import Mode
    from hfmode_lint.runner import run

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
    from hfmode_lint import summarizer

    around = engine.alone(Options())
    if isinstance(source, str) and not is_notebook(filename):
        return summarizer.summarize_text(source, filename, around)
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
