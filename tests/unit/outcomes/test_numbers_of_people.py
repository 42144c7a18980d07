"""Only numbers of people are drawn: the same law as of people drawn one by one, and no persons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.errors import CaseError
from tests.people import OUT_OR_WORK

ERRORS = 5
READ = {
    "outcomes.weeks": {
        "model": "time_in_states",
        "of": "labour",
        "among": "started",
        "states": ["out"],
        "unit": "weeks",
        "follow_up_months": [12, 24],
    },
    "outcomes.there": {
        "model": "in_states",
        "of": "labour",
        "among": "started",
        "states": ["work"],
        "follow_up_months": [24],
    },
}


def _case(simulate: str, **changes: object) -> Case:
    """Return Holbæk with everybody who is planned, out of work at first."""
    return sib.load_case("holbaek").with_(
        {
            "delivery.volume": 1.0,
            "delivery.take_up": 0.9,
            "outcomes.labour": {**OUT_OR_WORK, "simulate": simulate},
            **READ,
            **changes,
        }
    )


def _moments(draws: FloatArray) -> tuple[float, float, float, float]:
    """Return mean and variance with their Monte Carlo errors."""
    centred = draws - draws.mean()
    fourth, variance = float((centred**4).mean()), float(draws.var())
    return (
        float(draws.mean()),
        float(np.sqrt(variance / len(draws))),
        variance,
        float(np.sqrt((fourth - variance**2) / len(draws))),
    )


@pytest.mark.parametrize(
    "metric", ["achieved.labour", "achieved.labour.12", "achieved.weeks", "additional.weeks"]
)
@pytest.mark.parametrize("segments", [False, True])
def test_numbers_have_the_law_of_people(seed: int, metric: str, *, segments: bool) -> None:
    """Mean and variance agree within the Monte Carlo error, with and without segments."""
    changes: dict[str, Any] = {}
    if segments:
        changes = {
            "target_group.segments": {"near": {"share": 0.6}, "far": {"share": 0.4}},
            "outcomes.labour.segments": {"far": {"start_in": {"out": 0.5, "work": 0.5}}},
        }
    people = _case("people", **changes).simulate(draws=BLOCK_DRAWS, rng=seed).metric(metric)
    counts = _case("counts", **changes).simulate(draws=BLOCK_DRAWS, rng=seed).metric(metric)
    one, other = _moments(people), _moments(counts)
    assert abs(one[0] - other[0]) <= ERRORS * np.hypot(one[1], other[1])
    assert abs(one[2] - other[2]) <= ERRORS * np.hypot(one[3], other[3])
    assert not np.array_equal(people, counts)


def test_numbers_are_of_the_same_people(seed: int) -> None:
    """Whoever is in work at 24 months is counted by both outcomes; nobody is out for longer."""
    run = _case("counts").simulate(draws=512, rng=seed)
    assert np.array_equal(run.metric("achieved.labour"), run.metric("achieved.there"))
    weeks_of_a_year = 12 * 13.04 / 3
    assert np.all(run.metric("achieved.weeks") <= weeks_of_a_year * 180 + 1e-9)


def test_the_base_case_is_the_same() -> None:
    """With chance off both are the expectation."""
    one, other = _case("people").base_case(), _case("counts").base_case()
    for metric in ("achieved.labour", "additional.weeks", "achieved.there"):
        assert one.metric(metric).item() == pytest.approx(other.metric(metric).item(), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {
                "outcomes.stay": {
                    "model": "sustained",
                    "of": "labour",
                    "among": "started",
                    "states": ["work"],
                    "weeks": 26,
                    "follow_up_months": [24],
                }
            },
            "outcomes.stay: reads the people of 'labour' one by one",
        ),
        (
            {"measures.work": {"design": "verification", "outcome": "there", "sensitivity": 0.9}},
            "measures.work: its outcome draws numbers of people, and errors are made person",
        ),
        (
            {
                "measures.work": {
                    "design": "randomised",
                    "outcome": "labour",
                    "controls_per_participant": 1.0,
                    "attrition": {"treated": 0.1},
                }
            },
            "measures.work: its outcome draws numbers of people, and people are lost one by one",
        ),
        (
            {
                "measures.work": {"design": "verification", "outcome": "labour"},
                "payments.work": {
                    "model": "rate_card",
                    "reads": "work",
                    "price": 1000,
                    "pays_for": "achieved",
                    "in_order": True,
                },
            },
            "payments.work: needs results by person, but verification measures numbers of people",
        ),
        (
            {
                "measures.work": {"design": "verification", "outcome": "labour"},
                "payments.work": {
                    "model": "rate_card",
                    "reads": "work",
                    "price": 1000,
                    "pays_for": "achieved",
                },
                "contract.limit.person": 5000,
            },
            "contract.limit.person: got 5,000; payments.work reads measures.work",
        ),
    ],
)
def test_what_looks_at_persons_is_refused(changes: dict[str, object], message: str) -> None:
    """Rules, errors and limits by person say what to do instead."""
    with pytest.raises(CaseError) as caught:
        _case("counts", **changes)
    assert any(str(fault).startswith(message) for fault in caught.value.faults)


def test_a_line_that_looks_at_who_succeeds_needs_yes_or_no() -> None:
    """Weeks are no success: in order, or sustained, they cannot be paid."""
    changes = {
        "measures.weeks": {"design": "verification", "outcome": "weeks"},
        "payments.weeks": {
            "model": "rate_card",
            "reads": "weeks",
            "price": 10,
            "pays_for": "achieved",
            "in_order": True,
        },
    }
    with pytest.raises(CaseError, match=r"a result of outcomes\.weeks is a number of weeks; read"):
        _case("people", **changes)
