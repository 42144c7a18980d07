"""How many people a study of slopes needs, where each person is measured several times.

Source: Diggle, Heagerty, Liang and Zeger 2002, "Analysis of Longitudinal Data", 2nd ed., section
2.4, as in R's package `longpower`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Sided,
    deviation,
    number,
    positive,
    refuse,
)
from sibsim.planning.arguments import icc as _icc
from sibsim.planning.testing import mde_multiplier


def diggle_people(
    difference: ArrayLike,
    *,
    times: ArrayLike,
    sd: ArrayLike,
    correlation: ArrayLike,
    power: ArrayLike = POWER,
    alpha: ArrayLike = ALPHA,
    sided: Sided = 2,
) -> FloatArray:
    """Return the people per arm that a difference of two slopes needs.

    2 (z(1 - alpha/sided) + z(power))^2 sd^2 (1 - correlation) / (d^2 sum (t - mean t)^2).

    Parameters
    ----------
    difference
        Difference of mean change per unit of time, d, not 0.
    times
        When each person is measured, (M,), two times or more.
    sd
        Standard deviation of a result at one time, above 0.
    correlation
        Correlation of a person's results at any two times, in [0, 1).
    power
        Probability of finding the difference, in (0, 1).
    alpha, sided
        Level, and 1 or 2 directions.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    slope, when = number("difference", difference), number("times", times)
    spread = float(((when - when.mean()) ** 2).sum())
    if when.ndim != 1 or not spread > 0:
        refuse(
            "times",
            when.tolist(),
            rule="a slope needs two different times or more",
            way_out="write a list such as [0, 2, 5]",
        )
    z = mde_multiplier(alpha=alpha, sided=sided, power=power)
    variance = deviation("sd", sd) ** 2 * (1.0 - _icc("correlation", correlation))
    return np.asarray(2.0 * z**2 * variance / (positive("difference", np.abs(slope)) ** 2 * spread))
