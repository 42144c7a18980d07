"""Regression discontinuity against published design effects and simulated reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import ndtri

from sibsim.evaluation.regression_discontinuity import RegressionDiscontinuity
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
from tests.people import ERRORS, participation


def _design(**changes: object) -> RegressionDiscontinuity:
    fields = {"controls_per_participant": 1.0, "assignment": "normal", **changes}
    return RegressionDiscontinuity.model_validate(
        {"design": "regression_discontinuity", "outcome": "it", **fields}
    )


@pytest.mark.parametrize(
    ("assignment", "effect", "within"), [("normal", 2.75, 0.005), ("uniform", 4.0, 1e-12)]
)
def test_published_design_effects(assignment: str, effect: float, within: float) -> None:
    """Half treated: 2.75 for a normal score, to the digits given, and 4 for a uniform one."""
    factors = _design(assignment=assignment).factors
    assert factors == pytest.approx((effect, effect), abs=within)


@pytest.mark.parametrize("assignment", ["normal", "uniform"])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("bandwidth", [1.0, 0.4])
def test_the_factors_of_scored_people(assignment: str, ratio: float, bandwidth: float) -> None:
    """Weights of a fitted regression: the jump is sum w y, with f = n sum of w^2 over a group."""
    people = 400_000
    place = (np.arange(people) + 0.5) / people
    score = ndtri(place) if assignment == "normal" else place
    share = 1 / (1 + ratio)
    used = (place > share * (1 - bandwidth)) & (place < share + bandwidth * (1 - share))
    treated = (place < share)[used]
    x = np.column_stack([treated, np.ones(used.sum()), score[used]]).astype(float)
    weights = x @ np.linalg.inv(x.T @ x)[:, 0]
    expected = [(weights[side] ** 2).sum() * side.sum() for side in (treated, ~treated)]
    design = _design(assignment=assignment, controls_per_participant=ratio, bandwidth=bandwidth)
    # Where the cutoff falls between two people leaves this much.
    assert design.factors == pytest.approx(tuple(expected), rel=1e-4)


def test_the_standard_error_by_hand() -> None:
    """(1 - 0.2) x 4 x (0.2475 / 40 + 0.24 / 40) / 0.5 = 0.078, of the first cohort."""
    design = _design(assignment="uniform", score_r2=0.2, bandwidth=0.5)
    found = stated_error(design)
    assert found[0, 0, 0] ** 2 == pytest.approx(0.078, rel=1e-12)
    assert found[1, 0, 0] ** 2 == pytest.approx(0.078 * 40 / 60, rel=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"assignment": "uniform", "bandwidth": 0.4, "local_difference": -0.05},
        {"score_r2": 0.8, "controls_per_participant": 4.0},
    ],
)
def test_the_estimate_errs_as_stated(seed: int, changes: dict[str, Any]) -> None:
    """Mean and sd with chance and measurement redrawn; a telling score takes luck out."""
    assert_it_errs_as_stated(_design(**changes), seed=seed)


def test_a_count_outcome_errs_as_stated(seed: int) -> None:
    """Events a person."""
    assert_it_errs_as_stated(_design(), CRIMES, seed=seed)


def test_participants_in_clusters_err_as_stated(seed: int) -> None:
    """Participants' design effect is in the error, that of comparison people is not."""
    model = outcome(clusters={"number": 5, "icc": 0.2})
    assert_it_errs_as_stated(_design(), model, seed=seed)


def test_the_effect_at_the_cutoff_is_the_bias() -> None:
    """It is what estimate and truth differ by where nothing is random."""
    design, path = _design(local_difference=0.04), path_of()
    report = report_of(design, path)
    np.testing.assert_allclose(design.estimate(report), np.full((2, 3, 1), 0.19), rtol=1e-12)
    np.testing.assert_allclose(design.bias(path), np.full((2, 3, 1), 0.04))


def test_cohorts_err_by_themselves(seed: int) -> None:
    """Errors of two cohorts do not correlate; those of two follow-ups of one do."""
    errors = missed(_design(), seed=seed, chance=False)
    draws = errors.shape[-1]
    assert abs(np.corrcoef(errors[0, 0], errors[1, 0])[0, 1]) <= ERRORS / np.sqrt(draws)
    np.testing.assert_allclose(errors[0, 0], errors[0, 2], rtol=1e-12)


@pytest.mark.parametrize(("score_r2", "share"), [(0.0, 1.0), (0.8, np.sqrt(0.2 * 4.0))])
def test_what_is_left_with_measurement_off_is_participants_luck(
    seed: int, score_r2: float, share: float
) -> None:
    """All of it, but for what the score explains beyond what the cutoff costs."""
    design = _design(assignment="uniform", score_r2=score_r2)
    assert_luck_is_left(design, seed=seed)
    assert design.luck_share(path_of()) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize(
    "more", [{"bandwidth": 0.6}, {"score_r2": 0.2}, {"controls_per_participant": 1.5}]
)
def test_more_data_never_raise_the_standard_error(more: dict[str, Any]) -> None:
    """People nearer to all, a more telling score, or more people on the other side."""
    fields = {"bandwidth": 0.5, "score_r2": 0.1}
    few = stated_error(_design(**fields))
    assert np.all(stated_error(_design(**fields | more)) < few)
    assert np.all(stated_error(_design(**fields), people=participation((50, 70))) < few)


def test_the_evaluator_states_the_variance_of_each_cohort() -> None:
    """The published variance, by cohort; the luck of clusters is that of all cohorts."""
    design = _design(assignment="uniform")
    for icc in (0.0, 0.2):
        model = outcome(clusters={"number": 5, "icc": icc})
        precision = assert_precision_is_the_variance(design, model)
        # Of 40 people 8 are in each of 5 clusters: sum of (m / n)^2 is a fifth.
        common = icc * 0.2475 / 5
        assert precision.common[0, 0, 0] == pytest.approx(common, rel=1e-12)
        own = 4 * (0.2475 * (1 + 7 * icc) + 0.24) / 40 - common
        assert precision.own[0, 0, 0] == pytest.approx(own, rel=1e-12)


def test_nobody() -> None:
    """A cohort without people has no effect and no error."""
    assert_nobody_is_no_effect(_design())


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"controls_per_participant": 0}, "greater than 0"),
        ({"assignment": "skew"}, "'normal' or 'uniform'"),
        ({"bandwidth": 0.0}, "greater than or equal to 0.01"),
        ({"bandwidth": 1.5}, "less than or equal to 1"),
        ({"score_r2": 1.0}, "less than 1"),
    ],
)
def test_a_discontinuity_that_makes_no_sense_is_refused(
    changes: dict[str, Any], match: str
) -> None:
    """People on both sides, some of them used, and something left to explain."""
    with pytest.raises(ValidationError, match=match):
        _design(**changes)


def test_it_is_said_in_both_languages() -> None:
    """How many are on the other side."""
    design = _design(controls_per_participant=1.5)
    assert design.describe() == (
        '"it" is measured by a regression discontinuity with 1.5 on the other side of the cutoff '
        "for each participant."
    )
    assert design.describe("da") == (
        "»it« måles ved regressionsdiskontinuitet med 1,5 på den anden side af grænseværdien for "
        "hver deltager."
    )
    assert design.words(compared=False).en == ("following the participants on one side of a cutoff")
