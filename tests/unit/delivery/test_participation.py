"""Who comes and stays: hand-counted expectations, exact means, and common random numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.core.timeline import Timeline
from sibsim.delivery.participation import realise
from sibsim.delivery.plan import Delivery

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")
PLAN: dict[str, Any] = {
    "programme_months": 9,
    "cohorts": [
        {"start": date(2024, 1, 1), "share": 0.4},
        {"start": date(2024, 7, 1), "share": 0.6},
    ],
    "volume": 1,
    "start_delay": 0,
    "take_up": 0.8,
    "completion": 0.75,
}
ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""


def _realise(
    seed: int = 0,
    *,
    size: float = 50,
    on: bool = True,
    guaranteed: bool = False,
    **values: float | FloatArray,
) -> Participation:
    delivery = Delivery.model_validate(PLAN | {"guaranteed_referrals": guaranteed})
    fields = {"volume": 1.0, "start_delay": 0.0, "take_up": 0.8, "completion": 0.75} | values
    arrays = {f"delivery.{k}": np.atleast_2d(np.asarray(v, float)) for k, v in fields.items()}
    context = Context(
        timeline=TIMELINE,
        values=arrays,
        chance=Layer(LayerName.CHANCE, seed, on=on),
        measurement=Layer(LayerName.MEASUREMENT, seed, on=on),
        path="delivery",
    )
    return realise(delivery, size=size, context=context)


def _error_of_mean(draws: FloatArray) -> float:
    return float(draws.std() / np.sqrt(draws.size))


def test_the_base_case_counts_by_hand() -> None:
    """50 planned at take-up 0.8: 20 + 30 start, 25 + 37.5 are referred, 15 + 22.5 complete."""
    who = _realise(on=False)
    assert who.planned.tolist() == [20, 30]
    assert who.started.tolist() == [[20], [30]]
    assert who.referred.tolist() == [[25], [37.5]]
    np.testing.assert_allclose(who.completed, [[15.0], [22.5]], rtol=1e-14)
    assert who.start.tolist() == [[0], [6]]
    assert [len(each) for each in who.completes] == [20, 30]


def test_a_low_take_up_moves_starts_and_leaves_referrals() -> None:
    """Take-up 0.6 against a base of 0.8 gives three quarters of the starts."""
    who = _realise(on=False, take_up=0.6)
    np.testing.assert_allclose(who.started, [[15.0], [22.5]], rtol=1e-14)
    np.testing.assert_allclose(who.referred, [[25.0], [37.5]], rtol=1e-14)


def test_guaranteed_referrals_keep_starts_and_raise_referrals() -> None:
    """With guaranteed referrals take-up 0.5 costs referrals, not starts."""
    who = _realise(on=False, guaranteed=True, take_up=0.5, volume=1.1)
    np.testing.assert_allclose(who.started, [[22], [33]], rtol=1e-14)
    np.testing.assert_allclose(who.referred, [[44], [66]], rtol=1e-14)


@pytest.mark.parametrize(
    ("delay", "whole"), [(0.5, 1), (0.49, 0), (-0.5, 0), (-0.51, -1), (2.5, 3), (9.0, 9)]
)
def test_a_delay_is_rounded_half_up(delay: float, whole: int) -> None:
    """A delay is in whole months, half up, and shifts every cohort."""
    who = _realise(on=False, start_delay=delay)
    assert who.delay.tolist() == [[whole]]
    assert who.start.tolist() == [[whole], [6 + whole]]


def test_people_are_whole_and_referrals_cover_starts(seed: int) -> None:
    """With chance on all counts are whole and ordered: completed <= started <= referred."""
    who = _realise(seed, size=33, volume=0.77)
    for number in (who.referred, who.started, who.completed):
        assert number.shape == (2, BLOCK_DRAWS)
        assert np.all(number % 1 == 0)
    assert np.all(who.completed <= who.started)
    assert np.all(who.started <= who.referred)


@pytest.mark.parametrize("guaranteed", [False, True])
def test_means_are_the_expectations(seed: int, *, guaranteed: bool) -> None:
    """Whole numbers keep the mean of the fractions they stand for."""
    change: Any = {"size": 33, "volume": 0.77, "take_up": 0.71, "guaranteed": guaranteed}
    drawn, expected = _realise(seed, **change), _realise(on=False, **change)
    for name in ("referred", "started", "completed"):
        for row, mean in zip(getattr(drawn, name), getattr(expected, name), strict=True):
            assert abs(row.mean() - mean[0]) <= ERRORS * _error_of_mean(row) + 1e-12, name


def test_completion_is_binomial_given_starts(seed: int) -> None:
    """Of 20 who start, completions have mean 15 and variance 20 x 0.75 x 0.25."""
    completed = _realise(seed).completed[0]
    variance = 20 * 0.75 * 0.25
    assert abs(completed.mean() - 15) <= ERRORS * np.sqrt(variance / BLOCK_DRAWS)
    # The sampling error of a variance is about variance x sqrt(2 / draws).
    assert abs(completed.var() - variance) <= ERRORS * variance * np.sqrt(2 / BLOCK_DRAWS)


def test_more_planned_people_change_no_earlier_person(seed: int) -> None:
    """Completion of person i does not depend on how many others there are."""
    few, many = _realise(seed, size=50), _realise(seed, size=100)
    assert np.array_equal(few.completes[1], many.completes[1][:30])


def test_raising_completion_lowers_no_count(seed: int) -> None:
    """Common random numbers: more completion means no fewer completions in any draw."""
    low, high = _realise(seed, completion=0.6), _realise(seed, completion=0.65)
    assert np.all(high.completed >= low.completed)
    assert np.any(high.completed > low.completed)


def test_values_of_a_cohort_reach_that_cohort_alone() -> None:
    """A volume per cohort is read by cohort, a volume per draw by draw."""
    by_cohort = _realise(on=False, volume=np.array([[1.0], [0.5]]))
    assert by_cohort.started.tolist() == [[20], [15]]
    by_draw = _realise(on=False, volume=np.array([[1.0, 0.5, 0.0]]))
    assert by_draw.started.tolist() == [[20, 10, 0], [30, 15, 0]]
    assert by_draw.completed.tolist() == [[15, 7.5, 0], [22.5, 11.25, 0]]
    assert by_draw.member("started", cohort=0).sum(axis=0).tolist() == [20, 10, 0]


def test_nobody_comes(seed: int) -> None:
    """A volume of zero is served without people and without error."""
    who = _realise(seed, volume=0.0)
    assert not who.started.any()
    assert who.completes[0].shape[0] == 0
