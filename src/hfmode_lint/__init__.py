"""Find Hugging Face models that train in eval mode inside a LightningModule.

The Python interface::

    from hfmode_lint import check_source, fix_source, check_paths

    for finding in check_source(text, filename="model.py"):
        print(finding.start.line, finding.code, finding.message)

    fixed = fix_source(text).source

All functions are pure: they print nothing, read no configuration, and keep no state. Only
``check_paths`` reads files, those that say which Lightning a project requires among them; none
writes any. ``# noqa`` comments are respected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from hfmode_lint._version import __version__
from hfmode_lint.config import Options
from hfmode_lint.findings import Applicability, Edit, Finding, Fix, Position, Verdict

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = [
    "Applicability",
    "Edit",
    "Finding",
    "Fix",
    "FixResult",
    "Options",
    "Position",
    "Verdict",
    "__version__",
    "check_paths",
    "check_source",
    "fix_source",
]

_Source = TypeVar("_Source", str, bytes)


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
    :param filename: what the findings are to call it; no file is read.
    :param options: which rules are on; by default those that are on by default.
    :returns: the findings in the order of their positions. A source that is no Python gives one
        finding, HFM000.
    """
    from hfmode_lint import engine

    if isinstance(source, bytes):
        report = engine.check_bytes(source, filename, options or Options(), named=True)
        return list(report.findings)
    return engine.check_named(source, filename, options or Options())


def fix_source(
    source: _Source, filename: str = "<unknown>", options: Options | None = None
) -> FixResult[_Source]:
    """Make the fixes of one source: the safe ones, and all with ``Options(unsafe_fixes=True)``.

    Every character or byte outside of the fixes stays as it is, line ends, BOM and encoding
    included. A source that can't be parsed comes back unchanged.

    :param source: text, or the bytes of a file, which are decoded as Python does (PEP 263).
    :param filename: what the findings are to call it; no file is read or written.
    :param options: which rules are on, and whether unsafe fixes are made.
    """
    from hfmode_lint import engine

    if isinstance(source, bytes):
        report = engine.fix_bytes(source, filename, options or Options(), named=True)
        return FixResult(report.after, report.fixed, report.findings)
    fixed = engine.fix_text(source, filename, options or Options())
    return FixResult(fixed.text, fixed.applied, fixed.remaining)


def check_paths(
    paths: Iterable[str | os.PathLike[str]], options: Options | None = None
) -> list[Finding]:
    """Check files, and the Python files of folders.

    :param paths: files and folders; what is searched in a folder is told in
        ``hfmode_lint.discovery``.
    :param options: which rules are on, which files are excluded, and the version of Lightning
        where it is not to be looked for in the projects' files.
    :returns: the findings by file name, then position.
    :raises OSError: where a file or folder is missing or can't be read.
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
