"""The individually randomised trial: every option against numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sibsim.core.streams import BLOCK_DRAWS
from sibsim.evaluation.attrition import LostByResult
from sibsim.evaluation.base import luck
from sibsim.evaluation.randomised import Randomised
from sibsim.outcomes.base import OutcomeModel
from tests.evaluations import (
    CLUSTERED,
    JOB,
    assert_it_errs_as_stated,
    assert_nobody_is_no_effect,
    assert_precision_is_the_variance,
    measured,
    missed,
    outcome,
    path_of,
    stated_error,
)
from tests.people import ERRORS, participation

WITH, WITHOUT = 0.55, 0.4
EFFECT = WITH - WITHOUT
BY_RESULT = {"achieved": 0.1, "not_achieved": 0.3}
MOVED = {"no_shows": 0.2, "crossovers": 0.1}


def _trial(**fields: object) -> Randomised:
    stated = {"design": "randomised", "outcome": "job", "controls_per_participant": 1.0}
    return Randomised.model_validate({**stated, **fields})


OPTIONS: dict[str, tuple[dict[str, Any], OutcomeModel]] = {
    "plain": ({}, JOB),
    "clusters": ({}, CLUSTERED),
    "lost at random": ({"attrition": {"treated": 0.2, "control": 0.3}}, JOB),
    "lost at random, clusters": ({"attrition": {"treated": 0.3}}, CLUSTERED),
    "lost by result": ({"attrition": {"treated": BY_RESULT, "control": 0.2}}, JOB),
    "lost by result, controls": ({"attrition": {"control": BY_RESULT}}, JOB),
    "lost by result, clusters": ({"attrition": {"treated": BY_RESULT}}, CLUSTERED),
    "covariates": ({"covariates_r2": 0.4}, JOB),
    "covariates, clusters": ({"covariates_r2": 0.4}, CLUSTERED),
    "covariates, lost": (
        {"covariates_r2": 0.4, "attrition": {"treated": BY_RESULT, "control": 0.2}},
        JOB,
    ),
    "itt": ({"non_compliance": {**MOVED, "estimand": "itt"}}, JOB),
    "itt, clusters": ({"non_compliance": {**MOVED, "estimand": "itt"}}, CLUSTERED),
    "itt, lost": (
        {
            "non_compliance": {"no_shows": 0.4, "crossovers": 0.2, "estimand": "itt"},
            "attrition": {"treated": 0.4, "control": 0.3},
        },
        JOB,
    ),
    "cace": ({"non_compliance": {**MOVED, "estimand": "cace"}}, JOB),
    "cace, lost, covariates": (
        {
            "non_compliance": {**MOVED, "estimand": "cace"},
            "attrition": {"treated": 0.2, "control": 0.1},
            "covariates_r2": 0.3,
        },
        JOB,
    ),
}
every_option = pytest.mark.parametrize("option", OPTIONS)


@every_option
@pytest.mark.parametrize("chance", [True, False])
@pytest.mark.parametrize("measurement", [True, False])
def test_the_estimate_misses_by_its_bias_on_average(
    seed: int, option: str, *, chance: bool, measurement: bool
) -> None:
    """Whichever layers are on, the mean of estimate - truth is the stated bias."""
    fields, model = OPTIONS[option]
    design = _trial(**fields)
    errors = missed(design, model, seed=seed, chance=chance, measurement=measurement)
    error = errors.std(axis=-1) / math.sqrt(errors.shape[-1])
    # A rate among those observed is a ratio of two numbers: its mean is that of the expectations
    # to second order, 1 / people, where only one of the two layers is drawn.
    ratio = 0.1 / 40 if "by result" in option or "covariates, lost" in option else 0.0
    allowed = ratio if chance != measurement else 0.0
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * error + allowed + 1e-12)


@every_option
def test_the_standard_error_is_the_sd_over_both_layers(seed: int, option: str) -> None:
    """With chance and measurement redrawn the sd of the miss is the closed form."""
    fields, model = OPTIONS[option]
    design = _trial(**fields)
    stated = stated_error(design, model)
    assert stated.shape == (2, 3, 1)
    # An estimated sd has a relative error of about 1 / sqrt(2 draws).
    relative = missed(design, model, seed=seed).std(axis=-1) / stated[..., 0] - 1
    assert np.all(np.abs(relative) <= ERRORS / math.sqrt(2 * BLOCK_DRAWS))


@every_option
def test_the_share_of_luck_in_the_estimate(seed: int, option: str) -> None:
    """Regressed on the participants' luck, the miss has the stated slope, measurement on or off.

    Where the result decides who is lost it is a slope at the expectation only, see below.
    """
    fields, model = OPTIONS[option]
    design = _trial(**fields)
    curved = isinstance(design.attrition.treated, LostByResult)
    for measurement in (True,) if curved else (True, False):
        errors = missed(design, model, seed=seed, measurement=measurement)
        path = path_of(model, seed=seed, chance=True)
        own = luck(path)
        share = np.broadcast_to(design.luck_share(path), (2, 3, 1))[..., 0]
        found = (errors * own).mean(axis=-1) / (own * own).mean(axis=-1)
        rest = errors - share[..., np.newaxis] * own
        error = rest.std(axis=-1) / own.std(axis=-1) / math.sqrt(BLOCK_DRAWS)
        assert np.all(np.abs(found - share) <= ERRORS * error + 1e-12)


@every_option
def test_the_evaluator_states_the_variance(option: str) -> None:
    """Own and common variance sum to the squared standard error; plain shares need none."""
    fields, model = OPTIONS[option]
    design = _trial(**fields)
    if measured(design, model)[1].precision is None:
        assert option in {"plain", "lost at random"} or "by result" in option
        return
    precision = assert_precision_is_the_variance(design, model, on=True)
    assert np.all(precision.common > 0) == (model is CLUSTERED)


@every_option
def test_nobody_is_no_effect_and_no_error(seed: int, option: str) -> None:
    """A cohort that nobody starts has estimate 0 and standard error 0, never a NaN."""
    fields, model = OPTIONS[option]
    assert_nobody_is_no_effect(_trial(**fields), model, seed=seed)


@every_option
def test_more_people_and_cohorts_leave_the_others_as_they_were(seed: int, option: str) -> None:
    """A cohort at the end changes no earlier one, bit by bit."""
    fields, model = OPTIONS[option]
    design = _trial(**fields)
    few = measured(design, model, seed=seed)[1]
    more = measured(design, model, seed=seed, people=participation((40, 60, 7)))[1]
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        assert np.array_equal(getattr(few, name), getattr(more, name)[:2]), name


def test_losses_by_result_by_hand() -> None:
    """Of 40 with 0.55: 22 x 0.9 = 19.8 and 18 x 0.7 = 12.6 are observed, a rate of 0.6111."""
    design = _trial(attrition={"treated": BY_RESULT})
    path, report = measured(design, chance=False, measurement=False)
    assert report.treated_sum[0, 0].item() == pytest.approx(19.8)
    assert report.treated_n[0, 0].item() == pytest.approx(32.4)
    assert design.bias(path)[0, 0].item() == pytest.approx(19.8 / 32.4 - 0.55)
    assert design.luck_share(path)[0, 0].item() == pytest.approx(0.9 * 0.7 / 0.81**2)
    # 1 / E[1 / N] of N observed with probability 0.81 of 40.
    observed = 32.4 / (1 + 0.19 / 32.4)
    rate = 19.8 / 32.4
    stated = stated_error(design)[0, 0].item()
    assert stated == pytest.approx(math.sqrt(rate * (1 - rate) / observed + 0.24 / 40))


def test_losses_by_result_with_measurement_off_are_expected_numbers(seed: int) -> None:
    """Of s who achieve, 0.9 s are observed, and of the 40 - s others 0.7."""
    design = _trial(attrition={"treated": BY_RESULT})
    path, report = measured(design, seed=seed, measurement=False)
    achieved = path.achieved[0]
    np.testing.assert_allclose(report.treated_sum[0], 0.9 * achieved, rtol=1e-12)
    expected = 0.9 * achieved + 0.7 * (40 - achieved)
    np.testing.assert_allclose(report.treated_n[0], expected, rtol=1e-12)


def test_the_same_losses_whatever_the_result_are_losses_at_random(seed: int) -> None:
    """A table with one share twice gives bit by bit the report of the share."""
    table = {"achieved": 0.2, "not_achieved": 0.2}
    by_result = measured(_trial(attrition={"treated": table, "control": table}), seed=seed)[1]
    at_random = measured(_trial(attrition={"treated": 0.2, "control": 0.2}), seed=seed)[1]
    for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n"):
        assert np.array_equal(getattr(by_result, name), getattr(at_random, name)), name


def test_a_person_is_lost_once_for_all_follow_ups(seed: int) -> None:
    """Those who never achieve are lost or not at both follow-ups: only a changed result matters."""
    design = _trial(attrition={"treated": {"achieved": 0.0, "not_achieved": 1.0}})
    path, report = measured(design, seed=seed)
    assert np.array_equal(report.treated_n, path.achieved)
    share = _trial(attrition={"treated": {"achieved": 0.5, "not_achieved": 0.5}})
    report = measured(share, seed=seed)[1]
    assert np.array_equal(report.treated_n[:, 0], report.treated_n[:, 1])


def test_covariates_by_hand() -> None:
    """With R = 0.4: sqrt(0.6 x (0.2475 + 0.24) / 40), and 0.6 of the luck is in the estimate."""
    design = _trial(covariates_r2=0.4)
    path, report = measured(design)
    stated = stated_error(design)[0, 0].item()
    assert stated == pytest.approx(math.sqrt(0.6 * (0.2475 + 0.24) / 40))
    assert design.luck_share(path).item() == pytest.approx(0.6)
    assert report.precision is not None
    assert report.precision.own[0, 0].item() == pytest.approx(stated**2)


def test_errors_of_adjustment_are_those_of_a_cohort(seed: int) -> None:
    """What adjustment adds is the same at both follow-ups and another one in each cohort."""
    design = _trial(covariates_r2=0.4)
    off = measured(design, seed=seed, chance=False)[1]
    plain = measured(_trial(), seed=seed, chance=False)[1]
    # Chance is off: the comparison is 0.4 + 0.6 x the controls' luck + e0 + e1.
    of_controls = plain.comparison_sum / plain.comparison_n - WITHOUT
    error = off.comparison_sum / off.comparison_n - WITHOUT - 0.6 * of_controls
    np.testing.assert_allclose(error[:, 0], error[:, 1], atol=1e-12)
    allowed = ERRORS / math.sqrt(BLOCK_DRAWS)
    assert abs(np.corrcoef(error[0, 0], error[1, 0])[0, 1]) <= allowed
    assert abs(np.corrcoef(error[0, 0], of_controls[0, 0])[0, 1]) <= allowed


def test_no_covariates_are_the_plain_trial_bit_by_bit(seed: int) -> None:
    """R = 0 changes nothing, and the report then has no precision of its own."""
    plain = measured(_trial(), seed=seed)[1]
    zero = measured(_trial(covariates_r2=0.0), seed=seed)[1]
    assert zero.precision is None
    assert np.array_equal(plain.comparison_sum, zero.comparison_sum)


def test_non_compliance_by_hand() -> None:
    """40 take part beside 10 no-shows, of 40 controls a tenth crosses over: 0.7 of the effect."""
    both = {name: _trial(non_compliance={**MOVED, "estimand": name}) for name in ("itt", "cace")}
    path, report = measured(both["itt"], chance=False, measurement=False)
    assert report.treated_n[0, 0].item() == 50
    assert report.treated_sum[0, 0].item() == pytest.approx(40 * WITH + 10 * WITHOUT)
    assert report.comparison_sum[0, 0].item() == pytest.approx(40 * (WITHOUT + 0.1 * EFFECT))
    assert both["itt"].truth(path)[0, 0].item() == pytest.approx(0.7 * EFFECT)
    assert both["itt"].estimate(report)[0, 0].item() == pytest.approx(0.7 * EFFECT)
    of_compliers = measured(both["cace"], chance=False, measurement=False)[1]
    assert of_compliers.treated_n[0, 0].item() == 40
    assert both["cace"].estimate(of_compliers)[0, 0].item() == pytest.approx(EFFECT)
    mean = WITHOUT + 0.1 * EFFECT
    itt = math.sqrt((40 * 0.2475 + 10 * 0.24) / 50**2 + mean * (1 - mean) / 40)
    stated = {name: stated_error(design)[0, 0].item() for name, design in both.items()}
    assert stated["itt"] == pytest.approx(itt)
    assert stated["cace"] == pytest.approx(itt / 0.7)


def test_cace_is_itt_divided_by_who_complies(seed: int) -> None:
    """In every draw, of the same people: the estimate of one over 0.7 is the other's."""
    both = [_trial(non_compliance={**MOVED, "estimand": name}) for name in ("itt", "cace")]
    itt, cace = (design.estimate(measured(design, seed=seed)[1]) for design in both)
    np.testing.assert_allclose(itt / 0.7, cace, atol=1e-12)


def test_everybody_complying_is_the_plain_trial(seed: int) -> None:
    """Without no-shows and crossovers both estimands give the estimate of the plain trial."""
    plain = measured(_trial(), seed=seed)[1]
    for name in ("itt", "cace"):
        design = _trial(non_compliance={"estimand": name})
        found = design.estimate(measured(design, seed=seed)[1])
        np.testing.assert_allclose(found, design.estimate(plain), atol=1e-12)


def test_people_too_few_for_anybody_to_comply_are_no_comparison() -> None:
    """1 person beside 1 no-show, half of the controls crossing over: nothing can be said."""
    design = _trial(
        non_compliance={"no_shows": 0.34, "crossovers": 0.5, "estimand": "cace"},
    )
    one = participation((1,))
    assert np.all(measured(design, people=one)[1].comparison_n == 0)
    assert np.all(stated_error(design, people=one) == 0)


@pytest.mark.parametrize(("ratio", "share"), [(1.0, 0.5), (0.5, 2 / 3), (3.0, 0.25)])
def test_controls_from_the_referrals_take_places(ratio: float, share: float) -> None:
    """One in 1 + controls per participant is served; from outside everybody is."""
    here = _trial(controls_per_participant=ratio, controls_from="referrals")
    assert here.served_share == pytest.approx(share, rel=1e-15)
    assert _trial(controls_per_participant=ratio).served_share == 1


@pytest.mark.parametrize(
    "option", [name for name in OPTIONS if name == "plain" or name.startswith(("itt", "cace"))]
)
def test_numbers_of_events_are_compared_as_well(seed: int, option: str) -> None:
    """Mean and sd of the miss are the stated ones, and the evaluator states a variance."""
    fields, model = OPTIONS[option]
    events, design = outcome("crimes", clusters=model.clusters), _trial(**fields)
    assert_it_errs_as_stated(design, events, seed=seed)
    assert_precision_is_the_variance(design, events, on=True)
