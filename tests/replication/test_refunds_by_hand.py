"""Refunds of Danish rules worked out week by week and day by day, through real budget lines.

Everybody moves on dates that are known, so that what is saved is counted on the fingers: without
the intervention a person is where `otherwise` says, with it where `instead` says.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.ledger import party_net
from sibsim.core.timeline import Timeline
from tests.refunds import APRIL_2026, DAY, ORE, QUARTERS, Stay, refunded, saved, total

SICKNESS: dict[str, Any] = {"amount": 4_695, "per": "week", "states": ["sick"]}


@pytest.mark.parametrize(("before", "net"), [(0, 184_983), (60, 195_312)])
def test_two_people_on_sickness_benefit(before: float, net: float) -> None:
    """Sick to programme week 30 instead of 82: 52 weeks of 4,695 are 244,140 less for each.

    A has no weeks before: of the weeks 31 to 82 the state refunds 22, to week 52, at 30 % and 30 at
    20 %, so the municipality keeps 4,695 (22 x 0.7 + 30 x 0.8) = 184,983. B has 60 weeks before:
    52 weeks at 20 %, and keeps 4,695 x 52 x 0.8 = 195,312.
    """
    refund = {"ladder": "dk-refund", "weeks_before": before}
    result = saved(
        {**SICKNESS, "refund": refund},
        otherwise=[("sick", 82)],
        instead=[("sick", 30)],
        timeline=QUARTERS,
    )
    assert total(result, "citizens") == pytest.approx(-244_140, abs=ORE)
    assert total(result, "municipality") == pytest.approx(net, abs=ORE)
    assert total(result, "state") == pytest.approx(244_140 - net, abs=ORE)
    # 13.04 weeks a quarter: the weeks from 31 to 39.12 are saved in the third.
    third = 4_695 * 9.12 * (0.7 if before == 0 else 0.8)
    assert party_net(result.postings, "municipality")[2, 0] == pytest.approx(third, abs=ORE)


def test_a_move_between_two_benefits_does_not_restart_the_ladder() -> None:
    """30 weeks sick, then 30 on cash benefit: 22 of these, to week 52, at 30 % and 8 at 20 %."""
    refund = {"ladder": "dk-refund", "weeks_before": 0}
    result = saved(
        {**SICKNESS, "amount": 1_000, "states": ["cash"], "refund": refund},
        otherwise=[("sick", 30), ("cash", 30)],
        instead=[("sick", 30)],
    )
    assert total(result, "citizens") == pytest.approx(-30_000, abs=ORE)
    assert total(result, "state") == pytest.approx(22 * 300 + 8 * 200, abs=ORE)


@pytest.mark.parametrize(
    ("weeks_in_job", "state"),
    [(52, 4 * 800 + 22 * 400 + 4 * 300), (51, 22 * 300 + 8 * 200)],
)
def test_a_year_of_self_support_restarts_it(weeks_in_job: int, state: float) -> None:
    """Sick 30 weeks, in a job, sick 30 weeks: after 52 weeks in the job week 1 again, else 31."""
    refund = {"ladder": "dk-refund", "weeks_before": 0}
    result = saved(
        {**SICKNESS, "amount": 1_000, "refund": refund},
        otherwise=[("sick", 30), ("job", weeks_in_job), ("sick", 30)],
        instead=[("sick", 30)],
    )
    assert total(result, "citizens") == pytest.approx(-30_000, abs=ORE)
    assert total(result, "state") == pytest.approx(state, abs=ORE)


def shelter(**refund: object) -> dict[str, Any]:
    """Return a line of 1,000 a day in shelter, of which the state refunds half."""
    return {
        "amount": 1_000,
        "per": "day",
        "states": ["shelter"],
        "refund": {"days": "dk-shelter-refund", "running_counts": "new_limit", **refund},
    }


@pytest.mark.parametrize(
    ("begins", "days_before", "counts", "before", "after"),
    [
        # 200 days from 150 days before 1 April 2026: 120 days, all of them before it.
        (-150, 0, "new_limit", 120, 0),
        (-150, 0, "old_limit", 120, 0),
        # From 100 days before: 100 are used when 90 becomes the limit, or 20 of 120 are left.
        (-100, 0, "new_limit", 100, 0),
        (-100, 0, "old_limit", 100, 20),
        # From 50 days before: 40 of 90 are left, or 70 of 120.
        (-50, 0, "new_limit", 50, 40),
        (-50, 0, "old_limit", 50, 70),
        # With 30 days used before: 10 of 90 are left, or 40 of 120.
        (-50, 30, "new_limit", 50, 10),
        (-50, 30, "old_limit", 50, 40),
        # With 100 days used before: 20 days of 120 are refunded, then nothing.
        (-50, 100, "new_limit", 20, 0),
        (-50, 100, "old_limit", 20, 0),
        # A year that begins on the day, or after it, has 90 days whatever the switch.
        (0, 0, "new_limit", 0, 90),
        (0, 0, "old_limit", 0, 90),
        (10, 25, "new_limit", 0, 65),
        (10, 25, "old_limit", 0, 65),
        # A stay that ends before it: 120 days of 200, and 70 with 50 used before.
        (-300, 0, "new_limit", 120, 0),
        (-300, 50, "old_limit", 70, 0),
    ],
)
def test_a_shelter_stay_of_200_days_across_the_limit(
    begins: int, days_before: int, counts: str, before: float, after: float
) -> None:
    """Half of 1,000 a day is refunded of so many days before 1 April 2026, and of so many after."""
    result = saved(
        shelter(days_before=days_before, running_counts=counts),
        otherwise=[("shelter", 200)],
        start=APRIL_2026 + begins * DAY,
        step="day",
    )
    state = refunded(result)
    assert total(result, "citizens") == pytest.approx(-200_000, abs=ORE)
    assert state[:APRIL_2026].sum() == pytest.approx(500 * before, abs=ORE)
    assert state[APRIL_2026:].sum() == pytest.approx(500 * after, abs=ORE)


@pytest.mark.parametrize(
    ("stays", "days"),
    [
        # A stay that goes on beyond the year: 120 days of the first, as many from day 366 on.
        ([("shelter", 470)], 120 + 105),
        ([("shelter", 600)], 120 + 120),
        # 60 days, out for 200, in for 100: one year, which ends on day 365.
        ([("shelter", 60), ("job", 200), ("shelter", 100)], 60 + 60),
        # Out for 320: the next stay, from day 381, begins a new year, and so do its days alone.
        ([("shelter", 60), ("job", 320), ("shelter", 150)], 60 + 120),
        # Out for 290: of the second stay 15 days are in the first year, and 120 in the next.
        ([("shelter", 60), ("job", 290), ("shelter", 150)], 60 + 15 + 120),
        # Who starts outside has no year yet: 300 days later it begins, and 90 days lie in it.
        ([("job", 300), ("shelter", 90)], 90),
    ],
)
def test_a_new_year_begins_after_the_anniversary(stays: list[Stay], days: int) -> None:
    """The first day in shelter after a running year has ended begins a new one, with 120 days."""
    timeline = Timeline(date(2023, 10, 1), date(2026, 3, 31), "quarter")
    line = shelter()
    del line["refund"]["running_counts"]
    result = saved(line, otherwise=stays, step="day", timeline=timeline)
    assert total(result, "state") == pytest.approx(500 * days, abs=ORE)


def test_days_used_before_count_until_the_anniversary_of_the_start() -> None:
    """Of 120 days 100 are used: 20 of the first year, whoever leaves and comes back in it."""
    timeline = Timeline(date(2023, 10, 1), date(2026, 3, 31), "quarter")
    line = shelter(days_before=100)
    del line["refund"]["running_counts"]
    stays = [("shelter", 10), ("job", 100), ("shelter", 100)]
    result = saved(line, otherwise=stays, step="day", timeline=timeline)
    assert total(result, "state") == pytest.approx(500 * 20, abs=ORE)
    later = saved(line, otherwise=[("job", 100), *stays], step="day", timeline=timeline)
    assert total(later, "state") == pytest.approx(500 * 110, abs=ORE)


def test_days_before_the_case_are_booked_in_its_first_month() -> None:
    """From 50 days before 1 January 2025: these and January, 30.4375 days, are half refunded."""
    result = saved(shelter(), otherwise=[("shelter", 200)], start=-50 * DAY, step="day")
    state = refunded(result)[:, 0]
    assert state[0] == pytest.approx(500 * (50 + 365.25 / 12), abs=ORE)
    assert state.sum() == pytest.approx(500 * 120, abs=ORE)


@pytest.mark.parametrize("step", ["week", "month"])
def test_a_step_that_crosses_the_limit_is_split(step: str) -> None:
    """120 days are 17.14 weeks and 3.94 months; of ten months at 1,000 a day 60,000 is refunded."""
    number = 44 if step == "week" else 10
    timeline = Timeline(date(2024, 1, 1), date(2025, 12, 31), "month")
    line = shelter()
    del line["refund"]["running_counts"]
    result = saved(line, otherwise=[("shelter", number)], step=step, timeline=timeline)
    assert total(result, "state") == pytest.approx(60_000, abs=ORE)
    state = refunded(result)[:, 0]
    np.testing.assert_allclose(state[:3], 500 * 365.25 / 12, atol=ORE)
    np.testing.assert_allclose(state[5:], 0.0, atol=ORE)
    if step == "month":
        assert state[3] == pytest.approx(60_000 - 3 * 500 * 365.25 / 12, abs=ORE)


def placement(**line: object) -> dict[str, Any]:
    """Return a line of 200,000 a month in shelter, expensive enough for all three thresholds.

    860,000, 1,680,000 and 2,120,000 a year, of which 25, 50 and 75 % above each is refunded.
    """
    return {
        "amount": 200_000,
        "per": "month",
        "states": ["shelter"],
        "refund": {"thresholds": "dk-expensive-cases"},
        **line,
    }


YEAR_IN_PLACE = 0.25 * 820_000 + 0.5 * 440_000 + 0.75 * 280_000
"""Refund of 2,400,000 in a calendar year: 635,000."""


def test_an_expensive_placement_across_three_thresholds_and_a_years_end() -> None:
    """From 1 July 2025 for 18 months at 200,000.

    2025: 1,200,000, of which 340,000 above 860,000: the fifth month passes it, 140,000 x 25 % and
    200,000 x 25 %. 2026: 2,400,000; month by month 0 to April, May 140,000 x 25 %, 50,000 in June
    to August, September 80,000 x 25 % + 120,000 x 50 %, 100,000 in October, November 120,000 x
    50 % + 80,000 x 75 %, ...
    """
    result = saved(placement(), otherwise=[("shelter", 18)], start=6.0, step="month")
    state = refunded(result)[:, 0]
    first = [0, 0, 0, 0, 35_000, 50_000]
    second = [0, 0, 0, 0, 35_000, 50_000, 50_000, 50_000, 80_000, 100_000, 120_000, 150_000]
    assert sum(second) == YEAR_IN_PLACE
    np.testing.assert_allclose(state[:24], [0.0] * 6 + first + second, atol=ORE)
    np.testing.assert_allclose(state[24:], 0.0, atol=ORE)
    assert total(result, "municipality") == pytest.approx(
        3_600_000 - 85_000 - YEAR_IN_PLACE, abs=ORE
    )


@pytest.mark.parametrize("step", ["week", "month"])
def test_a_step_across_new_year_is_divided_between_the_years(step: str) -> None:
    """From mid-November 2025 for 16 months: 300,000, 2,400,000 and 500,000 in three years."""
    number = round(16 * 13.04 / 3) if step == "week" else 16
    result = saved(placement(), otherwise=[("shelter", number)], start=10.5, step=step)
    state = refunded(result)[:, 0]
    np.testing.assert_allclose(state[:15], 0.0, atol=ORE)
    assert state[12:24].sum() == pytest.approx(YEAR_IN_PLACE, abs=ORE)
    np.testing.assert_allclose(state[24:], 0.0, atol=ORE)


def test_the_thresholds_are_passed_earlier_by_whoever_costs_more() -> None:
    """Draw by draw 1,200,000, 2,400,000, 720,000 and 0 in a year, in twelve months or in six."""
    amount = np.array([[100_000.0, 200_000.0, 60_000.0, 0.0]])
    whole = saved(placement(), otherwise=[("shelter", 12)], step="month", values={"amount": amount})
    np.testing.assert_allclose(refunded(whole).sum(axis=0), [85_000, 635_000, 0, 0], atol=ORE)
    half = saved(
        placement(), otherwise=[("shelter", 6)], step="month", values={"amount": 2 * amount}
    )
    np.testing.assert_allclose(refunded(half).sum(axis=0), [85_000, 635_000, 0, 0], atol=ORE)
