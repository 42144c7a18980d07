"""The days outcome: two point masses and a beta-binomial, moved together, fitted to shelters."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.errors import ArgumentError
from sibsim.outcomes.days import Days, fit_days
from sibsim.outcomes.days_law import DaysLaw, DaysParts, centred, spread_to
from tests.people import assert_moments, realised

NIGHTS: dict[str, Any] = {
    "model": "days",
    "among": "started",
    "follow_up_months": [6, 12],
    "counterfactual": 50.0,
    "effect": {"scale": "rate_ratio", "value": 0.6},
    "lowest": 0,
    "window_days": 182,
    "sd": 55.0,
    "share_lowest": 0.3,
    "share_bound": 0.04,
    "persistence": 0.7,
}
VALUES: dict[str, Any] = {
    "counterfactual": 50.0,
    "effect": 0.6,
    "sd": 55.0,
    "share_lowest": 0.3,
    "share_bound": 0.04,
    "persistence": 0.7,
}


def _model(**changes: object) -> Days:
    merged = NIGHTS | changes
    return Days.model_validate({key: each for key, each in merged.items() if each is not None})


def _parts(
    *, mean: float = 50.0, sd: float = 55.0, lowest: int = 0, low: float = 0.3, high: float = 0.04
) -> DaysParts:
    window, q, r, mu = (np.array([[each]]) for each in (182.0, low, high, mean))
    parts, outside = centred(lowest=lowest, window=window, share_lowest=q, share_bound=r, mean=mu)
    parts, too_far = spread_to(parts, sd=np.array([[sd]]))
    assert not outside.any()
    assert not too_far.any()
    return parts


def _probabilities(parts: DaysParts) -> FloatArray:
    """Return the probability of each number of days 0 to 182, from scipy.stats."""
    alpha = (parts.middle * parts.precision).item()
    beta = ((1 - parts.middle) * parts.precision).item()
    between = stats.betabinom(parts.size.item(), alpha, beta)
    days = np.arange(183.0)
    share = parts.between.item() * between.pmf(days - parts.lowest - 1)
    share[parts.lowest] += parts.share_lowest.item()
    share[-1] += parts.share_bound.item()
    return np.asarray(share)


@pytest.mark.parametrize("lowest", [0, 1])
@pytest.mark.parametrize("sd", [42.0, 55.0, 70.0])
def test_the_whole_has_the_mean_and_sd_that_are_stated(lowest: int, sd: float) -> None:
    """Summed over the days by scipy's beta-binomial, mean, sd and shares are the ones stated."""
    parts = _parts(sd=sd, lowest=lowest)
    share, days = _probabilities(parts), np.arange(183.0)
    mean = share @ days
    assert share.sum() == pytest.approx(1.0)
    assert mean == pytest.approx(50.0)
    assert np.sqrt(share @ (days - mean) ** 2) == pytest.approx(sd)
    assert (share[lowest], share[-1]) == (pytest.approx(0.3), pytest.approx(0.04))
    law = DaysLaw(np.ones(1), parts)
    assert law.mean.item() == pytest.approx(50.0, rel=1e-13)
    assert law.variance.item() == pytest.approx(sd**2, rel=1e-12)
    tails = [law.at_least(float(x)).item() for x in (0, 1, 2, 5.5, 6, 120, 182, 183)]
    known = [share[int(np.ceil(x)) :].sum() for x in (0, 1, 2, 5.5, 6, 120, 182, 183)]
    np.testing.assert_allclose(tails, known, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", [0.5, 10.0, 30.0, 50.0, 90.0, 175.0])
def test_an_effect_moves_all_parts_by_the_same_log_odds(target: float) -> None:
    """The mean is the target, and the three shifts of log odds are one; precision stays."""
    before = _parts()
    after = before.with_mean(np.array([[target]]))
    share = _probabilities(after)
    assert after.mean.item() == pytest.approx(target, abs=1e-9)
    assert share @ np.arange(183.0) == pytest.approx(target, abs=1e-9)

    def log_odds(probability: FloatArray) -> float:
        return float(np.log(probability / (1 - probability)).item())

    shifts = [
        log_odds(after.share_bound) - log_odds(before.share_bound),
        log_odds(before.share_lowest) - log_odds(after.share_lowest),
        log_odds(after.middle) - log_odds(before.middle),
    ]
    np.testing.assert_allclose(shifts, shifts[0], atol=1e-8)
    assert np.sign(round(shifts[0], 9)) == np.sign(target - 50.0)
    assert after.precision.item() == before.precision.item()


def test_any_mean_within_reach_is_met_exactly(seed: int) -> None:
    """Random parts, with and without point masses, moved to random means and to both ends."""
    random = np.random.default_rng(seed)
    size = (1, 2000)
    low = random.uniform(0, 0.6, size) * (random.random(size) < 0.8)
    high = random.uniform(0, 0.35, size) * (random.random(size) < 0.8)
    middle, precision = random.uniform(1e-4, 1, size), 10 ** random.uniform(-3, 6, size)
    parts = DaysParts(0, np.array([[182.0]]), low, high, middle, precision)
    first, last = parts.reach()
    for share in (0.0, random.random(size) ** 3, 1.0):
        target = first + (last - first) * share
        np.testing.assert_allclose(parts.with_mean(target).mean, target, atol=1e-11)
    again, outside = centred(
        lowest=0, window=parts.window, share_lowest=low, share_bound=high, mean=parts.mean
    )
    again, too_far = spread_to(again, sd=np.sqrt(parts.variance))
    assert not (outside | too_far).any()
    np.testing.assert_allclose(again.mean, parts.mean, rtol=1e-12)
    np.testing.assert_allclose(again.variance, parts.variance, rtol=1e-12)


def test_a_higher_mean_makes_every_number_of_days_likelier_to_be_passed() -> None:
    """P(days > x) rises with the mean for every x: the better law is ordered before the other."""
    before = _parts()
    tails = []
    for target in (20.0, 35.0, 50.0, 80.0):
        share = _probabilities(before.with_mean(np.array([[target]])))
        tails.append(share[::-1].cumsum()[::-1])
    for low, high in pairwise(tails):
        assert np.all(high >= low - 1e-12)


def test_the_base_case_is_the_expectation() -> None:
    """50 nights x 0.6 = 30 a person: 600 of 20 people, 400 fewer."""
    path = realised(_model(), VALUES)
    np.testing.assert_allclose(path.achieved[..., 0], [[600, 600], [900, 900]])
    np.testing.assert_allclose(path.additional[0, :, 0], [-400, -400])
    np.testing.assert_allclose(path.variance_without, 55**2)
    assert path.clipped.tolist() == [0]


@pytest.mark.parametrize("width", [1, BLOCK_DRAWS])
def test_people_drawn_have_the_mean_the_variance_and_the_shares(seed: int, width: int) -> None:
    """One table for all draws and one table per draw give the same people, of the law."""
    parts = _parts(lowest=1)
    wide = replace(parts, middle=np.repeat(parts.middle, width, axis=1))
    law = DaysLaw(np.array([0.7]), wide)
    drawn = law.draw(Layer(LayerName.CHANCE, seed), stream="it", people=25)
    assert_moments(law, drawn)
    assert (drawn.min(), drawn.max()) == (1, 182)
    for days, share in ((1.0, 0.3), (182.0, 0.04)):
        error = np.sqrt(share * (1 - share) / drawn.size)
        assert abs((drawn == days).mean() - share) <= 5 * error
    one = DaysLaw(np.array([0.7]), parts)
    assert np.array_equal(drawn, one.draw(Layer(LayerName.CHANCE, seed), stream="it", people=25))


def test_a_stronger_effect_leaves_nobody_with_more_days(seed: int) -> None:
    """Common random numbers, person by person, where the effect differs by draw."""
    effect = np.linspace(0.3, 1.2, BLOCK_DRAWS)[np.newaxis]
    weak, strong = (
        realised(_model(), VALUES | {"effect": each}, seed=seed, chance=True)
        for each in (effect, 0.95 * effect)
    )
    for more, fewer in zip(weak.value, strong.value, strict=True):
        assert np.all(fewer <= more)
    assert np.all(strong.expected < weak.expected)


def test_what_no_law_can_have_is_cut_and_counted() -> None:
    """A mean of 250 days in 182 is cut to what an effect can reach, in all four cells."""
    path = realised(_model(), VALUES | {"effect": [[0.6, 5.0]]})
    assert path.clipped.tolist() == [0, 4]
    assert path.expected[0, 0, 1] == pytest.approx(182.0, abs=1e-6)
    path = realised(_model(), VALUES | {"sd": [[55.0, 90.0, 10.0]]})
    assert path.clipped.tolist() == [0, 4, 4]
    np.testing.assert_allclose(path.counterfactual[0, 0], 50.0)


def test_each_follow_up_may_have_a_window_of_its_own() -> None:
    """Half a year, then a year with twice the days."""
    model = _model(
        follow_up_months=[6, 18],
        window_days=[182, 365],
        counterfactual=[50.0, 100.0],
        sd=[55.0, 110.0],
    )
    values = VALUES | {"counterfactual.0": 50, "counterfactual.1": 100, "sd.0": 55, "sd.1": 110}
    path = realised(model, values)
    np.testing.assert_allclose(path.counterfactual[0, :, 0], [50, 100])
    np.testing.assert_allclose(path.variance_without[0, :, 0], [55**2, 110**2])
    assert path.untreated[0].at_least(182)[0, 0] == pytest.approx(0.04)
    assert path.untreated[0].at_least(365)[1, 0] == pytest.approx(0.04)
    assert path.untreated[0].at_least(183)[0, 0] == 0


def test_shelter_stays_of_2007_are_met() -> None:
    """Mean 47 nights, 36 % of stays one night, 14 % more than 120 (Ankestyrelsen, 2008).

    The fit states an sd of 65 nights and nobody at the bound; every figure is then met.
    """
    fit = fit_days(
        mean=47, window_days=365, lowest=1, share_lowest=0.36, above_days=120, share_above=0.14
    )
    assert fit.sd == pytest.approx(65.0, abs=0.1)
    assert fit.share_bound == 0
    assert fit.law.mean.item() == pytest.approx(47)
    assert 1 - fit.law.at_least(2).item() == pytest.approx(0.36)
    assert fit.law.at_least(121).item() == pytest.approx(0.14)
    model = _model(
        follow_up_months=[12],
        lowest=1,
        window_days=365,
        counterfactual=47,
        sd=fit.sd,
        share_lowest=0.36,
        share_bound=fit.share_bound,
    )
    values = VALUES | {"counterfactual": 47, "sd": fit.sd, "share_lowest": 0.36, "share_bound": 0}
    law = realised(model, values).untreated[0]
    np.testing.assert_allclose(law.at_least(121), 0.14, atol=1e-9)


def test_shelter_users_of_2007_are_met() -> None:
    """Mean 111 nights, 7 % of users one night, 9 % the whole year (Ankestyrelsen, 2008).

    The three are fields of the outcome; the sd of 118 rests on an assumed precision of 2.
    """
    fit = fit_days(mean=111, window_days=365, lowest=1, share_lowest=0.07, share_bound=0.09)
    assert fit.sd == pytest.approx(117.8, abs=0.1)
    assert fit.law.mean.item() == pytest.approx(111)
    assert 1 - fit.law.at_least(2).item() == pytest.approx(0.07)
    assert fit.law.at_least(365).item() == pytest.approx(0.09)


def test_a_share_that_is_nearly_met_is_taken_as_near_as_it_comes() -> None:
    """With a mean of 47 no law has 16 % above 120 nights; the nearest misses by under 2 points."""
    fit = fit_days(
        mean=47, window_days=365, lowest=1, share_lowest=0.36, above_days=120, share_above=0.16
    )
    assert 0.15 < fit.law.at_least(121).item() < 0.16
    assert fit.law.mean.item() == pytest.approx(47)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"share_above": 0.5}, "0.5 above 120 days.* the nearest is 0.15"),
        ({"mean": 300}, "so the mean lies between"),
        ({"share_above": None}, "needs both"),
        ({"share_bound": 0.7}, "sum to less than 1"),
    ],
)
def test_figures_that_no_law_meets_are_named(changes: dict[str, Any], words: str) -> None:
    """The fit says which published figure it cannot meet, and what it can."""
    figures: dict[str, Any] = {
        "mean": 47,
        "window_days": 365,
        "lowest": 1,
        "share_lowest": 0.36,
        "above_days": 120,
        "share_above": 0.14,
    }
    with pytest.raises(ArgumentError, match=words):
        fit_days(**figures | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        # Outside the middle 1590 of variance; within it at least 0.66 x 180 x 0.354 x 0.646 = 27.
        ({"sd": 200.0}, "with these the sd lies between 40.22 and 80.47"),
        ({"sd": 20.0}, "with these the sd lies between"),
        ({"counterfactual": 150.0}, r"the mean lies between 7.94 and 12.*\(follow-up 6 months\)"),
        ({"share_bound": 0.8}, "sum to less than 1"),
        ({"window_days": 3}, "it has at least 4"),
        ({"window_days": [182]}, "1 values of window_days for 2 follow-ups"),
        ({"sd": [55.0]}, "1 values of sd for 2 follow-ups"),
        ({"lowest": 2}, "0 or 1"),
        ({"share_lowest": 36}, "0.36"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each rule of a days outcome is a fault that says what is wrong and what would do."""
    with pytest.raises(ValidationError, match=words):
        _model(**changes)
