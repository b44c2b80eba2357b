"""What is known of a quantity, where a run may have been stopped before its end.

A run that was stopped after N seconds would have taken more: its time lies between N and infinity.
Ratios and medians of such times have bounds as well, and say "more than" or "less than".
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# A number, or {"over": number}.
Json = float | dict[str, float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A quantity that lies between two numbers, which are the same where it is known."""

    low: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Bounds:
        """A quantity that is known."""
        return cls(value, value)

    @classmethod
    def over(cls, value: float) -> Bounds:
        """A quantity of which only a lower bound is known."""
        return cls(value, math.inf)

    @classmethod
    def from_json(cls, value: Json) -> Bounds:
        """The opposite of :meth:`to_json`."""
        return cls.over(value["over"]) if isinstance(value, dict) else cls.exactly(value)

    def to_json(self) -> Json:
        """A number, or ``{"over": number}`` for what was stopped."""
        return self.low if self.is_known else {"over": self.low}

    @property
    def is_known(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __truediv__(self, other: Bounds) -> Bounds:
        """The ratio of two quantities that are not negative."""
        return Bounds(
            self.low / other.high,
            math.inf if math.isinf(self.high) or not other.low else self.high / other.low,
        )

    def is_at_most(self, limit: float) -> bool | None:
        """Whether it reaches a limit; None where its bounds don't tell."""
        if self.high <= limit:
            return True
        return False if self.low > limit else None

    def show(self) -> str:
        """For people: ``1.23``, ``over 300``, ``under 0.05`` or ``unknown``."""
        if self.is_known:
            return _rounded(self.low)
        if math.isfinite(self.high):
            return f"under {_rounded(self.high)}"
        return f"over {_rounded(self.low)}" if self.low else "unknown"


def median(values: Iterable[Bounds]) -> Bounds:
    """The median: it lies between that of the lower and that of the upper bounds."""
    known = list(values)
    return Bounds(
        statistics.median(each.low for each in known),
        statistics.median(each.high for each in known),
    )


def median_ratio(ours: Iterable[Bounds], theirs: Iterable[Bounds]) -> Bounds:
    """The median of the ratios of runs that stand in the same rounds."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))


def _rounded(value: float) -> str:
    """Three digits, and no more than are there."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
