"""Combined designs: weights, the switch, the shared luck, and simulated reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtr, ndtri

from sibsim.core.spec import load_family_member
from sibsim.evaluation.base import EvaluationDesign, Measurable
from sibsim.evaluation.combined import Combined, Switch, pooled_standard_error
from sibsim.evaluation.interrupted_time_series import InterruptedTimeSeries
from sibsim.evaluation.randomised import Randomised
from sibsim.evaluation.stepped_wedge import SteppedWedge
from sibsim.evaluation.synthetic_control import SyntheticControl
from tests.evaluations import (
    CRIMES,
    assert_it_errs_as_stated,
    assert_luck_is_left,
    assert_nobody_is_no_effect,
    assert_precision_is_the_variance,
    missed,
    outcome,
    path_of,
    report_of,
    stated_error,
)
from tests.people import participation

TRIAL = {"design": "randomised", "controls_per_participant": 1.0}
BASELINE = {
    "design": "historical_baseline",
    "baseline": {"rate": 0.35, "people": 400, "date": date(2023, 12, 31)},
}
WEDGE = SteppedWedge.model_validate(
    {
        "design": "stepped_wedge",
        "outcome": "it",
        "sequences": [3, 3],
        "people": 30,
        "tau": 0.05,
    }
)
SERIES = InterruptedTimeSeries.model_validate(
    {
        "design": "interrupted_time_series",
        "outcome": "it",
        "points_before": 6,
        "points_after": 4,
        "people_per_point": 80,
        "autocorrelation": 0.2,
        "shock_sd": 0.02,
        "change": "level",
    }
)
PLACEBO = SyntheticControl.model_validate(
    {"design": "synthetic_control", "outcome": "it", "donors": 19, "placebo_sd": 0.04}
)
SWITCH = {"power_below": 0.8, "effect": 0.2, "alpha": 0.05, "sided": 2}


def _design(**changes: object) -> Combined:
    fields = {"first": TRIAL, "second": BASELINE, "weights": [0.8, 0.2], **changes}
    return Combined.model_validate({"design": "combined", "outcome": "it", **fields})


def test_roca_weights_by_hand() -> None:
    """0.8 x 0.15 + 0.2 x 0.2 = 0.16, against a trial without error and a baseline of 0.35."""
    design, path = _design(), path_of()
    estimate = design.estimate(report_of(design, path))
    np.testing.assert_allclose(estimate, np.full((2, 3, 1), 0.16), rtol=1e-12)
    np.testing.assert_allclose(design.bias(path), np.full((2, 3, 1), 0.01), rtol=1e-12)


def test_the_standard_error_by_hand() -> None:
    """Participants' luck counts in full, that of controls by the square of the first weight."""
    found = stated_error(_design())
    expected = 0.2475 / 40 + 0.8**2 * 0.24 / 40
    assert found[0, 0, 0] ** 2 == pytest.approx(expected, rel=1e-12)


def test_the_power_of_a_trial_by_hand() -> None:
    """100 against 100 people, as if they were of one cohort."""
    path = path_of()
    expected = np.sqrt((0.2475 + 0.24) / 100)
    found = pooled_standard_error(_design().first, path=path)
    np.testing.assert_allclose(found, np.full((1, 3, 1), expected), rtol=1e-6)
    two, one = (Switch.model_validate(SWITCH | {"sided": sides}) for sides in (2, 1))
    away = 0.2 / expected
    tails = ndtr(away - ndtri(0.975)) + ndtr(-away - ndtri(0.975))
    assert two.power(np.array([expected])) == pytest.approx(tails, rel=1e-12)
    assert one.power(np.array([expected])) == pytest.approx(ndtr(away - ndtri(0.95)), rel=1e-12)
    assert two.power(np.zeros(1)) == 0


def test_a_shared_error_does_not_average_out_in_the_power() -> None:
    """0.2475 / 100 of participants and the whole of the placebo variance."""
    found = pooled_standard_error(PLACEBO, path=path_of())
    np.testing.assert_allclose(found, np.full((1, 3, 1), np.sqrt(0.002475 + 0.0016)), rtol=1e-6)
    wedge = pooled_standard_error(WEDGE, path=path_of())
    np.testing.assert_allclose(wedge, np.sqrt(WEDGE.variance(path_of())), rtol=1e-12)


def test_clusters_are_those_of_all_cohorts_in_the_power() -> None:
    """Two cohorts of 20 in two clusters: the design effect is that of 40 people."""
    path = path_of(outcome(clusters={"number": 2, "icc": 0.1}), people=participation((20, 20)))
    assert path.clusters is not None
    sizes = np.bincount(path.clusters.of_people(40))
    mates = (sizes**2).sum() / 40
    found = pooled_standard_error(PLACEBO, path=path)
    expected = 0.2475 * (1 + (mates - 1) * 0.1) / 40 + 0.0016
    np.testing.assert_allclose(found**2, np.full((1, 3, 1), expected), rtol=1e-6)


@pytest.mark.parametrize(("effect", "alone"), [(0.19, False), (0.2, True)])
def test_the_first_design_decides_where_it_has_the_power(
    seed: int, *, effect: float, alone: bool
) -> None:
    """SE 0.0698 has 80 % power for 2.8016 x 0.0698 = 0.1956."""
    design = _design(switch=SWITCH | {"effect": effect})
    path = path_of(seed=seed, chance=True)
    found = design.estimate(report_of(design, path, seed=seed, measurement=True))
    weights = (1.0, 0.0) if alone else (0.8, 0.2)
    mean = _design(weights=weights)
    expected = mean.estimate(report_of(mean, path, seed=seed, measurement=True))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    for stated, same in (
        (design.bias(path), mean.bias(path)),
        (design.luck_share(path), mean.luck_share(path)),
        (stated_error(design), stated_error(mean)),
    ):
        np.testing.assert_allclose(stated, np.broadcast_to(same, stated.shape), rtol=1e-12)


def test_the_switch_follows_the_people_of_each_draw() -> None:
    """With 100 people the trial decides, with 50 the mean."""
    design = _design(switch=SWITCH)
    path = path_of()
    path = replace(path, people=np.array([[40.0, 20.0], [60.0, 30.0]]))
    np.testing.assert_allclose(
        design.bias(path), np.broadcast_to([0.0, 0.01], (2, 3, 2)), atol=1e-12
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (TRIAL, BASELINE),
        (TRIAL, PLACEBO),
        (TRIAL, WEDGE),
        (WEDGE, SERIES),
        (PLACEBO, TRIAL),
    ],
)
@pytest.mark.parametrize("switch", [None, SWITCH])
def test_the_estimate_errs_as_stated(
    seed: int, first: object, second: object, switch: object
) -> None:
    """Mean and sd with chance and measurement redrawn, whatever the two designs share."""
    assert_it_errs_as_stated(_design(first=first, second=second, switch=switch), seed=seed)


def test_a_count_outcome_errs_as_stated(seed: int) -> None:
    """Events a person."""
    baseline = {**BASELINE, "baseline": {"mean": 2.2, "people": 400, "date": date(2023, 12, 31)}}
    assert_it_errs_as_stated(_design(second=baseline), CRIMES, seed=seed)


def test_participants_in_clusters_err_as_stated(seed: int) -> None:
    """One design has their luck cohort by cohort, the other that of all."""
    model = outcome(clusters={"number": 5, "icc": 0.2})
    design = _design(first=PLACEBO, second=WEDGE, weights=[0.5, 0.5])
    assert_it_errs_as_stated(design, model, seed=seed)


def test_two_analyses_of_everybody_err_alike_in_all_cohorts(seed: int) -> None:
    """A shared error of both does not average out over cohorts."""
    errors = missed(_design(first=WEDGE, second=SERIES), seed=seed)
    np.testing.assert_allclose(errors[0], errors[1], atol=1e-12)


def test_with_measurement_off_participants_luck_is_left(seed: int) -> None:
    """By the weighted share of it in the two estimates."""
    assert_luck_is_left(_design(second=PLACEBO), seed=seed)


@pytest.mark.parametrize(("first", "second"), [(PLACEBO, PLACEBO), (PLACEBO, WEDGE)])
def test_the_evaluator_states_the_known_variance(
    first: EvaluationDesign, second: EvaluationDesign
) -> None:
    """Own and common parts add up to the variance where no bias is unseen."""
    design = _design(first=first, second=second, weights=[0.6, 0.4])
    model = outcome(clusters={"number": 5, "icc": 0.2})
    precision = assert_precision_is_the_variance(design, model)
    assert precision.least_p == pytest.approx(1 / 20)


def test_the_variance_of_two_groups_follows_from_their_shares() -> None:
    """A trial says nothing of its precision for yes or no: 0.55 x 0.45 / n1 + 0.4 x 0.6 / n0."""
    precision = report_of(_design(weights=[1.0, 0.0]), path_of()).precision
    assert precision is not None
    assert precision.own[0, 0, 0] == pytest.approx((0.2475 + 0.24) / 40, rel=1e-9)
    assert np.all(precision.common == 0)


def test_both_designs_are_asked_about_the_outcome() -> None:
    """A baseline that is a rate cannot be compared with a number; the fault names the part."""
    numbers = Measurable(is_indicator=False, by_person=True, follow_up_months=(12,))
    faults = list(_design().check_outcome(numbers))
    assert len(faults) == 1
    assert faults[0].startswith("second: a result of its outcome is a number")


def test_the_designs_measure_the_outcome_of_the_measure() -> None:
    """It is filled in, and the designs of the family are found by name."""
    design = _design()
    assert isinstance(design.first, Randomised)
    assert (design.first.outcome, design.second.outcome) == ("it", "it")
    assert design.served_share == 1


def test_nobody() -> None:
    """A cohort without people has no effect and no error."""
    assert_nobody_is_no_effect(_design(switch=SWITCH))
    assert_nobody_is_no_effect(_design(first=WEDGE, second=PLACEBO))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"first": {"design": "verification"}}, "has no comparison"),
        (
            {"first": TRIAL | {"non_compliance": {"no_shows": 0.2, "estimand": "itt"}}},
            "write estimand = 'cace'",
        ),
        ({"second": BASELINE | {"outcome": "other"}}, "second.outcome = 'other'"),
        ({"weights": [0.8, 0.3]}, "sum to 1.1"),
        ({"weights": [1.2, -0.2]}, "less than or equal to 1"),
        ({"weights": [1.0]}, "weights"),
        ({"first": {"controls_per_participant": 1.0}}, "has no design"),
        ({"first": TRIAL | {"controls_per_participant": 0.0}}, r"first.controls_per_participant"),
        ({"switch": SWITCH | {"effect": 0.0}}, "greater than 0"),
        ({"switch": SWITCH | {"sided": 3}}, "1 or 2"),
        ({"switch": SWITCH | {"power_below": 1.0}}, "less than 1"),
    ],
)
def test_a_combination_that_makes_no_sense_is_refused(changes: dict[str, Any], match: str) -> None:
    """Two designs that compare, of one outcome, with weights that sum to 1."""
    with pytest.raises(ValidationError, match=match):
        _design(**changes)


def test_it_is_said_in_both_languages() -> None:
    """The weights, and when they are used."""
    trial = "a randomised trial with 1 in the control group per participant"
    baseline = "registers, against the contract's baseline of 35 %"
    assert _design().words().en == f"a weighted mean, 80 % from {trial} and 20 % from {baseline}"
    switched = _design(switch=SWITCH)
    assert switched.words().en == (
        f"{trial} or, if its power for an effect of 0.2 is below 80 %, by 80 % of its estimate and "
        f"20 % of that from {baseline}"
    )
    assert switched.describe("da") == (
        "»it« måles ved et lodtrækningsforsøg med 1 i kontrolgruppen pr. deltager eller, "
        "hvis den statistiske styrke over for en effekt på 0,2 er under 80 %, ved 80 % af dette "
        "estimat og 20 % af estimatet fra opslag i registre mod kontraktens baseline på 35 %."
    )
    assert switched.words(compared=False).en == "following the participants of a randomised trial"


@pytest.mark.parametrize(
    "fields",
    [
        {
            "design": "difference_in_differences",
            "controls_per_participant": 1.5,
            "periods_before": 2,
            "correlation": 0.5,
            "analysis": "difference",
            "trend": {"mean": 0.01, "sd": 0.02},
        },
        {
            "design": "matched_comparison",
            "controls_per_participant": 2.0,
            "residual_bias": {"mean": 0.02, "sd": 0.03},
        },
    ],
)
def test_a_trial_with_a_backstop_errs_as_stated(seed: int, fields: dict[str, Any]) -> None:
    """The trial of Roca beside a comparison that nobody drew by lot."""
    member = load_family_member("sibsim.evaluation", "sibsim.evaluation", fields["design"])
    assert member is not None
    second = member.model_validate({"outcome": "it", **fields})
    assert_it_errs_as_stated(_design(second=second), seed=seed)
