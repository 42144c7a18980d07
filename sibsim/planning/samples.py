"""How clusters and repeated measurement change the number of people that is needed.

Sources: Kish 1965, "Survey Sampling", Wiley, ch. 5; Eldridge, Ashby and Kerry 2006, "Sample size
for cluster randomized trials: effect of coefficient of variation of cluster size", International
Journal of Epidemiology 35(5):1292-1300; Diggle, Heagerty, Liang and Zeger 2002, "Analysis of
Longitudinal Data", 2nd ed., section 2.4, for slopes, as in R's package `longpower`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import (
    ALPHA,
    POWER,
    Sided,
    at_least_zero,
    deviation,
    number,
    positive,
    refuse,
)
from sibsim.planning.arguments import icc as _icc
from sibsim.planning.testing import mde_multiplier

EQUAL_SIZES = 0.0
"""Coefficient of variation of clusters that are all of one size."""


def design_effect(people: ArrayLike, *, icc: ArrayLike, cv: ArrayLike = EQUAL_SIZES) -> FloatArray:
    """Return how much clusters raise the variance of a mean: 1 + ((1 + CV^2) m - 1) ICC.

    Parameters
    ----------
    people
        Mean people per cluster, m, at least 1.
    icc
        Share of variance between clusters, in [0, 1).
    cv
        Coefficient of variation of the clusters' sizes, at least 0.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    size = number("people", people)
    if (size < 1).any():
        refuse(
            "people",
            float(size.min()),
            rule="a cluster has at least one person",
            way_out="write the mean number of people per cluster",
        )
    mates = (1.0 + at_least_zero("cv", cv) ** 2) * size - 1.0
    return np.asarray(1.0 + mates * _icc("icc", icc))


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
