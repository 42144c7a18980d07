"""How much true effects differ between places: estimates of tau^2 and what is said of it.

The model is y_i = x_i' beta + u_i + e_i, u_i ~ N(0, tau^2) between places, e_i ~ N(0, v_i) within
studies, the v_i taken as known. Of k studies, k - p independent combinations of the estimates are
free of beta, the *error contrasts* K'y with K'X = 0, K'K = 1 (Patterson and Thompson 1971, Recovery
of inter-block information when block sizes are unequal, Biometrika 58(3)). With the eigenvalues
lambda_j of K' diag(v) K and z_j the contrasts along its eigenvectors, z_j ~ N(0, tau^2 + lambda_j)
independently, so every estimator is a sum over j (Kang et al. 2008, Efficient control of population
structure in model organism association mapping, Genetics 178(3)):

    Q(t) = sum z_j^2 / (t + lambda_j),   trace P(t) = sum 1 / (t + lambda_j),

Q(t) the weighted residual sum of squares with weights 1 / (t + v_i), P(t) the matrix of that
quadratic form. The estimators and their sources:

- `dl`: DerSimonian and Laird 1986, Meta-analysis in clinical trials, Controlled Clinical Trials 7;
- `he`: Hedges 1983, A random effects model for effect sizes, Psychological Bulletin 93;
- `pm`: Paule and Mandel 1982, Consensus values and weighting factors, Journal of Research of the
  National Bureau of Standards 87; DerSimonian and Kacker 2007, Contemporary Clinical Trials 28;
- `sj`: Sidik and Jonkman 2005, Simple heterogeneity variance estimation for meta-analysis, JRSS C
  54;
- `ml`, `reml`: Raudenbush 2009 in Cooper, Hedges and Valentine, The Handbook of Research Synthesis
  and Meta-Analysis; Viechtbauer 2005, Bias and efficiency of meta-analytic variance estimators,
  Journal of Educational and Behavioral Statistics 30;
- interval by the profile of Q: Viechtbauer 2007, Confidence intervals for the amount of
  heterogeneity in meta-analysis, Statistics in Medicine 26; Jackson et al. 2014, BMC Medical
  Research Methodology 14:103.

Everything is over the last axis; leading axes, here (...), are as many meta-analyses at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from scipy.special import chdtri

from sibsim.core.arrays import FloatArray
from sibsim.errors import SolveError

Estimator = Literal["dl", "reml", "ml", "pm", "sj", "he"]
"""How tau^2 is estimated."""

STEPS = 200
"""Bound on Newton steps; about ten are needed, halving an interval to a double's end takes 60."""

CLOSE_ENOUGH = 1e-13
"""Step, relative to tau^2 plus the mean variance, at which tau^2 is taken as found."""

GRID_POINTS = 40
"""Values of tau^2 at which the likelihood is compared first: it can have more than one top."""

GRID_START = 1e-6
"""Least positive value compared, relative to the largest that tau^2 can be."""


@dataclass(frozen=True, slots=True)
class Contrasts:
    """What the estimates say of tau^2 once what the model explains is taken out."""

    squares: FloatArray
    """Squared contrasts z_j^2, (..., k - p)."""

    spread: FloatArray
    """Their variances lambda_j where tau^2 is 0, (..., k - p); broadcasts."""

    variance: FloatArray
    """Variances v_i of the studies, (..., k); broadcasts."""

    @classmethod
    def of(cls, estimate: FloatArray, *, variance: FloatArray, design: FloatArray) -> Contrasts:
        """Return the contrasts of studies.

        Parameters
        ----------
        estimate, variance
            y and v, (..., k) each; they broadcast.
        design
            X of full rank p below k, (k, p).
        """
        whole, _ = np.linalg.qr(design, mode="complete")
        free = whole[:, design.shape[1] :]
        spread, axes = np.linalg.eigh(free.T @ (variance[..., :, np.newaxis] * free))
        along = np.einsum("...ji,...j->...i", axes, estimate @ free)
        return cls(squares=along**2, spread=spread, variance=variance)

    @property
    def degrees(self) -> int:
        """Number of contrasts, k - p."""
        return int(self.squares.shape[-1])

    def q(self, tau2: FloatArray) -> FloatArray:
        """Return Q(tau^2), in the shape of tau^2, (...)."""
        return np.asarray((self.squares / (tau2[..., np.newaxis] + self.spread)).sum(axis=-1))

    @property
    def typical_variance(self) -> FloatArray:
        """Typical variance within studies, (k - p) / trace P(0), (...).

        Higgins and Thompson 2002, Quantifying heterogeneity in a meta-analysis, Statistics in
        Medicine 21(11).
        """
        return np.asarray(self.degrees / (1.0 / self.spread).sum(axis=-1))


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """An estimate of tau^2."""

    tau2: FloatArray
    """The estimate, at least 0, in squared units of the additive scale, (...)."""

    standard_error: FloatArray | None
    """Its standard error, (...); None where the estimator states none."""


def estimate_of(contrasts: Contrasts, *, method: Estimator) -> Heterogeneity:
    """Return an estimate of tau^2, cut at 0.

    Parameters
    ----------
    contrasts
        What the studies say of it.
    method
        The estimator.

    Raises
    ------
    SolveError
        If tau^2 is not found.
    """
    return _ESTIMATORS[method](contrasts)


def q_profile(contrasts: Contrasts, *, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the limits of tau^2 at which Q is just as small and as large as chance allows, (...).

    Q(tau^2) has a chi-squared distribution with k - p degrees of freedom at the true tau^2, which
    is exact under the model. Both are 0 where Q is smaller than chance allows at tau^2 = 0.

    Parameters
    ----------
    contrasts
        What the studies say of it.
    level
        Probability that the interval covers, in (0, 1).

    Raises
    ------
    SolveError
        If a limit is not found.
    """
    tail = (1.0 - level) / 2.0
    lower, upper = (
        _where_q_is(contrasts, target=float(chdtri(contrasts.degrees, above)))
        for above in (tail, 1.0 - tail)
    )
    return lower, upper


def _where_q_is(contrasts: Contrasts, *, target: float) -> FloatArray:
    """Return the tau^2 at which Q falls to a target, 0 where it is below it from the start.

    Newton's method on 1 / Q, which rises and bends down, so that each step from below stays below.
    """
    tau2: FloatArray = np.zeros(contrasts.squares.shape[:-1])
    near = CLOSE_ENOUGH * contrasts.variance.mean(axis=-1)
    for _ in range(STEPS):
        weights = 1.0 / (tau2[..., np.newaxis] + contrasts.spread)
        q = (contrasts.squares * weights).sum(axis=-1)
        fall = (contrasts.squares * weights**2).sum(axis=-1)
        # Where all estimates agree Q is 0 everywhere and there is nothing to go up for.
        step = np.where(q > target, (q / target - 1.0) * q / np.where(fall > 0, fall, 1.0), 0.0)
        tau2 = tau2 + step
        if np.all(step <= near + CLOSE_ENOUGH * tau2):
            return tau2
    return _refuse()


def _dersimonian_laird(contrasts: Contrasts) -> Heterogeneity:
    """Return (Q(0) - (k - p)) / trace P(0)."""
    weights = 1.0 / contrasts.spread
    excess = (contrasts.squares * weights).sum(axis=-1) - contrasts.degrees
    return _without_error(excess / weights.sum(axis=-1))


def _hedges(contrasts: Contrasts) -> Heterogeneity:
    """Return the unweighted residual variance less the variance within studies."""
    return _without_error((contrasts.squares - contrasts.spread).mean(axis=-1))


def _paule_mandel(contrasts: Contrasts) -> Heterogeneity:
    """Return the tau^2 at which Q equals its expectation, k - p."""
    return _without_error(_where_q_is(contrasts, target=contrasts.degrees))


def _sidik_jonkman(contrasts: Contrasts) -> Heterogeneity:
    """Return t Q(t) / (k - p) from the unweighted residual sum of squares over k, t.

    With moderators the first guess t is taken from the residuals too.
    """
    guess = contrasts.squares.sum(axis=-1) / contrasts.variance.shape[-1]
    return _without_error(guess * contrasts.q(guess) / contrasts.degrees)


def _restricted_likelihood(contrasts: Contrasts) -> Heterogeneity:
    """Return the maximum of the likelihood of the contrasts."""
    return _most_likely(contrasts, pieces=contrasts.spread)


def _full_likelihood(contrasts: Contrasts) -> Heterogeneity:
    """Return the maximum of the likelihood of the estimates, beta at its best value."""
    return _most_likely(contrasts, pieces=contrasts.variance)


_ESTIMATORS: Mapping[Estimator, Callable[[Contrasts], Heterogeneity]] = MappingProxyType(
    {
        "dl": _dersimonian_laird,
        "reml": _restricted_likelihood,
        "ml": _full_likelihood,
        "pm": _paule_mandel,
        "sj": _sidik_jonkman,
        "he": _hedges,
    }
)


def _without_error(tau2: FloatArray) -> Heterogeneity:
    return Heterogeneity(tau2=np.asarray(np.maximum(tau2, 0.0)), standard_error=None)


def _most_likely(contrasts: Contrasts, *, pieces: FloatArray) -> Heterogeneity:
    """Return the maximum of -(sum log(t + pieces) + Q(t)) / 2 over t >= 0, with its error.

    The highest of a grid of values, then Newton's method between its neighbours. The error is
    sqrt(2 / sum (t + pieces)^-2), from the expected information.

    Parameters
    ----------
    contrasts
        What the studies say of tau^2.
    pieces
        Variances in the likelihood, (..., k) or (..., k - p).
    """
    # Above S + sqrt(S (max v - min v)), S the unweighted residual variance, the likelihood falls:
    # Q'(t) is at most (k - p) S / (t + min v)^2, and the other term at least (k - p) / (t + max v).
    residual = contrasts.squares.mean(axis=-1)
    variance = contrasts.variance
    widest = np.sqrt(residual * (variance.max(axis=-1) - variance.min(axis=-1)))
    steps = np.append(0.0, np.geomspace(GRID_START, 1.0, GRID_POINTS))
    grid = (residual + widest)[..., np.newaxis] * steps
    points = grid[..., np.newaxis]
    height = -np.log(points + pieces[..., np.newaxis, :]).sum(axis=-1)
    parts = contrasts.squares[..., np.newaxis, :] / (points + contrasts.spread[..., np.newaxis, :])
    top = np.argmax(height - parts.sum(axis=-1), axis=-1)[..., np.newaxis]
    ends = np.clip(np.concatenate([top - 1, top, top + 1], axis=-1), 0, len(steps) - 1)
    lower, start, upper = np.moveaxis(np.take_along_axis(grid, ends, axis=-1), -1, 0)
    tau2 = _summit(contrasts, pieces=pieces, lower=lower, start=start, upper=upper)
    information = ((tau2[..., np.newaxis] + pieces) ** -2).sum(axis=-1) / 2.0
    return Heterogeneity(tau2=tau2, standard_error=np.asarray(1.0 / np.sqrt(information)))


def _summit(
    contrasts: Contrasts,
    *,
    pieces: FloatArray,
    lower: FloatArray,
    start: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Return where the slope of the likelihood falls through zero between bounds, (...).

    Newton's method, halving the interval where a step leaves it; 0 where it falls from 0 on.
    """
    tau2 = start
    near = CLOSE_ENOUGH * contrasts.variance.mean(axis=-1)
    for _ in range(STEPS):
        away = 1.0 / (tau2[..., np.newaxis] + contrasts.spread)
        inside = 1.0 / (tau2[..., np.newaxis] + pieces)
        slope = (contrasts.squares * away**2).sum(axis=-1) - inside.sum(axis=-1)
        bend = (inside**2).sum(axis=-1) - 2.0 * (contrasts.squares * away**3).sum(axis=-1)
        lower = np.where(slope > 0, tau2, lower)
        upper = np.where(slope > 0, upper, tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            proposal = tau2 - slope / bend
        # A NaN or infinite proposal is outside too.
        within = (proposal > lower) & (proposal < upper)
        target = np.where(within, proposal, (lower + upper) / 2.0)
        step = np.abs(target - tau2)
        tau2 = np.asarray(target)
        if np.all(step <= near + CLOSE_ENOUGH * tau2):
            return tau2
    return _refuse()


def _refuse() -> FloatArray:
    message = (
        f"method: tau^2 was not found in {STEPS} steps; variances that differ by many orders of "
        "magnitude can do that; check them, or use method = 'dl', which needs no search"
    )
    raise SolveError(message)
