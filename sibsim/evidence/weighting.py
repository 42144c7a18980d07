"""Weighted means and regressions of study estimates, with their errors and intervals.

beta = (X' W X)^-1 X' W y, W = diag(1 / (v_i + tau^2)). Its covariance is (X' W X)^-1, or that times
q = sum w_i (y_i - x_i' beta)^2 / (k - p) with a t distribution of k - p degrees of freedom (Hartung
and Knapp 2001, A refined method for the meta-analysis of controlled clinical trials with binary
outcome, Statistics in Medicine 20; Knapp and Hartung 2003, Improved tests for a random effects
meta-regression with a single covariate, Statistics in Medicine 22). Where q is below 1 that narrows
the interval, in few studies below that of a common effect; `adhoc` takes max(q, 1) instead.

Leading axes, here (...), are as many meta-analyses at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from sibsim.core.arrays import FloatArray
from sibsim.evidence.heterogeneity import Contrasts, Estimator, estimate_of

Method = Literal["fixed", "dl", "reml", "ml", "pm", "sj", "he"]
"""One effect common to all places, or effects that differ with tau^2 estimated in some way."""

KnappHartung = bool | Literal["adhoc"]
"""Whether errors are scaled by how far the estimates really lie apart; `adhoc`: never down."""


@dataclass(frozen=True, slots=True)
class Interval:
    """What is expected of a place: the mean effect of places like it, and the effect there."""

    estimate: FloatArray
    """Mean effect, (...)."""

    standard_error: FloatArray
    """Its standard error, (...)."""

    low: FloatArray
    """Lower end of its interval, (...)."""

    high: FloatArray
    """Upper end, (...)."""

    next_low: FloatArray
    """Lower end of where the effect of the next such place lies, (...)."""

    next_high: FloatArray
    """Upper end, (...)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of a weighted regression, one of them where there are no moderators."""

    coefficients: FloatArray
    """beta, (..., p)."""

    covariance: FloatArray
    """Its covariance, (..., p, p)."""

    tau2: FloatArray
    """Variance between places, (...); 0 where one effect is common to all."""

    tau2_error: FloatArray | None
    """Its standard error, (...); None where the method states none."""

    weights: FloatArray
    """Weights of the studies, (..., k)."""

    scale: FloatArray
    """Factor on the covariance, (...): 1 without Knapp-Hartung."""

    degrees: int | None
    """Degrees of freedom of t, k - p, with Knapp-Hartung; None: normal."""

    def quantile(self, level: float) -> float:
        """Return how many standard errors an interval of that level reaches to either side."""
        upper = (1.0 + level) / 2.0
        return float(ndtri(upper) if self.degrees is None else stdtrit(self.degrees, upper))

    def at(self, row: FloatArray, *, level: float) -> Interval:
        """Return what is expected of a place.

        x' beta +- c se, and for the next place x' beta +- c sqrt(tau^2 + se^2); c is normal, with
        Knapp-Hartung that of t with k - p degrees of freedom. Higgins, Thompson and Spiegelhalter
        2009, A re-evaluation of random-effects meta-analysis, JRSS A 172, take k - 2 for the next
        place.

        Parameters
        ----------
        row
            x, (p,).
        level
            Probability that each interval is to cover, in (0, 1).
        """
        estimate = np.asarray(self.coefficients @ row)
        variance = np.einsum("i,...ij,j->...", row, self.covariance, row)
        quantile = self.quantile(level)
        reach = quantile * np.sqrt(variance)
        next_reach = quantile * np.sqrt(self.tau2 + variance)
        return Interval(
            estimate=estimate,
            standard_error=np.sqrt(variance),
            low=estimate - reach,
            high=estimate + reach,
            next_low=estimate - next_reach,
            next_high=estimate + next_reach,
        )


def fitted(
    estimate: FloatArray,
    *,
    variance: FloatArray,
    design: FloatArray,
    method: Method,
    knapp_hartung: KnappHartung,
    contrasts: Contrasts | None = None,
) -> Fit:
    """Return the weighted regression of estimates.

    Parameters
    ----------
    estimate, variance
        y and v, (..., k) each; they broadcast.
    design
        X of full rank p below k, (k, p).
    method
        Common effect, or estimator of tau^2.
    knapp_hartung
        Whether errors are scaled by how far the estimates lie apart.
    contrasts
        Those of the same studies and design where they are known already.

    Raises
    ------
    SolveError
        If tau^2 is not found.
    """
    tau2, error = _between(
        contrasts or Contrasts.of(estimate, variance=variance, design=design), method=method
    )
    weights = 1.0 / (variance + tau2[..., np.newaxis])
    weighted = weights[..., np.newaxis] * design
    covariance = np.linalg.inv(design.T @ weighted)
    score = np.einsum("...kp,...k->...p", weighted, estimate)
    coefficients = np.einsum("...pq,...q->...p", covariance, score)
    scale: FloatArray = np.ones(tau2.shape)
    degrees = None
    if knapp_hartung:
        degrees = design.shape[0] - design.shape[1]
        residual = estimate - coefficients @ design.T
        scale = np.asarray((weights * residual**2).sum(axis=-1) / degrees)
        if knapp_hartung == "adhoc":
            scale = np.maximum(scale, 1.0)
    return Fit(
        coefficients=coefficients,
        covariance=covariance * scale[..., np.newaxis, np.newaxis],
        tau2=tau2,
        tau2_error=error,
        weights=weights,
        scale=scale,
        degrees=degrees,
    )


def _between(contrasts: Contrasts, *, method: Method) -> tuple[FloatArray, FloatArray | None]:
    if method == "fixed":
        return np.zeros(contrasts.squares.shape[:-1]), None
    estimator: Estimator = method
    found = estimate_of(contrasts, method=estimator)
    return found.tau2, found.standard_error
