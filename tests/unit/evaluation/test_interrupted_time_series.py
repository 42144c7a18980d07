"""Interrupted time series against closed forms and simulated reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.evaluation.interrupted_time_series import InterruptedTimeSeries
from tests.evaluations import (
    CRIMES,
    assert_it_errs_as_stated,
    assert_nobody_is_no_effect,
    missed,
    path_of,
    report_of,
    stated_error,
)
from tests.people import ERRORS


def _design(**changes: object) -> InterruptedTimeSeries:
    fields = {
        "points_before": 12,
        "points_after": 8,
        "people_per_point": 50,
        "autocorrelation": 0.3,
        "shock_sd": 0.03,
        "change": "level",
        **changes,
    }
    return InterruptedTimeSeries.model_validate(
        {"design": "interrupted_time_series", "outcome": "it", **fields}
    )


@pytest.mark.parametrize(("before", "after"), [(5, 5), (12, 8), (2, 3)])
def test_a_change_of_level_in_closed_form(before: int, after: int) -> None:
    """Without autocorrelation N / (m n (1 - 3 m n / (N^2 - 1))): 1.65 for 5 and 5 points."""
    design = _design(points_before=before, points_after=after, autocorrelation=0.0)
    total, product = before + after, before * after
    expected = total / (product * (1 - 3 * product / (total**2 - 1)))
    assert sum(design.factors) == pytest.approx(expected, rel=1e-12)
    if (before, after) == (5, 5):
        assert design.factors == pytest.approx((0.825, 0.825, 0.0), rel=1e-12)


def test_a_change_of_trend_in_closed_form() -> None:
    """Two lines of their own: the variance of each where the last point lies, added."""
    m, n = 12, 8
    own = 1 / n + ((n - 1) / 2) ** 2 / (n * (n**2 - 1) / 12)
    extended = 1 / m + (m + n - (m + 1) / 2) ** 2 / (m * (m**2 - 1) / 12)
    design = _design(change="level_and_slope", autocorrelation=0.0)
    assert design.factors == pytest.approx((extended, own, 0.0), rel=1e-12)


@pytest.mark.parametrize("change", ["level", "level_and_slope"])
@pytest.mark.parametrize("rho", [0.3, 0.9])
def test_autocorrelated_errors(change: str, rho: float) -> None:
    """Against c' (X' Omega^-1 X)^-1 c written out, the change counted from before the first."""
    time = np.arange(1.0, 21.0)
    after = (time > 12).astype(float)
    columns, contrast = [np.ones(20), time, after], [0.0, 0.0, 1.0]
    if change == "level_and_slope":
        columns.append(after * (time - 12))
        contrast.append(8.0)
    x, c = np.column_stack(columns), np.array(contrast)
    omega = rho ** np.abs(time[:, np.newaxis] - time)
    expected = c @ np.linalg.inv(x.T @ np.linalg.inv(omega) @ x) @ c
    design = _design(change=change, autocorrelation=rho)
    assert sum(design.factors) == pytest.approx(expected, rel=1e-9)
    # Points that vary differently: the sandwich, sd 1 before and 3 after.
    undone = np.linalg.inv(omega)
    weights = undone @ x @ np.linalg.inv(x.T @ undone @ x) @ c
    sd = np.where(time > 12, 3.0, 1.0)
    expected = weights @ (omega * np.outer(sd, sd)) @ weights
    own, others, across = design.factors
    assert own + 9 * others + 3 * across == pytest.approx(expected, rel=1e-9)


def test_the_variance_of_a_point() -> None:
    """0.4 x 0.6 / 50 + 0.03^2 = 0.0057 before and 0.00585 after, by 0.825 each."""
    design = _design(points_before=5, points_after=5, autocorrelation=0.0)
    expected = np.sqrt(0.825 * (0.0057 + 0.00585))
    np.testing.assert_allclose(stated_error(design), np.full((2, 3, 1), expected), rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ("level", {"points_before": 13}),
        ("level", {"points_after": 9}),
        ("level", {"people_per_point": 51}),
        ("level_and_slope", {"points_before": 13}),
        ("level_and_slope", {"people_per_point": 51}),
    ],
)
def test_more_data_never_raise_the_standard_error(change: str, more: dict[str, Any]) -> None:
    """More points of the same contrast, or more people: the error falls."""
    few, many = stated_error(_design(change=change)), stated_error(_design(change=change, **more))
    assert np.all(many < few)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"change": "level_and_slope", "autocorrelation": 0.6},
        {"points_before": 60, "points_after": 60, "people_per_point": 400, "shock_sd": 0.0},
    ],
)
def test_the_estimate_errs_as_stated(seed: int, changes: dict[str, Any]) -> None:
    """Mean and sd with chance and measurement redrawn; a small variance holds less luck."""
    assert_it_errs_as_stated(_design(**changes), seed=seed)


def test_a_count_outcome_errs_as_stated(seed: int) -> None:
    """Events a person, of variance 2 + 2^2 / 0.8 = 7 without the intervention, 4.3125 with it."""
    design = _design(shock_sd=0.2)
    own, others, across = design.factors
    before, after = 7 / 50 + 0.2**2, 4.3125 / 50 + 0.2**2
    expected = own * before + others * after + across * np.sqrt(before * after)
    assert design.variance(path_of(CRIMES)) == pytest.approx(expected, rel=1e-9)
    assert_it_errs_as_stated(design, CRIMES, seed=seed)


def test_one_error_for_all_cohorts_and_follow_ups(seed: int) -> None:
    """Cohorts err by the same amount, so that it does not average out over them."""
    errors = missed(_design(), seed=seed)
    np.testing.assert_allclose(errors[0], errors[1], atol=1e-12)


def test_the_evaluator_estimates_the_variance(seed: int) -> None:
    """Its mean is the variance, on points less parameters as degrees of freedom."""
    design = _design(points_before=4, points_after=3)
    assert design.degrees == 4
    assert _design(change="level_and_slope").degrees == 16
    precision = report_of(design, path_of(), seed=seed, measurement=True).precision
    assert precision is not None
    assert precision.degrees == 4
    ratio = precision.common[0, 0] / design.variance(path_of())[0, 0]
    # chi-square(4) / 4 has the variance 2 / 4.
    assert abs(ratio.mean() - 1) <= ERRORS * np.sqrt(0.5 / len(ratio))
    known = report_of(design, path_of()).precision
    assert known is not None
    np.testing.assert_allclose(known.common[0], design.variance(path_of())[0], rtol=1e-12)


def test_nobody() -> None:
    """A cohort without people has no effect and no error."""
    assert_nobody_is_no_effect(_design())


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"points_before": 1}, "greater than or equal to 2"),
        ({"points_after": 1, "change": "level_and_slope"}, "change = 'level'"),
        ({"points_before": 2, "points_after": 1}, "got 3 points for 3 parameters"),
        (
            {"points_before": 2, "points_after": 2, "change": "level_and_slope"},
            "got 4 points for 4 parameters",
        ),
        ({"autocorrelation": 1.0}, "less than 1"),
        ({"people_per_point": 0}, "greater than or equal to 1"),
        ({"shock_sd": -0.1}, "greater than or equal to 0"),
    ],
)
def test_a_series_that_cannot_be_fitted_is_refused(changes: dict[str, Any], match: str) -> None:
    """More points than parameters, on both sides of the intervention."""
    with pytest.raises(ValidationError, match=match):
        _design(**changes)


def test_it_is_said_in_both_languages() -> None:
    """Points before and after."""
    design = _design()
    assert design.describe() == (
        '"it" is measured by an interrupted time series of 12 points before and 8 after the '
        "intervention begins."
    )
    assert design.describe("da") == (
        "»it« måles ved en afbrudt tidsserie med 12 målinger før og 8 efter indsatsens start."
    )
    assert design.words(compared=False).en == (
        "a time series of 8 points after the intervention begins"
    )
