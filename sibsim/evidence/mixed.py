"""Posteriors of the normal-normal model: mixtures of normals over tau, and tau itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError

if TYPE_CHECKING:
    from scipy.interpolate import PPoly

ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
"""Divisor of the normal density."""

MOST_STEPS = 200
"""Bound on the steps to a quantile; about six are needed, halving alone takes 100."""

CLOSE_ENOUGH = 1e-11
"""Step to a quantile, in standard deviations, at which it is taken as found."""


@dataclass(frozen=True, eq=False)
class NormalMixture:
    """A number that is normal given tau, with the probability of each of n values of tau."""

    weights: FloatArray
    """Probability of each value of tau, (n,), summing to 1."""

    given_mean: FloatArray
    """Mean given tau, (n,)."""

    given_variance: FloatArray
    """Variance given tau, (n,), above 0."""

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.weights @ self.given_mean)

    @property
    def sd(self) -> float:
        """The standard deviation."""
        spread = (self.given_mean - self.mean) ** 2
        return math.sqrt(self.weights @ (self.given_variance + spread))

    @property
    def median(self) -> float:
        """The value that is exceeded with probability one half."""
        return float(self.quantiles([0.5])[0])

    def cdf(self, x: FloatArray | float) -> FloatArray:
        """Return P(value <= x), same shape as `x`."""
        return np.asarray(ndtr(self._z(x)) @ self.weights)

    def p_above(self, x: float) -> float:
        """Return P(value > x)."""
        return float(ndtr(-self._z(x)) @ self.weights)

    def quantiles(self, levels: Sequence[float] | FloatArray) -> FloatArray:
        """Return the quantiles at probabilities in (0, 1), same shape."""
        target, mean, sd = checked(levels), self.mean, self.sd
        deviation = np.sqrt(self.given_variance)

        def density(x: FloatArray) -> FloatArray:
            return np.asarray(np.exp(-0.5 * self._z(x) ** 2) @ (self.weights / deviation))

        # No distribution has a quantile further out than this (Cantelli's inequality).
        odds = np.sqrt(target / (1.0 - target))
        return reached(
            self.cdf,
            density=lambda x: density(x) / ROOT_TWO_PI,
            levels=target,
            within=(mean - sd / odds, mean + sd * odds),
            start=mean + sd * ndtri(target),
            unit=sd,
        )

    def _z(self, x: FloatArray | float) -> FloatArray:
        points = np.asarray(x, dtype=np.float64)[..., np.newaxis]
        return np.asarray((points - self.given_mean) / np.sqrt(self.given_variance))


@dataclass(frozen=True, eq=False)
class OnNodes:
    """A number above zero whose density is known at equal steps of a transform x of it."""

    nodes: FloatArray
    """Values, (n,), rising."""

    weights: FloatArray
    """Density of x at each times the step, (n,), summing to 1."""

    positions: FloatArray
    """x of each value, (n,), at equal steps."""

    to_position: Callable[[FloatArray], FloatArray]
    """Returns x of a value."""

    from_position: Callable[[FloatArray], FloatArray]
    """Returns the value of x."""

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.weights @ self.nodes)

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.weights @ (self.nodes - self.mean) ** 2)

    @property
    def median(self) -> float:
        """The value that is exceeded with probability one half."""
        return float(self.quantiles([0.5])[0])

    def cdf(self, x: FloatArray | float) -> FloatArray:
        """Return P(value <= x), same shape as `x`, to about 1e-9."""
        inside = np.clip(np.asarray(x, dtype=np.float64), self.nodes[0], self.nodes[-1])
        return np.clip(self._integral(self.to_position(inside)), 0.0, 1.0)

    def quantiles(self, levels: Sequence[float] | FloatArray) -> FloatArray:
        """Return the quantiles at probabilities in (0, 1), same shape, to about 1e-8."""
        target = checked(levels)
        start = np.interp(target, np.cumsum(self.weights), self.positions)
        found = reached(
            self._integral,
            density=self._integral.derivative(),
            levels=target,
            within=(self.positions[0], self.positions[-1]),
            start=start,
            unit=1.0,
        )
        return self.from_position(found)

    @cached_property
    def _integral(self) -> PPoly:
        """The distribution function of x, from the cubic spline of its density."""
        from scipy.interpolate import CubicSpline

        step = self.positions[1] - self.positions[0]
        return CubicSpline(self.positions, self.weights / step).antiderivative()


def checked(levels: Sequence[float] | FloatArray) -> FloatArray:
    """Return probabilities as an array, refused where one is not strictly inside (0, 1)."""
    target = np.asarray(levels, dtype=np.float64)
    if not ((target > 0) & (target < 1)).all():
        message = (
            f"levels: got {target.tolist()}; a quantile is at a probability strictly between 0 and "
            "1; write 0.1 for the value that one in ten undercuts"
        )
        raise ArgumentError(message)
    return target


def reached(
    cdf: Callable[[FloatArray], FloatArray],
    *,
    density: Callable[[FloatArray], FloatArray],
    levels: FloatArray,
    within: tuple[FloatArray | float, FloatArray | float],
    start: FloatArray | float,
    unit: float,
) -> FloatArray:
    """Return where a distribution function reaches each level, by Newton steps kept in brackets.

    Parameters
    ----------
    cdf, density
        The distribution function and its derivative.
    levels
        Probabilities in (0, 1), any shape.
    within
        Values between which the answers lie, broadcast with `levels`.
    start
        First guess, broadcast with `levels`.
    unit
        What a step is measured in.
    """
    low, high, x = (np.broadcast_to(each, levels.shape) for each in (*within, start))
    for _ in range(MOST_STEPS):
        excess = cdf(x) - levels
        low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = x - excess / density(x)
        new = np.where((newton > low) & (newton < high), newton, 0.5 * (low + high))
        moved = np.abs(new - x).max(initial=0.0)
        x = new
        if moved <= CLOSE_ENOUGH * unit:
            break
    return np.asarray(x)
