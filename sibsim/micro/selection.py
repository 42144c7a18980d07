"""People who come when things are worst: selected by a result before, and what it does to it.

Of a normal population with mean M and sd S those below a cutoff c have, with a = (c - M) / S and
h = phi(a) / Phi(a), the mean M - S h and the variance S^2 (1 - a h - h^2) (Johnson, Kotz and
Balakrishnan 1994, "Continuous Univariate Distributions", vol. 1, 2nd ed., section 13.10.1). Where
the next result is M + slope (x - M) without the intervention, their mean changes by itself by
(1 - slope) S h: regression to the mean.
"""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError

STRICTEST, LAXEST = -7.0, 7.0
"""Cutoffs, in sd of the population from its mean, between which a selection is looked for: beyond
them nobody in 10^11 is selected, or nobody is left out."""

HALVINGS = 80
"""Of an interval of 14 to below the spacing of numbers."""


def selected_before(
    rng: np.random.Generator,
    *,
    shape: tuple[int, int],
    mean: float,
    sd: float,
    slope: float,
    change: float,
) -> FloatArray:
    """Return results before of people selected by them, (R, N).

    Parameters
    ----------
    rng
        Source of the randomness.
    shape
        Replicates and people.
    mean, sd
        Mean and standard deviation before among those selected.
    slope
        Slope of a result after on the one before.
    change
        What the mean of those selected changes by itself, after less before; where it is negative
        those above a cutoff are selected.

    Raises
    ------
    ArgumentError
        If no selection changes the mean by so much.
    """
    if change == 0:
        return mean + sd * rng.standard_normal(shape)
    if slope >= 1:
        message = (
            f"got a slope of {slope:.3g} of results after on those before; below 1 there is "
            "regression to the mean; lower the correlation or raise sd_before"
        )
        raise ArgumentError(message)
    wanted = abs(change) / (1.0 - slope) / sd
    cutoff = _cutoff(wanted)
    spread = sd / _spread(cutoff)
    middle = spread * _hazard(cutoff)
    drawn = ndtri(rng.random(shape) * ndtr(cutoff))
    found: FloatArray = mean + np.sign(change) * (middle + spread * drawn)
    return found


def _cutoff(wanted: float) -> float:
    """Return the cutoff at which those selected lie `wanted` of their own sd from the mean."""
    low, high = STRICTEST, LAXEST
    if not _distance(high) <= wanted <= _distance(low):
        message = (
            f"got a change by itself that needs people {wanted:.3g} sd from the mean of all; "
            "selection reaches 50 sd at most; lower regression_to_the_mean or raise sd_before"
        )
        raise ArgumentError(message)
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _distance(middle) > wanted else (low, middle)
    return (low + high) / 2.0


def _distance(cutoff: float) -> float:
    return _hazard(cutoff) / _spread(cutoff)


def _hazard(cutoff: float) -> float:
    """Return phi(a) / Phi(a)."""
    log_density = -0.5 * (cutoff**2 + np.log(2.0 * np.pi))
    return float(np.exp(log_density - log_ndtr(cutoff)))


def _spread(cutoff: float) -> float:
    hazard = _hazard(cutoff)
    return float(np.sqrt(1.0 - cutoff * hazard - hazard**2))
