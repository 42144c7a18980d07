"""One solver for all of planning: where a rising function first reaches a target.

Every round looks at several points inside each interval at once and keeps the part in which the
target is reached; the last part is crossed by a straight line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray

POINTS, ROUNDS = 3, 22
"""Points inside an interval and rounds: the interval shrinks by 4^22, beyond a double's half."""

Rising = Callable[[FloatArray], FloatArray]
"""A function of points (M, ...) that gives as many values, rising along every interval."""


def fewest(reached: Callable[[int], bool], *, above: int, most: int) -> int | None:
    """Return the smallest whole number above one and up to another that is enough; None: none is.

    Parameters
    ----------
    reached
        Whether a number is enough; where one is, every larger one is.
    above
        A number that is too few.
    most
        The largest looked at.
    """
    if most <= above or not reached(most):
        return None
    too_few, enough = above, most
    while enough - too_few > 1:
        # The geometric middle: sizes lie in a range of five orders of magnitude.
        middle = min(max(round(np.sqrt(float(enough * too_few))), too_few + 1), enough - 1)
        if reached(middle):
            enough = middle
        else:
            too_few = middle
    return enough


def first_reached(
    rising: Rising,
    *,
    target: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    points: int = POINTS,
    rounds: int = ROUNDS,
) -> FloatArray:
    """Return where a rising function first reaches a target, in the shape of the intervals.

    The lower end where it is reached there already; NaN where it is not reached at the upper end.

    Parameters
    ----------
    rising
        The function, of points (M, ...).
    target
        What has to be reached; broadcasts.
    lower, upper
        Ends of the intervals; they broadcast.
    points
        Points looked at in every round, M.
    rounds
        Number of rounds; the error is about (upper - lower) / (M + 1)^rounds squared.
    """
    target, low, high = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (target, lower, upper))
    )
    at_low, at_high = (
        np.broadcast_to(rising(each[np.newaxis])[0], low.shape) for each in (low, high)
    )
    never = ~(at_high >= target)
    steps = np.arange(1.0, points + 1.0).reshape(points, *np.ones(low.ndim, dtype=int))
    steps = steps / (points + 1.0)
    for _ in range(rounds):
        inner = low + (high - low) * steps
        grid = np.concatenate([low[np.newaxis], inner, high[np.newaxis]])
        found = np.broadcast_to(rising(inner), inner.shape)
        values = np.concatenate([at_low[np.newaxis], found, at_high[np.newaxis]])
        # The upper end always counts as reached, so that there is a first one.
        first = np.argmax(values[1:-1] >= target, axis=0)
        first = np.where((values[1:-1] >= target).any(axis=0), first, points)[np.newaxis]
        low, high = (np.take_along_axis(grid, first + k, axis=0)[0] for k in (0, 1))
        at_low, at_high = (np.take_along_axis(values, first + k, axis=0)[0] for k in (0, 1))
    rise = at_high - at_low
    part = np.where(rise > 0, (target - at_low) / np.where(rise > 0, rise, 1.0), 1.0)
    found = np.asarray(low + (high - low) * np.clip(part, 0.0, 1.0))
    return np.where(never, np.nan, found)
