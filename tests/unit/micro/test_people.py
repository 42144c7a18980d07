"""People made: their margins, what they share, and who is selected."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from sibsim.micro.selection import selected_before
from sibsim.micro.series import autoregressive
from sibsim.micro.trial import people_of
from sibsim.micro.truth import Kind, Truth, check_probabilities

ERRORS = 5
"""Monte Carlo standard errors within which a simulated figure must lie."""

REPLICATES = 20_000

TRUTH = Truth(
    kind="binary",
    people=10,
    counterfactual=0.3,
    effect=0.1,
    sd=2.0,
    dispersion=1.5,
    clusters=None,
    confounding=0.0,
    enrolment_ends=0.0,
    follow_up_ends=12.0,
)

KINDS: list[tuple[Kind, float, float]] = [
    ("binary", 0.4, 0.24),
    ("count", 0.4, 0.4 + 0.16 / 1.5),
    ("continuous", 0.4, 4.0),
]
"""Kind, mean and variance."""


def _assert_mean(values: FloatArray, stated: float) -> None:
    assert abs(values.mean() - stated) <= ERRORS * values.std() / math.sqrt(values.size)


def _assert_covariance(first: FloatArray, second: FloatArray, stated: float) -> None:
    _assert_mean((first - first.mean()) * (second - second.mean()), stated)


@pytest.mark.parametrize(("kind", "mean", "variance"), KINDS)
def test_results_have_the_stated_mean_and_variance(
    seed: int, kind: Kind, mean: float, variance: float
) -> None:
    """P (1 - p), m + m^2 / k and sd^2."""
    truth = replace(TRUTH, kind=kind)
    drawn = truth.results(np.random.default_rng(seed), mean=mean, shape=(REPLICATES, 1))
    assert truth.variance(mean).item() == pytest.approx(variance)
    _assert_mean(drawn, mean)
    _assert_covariance(drawn, drawn, variance)


def test_without_dispersion_events_are_poisson(seed: int) -> None:
    """Variance and mean are the same."""
    truth = replace(TRUTH, kind="count", dispersion=np.inf)
    drawn = truth.results(np.random.default_rng(seed), mean=2.0, shape=(REPLICATES, 1))
    _assert_covariance(drawn, drawn, 2.0)


@pytest.mark.parametrize(("kind", "mean", "variance"), KINDS)
def test_people_of_a_cluster_correlate_by_the_icc(
    seed: int, kind: Kind, mean: float, variance: float
) -> None:
    """Two of one cluster by 0.2, one of another not at all, margins kept."""
    drawn = replace(TRUTH, kind=kind).results_in(
        np.random.default_rng(seed),
        mean=mean,
        cluster=np.array([0, 0, 1]),
        icc=0.2,
        replicates=REPLICATES,
    )
    _assert_mean(drawn[:, 0], mean)
    _assert_covariance(drawn[:, 0], drawn[:, 0], variance)
    _assert_covariance(drawn[:, 0], drawn[:, 1], 0.2 * variance)
    _assert_covariance(drawn[:, 0], drawn[:, 2], 0.0)


@pytest.mark.parametrize(("kind", "mean", "variance"), [KINDS[0], KINDS[2]])
def test_a_factor_explains_its_share(seed: int, kind: Kind, mean: float, variance: float) -> None:
    """Two results of a person with another mean each correlate by the share, margins kept."""
    truth, rng = replace(TRUTH, kind=kind), np.random.default_rng(seed)
    factor = truth.factor(rng, around=0.35, shape=(REPLICATES, 1, 1))
    _assert_mean(factor, 0.0)
    _assert_mean(factor**2, 1.0)
    drawn = truth.results(
        rng,
        mean=np.array([0.3, mean]),
        shape=(REPLICATES, 1, 2),
        factor=factor,
        share=0.4,
    )[:, 0]
    _assert_mean(drawn[:, 1], mean)
    _assert_covariance(drawn[:, 1], drawn[:, 1], variance)
    shared = 0.4 * math.sqrt(truth.variance(0.3).item() * variance)
    _assert_covariance(drawn[:, 0], drawn[:, 1], shared)


@pytest.mark.parametrize("probability", [-0.01, 1.01])
def test_probabilities_outside_are_refused(probability: float) -> None:
    """The message gives the probability."""
    with pytest.raises(ArgumentError, match=rf"would be {probability}"):
        check_probabilities(np.array([0.5, probability]))


def test_times_end_with_follow_up(seed: int) -> None:
    """Entry is uniform over 6 of 18 months: nobody is followed longer than 18 or less than 12."""
    truth = replace(
        TRUTH,
        kind="time_to_event",
        counterfactual=0.05,
        effect=math.log(2),
        enrolment_ends=6.0,
        follow_up_ends=18.0,
    )
    time, event = truth.times(
        np.random.default_rng(seed), treated=np.array([0.0, 1.0]), shape=(REPLICATES, 2)
    )
    assert time.max() <= 18
    assert time[event == 0].min() >= 12
    for arm, hazard in enumerate((0.05, 0.1)):
        # Over follow-up of length L, events / time at risk is the hazard: E[event] = h E[time].
        _assert_mean(event[:, arm] - hazard * time[:, arm], 0.0)


@pytest.mark.parametrize("change", [-6.0, -1.0, 0.0, 0.5, 3.0, 30.0])
def test_those_selected_have_the_stated_spread_and_change_by_themselves(
    seed: int, change: float
) -> None:
    """Mean 40 and sd 9; a population of which the next result is 0.6 of the distance from M."""
    before = selected_before(
        np.random.default_rng(seed),
        shape=(REPLICATES, 1),
        mean=40.0,
        sd=9.0,
        slope=0.6,
        change=change,
    )
    _assert_mean(before, 40.0)
    _assert_covariance(before, before, 81.0)
    if change > 0:
        # Selected below a cutoff: those near it are most, so the longer tail is below.
        assert before.max() - 40 < 40 - before.min()


def test_no_selection_reaches_so_far() -> None:
    """A change of 1000 points, and results that grow."""
    rng = np.random.default_rng(1)
    fields: dict[str, Any] = {"shape": (2, 2), "mean": 40.0, "sd": 9.0}
    with pytest.raises(ArgumentError, match="lower regression_to_the_mean or raise sd_before"):
        selected_before(rng, **fields, slope=0.5, change=1000.0)
    with pytest.raises(ArgumentError, match=r"got a slope of 1\.2"):
        selected_before(rng, **fields, slope=1.2, change=1.0)


def test_errors_of_a_series_follow_the_one_before(seed: int) -> None:
    """Variance 1 at each point, correlation 0.6 with the next and 0.36 with the one after."""
    series = autoregressive(np.random.default_rng(seed), shape=(REPLICATES, 4), correlation=0.6)
    for point in range(4):
        _assert_covariance(series[:, 0], series[:, point], 0.6**point)


@pytest.mark.parametrize(
    ("change", "stated"), [("level", [4.0, 4.0, 4.0]), ("level_and_slope", [4 / 3, 8 / 3, 4.0])]
)
def test_a_series_reaches_the_effect_at_its_last_point(change: str, stated: list[float]) -> None:
    """At once, or in equal steps; people of whom a million make a point hardly err."""
    series = people_of(
        {
            "design": "interrupted_time_series",
            "points_before": 4,
            "points_after": 3,
            "people_per_point": 1_000_000,
            "autocorrelation": 0.2,
            "shock_sd": 0.0,
            "change": change,
        },
        people=2,
        counterfactual=50.0,
        effect=4.0,
        kind="continuous",
        sd=1.0,
        rng=1,
    )
    # Ten standard deviations of a point, 0.001.
    assert series["outcome"].tolist() == pytest.approx(
        [50.0] * 4 + [50 + s for s in stated], abs=0.01
    )


def test_no_shows_are_beside_participants_and_crossovers_among_controls() -> None:
    """Of 60 participants a fifth of those allotted stay away: 15; a quarter of controls cross."""
    people = people_of(
        {
            "design": "randomised",
            "controls_per_participant": 2.0,
            "non_compliance": {"no_shows": 0.2, "crossovers": 0.25, "estimand": "itt"},
        },
        people=60,
        counterfactual=0.3,
        effect=0.1,
        rng=1,
    )
    assert people["assigned"].sum() == 75
    assert people.loc[people["assigned"] == 1, "treated"].sum() == 60
    crossed = people.loc[people["assigned"] == 0, "treated"]
    assert len(crossed) == 120
    # Five binomial standard errors around 30.
    assert abs(crossed.sum() - 30) <= ERRORS * math.sqrt(120 * 0.25 * 0.75)


def test_missing_results_are_missing_and_others_are_not() -> None:
    """Excluded results are NaN; those counted by a rule are there."""
    stated: dict[str, Any] = {"people": 200, "counterfactual": 0.3, "effect": 0.1, "rng": 1}
    missing = {"share": 0.25, "rule": "excluded"}
    excluded = people_of({"design": "verification", "missing": missing}, **stated)
    filled = people_of(
        {"design": "verification", "missing": {**missing, "rule": "counts_as_achieved"}}, **stated
    )
    lost = excluded["outcome"].isna()
    assert 0 < lost.sum() < 200
    assert (filled["outcome"][lost] == 1).all()
    assert (filled["outcome"][~lost] == excluded["achieved"][~lost]).all()
