"""Which ``noqa`` comments name our rules in vain: the check of HFM010."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfmode_lint.findings import Applicability, Finding, Fix, Position
from hfmode_lint.rules import RULES, UNPARSABLE
from hfmode_lint.rules.hfm010_unused_noqa import RULE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hfmode_lint.suppression import Comment, Suppressions

_PREFIX = "HFM"


def unused_noqa(
    suppressions: Suppressions, found: Collection[Finding], judged: Collection[str], filename: str
) -> Iterator[Finding]:
    """Findings for the comments of a source text that hide nothing of what was found.

    :param found: all findings, those included that comments hide.
    :param judged: the codes of the rules that were run; of the others nothing is known.
    """
    if any(each.code == UNPARSABLE for each in found):
        # Nothing is known of the file.
        return
    for comment in suppressions.comments():
        first, last = comment.lines
        here = {each.code for each in found if first <= each.start.line <= last}
        idle = [code for code in comment.codes if _is_idle(code, here, judged)]
        if idle:
            yield _finding(comment, idle, filename)


def _is_idle(code: str, here: Collection[str], judged: Collection[str]) -> bool:
    if not code.startswith(_PREFIX) or code == RULE.code:
        return False
    meant = {known for known in RULES if known.startswith(code)}
    # What was not run might find something.
    return meant <= {*judged} and not meant & {*here}


def _finding(comment: Comment, idle: list[str], filename: str) -> Finding:
    edit = comment.without(idle)
    named = ", ".join(idle)
    fix = None
    if edit is not None:
        fix = Fix(f"Remove {named} from the noqa comment", Applicability.SAFE, (edit,))
    return Finding(
        RULE.code,
        f"noqa hides nothing of {named} here",
        Position(comment.row, comment.start),
        Position(comment.row, comment.end),
        filename,
        fix=fix,
    )
