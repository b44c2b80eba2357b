"""How often processes of ours look for garbage.

Syntax trees and what is computed with them are freed by their reference counts. The collector,
which looks for circles, finds next to none, and took a seventh of the time of a long run.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# How many more objects than before there are when it begins to look; Python says 700 or 2,000.
_NEW_OBJECTS = 100_000


def collect_rarely() -> None:
    """Let the collector of this process look seldom; its memory grows by a few megabytes."""
    gc.set_threshold(_NEW_OBJECTS)


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let it look seldom for a while, in a process that is not ours and may have it look never."""
    before = gc.get_threshold()
    if 0 < before[0] < _NEW_OBJECTS:
        collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def collect_no_more() -> None:
    """Keep the collector from looking at all there is once more, as it does when a process ends.

    That took a tenth of the time of a short run.
    """
    gc.freeze()
