"""The delivery plan refuses what cannot be delivered and counts people in whole cohorts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from sibsim.core.timeline import Timeline
from sibsim.delivery.plan import Delivery, Size

PLAN: dict[str, Any] = {
    "programme_months": 9,
    "cohorts": [
        {"start": date(2024, 1, 1), "share": 0.2},
        {"start": date(2024, 7, 1), "share": 0.3},
        {"start": date(2025, 1, 1), "share": 0.3},
        {"start": date(2025, 7, 1), "share": 0.2},
    ],
    "volume": 1.0,
    "start_delay": 0,
    "take_up": 0.9,
    "completion": 0.78,
}


TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2028, 12, 31), period="quarter")

SLOW: dict[str, Any] = {"months": [3, 6, 12, 24], "share": [0.3, 0.8, 0.8, 0.95]}
"""A ramp-up that stands still between months 6 and 12."""


def _plan(**changes: object) -> Delivery:
    return Delivery.model_validate(PLAN | changes)


def test_cohorts_plan_size_times_share() -> None:
    """Each cohort plans its share of the size, whole where the product is whole."""
    assert _plan().planned(180).tolist() == [36, 54, 54, 36]


def test_a_share_that_binary_cannot_hold_still_gives_whole_people() -> None:
    """180 x 0.35 is 63 people although the floating product is just below."""
    cohorts = [
        {"start": date(2024, 1, 1), "share": 0.35},
        {"start": date(2024, 7, 1), "share": 0.65},
    ]
    assert _plan(cohorts=cohorts).planned(180).tolist() == [63, 117]


@pytest.mark.parametrize(
    ("first", "probability"), [(date(2024, 1, 1), 1.0), (date(2024, 4, 1), 0.0)]
)
def test_an_early_start_before_the_case_is_seen(first: date, probability: float) -> None:
    """Three months early is before the case for a January start and not for an April one."""
    timeline = Timeline(start=date(2024, 1, 1), end=date(2027, 12, 31), period="quarter")
    plan = _plan(cohorts=[{"start": first, "share": 1}], start_delay=-3)
    assert plan.p_before_case(timeline) == probability


def test_half_a_month_early_rounds_up_to_no_delay() -> None:
    """A delay of -0.5 months is rounded half up to 0 and is not before the case."""
    timeline = Timeline(start=date(2024, 1, 1), end=date(2027, 12, 31), period="quarter")
    assert _plan(start_delay=-0.5).p_before_case(timeline) == 0
    assert _plan(start_delay=-0.6).p_before_case(timeline) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cohorts": PLAN["cohorts"][:3]}, "they must sum to 1"),
        ({"cohorts": PLAN["cohorts"][::-1]}, "out of order"),
        ({"cohorts": []}, "at least 1"),
        ({"take_up": 0}, "nobody could start"),
        ({"take_up": 1.2}, "allowed is"),
        ({"volume": -1}, "allowed is"),
        ({"programme_months": 0}, "greater than 0"),
        ({"start_delay": {"value": 1, "per_cohort": True}}, "shifts the whole service"),
        (
            {"guaranteed_referrals": True, "take_up": {"p10": 0.05, "p50": 0.2, "p90": 0.5}},
            "narrow take_up",
        ),
        ({"finish_delay": -1}, "allowed is"),
        ({"finish_delay": {"value": 1, "per_cohort": True}}, "ends as a whole"),
        ({"finish_delay": 1200}, "it is in months"),
        ({"ramp_up": SLOW, "cohorts": [{"start": date(2024, 1, 1), "share": 1}]}, "on one day"),
        ({"ramp_up": {}}, "got no curve"),
        ({"ramp_up": {"months": [3]}}, "got no curve"),
        ({"ramp_up": SLOW | {"prior": "indigo-ramp-up"}}, "drop one of them"),
        ({"ramp_up": SLOW | {"share": [0.3]}}, "4 months and 1 shares"),
        ({"ramp_up": {"months": [], "share": []}}, "at least 1"),
        ({"ramp_up": {"months": [6, 3], "share": [0.3, 0.8]}}, "do not rise"),
        ({"ramp_up": {"months": [3, 3], "share": [0.3, 0.8]}}, "do not rise"),
        ({"ramp_up": {"months": [0, 3], "share": [0.3, 0.8]}}, "greater than 0"),
        ({"ramp_up": {"months": [3], "share": [-0.3]}}, "got -0.3 started"),
        ({"ramp_up": {"months": [3], "share": [30]}}, "write 0.3"),
        ({"ramp_up": {"prior": "indigo-rampup"}}, "did you mean 'indigo-ramp-up'"),
        ({"ramp_up": {"prior": "indigo-volume"}}, "prior of a curve"),
        ({"ramp_up": SLOW | {"status": "published"}}, "no source is named"),
        ({"capacity": 0}, "greater than 0"),
        ({"capacity": 12.5}, "integer"),
        ({"waiting_list": {"gives_up": 0.1}}, "without a capacity"),
        ({"capacity": 10, "waiting_list": {"gives_up": 1.1}}, "allowed is"),
    ],
)
def test_a_plan_that_cannot_be_delivered_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each rule of the plan is a fault that says what is wrong."""
    with pytest.raises(ValidationError, match=words):
        _plan(**changes)


@pytest.mark.parametrize(
    "size", [0, 12.5, -4, {"p10": 100, "p50": 180, "p90": 200}, {"value": 12.5}]
)
def test_the_size_is_a_whole_number(size: object) -> None:
    """A size is a fixed whole number of people."""
    with pytest.raises(ValidationError):
        TypeAdapter(Size).validate_python(size)


def test_the_size_keeps_its_provenance() -> None:
    """A size may be a table with where it was read."""
    size = TypeAdapter(Size).validate_python(
        {"value": 180, "status": "published", "source": "indigo-0313"}
    )
    assert (size.base_value, size.source) == (180, "indigo-0313")


def test_planned_people_are_positive() -> None:
    """Every cohort plans someone."""
    assert np.all(_plan().planned(10) > 0)


def test_a_ramp_up_is_linear_from_zero_and_constant_after_its_last_point() -> None:
    """Half way to 0.3 at month 3 is 0.15; a year after the last point nothing has changed."""
    ramp_up = _plan(ramp_up=SLOW).ramp_up
    assert ramp_up is not None
    at = ramp_up.at(np.array([0, 1.5, 3, 4.5, 9, 18, 24, 36]))
    np.testing.assert_allclose(at, [0, 0.15, 0.3, 0.55, 0.8, 0.875, 0.95, 0.95], rtol=1e-14)


def test_without_a_ramp_up_everyone_comes_as_planned() -> None:
    """The numbers planned, bit by bit."""
    plan = _plan()
    assert plan.ramped(180, timeline=TIMELINE).tolist() == plan.planned(180).tolist()


def test_a_ramp_up_is_read_when_the_next_wave_starts() -> None:
    """0.8, 0.8, 0.875 and 0.95 of 36, 90, 144 and 180: 28.8, 72, 126 and 171 to date."""
    starts = _plan(ramp_up=SLOW).ramped(180, timeline=TIMELINE)
    np.testing.assert_allclose(starts, [28.8, 43.2, 54, 45], rtol=1e-14)


def test_the_total_of_a_ramp_up_is_its_last_value() -> None:
    """Whatever the path, r at the end of the last wave times the size; no wave is below zero.

    1.5, 0.5, 0.75 and 1 of 36, 90, 144 and 180 would be 54, 45, 108 and 180 to date: nine less
    start in the first wave, and nobody in the second.
    """
    falling = {"months": [6, 12, 24], "share": [1.5, 0.5, 1]}
    starts = _plan(ramp_up=falling).ramped(180, timeline=TIMELINE)
    np.testing.assert_allclose(starts, [45, 0, 63, 72], rtol=1e-14)
    for last in (0.2, 0.5, 2.0):
        falling["share"] = [1.5, 0.5, last]
        starts = _plan(ramp_up=falling).ramped(180, timeline=TIMELINE)
        np.testing.assert_allclose(starts.sum(), last * 180, rtol=1e-14)
        assert np.all(starts >= 0)


def test_waves_of_one_day_share_their_window() -> None:
    """Both of the first day end their intake after six months, at 0.5; the last after six more.

    To date 0.5 of 20 and of 50, then 0.9 of 100. Months are counted from the first wave, wherever
    in the case that is.
    """
    ramp_up = {"months": [6, 12], "share": [0.5, 0.9]}
    for year in (2024, 2026):
        cohorts = [
            {"start": date(year, month, 1), "share": share}
            for month, share in ((1, 0.2), (1, 0.3), (7, 0.5))
        ]
        starts = _plan(cohorts=cohorts, ramp_up=ramp_up).ramped(100, timeline=TIMELINE)
        np.testing.assert_allclose(starts, [10, 15, 65], rtol=1e-14)


def test_the_shipped_ramp_up_can_be_named() -> None:
    """Its medians at 6, 12, 18 and 24 months are 0.78, 0.77, 0.84 and 0.92."""
    starts = _plan(ramp_up={"prior": "indigo-ramp-up"}).ramped(180, timeline=TIMELINE)
    to_date = [0.78 * 36, 0.77 * 90, 0.84 * 144, 0.92 * 180]
    np.testing.assert_allclose(np.cumsum(starts), to_date, rtol=1e-14)


def test_the_shipped_overrun_can_be_named() -> None:
    """In the base case the service ends as planned."""
    finish = _plan(finish_delay={"prior": "indigo-overrun"}).finish_delay
    assert (finish.base_value, finish.distribution.support) == (0, (0, 8))
