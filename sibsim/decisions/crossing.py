"""Where a figure crosses a target as one number moves: a bracket closed on it."""

from __future__ import annotations

from collections.abc import Callable

from scipy.optimize import brentq

TOLERANCE = 1e-6
"""A value is found when its bracket is this small in proportion: a price of 20,000 to 2 øre."""


def crossing(
    reached: Callable[[float], float], *, low: float, high: float, tolerance: float = TOLERANCE
) -> float:
    """Return where a function that is continuous, or jumps, goes through zero.

    Parameters
    ----------
    reached
        The function; the signs at the two ends differ.
    low, high
        Ends of the bracket.
    tolerance
        Width of the bracket that is enough, in proportion to the larger end.
    """
    width = tolerance * max(abs(low), abs(high))
    return float(brentq(reached, low, high, xtol=width, rtol=tolerance))
