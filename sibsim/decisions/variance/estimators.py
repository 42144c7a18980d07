"""Shares of a variance, estimated from runs that have some of their luck in common.

Y = f(X_1, ..., X_k), the X independent groups of luck, V = Var(Y). The first-order share
S_u = Var(E[Y | X_u]) / V is what X_u brings alone; the total T_u = E[Var(Y | all but X_u)] / V is
what it brings alone and with the others. Two runs that have X_u in common and nothing else have the
covariance V S_u (pick-freeze), two that have all but X_u in common V (1 - T_u).

**Crossed runs** (`crossed`). Of every draw there are 2^k runs, each X as it was or drawn anew: an
analysis of variance of its own (Jansen 1999, "Analysis of variance designs for model output",
Computer Physics Communications 117(1-2):35-43). With D_A the mean of (Y - Y')^2 / 2 over the pairs
of runs that have exactly the groups A in common, E[D_A] = V - Var(E[Y | A]), so that V is estimated
by D_none, V S_u by D_none - D_u, which is the mean of Y Y' less that of runs with nothing in
common, and V T_u by D_(all but u). No mean has to be known, what changes nothing gets exactly zero,
and a small share has a small error, which subtracting a squared mean would not give (Owen 2013,
"Better estimation of small Sobol' sensitivity indices", ACM Transactions on Modeling and Computer
Simulation 23(2), article 11). The symmetrised estimator of Janon, Klein, Lagnoux, Nodet and Prieur
2014 ("Asymptotic normality and efficiency of two Sobol index estimators", ESAIM: Probability and
Statistics 18:342-364) pools mean and variance over a pair of runs; here all pairs are pooled.

Error of a ratio R = mean(n_d) / mean(v_d) over draws: the influence of a draw is
i_d = (n_d - R v_d) / mean(v), the error sd(i) / sqrt(D) (delta method). Where no draw shows what a
group brings alone, though some show what it brings with others, its first-order share is not called
exact: n_d never exceeds that of the total, so the error is what one more draw could bring, the
largest n_d of the total / (mean(v) D).

**One group at a time** (`one_at_a_time`). Runs A and B with nothing in common, and A with group i
from B: SALib's estimators, S_i = mean(B (AB_i - A)) / V and T_i = mean((A - AB_i)^2) / 2 V, V over
A and B, all centred and scaled (Saltelli et al. 2010, "Variance based sensitivity analysis of model
output. Design and estimator for the total sensitivity index", Computer Physics Communications
181(2):259-270), with its bootstrap over draws.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray

CLEAR = 2.0
"""A share is told from zero when it is more than this many standard errors away: the two-sided
5 % level of a normal error, rounded."""

RESAMPLES = 100
"""Bootstrap resamples, SALib's default: they tell an error to 7 % (1 / sqrt(2 x 100))."""

BOOTSTRAP_SEED = 1
"""Seed of the bootstrap, the same in every call; SALib takes 0 to mean no seed."""

LEVEL = 0.95
"""Level at which SALib states its confidence: 1.96 standard deviations of the resamples."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a variance, with its Monte Carlo error."""

    value: float
    """The estimate, in [0, 1] but for noise; never clipped."""

    mc_error: float
    """Its Monte Carlo standard error."""

    @property
    def told_from_zero(self) -> bool:
        """Whether it is more than two standard errors from zero."""
        return abs(self.value) > CLEAR * self.mc_error


@dataclass(frozen=True, slots=True)
class Part:
    """What one group of luck brings to a variance."""

    first: Share
    """What it brings alone (S)."""

    total: Share
    """What it brings alone and with others (T); what would be left if all else were known."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A variance shared out from crossed runs."""

    parts: tuple[Part, ...]
    """What each group brings, in order."""

    interaction: Share
    """What is left of 1 when all first-order shares are taken: what groups bring only together."""

    variance: Share
    """The variance itself, in the square of the metric's unit."""


def crossed(values: FloatArray) -> Crossed:
    """Return how a variance is shared out between groups of luck.

    Parameters
    ----------
    values
        The metric in crossed runs, (2,) * k + (D,): axis u is 0 where group u is as it was, 1 where
        it is drawn anew. It is not the same everywhere.
    """
    groups = range(values.ndim - 1)
    varies = _half_squares(values, kept=())
    alone = [varies - _half_squares(values, kept=(u,)) for u in groups]
    left = [_half_squares(values, kept=[v for v in groups if v != u]) for u in groups]
    parts = tuple(
        Part(_alone(first, total=total, varies=varies), _ratio(total, varies))
        for first, total in zip(alone, left, strict=True)
    )
    variance = Share(float(varies.mean()), _error(varies))
    together = varies - np.sum(alone, axis=0)
    return Crossed(parts, _ratio(together, varies), variance)


def _half_squares(values: FloatArray, *, kept: Collection[int]) -> FloatArray:
    """Return half the mean squared distance of runs that have the groups `kept` in common, (D,)."""
    axes = tuple(range(values.ndim - 1))
    other = np.flip(values, axis=tuple(axis for axis in axes if axis not in kept))
    distance: FloatArray = ((values - other) ** 2).mean(axis=axes) / 2.0
    return distance


def _alone(first: FloatArray, *, total: FloatArray, varies: FloatArray) -> Share:
    """Return a first-order share, which is not exactly zero where only its total shows, (D,)."""
    if first.any():
        return _ratio(first, varies)
    return Share(0.0, float(total.max() / varies.sum()))


def _ratio(part: FloatArray, whole: FloatArray) -> Share:
    """Return mean(part) / mean(whole), both (D,), with the error of the delta method."""
    mean = whole.mean()
    value = part.mean() / mean
    return Share(float(value), _error((part - value * whole) / mean))


def _error(influence: FloatArray) -> float:
    return float(influence.std(ddof=1) / np.sqrt(influence.size))


def one_at_a_time(
    run: FloatArray, other: FloatArray, *, mixed: Mapping[str, FloatArray]
) -> tuple[dict[str, Part], Share]:
    """Return what each group brings, by SALib, and the sum of the first-order indices.

    An error is the standard deviation of an index over the bootstrap resamples: SALib's confidence
    divided by the 1.96 with which it multiplies. That of the sum is taken over the same resamples,
    so that what the indices have in common is in it. Memory grows as 100 times the draws.

    Parameters
    ----------
    run
        The metric in run A, (D,).
    other
        In run B, which has nothing in common with A, (D,).
    mixed
        In run A with one group of luck from B, by group, (D,) each.
    """
    from SALib.analyze import sobol
    from scipy.special import ndtri

    names = list(mixed)
    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    found = sobol.analyze(
        problem,
        np.column_stack([run, *mixed.values(), other]).ravel(),
        calc_second_order=False,
        num_resamples=RESAMPLES,
        conf_level=LEVEL,
        keep_resamples=True,
        seed=BOOTSTRAP_SEED,
    )
    deviations = float(ndtri((1.0 + LEVEL) / 2.0))
    first, total = (
        [
            Share(float(value), float(width) / deviations)
            for value, width in zip(found[name], found[f"{name}_conf"], strict=True)
        ]
        for name in ("S1", "ST")
    )
    resampled = np.asarray(found["S1_conf_all"], dtype=np.float64).sum(axis=1)
    both = Share(float(np.sum(found["S1"])), float(resampled.std(ddof=1)))
    return dict(zip(names, map(Part, first, total), strict=True)), both
