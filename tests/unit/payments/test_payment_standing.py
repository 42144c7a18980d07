"""Rights to end a contract early: on the first result, on too few referrals, by policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Measurement, Participation, Standing
from sibsim.payments.standing import service_ends, standing
from sibsim.payments.termination import (
    Known,
    PolicyStop,
    ReferralShortfall,
    Right,
    Termination,
)
from tests.reported import TIMELINE, report

STARTS = np.array([[0.0], [6.0], [12.0], [18.0], [24.0]])
"""Five cohorts, half a year apart."""


def rule(**fields: Any) -> Termination:  # noqa: ANN401 - fields of a spec
    """Return the right to end when fewer than 30 % have a job after 12 months."""
    agreed = {"measure": "job", "at_months": 12, "compare": "rate", "below": 0.3}
    return Termination(**(agreed | {"notice_months": 3} | fields))


def known(
    measured: dict[str, Measurement],
    *,
    start: FloatArray = STARTS,
    started: FloatArray | None = None,
) -> Known:
    """Return what rights are judged by: cohorts of 50, of whom all have started unless said."""
    people = np.full((len(start), 1), 50.0) if started is None else started
    who = Participation(
        planned=np.full(len(start), 50.0),
        start=start,
        delay=np.zeros((1, 1)),
        referred=people,
        started=people,
        completed=people,
        completes=(),
    )
    return Known(measured, who, TIMELINE, evaluation_lag_months=2)


def stand(
    successes: float | FloatArray,
    *,
    agreed: Termination | None = None,
    people: float = 50.0,
    rate: float | None = None,
    stop_at: FloatArray | None = None,
    others: Sequence[Right] = (),
    started: FloatArray | None = None,
) -> Standing:
    """Return the standing when the first cohort reports `successes` of 50 at month 12."""
    first = np.atleast_1d(successes)
    table = np.zeros((5, 2, len(first)))
    table[0, 0] = first
    measured = {"job": report(table, months=(12, 24), treated_n=people, rate=rate, draws=True)}
    rights = (agreed or rule(), *others)
    return standing(rights, known=known(measured, started=started), stop_at=stop_at)


def test_without_the_right_every_cohort_is_served() -> None:
    """No end, no cause, on one column."""
    found = standing((), known=known({}))
    assert found.served.shape == (5, 1)
    assert found.served.all()
    assert (found.end.tolist(), found.cause.tolist()) == ([np.inf], [0])


def test_a_result_below_the_level_ends_the_contract_after_notice() -> None:
    """14 of 50 at month 12, known at 14, end at 17: the cohorts of 18 and 24 never start."""
    found = stand(14)
    assert (found.end.tolist(), found.cause.tolist()) == ([17.0], [1])
    assert found.served[:, 0].tolist() == [True, True, True, False, False]


def test_the_level_itself_does_not_end_it() -> None:
    """15 of 50 is 30 %."""
    found = stand(np.array([14, 15, 16]))
    assert found.end.tolist() == [17.0, np.inf, np.inf]
    assert found.cause.tolist() == [1, 0, 0]


def test_a_cohort_that_starts_on_the_day_of_the_end_never_starts() -> None:
    """With four months of notice the end is month 18."""
    assert stand(0, agreed=rule(notice_months=4)).served[:, 0].tolist() == [True] * 3 + [False] * 2


def test_an_effect_is_read_against_the_comparison() -> None:
    """30 % against 20 % is 10 points: above a level of 5, below one of 15."""
    effect = rule(compare="effect", below=0.05)
    assert stand(15, agreed=effect, rate=0.2).cause.tolist() == [0]
    effect = rule(compare="effect", below=0.15)
    assert stand(15, agreed=effect, rate=0.2).cause.tolist() == [1]


def test_no_people_no_result_no_end() -> None:
    """A cohort without anyone in the report ends nothing."""
    assert stand(0, people=0.0).cause.tolist() == [0]


def test_the_first_cohort_is_the_one_that_starts_first() -> None:
    """The order in the list does not matter."""
    table = np.array([[[40.0]], [[10.0]]])
    found = standing(
        (rule(),),
        known=known(
            {"job": report(table, months=(12,), draws=True)}, start=np.array([[6.0], [0.0]])
        ),
    )
    assert found.cause.tolist() == [1]


def test_money_that_runs_out_ends_it_too() -> None:
    """The earlier end counts, with its cause; the agreed level comes first on the same day."""
    found = stand(np.array([14, 14, 40, 14]), stop_at=np.array([10.0, 20.0, 20.0, 17.0]))
    assert found.end.tolist() == [10.0, 17.0, 20.0, 17.0]
    assert found.cause.tolist() == [2, 1, 2, 1]
    assert found.served.sum(axis=0).tolist() == [2, 3, 4, 3]


def test_the_service_runs_on_for_whoever_has_started() -> None:
    """The cohort of month 12 is served nine months, to 21; notice may end later; else never."""
    ends = {
        notice: service_ends(
            stand(14, agreed=rule(notice_months=notice)),
            participation_start=STARTS,
            programme_months=months,
        ).tolist()
        for notice, months in ((3, 9), (9, 1))
    }
    assert ends == {3: [21.0], 9: [23.0]}
    never = service_ends(stand(50), participation_start=STARTS, programme_months=9)
    assert never.tolist() == [np.inf]


def test_a_service_that_nobody_has_started_ends_with_the_contract() -> None:
    """Where the money runs out at once there is no programme to finish."""
    found = stand(np.array([14, 14]), stop_at=np.array([0.0, 3.0]))
    ends = service_ends(found, participation_start=STARTS, programme_months=9)
    assert ends.tolist() == [0.0, 9.0]


@given(
    first=st.lists(st.integers(0, 50), min_size=1, max_size=5),
    more=st.integers(0, 50),
    below=st.floats(0, 1),
)
def test_a_better_result_never_ends_the_contract(first: list[int], more: int, below: float) -> None:
    """Whoever is served stays served when more succeed."""
    low = np.array(first, dtype=np.float64)
    high = np.minimum(low + more, 50)
    before, after = stand(low, agreed=rule(below=below)), stand(high, agreed=rule(below=below))
    assert (before.served <= after.served).all()


@pytest.mark.parametrize(("total", "cause"), [(50 * 19.9, 1), (50 * 20.0, 0)])
def test_a_mean_of_days_below_its_level_ends_it(total: float, cause: int) -> None:
    """995 days of 50 people are 19.9 each, below 20; 1,000 are the level itself."""
    assert stand(total, agreed=rule(below=20)).cause.tolist() == [cause]


def test_compare_has_no_default() -> None:
    """Rate or effect must be said."""
    with pytest.raises(ValidationError, match="compare"):
        Termination.model_validate(
            {"measure": "job", "at_months": 12, "below": 0.3, "notice_months": 3}
        )


REFERRALS = ReferralShortfall.model_validate(
    {"cause": "referrals", "on": date(2024, 9, 1), "below": 0.6, "notice_months": 3}
)
"""Fewer than 60 % of the 100 planned by month 8 end it at month 11."""


@pytest.mark.parametrize(("second", "cause"), [(10.0, 0), (9.0, 3)])
def test_too_few_starts_end_the_contract_on_notice(second: float, cause: int) -> None:
    """50 + 10 of 100 planned before September is exactly 60 %; 59 are too few."""
    started = np.array([[50.0], [second], [50.0], [50.0], [50.0]])
    found = stand(50, others=[REFERRALS], started=started)
    assert found.cause.tolist() == [cause]
    assert found.end.tolist() == [11.0 if cause else np.inf]


def test_a_cohort_that_starts_late_is_missing_on_the_day() -> None:
    """Planned for month 6 and three months late: 50 of 100 by month 8."""
    late = STARTS + np.array([[0.0], [3.0], [0.0], [0.0], [0.0]])
    who = known({}, start=late)
    delayed = replace(who.participation, delay=np.array([[3.0]]))
    assert REFERRALS.ends(replace(who, participation=delayed)).tolist() == [11.0]


def test_a_change_of_policy_ends_it_on_its_day() -> None:
    """On 1 March 2025, month 14, before the result of month 14 plus notice."""
    policy = PolicyStop.model_validate({"cause": "policy", "on": date(2025, 3, 1), "owes": 1.0})
    found = stand(np.array([14, 50]), others=[policy])
    assert found.end.tolist() == [14.0, 14.0]
    assert found.cause.tolist() == [4, 4]
    assert found.owes is not None
    assert found.owes.tolist() == [1.0, 1.0]


def test_what_is_owed_goes_with_the_right_that_ends_it() -> None:
    """A poor result owes three quarters, money that runs out before owes nothing."""
    found = stand(
        np.array([14, 14, 50]),
        agreed=rule(owes=0.75),
        stop_at=np.array([np.inf, 10.0, np.inf]),
    )
    assert found.owes is not None
    assert found.owes.tolist() == [0.75, 0.0, 0.0]
