"""What came out of a run, to be shown: reports, problems, and lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.discovery import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfmode_lint.config import Options
    from hfmode_lint.engine import FileReport
    from hfmode_lint.findings import Finding
    from hfmode_lint.set_elsewhere import SetElsewhere


class Outcome:
    """The reports of the files that have something to say, in their order, and the problems.

    ``projects`` are lines for people: what is known of the Lightning of each project. ``set_aside``
    has the entries of the configuration that hold for some file, whether anything was set aside
    for them or not. ``size`` is how many bytes the parsed files have.
    ``unread`` are other lines: the configurations that can't be understood. ``known`` is how many
    findings were taken out, as a baseline has them. ``is_from_cache`` says that an earlier run has
    found all this, so that nothing was parsed.
    """

    # Written out, as each run makes one, and a dataclass takes ten times as long to be defined.
    def __init__(self, *, parsed: int = 0, is_from_cache: bool = False) -> None:
        """Begin with nothing to show."""
        self.reports: list[FileReport] = []
        self.problems: list[Problem] = []
        self.parsed = parsed
        self.size = 0
        self.projects: tuple[str, ...] = ()
        self.unread: tuple[str, ...] = ()
        # By why they can't be true.
        self.not_yet_true: dict[str, list[Finding]] = {}
        self.set_aside: dict[SetElsewhere, list[Finding]] = {}
        self.known = 0
        self.is_from_cache = is_from_cache

    def expect(self, entries: Iterable[SetElsewhere]) -> None:
        """Take entries that hold for a file, before it is known whether anything is set aside."""
        for entry in entries:
            self.set_aside.setdefault(entry, [])

    def fail(self, message: str) -> None:
        """Take what is wrong with a project, once for all its files."""
        problem = Problem(message)
        if problem not in self.problems:
            self.problems.append(problem)

    def add(self, result: FileReport | Problem, options: Options) -> None:
        """Take the result of one file, for which these options held."""
        if isinstance(result, Problem):
            self.problems.append(result)
            return
        if result.findings or result.fixed or result.silenced or result.set_aside:
            self.reports.append(result)
        for finding in result.set_aside:
            if finding.set_elsewhere is not None:
                self.set_aside.setdefault(finding.set_elsewhere, []).append(finding)
        if result.not_yet_true:
            # Imported for the few runs that have such a finding.
            from hfmode_lint.lightning_version import why_not_yet_true

            for finding in result.not_yet_true:
                why = why_not_yet_true(finding, options.lightning)
                self.not_yet_true.setdefault(why, []).append(finding)
