"""Methods that change a list, set, queue or dictionary, as Python's documentation has them."""

from __future__ import annotations

# Those that may take something out.
REMOVING_METHODS = frozenset(
    {
        "clear", "difference_update", "discard", "intersection_update", "pop", "popitem", "popleft",
        "remove", "symmetric_difference_update",
    }
)  # fmt: skip

# All of them, and the one that OmegaConf's dictionaries have besides.
CHANGING_METHODS = REMOVING_METHODS | {
    "add", "append", "appendleft", "extend", "extendleft", "insert", "merge_with", "reverse",
    "rotate", "setdefault", "sort", "update",
}  # fmt: skip
