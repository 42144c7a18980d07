"""What an uncertain number may be: the base of all distributions and the closed-form families.

Every distribution is a frozen spec whose fields are the keys of its table in a case file. It is
drawn by inversion: `ppf(u)` of a uniform u in (0, 1). Lists of values are in `atoms`, Beta and
Gamma in `tabulated`, distributions stated by quantiles in `metalog`, mixtures and the reading of
tables in `forms`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import Number, Positive, Spec

LARGEST_LOG = 700.0
"""A value whose natural logarithm is larger is beyond the range of a double."""


def fault(problem: str) -> PydanticCustomError:
    """Return the error that reports `problem`: what was given, the rule, the way out."""
    return PydanticCustomError("quantity", "{problem}", {"problem": problem})


def shown(value: float) -> str:
    """Return a number as a reader would write it, up to ten significant digits."""
    return f"{value:.10g}"


class Distribution(Spec, ABC):
    """Base of every distribution of one number."""

    needs_base: ClassVar[bool] = False
    """Whether a quantity that uses it must state its base value."""

    @property
    def words(self) -> str:
        """What it is called in a message."""
        return f"dist = {getattr(self, 'dist', type(self).__name__.lower())!r}"

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Lowest and highest value it can take."""

    @property
    def median(self) -> float:
        """The value that is exceeded with probability one half."""
        return float(self.ppf(np.array(0.5)))

    @abstractmethod
    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the quantiles at the probabilities `u` in (0, 1), same shape."""

    @abstractmethod
    def cdf(self, x: FloatArray) -> FloatArray:
        """Return P(value <= x), same shape as `x`."""

    def table(self) -> dict[str, Any]:
        """Return its keys in a case file."""
        return self.model_dump(exclude_none=True)


class Fixed(Distribution):
    """One number, certain."""

    value: Number
    """The number."""

    @property
    def support(self) -> tuple[float, float]:
        """The number itself, twice."""
        return self.value, self.value

    @property
    def median(self) -> float:
        """The number itself."""
        return self.value

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the number everywhere, same shape as `u`."""
        return np.full(np.shape(u), self.value)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return 1 from the number upwards, else 0."""
        return np.where(x >= self.value, 1.0, 0.0)


class Normal(Distribution):
    """The normal distribution."""

    dist: Literal["normal"] = "normal"
    """Name of the family."""

    mean: Number
    """Mean and median."""

    sd: Positive
    """Standard deviation."""

    @property
    def support(self) -> tuple[float, float]:
        """The whole line."""
        return -math.inf, math.inf

    @property
    def median(self) -> float:
        """The mean."""
        return self.mean

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return mean + sd z, z the standard normal quantile."""
        from scipy.special import ndtri

        return self.mean + self.sd * ndtri(u)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the normal distribution function."""
        from scipy.special import ndtr

        return ndtr((x - self.mean) / self.sd)


class TruncatedNormal(Distribution):
    """The normal distribution given that the value lies in [lower, upper]."""

    dist: Literal["truncated_normal"] = "truncated_normal"
    """Name of the family."""

    mean: Number
    """Mean before truncation."""

    sd: Positive
    """Standard deviation before truncation."""

    lower: Number
    """Lowest value."""

    upper: Number
    """Highest value."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_order(self, "lower", "upper")
        if not self._mass > 0:
            message = (
                f"got mean = {shown(self.mean)}, sd = {shown(self.sd)} with [{shown(self.lower)}, "
                f"{shown(self.upper)}]; the normal distribution must reach the interval; "
                "move the mean or widen the sd"
            )
            raise fault(message)
        return self

    @property
    def support(self) -> tuple[float, float]:
        """The interval."""
        return self.lower, self.upper

    @property
    def _mirror(self) -> float:
        """Return -1 where the interval lies in the upper tail, which is computed as the lower."""
        return -1.0 if self.lower + self.upper > 2 * self.mean else 1.0

    @cached_property
    def _ends(self) -> tuple[float, float]:
        from scipy.special import ndtr

        ends = sorted(self._mirror * (x - self.mean) / self.sd for x in (self.lower, self.upper))
        return float(ndtr(ends[0])), float(ndtr(ends[1]))

    @property
    def _mass(self) -> float:
        return self._ends[1] - self._ends[0]

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return mean + sd z(F(lower) + u (F(upper) - F(lower)))."""
        from scipy.special import ndtri

        u = u if self._mirror > 0 else 1.0 - u
        z = self._mirror * ndtri(self._ends[0] + u * self._mass)
        return np.clip(self.mean + self.sd * z, self.lower, self.upper)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the share of the kept mass at or below x."""
        from scipy.special import ndtr

        z = self._mirror * (np.clip(x, self.lower, self.upper) - self.mean) / self.sd
        below = (ndtr(z) - self._ends[0]) / self._mass
        return below if self._mirror > 0 else 1.0 - below


class LogNormal(Distribution):
    """The distribution whose logarithm is normal."""

    dist: Literal["lognormal"] = "lognormal"
    """Name of the family."""

    log_mean: Number
    """Mean of the natural logarithm."""

    log_sd: Positive
    """Standard deviation of the natural logarithm."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not abs(self.log_mean) < LARGEST_LOG:
            message = (
                f"got log_mean = {shown(self.log_mean)}; it is the natural logarithm of the "
                "median, which would be beyond any number; write log(median)"
            )
            raise fault(message)
        return self

    @property
    def support(self) -> tuple[float, float]:
        """Zero and above."""
        return 0.0, math.inf

    @property
    def median(self) -> float:
        """Exp of the mean of the logarithm."""
        return math.exp(self.log_mean)

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return exp(log_mean + log_sd z), z the standard normal quantile."""
        from scipy.special import ndtri

        return np.exp(self.log_mean + self.log_sd * ndtri(u))

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the normal distribution function of the logarithm, 0 below zero."""
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):
            z = (np.log(np.maximum(x, 0.0)) - self.log_mean) / self.log_sd
        return ndtr(z)


class Uniform(Distribution):
    """Every value between two ends equally likely."""

    dist: Literal["uniform"] = "uniform"
    """Name of the family."""

    min: Number
    """Lowest value."""

    max: Number
    """Highest value."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_order(self, "min", "max")
        return self

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.min, self.max

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return min + u (max - min)."""
        return self.min + u * (self.max - self.min)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the share of the interval at or below x."""
        return np.clip((x - self.min) / (self.max - self.min), 0.0, 1.0)


class Triangular(Distribution):
    """A density that rises linearly to the mode and falls linearly from it."""

    dist: Literal["triangular"] = "triangular"
    """Name of the family."""

    min: Number
    """Lowest value."""

    mode: Number
    """Most likely value."""

    max: Number
    """Highest value."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_mode(self)
        return self

    @property
    def support(self) -> tuple[float, float]:
        """The two ends."""
        return self.min, self.max

    def ppf(self, u: FloatArray) -> FloatArray:
        """Return the inverse of the two parabolas of the distribution function."""
        width, rise, fall = self.max - self.min, self.mode - self.min, self.max - self.mode
        rising = self.min + np.sqrt(u * width * rise)
        falling = self.max - np.sqrt((1.0 - u) * width * fall)
        return np.where(u * width < rise, rising, falling)

    def cdf(self, x: FloatArray) -> FloatArray:
        """Return the area of the triangle at or below x."""
        width = self.max - self.min
        x = np.clip(x, self.min, self.max)
        if self.mode > self.min:
            rising = (x - self.min) ** 2 / (width * (self.mode - self.min))
        else:
            rising = np.zeros_like(x)
        if self.mode < self.max:
            falling = 1.0 - (self.max - x) ** 2 / (width * (self.max - self.mode))
        else:
            falling = np.ones_like(x)
        return np.where(x < self.mode, rising, falling)


def check_mode(triangle: Any) -> None:  # noqa: ANN401
    """Refuse unless min <= mode <= max and min < max."""
    _check_order(triangle, "min", "max")
    if not triangle.min <= triangle.mode <= triangle.max:
        message = (
            f"got mode = {shown(triangle.mode)} outside [{shown(triangle.min)}, "
            f"{shown(triangle.max)}]; the most likely value lies between the ends; move it"
        )
        raise fault(message)


def _check_order(spec: Distribution, lower: str, upper: str) -> None:
    low, high = getattr(spec, lower), getattr(spec, upper)
    if not low < high:
        message = (
            f"got {lower} = {shown(low)} and {upper} = {shown(high)}; {lower} is below {upper}; "
            "swap them, or write one plain number"
        )
        raise fault(message)
