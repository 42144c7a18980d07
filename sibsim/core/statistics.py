"""Figures over draws: Monte Carlo errors, value at risk, expected shortfall, loss given loss.

Values are one number per draw, shape (D,), in draw order. NaN means that the figure is undefined
in that draw. Every function is taken over the defined draws and says so by `undefined_share`, or
by `Estimate.undefined`; with no defined draw the result is NaN.

**Errors.** A Monte Carlo error is the standard deviation of an estimate over repeated simulations.
Every estimate here is, but for terms of order 1 / D, a mean over draws of an *influence* i_d
(Hampel 1974, "The influence curve and its role in robust estimation", JASA 69(346):383-393). With
independent draws its error is sd(i) / sqrt(D). Where draws come in independently randomised nets
of 512 (Latin hypercube, Sobol) draws within a net depend on each other, so the error is
sd(net means of i) / sqrt(number of nets); a last, incomplete net is left out of the error but not
of the estimate. Fewer than two draws or nets: NaN, the error cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.sampling import NET_DRAWS

TAIL = 0.05
"""Share of worst draws that value at risk and expected shortfall look at."""

LEAST_REPEATS = 2
"""Draws or nets without which a standard deviation cannot be told."""

ADDED_SUCCESSES, ADDED_DRAWS = 2, 4
"""Added before the error of a probability is taken, so that 0 of D is not called exact.

Agresti and Coull 1998, "Approximate is better than 'exact' for interval estimation of binomial
proportions", The American Statistician 52(2):119-126.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over draws, its Monte Carlo error and the share of draws it leaves out."""

    value: float
    """The figure over the draws in which it is defined; NaN if there are none."""

    mc_error: float
    """Its Monte Carlo standard error, in the same unit."""

    undefined: float
    """Share of draws in [0, 1] in which it is not defined, and which it therefore leaves out."""


def undefined_share(values: FloatArray) -> float:
    """Return the share of draws whose value is NaN, in [0, 1]; NaN if there are no draws."""
    return float(np.isnan(values).mean()) if values.size else np.nan


def mc_error_of_mean(values: FloatArray, *, nets: bool = False) -> float:
    """Return the Monte Carlo standard error of the mean over the defined draws.

    sd / sqrt(D), the influence of a draw being x_d - mean.

    Parameters
    ----------
    values
        One number per draw, NaN where undefined, (D,).
    nets
        Whether draws come in independently randomised nets of 512.
    """
    defined = ~np.isnan(values)
    if not defined.any():
        return np.nan
    return _error_of_ratio(np.where(defined, values, 0.0), of=defined, nets=nets)


def mc_error_of_probability(event: FloatArray | BoolArray, *, nets: bool = False) -> float:
    """Return the Monte Carlo standard error of the share of defined draws with the event.

    sqrt(q (1 - q) / (n + 4)), q = (k + 2) / (n + 4), for k events in n independent draws: never
    zero, unlike that of `mc_error_of_mean`. In nets it is the error of the mean.

    Parameters
    ----------
    event
        One indicator per draw, 1 or True where it happens, NaN where undefined, (D,).
    nets
        Whether draws come in independently randomised nets of 512.
    """
    happens = np.asarray(event, dtype=np.float64)
    if nets:
        return mc_error_of_mean(happens, nets=True)
    number = int((~np.isnan(happens)).sum())
    if number == 0:
        return np.nan
    q = (float(np.nansum(happens)) + ADDED_SUCCESSES) / (number + ADDED_DRAWS)
    return float(np.sqrt(q * (1.0 - q) / (number + ADDED_DRAWS)))


def mc_error_of_quantile(values: FloatArray, *, probability: float, nets: bool = False) -> float:
    """Return the Monte Carlo standard error of a quantile over the defined draws.

    (Q(p + e) - Q(p - e)) / 2, half the distance between two order statistics, e the error of the
    share of draws at or below Q(p): no density is estimated and ties do no harm. Woodruff 1952,
    "Confidence intervals for medians and other position measures", JASA 47(260):635-646.

    Parameters
    ----------
    values
        One number per draw, NaN where undefined, (D,).
    probability
        p in (0, 1): 0.05 for the 5 % quantile.
    nets
        Whether draws come in independently randomised nets of 512.
    """
    defined = values[~np.isnan(values)]
    if defined.size < LEAST_REPEATS:
        return np.nan
    below = np.where(np.isnan(values), np.nan, values <= np.quantile(defined, probability))
    share = mc_error_of_probability(below, nets=nets)
    if np.isnan(share):
        return np.nan
    ends = np.clip([probability - share, probability + share], 0.0, 1.0)
    lower, upper = np.quantile(defined, ends)
    return float(upper - lower) / 2.0


def value_at_risk(profit: FloatArray, *, tail: float = TAIL, nets: bool = False) -> Estimate:
    """Return the loss that is exceeded in a share `tail` of draws: -Q(tail) of the profit.

    Positive is a loss. How bad it gets beyond is told by `expected_shortfall`.

    Parameters
    ----------
    profit
        Profit per draw in money, NaN where undefined, (D,).
    tail
        Share in (0, 1).
    nets
        Whether draws come in independently randomised nets of 512.
    """
    defined = profit[~np.isnan(profit)]
    value = -float(np.quantile(defined, tail)) if defined.size else np.nan
    error = mc_error_of_quantile(profit, probability=tail, nets=nets)
    return Estimate(value, mc_error=error, undefined=undefined_share(profit))


def expected_shortfall(profit: FloatArray, *, tail: float = TAIL, nets: bool = False) -> Estimate:
    """Return the mean loss in the worst share `tail` of draws, the boundary draw counted in part.

    -(x_(1) + ... + x_(k) + (n s - k) x_(k+1)) / (n s), k = floor(n s), s the tail, x_(i) the i-th
    smallest profit of n (Acerbi and Tasche 2002, "On the coherence of expected shortfall", Journal
    of Banking & Finance 26(7):1487-1503). Influence: max(q - x, 0) / s, q = x_(k+1) (Manistre and
    Hancock 2005, "Variance of the CTE estimator", North American Actuarial Journal 9(2):129-156).

    Parameters
    ----------
    profit
        Profit per draw in money, NaN where undefined, (D,).
    tail
        Share in (0, 1).
    nets
        Whether draws come in independently randomised nets of 512.
    """
    defined = ~np.isnan(profit)
    ordered = np.sort(profit[defined])
    if not ordered.size:
        return Estimate(np.nan, mc_error=np.nan, undefined=undefined_share(profit))
    count = tail * ordered.size
    boundary = ordered[min(int(count), ordered.size - 1)]
    excess = np.where(defined, np.maximum(boundary - profit, 0.0), 0.0)
    value = float(excess.sum() / count - boundary)
    error = _error_of_ratio(excess, of=defined, nets=nets) / tail
    return Estimate(value, mc_error=error, undefined=undefined_share(profit))


def loss_given_loss(profit: FloatArray, *, nets: bool = False) -> Estimate:
    """Return the mean loss over the draws that make one: -mean(x | x < 0).

    NaN with `undefined` = 1 if no draw makes a loss; `undefined` counts the draws without a profit
    or without a loss, so that 1 - `undefined` is the share that the mean is taken over.

    Parameters
    ----------
    profit
        Profit per draw in money, NaN where undefined, (D,).
    nets
        Whether draws come in independently randomised nets of 512.
    """
    lost = profit < 0
    if not lost.any():
        return Estimate(np.nan, mc_error=np.nan, undefined=1.0 if profit.size else np.nan)
    loss = np.where(lost, -profit, 0.0)
    return Estimate(
        float(loss.sum() / lost.sum()),
        mc_error=_error_of_ratio(loss, of=lost, nets=nets),
        undefined=1.0 - float(lost.mean()),
    )


def _error_of_ratio(values: FloatArray, *, of: BoolArray, nets: bool) -> float:
    """Return the error of sum(values) / sum(of); values are 0 outside `of`, both (D,).

    The influence of a draw is of_d (x_d - ratio) / mean(of) (delta method); all draws counted, it
    is x_d - mean.
    """
    share = of.mean()
    influence = np.where(of, values - values.sum() / of.sum(), 0.0) / share
    if nets:
        whole = influence[: influence.size // NET_DRAWS * NET_DRAWS]
        influence = whole.reshape(-1, NET_DRAWS).mean(axis=1)
    if influence.size < LEAST_REPEATS:
        return np.nan
    return float(influence.std(ddof=1) / np.sqrt(influence.size))
