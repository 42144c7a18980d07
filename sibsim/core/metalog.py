"""Distributions stated by their quantiles: metalog, two-quantile families, piecewise linear.

The three-term metalog is exact at p10, p50 and p90, has a closed-form quantile function and keeps
to bounds: `z = a1 + (a2 + a3 (u - 1/2)) ln(u / (1 - u))`, with value z, lower + exp(z), or
lower + (upper - lower) / (1 + exp(-z)).

Source: Keelin (2016), The Metalog Distributions, Decision Analysis 13(4).
"""

from __future__ import annotations

import math
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import Distribution, LogNormal, Normal, fault, shown
from sibsim.core.spec import Number, as_share
from sibsim.core.tabulated import Beta, Gamma, beta_from_quantiles, gamma_from_quantiles

LOGIT_90 = math.log(9.0)
"""ln(0.9 / 0.1): log odds of the 90 % quantile."""

NORMAL_90 = 1.2815515655446004
"""Standard normal 90 % quantile."""

SKEW_LIMIT = 1.6671
"""Largest |a3| / a2 of a rising quantile function: one over the maximum of
(y - 1/2) + y (1 - y) ln(y / (1 - y)), which is 0.59984 at y = 0.9168; Keelin (2016)."""

BISECTION_STEPS = 64
"""Halvings that take a bracket of log odds of 80 below the rounding of a double."""

LOGIT_BRACKET = 40.0
"""Log odds beyond which a probability rounds to 0 or 1."""


class Metalog(Distribution):
    """The three-term metalog through p10, p50 and p90, bounded by the field it stands in."""

    p10: Number
    """Value that is undercut with probability 10 %."""

    p50: Number
    """Median."""

    p90: Number
    """Value that is exceeded with probability 10 %."""

    lower: float = Field(default=-math.inf, exclude=True)
    """Lower bound, from the field."""

    upper: float = Field(default=math.inf, exclude=True)
    """Upper bound, from the field; finite only with a finite lower bound."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_quantiles(self, ("p10", "p50", "p90"))
        _, a2, a3 = self._terms
        if abs(a3) >= SKEW_LIMIT * a2:
            raise fault(self._infeasible())
        return self

    @property
    def words(self) -> str:
        """What it is called in a message."""
        return "p10, p50, p90"

    @property
    def support(self) -> tuple[float, float]:
        """The bounds of the field."""
        return self.lower, self.upper

    @property
    def median(self) -> float:
        """The stated p50."""
        return self.p50

    @cached_property
    def _terms(self) -> tuple[float, float, float]:
        low, mid, high = (self._unbounded(x) for x in (self.p10, self.p50, self.p90))
        # At 10 and 90 % the third term is 0.4 ln 9.
        return mid, (high - low) / (2 * LOGIT_90), (high + low - 2 * mid) / (0.8 * LOGIT_90)

    def _unbounded(self, x: float) -> float:
        if math.isinf(self.lower):
            return x
        if math.isinf(self.upper):
            return math.log(x - self.lower)
        return math.log((x - self.lower) / (self.upper - x))

    def _bounded(self, z: FloatArray) -> FloatArray:
        if math.isinf(self.lower):
            return z
        with np.errstate(over="ignore"):
            if math.isinf(self.upper):
                return self.lower + np.exp(z)
            return self.lower + (self.upper - self.lower) / (1.0 + np.exp(-z))

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at `u`: closed form, exact at 0.1, 0.5 and 0.9."""
        a1, a2, a3 = self._terms
        with np.errstate(divide="ignore"):
            odds = np.log(u / (1.0 - u))
        return self._bounded(a1 + (a2 + a3 * (u - 0.5)) * odds)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the probability at or below x, by bisection of the quantile function."""
        low = np.full(np.shape(x), -LOGIT_BRACKET)
        high = np.full(np.shape(x), LOGIT_BRACKET)
        a1, a2, a3 = self._terms
        for _ in range(BISECTION_STEPS):
            odds = 0.5 * (low + high)
            u = 1.0 / (1.0 + np.exp(-odds))
            beyond = self._bounded(a1 + (a2 + a3 * (u - 0.5)) * odds) > x
            high = np.where(beyond, odds, high)
            low = np.where(beyond, low, odds)
        u = 1.0 / (1.0 + np.exp(-low))
        return np.where(x >= self.upper, 1.0, np.where(x <= self.lower, 0.0, u))

    def _infeasible(self) -> str:
        """Say between which values p50 may lie, rounded into the range."""
        low, high = self._unbounded(self.p10), self._unbounded(self.p90)
        # |1 - 2 r| < 0.4 limit, r the place of p50 between p10 and p90.
        edge = 0.5 * (1.0 - 0.4 * SKEW_LIMIT)
        ends = (low + edge * (high - low), high - edge * (high - low))
        first, last = (float(self._bounded(np.array(z))) for z in ends)
        digits = 3 - math.ceil(math.log10(last - first))
        first = math.ceil(first * 10.0**digits) / 10.0**digits
        last = math.floor(last * 10.0**digits) / 10.0**digits
        return (
            f"got p10 = {shown(self.p10)}, p50 = {shown(self.p50)}, p90 = {shown(self.p90)}; "
            "no smooth distribution goes through a median so near one end: with these p10 and p90 "
            f"p50 lies from {shown(first)} to {shown(last)}; "
            "move p50, or leave it out and add dist = 'lognormal' or another family"
        )


class PiecewiseLinear(Distribution):
    """A quantile function that is linear between stated quantiles from p0 to p100.

    Two equal neighbours make a point mass. In a case file it is a shipped prior, by its name.
    """

    prior: str
    """Name of the prior."""

    levels: tuple[Number, ...] = Field(exclude=True)
    """Probabilities, rising from 0 to 1."""

    values: tuple[Number, ...] = Field(exclude=True)
    """Quantile at each probability, not falling."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        levels, values = np.array(self.levels), np.array(self.values)
        starts_and_ends = self.levels[:1] == (0.0,) and self.levels[-1:] == (1.0,)
        same = len(levels) == len(values)
        if not (same and starts_and_ends and np.all(np.diff(levels) > 0)):
            message = "got quantiles that do not rise from p0 to p100; state p0, p100 and between"
            raise fault(message)
        if np.any(np.diff(values) < 0):
            message = "got quantiles that fall; a higher quantile is never lower; put them in order"
            raise fault(message)
        return self

    @property
    def words(self) -> str:
        """What it is called in a message."""
        return f"prior = {self.prior!r}"

    @property
    def support(self) -> tuple[float, float]:
        """The values at p0 and p100."""
        return self.values[0], self.values[-1]

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at `u` by linear interpolation."""
        return np.interp(u, self.levels, self.values)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the highest probability whose quantile is at or below x."""
        levels, values = np.array(self.levels), np.array(self.values)
        last = np.searchsorted(values, x, side="right") - 1
        index = np.clip(last, 0, len(values) - 2)
        gap = values[index + 1] - values[index]
        part = (x - values[index]) / np.where(gap > 0, gap, 1.0)
        inside = levels[index] + np.clip(part, 0.0, 1.0) * (levels[index + 1] - levels[index])
        return np.where(last < 0, 0.0, np.where(last >= len(values) - 1, 1.0, inside))


class TwoQuantiles(Distribution):
    """The two-parameter family that has the stated p10 and p90 exactly."""

    dist: Literal["normal", "lognormal", "beta", "gamma"]
    """Name of the family."""

    p10: Number
    """Value that is undercut with probability 10 %."""

    p90: Number
    """Value that is exceeded with probability 10 %."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        lower, upper = {
            "normal": (-math.inf, math.inf),
            "lognormal": (0.0, math.inf),
            "gamma": (0.0, math.inf),
            "beta": (0.0, 1.0),
        }[self.dist]
        check_quantiles(self, ("p10", "p90"), lower=lower, upper=upper)
        self._fit  # noqa: B018
        return self

    @cached_property
    def _fit(self) -> Distribution:
        """Return the fitted member of the family."""
        if self.dist == "normal":
            mean, sd = _centre_and_spread(self.p10, self.p90)
            return Normal(mean=mean, sd=sd)
        if self.dist == "lognormal":
            log_mean, log_sd = _centre_and_spread(math.log(self.p10), math.log(self.p90))
            return LogNormal(log_mean=log_mean, log_sd=log_sd)
        if self.dist == "beta":
            alpha, beta = beta_from_quantiles(p10=self.p10, p90=self.p90)
            return Beta(alpha=alpha, beta=beta)
        mean, sd = gamma_from_quantiles(p10=self.p10, p90=self.p90)
        return Gamma(mean=mean, sd=sd)

    @property
    def support(self) -> tuple[float, float]:
        """The support of the family."""
        return self._fit.support

    @property
    def median(self) -> float:
        """Median of the fitted family."""
        return self._fit.median

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles of the fitted family."""
        return self._fit.ppf(u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the distribution function of the fitted family."""
        return self._fit.cdf(x)


def _centre_and_spread(p10: float, p90: float) -> tuple[float, float]:
    return 0.5 * (p10 + p90), (p90 - p10) / (2 * NORMAL_90)


def check_quantiles(
    spec: Any,  # noqa: ANN401
    names: tuple[str, ...],
    *,
    lower: float | None = None,
    upper: float | None = None,
) -> None:
    """Refuse quantiles that do not rise or that do not lie strictly inside the bounds."""
    values = [getattr(spec, name) for name in names]
    given = ", ".join(f"{name} = {shown(x)}" for name, x in zip(names, values, strict=True))
    if any(high <= low for low, high in pairwise(values)):
        message = (
            f"got {given}; quantiles rise; put them in order, or write one plain number where "
            "the value is certain"
        )
        raise fault(message)
    low = spec.lower if lower is None else lower
    high = spec.upper if upper is None else upper
    if not low < values[0] < values[-1] < high:
        message = (
            f"got {given}; they lie strictly between {shown(low)} and {shown(high)}; "
            "move them inside (a bound itself has probability zero)"
            f"{as_share(values[-1]) if high == 1 else ''}"
        )
        raise fault(message)
