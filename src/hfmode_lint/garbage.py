"""How often processes of ours look for garbage.

Syntax trees and what is computed with them are freed by their reference counts. The collector,
which looks for circles, finds next to none, and took a seventh of the time of a long run.
"""

from __future__ import annotations

import gc

# How many more objects than before there are when it begins to look; Python says 700 or 2,000.
_NEW_OBJECTS = 100_000


def collect_rarely() -> None:
    """Let the collector of this process look seldom; its memory grows by a few megabytes."""
    gc.set_threshold(_NEW_OBJECTS)


def collect_no_more() -> None:
    """Keep the collector from looking at all there is once more, as it does when a process ends.

    That took a tenth of the time of a short run.
    """
    gc.freeze()
