"""Estimators against numbers by hand, closed forms and data without error."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from sibsim.evaluation.stepped_wedge import stepped_wedge_variance
from sibsim.micro import adjusted, estimators, serial
from sibsim.micro.trial import people_of

ERRORS = 5
"""Standard errors within which an estimate must lie."""

TREATED = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
OUTCOME = np.array([3.0, 5.0, 7.0, 1.0, 1.0, 3.0, 3.0])
"""Means 5 and 2, variances 4 and 4 / 3."""


def test_the_difference_in_means_has_the_error_of_two_groups() -> None:
    """s1^2 / n1 + s0^2 / n0 = 4 / 3 + 1 / 3, with 5 degrees, from arrays and from a data frame."""
    columns = {"treated": TREATED, "outcome": OUTCOME}
    for people in (columns, pd.DataFrame(columns)):
        found = estimators.difference_in_means(people)
        assert found == pytest.approx((3.0, math.sqrt(5 / 3), 5.0))


def test_robust_errors_are_those_of_statsmodels(seed: int) -> None:
    """HC2 of a weighted regression on two columns, to rounding."""
    from statsmodels.regression.linear_model import WLS

    rng = np.random.default_rng(seed)
    other, outcome = rng.standard_normal((2, 7))
    weights = rng.random(7) + 0.5
    design = np.column_stack([np.ones(7), TREATED, other])
    fit = WLS(outcome, design, weights=weights).fit()
    found = estimators.least_squares(outcome, TREATED, other, weights=weights)
    assert found == pytest.approx((fit.params[1], fit.HC2_se[1], 4.0), rel=1e-10)


def test_people_without_a_result_are_left_out() -> None:
    """A missing result changes nothing else."""
    people = {
        "treated": np.append(TREATED, [1.0, 0.0]),
        "outcome": np.append(OUTCOME, [np.nan, np.nan]),
    }
    assert estimators.difference_in_means(people) == pytest.approx((3.0, math.sqrt(5 / 3), 5.0))


@pytest.mark.parametrize("people", [2, 3])
def test_an_arm_of_one_is_unknown(people: int) -> None:
    """One person has no spread."""
    treated = np.arange(people) < 1
    columns = {"treated": treated.astype(np.float64), "outcome": np.arange(float(people))}
    assert np.isnan(estimators.difference_in_means(columns)).all()
    assert np.isnan(estimators.mean_of(np.ones(1))).all()


def test_adjusting_for_what_explains_everything_leaves_no_error() -> None:
    """Outcome 2 + 3 treated + 4 covariate."""
    covariate = np.array([0.0, 1.0, 5.0, 2.0, 2.5, 7.0, 1.0])
    people = {
        "treated": TREATED,
        "covariate": covariate,
        "outcome": 2 + 3 * TREATED + 4 * covariate,
    }
    found = estimators.adjusted_difference(people)
    assert found == pytest.approx((3.0, 0.0, 4.0), abs=1e-12)


def test_the_mean_above_a_known_comparison() -> None:
    """Gains 0, 1, 1, 0 against 0.25: mean 0.25, sd sqrt(1 / 3), error half of it."""
    people = {"comparison": np.full(4, 0.25), "outcome": np.array([0.0, 1.0, 1.0, 0.0])}
    found = estimators.mean_above_comparison(people)
    assert found == pytest.approx((0.25, math.sqrt(1 / 3) / 2, 3.0))


def test_the_effect_on_compliers_is_a_ratio() -> None:
    """Half of those assigned take part, outcomes differ by 1: the effect on compliers is 2."""
    people = {
        "assigned": np.repeat([1.0, 0.0], 4),
        "treated": np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        "outcome": np.array([5.0, 3.0, 2.0, 2.0, 1.0, 3.0, 2.0, 2.0]),
    }
    found = estimators.complier_effect(people)
    # Less twice the treatment: 3 1 2 2 and 1 3 2 2, each of variance 2 / 3.
    assert found == pytest.approx((2.0, math.sqrt(2 / 3 / 4 + 2 / 3 / 4) / 0.5, 6.0))
    assert estimators.assigned_difference(people).estimate == pytest.approx(1.0)
    nobody = {**people, "treated": np.zeros(8)}
    assert np.isnan(estimators.complier_effect(nobody)).all()


def _shares(treated: int, control: int) -> dict[str, FloatArray]:
    """Return two arms of 50 with so many successes."""
    arms = np.repeat([1.0, 0.0], 50)
    outcome = np.zeros(100)
    outcome[:treated] = outcome[50 : 50 + control] = 1
    return {"treated": arms, "outcome": outcome}


def test_a_logit_of_two_arms_is_their_difference() -> None:
    """Saturated: 0.4 - 0.3, and p (1 - p) / n in each arm by the delta method."""
    found = estimators.logit_effect(_shares(20, 15))
    stated = math.sqrt(0.4 * 0.6 / 50 + 0.3 * 0.7 / 50)
    # The fit stops when the likelihood no longer rises, at about six digits.
    assert found[:2] == pytest.approx((0.1, stated), rel=1e-5)
    assert np.isnan(estimators.logit_effect(_shares(20, 0))).all()


def test_regressions_of_counts_of_two_arms_are_their_difference() -> None:
    """Both families fit the two means exactly; robust errors are those of two groups."""
    people = {
        "treated": np.repeat([1.0, 0.0], 6),
        "outcome": np.array([0.0, 2, 5, 1, 9, 1, 2, 0, 0, 3, 1, 0]),
    }
    treated, control = people["outcome"][:6], people["outcome"][6:]
    stated = math.sqrt(treated.var() / 6 + control.var() / 6)
    found = estimators.count_effect(people)
    assert found.estimate == pytest.approx(2.0, rel=1e-6)
    # Robust errors of a nonlinear model divide by n, or by n less its parameters.
    assert stated * 0.99 <= found.standard_error <= stated * math.sqrt(12 / 10) * 1.01
    negative = estimators.count_effect(people, family="negative_binomial")
    assert negative.estimate == pytest.approx(2.0, rel=1e-3)


def test_the_log_hazard_ratio_of_exponential_times(seed: int) -> None:
    """Hazards 0.2 and 0.1: within five standard errors of log 2."""
    rng = np.random.default_rng(seed)
    treated = np.repeat([1.0, 0.0], 300)
    time = rng.standard_exponential(600) / np.where(treated == 1, 0.2, 0.1)
    people = {
        "treated": treated,
        "time": np.minimum(time, 10),
        "event": (time < 10).astype(float),
    }
    found = estimators.log_hazard_ratio(people)
    assert abs(found.estimate - math.log(2)) <= ERRORS * found.standard_error


def _clusters() -> dict[str, FloatArray]:
    """Return three clusters of two in each arm, with means 4, 6, 8 and 1, 2, 3."""
    mean = np.repeat([4.0, 6.0, 8.0, 1.0, 2.0, 3.0], 2)
    return {
        "cluster": np.repeat([0.0, 1.0, 2.0, 5.0, 6.0, 7.0], 2),
        "treated": np.repeat([1.0, 0.0], 6),
        "outcome": mean + np.tile([-1.0, 1.0], 6),
    }


def test_equal_clusters_are_a_t_test_of_their_means() -> None:
    """4 / 3 + 1 / 3 with 4 degrees; the usual robust error of people is a little smaller."""
    people = _clusters()
    found = estimators.cluster_means(people)
    assert found == pytest.approx((4.0, math.sqrt(5 / 3), 4.0))
    usual = estimators.clustered_difference(people)
    assert usual.estimate == pytest.approx(4.0)
    # CR1: (G / (G - 1)) (N - 1) / (N - 2) of sums of squares over J^2, not J (J - 1).
    correction = 6 / 5 * 11 / 10
    assert usual.standard_error == pytest.approx(math.sqrt(correction * (8 / 9 + 2 / 9)))
    assert usual.degrees == 4


def test_the_change_from_before() -> None:
    """Changes 1, 2, 3: mean 2, error sd / sqrt(3)."""
    people = {"before": np.array([1.0, 1.0, 1.0]), "outcome": np.array([2.0, 3.0, 4.0])}
    assert adjusted.change_from_before(people) == pytest.approx((2.0, 1 / math.sqrt(3), 2.0))


def _panel(analysis: str) -> pd.DataFrame:
    return people_of(
        {
            "design": "difference_in_differences",
            "controls_per_participant": 1.5,
            "periods_before": 3,
            "correlation": 0.5,
            "analysis": analysis,
            "gap": 3.0,
            "trend": {"mean": 0.0, "sd": 0.0},
        },
        people=20,
        counterfactual=50.0,
        effect=4.0,
        kind="continuous",
        sd=10.0,
        rng=11,
    )


def test_two_way_fixed_effects_are_the_difference_of_mean_changes() -> None:
    """In a balanced panel the regression is the difference between mean changes, to rounding."""
    people = _panel("difference")
    wide = people.pivot_table(index="person", columns="period", values="outcome").to_numpy()
    change = wide[:, -1] - wide[:, :-1].mean(axis=1)
    own, others = change[:20], change[20:]
    found = adjusted.two_way_fixed_effects(people)
    assert found.estimate == pytest.approx(own.mean() - others.mean())
    spread = own.var() / 20 + others.var() / 30
    assert found.standard_error == pytest.approx(math.sqrt(spread * 50 / 48))
    assert found.degrees == 48


def test_ancova_is_the_regression_on_the_mean_before() -> None:
    """The coefficient that least squares of the last period on arm and mean before gives."""
    people = _panel("ancova")
    wide = people.pivot_table(index="person", columns="period", values="outcome").to_numpy()
    design = np.column_stack([np.ones(50), np.arange(50) < 20, wide[:, :-1].mean(axis=1)])
    stated = np.linalg.lstsq(design, wide[:, -1], rcond=None)[0][1]
    assert adjusted.ancova(people).estimate == pytest.approx(stated)


def test_pairs_are_the_nearest_that_are_left() -> None:
    """The highest participant takes 9.5 before the other one can; then 6 is nearest to 9."""
    people = {
        "treated": np.array([1.0, 1.0, 0.0, 0.0, 0.0]),
        "covariate": np.array([9.0, 10.0, 9.5, 6.0, 1.0]),
        "outcome": np.array([5.0, 8.0, 4.0, 3.0, 100.0]),
    }
    # 8 - 4 and 5 - 3: mean 3, sd sqrt(2), error 1.
    assert adjusted.matched_pairs(people) == pytest.approx((3.0, 1.0, 1.0))
    two = {name: column[[0, 2, 3, 4, 0]] for name, column in people.items()}
    two["covariate"] = np.array([5.0, 4.0, 6.0, 9.0, 100.0])
    # The one at 100 takes 9 and 6; the one at 5 takes what is left of 4, 6 and 9: 4 and nothing.
    assert adjusted.matched_pairs(two, per_participant=1).estimate == pytest.approx(
        ((5 - 100) + (5 - 4)) / 2
    )


CONFOUNDED = {
    "design": "matched_comparison",
    "controls_per_participant": 2.0,
    "residual_bias": {"mean": 0.0, "sd": 0.0},
}


def test_matching_and_weighting_take_away_what_the_naive_comparison_gets_wrong() -> None:
    """Half the variance goes with who takes part: the naive difference is far off."""
    people = people_of(
        CONFOUNDED,
        people=400,
        counterfactual=0.0,
        effect=1.0,
        kind="continuous",
        sd=1.0,
        confounding=0.5,
        rng=12,
    )
    naive = estimators.difference_in_means(people)
    assert naive.estimate - 1.0 > ERRORS * naive.standard_error
    for analysis in (adjusted.matched_pairs, adjusted.propensity_weighted):
        found = analysis(people)
        assert abs(found.estimate - 1.0) <= ERRORS * found.standard_error


def test_a_jump_in_a_straight_line_is_found_exactly() -> None:
    """Outcome 1 - 2 score + 3 treated, and people beyond the bandwidth do not matter."""
    score = np.linspace(-1.0, 1.2, 23) + 0.01
    treated = (score < 0).astype(np.float64)
    weight = (np.abs(score) < 0.9).astype(np.float64)
    line = 1 - 2 * score + 3 * treated + 50 * (1 - weight)
    people = {"treated": treated, "score": score, "weight": weight, "outcome": line}
    assert adjusted.jump_at_cutoff(people)[:2] == pytest.approx((3.0, 0.0), abs=1e-10)
    bent = {**people, "outcome": line + treated * score}
    assert adjusted.jump_at_cutoff(bent, own_slopes=True).estimate == pytest.approx(3.0)
    assert adjusted.jump_at_cutoff(bent).estimate != pytest.approx(3.0)


WEDGE = {
    "design": "stepped_wedge",
    "sequences": [3, 3, 3],
    "people": 50,
    "tau": 2.0,
    "eta": 1.0,
    "rho": 0.3,
    "transition_periods": 1,
}


def _wedge() -> pd.DataFrame:
    return people_of(
        WEDGE, people=2, counterfactual=50.0, effect=4.0, kind="continuous", sd=12.0, rng=13
    )


def test_the_wedge_has_the_published_error() -> None:
    """With variances known the error does not depend on results: it is the closed form."""
    found = serial.hussey_hughes(_wedge(), sigma2=144.0, tau=2.0, eta=1.0, rho=0.3)
    stated = stepped_wedge_variance(
        sequences=(3, 3, 3),
        people=50,
        sigma2=144.0,
        tau=2.0,
        eta=1.0,
        rho=0.3,
        transition_periods=1,
    )
    assert found.standard_error == pytest.approx(math.sqrt(stated.item()))
    assert found.degrees == math.inf


def test_a_mixed_model_comes_near_known_variances() -> None:
    """The two estimates differ by less than the error of either."""
    people = _wedge()
    known = serial.hussey_hughes(people, sigma2=144.0, tau=2.0)
    found = serial.mixed_model(people)
    assert abs(found.estimate - known.estimate) < known.standard_error
    assert 0.5 < found.standard_error / known.standard_error < 2


def _series(noise: FloatArray | float = 0.0) -> dict[str, FloatArray]:
    """Return a level of 10, a trend of 0.5, then 3 more and 0.25 more a period."""
    period = np.arange(-12.0, 8.0)
    treated = (period >= 0).astype(np.float64)
    outcome = 10 + 0.5 * period + treated * (3 + 0.25 * period) + noise
    return {"period": period, "treated": treated, "outcome": outcome}


def test_a_series_ends_where_level_and_slope_lead() -> None:
    """3 + 7 x 0.25 at the last of eight points; with 20 points and 4 parameters 16 degrees."""
    found = serial.segmented(_series(), autocorrelation=0.4, slope=True)
    assert found == pytest.approx((4.75, 0.0, 16.0), abs=1e-9)
    level = _series()
    level["outcome"] -= 0.25 * level["treated"] * level["period"]
    assert serial.segmented(level, autocorrelation=0.4)[0] == pytest.approx(3.0)


def test_an_estimated_autocorrelation_comes_near_a_known_one(seed: int) -> None:
    """Errors that follow 0.5 of the one before: the estimates differ by less than their errors."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(20)
    for point in range(1, 20):
        noise[point] += 0.5 * noise[point - 1]
    people = _series(noise)
    known = serial.segmented(people, autocorrelation=0.5, slope=True)
    found = serial.segmented_estimated(people, slope=True)
    assert abs(found.estimate - known.estimate) < known.standard_error
    assert found.degrees in {15.0, 16.0}


def test_a_synthetic_control_finds_the_weights(seed: int) -> None:
    """Without error a place that is 0.25 of one and 0.75 of another donor is matched exactly."""
    rng = np.random.default_rng(seed)
    donors = rng.standard_normal((4, 30)) + 5.0
    own = 0.25 * donors[1] + 0.75 * donors[3]
    own[-1] += 2.0
    people = {"unit": np.repeat(np.arange(5.0), 30), "outcome": np.vstack([own, donors]).ravel()}
    found = serial.synthetic_control(people)
    assert found.estimate == pytest.approx(2.0, abs=1e-6)
    assert found.standard_error > 0.1
    assert found.degrees == 3
    more = serial.synthetic_control(people, sampling_variance=9.0)
    assert more.standard_error == pytest.approx(math.hypot(found.standard_error, 3.0))


def test_one_donor_is_no_placebo() -> None:
    """A donor is compared with other donors."""
    people = {"unit": np.repeat([0.0, 1.0], 3), "outcome": np.arange(6.0)}
    with pytest.raises(ArgumentError, match="got 1 donors; a placebo is compared with other"):
        serial.synthetic_control(people)
