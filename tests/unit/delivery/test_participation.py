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
    plan: dict[str, Any] | None = None,
    **values: float | FloatArray,
) -> Participation:
    delivery = Delivery.model_validate(PLAN | {"guaranteed_referrals": guaranteed} | (plan or {}))
    fields = {"volume": 1.0, "start_delay": 0.0, "take_up": 0.8, "completion": 0.75} | values
    fields.setdefault("finish_delay", 0.0)
    if delivery.waiting_list is not None:
        fields.setdefault("waiting_list.gives_up", delivery.waiting_list.gives_up.base_value)
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


@pytest.mark.parametrize(("late", "whole"), [(0.0, 0), (0.49, 0), (0.5, 1), (7.6, 8)])
def test_a_late_end_is_rounded_half_up_and_moves_no_start(late: float, whole: int) -> None:
    """The service ends whole months late; who starts when is as planned."""
    who = _realise(on=False, finish_delay=late, start_delay=2)
    assert who.finish_delay.tolist() == [[whole]]
    assert who.start.tolist() == [[2], [8]]


SLOW: dict[str, Any] = {"ramp_up": {"months": [6, 12], "share": [0.5, 0.9]}}
"""Half of 20 have started after six months, nine tenths of 50 after twelve: 10 and 35."""


def test_a_ramp_up_multiplies_with_the_volume() -> None:
    """10 and 35 at volume 1, half of it at one half; referrals follow, what is planned does not."""
    who = _realise(on=False, plan=SLOW)
    np.testing.assert_allclose(who.started, [[10], [35]], rtol=1e-14)
    np.testing.assert_allclose(who.referred, [[12.5], [43.75]], rtol=1e-14)
    assert who.planned.tolist() == [20, 30]
    by_draw = _realise(on=False, plan=SLOW, volume=np.array([[1.0, 0.5]]), start_delay=4)
    np.testing.assert_allclose(by_draw.started, [[10.0, 5.0], [35.0, 17.5]], rtol=1e-14)


def test_ramped_people_are_whole_and_as_many_as_expected(seed: int) -> None:
    """With chance on the means are those of the expectations."""
    drawn = _realise(seed, plan=SLOW, volume=0.77)
    assert not np.any(drawn.started % 1)
    for row, mean in zip(drawn.started, (7.7, 26.95), strict=True):
        assert abs(row.mean() - mean) <= ERRORS * _error_of_mean(row)


WAVES: dict[str, Any] = {
    "cohorts": [
        {"start": date(2024, 1, 1), "share": 0.5},
        {"start": date(2024, 7, 1), "share": 0.3},
        {"start": date(2025, 1, 1), "share": 0.2},
    ],
    "capacity": 40,
}
"""Of 100, 50, 30 and 20 come; 40 places; after nine months a place is free again."""


def _lost(who: Participation) -> FloatArray:
    assert who.turned_away is not None
    return who.turned_away


def test_without_a_capacity_nobody_is_counted_as_turned_away() -> None:
    """No count where the case states no limit, whatever the draws."""
    assert _realise(on=False).turned_away is None


def test_who_finds_no_place_is_turned_away() -> None:
    """40 of 50, none of 30 while they are there, all 20 once they have left; 60 start in all."""
    who = _realise(on=False, size=100, plan=WAVES)
    assert who.started.tolist() == [[40], [0], [20]]
    assert _lost(who).tolist() == [[10], [30], [0]]
    assert who.referred.tolist() == [[62.5], [37.5], [25]]
    np.testing.assert_allclose(who.completed, [[30], [0], [15]], rtol=1e-14)


def test_who_waits_starts_with_a_later_wave() -> None:
    """Of the 10 left 2 give up; of 38 then 7.6; of 50.4 last 40 start and 10.4 never do."""
    plan = WAVES | {"waiting_list": {"gives_up": 0.2}}
    who = _realise(on=False, size=100, plan=plan)
    np.testing.assert_allclose(who.started, [[40], [0], [40]], rtol=1e-14)
    np.testing.assert_allclose(_lost(who), [[2.0], [7.6], [10.4]], rtol=1e-14)
    assert who.referred.tolist() == [[62.5], [37.5], [25]]


def test_those_who_give_up_may_differ_by_wave() -> None:
    """All give up after the first wave, none after the second."""
    plan = WAVES | {"waiting_list": {"gives_up": {"value": 0.5, "per_cohort": True}}}
    rates: Any = {"waiting_list.gives_up": np.array([[1.0], [0.0], [0.0]])}
    who = _realise(on=False, size=100, plan=plan, **rates)
    assert who.started.tolist() == [[40], [0], [40]]
    assert _lost(who).tolist() == [[10], [0], [10]]


@pytest.mark.parametrize(("months", "second"), [(6, 30), (7, 15)])
def test_a_place_is_free_when_the_programme_is_over(months: int, second: int) -> None:
    """After six months the first wave has left on the day the second comes; after seven it has not.

    Whoever drops out keeps the place: with nobody completing the numbers are the same.
    """
    plan = {"programme_months": months, "capacity": 35}
    for completion in (0.75, 0.0):
        who = _realise(on=False, plan=plan, completion=completion)
        assert who.started.tolist() == [[20], [second]]
        assert _lost(who).tolist() == [[0], [30 - second]]


UNSURE: dict[str, Any] = {"size": 97, "volume": np.linspace(0.4, 1.9, BLOCK_DRAWS)}
"""A number of people that differs from draw to draw, with fractions of a person."""


@pytest.mark.parametrize("gives_up", [None, 0.0, 0.35, 1.0])
def test_everyone_who_would_start_does_or_is_turned_away(
    seed: int, *, gives_up: float | None
) -> None:
    """In every draw arrivals = started + turned away, in whole people, and no place is taken twice.

    Nobody's arrival or referral hangs on the places.
    """
    plan = WAVES if gives_up is None else WAVES | {"waiting_list": {"gives_up": gives_up}}
    free = _realise(seed, plan=WAVES | {"capacity": None}, **UNSURE)
    who = _realise(seed, plan=plan, **UNSURE)
    lost = _lost(who)
    assert np.array_equal(free.started.sum(axis=0), who.started.sum(axis=0) + lost.sum(axis=0))
    assert np.array_equal(free.referred, who.referred)
    for number in (who.started, lost):
        assert number.shape == (3, BLOCK_DRAWS)
        assert not np.any(number % 1)
        assert np.all(number >= 0)
    present = np.stack([who.started[0], who.started[0] + who.started[1], who.started[1:].sum(0)])
    assert present.max() == 40
    still = np.cumsum(free.started - who.started - lost, axis=0)
    assert np.all(still >= 0)
    assert np.any(still > 0) == (gives_up in {0.0, 0.35})
    assert not still[-1].any()
    assert np.all(who.completed <= who.started)


def test_a_list_on_which_everyone_gives_up_is_none(seed: int) -> None:
    """Who gives up at once is turned away; who never does is lost only after the last wave."""
    none = _realise(seed, plan=WAVES, **UNSURE)
    at_once = _realise(seed, plan=WAVES | {"waiting_list": {"gives_up": 1}}, **UNSURE)
    assert np.array_equal(none.started, at_once.started)
    assert np.array_equal(_lost(none), _lost(at_once))
    never = _lost(_realise(seed, plan=WAVES | {"waiting_list": {"gives_up": 0}}, **UNSURE))
    assert not never[:-1].any()
    assert never[-1].any()


def test_places_for_everyone_change_nothing(seed: int) -> None:
    """A capacity that is never reached moves no person."""
    free = _realise(seed, plan=WAVES | {"capacity": None}, **UNSURE)
    wide = _realise(seed, plan=WAVES | {"capacity": 1000}, **UNSURE)
    assert np.array_equal(free.started, wide.started)
    assert np.array_equal(free.completed, wide.completed)
    assert not _lost(wide).any()


def test_as_many_give_up_as_their_share(seed: int) -> None:
    """A quarter of the ten who wait: 2 or 3, 2.5 on average."""
    plan = WAVES | {"waiting_list": {"gives_up": 0.25}}
    first = _lost(_realise(seed, size=100, plan=plan))[0]
    assert set(first.tolist()) == {2, 3}
    assert abs(first.mean() - 2.5) <= ERRORS * _error_of_mean(first)
