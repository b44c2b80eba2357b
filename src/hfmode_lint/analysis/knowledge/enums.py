"""Classes whose objects are the members that they list, as Python's documentation has them."""

from __future__ import annotations

ENUMS = frozenset(
    {"enum.Enum", "enum.Flag", "enum.IntEnum", "enum.IntFlag", "enum.ReprEnum", "enum.StrEnum"}
)
# The attribute of a member that has what it stands for.
ENUM_VALUE = "value"
# Those whose members are not numbered one by one where nobody writes their values.
UNCOUNTED = frozenset({"builtins.str", "enum.Flag", "enum.IntFlag", "enum.StrEnum"})
