"""The law of a number of days in a window: two point masses and a beta-binomial between them.

With L the lowest number of days, N the days of the window, q the share of people at L and r the
share at N, the others have L + 1 + X days, X beta-binomial on 0 to n = N - L - 2 with mean n m and
precision s = alpha + beta, alpha = m s, beta = (1 - m) s. Mean and variance of the whole are exact.

An effect on the mean moves all three parts by the same delta on the log-odds scale, s unchanged:
logit r + delta, logit (1 - q) + delta, logit m + delta. The mean rises strictly with delta, and so
does P(days > x) for every x: a higher mean gives nobody fewer days at the same luck. A share of 0
stays 0: with nobody at the lowest number stated, no effect brings the mean below the next day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.effects import by_odds
from sibsim.core.mean_effects import cut
from sibsim.outcomes.tabulated_law import Columns, TabulatedLaw, cumulated, of_draws

LEAST_RANGE = 4
"""Least difference between the window and the lowest number of days: three numbers of days between
them are needed for the spread between to differ from its mean."""

PRECISIONS = (1e-3, 1e6)
"""Least and most precision alpha + beta of those between: with less they lie at their two ends to
one in a thousand, with more they are spread as a coin thrown n times."""

EDGE = 1e-9
"""Least distance of the mean of those between from an end, as a share of their range."""

MOST_AT_BOUND = 1.0 - 1e-9
"""Most of those above the lowest number who may be at the bound, so that some lie between."""

LARGEST_DELTA = 36.0
"""Log odds beyond which a double holds the probability for 1: as far as parts are moved."""

SOLVER_STEPS = 200
"""Bound on safeguarded Newton steps; bisection alone needs about 60, Newton about 6."""

SOLVED = 1e-14
"""Miss of the mean, as a share of the window, at which delta is taken as found: rounding."""


@dataclass(frozen=True)
class DaysParts:
    """The three parts, each array of any common shape (..., 1 or D)."""

    lowest: int
    """Lowest number of days, L."""

    window: FloatArray
    """Days of the window, N."""

    share_lowest: FloatArray
    """Share of people at the lowest number, q."""

    share_bound: FloatArray
    """Share of people at the days of the window, r."""

    middle: FloatArray
    """Mean of those between as a share of their range, m, in (0, 1)."""

    precision: FloatArray
    """alpha + beta of those between, s, above zero."""

    @property
    def size(self) -> FloatArray:
        """Range of those between, n = N - L - 2."""
        return self.window - self.lowest - 2.0

    @property
    def between(self) -> FloatArray:
        """Share of people between, 1 - q - r."""
        return 1.0 - self.share_lowest - self.share_bound

    @property
    def mean_between(self) -> FloatArray:
        """Mean number of days of those between."""
        return self.lowest + 1.0 + self.size * self.middle

    @property
    def mean(self) -> FloatArray:
        """Mean number of days of all."""
        ends = self.share_lowest * self.lowest + self.share_bound * self.window
        return np.asarray(ends + self.between * self.mean_between)

    @property
    def variance(self) -> FloatArray:
        """Variance of the number of days of all: within the middle, and between the parts."""
        mean, n, m, s = self.mean, self.size, self.middle, self.precision
        within = n * m * (1.0 - m) * (s + n) / (s + 1.0)
        return np.asarray(
            self.share_lowest * (self.lowest - mean) ** 2
            + self.share_bound * (self.window - mean) ** 2
            + self.between * (within + (self.mean_between - mean) ** 2)
        )

    def moved(self, delta: FloatArray) -> DaysParts:
        """Return the parts moved by delta, broadcast with them, on the log-odds scale."""
        return replace(
            self,
            share_lowest=by_odds(self.share_lowest, -delta),
            share_bound=by_odds(self.share_bound, delta),
            middle=by_odds(self.middle, delta),
        )

    def with_mean(self, mean: FloatArray) -> DaysParts:
        """Return the parts moved so that their mean is `mean`, or as near as it can be brought.

        Parameters
        ----------
        mean
            Mean number of days, broadcast with the parts.
        """
        shape = np.broadcast_shapes(mean.shape, self.mean.shape)
        low, high = np.full(shape, -LARGEST_DELTA), np.full(shape, LARGEST_DELTA)
        delta = np.zeros(shape)
        for _ in range(SOLVER_STEPS):
            parts = self.moved(delta)
            miss = parts.mean - mean
            found = np.abs(miss) <= SOLVED * self.window
            if found.all() or np.all(high - low <= SOLVED):
                break
            low, high = np.where(miss < 0, delta, low), np.where(miss < 0, high, delta)
            step = delta - miss / np.maximum(parts.slope, np.finfo(np.float64).tiny)
            safe = (step > low) & (step < high)
            delta = np.where(found, delta, np.where(safe, step, (low + high) / 2.0))
        return self.moved(delta)

    @property
    def slope(self) -> FloatArray:
        """Derivative of the mean by delta."""
        q, r, m = self.share_lowest, self.share_bound, self.middle
        up = q * (1.0 - q) * (self.mean_between - self.lowest)
        over = r * (1.0 - r) * (self.window - self.mean_between)
        return np.asarray(up + over + self.between * self.size * m * (1.0 - m))

    def reach(self) -> tuple[FloatArray, FloatArray]:
        """Return the lowest and highest mean that an effect can bring about."""
        far = np.array([LARGEST_DELTA])
        return self.moved(-far).mean, self.moved(far).mean


@dataclass(frozen=True)
class DaysLaw(TabulatedLaw):
    """Days of a person in a state at each follow-up, since the one before."""

    parts: DaysParts
    """What the law is made of, each array (K, 1 or D)."""

    @cached_property
    def mean(self) -> FloatArray:
        """Return the mean number of days, (K, 1 or D)."""
        return self.parts.mean

    @cached_property
    def variance(self) -> FloatArray:
        """Return the variance of a person's days, (K, 1 or D)."""
        return self.parts.variance

    @property
    def lowest(self) -> int:
        """Lowest number of days."""
        return self.parts.lowest

    def rows(self, k: int) -> IntArray:
        """Return the number of possible results, from the lowest to the days of the window."""
        return self.parts.window[k, :1].astype(np.int64) - self.lowest + 1

    def cdf(self, k: int, *, columns: Columns) -> FloatArray:
        """Return P(days <= lowest + row), (rows, draws of `columns`)."""
        parts = self.parts
        low, high, middle, precision = (
            of_draws(part[k], columns)
            for part in (parts.share_lowest, parts.share_bound, parts.middle, parts.precision)
        )
        n = float(parts.size[k, 0])
        before = np.arange(n)[:, np.newaxis]
        alpha, beta = middle * precision, (1.0 - middle) * precision
        ratio = (before + alpha) * ((n - before) / (before + 1.0)) / (beta + (n - 1.0 - before))
        logs = np.zeros((int(n) + 1, ratio.shape[-1]))
        np.cumsum(np.log(ratio), axis=0, out=logs[1:])
        between = low + (1.0 - low - high) * cumulated(logs)
        ends = np.broadcast_to(low, between.shape[-1:]), np.ones(between.shape[-1])
        return np.vstack([ends[0], between, ends[1]])


def centred(
    *,
    lowest: int,
    window: FloatArray,
    share_lowest: FloatArray,
    share_bound: FloatArray,
    mean: FloatArray,
) -> tuple[DaysParts, BoolArray]:
    """Return parts of precision 1 whose whole has a mean, and where there are none.

    m = ((mean - q L - r N) / (1 - q - r) - L - 1) / n; what leaves its range is cut to it.

    Parameters
    ----------
    lowest
        Lowest number of days, L.
    window
        Days of the window, N.
    share_lowest, share_bound
        Shares of people at the two ends, q and r.
    mean
        Mean days of all people.

    Returns
    -------
    parts
        Of the broadcast shape.
    outside
        Where the figures cannot go together, the broadcast shape.
    """
    bound, no_room = cut(share_bound, lower=0.0, upper=(1.0 - share_lowest) * MOST_AT_BOUND)
    parts = DaysParts(lowest, window, share_lowest, bound, np.zeros(1), np.ones(1))
    middle = (mean - parts.mean) / (parts.between * parts.size)
    middle, too_far = cut(middle, lower=EDGE, upper=1.0 - EDGE)
    return replace(parts, middle=middle), no_room | too_far


def spread_to(parts: DaysParts, *, sd: FloatArray) -> tuple[DaysParts, BoolArray]:
    """Return parts whose whole has a standard deviation, and where there are none.

    What sd^2 leaves for the variance within the middle is V n m (1 - m), V = (s + n) / (s + 1), so
    s = (n - V) / (V - 1); where s leaves its range it is cut to it.

    Parameters
    ----------
    parts
        Their precision is not read.
    sd
        Standard deviation of the days of all people, broadcast with the parts.
    """
    n, m = parts.size, parts.middle
    most, least = ((s + n) / (s + 1.0) for s in PRECISIONS)
    narrowest = replace(parts, precision=np.array(PRECISIONS[1:]))
    more = (sd**2 - narrowest.variance) / (parts.between * n * m * (1.0 - m))
    spread, outside = cut(least + more, lower=least, upper=most)
    return replace(parts, precision=(n - spread) / (spread - 1.0)), outside
