"""Running an evaluation again and again: determinism, tables, own estimators, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sibsim.core.clusters import Clusters
from sibsim.errors import ArgumentError, CaseError
from sibsim.evaluation.randomised import Randomised
from sibsim.micro import trial
from sibsim.micro.estimators import Estimate, difference_in_means
from sibsim.micro.trial import Replicates, mc_error_of_sd, people_of, simulate_evaluation

ERRORS = 5
"""Monte Carlo standard errors within which a simulated figure must lie."""

TRIAL: dict[str, Any] = {"design": "randomised", "controls_per_participant": 1.0}
SHARES: dict[str, Any] = {"people": 20, "counterfactual": 0.3, "effect": 0.1}
CLUSTERED: dict[str, Any] = {
    "design": "cluster_randomised",
    "controls_per_participant": 1.0,
    "control_clusters": 4,
}
TIMES: dict[str, Any] = {
    "people": 100,
    "counterfactual": 0.05,
    "effect": -0.4,
    "kind": "time_to_event",
    "enrolment_ends": 6.0,
    "follow_up_ends": 18.0,
}


def test_a_seed_gives_the_same_numbers_and_another_one_others() -> None:
    """An integer decides everything; a generator is used up."""
    first, again = (simulate_evaluation(TRIAL, **SHARES, replicates=7, rng=3) for _ in range(2))
    other = simulate_evaluation(TRIAL, **SHARES, replicates=7, rng=4)
    assert np.array_equal(first.estimate, again.estimate)
    assert not np.array_equal(first.estimate, other.estimate)
    generator = np.random.default_rng(3)
    two = [simulate_evaluation(TRIAL, **SHARES, replicates=7, rng=generator) for _ in range(2)]
    assert not np.array_equal(two[0].estimate, two[1].estimate)


def test_more_replicates_change_no_earlier_one() -> None:
    """Blocks of replicates have streams of their own."""
    few = simulate_evaluation(TRIAL, **SHARES, replicates=trial.BLOCK - 1, rng=3)
    many = simulate_evaluation(TRIAL, **SHARES, replicates=2 * trial.BLOCK + 1, rng=3)
    assert np.array_equal(few.estimate, many.estimate[: trial.BLOCK - 1])
    # Blocks differ, and so do replicates of one block.
    assert len(np.unique(many.estimate)) > trial.BLOCK / 5
    assert not np.array_equal(
        many.estimate[: trial.BLOCK], many.estimate[trial.BLOCK : 2 * trial.BLOCK]
    )


def test_a_table_and_an_instance_are_the_same_design() -> None:
    """The outcome's name may be left out of a table."""
    design = Randomised.model_validate({**TRIAL, "outcome": "job"})
    table, instance = (
        simulate_evaluation(each, **SHARES, replicates=5, rng=1) for each in (TRIAL, design)
    )
    assert np.array_equal(table.estimate, instance.estimate)


def test_the_people_shown_are_those_of_the_first_replicate() -> None:
    """What a researcher looks at is what is analysed."""
    frame = people_of(TRIAL, **SHARES, rng=3)
    assert frame.columns.tolist() == ["person", "assigned", "treated", "outcome"]
    assert len(frame) == 40
    assert frame["treated"].sum() == 20
    found = simulate_evaluation(TRIAL, **SHARES, replicates=2, rng=3)
    first = difference_in_means(frame)
    assert found.estimate[0] == first.estimate
    assert found.standard_error[0] == first.standard_error


def test_an_estimator_of_ones_own_is_given_the_data_frame() -> None:
    """It sees people, and what it returns is what is reported."""
    seen: list[pd.DataFrame] = []

    def median(people: pd.DataFrame) -> Estimate:
        seen.append(people)
        return Estimate(float(people["outcome"].median()), 2.0, 3.0)

    numbers: dict[str, Any] = {**SHARES, "kind": "continuous", "sd": 1.0}
    found = simulate_evaluation(TRIAL, **numbers, replicates=4, rng=3, estimator=median)
    pd.testing.assert_frame_equal(seen[0], people_of(TRIAL, **numbers, rng=3))
    assert found.estimate.tolist() == [people["outcome"].median() for people in seen]
    reach = 2.0 * stats.t.ppf(0.975, 3)
    np.testing.assert_allclose(found.upper - found.estimate, reach)
    np.testing.assert_allclose(found.p_value, 2 * stats.t.sf(np.abs(found.estimate) / 2.0, 3))


def test_infinite_degrees_are_the_normal_distribution() -> None:
    """The interval is 1.96 standard errors at 5 %, 1.64 at 10 %."""
    found = simulate_evaluation(
        TRIAL, **SHARES, replicates=2, rng=1, alpha=0.1, estimator=lambda _: Estimate(1.0, 0.5)
    )
    assert found.lower[0] == pytest.approx(1.0 - 0.5 * 1.6448536269514722, rel=1e-12)
    assert found.p_value[0] == pytest.approx(0.04550026389635842, rel=1e-12)


def test_an_estimate_without_error_is_significant_unless_it_is_zero() -> None:
    """Everybody alike in both arms: no NaN."""

    def sure_of(effect: float) -> Replicates:
        return simulate_evaluation(
            TRIAL, **SHARES, replicates=2, rng=1, estimator=lambda _: Estimate(effect, 0.0)
        )

    none, all_ = sure_of(0.0), sure_of(0.1)
    assert none.p_value.tolist() == [1.0, 1.0]
    assert all_.p_value.tolist() == [0.0, 0.0]


def test_the_table_by_hand() -> None:
    """Four replicates: two of the intervals hold the truth, one test rejects."""
    found = Replicates(
        truth=2.0,
        estimate=np.array([1.0, 2.0, 3.0, 6.0]),
        standard_error=np.array([1.0, 1.0, 1.0, 3.0]),
        lower=np.array([0.0, 1.0, 2.5, 3.0]),
        upper=np.array([2.0, 3.0, 3.5, 9.0]),
        p_value=np.array([0.05, 0.2, 0.04, 0.3]),
        alpha=0.05,
    )
    table = found.table()
    sd = math.sqrt((4 + 1 + 0 + 9) / 3)
    assert table["value"].tolist() == pytest.approx([3.0, 1.0, sd, 1.5, 0.5, 0.25, 0.0])
    assert table.loc["mean", "mc_error"] == pytest.approx(sd / 2)
    assert table.loc["mean_standard_error", "mc_error"] == pytest.approx(1.0 / 2)
    assert table.loc["coverage", "mc_error"] == pytest.approx(math.sqrt(0.25 / 8))
    # Squares apart from the mean: 4, 1, 0, 9, of mean 3.5 and sd sqrt(12.25).
    expected = math.sqrt(12.25) / 2 / (2 * math.sqrt(3.5))
    assert table.loc["sd", "mc_error"] == pytest.approx(expected)


def test_an_arm_that_is_lost_has_no_estimate() -> None:
    """Of 2 people in an arm half are lost: without both there is no spread, and that is counted."""
    lossy = {**TRIAL, "attrition": {"treated": 0.5, "control": 0.0}}
    found = simulate_evaluation(lossy, people=2, counterfactual=0.5, effect=0.0, rng=3)
    undefined = np.isnan(found.estimate)
    assert np.array_equal(undefined, np.isnan(found.p_value))
    table = found.table()
    assert table.loc["undefined", "value"] == undefined.mean()
    assert abs(undefined.mean() - 0.75) <= ERRORS * table["mc_error"]["undefined"]
    assert np.isfinite(table.to_numpy()).all()


def test_nothing_but_lost_arms_is_undefined() -> None:
    """Every figure is NaN, without a warning, where all but one in a thousand are lost."""
    lost = {**TRIAL, "attrition": {"treated": 0.999, "control": 0.0}}
    table = simulate_evaluation(lost, **SHARES, rng=3, replicates=3).table()
    assert table.loc["undefined", "value"] == 1
    assert table["value"].drop("undefined").isna().all()


def test_the_error_of_a_standard_deviation_of_normal_numbers(seed: int) -> None:
    """It is sd / sqrt(2 R), and 0 of numbers that are all the same."""
    values = 3.0 * np.random.default_rng(seed).standard_normal(100_000)
    # The fourth moment of that many normal numbers is told to about 1.5 %.
    assert mc_error_of_sd(values) == pytest.approx(3.0 / math.sqrt(200_000), rel=0.05)
    assert mc_error_of_sd(np.ones(5)) == 0


@pytest.mark.slow
def test_times_to_an_event_have_schoenfelds_variance(seed: int) -> None:
    """The log hazard ratio has variance 1 / d1 + 1 / d0, d the events expected in an arm."""
    replicates = 150
    found = simulate_evaluation(TRIAL, **TIMES, replicates=replicates, rng=seed)

    def events(hazard: float) -> float:
        """Return P(event) x 100, follow-up being uniform on 12 to 18 months."""
        kept = (math.exp(-hazard * 12) - math.exp(-hazard * 18)) / (6 * hazard)
        return 100 * (1 - kept)

    hazards = (0.05, 0.05 * math.exp(-0.4))
    stated = math.sqrt(sum(1 / events(hazard) for hazard in hazards))
    assert found.truth == -0.4
    missed = found.estimate - found.truth
    assert abs(missed.mean()) <= ERRORS * stated / math.sqrt(replicates)
    assert abs(missed.std() - stated) <= ERRORS * mc_error_of_sd(missed)
    coverage = found.table().loc["coverage"]
    assert abs(coverage["value"] - 0.95) <= ERRORS * coverage["mc_error"]


@pytest.mark.parametrize(
    ("design", "fields", "path", "problem"),
    [
        (TRIAL, {"people": 1}, "people", "got 1; how much people differ"),
        (TRIAL, {"people": 2.5}, "people", "give a whole number of them"),
        (TRIAL, {"counterfactual": 1.2}, "counterfactual", "got 1.2; a share lies in [0, 1]"),
        (TRIAL, {"effect": 0.8}, "effect", "it makes 1.1"),
        (TRIAL, {"kind": "count", "counterfactual": -1.0}, "counterfactual", "at 0 or above"),
        (TRIAL, {"kind": "continuous", "sd": 0.0}, "sd", "give a number above 0"),
        (TRIAL, {"kind": "count", "dispersion": 0.0}, "dispersion", "leave it out for Poisson"),
        (TRIAL, {"kind": "ordinal"}, "kind", "a result is one of binary, count"),
        (TRIAL, {"confounding": 1.0}, "confounding", "a share of the variance in [0, 1)"),
        (TRIAL, {"replicates": 1}, "replicates", "got 1; their spread"),
        (TRIAL, {"alpha": 1.0}, "alpha", "a probability between 0 and 1"),
        (TRIAL, {**TIMES, "follow_up_ends": 6.0}, "follow_up_ends", "at month 6; give a later"),
        (TRIAL, {**TIMES, "enrolment_ends": -1.0}, "enrolment_ends", "give 0 or more"),
        (TRIAL, {**TIMES, "counterfactual": 0.0}, "counterfactual", "hazard, events a month"),
        ({**TRIAL, "covariates_r2": 0.2}, TIMES, "design.covariates_r2", "write 0"),
        ({**CLUSTERED, "control_clusters": 1}, {}, "design.control_clusters", "got 1"),
        (CLUSTERED, {"clusters": {"number": 1, "icc": 0.1}}, "clusters.number", "got 1; "),
        (
            CLUSTERED,
            {"clusters": {"number": 4, "icc": 1.0}},
            "clusters.icc",
            "got 1; an intraclass correlation lies in [0, 1)",
        ),
        (
            CLUSTERED,
            {"clusters": {"number": 4, "icc": -0.1}},
            "clusters.icc",
            "got -0.1; an intraclass correlation lies in [0, 1)",
        ),
        (CLUSTERED, {}, "design", "no clusters"),
        (
            {"design": "verification"},
            {"clusters": {"number": 4, "icc": 0.1}},
            "clusters",
            "drop them, or choose",
        ),
        (
            {"design": "before_after", "regression_to_the_mean": 0.0, "correlation": 0.5},
            {"kind": "count"},
            "kind",
            "got count; before_after is simulated for results that are binary or continuous",
        ),
        (
            {"design": "verification", "sensitivity": 0.9},
            {"kind": "continuous", "sd": 1.0},
            "design",
            "a number, which is neither recognised",
        ),
        ({"design": "randomized"}, {}, "design", "did you mean 'randomised'"),
    ],
)
def test_what_cannot_be_is_refused(
    design: dict[str, Any], fields: dict[str, Any], path: str, problem: str
) -> None:
    """Every message names the argument, what was given, the rule and the way out."""
    with pytest.raises(CaseError) as refused:
        simulate_evaluation(design, **{**SHARES, **fields})
    texts = {fault.path: fault.problem for fault in refused.value.faults}
    assert problem in texts[path]


def test_all_faults_are_told_at_once() -> None:
    """Too few people and an ICC of 1 are two faults."""
    with pytest.raises(CaseError) as refused:
        people_of(
            CLUSTERED,
            people=1,
            counterfactual=0.3,
            effect=0.1,
            clusters={"number": 4, "icc": 1.0},
        )
    assert {fault.path for fault in refused.value.faults} == {"people", "clusters.icc"}


def test_a_combination_is_simulated_part_by_part() -> None:
    """The message says so."""
    combined = {
        "design": "combined",
        "first": TRIAL,
        "second": {"design": "verification"},
        "weights": [0.8, 0.2],
    }
    with pytest.raises((ArgumentError, CaseError)) as refused:
        simulate_evaluation(combined, **SHARES)
    if isinstance(refused.value, ArgumentError):
        assert "each design by itself" in str(refused.value)


def test_a_probability_beyond_one_is_refused_and_not_cut() -> None:
    """People who are sure to fail or succeed are one thing, a probability of 1.1 another."""
    gap = {
        "design": "difference_in_differences",
        "controls_per_participant": 1.0,
        "periods_before": 1,
        "correlation": 0.5,
        "analysis": "difference",
        "gap": 0.25,
        "trend": {"mean": 0.0, "sd": 0.0},
    }
    with pytest.raises(ArgumentError, match=r"a probability lies in \[0, 1\]; lower the effect"):
        simulate_evaluation(gap, **SHARES, replicates=2, rng=1)


def test_clusters_may_be_a_table_or_a_description() -> None:
    """Both make the same people."""
    stated = {"number": 4, "icc": 0.1}
    table, instance = (
        people_of(CLUSTERED, **SHARES, clusters=each, rng=5)
        for each in (stated, Clusters.model_validate(stated))
    )
    pd.testing.assert_frame_equal(table, instance)
    assert table.groupby("cluster")["treated"].nunique().max() == 1
    assert table["cluster"].nunique() == 8
