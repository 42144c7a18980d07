"""Monte Carlo errors of the difference of one figure between two runs on the same luck.

Every figure is, but for terms of order 1 / D, a mean over draws of an influence i_d (see
`sibsim.core.statistics`). Two runs share the luck of every draw, so the error of the difference of
their figures is sd(i_d - j_d) / sqrt(D), far below the two errors. Influences: x - mean of a mean;
max(q - x, 0) / s, less its mean, of an expected shortfall; of a quantile (p - 1[x <= q]) / f(q)
(Bahadur 1966, "A note on quantiles in large samples", Annals of Mathematical Statistics
37(3):577-580), with 1 / f(q) = (Q(p + e) - Q(p - e)) / 2e, e the error of the share of draws at or
below q, as in Woodruff's interval. That slope is noisy: where two quantiles move in step the error
is a little too large. Over the defined draws each influence is divided by their share. A difference
of two probabilities has the error of matched proportions with half a draw added to each of the
four cells, so that none is called exact (Agresti and Min 2005, "Simple improved confidence
intervals for comparing matched proportions", Statistics in Medicine 24(5):729-740).
"""

from __future__ import annotations

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import TAIL, Estimate, mc_error_of_probability
from sibsim.decisions.conditions import Figure
from sibsim.figures import NEVER, is_probability

ADDED = 0.5
"""Draws added to each cell of a table of matched proportions (Agresti and Min 2005)."""


def error_of_difference(of: Figure, values: FloatArray, other: FloatArray) -> float:
    """Return the Monte Carlo standard error of figure(values) - figure(other).

    Zero where no draw differs. NaN where it cannot be told: a quantile of dates that may never
    come, which jumps from year to year, or a metric that is never defined.

    Parameters
    ----------
    of
        The figure.
    values, other
        Its metric in two runs with the same luck in every draw, NaN where undefined, (D,) each.
    """
    if np.array_equal(values, other, equal_nan=True):
        return 0.0
    if of.kind == "quantile" and of.metric.endswith(NEVER):
        return np.nan
    one, two = contributions(of, values), contributions(of, other)
    if _is_share(of) and not np.isnan([one, two]).any():
        return _of_matched(one, two)
    return float((influence(one) - influence(two)).std(ddof=1) / np.sqrt(one.size))


def difference(of: Figure, values: FloatArray, other: FloatArray) -> Estimate:
    """Return figure(values) - figure(other) on the same luck, with the error of that difference.

    Parameters
    ----------
    of
        The figure.
    values, other
        Its metric in two runs with the same luck, (D,) each.
    """
    one, two = of.of(values), of.of(other)
    apart = 0.0 if one.value == two.value else one.value - two.value
    error = error_of_difference(of, values, other)
    return Estimate(apart, mc_error=error, undefined=max(one.undefined, two.undefined))


def contributions(of: Figure, values: FloatArray) -> FloatArray:
    """Return what each draw adds to a figure but for a constant, NaN where undefined, (D,).

    Parameters
    ----------
    of
        The figure.
    values
        Its metric, NaN where undefined, (D,).
    """
    if of.metric.endswith(NEVER):
        values = np.where(np.isnan(values), np.inf, values)
    undefined = np.isnan(values)
    defined = values[~undefined]
    if of.kind == "mean" or not defined.size:
        return values
    if of.kind == "probability":
        return np.where(undefined, np.nan, of.happens(values))
    if of.kind == "shortfall":
        boundary = np.sort(defined)[int(TAIL * defined.size)]
        excess: FloatArray = np.maximum(boundary - values, 0.0) / TAIL
        return excess
    middle = of.of(values).value
    slope = _slope(defined, at=middle, probability=of.at)
    return np.where(undefined, np.nan, -slope * (values <= middle))


def influence(contribution: FloatArray) -> FloatArray:
    """Return the influence of each draw on a mean over the defined draws, (D,).

    Parameters
    ----------
    contribution
        What each draw adds, NaN where undefined, (D,).
    """
    defined = ~np.isnan(contribution)
    if not defined.any():
        return contribution
    centred = contribution - contribution[defined].mean()
    found: FloatArray = np.where(defined, centred, 0.0) / defined.mean()
    return found


def _slope(defined: FloatArray, *, at: float, probability: float) -> float:
    """Return 1 / f(q): by how much a quantile moves per share of draws."""
    share = mc_error_of_probability(defined <= at)
    ends = np.clip([probability - share, probability + share], 0.0, 1.0)
    lower, upper = np.quantile(defined, ends)
    return float((upper - lower) / (ends[1] - ends[0]))


def _is_share(of: Figure) -> bool:
    return of.kind == "probability" or (of.kind == "mean" and is_probability(of.metric))


def _of_matched(one: FloatArray, two: FloatArray) -> float:
    """Return the error of the difference of two shares of the same draws."""
    more = float(((one - two) > 0).sum()) + ADDED
    less = float(((one - two) < 0).sum()) + ADDED
    number = one.size + 4 * ADDED
    return float(np.sqrt(more + less - (more - less) ** 2 / number) / number)
