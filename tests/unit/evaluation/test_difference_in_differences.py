"""Difference in differences: levels cancel, trends do not, and ANCOVA leaves part of a gap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.evaluation.difference_in_differences import DifferenceInDifferences
from sibsim.evaluation.panel import ancova_factor, difference_factor
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


def _design(**fields: object) -> DifferenceInDifferences:
    stated = {
        "controls_per_participant": 2.0,
        "periods_before": 2,
        "correlation": 0.5,
        "analysis": "difference",
        "gap": 0.1,
        "trend": {"mean": 0.02, "sd": 0.1},
    } | fields
    return DifferenceInDifferences.model_validate(
        {"design": "difference_in_differences", "outcome": "it", **stated}
    )


CHANGE = _design()
ANCOVA = _design(analysis="ancova")
BETA = 0.5 / 0.75
"""rho / w with two measurements before: w = (1 + 0.5) / 2."""


def _variance(*, slope: float, after: float, before: float, people: int) -> float:
    """Return the variance of one group by hand, rho 0.5 and w 0.75."""
    shared = 2 * slope * 0.5 * np.sqrt(after * before)
    return float((after + slope**2 * 0.75 * before - shared) / people)


@pytest.mark.parametrize(("design", "slope"), [(CHANGE, 1.0), (ANCOVA, BETA)])
def test_the_standard_error_by_hand(design: DifferenceInDifferences, slope: float) -> None:
    """40 participants at 55 %, 80 others at 40 %, and a trend with sd 10 points."""
    variance = (
        _variance(slope=slope, after=0.2475, before=0.24, people=40)
        + _variance(slope=slope, after=0.24, before=0.24, people=80)
        + 0.01
    )
    assert stated_error(design)[0, 0].item() == pytest.approx(np.sqrt(variance))
    crimes = (
        _variance(slope=slope, after=4.3125, before=7, people=60)
        + _variance(slope=slope, after=7, before=7, people=120)
        + 0.01
    )
    assert stated_error(design, CRIMES)[1, 1].item() == pytest.approx(np.sqrt(crimes))


def test_a_comparison_group_alone_has_the_published_factors() -> None:
    """With hardly any others the error is theirs: v / n times the factor of the analysis."""
    few = {"controls_per_participant": 1e-9, "trend": {"mean": 0, "sd": 0}}
    for analysis, factor in (("difference", difference_factor), ("ancova", ancova_factor)):
        design = _design(analysis=analysis, **few)
        slope = design.slope
        own = _variance(slope=slope, after=0.2475, before=0.24, people=40)
        found = stated_error(design)[0, 0].item() ** 2 - own
        stated = 0.24 * factor(before=2, after=1, correlation=0.5).item()
        assert found == pytest.approx(stated, rel=1e-12)


def test_a_gap_cancels_in_a_difference_and_not_in_ancova() -> None:
    """Participants are at 55 %, without help at 40 % before and after; the others at 30 %.

    The change of participants is 15 points and that of the others 0, or -2 with the trend: 17. By
    ANCOVA 55 - (30 - 2) less two thirds of 40 - 30: 20.3, of which 3.3 are a third of the gap.
    """
    for design, by_hand in ((CHANGE, 0.17), (ANCOVA, 0.55 - 0.28 - BETA * 0.1)):
        path, report = measured(design, chance=False, measurement=False)
        np.testing.assert_allclose(design.estimate(report), by_hand, rtol=1e-12)
        np.testing.assert_allclose(design.bias(path), by_hand - 0.15, rtol=1e-12)
    assert ANCOVA.bias(path_of())[0, 0, 0] == pytest.approx(0.02 + 0.1 / 3)


def test_luck_that_lasts_was_there_before() -> None:
    """1 - b rho s_before / s_after, with variances 0.24 and 0.2475."""
    ratio = 0.5 * np.sqrt(0.24 / 0.2475)
    for design, slope in ((CHANGE, 1.0), (ANCOVA, BETA)):
        found = design.luck_share(path_of())
        np.testing.assert_allclose(found, 1 - slope * ratio, rtol=1e-12)


@pytest.mark.parametrize("design", [CHANGE, ANCOVA, _design(correlation=0.0, periods_before=1)])
@pytest.mark.parametrize("outcome", [JOB, CLUSTERED, CRIMES])
def test_it_errs_as_stated(
    seed: int, design: DifferenceInDifferences, outcome: OutcomeModel
) -> None:
    """Mean and sd of the error are the bias and the standard error."""
    assert_it_errs_as_stated(design, outcome, seed=seed)
    assert_luck_is_left(design, outcome, seed=seed)


def test_clusters_are_of_participants_alone() -> None:
    """The design effect is on what participants add, before and after alike."""
    effect = design_effect(path_of(CLUSTERED))
    variance = (
        effect * _variance(slope=1.0, after=0.2475, before=0.24, people=40)
        + _variance(slope=1.0, after=0.24, before=0.24, people=80)
        + 0.01
    )
    found = stated_error(CHANGE, CLUSTERED)[0, 0].item()
    assert found == pytest.approx(np.sqrt(variance))


@pytest.mark.parametrize(("design", "slope"), [(CHANGE, 1.0), (ANCOVA, BETA)])
def test_the_error_of_the_trend_does_not_average_out(
    seed: int, design: DifferenceInDifferences, slope: float
) -> None:
    """Over six cohorts the sampling error falls to a sixth, the trend stays; nobody sees it."""
    sampling = (
        _variance(slope=slope, after=0.2475, before=0.24, people=40)
        + _variance(slope=slope, after=0.24, before=0.24, people=80)
    ) / 6
    assert_pooled_error(design, seed=seed, variance=sampling + 0.01)
    np.testing.assert_allclose(stated_pooled_variance(design), sampling, rtol=1e-12)


def test_ancova_is_never_less_precise_and_more_so_with_more_before() -> None:
    """Where results hardly go along, taking the whole difference off costs most."""
    for rho in (0.1, 0.5, 0.9):
        shared: dict[str, Any] = {"correlation": rho, "trend": {"mean": 0, "sd": 0}}
        change = stated_error(_design(**shared))
        ancova = stated_error(_design(analysis="ancova", **shared))
        longer = stated_error(_design(analysis="ancova", periods_before=6, **shared))
        assert np.all(ancova < change)
        assert np.all(longer < ancova)


def test_nobody_is_no_effect_and_no_error() -> None:
    """A cohort of nobody, who are compared with somebody."""
    assert_nobody_is_no_effect(CHANGE)


@pytest.mark.parametrize(
    "fields",
    [
        {"controls_per_participant": 0},
        {"periods_before": 0},
        {"periods_before": 1.5},
        {"correlation": 1.0},
        {"correlation": -0.2},
        {"analysis": "change"},
        {"trend": {"mean": 0.0}},
        {"trend": {"mean": 0.0, "sd": -1}},
    ],
)
def test_fields_out_of_range_are_refused(fields: dict[str, Any]) -> None:
    """People are measured before, and the error of the trend is stated."""
    with pytest.raises(ValidationError):
        _design(**fields)


def test_the_words() -> None:
    """In Danish and in English, one measurement or several."""
    assert CHANGE.describe("en") == (
        '"it" is measured by difference in differences with 2 in the comparison group per '
        "participant and 2 measurements before the service."
    )
    assert _design(analysis="ancova", periods_before=1).describe("da") == (
        "»it« måles ved sammenligning korrigeret for resultatet før (ANCOVA) med 2 i "
        "sammenligningsgruppen pr. deltager og 1 måling før indsatsen."
    )
    assert CHANGE.words(compared=False).en == "following the participants"
