"""Synthetic control against closed forms and simulated reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.evaluation.base import luck
from sibsim.evaluation.synthetic_control import SyntheticControl
from tests.evaluations import (
    assert_it_errs_as_stated,
    assert_nobody_is_no_effect,
    missed,
    outcome,
    path_of,
    report_of,
    stated_error,
)
from tests.people import participation

BIAS = {"mean": 0.02, "sd": 0.03}


def _design(**changes: object) -> SyntheticControl:
    fields = {"donors": 38, "placebo_sd": 0.04, "residual_bias": BIAS, **changes}
    return SyntheticControl.model_validate(
        {"design": "synthetic_control", "outcome": "it", **fields}
    )


def test_the_standard_error_by_hand() -> None:
    """0.2475 / 40 + 0.04^2 + 0.03^2, of the first cohort."""
    found = stated_error(_design())
    assert found[0, 0, 0] ** 2 == pytest.approx(0.0061875 + 0.0016 + 0.0009, rel=1e-12)


@pytest.mark.parametrize("changes", [{}, {"residual_bias": {"mean": 0.0, "sd": 0.0}}])
def test_the_estimate_errs_as_stated(seed: int, changes: dict[str, Any]) -> None:
    """Mean and sd with chance and measurement redrawn."""
    assert_it_errs_as_stated(_design(**changes), seed=seed)


def test_a_count_outcome_errs_as_stated(seed: int) -> None:
    """Events a person, in clusters."""
    model = outcome("crimes", clusters={"number": 4, "icc": 0.1})
    assert_it_errs_as_stated(_design(placebo_sd=0.3), model, seed=seed)


def test_without_placebo_error_it_is_the_truth_but_for_luck(seed: int) -> None:
    """With no error of the comparison only participants' luck is left."""
    design = _design(placebo_sd=0.0, residual_bias={"mean": 0.0, "sd": 0.0})
    path = path_of(seed=seed, chance=True)
    np.testing.assert_allclose(missed(design, seed=seed), luck(path), atol=1e-13)


def test_one_error_of_the_comparison_for_all(seed: int) -> None:
    """It is the same for all cohorts and follow-ups, so that it does not average out."""
    errors = missed(_design(), seed=seed, chance=False)
    np.testing.assert_allclose(errors, np.broadcast_to(errors[:1, :1], errors.shape), atol=1e-13)
    expected = np.sqrt(0.04**2 + 0.03**2)
    # An estimated sd has a relative error of 1 / sqrt(2 draws).
    assert errors[0, 0].std() == pytest.approx(expected, rel=5 / np.sqrt(2 * errors.shape[-1]))


def test_the_bias_stays_with_measurement_off() -> None:
    """The mean of what no placebo shows."""
    design, path = _design(), path_of()
    estimate = design.estimate(report_of(design, path))
    np.testing.assert_allclose(estimate, np.full((2, 3, 1), 0.15 + 0.02), rtol=1e-12)
    np.testing.assert_allclose(design.bias(path), np.full((2, 3, 1), 0.02))


def test_the_evaluator_ranks_among_placebos() -> None:
    """38 donors: 1 / 39 at least; what no placebo shows is no part of the stated error."""
    precision = report_of(_design(), path_of()).precision
    assert precision is not None
    assert precision.least_p == pytest.approx(1 / 39)
    np.testing.assert_allclose(precision.common, np.full((2, 3, 1), 0.0016), rtol=1e-12)
    assert precision.own[0, 0, 0] == pytest.approx(0.0061875, rel=1e-12)


def test_more_people_never_raise_the_standard_error() -> None:
    """Participants' luck averages out, the placebo error does not."""
    few = stated_error(_design())
    many = stated_error(_design(), people=participation((4000, 6000)))
    assert np.all(many < few)
    assert np.all(many > 0.05)


def test_nobody() -> None:
    """A cohort without people has no effect and no error."""
    assert_nobody_is_no_effect(_design())


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"donors": 1}, "greater than or equal to 2"),
        ({"placebo_sd": -0.1}, "greater than or equal to 0"),
        ({"residual_bias": {"mean": 0.0}}, "sd"),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(changes: dict[str, Any], match: str) -> None:
    """Several donors, and errors of some size."""
    with pytest.raises(ValidationError, match=match):
        _design(**changes)


def test_it_is_said_in_both_languages() -> None:
    """How many donors."""
    design = _design()
    assert design.describe() == (
        '"it" is measured by a synthetic control made of 38 places without the intervention.'
    )
    assert design.describe("da") == (
        "»it« måles ved en syntetisk kontrol sammensat af 38 steder uden indsatsen."
    )
    assert design.words(compared=False).en == "registers"
