"""The law of one reported number, given the parameters: its log density and its normal score.

A number of people is binomial or Poisson, a mean is normal. In clusters the binomial is a
quasi-binomial: x and n are divided by the design effect, so that the information is too, and so is
the density, as a step of 1 in x is one of 1 / design effect in what it is divided by. It then sums
to 1 to first order, and draws whose design effects differ (other people count in them) compare.

The normal score of x is z = Phi^-1(F(x) - f(x) / 2), F the distribution function and f the
probability of x (the mid-distribution function of Parzen), by which numbers that are dependent are
joined in a Gaussian copula.

Sources: McCullagh and Nelder (1989), Generalized Linear Models, 4.5, for the quasi-binomial; Parzen
(2004), Statistical Science 19(4), for the mid-distribution function.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import betainc, gammainc, gammaln, ndtr, ndtri, xlog1py, xlogy

from sibsim.core.arrays import FloatArray

CLIP = 1e-12
"""Normal scores are read from probabilities at least this far from 0 and 1, at most 7.03 from 0:
further out rounding decides them."""

LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
"""Logarithm of the normal density at its mean, less its sign, for a standard deviation of 1."""


def log_binomial(
    successes: float, *, trials: float, probability: FloatArray, inflation: FloatArray | float = 1.0
) -> FloatArray:
    """Return the log density of a number of successes; -infinity where it cannot be.

    Parameters
    ----------
    successes, trials
        The number x, and of how many, n.
    probability
        Probability of success, (1 or D,); cut to [0, 1].
    inflation
        Design effect d by which clusters raise the variance, at least about 1: the density is that
        of x / d of n / d, over d.
    """
    d = np.asarray(inflation)
    found = _log_mass(successes / d, trials=trials / d, probability=probability)
    return np.asarray(found - np.log(d))


def log_binomial_at_least(
    successes: float, *, trials: float, probability: FloatArray
) -> FloatArray:
    """Return log P(X >= x) of a number of successes, for what a capacity has cut off."""
    if successes <= 0:
        return np.zeros_like(probability)
    with np.errstate(divide="ignore"):
        return np.asarray(
            np.log(betainc(successes, trials - successes + 1.0, np.clip(probability, 0.0, 1.0)))
        )


def binomial_score(
    successes: float, *, trials: float, probability: FloatArray, inflation: FloatArray | float = 1.0
) -> FloatArray:
    """Return the normal score of a number of successes; parameters as in `log_binomial`."""
    x, n = successes / np.asarray(inflation), trials / np.asarray(inflation)
    p = np.clip(probability, 0.0, 1.0)
    mass = np.exp(_log_mass(x, trials=n, probability=probability))
    up_to = np.ones(mass.shape) if successes >= trials else betainc(n - x, x + 1.0, 1.0 - p)
    return _normal(up_to - mass / 2.0)


def log_poisson(number: float, *, mean: FloatArray) -> FloatArray:
    """Return the log density of a number that arrives, its mean (1 or D,)."""
    return np.asarray(xlogy(number, mean) - mean - gammaln(number + 1.0))


def log_poisson_at_least(number: float, *, mean: FloatArray) -> FloatArray:
    """Return log P(X >= x) of a number that arrives, for what a capacity has cut off."""
    if number <= 0:
        return np.zeros_like(mean)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(gammainc(number, mean)))


def log_normal(value: float, *, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the log density of a mean result with a standard deviation above 0, (1 or D,) each."""
    return np.asarray(-0.5 * ((value - mean) / sd) ** 2 - np.log(sd) - LOG_ROOT_TWO_PI)


def normal_score(value: float, *, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return the normal score of a mean result."""
    return _normal(np.asarray(ndtr((value - mean) / sd)))


def _log_mass(x: FloatArray, *, trials: FloatArray, probability: FloatArray) -> FloatArray:
    """Return the log of the binomial probability of x of n, which need not be whole numbers."""
    p = np.clip(probability, 0.0, 1.0)
    ways = gammaln(trials + 1.0) - gammaln(x + 1.0) - gammaln(trials - x + 1.0)
    return np.asarray(ways + xlogy(x, p) + xlog1py(trials - x, -p))


def _normal(probability: FloatArray) -> FloatArray:
    return np.asarray(ndtri(np.clip(probability, CLIP, 1.0 - CLIP)))
