"""Meta-regression: the coefficients of moderators and how much of the differences they explain.

Berkey, Hoaglin, Mosteller and Colditz 1995, A random-effects regression model for meta-analysis,
Statistics in Medicine 14(4); the share of tau^2 explained as in Raudenbush 1994 in Cooper and
Hedges, The Handbook of Research Synthesis. A coefficient compares studies, not people: studies with
another value may differ in other things too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from sibsim.evidence.heterogeneity import Contrasts, estimate_of
from sibsim.evidence.studies import Studies
from sibsim.evidence.weighting import Fit, Method


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a meta-regression, on the additive scale."""

    name: str
    """`intercept`, the name of a number moderator, or `design: register`: how much larger the
    effect is at that word than at the first in the alphabet."""

    estimate: float
    """Its value: change of the effect per unit of the moderator."""

    standard_error: float
    """Its standard error."""

    low: float
    """Lower end of its interval."""

    high: float
    """Upper end."""

    p: float
    """Two-sided p-value of its being 0."""


@dataclass(frozen=True, slots=True)
class ModeratorTest:
    """How much of the difference between places the moderators explain."""

    statistic: float
    """QM: the Wald statistic of all coefficients but the intercept, chi-squared; with
    Knapp-Hartung divided by their number, F."""

    degrees: int
    """Number of those coefficients."""

    p: float
    """p-value of their all being 0."""

    r2: float | None
    """Share of tau^2 without moderators that they explain, cut at 0; None for a common effect and
    where tau^2 is 0 without them."""


def coefficients_of(fit: Fit, *, names: Sequence[str], level: float) -> tuple[Coefficient, ...]:
    """Return the coefficients with their intervals and p-values, normal or t as the fit is.

    Parameters
    ----------
    fit
        The regression.
    names
        Names of its coefficients, p of them.
    level
        Probability that intervals are to cover, in (0, 1).
    """
    errors = np.sqrt(np.diagonal(fit.covariance))
    reach = fit.quantile(level) * errors
    ratio = -np.abs(fit.coefficients / errors)
    below = ndtr(ratio) if fit.degrees is None else stdtr(fit.degrees, ratio)
    columns = (fit.coefficients, errors, fit.coefficients - reach, fit.coefficients + reach)
    return tuple(
        Coefficient(name, *(float(each) for each in row))
        for name, *row in zip(names, *columns, 2.0 * below, strict=True)
    )


def moderator_test(studies: Studies, *, method: Method, fit: Fit) -> ModeratorTest:
    """Return the test of all coefficients but the intercept, and the share they explain.

    Parameters
    ----------
    studies
        The studies.
    method
        Common effect, or estimator of tau^2.
    fit
        Their regression on the moderators.

    Raises
    ------
    SolveError
        If tau^2 without the moderators is not found.
    """
    slopes = fit.coefficients[1:]
    statistic = float(slopes @ np.linalg.solve(fit.covariance[1:, 1:], slopes))
    degrees = len(slopes)
    if fit.degrees is None:
        p = float(chdtrc(degrees, statistic))
    else:
        statistic /= degrees
        p = float(fdtrc(degrees, fit.degrees, statistic))
    r2 = None
    if method != "fixed":
        ones = np.ones((studies.number, 1))
        plain = Contrasts.of(studies.estimate, variance=studies.variance, design=ones)
        without = float(estimate_of(plain, method=method).tau2)
        r2 = max(0.0, 1.0 - float(fit.tau2) / without) if without > 0 else None
    return ModeratorTest(statistic=statistic, degrees=degrees, p=p, r2=r2)
