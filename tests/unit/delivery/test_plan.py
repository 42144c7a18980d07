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
