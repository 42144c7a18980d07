"""Time in named states: by hand, by a plain ledger, and in its exact distribution."""

from __future__ import annotations

from itertools import pairwise, product
from typing import cast

import numpy as np
import pytest

from sibsim.core.streams import BLOCK_DRAWS
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.time_in_states import TimeLaw
from tests.people_in_states import derived, realise, states

ERRORS = 5
MONTH_WEEKS = 13.04 / 3
SHORT = {
    "model": "states",
    "among": "started",
    "follow_up_months": [2, 4],
    "counts": ["job"],
    "states": ["out", "job"],
    "step": "month",
    "start_in": {"out": 0.75, "job": 0.25},
    "transitions": {"out": {"job": 0.5}, "job": {"out": 0.2}},
}
JOB = [0.25, 0.575, 0.6725, 0.70175, 0.710525]
"""Share in a job: x -> 0.5 (1 - x) + 0.8 x = 0.5 + 0.3 x, by hand."""


def _short(counted: str) -> MultiState:
    return MultiState.model_validate(SHORT | {"counted": counted})


def _law(counted: str, **stated: object) -> TimeLaw:
    model = derived("time_in_states", **({"follow_up_months": [2, 4], "unit": "months"} | stated))
    path = realise(model, on=False, where=_short(counted)).derived
    return cast("TimeLaw", path.treated[0])


@pytest.mark.parametrize(
    ("counted", "cumulative", "months"),
    [
        ("start", False, [JOB[0] + JOB[1], JOB[2] + JOB[3]]),
        ("end", False, [JOB[1] + JOB[2], JOB[3] + JOB[4]]),
        ("start", True, [sum(JOB[:2]), sum(JOB[:4])]),
        ("end", True, [sum(JOB[1:3]), sum(JOB[1:])]),
    ],
)
def test_expected_time_by_hand(*, counted: str, cumulative: bool, months: list[float]) -> None:
    """Time since the follow-up before, or since the start, credited to a step's start or end."""
    law = _law(counted, cumulative=cumulative)
    assert law.mean.ravel().tolist() == pytest.approx(months)


@pytest.mark.parametrize(
    ("unit", "step", "length"),
    [
        ("months", "month", 1.0),
        ("weeks", "month", MONTH_WEEKS),
        ("days", "month", 365.25 / 12),
        ("weeks", "week", 1.0),
        ("days", "week", 365.25 / 52.16),
        ("weeks", "quarter", 13.04),
        ("months", "year", 12.0),
    ],
)
def test_units(unit: str, step: str, length: float) -> None:
    """A step counts for its length: a year has 365.25 days, a quarter 13.04 weeks."""
    model = derived("time_in_states", unit=unit, follow_up_months=[12])
    where = MultiState.model_validate(
        SHORT | {"counted": "start", "step": step, "follow_up_months": [12]}
    )
    path = realise(model, on=False, where=where).derived
    assert cast("TimeLaw", path.treated[0]).per_step == pytest.approx(length)


@pytest.mark.parametrize("counted", ["start", "end"])
@pytest.mark.parametrize("cumulative", [False, True])
def test_the_distribution_is_that_of_every_history(*, counted: str, cumulative: bool) -> None:
    """Mean, variance and P(time >= level) from the 32 histories of four steps, one by one."""
    law = _law(counted, cumulative=cumulative)
    start, move = (0.75, 0.25), ((0.5, 0.5), (0.2, 0.8))
    first = 0 if counted == "start" else 1
    for k, (begin, end) in enumerate(((0, 2), (0 if cumulative else 2, 4))):
        months, weights = [], []
        for history in product((0, 1), repeat=5):
            weight = start[history[0]]
            for before, after in pairwise(history):
                weight *= move[before][after]
            weights.append(weight)
            months.append(sum(history[begin + first : end + first]))
        time = np.array(months)
        mean = np.dot(weights, time)
        assert law.mean[k, 0] == pytest.approx(mean)
        assert law.variance[k, 0] == pytest.approx(np.dot(weights, (time - mean) ** 2))
        for level in (-1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 4.0, 4.5):
            chance = np.dot(weights, time >= level)
            assert law.at_least(level)[k, 0] == pytest.approx(chance, abs=1e-15), level


def test_a_level_in_weeks_means_whole_steps() -> None:
    """Two months in weeks are reached by two steps in spite of rounding; a little more is not."""
    in_months, in_weeks = _law("start"), _law("start", unit="weeks")
    for k in range(1, 3):
        np.testing.assert_array_equal(
            in_weeks.at_least(k * MONTH_WEEKS), in_months.at_least(float(k))
        )
    assert not in_weeks.at_least(2.01 * MONTH_WEEKS).any()


@pytest.mark.parametrize("counted", ["start", "end"])
@pytest.mark.parametrize("cumulative", [False, True])
def test_person_by_person_it_is_a_plain_ledger(
    seed: int, *, counted: str, cumulative: bool
) -> None:
    """Every person's time is the steps of the person's own history, counted in plain Python."""
    where = states(counted=counted)
    wanted = ("study", "job")
    model = derived("time_in_states", states=wanted, unit="months", cumulative=cumulative)
    both = realise(model, seed=seed, where=where)
    positions = [where.names.index(name) for name in wanted]
    shift = 0 if counted == "start" else 1
    history, found = both.where.history[0], both.derived.value[0]
    for person in range(len(history)):
        for draw in (0, 1, 77, BLOCK_DRAWS - 1):
            path = history[person, :, draw].tolist()
            before = 0
            for k, month in enumerate((6, 12, 24)):
                steps = range(0 if cumulative else before, month)
                time = sum(path[step + shift] in positions for step in steps)
                assert found[person, k, draw] == time
                before = month


def test_time_since_the_start_is_the_sum_of_the_times_between(seed: int) -> None:
    """Cumulative time never falls and adds up."""
    between = realise(derived("time_in_states", unit="months"), seed=seed).derived.value[0]
    model = derived("time_in_states", unit="months", cumulative=True)
    in_all = realise(model, seed=seed).derived.value[0]
    np.testing.assert_array_equal(in_all, between.cumsum(axis=1))


def test_the_share_with_at_least_so_much_time(seed: int) -> None:
    """P(time >= level) lies within five Monte Carlo errors of the share of people."""
    path = realise(derived("time_in_states", unit="weeks"), seed=seed).derived
    for level in (5.0, 20.0, 30.0):
        share = path.treated[0].at_least(level)[:, 0]
        found = (path.value[0] >= level).mean(axis=(0, 2))
        number = path.value[0][:, 0].size
        error = np.sqrt(share * (1 - share) / number)
        assert np.all(np.abs(found - share) <= ERRORS * error + 1e-15)


def test_it_is_a_number_with_a_goal_of_a_number() -> None:
    """A goal is a mean, not a share."""
    goal = {"at_months": 24, "mean_at_least": 10.0}
    model = derived("time_in_states", unit="weeks", goal=goal)
    assert not model.is_indicator
    assert str(model.goal) == ">= 10"
