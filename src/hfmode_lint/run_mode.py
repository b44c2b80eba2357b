"""What a run does with the files: check, fix, show the fixes, or hide the findings."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfmode_lint.engine import Examine


class Mode(Enum):
    """What to do with the files: nothing, make the fixes, show them, or hide the findings."""

    CHECK = "check"
    FIX = "fix"
    DIFF = "diff"
    ADD_NOQA = "add-noqa"

    @property
    def examine(self) -> Examine:
        """What is done with one file's content."""
        if self is Mode.ADD_NOQA:
            # Imported for those who want that only.
            from hfmode_lint.noqa_comments import add_noqa

            return add_noqa
        from hfmode_lint.engine import check_bytes, fix_bytes

        return check_bytes if self is Mode.CHECK else fix_bytes

    @property
    def rewrites(self) -> bool:
        """Whether files are changed."""
        return self in (Mode.FIX, Mode.ADD_NOQA)
