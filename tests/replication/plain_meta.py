"""Meta-analysis by textbook sums, many at once: a second opinion that shares no code.

One mean, no moderators. Sums over studies with weights 1 / (v + tau^2), tau^2 of the searched
estimators by halving an interval. Formulas as in Veroniki et al. 2016, Methods to estimate the
between-study variance and its uncertainty in meta-analysis, Research Synthesis Methods 7(1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from sibsim.core.arrays import FloatArray

HALVINGS = 80
"""More than a double can tell apart."""

GRID = np.append(0.0, np.geomspace(1e-6, 1.0, 100))
"""Where the likelihood is looked at before its top is searched, relative to the largest tau^2."""


class Plain(NamedTuple):
    """Estimates and intervals of R meta-analyses, (R,) each."""

    tau2: FloatArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    next_low: FloatArray
    next_high: FloatArray


def plain_meta(y: FloatArray, *, v: FloatArray, tau2: FloatArray, errors: str) -> Plain:
    """Return 95 % intervals of the mean and of the next place; y (R, k), v (k,).

    `errors` is `z`, `kh` or `adhoc`.
    """
    number = y.shape[1]
    mean, w = _mean(y, v=v, tau2=tau2)
    variance, quantile = 1 / w.sum(axis=1), stats.norm.ppf(0.975)
    if errors != "z":
        factor = (w * (y - mean[:, None]) ** 2).sum(axis=1) / (number - 1)
        variance = variance * (np.maximum(factor, 1.0) if errors == "adhoc" else factor)
        quantile = stats.t.ppf(0.975, number - 1)
    reach, next_reach = quantile * np.sqrt(variance), quantile * np.sqrt(variance + tau2)
    return Plain(tau2, mean, mean - reach, mean + reach, mean - next_reach, mean + next_reach)


def plain_q_profile(y: FloatArray, *, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % limits of tau^2 by the profile of Q, (R,) each."""
    ends = []
    for above in (0.975, 0.025):
        target = float(stats.chi2.ppf(above, y.shape[1] - 1))

        def excess(tau2: FloatArray, target: float = target) -> FloatArray:
            return _q(y, v=v, tau2=tau2) - target

        ends.append(_halved(excess, upper=np.full(len(y), 1e6)))
    return ends[0], ends[1]


def _mean(y: FloatArray, *, v: FloatArray, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    w = 1 / (v + tau2[:, None])
    return (w * y).sum(axis=1) / w.sum(axis=1), w


def _q(y: FloatArray, *, v: FloatArray, tau2: FloatArray) -> FloatArray:
    mean, w = _mean(y, v=v, tau2=tau2)
    return np.asarray((w * (y - mean[:, None]) ** 2).sum(axis=1))


def _halved(falling: Callable[[FloatArray], FloatArray], *, upper: FloatArray) -> FloatArray:
    """Return where a falling function passes 0 above 0, else 0."""
    low, high = np.zeros(len(upper)), upper
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        positive = falling(middle) > 0
        low, high = np.where(positive, middle, low), np.where(positive, high, middle)
    return np.where(falling(np.zeros(len(upper))) > 0, (low + high) / 2, 0.0)


def plain_tau2(y: FloatArray, *, v: FloatArray, method: str) -> FloatArray:
    """Return tau^2, (R,); y (R, k), v (k,)."""
    count, number = y.shape
    zero: FloatArray = np.zeros(count)
    if method == "fixed":
        return zero
    if method in {"ml", "reml"}:
        return _most_likely(y, v=v, restricted=method == "reml")
    if method == "pm":
        return _halved(
            lambda t: _q(y, v=v, tau2=t) - (number - 1), upper=1.0 + number * y.var(axis=1)
        )
    if method == "dl":
        w = 1 / v
        scale = w.sum() - (w**2).sum() / w.sum()
        return np.asarray(np.maximum(0.0, (_q(y, v=v, tau2=zero) - (number - 1)) / scale))
    if method == "he":
        return np.asarray(np.maximum(0.0, y.var(axis=1, ddof=1) - v.mean()))
    assert method == "sj"
    guess = y.var(axis=1)
    return np.asarray(guess * _q(y, v=v, tau2=guess) / (number - 1))


def _most_likely(y: FloatArray, *, v: FloatArray, restricted: bool) -> FloatArray:
    """Return the highest of a fine grid, refined by halving where the slope passes 0."""

    def height(tau2: FloatArray) -> FloatArray:
        mean, w = _mean(y, v=v, tau2=tau2)
        fit = np.log(w).sum(axis=1) - (w * (y - mean[:, None]) ** 2).sum(axis=1)
        return np.asarray(fit - np.log(w.sum(axis=1)) if restricted else fit)

    def slope(tau2: FloatArray) -> FloatArray:
        mean, w = _mean(y, v=v, tau2=tau2)
        rise = (w**2 * (y - mean[:, None]) ** 2).sum(axis=1) - w.sum(axis=1)
        return np.asarray(rise + (w**2).sum(axis=1) / w.sum(axis=1) if restricted else rise)

    most = 10.0 * (y.var(axis=1) + v.max())
    heights = np.stack([height(most * step) for step in GRID])
    top = heights.argmax(axis=0)
    low = most * GRID[np.maximum(top - 1, 0)]
    width = most * GRID[np.minimum(top + 1, len(GRID) - 1)] - low
    found = low + _halved(lambda part: slope(low + part), upper=width)
    return np.where((top == 0) & (slope(np.zeros(len(y))) <= 0), 0.0, found)
