"""Matched comparison: a bias that nobody sees and that no number of people takes away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.evaluation.matched_comparison import MatchedComparison
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


def _design(**fields: object) -> MatchedComparison:
    stated = {
        "controls_per_participant": 2.0,
        "residual_bias": {"mean": 0.05, "sd": 0.1},
    } | fields
    return MatchedComparison.model_validate(
        {"design": "matched_comparison", "outcome": "it", **stated}
    )


MATCHED = _design()


def test_the_numbers_by_hand() -> None:
    """40 participants at 55 %, 80 matched at 40 %, a bias of 5 points with sd 10."""
    np.testing.assert_allclose(MATCHED.bias(path_of()), 0.05)
    found = stated_error(MATCHED)[0, 0].item()
    assert found == pytest.approx(np.sqrt(0.2475 / 40 + 0.24 / 80 + 0.01))
    _, report = measured(MATCHED, chance=False, measurement=False)
    # 40 % of 80, less 5 points of 80.
    np.testing.assert_allclose(report.comparison_sum[0], 28, rtol=1e-12)
    np.testing.assert_allclose(MATCHED.estimate(report), 0.2, rtol=1e-12)
    assert np.all(report.comparison_n[:, :, 0] == [[80] * 3, [120] * 3])


def test_the_numbers_of_clusters_and_events_by_hand() -> None:
    """The design effect is of participants alone; events have variances 4.3125 and 7."""
    effect = design_effect(path_of(CLUSTERED))
    found = stated_error(MATCHED, CLUSTERED)[0, 0].item()
    assert found == pytest.approx(np.sqrt(0.2475 * effect / 40 + 0.24 / 80 + 0.01))
    crimes = stated_error(MATCHED, CRIMES)[1, 0].item()
    assert crimes == pytest.approx(np.sqrt(4.3125 / 60 + 7 / 120 + 0.01))


@pytest.mark.parametrize("outcome", [JOB, CLUSTERED, CRIMES])
def test_it_errs_as_stated(seed: int, outcome: OutcomeModel) -> None:
    """Mean and sd of the error are the bias and the standard error."""
    assert_it_errs_as_stated(MATCHED, outcome, seed=seed)
    assert_luck_is_left(MATCHED, outcome, seed=seed)


def test_the_residual_bias_does_not_average_out(seed: int) -> None:
    """Over six cohorts the sampling error falls to a sixth, the bias stays; nobody sees it."""
    sampling = (0.2475 / 40 + 0.24 / 80) / 6
    assert_pooled_error(MATCHED, seed=seed, variance=sampling + 0.01)
    np.testing.assert_allclose(stated_pooled_variance(MATCHED), sampling, rtol=1e-12)


def test_without_a_residual_bias_the_comparison_is_of_whole_people(seed: int) -> None:
    """It is then a trial in all but name."""
    design = _design(residual_bias={"mean": 0, "sd": 0})
    _, report = measured(design, seed=seed)
    np.testing.assert_allclose(report.comparison_sum, np.rint(report.comparison_sum), atol=1e-9)
    assert stated_error(design)[0, 0].item() == pytest.approx(np.sqrt(0.2475 / 40 + 0.24 / 80))


def test_nobody_is_no_effect_and_no_error() -> None:
    """A cohort of nobody, who are compared with somebody."""
    assert_nobody_is_no_effect(MATCHED)


@pytest.mark.parametrize(
    "fields",
    [
        {"controls_per_participant": 0},
        {"residual_bias": {"mean": 0.1}},
        {"residual_bias": {"sd": 0.1}},
        {"residual_bias": {"mean": 0.1, "sd": -0.1}},
        {"residual_bias": None},
    ],
)
def test_fields_out_of_range_are_refused(fields: dict[str, Any]) -> None:
    """There is a comparison, and what matching leaves is stated in full."""
    with pytest.raises(ValidationError):
        _design(**fields)


def test_the_words() -> None:
    """In Danish and in English."""
    assert MATCHED.describe("en") == (
        '"it" is measured by a matched comparison with 2 in the comparison group per participant.'
    )
    assert MATCHED.describe("da") == (
        "»it« måles ved en matchet sammenligning med 2 i sammenligningsgruppen pr. deltager."
    )
    assert MATCHED.words(compared=False).en == "following the participants"
