"""What every rule is: a code, a name, its documentation, examples, and a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hfmode_lint.analysis import FileAnalysis
    from hfmode_lint.findings import Finding


@immutable
class Rule:
    """One rule; its texts are its documentation, its ``--explain`` output and one of its tests.

    ``failing`` and ``passing`` are whole programs: the first gives a finding of this rule, the
    second gives none. ``check`` is None for a rule that the engine itself reports.
    ``since_lightning_2_2`` says that what is reported is true only where ``fit`` keeps the modes
    that it finds: before Lightning 2.2 it called ``train()`` on the whole module. Where a project
    says that this is done out of sight, the finding is set aside for the same reason.
    ``about_loops`` says that it is about training loops, whose files need not mention Lightning.
    """

    code: str
    name: str
    summary: str
    why: str
    failing: str
    passing: str
    fixable: bool
    check: Callable[[FileAnalysis], Iterator[Finding]] | None
    default: bool = True
    since_lightning_2_2: bool = False
    about_loops: bool = False
