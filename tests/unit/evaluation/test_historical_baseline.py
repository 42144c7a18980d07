"""Historical baseline: fixed by the contract, or yet to be counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.paths import OutcomePath
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.evaluation.base import Measurable
from sibsim.evaluation.historical_baseline import HistoricalBaseline
from sibsim.outcomes.base import OutcomeModel
from tests.evaluations import (
    CLUSTERED,
    CRIMES,
    JOB,
    PEOPLE,
    SIX_COHORTS,
    assert_it_errs_as_stated,
    assert_luck_is_left,
    assert_nobody_is_no_effect,
    assert_pooled_error,
    assert_variance,
    context_of,
    measured,
    report_of,
    stated_error,
    stated_pooled_variance,
)
from tests.people import ERRORS

NUMBER = Measurable(is_indicator=False, by_person=True, follow_up_months=(12, 24))
YES_OR_NO = replace(NUMBER, is_indicator=True)


def _design(**baseline: object) -> HistoricalBaseline:
    stated = {"people": 50, "date": date(2023, 12, 31)} | baseline
    return HistoricalBaseline.model_validate(
        {"design": "historical_baseline", "outcome": "it", "baseline": stated}
    )


COUNTED = _design(to_be_counted=True)


def _drifting(seed: int) -> OutcomePath:
    """Return people of whom ten points more a year would have achieved it anyway."""
    context = replace(context_of(seed=seed, chance=True), drift=lambda when: when / 120.0)
    return JOB.realise(PEOPLE, context=context.at("outcomes", "it"))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "got neither of rate and mean; .* write to_be_counted = true"),
        ({"rate": 0.3, "mean": 2.0}, "got both of rate and mean"),
        ({"to_be_counted": True, "rate": 0.3}, "got to_be_counted = true beside rate; .* no"),
        ({"to_be_counted": True, "mean": 0.3}, "drop to_be_counted or mean"),
        ({"to_be_counted": 1}, "boolean"),
    ],
)
def test_a_baseline_is_stated_or_counted(fields: dict[str, Any], rule: str) -> None:
    """One of three, and the message says which was given and what to do."""
    with pytest.raises(ValidationError, match=rule):
        _design(**fields)


def test_a_stated_baseline_is_of_the_kind_of_its_outcome() -> None:
    """A counted one is of any kind."""
    assert list(_design(rate=0.3).check_outcome(YES_OR_NO)) == []
    assert list(_design(mean=0.3).check_outcome(NUMBER)) == []
    assert "give baseline.rate" in next(_design(mean=0.3).check_outcome(YES_OR_NO))
    assert "give baseline.mean" in next(_design(rate=0.3).check_outcome(NUMBER))
    for outcome in (YES_OR_NO, NUMBER):
        assert list(COUNTED.check_outcome(outcome)) == []


def test_only_a_stated_baseline_is_agreed() -> None:
    """What is yet to be counted somebody has to measure."""
    assert _design(rate=0.3).comparison_is_agreed
    assert not COUNTED.comparison_is_agreed


def test_the_standard_errors_by_hand() -> None:
    """55 % of 40 achieve it; 40 % of 50 people before: the second counts if it is yet counted."""
    fixed, counted = stated_error(_design(rate=0.35))[0, 0], stated_error(COUNTED)[0, 0]
    assert fixed.item() == pytest.approx(np.sqrt(0.2475 / 40))
    assert counted.item() == pytest.approx(np.sqrt(0.2475 / 40 + 0.24 / 50))
    crimes = stated_error(COUNTED, CRIMES)[1, 1]
    assert crimes.item() == pytest.approx(np.sqrt(4.3125 / 60 + 7 / 50))


@pytest.mark.parametrize("outcome", [JOB, CLUSTERED, CRIMES])
def test_a_counted_baseline_errs_as_stated(seed: int, outcome: OutcomeModel) -> None:
    """Mean and sd of the error are the bias and the standard error."""
    assert_it_errs_as_stated(COUNTED, outcome, seed=seed)
    assert_luck_is_left(COUNTED, outcome, seed=seed)


def test_the_bias_of_a_counted_baseline_is_the_drift(seed: int) -> None:
    """The second cohort, half a year later, is measured 5 points further on."""
    path = _drifting(seed)
    by_hand = [[0.1, 0.15, 0.2], [0.15, 0.2, 0.25]]
    np.testing.assert_allclose(COUNTED.bias(path)[..., 0], by_hand, atol=1e-14)
    report = report_of(COUNTED, path, seed=seed, measurement=True)
    errors = COUNTED.estimate(report) - COUNTED.truth(path) - COUNTED.bias(path)
    sd = errors.std(axis=-1)
    assert np.all(np.abs(errors.mean(axis=-1)) <= ERRORS * sd / np.sqrt(BLOCK_DRAWS))
    calm = report_of(COUNTED, path)
    # 40 % of 50 people, whatever has happened since.
    np.testing.assert_allclose(calm.comparison_sum, 20.0, rtol=1e-14)


def test_all_cohorts_are_set_beside_the_same_baseline(seed: int) -> None:
    """One draw; over six cohorts its error does not average out."""
    _, report = measured(COUNTED, seed=seed, people=SIX_COHORTS)
    for cohort in range(1, 6):
        assert np.array_equal(report.comparison_sum[0], report.comparison_sum[cohort])
    variance = 0.2475 / 240 + 0.24 / 50
    assert_pooled_error(COUNTED, seed=seed, variance=variance)


@pytest.mark.parametrize("design", [COUNTED, _design(rate=0.4)])
def test_the_evaluator_counts_the_shared_part_once(design: HistoricalBaseline) -> None:
    """Pooled over six cohorts the variance is 0.2475 / 240 + 0.24 / 50."""
    expected = 0.2475 / 240 + 0.24 / 50
    np.testing.assert_allclose(stated_pooled_variance(design), expected, rtol=1e-12)


def test_a_large_baseline_is_counted_part_by_part(seed: int) -> None:
    """1,200 people are drawn in three parts, each of them once."""
    _, report = measured(_design(to_be_counted=True, people=1200), seed=seed)
    assert np.all(report.comparison_n == 1200)
    rate = report.comparison_sum[0] / 1200
    assert_variance(rate - 0.4, 0.24 / 1200)


def test_nobody_is_no_effect_and_no_error() -> None:
    """A cohort of nobody."""
    assert_nobody_is_no_effect(COUNTED)


def test_the_words_of_a_counted_baseline() -> None:
    """The people are named, no figure is."""
    assert COUNTED.describe("en") == (
        '"it" is measured by registers, against a baseline that is counted on 50 people.'
    )
    assert COUNTED.describe("da") == (
        "»it« måles ved opslag i registre mod en baseline, der opgøres på 50 personer."
    )
    assert COUNTED.words(compared=False).en == "registers"
