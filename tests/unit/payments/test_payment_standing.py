"""The right to end a contract early on its first measured result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sibsim.core.arrays import FloatArray
from sibsim.core.stages import Standing
from sibsim.payments.standing import Termination, service_ends, standing
from tests.reported import report

STARTS = np.array([[0.0], [6.0], [12.0], [18.0], [24.0]])
"""Five cohorts, half a year apart."""


def rule(**fields: Any) -> Termination:  # noqa: ANN401 - fields of a spec
    """Return the right to end when fewer than 30 % have a job after 12 months."""
    agreed = {"measure": "job", "at_months": 12, "compare": "rate", "below": 0.3}
    return Termination(**(agreed | {"notice_months": 3} | fields))


def stand(
    successes: float | FloatArray,
    *,
    agreed: Termination | None = None,
    people: float = 50.0,
    rate: float | None = None,
    stop_at: FloatArray | None = None,
) -> Standing:
    """Return the standing when the first cohort reports `successes` of 50 at month 12."""
    first = np.atleast_1d(successes)
    table = np.zeros((5, 2, len(first)))
    table[0, 0] = first
    measured = {"job": report(table, months=(12, 24), treated_n=people, rate=rate, draws=True)}
    return standing(
        agreed or rule(),
        measured=measured,
        participation_start=STARTS,
        evaluation_lag_months=2,
        stop_at=stop_at,
    )


def test_without_the_right_every_cohort_is_served() -> None:
    """No end, no cause, on one column."""
    found = standing(None, measured={}, participation_start=STARTS, evaluation_lag_months=2)
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
        rule(),
        measured={"job": report(table, months=(12,), draws=True)},
        participation_start=np.array([[6.0], [0.0]]),
        evaluation_lag_months=2,
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


def test_a_negative_rate_is_refused() -> None:
    """A level below zero is for an effect."""
    with pytest.raises(ValidationError, match=r"got below = -0\.1; a rate lies in"):
        rule(below=-0.1)
    assert rule(below=-0.1, compare="effect").below == -0.1


def test_compare_has_no_default() -> None:
    """Rate or effect must be said."""
    with pytest.raises(ValidationError, match="compare"):
        Termination.model_validate(
            {"measure": "job", "at_months": 12, "below": 0.3, "notice_months": 3}
        )
