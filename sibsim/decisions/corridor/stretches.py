"""Stretches of a number line on which conditions hold, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sibsim.decisions.crossing import crossing

TOLERANCE = 1e-4
"""An end is found when its bracket is this small in proportion: a price of 20,000 to 2 kroner,
far below its Monte Carlo error."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Values from `low` to `high`, and which condition ends them on either side."""

    low: float
    """Lowest value."""

    high: float
    """Highest value."""

    low_by: int | None = None
    """Number of the condition that ceases to hold below; None: the bound of the search."""

    high_by: int | None = None
    """Number of the condition that ceases to hold above; None: the bound of the search."""

    def away(self, value: float) -> float:
        """Return how far a value lies outside, in proportion; 0 inside."""
        if self.low <= value <= self.high:
            return 0.0
        return float(np.log(self.low / value) if value < self.low else np.log(value / self.high))


def stretches_of(
    slack: Callable[[float], float], *, grid: Sequence[float], by: int
) -> list[Stretch]:
    """Return where a slack is at least zero: sign changes over a grid, each closed.

    A stretch that begins and ends between two neighbours of the grid is not seen.

    Parameters
    ----------
    slack
        By how much a condition is kept at a value; minus infinity where its figure is undefined.
    grid
        Values, rising, positive.
    by
        Number of the condition.
    """
    kept = [slack(value) for value in grid]
    found = []
    begun: tuple[float, int | None] | None = (grid[0], None) if kept[0] >= 0 else None
    for (low, at_low), (high, at_high) in pairwise(zip(grid, kept, strict=True)):
        if (at_low >= 0) == (at_high >= 0):
            continue
        end = _end(slack, low=low, high=high)
        if begun is None:
            begun = (end, by)
        else:
            found.append(Stretch(begun[0], end, begun[1], by))
            begun = None
    if begun is not None:
        found.append(Stretch(begun[0], grid[-1], begun[1], None))
    return found


def _end(slack: Callable[[float], float], *, low: float, high: float) -> float:
    """Return the end of a stretch: the value that still holds, next to one that does not."""
    seen: dict[float, float] = {}

    def reached(value: float) -> float:
        seen[value] = slack(value)
        return seen[value]

    found = crossing(reached, low=low, high=high, tolerance=TOLERANCE)
    return min((value for value in seen if seen[value] >= 0), key=lambda each: abs(each - found))


def common(first: Sequence[Stretch], second: Sequence[Stretch]) -> list[Stretch]:
    """Return what two sets of stretches have in common, in order."""
    found = []
    for a in first:
        for b in second:
            low = max(a, b, key=lambda each: each.low)
            high = min(a, b, key=lambda each: each.high)
            if low.low <= high.high:
                found.append(Stretch(low.low, high.high, low.low_by, high.high_by))
    return found


def nearest_to(stretches: Sequence[Stretch], value: float) -> Stretch:
    """Return the stretch that holds a value, else the nearest to it in proportion."""
    return min(stretches, key=lambda each: each.away(value))
