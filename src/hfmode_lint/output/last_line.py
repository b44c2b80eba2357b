"""The last line of a run: how many findings there were, and what was done about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfmode_lint.findings import Finding


class Tally(NamedTuple):
    """What the last line of a run tells of.

    ``findings`` are those left, and ``fixed`` counts those that were fixed, or would be where
    ``would`` is true. ``unsafe_fixes`` says that these are made, so that none needs to be offered.
    For ``silenced`` findings a ``noqa`` comment was written. ``set_aside`` ones are not reported,
    as the mode is set elsewhere, and ``known`` ones, as the baseline has them.
    """

    findings: Sequence[Finding]
    fixed: int
    unsafe_fixes: bool
    would: bool = False
    silenced: int = 0
    set_aside: int = 0
    known: int = 0


def last_line(tally: Tally) -> str:
    """The last line of a run."""
    left = len(tally.findings)
    done = _done(tally)
    if not left:
        result = f"{done}; none left" if done else "All checks passed"
    else:
        found = f"{left} left" if done else f"Found {_problems(left)}"
        offers = ", ".join(_offers(tally.findings, unsafe_fixes=tally.unsafe_fixes))
        result = "; ".join(filter(None, (done, found))) + (f" ({offers})" if offers else "")
    return "; ".join((result, *_untold(tally)))


def _done(tally: Tally) -> str:
    if tally.silenced:
        return f"Added noqa for {_problems(tally.silenced)}"
    if not tally.fixed:
        return ""
    return f"{'Would fix' if tally.would else 'Fixed'} {_problems(tally.fixed)}"


def _untold(tally: Tally) -> Iterator[str]:
    if tally.set_aside:
        yield f"{tally.set_aside} not reported, as train mode is set elsewhere"
    if tally.known:
        yield f"{tally.known} not reported, as the baseline has them"


def _offers(findings: Sequence[Finding], *, unsafe_fixes: bool) -> Iterator[str]:
    # Most runs find nothing.
    from hfmode_lint.findings import Applicability

    kinds = [finding.fix.applicability for finding in findings if finding.fix is not None]
    safe = kinds.count(Applicability.SAFE)
    unsafe = kinds.count(Applicability.UNSAFE)
    if unsafe_fixes:
        safe, unsafe = safe + unsafe, 0
    if safe:
        yield f"{safe} fixable with --fix"
    if unsafe:
        yield f"{unsafe} {'more ' if safe else ''}with --fix --unsafe-fixes"


def _problems(count: int) -> str:
    return f"{count} problem{'' if count == 1 else 's'}"
