"""A state held so many weeks: by hand, against a plain ledger, and against the payment model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import pytest

from sibsim.core.arrays import BoolArray
from sibsim.core.streams import BLOCK_DRAWS
from sibsim.outcomes.states import MultiState
from sibsim.outcomes.sustained import SustainedLaw
from sibsim.payments.sustained import Sustained as SustainedPayment
from tests.people_in_states import WHERE, derived, realise, states

IN, OUT = 1, 0
DRAWS = (0, 5, 300, BLOCK_DRAWS - 1)
MOVES_A_WEEK: Mapping[str, Any] = {
    "step": "week",
    "follow_up_months": [6, 12, 18],
    "transitions": {
        "sick": {"benefit": 0.05, "job": 0.05},
        "benefit": {"job": 0.2},
        "study": {"job": 0.2},
        "job": {"sick": 0.02, "benefit": 0.06, "study": 0.02},
    },
}


def _law(
    *, needed: int, gap: int, at: Sequence[int], counted: str = "start", steps: int = 12
) -> SustainedLaw:
    where = MultiState.model_validate(
        {
            **WHERE,
            "states": ["out", "job"],
            "start_in": {"out": 0.5, "job": 0.5},
            "transitions": {"out": {"job": 0.5}, "job": {"out": 0.25}},
            "effects": [],
            "counted": counted,
            "follow_up_months": [steps],
        }
    )
    path = realise(derived("in_states", follow_up_months=[steps]), on=False, where=where)
    return SustainedLaw(
        chain=cast("Any", path.where.treated[0]).chain,
        inside=np.array([False, True]),
        at=tuple(at),
        credit=where.counted,
        needed=needed,
        gap=gap,
    )


def _reached(law: SustainedLaw, history: Sequence[int]) -> list[bool]:
    seen = np.array(history, dtype=np.uint8)[np.newaxis, :, np.newaxis]
    return [bool(each) for each in law.read(seen)[0, :, 0]]


@pytest.mark.parametrize(
    ("history", "gap", "counted", "first"),
    [
        # Three steps from step 1 on, first seen to be that long at step 4.
        ([OUT, IN, IN, IN, IN, OUT, OUT], 0, "start", 4),
        # Credited to the state at its end, step 0 is held too.
        ([OUT, IN, IN, IN, IN, OUT, OUT], 0, "end", 3),
        ([IN, IN, IN, IN, OUT, OUT, OUT], 0, "start", 3),
        ([IN, IN, IN, IN, OUT, OUT, OUT], 0, "end", 3),
        # The person must be seen in the state at the date on which the length is reached.
        ([IN, IN, IN, OUT, OUT, OUT, OUT], 0, "start", None),
        ([OUT, IN, IN, OUT, IN, IN, OUT], 0, "start", None),
        # A break of one step is in the run, and counts towards its length.
        ([OUT, IN, IN, OUT, IN, IN, OUT], 1, "start", 4),
        ([IN, OUT, IN, OUT, IN, OUT, OUT], 1, "start", 4),
        # A break of two steps ends it; a new run may begin.
        ([IN, IN, OUT, OUT, IN, IN, IN], 1, "start", None),
        ([IN, IN, OUT, OUT, IN, IN, IN], 2, "start", 4),
        ([IN, OUT, OUT, IN, IN, IN, IN], 1, "start", 6),
        # What is at the start of service is not read where steps belong to the state at their end.
        ([IN, OUT, IN, IN, OUT, OUT, OUT], 1, "end", None),
        ([IN, OUT, IN, IN, OUT, OUT, OUT], 1, "start", 3),
    ],
)
def test_when_a_run_of_three_steps_is_reached(
    history: list[int], gap: int, counted: str, first: int | None
) -> None:
    """By hand: reached at a step and ever after, or never."""
    law = _law(needed=3, gap=gap, at=range(7), counted=counted)
    expected = [first is not None and step >= first for step in range(7)]
    assert _reached(law, history) == expected


def _ledger(path: list[bool], *, needed: int, gap: int, counted: str) -> list[bool]:
    """Return step by step whether a run has been long enough, in plain Python."""
    found: list[bool] = []
    runs: list[list[int]] = []
    for step, inside in enumerate(path):
        reads = counted == "start" or step > 0
        if inside and reads:
            # Steps outside since the last one inside: step - last - 1.
            if runs and step - runs[-1][1] - 1 <= gap:
                runs[-1][1] = step
            else:
                runs.append([step, step])
        begun_earlier = 0 if counted == "start" else 1
        now = any(last - first + begun_earlier >= needed for first, last in runs)
        found.append(now)
    return found


@pytest.mark.parametrize("counted", ["start", "end"])
@pytest.mark.parametrize(
    ("step", "weeks", "gap_weeks", "needed", "gap"),
    [
        ("month", 13, 0, 3, 0),
        ("month", 26, 5, 6, 1),
        ("month", 26, 9, 6, 2),
        ("month", 52, 5, 12, 1),
        ("week", 13, 0, 13, 0),
        ("week", 13, 1, 13, 1),
        ("week", 26, 2, 26, 2),
        ("quarter", 13, 0, 1, 0),
    ],
)
def test_person_by_person_it_is_a_plain_ledger(
    seed: int, *, counted: str, step: str, weeks: float, gap_weeks: float, needed: int, gap: int
) -> None:
    """Monthly, weekly and quarterly steps: every person as the ledger says."""
    changes = dict(MOVES_A_WEEK) if step == "week" else {"step": step}
    where = states(counted=counted, **changes)
    model = derived(
        "sustained",
        weeks=weeks,
        gap_weeks=gap_weeks,
        follow_up_months=list(where.follow_up_months),
    )
    assert not list(model.check_against(where, name="where"))
    both = realise(model, seed=seed, where=where)
    job = where.names.index("job")
    history, found = both.where.history[0], both.derived.value[0]
    for person in range(len(history)):
        for draw in DRAWS:
            inside = (history[person, :, draw] == job).tolist()
            ledger = _ledger(inside, needed=needed, gap=gap, counted=counted)
            assert found[person, :, draw].tolist() == [ledger[at] for at in where.at]
    assert 0 < found[:, -1].mean() < 1


@pytest.mark.parametrize(("weeks", "gap_weeks"), [(13, 0), (26, 4), (26, 9), (52, 13)])
def test_it_is_what_the_payment_model_pays_for_that_looks_every_month(
    seed: int, weeks: float, gap_weeks: float
) -> None:
    """Same people, same months: the payment reads each month whether a person is in a job."""
    months = tuple(range(1, 25))
    where = states(follow_up_months=list(months), start_in={"sick": 0.7, "benefit": 0.3})
    model = derived("sustained", weeks=weeks, gap_weeks=gap_weeks, follow_up_months=list(months))
    both = realise(model, seed=seed, where=where)
    payment = SustainedPayment.model_validate(
        {
            "model": "sustained",
            "payer": "state",
            "reads": "where",
            "price": 1.0,
            "weeks": weeks,
            "gap_weeks": gap_weeks,
            "restart": False,
        }
    )
    for seen, held in zip(both.where.value, both.derived.value, strict=True):
        paid = payment._reached(np.asarray(seen, dtype=np.bool_), months=months)
        np.testing.assert_array_equal(np.logical_or.accumulate(paid, axis=1), held)
        assert 0 < held[:, -1].mean() < 1


def test_the_expectation_is_that_of_every_history() -> None:
    """P(reached) summed over all histories of six steps, one by one."""
    start, move = (0.5, 0.5), ((0.5, 0.5), (0.25, 0.75))
    for counted in ("start", "end"):
        for needed, gap in ((1, 0), (2, 0), (3, 1), (4, 2)):
            law = _law(needed=needed, gap=gap, at=range(1, 7), counted=counted, steps=6)
            total = np.zeros(6)
            for code in range(2**7):
                history = [code >> bit & 1 for bit in range(7)]
                weight = start[history[0]]
                for before, after in pairwise(history):
                    weight *= move[before][after]
                inside = [state == IN for state in history]
                reached = _ledger(inside, needed=needed, gap=gap, counted=counted)[1:]
                total += weight * np.array(reached)
            np.testing.assert_allclose(law.mean[:, 0], total, rtol=1e-12)


def _held(seed: int, **stated: object) -> BoolArray:
    return np.asarray(realise(derived("sustained", **stated), seed=seed).derived.value[0])


def test_sustained_people_have_been_in_the_state(seed: int) -> None:
    """Held 26 weeks without a break by a follow-up: at least 6 months in a job by then."""
    held = _held(seed, weeks=26)
    time = derived("time_in_states", unit="months", cumulative=True)
    months = realise(time, seed=seed).derived.value[0]
    assert held.any()
    assert np.all(months[held] >= 6)
    assert np.all(held[:, 1:] >= held[:, :-1])


def test_less_is_asked_more_have_it(seed: int) -> None:
    """Shorter runs, longer breaks and more states only add people."""
    strict = _held(seed, weeks=52)
    for easier in (
        {"weeks": 26},
        {"weeks": 52, "gap_weeks": 9},
        {"weeks": 52, "states": ["study", "job"]},
    ):
        found = _held(seed, **easier)
        assert np.all(found >= strict)
        assert found.sum() > strict.sum()


@pytest.mark.parametrize(
    ("stated", "step", "words"),
    [
        ({"weeks": 13, "gap_weeks": 2}, "month", "got gap_weeks = 2 with a step of one month"),
        ({"weeks": 1}, "month", "got weeks = 1 with a step of one month in 'where'"),
        ({"weeks": 13}, "year", "give 'where' a shorter step or write more weeks"),
        ({"weeks": 260}, "month", "nobody can have held a state that long by then"),
    ],
)
def test_a_step_that_cannot_show_the_run_is_refused(
    stated: dict[str, Any], step: str, words: str
) -> None:
    """A step longer than the run or than the break is named with both and the way out."""
    where = states(step=step, follow_up_months=[12, 24])
    model = derived("sustained", follow_up_months=[12, 24], **stated)
    assert words in " | ".join(model.check_against(where, name="where"))
