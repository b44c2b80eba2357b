"""Findings that a project has accepted: only new ones are reported.

A baseline is a JSON file for people to read in reviews: for each file the fingerprints of its
findings, each with what it is about. Names of files count from the baseline's folder.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hfmode_lint.edits import replace_file
from hfmode_lint.fingerprints import fingerprints
from hfmode_lint.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding

_VERSION = 1


class BaselineError(Exception):
    """There is no baseline where one is wanted; the message is one line."""


@dataclass(slots=True)
class Baseline:
    """The findings that are known, by file and fingerprint, and the file that says so."""

    path: str
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    def new_ones(self, report: FileReport) -> FileReport:
        """The report of a file without the findings that are known."""
        known = self.files.get(self._name(report.filename), {})
        if not known:
            return report
        new = [finding for finding, print_ in fingerprints(report) if print_ not in known]
        return replace(report, findings=tuple(new))

    def update(self, checked: Iterable[str], reports: Iterable[FileReport]) -> None:
        """Take what was found in some files for what is known of them, and forget deleted files.

        :param checked: the names of all files that were checked.
        """
        for name in [*map(self._name, checked), *filter(self._is_gone, self.files)]:
            self.files.pop(name, None)
        for report in reports:
            known = {print_: _about(finding) for finding, print_ in fingerprints(report)}
            if known:
                self.files[self._name(report.filename)] = known

    def save(self) -> None:
        """Write the file, at once and always in the same order.

        :raises OSError: where it can't be written.
        """
        content = {"version": _VERSION, "files": self.files}
        data = f"{json.dumps(content, indent=2, sort_keys=True)}\n".encode()
        try:
            with open(self.path, "xb") as file:
                file.write(data)
        except FileExistsError:
            replace_file(self.path, read(self.path), data)

    def _name(self, filename: str) -> str:
        try:
            name = os.path.relpath(filename, self._folder)
        except ValueError:
            # Windows: it is on another drive.
            name = os.path.abspath(filename)
        return name.replace(os.sep, "/")

    def _is_gone(self, name: str) -> bool:
        return not os.path.exists(os.path.join(self._folder, name))

    @property
    def _folder(self) -> str:
        """From where the names of files count."""
        return os.path.dirname(os.path.abspath(self.path))


def load_baseline(path: str, *, create: bool) -> Baseline:
    """Read a baseline.

    :param create: one that is not there is empty.
    :raises BaselineError: where it can't be read, or the file is something else.
    """
    try:
        return Baseline(path, _files(json.loads(read(path))))
    except FileNotFoundError:
        if create:
            return Baseline(path)
        raise BaselineError(f"{path}: no such baseline (--update-baseline makes it)") from None
    except OSError as error:
        raise BaselineError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise BaselineError(f"{path}: no baseline of hfmode-lint") from None


def _files(content: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401 - any JSON
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise ValueError("another version")
    files = content.get("files")
    if not isinstance(files, dict) or not all(isinstance(each, dict) for each in files.values()):
        raise ValueError("no table of files")
    return files


def _about(finding: Finding) -> str:
    return " ".join(filter(None, (finding.code, finding.module_path)))
