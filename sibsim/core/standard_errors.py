"""Standard errors from what a study prints: events, limits, a p value, clusters it ignored.

All on the *additive scale* of the effect: the natural logarithm of a ratio, a difference as it is.

Assumptions: estimates are normal on that scale, so that limits and p values are those of a normal
distribution (where a study used t with few people, the standard error comes out too large);
clusters are of like size unless their spread is stated.

Sources: Higgins and others (eds.) 2019, "Cochrane Handbook for Systematic Reviews of
Interventions" 6, sections 6.3 (limits and p values) and 23.1.4 (clusters); Altman and Bland 2011,
"How to obtain the confidence interval from a P value", BMJ 343:d2090; Tierney, Stewart, Ghersi,
Burdett and Sydes 2007, "Practical methods for incorporating summary time-to-event data into
meta-analysis", Trials 8:16 (events); Kish 1965, "Survey Sampling", Wiley, ch. 5, and Eldridge,
Ashby and Kerry 2006, "Sample size for cluster randomized trials: effect of coefficient of variation
of cluster size", International Journal of Epidemiology 35(5):1292-1300 (design effect).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.effect_checks import finite, inside, positive, refuse_where

LEVEL = 0.95
"""Level of the confidence limits that studies print, unless they say otherwise."""

EQUAL_SIZES = 0.0
"""Coefficient of variation of clusters that are all of one size."""

EQUAL_GROUPS = 0.5
"""Share treated in a trial with two groups of one size."""


def hazard_ratio_variance(
    *, events: ArrayLike, share_treated: ArrayLike = EQUAL_GROUPS
) -> FloatArray:
    """Return the variance of a log hazard ratio: 1 / (events share (1 - share)), 4 / events.

    Parameters
    ----------
    events
        Events in both groups together, above zero.
    share_treated
        Share of the people who are treated, in (0, 1).

    Raises
    ------
    ArgumentError
        If a number is outside its range.
    """
    treated = inside("share_treated", share_treated)
    return np.asarray(1.0 / (positive("events", events) * treated * (1.0 - treated)))


def standard_error_of_limits(
    *, lower: ArrayLike, upper: ArrayLike, level: ArrayLike = LEVEL
) -> FloatArray:
    """Return the standard error behind confidence limits: (upper - lower) / (2 z).

    Parameters
    ----------
    lower, upper
        Limits on the additive scale: the logarithms of those of a ratio.
    level
        Their level, in (0, 1).

    Raises
    ------
    ArgumentError
        If the upper limit is not above the lower one, or the level is outside (0, 1).
    """
    width = finite("upper", upper) - finite("lower", lower)
    refuse_where(
        width <= 0, "upper - lower", width, rule="the upper limit is above the lower one; swap them"
    )
    z = ndtri(0.5 + inside("level", level) / 2.0)
    return np.asarray(width / (2.0 * z))


def standard_error_of_p(estimate: ArrayLike, *, p_value: ArrayLike) -> FloatArray:
    """Return the standard error behind a two-sided p value: abs(estimate) / z(1 - p / 2).

    Parameters
    ----------
    estimate
        Estimate on the additive scale, not 0.
    p_value
        Its exact p value for no effect, in (0, 1).

    Raises
    ------
    ArgumentError
        If the estimate is 0, of which a p value says nothing, or p is outside (0, 1).
    """
    size = np.abs(finite("estimate", estimate))
    refuse_where(
        size == 0,
        "estimate",
        size,
        rule="a p value gives no error of an estimate of 0; find its limits",
    )
    return np.asarray(size / -ndtri(inside("p_value", p_value) / 2.0))


def design_effect(
    cluster_size: ArrayLike, *, icc: ArrayLike, cv: ArrayLike = EQUAL_SIZES
) -> FloatArray:
    """Return how much clusters raise a variance: 1 + ((1 + CV^2) m - 1) ICC.

    A variance that ignored the clusters is multiplied by it; events and people are divided by it
    (`effective_number`).

    Parameters
    ----------
    cluster_size
        Mean people per cluster, m, at least 1.
    icc
        Intraclass correlation, the share of variance between clusters, in [0, 1).
    cv
        Coefficient of variation of the clusters' sizes, at least 0.

    Raises
    ------
    ArgumentError
        If a number is outside its range.
    """
    size, alike, varied = finite("cluster_size", cluster_size), finite("icc", icc), finite("cv", cv)
    refuse_where(
        size < 1,
        "cluster_size",
        size,
        rule="a cluster has at least one person; give their mean size",
    )
    refuse_where(
        (alike < 0) | (alike >= 1),
        "icc",
        alike,
        rule="an intraclass correlation lies in [0, 1); 0 is nobody alike",
    )
    refuse_where(varied < 0, "cv", varied, rule="it must be 0 or more; 0 is clusters of one size")
    return np.asarray(1.0 + ((1.0 + varied**2) * size - 1.0) * alike)


def effective_number(number: ArrayLike, *, cluster_size: ArrayLike, icc: ArrayLike) -> FloatArray:
    """Return how many independent people tell as much: number / design effect, not rounded.

    Used on events and on people alike, which keeps every share (Cochrane Handbook 23.1.4).

    Parameters
    ----------
    number
        Events or people.
    cluster_size, icc
        As in `design_effect`.

    Raises
    ------
    ArgumentError
        If a number is outside its range.
    """
    return np.asarray(finite("number", number) / design_effect(cluster_size=cluster_size, icc=icc))
