"""What may be assumed of tau, the standard deviation of true effects between places.

Few studies say little about tau, so that the answer hangs on what is assumed of it. All are on the
additive scale of the effect (the natural logarithm of a ratio).

Sources: Gelman 2006, Prior distributions for variance parameters in hierarchical models, Bayesian
Analysis 1(3), for half-Cauchy, half-normal and uniform; Turner et al. 2015, Predictive
distributions for between-study heterogeneity and simple methods for their application in Bayesian
meta-analysis, Statistics in Medicine 34(6), for the log-normal distribution of tau^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError


def _check_positive(prior: object, field: str) -> None:
    value = getattr(prior, field)
    if not (math.isfinite(value) and value > 0):
        message = (
            f"{field}: got {value:g} for {type(prior).__name__}; it is a finite number above zero, "
            "on the additive scale of the effect; give one"
        )
        raise ArgumentError(message)


@dataclass(frozen=True, slots=True)
class HalfNormal:
    """The absolute value of a normal number around zero: large values of tau are ruled out."""

    scale: float
    """Standard deviation of the normal number, above 0; the median of tau is 0.674 of it."""

    def __post_init__(self) -> None:
        """Refuse a scale that is not above zero."""
        _check_positive(self, "scale")

    def log_density(self, tau: FloatArray) -> FloatArray:
        """Return ln p(tau) = ln(2 / (s sqrt(2 pi))) - (tau / s)^2 / 2 at tau >= 0, same shape."""
        constant = math.log(2.0) - 0.5 * math.log(2.0 * math.pi) - math.log(self.scale)
        return constant - 0.5 * (tau / self.scale) ** 2


@dataclass(frozen=True, slots=True)
class HalfCauchy:
    """The absolute value of a Cauchy number around zero: large values of tau stay possible."""

    scale: float
    """Median of tau, above 0."""

    def __post_init__(self) -> None:
        """Refuse a scale that is not above zero."""
        _check_positive(self, "scale")

    def log_density(self, tau: FloatArray) -> FloatArray:
        """Return ln p(tau) = ln(2 / (pi s)) - ln(1 + (tau / s)^2) at tau >= 0, same shape."""
        constant = math.log(2.0 / math.pi) - math.log(self.scale)
        return constant - np.log1p((tau / self.scale) ** 2)


@dataclass(frozen=True, slots=True)
class LogNormalVariance:
    """The logarithm of tau^2 is normal, as found over thousands of published meta-analyses."""

    log_mean: float
    """Mean of ln tau^2; the median of tau is exp(log_mean / 2)."""

    log_sd: float
    """Standard deviation of ln tau^2, above 0."""

    def __post_init__(self) -> None:
        """Refuse a mean that is no number or a deviation that is not above zero."""
        _check_positive(self, "log_sd")
        if not math.isfinite(self.log_mean):
            message = f"log_mean: got {self.log_mean:g}; it is a finite number; give one"
            raise ArgumentError(message)

    def log_density(self, tau: FloatArray) -> FloatArray:
        """Return ln p(tau), p(tau) = 2 / tau times the normal density of ln tau^2, same shape.

        It is minus infinity at tau = 0.
        """
        log_tau = np.log(np.maximum(tau, np.finfo(np.float64).tiny))
        z = (2.0 * log_tau - self.log_mean) / self.log_sd
        constant = math.log(2.0) - 0.5 * math.log(2.0 * math.pi) - math.log(self.log_sd)
        return np.where(tau > 0, constant - log_tau - 0.5 * z**2, -np.inf)


@dataclass(frozen=True, slots=True)
class UniformDeviation:
    """Every tau from zero to an upper end is equally likely."""

    upper: float
    """Largest tau, above 0."""

    def __post_init__(self) -> None:
        """Refuse an upper end that is not above zero."""
        _check_positive(self, "upper")

    def log_density(self, tau: FloatArray) -> FloatArray:
        """Return ln p(tau) = -ln(upper) from 0 to the upper end, minus infinity above it."""
        return np.where(tau <= self.upper, -math.log(self.upper), -np.inf)


HeterogeneityPrior = HalfNormal | HalfCauchy | LogNormalVariance | UniformDeviation
"""What may be assumed of tau."""
