"""Where a figure crosses a target as one number moves: a bracket closed on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

TOLERANCE = 1e-6
"""A value is found when its bracket is this small in proportion: a price of 20,000 to 2 øre."""

HALF = 0.5
"""Share of a tolerance that each of two parts of it has: a fixed and a proportional one."""

ABOVE = float(np.finfo(np.float64).tiny)
"""What a value of exactly zero counts as, so that a stretch of them is on the reaching side."""


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


def reaching(
    reached: Callable[[float], float], *, low: float, high: float, tolerance: float = TOLERANCE
) -> float:
    """Return where a monotone function first is, or last is, at or above zero.

    The value lies on the reaching side of a jump, and at the edge of a stretch where the function
    is zero; `crossing` may return any point of that.

    Parameters
    ----------
    reached
        The function, which rises or falls; at one of the two ends it is at or above zero.
    low, high
        Ends of the bracket.
    tolerance
        Width of the bracket that is enough, in proportion to the value.
    """

    def side(value: float) -> float:
        found = reached(value)
        return max(found, ABOVE) if found >= 0 else found

    at_low, at_high = reached(low), reached(high)
    if min(at_low, at_high) >= 0:
        return low if at_high >= at_low else high
    part = tolerance * HALF
    width = part * (min(abs(low), abs(high)) or max(abs(low), abs(high)))
    found = float(brentq(side, low, high, xtol=width, rtol=part))
    if side(found) > 0:
        return found
    step = width + part * abs(found)
    return min(found + step, high) if at_high >= at_low else max(found - step, low)
