"""The score outcome: true change, what the instrument shows of it, and what is counted."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.outcomes.score import Score, ScoreLaw
from tests.people import ERRORS, assert_moments, realised

WELL: dict[str, Any] = {
    "model": "score",
    "among": "started",
    "follow_up_months": [6, 12],
    "counterfactual": 1.0,
    "effect": {"scale": "mean_difference", "value": 3.0},
    "sd": 10.0,
    "reliability": 0.64,
    "persistence": 0.7,
}
VALUES: dict[str, Any] = {"counterfactual": 1.0, "effect": 3.0, "sd": 10.0, "persistence": 0.7}
IMPROVED: dict[str, Any] = {"counts": "improved", "minimum_important_change": 5.0}
STEPS: dict[str, Any] = {"counts": "steps", "minimum_important_change": 5.0, "most_steps": 3}


def _model(**changes: object) -> Score:
    merged = WELL | changes
    return Score.model_validate({key: each for key, each in merged.items() if each is not None})


def _law(*levels: float, true: float = 8.0, error: float = 0.0) -> ScoreLaw:
    change, sd_true, sd_error = (np.array([[each], [each]]) for each in (4.0, true, error))
    return ScoreLaw(np.array([0.7]), change, sd_true, sd_error, levels)


def test_the_true_change_has_the_reliable_part_of_the_variance() -> None:
    """Of a variance of 100 shown, 64 is true and 36 the instrument's."""
    path = realised(_model(), VALUES)
    assert path.reported is not None
    np.testing.assert_allclose(path.variance, 64)
    np.testing.assert_allclose(path.reported.variance, 100)
    np.testing.assert_allclose(path.reported.variance_without, 100)
    for each in (path, path.reported):
        np.testing.assert_allclose(each.expected, 4)
        np.testing.assert_allclose(each.counterfactual, 1)
        np.testing.assert_allclose(each.achieved[..., 0], [[80, 80], [120, 120]])
    assert path.shown is path.reported


def test_without_error_nothing_else_is_reported() -> None:
    """At a reliability of 1 the instrument shows what is."""
    path = realised(_model(reliability=1.0), VALUES)
    assert path.reported is None
    np.testing.assert_allclose(path.variance, 100)


def test_a_standardised_difference_counts_in_standard_deviations_of_the_shown_change() -> None:
    """0.3 x 10 points on top of 1."""
    model = _model(effect={"scale": "standardised_difference", "value": 0.3})
    path = realised(model, VALUES | {"effect": 0.3})
    np.testing.assert_allclose(path.expected, 4)
    half = realised(model, VALUES | {"effect": 0.3}, effort=0.5)
    np.testing.assert_allclose(half.expected, 2.5)


def test_points_are_normal() -> None:
    """Mean, variance and tail are the normal's."""
    law, known = _law(), stats.norm(4, 8)
    np.testing.assert_allclose(law.mean, 4)
    np.testing.assert_allclose(law.variance, 64)
    for level in (-10.0, 0.0, 4.0, 25.0):
        np.testing.assert_allclose(law.at_least(level), known.sf(level))


def test_improved_is_a_change_of_at_least_the_one_that_matters() -> None:
    """P(T >= 5) with T ~ N(4, 8^2); shown, N(4, 10^2)."""
    path = realised(_model(**IMPROVED), VALUES)
    share, shown = stats.norm(4, 8).sf(5), stats.norm(4, 10).sf(5)
    np.testing.assert_allclose(path.expected, share)
    np.testing.assert_allclose(path.variance, share * (1 - share))
    np.testing.assert_allclose(path.counterfactual, stats.norm(1, 8).sf(5))
    assert path.reported is not None
    np.testing.assert_allclose(path.reported.expected, shown)
    np.testing.assert_allclose(path.reported.achieved[0], 20 * shown)
    assert _model(**IMPROVED).is_indicator
    assert not _model(**STEPS).is_indicator


def test_steps_are_whole_and_capped() -> None:
    """0 below 5 points, 1 below 10, 2 below 15, 3 from there on."""
    law = _law(5.0, 10.0, 15.0)
    above = stats.norm(4, 8).sf([5, 10, 15])
    share = np.diff(np.concatenate([[0], 1 - above, [1]]))
    mean = share @ np.arange(4)
    np.testing.assert_allclose(law.mean, mean)
    np.testing.assert_allclose(law.variance, share @ (np.arange(4) - mean) ** 2)
    known = [1, above[0], above[1], above[1], above[2], 0]
    found = [law.at_least(level)[0, 0] for level in (0, 1, 1.5, 2, 3, 3.5)]
    np.testing.assert_allclose(found, known)


@pytest.mark.parametrize("levels", [(5.0,), (5.0, 10.0)])
def test_a_change_of_exactly_a_level_counts(levels: tuple[float, ...]) -> None:
    """At least 5 points takes 5 in."""
    counted = _law(*levels)._counted(np.array([4.9, 5.0, 5.1]))
    assert counted.tolist() == [0, 1, 1]


@pytest.mark.parametrize("levels", [(), (5.0,), (5.0, 10.0, 15.0)])
@pytest.mark.parametrize("error", [0.0, 6.0])
def test_people_drawn_have_the_mean_and_variance(
    seed: int, levels: tuple[float, ...], error: float
) -> None:
    """Points, who has improved and steps, true and as shown."""
    law = _law(*levels, error=error)
    drawn = law.draw(Layer(LayerName.CHANCE, seed), stream="it", people=25)
    assert_moments(law, drawn.astype(np.float64))
    if levels:
        assert set(np.unique(drawn)) == set(range(len(levels) + 1))


def test_what_is_shown_is_the_true_change_of_the_same_person_plus_an_error(seed: int) -> None:
    """The errors have an sd of 6, are new at each follow-up and know nothing of the change."""
    path = realised(_model(), VALUES, seed=seed, chance=True, measurement=True)
    assert path.reported is not None
    true = path.value[1].astype(np.float64)
    error = path.reported.value[1] - true
    size = error[:, 0].size
    assert abs(error.mean()) <= ERRORS * 6 / sqrt(2 * size)
    assert abs(error.var() - 36) <= ERRORS * 36 * sqrt(2 / (2 * size))
    for first, second in ((error[:, 0], error[:, 1]), (error[:, 0], true[:, 0])):
        assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) <= ERRORS / sqrt(size)
    # Of the true change the luck is kept with probability 0.7, which is its correlation.
    kept = np.corrcoef(true[:, 0].ravel(), true[:, 1].ravel())[0, 1]
    assert kept == pytest.approx(0.7, abs=ERRORS / sqrt(size))


@pytest.mark.parametrize("counts", [{}, IMPROVED, STEPS])
def test_with_one_layer_off_it_is_the_expectation_over_it(
    seed: int, counts: dict[str, Any]
) -> None:
    """The mean over errors given who has changed, and over changes given the errors."""
    model = _model(**counts)
    both, chance, measurement = (
        realised(model, VALUES, seed=seed, chance=on[0], measurement=on[1]).reported
        for on in ((True, True), (True, False), (False, True))
    )
    assert both
    for one in (chance, measurement):
        assert one
        for cohort in range(2):
            # The same layer that is on has drawn the same in both: their difference has mean 0.
            left = both.value[cohort].astype(np.float64) - one.value[cohort]
            assert abs(left.mean()) <= ERRORS * left.std() / sqrt(left[:, 0].size)
            assert one.value[cohort].std() > 0
            assert np.corrcoef(both.value[cohort].ravel(), one.value[cohort].ravel())[0, 1] > 0.3
    true = realised(model, VALUES, seed=seed, chance=True).value[0]
    if not counts:
        assert chance
        assert np.array_equal(chance.value[0], true)


def test_expected_improvement_given_the_true_change(seed: int) -> None:
    """With measurement off a person counts with P(T + E >= 5 | T)."""
    points = realised(_model(), VALUES, seed=seed, chance=True)
    improved = realised(_model(**IMPROVED), VALUES, seed=seed, chance=True)
    assert improved.reported is not None
    known = stats.norm(0, 6).sf(5 - points.value[0])
    np.testing.assert_allclose(improved.reported.value[0], known, rtol=1e-9, atol=1e-12)
    assert np.array_equal(improved.value[0], points.value[0] >= 5)


@pytest.mark.parametrize("counts", [{}, IMPROVED, STEPS])
def test_a_better_effect_makes_nobody_worse(seed: int, counts: dict[str, Any]) -> None:
    """Common random numbers, true and as shown."""
    effect = np.linspace(-2.0, 6.0, BLOCK_DRAWS)[np.newaxis]
    low, high = (
        realised(_model(**counts), VALUES | {"effect": e}, seed=seed, chance=True, measurement=True)
        for e in (effect, effect + 0.5)
    )
    assert low.reported is not None
    assert high.reported is not None
    for worse, better in ((low, high), (low.reported, high.reported)):
        assert np.all(better.value[0] >= worse.value[0])
        assert np.any(better.value[0] > worse.value[0])


def test_standard_deviations_may_differ_by_follow_up() -> None:
    """True and shown, each by its own."""
    path = realised(_model(sd=[10.0, 5.0]), VALUES | {"sd.0": 10.0, "sd.1": 5.0})
    np.testing.assert_allclose(path.variance[0, :, 0], [64, 16])
    law = path.shown.treated[0]
    assert isinstance(law, ScoreLaw)
    np.testing.assert_allclose(law.sd[:, 0], [hypot(8, 6), hypot(4, 3)])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reliability": 0.0}, "greater than 0"),
        ({"reliability": 1.2}, "less than or equal to 1"),
        ({"counts": "improved"}, "without minimum_important_change"),
        ({"counts": "steps", "minimum_important_change": 5.0}, "without most_steps"),
        (IMPROVED | {"most_steps": 2}, "drop it or count 'steps'"),
        ({"sd": 0.0}, "got sd = 0"),
        ({"sd": [10.0]}, "1 values of sd for 2 follow-ups"),
        ({"effect": {"scale": "rate_ratio", "value": 1.2}}, "mean_difference or standardised"),
        ({"minimum_important_change": 0.0, "counts": "improved"}, "greater than 0"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each rule of a score is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        _model(**changes)
