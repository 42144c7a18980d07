"""Person-time is the exact integral of a straight rise and a survival curve."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.budget.kernel import (
    InSteps,
    SinceFollowUpBefore,
    cash_shift,
    mean_excess,
    person_time_weights,
)
from sibsim.core.parameters import BetweenPeople

EXACT = 1e-12
"""Sums of some hundred terms below 1,000 are right to about 1e-13 relative."""

QUARTERS = np.arange(0.0, 40.0, 3.0)
"""Boundaries of 13 quarters."""


def test_one_follow_up_by_hand() -> None:
    """A rise to 1 after 12 months has area u^2 / 24; then everyone keeps it for 4 months."""
    weights = person_time_weights(QUARTERS, follow_up_months=(12,), lasts=np.full(1000, 4.0))
    # (9 - 0, 36 - 9, 81 - 36, 144 - 81) / 24, then 3 and 1 months.
    by_hand = [0.375, 1.125, 1.875, 2.625, 3.0, 1.0, 0, 0, 0, 0, 0, 0, 0]
    np.testing.assert_allclose(weights[:, 0], by_hand, rtol=0, atol=EXACT)


def test_three_follow_ups_by_hand() -> None:
    """Each difference is a triangle between its neighbours; the last one survives."""
    weights = person_time_weights(
        np.array([0.0, 6.0, 12.0, 18.0, 24.0, 30.0]),
        follow_up_months=(6, 12, 18),
        lasts=np.full(10, 9.0),
    )
    by_hand = [[3, 0, 0], [3, 3, 0], [0, 3, 3], [0, 0, 6], [0, 0, 3]]
    np.testing.assert_allclose(weights, by_hand, rtol=0, atol=EXACT)


def test_follow_up_at_the_start_has_no_rise() -> None:
    """A first follow-up at month 0 counts in full from the start."""
    weights = person_time_weights(
        np.array([0.0, 3.0, 6.0]), follow_up_months=(0, 6), lasts=np.zeros(10)
    )
    np.testing.assert_allclose(weights, [[2.25, 0.75], [0.75, 2.25]], rtol=0, atol=EXACT)


def test_nothing_before_the_start() -> None:
    """Time before the actual start weighs nothing; a period it cuts counts in part."""
    since = np.array([-5.0, -2.0, 1.0, 4.0])
    weights = person_time_weights(since, follow_up_months=(4,), lasts=np.zeros(10))
    np.testing.assert_allclose(weights[:, 0], [0, 1 / 8, 15 / 8], rtol=0, atol=EXACT)


def test_all_person_time_is_counted_once() -> None:
    """Over all time the weights are the triangles' areas plus the mean of `lasts`."""
    lasts = np.sort(np.exp(np.linspace(-2, 5, 1000)))
    since = np.arange(0.0, 200.0, 1.0)
    weights = person_time_weights(since, follow_up_months=(12, 18, 24), lasts=lasts)
    areas = [9.0, 6.0, 3.0 + lasts.mean()]
    np.testing.assert_allclose(weights.sum(axis=0), areas, rtol=EXACT)


def test_agrees_with_numerical_integration(seed: int) -> None:
    """A fine midpoint sum over the curve itself gives the same person-time."""
    rng = np.random.default_rng(seed)
    lasts = np.sort(rng.lognormal(2.5, 1.0, 1000))
    since = np.arange(0.0, 120.0, 3.0) - rng.uniform(0, 6)
    months, difference = (12, 18, 24), rng.normal(0, 5, 3)
    step = 0.01
    at = np.arange(since[0], since[-1], step) + step / 2
    straight = np.interp(at, [0, *months], [0.0, *difference])
    survives = 1.0 - np.searchsorted(lasts, at - months[-1], side="right") / len(lasts)
    curve = np.where(at < months[-1], straight, difference[-1] * survives)
    numeric = curve.reshape(len(since) - 1, -1).sum(axis=1) * step
    weights = person_time_weights(since, follow_up_months=months, lasts=lasts)
    # Midpoints miss a jump by at most a step: jumps sum to |difference|, kinks are smaller still.
    np.testing.assert_allclose(weights @ difference, numeric, rtol=0, atol=step * 15)


def test_mean_excess_by_hand() -> None:
    """The mean over people of what exceeds a threshold."""
    excess = mean_excess(np.array([1.0, 2.0, 6.0]), np.array([-1.0, 0.0, 2.0, 5.0, 9.0]))
    np.testing.assert_allclose(excess, [4.0, 3.0, 4 / 3, 1 / 3, 0.0], rtol=EXACT)


@pytest.mark.parametrize(
    ("lag", "cash"),
    [
        (0, [6, 12, 18, 0]),
        (1, [4, 10, 16, 6]),
        (3, [0, 6, 12, 18]),
        (4, [0, 4, 10, 16]),
        (20, [0, 0, 0, 0]),
    ],
)
def test_lag_is_split_pro_rata(lag: int, cash: list[float]) -> None:
    """A lag of one month moves a third of a quarter into the next; duration is unchanged."""
    shifted = cash_shift(np.array([6.0, 12.0, 18.0, 0.0]), lag_months=lag, months_per_period=3)
    np.testing.assert_allclose(shifted, cash, rtol=EXACT, atol=EXACT)


def test_what_is_counted_lies_evenly_since_the_follow_up_before_by_hand() -> None:
    """One more in the first 6 months, one in the next 3; for 4 months a third a month goes on."""
    kernel = SinceFollowUpBefore((6, 9), BetweenPeople.model_validate(4))
    assert kernel.end == 13
    weights = kernel.weights(np.array([-3.0, 0.0, 3.0, 7.0, 10.0, 12.0, 15.0]))
    by_hand = [[0.0, 0.0], [0.5, 0.0], [0.5, 1 / 3], [0.0, 1.0], [0.0, 2 / 3], [0.0, 1 / 3]]
    np.testing.assert_allclose(weights, by_hand, rtol=0, atol=EXACT)


def test_the_last_rate_goes_on_for_those_to_whom_it_lasts() -> None:
    """Over all time there is one in the window and the mean of `lasts` at a twelfth a month."""
    lasts = BetweenPeople.model_validate({"between_people": {"p10": 6, "p50": 24, "p90": 72}})
    kernel = SinceFollowUpBefore((12,), lasts)
    weights = kernel.weights(np.arange(0.0, kernel.end + 3.0))
    np.testing.assert_allclose(weights.sum(), 1.0 + lasts.grid.mean() / 12.0, rtol=EXACT)
    after_a_year = np.minimum(lasts.grid, 12.0).mean() / 12.0
    np.testing.assert_allclose(weights[12:24].sum(), after_a_year, rtol=EXACT)


def test_steps_may_begin_later_than_the_start() -> None:
    """Two years from month 6 on: a quarter of each in every quarter of it."""
    kernel = InSteps(2, 12.0, 6.0)
    assert kernel.end == 30
    weights = kernel.weights(QUARTERS)
    by_hand = np.zeros((13, 2))
    by_hand[2:6, 0] = by_hand[6:10, 1] = 0.25
    np.testing.assert_allclose(weights, by_hand, rtol=0, atol=EXACT)
