"""Rules by which to scale or stop: thresholds, what is expected given all reports, the contract's.

*Threshold t*: scale where the first cohort's result is at least t (tolerance 1e-9), and where
nothing is reported. All distinct results are thresholds, and one above them all; sorted draws and
running sums give every one of them without simulating again.

*Reports*: scale where the expected gain of scaling given all that is known of the first cohort is
not below zero, for the investor, for the municipality, or for both. The expectation is a least
squares fit on splines, each draw by a fit on other draws (`sibsim.decisions.information`). It is
the best rule that reports allow: no threshold is better but by noise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.statistics import ADDED_DRAWS, ADDED_SUCCESSES, Estimate, mc_error_of_mean
from sibsim.decisions.information.regression import basis_of, fitted
from sibsim.decisions.stages.courses import Courses
from sibsim.payments.reading import EDGE_TOLERANCE

ABOVE_ALL = np.inf
"""The threshold that no result reaches: stop wherever anything is reported."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What every threshold leads to."""

    thresholds: FloatArray
    """The thresholds, rising, (N,)."""

    p_scale: tuple[FloatArray, FloatArray]
    """Chance that the service is scaled, with its Monte Carlo error, (N,) each."""

    means: Mapping[str, tuple[FloatArray, FloatArray]]
    """Mean of every metric, with its error, (N,) each."""

    p_stop_good: Mapping[str, tuple[FloatArray, FloatArray]]
    """Chance that a programme that is good for the party is stopped, with its error, by metric."""

    p_scale_bad: Mapping[str, tuple[FloatArray, FloatArray]]
    """Chance that a programme that is bad for the party is scaled, with its error, by metric."""

    def best(self, metric: str) -> float:
        """Return the threshold with the highest mean of a metric; of several the lowest."""
        return float(self.thresholds[np.argmax(self.means[metric][0])])


def at_least(courses: Courses, threshold: float) -> BoolArray:
    """Return where a threshold scales, (D,).

    Parameters
    ----------
    courses
        The courses.
    threshold
        Least result with which to scale; infinite: only where nothing is reported.
    """
    return np.asarray(courses.result >= threshold - EDGE_TOLERANCE)


def sweep(courses: Courses, *, thresholds: Collection[float] | None = None) -> Sweep:
    """Return what every threshold leads to.

    Parameters
    ----------
    courses
        The courses.
    thresholds
        The thresholds; None: all distinct results and one above them.
    """
    order = np.argsort(courses.result, kind="stable")
    results = courses.result[order]
    if thresholds is None:
        levels = np.append(np.unique(results[np.isfinite(results)]), ABOVE_ALL)
    else:
        levels = np.unique(np.asarray(list(thresholds), dtype=np.float64))
    stopped = np.searchsorted(results, levels - EDGE_TOLERANCE, side="left")

    def up_to(values: FloatArray | BoolArray) -> FloatArray:
        """Return the sum over the draws that each threshold stops, (N,)."""
        running = np.cumsum(values[order], dtype=np.float64)
        return np.concatenate([[0.0], running])[stopped]

    good = {party: truth.is_good for party, truth in courses.truth.items()}
    everyone = np.ones(courses.draws)
    return Sweep(
        thresholds=levels,
        p_scale=_share(courses.draws - up_to(everyone), of=courses.draws),
        means={metric: _means(courses, metric, up_to=up_to) for metric in courses.scale},
        p_stop_good={
            party: _share(up_to(each), of=int(each.sum())) for party, each in good.items()
        },
        p_scale_bad={
            party: _share((~each).sum() - up_to(~each), of=int((~each).sum()))
            for party, each in good.items()
        },
    )


def _means(
    courses: Courses, metric: str, *, up_to: Callable[[FloatArray], FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return the mean under every threshold with its error, from running sums, (N,) each."""
    centre = courses.scale[metric].mean()
    scale, stop = courses.scale[metric] - centre, courses.stop[metric] - centre
    total = scale.sum() + up_to(stop - scale)
    squares = np.square(scale).sum() + up_to(np.square(stop) - np.square(scale))
    mean = total / courses.draws
    variance = np.maximum(squares - total * mean, 0.0) / max(courses.draws - 1, 1)
    return centre + mean, np.sqrt(variance / courses.draws)


def _share(number: FloatArray, *, of: int) -> tuple[FloatArray, FloatArray]:
    """Return number / of with its error, as `core.statistics` has it; NaN of nobody."""
    if not of:
        nothing = np.full(np.shape(number), np.nan)
        return nothing, nothing
    q = (number + ADDED_SUCCESSES) / (of + ADDED_DRAWS)
    return number / of, np.sqrt(q * (1.0 - q) / (of + ADDED_DRAWS))


def expected_gain(courses: Courses, metric: str) -> FloatArray:
    """Return the expected gain of scaling given all that is known of the first cohort, (D,).

    Parameters
    ----------
    courses
        The courses.
    metric
        Whose gain.
    """
    gain = courses.gain(metric)
    return fitted(basis_of(courses.known), gain[:, np.newaxis]).expected[:, 0]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a rule comes to by one metric, paired with the choices that look at nothing."""

    mean: Estimate
    """Mean of the metric."""

    against_scaling: Estimate
    """The same less that of always scaling."""

    option: Estimate
    """The same less that of the best of always scaling, always stopping and doing nothing."""


def weighed(courses: Courses, values: FloatArray, *, metric: str) -> Weighed:
    """Return what a metric comes to under a rule, with paired Monte Carlo errors.

    Parameters
    ----------
    courses
        The courses.
    values
        The metric under the rule, (D,).
    metric
        The metric.
    """
    blind = (courses.scale[metric], courses.stop[metric], np.zeros(courses.draws))
    best = max(blind, key=np.mean)
    return Weighed(
        mean=mean_of(values),
        against_scaling=mean_of(values - courses.scale[metric]),
        option=mean_of(values - best),
    )


def mean_of(values: FloatArray) -> Estimate:
    """Return the mean over draws with its Monte Carlo error."""
    return Estimate(float(values.mean()), mc_error=mc_error_of_mean(values), undefined=0.0)


def chances(courses: Courses, rule: BoolArray) -> dict[str, Estimate]:
    """Return how often a rule scales, stops a good programme and scales a bad one.

    Parameters
    ----------
    courses
        The courses.
    rule
        Where to scale, (D,).

    Returns
    -------
    dict
        `p_scale`, and `p_stop_good.<metric>` and `p_scale_bad.<metric>` of the parties that decide.
    """
    found = {"p_scale": _chance(rule, of=np.ones(courses.draws, dtype=np.bool_))}
    for party, truth in courses.truth.items():
        found[f"p_stop_good.{party}"] = _chance(~rule, of=truth.is_good)
        found[f"p_scale_bad.{party}"] = _chance(rule, of=~truth.is_good)
    return found


def _chance(happens: BoolArray, *, of: BoolArray) -> Estimate:
    number = np.array(float((happens & of).sum()))
    share, error = _share(number, of=int(of.sum()))
    return Estimate(float(share), mc_error=float(error), undefined=1.0 - float(of.mean()))
