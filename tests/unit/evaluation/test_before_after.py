"""Before and after: what changes by itself is counted as effect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.errors import ArgumentError
from sibsim.evaluation.base import Measurable
from sibsim.evaluation.before_after import BeforeAfter, Side, regression_to_the_mean
from sibsim.outcomes.base import OutcomeModel
from tests.evaluations import (
    CLUSTERED,
    CRIMES,
    JOB,
    assert_it_errs_as_stated,
    assert_luck_is_left,
    assert_nobody_is_no_effect,
    assert_pooled_error,
    design_effect,
    measured,
    path_of,
    stated_error,
    stated_pooled_variance,
)
from tests.people import ERRORS

NUMBER = Measurable(is_indicator=False, by_person=True, follow_up_months=(12, 24))
YES_OR_NO = replace(NUMBER, is_indicator=True)


def _design(**fields: object) -> BeforeAfter:
    stated = {"regression_to_the_mean": 0.1, "correlation": 0.5} | fields
    return BeforeAfter.model_validate({"design": "before_after", "outcome": "it", **stated})


YES = _design()
UNSURE = _design(regression_to_the_mean={"mean": 0.1, "sd": 0.05})
EVENTS = _design(regression_to_the_mean=-0.5, sd_before=3.0)


def test_the_numbers_of_yes_or_no_by_hand() -> None:
    """From 30 % before to 40 % by themselves and 55 % with help, 40 people: 10 points too much."""
    path = path_of()
    np.testing.assert_allclose(YES.bias(path), 0.1, atol=1e-15)
    variance = (0.2475 + 0.21 - 2 * 0.5 * np.sqrt(0.2475 * 0.21)) / 40
    assert stated_error(YES)[0, 0].item() == pytest.approx(np.sqrt(variance))
    assert YES.luck_share(path)[0, 0].item() == pytest.approx(1 - 0.5 * np.sqrt(0.21 / 0.2475))
    _, report = measured(YES, chance=False, measurement=False)
    np.testing.assert_allclose(report.comparison_sum[:, 0, 0], [12, 18], rtol=1e-12)
    np.testing.assert_allclose(YES.estimate(report), 0.25, rtol=1e-12)


def test_the_numbers_of_events_by_hand() -> None:
    """2.5 events before with sd 3, 2 by themselves and 1.5 with help, with variance 4.3125."""
    path = path_of(CRIMES)
    np.testing.assert_allclose(EVENTS.bias(path), -0.5, atol=1e-14)
    variance = (4.3125 + 9 - 2 * 0.5 * np.sqrt(4.3125) * 3) / 60
    found = stated_error(EVENTS, CRIMES)[1, 1].item()
    assert found == pytest.approx(np.sqrt(variance))
    share = 1 - 0.5 * 3 / np.sqrt(4.3125)
    np.testing.assert_allclose(EVENTS.luck_share(path), share, rtol=1e-12)


def test_a_share_before_is_cut_and_the_bias_with_it() -> None:
    """From 40 % less 60 points would be below zero: nobody before, and 40 points too much."""
    design = _design(regression_to_the_mean=0.6)
    path, report = measured(design, chance=False, measurement=False)
    np.testing.assert_allclose(design.bias(path), 0.4, atol=1e-15)
    np.testing.assert_allclose(design.estimate(report), 0.55, atol=1e-15)
    assert stated_error(design)[0, 0].item() == pytest.approx(np.sqrt(0.2475 / 40))


@pytest.mark.parametrize(
    ("design", "outcome"),
    [(YES, JOB), (YES, CLUSTERED), (_design(correlation=0), JOB), (UNSURE, JOB)],
)
def test_it_errs_as_stated(seed: int, design: BeforeAfter, outcome: OutcomeModel) -> None:
    """Mean and sd of the error are the bias and the standard error."""
    assert_it_errs_as_stated(design, outcome, seed=seed)
    assert_luck_is_left(design, outcome, seed=seed)


def test_events_err_as_stated(seed: int) -> None:
    """A spread before that is stated."""
    assert_it_errs_as_stated(EVENTS, CRIMES, seed=seed)
    assert_luck_is_left(EVENTS, CRIMES, seed=seed)


def test_clusters_raise_the_error_before_and_after_alike() -> None:
    """The standard error is the one without them times the root of the design effect."""
    effect = design_effect(path_of(CLUSTERED))
    assert effect > 1.5
    ratio = stated_error(YES, CLUSTERED)[0, 0] / stated_error(YES)[0, 0]
    assert ratio.item() == pytest.approx(np.sqrt(effect))


def test_the_luck_before_is_each_cohorts_own(seed: int) -> None:
    """Pooled over six cohorts of 40 the error is that of 240, and the evaluator says so."""
    variance = (0.2475 + 0.21 - 2 * 0.5 * np.sqrt(0.2475 * 0.21)) / 240
    assert_pooled_error(YES, seed=seed, variance=variance)
    np.testing.assert_allclose(stated_pooled_variance(YES), variance, rtol=1e-12)


def test_what_nobody_knows_of_the_change_does_not_average_out(seed: int) -> None:
    """10 points with sd 5: the bias is the mean, the sd stays over six cohorts, unstated."""
    sampling = (0.2475 + 0.21 - 2 * 0.5 * np.sqrt(0.2475 * 0.21)) / 40
    np.testing.assert_allclose(UNSURE.bias(path_of()), 0.1, atol=1e-15)
    assert stated_error(UNSURE)[0, 0].item() == pytest.approx(np.sqrt(sampling + 0.0025))
    assert_pooled_error(UNSURE, seed=seed, variance=sampling / 6 + 0.0025)
    np.testing.assert_allclose(stated_pooled_variance(UNSURE), sampling / 6, rtol=1e-12)


def test_what_nobody_knows_of_the_change_is_one_draw(seed: int) -> None:
    """Beside the same luck before, all cohorts and follow-ups are moved alike, by sd 5 points."""
    (_, sure), (_, unsure) = (measured(each, seed=seed) for each in (YES, UNSURE))
    moved = UNSURE.estimate(unsure) - YES.estimate(sure)
    np.testing.assert_allclose(moved, np.broadcast_to(moved[0, 0], moved.shape), atol=1e-12)
    sd = moved[0, 0].std()
    assert abs(sd / 0.05 - 1.0) <= ERRORS / np.sqrt(2 * moved.shape[-1])


def test_a_plain_number_is_known_exactly() -> None:
    """It is read as a mean with an sd of 0, and what is neither is refused."""
    assert YES.regression_to_the_mean.mean == 0.1
    assert YES.regression_to_the_mean.sd == 0
    assert _design(regression_to_the_mean=YES.regression_to_the_mean) == YES
    for given in ("10 %", True, None):
        with pytest.raises(
            ValidationError, match=r"is a number or a table \{mean, sd\}; write 0\.1"
        ):
            _design(regression_to_the_mean=given)
    for table in ({"mean": 0.1}, {"mean": 0.1, "sd": -0.1}, np.inf):
        with pytest.raises(ValidationError):
            _design(regression_to_the_mean=table)


def test_the_measurement_before_is_one_for_all_follow_ups(seed: int) -> None:
    """With chance off the comparison is the same at 12 and at 24 months."""
    _, report = measured(YES, seed=seed, chance=False)
    np.testing.assert_allclose(report.comparison_sum[:, 0], report.comparison_sum[:, 2])
    assert report.comparison_sum[0, 0].std() > 0


def test_nobody_is_no_effect_and_no_error() -> None:
    """A cohort of nobody."""
    assert_nobody_is_no_effect(YES)
    assert_nobody_is_no_effect(UNSURE)


@pytest.mark.parametrize(
    ("design", "outcome", "rule"),
    [
        (EVENTS, YES_OR_NO, "got sd_before = 3; .* drop sd_before"),
        (YES, NUMBER, "got no sd_before; .* give sd_before"),
        (
            _design(regression_to_the_mean=10.0),
            YES_OR_NO,
            "mean = 10; .* it is at most 1; .* write 0.1",
        ),
    ],
)
def test_a_design_that_does_not_fit_its_outcome(
    design: BeforeAfter, outcome: Measurable, rule: str
) -> None:
    """The message says what was given, the rule and the way out."""
    (found,) = design.check_outcome(outcome)
    with pytest.raises(ValueError, match=rule):
        raise ValueError(found)


def test_a_design_that_fits() -> None:
    """Yes or no without a spread before, numbers with one."""
    assert list(YES.check_outcome(YES_OR_NO)) == []
    assert list(EVENTS.check_outcome(NUMBER)) == []


@pytest.mark.parametrize(
    "fields", [{"correlation": 1.0}, {"correlation": -0.1}, {"sd_before": 0}, {"controls": 1}]
)
def test_fields_out_of_range_are_refused(fields: dict[str, float]) -> None:
    """A correlation lies in [0, 1), a spread above 0."""
    with pytest.raises(ValidationError):
        _design(**fields)
    with pytest.raises(ValidationError, match="regression_to_the_mean"):
        BeforeAfter.model_validate({"design": "before_after", "outcome": "it", "correlation": 0.5})


def test_the_words_say_what_is_counted_as_effect() -> None:
    """In Danish and in English."""
    assert YES.describe("en").endswith("what would have changed by itself being counted as effect.")
    assert YES.describe("da").endswith("ville have ændret sig af sig selv, tælles med som effekt.")
    assert YES.words(compared=False).da == "opfølgning på deltagerne"


def test_regression_to_the_mean_by_hand() -> None:
    """The worst half of N(50, 10) lie 10 sqrt(2 / pi) below the mean, and half of that comes back.

    Above the cutoff it goes the other way, and a reliable score does not change.
    """
    half = regression_to_the_mean(mean=50, sd=10, cutoff=50, reliability=0.5, side="below")
    assert half.item() == pytest.approx(5 * np.sqrt(2 / np.pi), rel=1e-14)
    other = regression_to_the_mean(mean=50, sd=10, cutoff=50, reliability=0.5, side="above")
    assert other.item() == pytest.approx(-half.item(), rel=1e-14)
    several = regression_to_the_mean(
        mean=50,
        sd=10,
        cutoff=np.array([[30.0], [60.0]]),
        reliability=np.array([0, 1]),
        side="below",
    )
    assert several.shape == (2, 2)
    assert np.all(several[:, 1] == 0)
    # Far out nobody is left, but the mean of those selected is the cutoff almost exactly.
    far = regression_to_the_mean(mean=0, sd=1, cutoff=-40, reliability=0, side="below")
    assert far.item() == pytest.approx(40, rel=1e-3)


@pytest.mark.parametrize("side", ["below", "above"])
def test_regression_to_the_mean_is_that_of_people(seed: int, side: Side) -> None:
    """200,000 people with two normal scores, those selected by the first."""
    reliability, cutoff = 0.7, 44.0
    random = np.random.default_rng(seed)
    lasting = random.standard_normal(200_000) * np.sqrt(reliability)
    scores = 50 + 10 * (lasting + random.standard_normal((2, 200_000)) * np.sqrt(1 - reliability))
    selected = scores[0] < cutoff if side == "below" else scores[0] > cutoff
    change = (scores[1] - scores[0])[selected]
    found = regression_to_the_mean(
        mean=50, sd=10, cutoff=cutoff, reliability=reliability, side=side
    ).item()
    assert abs(change.mean() - found) <= ERRORS * change.std() / np.sqrt(len(change))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"sd": 0}, "got sd = 0; people's scores differ; give an sd above 0"),
        ({"reliability": 1.5}, "got reliability = 1.5; it is a share"),
        ({"side": "over"}, "got side = 'over'; .* give 'below' or 'above'"),
    ],
)
def test_regression_to_the_mean_refuses(fields: dict[str, Any], rule: str) -> None:
    """The message says what was given, the rule and the way out."""
    stated = {"mean": 50, "sd": 10, "cutoff": 44, "reliability": 0.7, "side": "below"}
    given: dict[str, Any] = stated | fields
    with pytest.raises(ArgumentError, match=rule):
        regression_to_the_mean(**given)
