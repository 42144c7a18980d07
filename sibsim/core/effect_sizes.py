"""Effects and their variances from what a study prints: counts, means, a log-rank test.

Every effect is on its *additive scale*, where its estimate is close to normal: the natural
logarithm of a ratio, a difference as it is. Arrays broadcast, so one call does many studies.

Assumptions: people are independent (`standard_errors.design_effect` corrects for clusters); the
two groups are independent; the variances are large-sample ones.

Sources: Woolf 1955, "On estimating the relation between blood group and disease", Annals of Human
Genetics 19(4):251-253 (odds ratio); Katz, Baptista, Azen and Pike 1978, "Obtaining confidence
intervals for the risk ratio in cohort studies", Biometrics 34(3):469-474; Hedges 1981,
"Distribution theory for Glass's estimator of effect size and related estimators", Journal of
Educational Statistics 6(2):107-128; Borenstein, Hedges, Higgins and Rothstein 2009, "Introduction
to Meta-Analysis", Wiley, ch. 4-5; Yusuf, Peto, Lewis, Collins and Sleight 1985, "Beta blockade
during and after myocardial infarction", Progress in Cardiovascular Diseases 27(5):335-371
(log-rank); Higgins and Green (eds.) 2011, "Cochrane Handbook for Systematic Reviews of
Interventions" 5.1, section 9.2.2 (empty cells).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.effect_checks import finite, positive, refuse_where
from sibsim.core.spec import nearest
from sibsim.errors import UnknownNameError

CountScale = Literal["risk_difference", "risk_ratio", "odds_ratio"]
"""Scales on which counts of people and events give an effect."""

ZERO_CELL_CORRECTION = 0.5
"""Added to all four cells of a study that has an empty one: the custom since Haldane 1956, "The
estimation and significance of the logarithm of a ratio of frequencies", Annals of Human Genetics
20(4):309-311, which makes the bias of a log odds vanish to first order."""

FEWEST_FOR_SD = 2
"""People below whom a group has no standard deviation."""


class EffectSize(NamedTuple):
    """An effect on its additive scale, with its variance; both of one shape."""

    estimate: FloatArray
    """The effect: the natural logarithm of a ratio, a difference as it is."""

    variance: FloatArray
    """Variance of the estimate, above zero."""

    @property
    def standard_error(self) -> FloatArray:
        """Square root of the variance."""
        return np.asarray(np.sqrt(self.variance))


def effect_of_counts(
    *,
    events: ArrayLike,
    people: ArrayLike,
    comparison_events: ArrayLike,
    comparison_people: ArrayLike,
    scale: CountScale,
    correction: float = ZERO_CELL_CORRECTION,
) -> EffectSize:
    """Return the effect that a two-by-two table shows.

    With a of n and c of m, p = a / n and q = c / m: risk difference p - q, variance
    p (1 - p) / n + q (1 - q) / m; ln risk ratio ln p - ln q, variance 1/a - 1/n + 1/c - 1/m;
    ln odds ratio logit p - logit q, variance 1/a + 1/(n - a) + 1/c + 1/(m - c) (Woolf).

    Parameters
    ----------
    events
        People with the outcome among those treated, a, in [0, n].
    people
        People treated, n, above zero.
    comparison_events
        People with the outcome in the comparison group, c, in [0, m].
    comparison_people
        People in the comparison group, m, above zero.
    scale
        `risk_difference`, `risk_ratio` or `odds_ratio`.
    correction
        Added to all four cells of tables that have an empty one, at least 0.

    Raises
    ------
    ArgumentError
        If counts are impossible; if a ratio is wanted of a table that shows none (see
        `shows_no_ratio`); if a cell is empty, the correction is 0 and no estimate is left.
    UnknownNameError
        If the scale is not one that counts give.
    """
    if scale not in get_args(CountScale):
        known = get_args(CountScale)
        way_out = nearest(str(scale), known) or "; for others give the estimate itself"
        message = f"got scale = {scale!r}; counts give {', '.join(known)}{way_out}"
        raise UnknownNameError(message)
    a, n, c, m = _checked_counts(events, people, comparison_events, comparison_people)
    added = finite("correction", correction)
    refuse_where(added < 0, "correction", added, rule="it is added to people: give 0 or more")
    if scale != "risk_difference":
        silent = shows_no_ratio(events=a, people=n, comparison_events=c, comparison_people=m)
        refuse_where(
            silent,
            "events",
            a,
            rule="without events in either group, or with nothing else, there is no ratio to see; "
            "leave the study out or use the risk difference",
        )
    cells = (a, n - a, c, m - c)
    added = np.where(np.any([cell == 0 for cell in cells], axis=0), added, 0.0)
    a, n, c, m = a + added, n + 2.0 * added, c + added, m + 2.0 * added
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _OF_COUNTS[scale](a, n, c, m)
    usable = np.isfinite(found.estimate) & (found.variance > 0) & np.isfinite(found.variance)
    refuse_where(
        ~usable,
        "correction",
        added,
        rule="an empty cell leaves no estimate without a correction; give one, such as "
        f"{ZERO_CELL_CORRECTION}",
    )
    return found


def shows_no_ratio(
    *,
    events: ArrayLike,
    people: ArrayLike,
    comparison_events: ArrayLike,
    comparison_people: ArrayLike,
) -> BoolArray:
    """Return where nobody, or everybody, in both groups has the outcome ("double-zero").

    Such a study says nothing of a ratio, and is left out (Cochrane Handbook 5.1, 9.2.2.2).

    Parameters
    ----------
    events, people, comparison_events, comparison_people
        As in `effect_of_counts`.
    """
    a, n, c, m = (
        np.asarray(given, dtype=np.float64)
        for given in (events, people, comparison_events, comparison_people)
    )
    return np.asarray(((a == 0) & (c == 0)) | ((a == n) & (c == m)))


def mean_difference(
    *,
    mean: ArrayLike,
    sd: ArrayLike,
    people: ArrayLike,
    comparison_mean: ArrayLike,
    comparison_sd: ArrayLike,
    comparison_people: ArrayLike,
) -> EffectSize:
    """Return the difference of two means, variance sd^2 / n + comparison_sd^2 / m.

    Unlike `standardised_difference` it keeps the unit and lets the groups spread differently.

    Parameters
    ----------
    mean, comparison_mean
        Means of the treated and of the comparison group.
    sd, comparison_sd
        Standard deviations of people in each, above zero.
    people, comparison_people
        People in each, n and m, 2 or more.

    Raises
    ------
    ArgumentError
        If a number is outside its range.
    """
    s, n = _spread("sd", sd, "people", people)
    t, m = _spread("comparison_sd", comparison_sd, "comparison_people", comparison_people)
    difference = finite("mean", mean) - finite("comparison_mean", comparison_mean)
    return _together(difference, s**2 / n + t**2 / m)


def standardised_difference(
    *,
    mean: ArrayLike,
    sd: ArrayLike,
    people: ArrayLike,
    comparison_mean: ArrayLike,
    comparison_sd: ArrayLike,
    comparison_people: ArrayLike,
) -> EffectSize:
    """Return d, the difference of two means in pooled standard deviations.

    d = (mean - comparison_mean) / s, s^2 = ((n - 1) sd^2 + (m - 1) comparison_sd^2) / (n + m - 2);
    variance (n + m) / (n m) + d^2 / (2 (n + m)). d is too large in small studies:
    `effect_conversions.d_to_g` with n + m - 2 degrees of freedom corrects it to Hedges' g.

    Parameters
    ----------
    mean, sd, people, comparison_mean, comparison_sd, comparison_people
        As in `mean_difference`.

    Raises
    ------
    ArgumentError
        If a number is outside its range.
    """
    s, n = _spread("sd", sd, "people", people)
    t, m = _spread("comparison_sd", comparison_sd, "comparison_people", comparison_people)
    pooled = np.sqrt(((n - 1.0) * s**2 + (m - 1.0) * t**2) / (n + m - 2.0))
    d = (finite("mean", mean) - finite("comparison_mean", comparison_mean)) / pooled
    return _together(d, (n + m) / (n * m) + d**2 / (2.0 * (n + m)))


def hazard_ratio_of_log_rank(
    *, observed_minus_expected: ArrayLike, variance: ArrayLike
) -> EffectSize:
    """Return the log hazard ratio of a log-rank test: (O - E) / V, variance 1 / V (Peto).

    Close to the maximum likelihood where the effect is moderate and the groups are of like size.

    Parameters
    ----------
    observed_minus_expected
        Events among the treated less those expected without effect, O - E.
    variance
        Its variance, V, above zero.

    Raises
    ------
    ArgumentError
        If the variance is not above zero.
    """
    v = positive("variance", variance)
    return _together(finite("observed_minus_expected", observed_minus_expected) / v, 1.0 / v)


def _risk_difference(a: FloatArray, n: FloatArray, c: FloatArray, m: FloatArray) -> EffectSize:
    variance = a * (n - a) / n**3 + c * (m - c) / m**3
    return EffectSize(np.asarray(a / n - c / m), np.asarray(variance))


def _risk_ratio(a: FloatArray, n: FloatArray, c: FloatArray, m: FloatArray) -> EffectSize:
    variance = 1.0 / a - 1.0 / n + 1.0 / c - 1.0 / m
    return EffectSize(np.log(a / n) - np.log(c / m), np.asarray(variance))


def _odds_ratio(a: FloatArray, n: FloatArray, c: FloatArray, m: FloatArray) -> EffectSize:
    variance = 1.0 / a + 1.0 / (n - a) + 1.0 / c + 1.0 / (m - c)
    return EffectSize(np.log(a / (n - a)) - np.log(c / (m - c)), np.asarray(variance))


_OF_COUNTS = {
    "risk_difference": _risk_difference,
    "risk_ratio": _risk_ratio,
    "odds_ratio": _odds_ratio,
}


def _checked_counts(*given: ArrayLike) -> list[FloatArray]:
    """Return events, people and the same of the comparison, of one shape, if they can be."""
    names = ("events", "people", "comparison_events", "comparison_people")
    numbers = [finite(name, each) for name, each in zip(names, given, strict=True)]
    counts = list(np.broadcast_arrays(*numbers))
    for name, events, people in zip(names[::2], counts[::2], counts[1::2], strict=True):
        refuse_where(
            people <= 0,
            name.replace("events", "people"),
            people,
            rule="a group has people; leave the study out",
        )
        refuse_where(events < 0, name, events, rule="a count is 0 or more")
        refuse_where(events > people, name, events, rule="it cannot exceed the people; swap them?")
    return counts


def _spread(name: str, sd: ArrayLike, name_of_people: str, people: ArrayLike) -> list[FloatArray]:
    """Return a standard deviation and the people it was taken of."""
    group = finite(name_of_people, people)
    rule = f"a standard deviation needs {FEWEST_FOR_SD} people or more"
    refuse_where(group < FEWEST_FOR_SD, name_of_people, group, rule=rule)
    return [positive(name, sd), group]


def _together(estimate: FloatArray, variance: FloatArray) -> EffectSize:
    """Return both in one shape, each in its own memory."""
    shape = np.broadcast_shapes(estimate.shape, variance.shape)
    return EffectSize(
        np.broadcast_to(estimate, shape).copy(), np.broadcast_to(variance, shape).copy()
    )
