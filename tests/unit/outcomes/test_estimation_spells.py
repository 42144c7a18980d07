"""Moves counted in individual spells: by hand, against a known chain, every fault said."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from sibsim.errors import CaseError
from sibsim.outcomes.estimation_spells import SpellTransitions, transitions_from_spells
from sibsim.outcomes.transitions import Table

ERRORS = 5
"""Posterior standard deviations within which the true probability must lie."""

PEOPLE, STEPS = 600, 24
"""People and steps that are simulated."""

Rows = list[tuple[Any, ...]]


def _frame(rows: Rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "state", "start", "end"])


def _count(rows: Rows, **changes: Any) -> SpellTransitions:  # noqa: ANN401 - any argument
    given: dict[str, Any] = {"states": ["ill", "job"], "step": "month"} | changes
    return transitions_from_spells(_frame(rows), **given)


BY_HAND: Rows = [
    ("ann", "ill", 0, 2),
    ("ann", "job", 2, None),
    ("bo", "ill", 0, 3),
    ("bo", "job", 3, 4),
    ("cai", "ill", 0, None),
]
"""Read at 0 to 4: ann i i j j j, bo i i i j and then unknown, cai i i i i i."""


def test_three_people_counted_by_hand() -> None:
    """Stays in ill 1 + 2 + 4, moves 1 + 1, stays in job 2: 11 person-steps."""
    result = _count(BY_HAND, observed_until=4)
    np.testing.assert_array_equal(result.counts, [[7, 2], [0, 2]])
    np.testing.assert_allclose(result.matrix, [[7 / 9, 2 / 9], [0.0, 1.0]])
    assert (result.persons, result.person_steps) == (3, 11)
    assert result.transitions() == {"ill": {"counts": {"ill": 7.0, "job": 2.0}}}
    TypeAdapter(Table).validate_python(result.transitions())


def test_a_prior_is_added_to_every_possible_move_and_stay() -> None:
    """Jeffreys: 7.5 and 2.5 of 10, 0.5 and 2.5 of 3."""
    result = _count(BY_HAND, observed_until=4, prior=0.5)
    np.testing.assert_allclose(result.matrix, [[0.75, 0.25], [0.5 / 3, 2.5 / 3]])
    assert result.transitions()["job"] == {"counts": {"ill": 0.5, "job": 2.5}}
    np.testing.assert_array_equal(result.counts, [[7, 2], [0, 2]])


def test_the_order_of_rows_does_not_matter() -> None:
    """Spells are put in the order of people and time."""
    np.testing.assert_array_equal(
        _count(BY_HAND[::-1], observed_until=4).counts, _count(BY_HAND, observed_until=4).counts
    )


def test_one_stay_and_one_move_are_a_flat_posterior() -> None:
    """Beta(1, 1) has its 10 % and 90 % quantiles at 0.1 and 0.9; Beta(2, 1) at sqrt."""
    rows: Rows = [(1, "ill", 0, 2), (1, "job", 2, 4)]
    table = _count(rows).table()
    assert table.loc[("ill", "job"), "probability"] == pytest.approx(0.5)
    assert table.loc[("ill", "job"), "low"] == pytest.approx(0.1)
    assert table.loc[("ill", "job"), "high"] == pytest.approx(0.9)
    table = _count([*rows, (2, "ill", 0, 2)]).table()
    assert table.loc[("ill", "ill"), "low"] == pytest.approx(math.sqrt(0.1))
    assert table.loc[("job", "job"), "low"] == 1


def test_an_open_spell_is_known_up_to_the_end_of_observation() -> None:
    """Open until 4: four stays; ended at 4, which is not in it: three."""
    assert _count([(1, "ill", 0, None), (2, "job", 0, 2)], observed_until=4).counts[0, 0] == 4
    assert _count([(1, "ill", 0, 4), (2, "job", 0, 2)]).counts[0, 0] == 3
    assert _count([(1, "ill", 0, 9), (2, "job", 0, 2)], observed_until=4).counts[0, 0] == 4


def test_people_who_leave_sight_are_counted() -> None:
    """Bo's job ends at 4 and nobody knows what followed."""
    warned = _count(BY_HAND, observed_until=4).sentence()
    assert "Last spells that end by observed_until: 1." in warned
    assert not _count([(1, "ill", 0, 3), (1, "job", 3, 4), (2, "job", 0, 4)], prior=0.5).warnings


def test_months_are_read_on_the_same_day_or_the_last_of_the_month() -> None:
    """From 31 January 2024: read on 29 February (job since that day), 31 March, 30 April."""
    rows: Rows = [
        (1, "ill", date(2024, 1, 31), date(2024, 2, 29)),
        (1, "job", date(2024, 2, 29), None),
    ]
    result = _count(rows, observed_until=date(2024, 4, 29))
    np.testing.assert_array_equal(result.counts, [[0, 1], [0, 1]])
    result = _count(rows, observed_until=date(2024, 4, 30))
    np.testing.assert_array_equal(result.counts, [[0, 1], [0, 2]])


@pytest.mark.parametrize(
    ("step", "stays"), [("week", 51), ("month", 11), ("quarter", 3), ("year", 0)]
)
def test_a_year_in_a_state_has_as_many_steps_as_fit(step: str, stays: int) -> None:
    """1 January to 31 December 2023 in ill, then job: 52 weeks on is 31 December."""
    rows: Rows = [
        (1, "ill", pd.Timestamp(2023, 1, 1), pd.Timestamp(2023, 12, 31)),
        (1, "job", pd.Timestamp(2023, 12, 31), None),
    ]
    result = _count(rows, step=step, observed_until=date(2026, 1, 5), prior=0.5)
    assert result.counts[0, 0] == stays
    assert result.counts[0, 1] == 1


def test_part_of_a_quarter_is_read_too() -> None:
    """1 January to 15 November is read on the first of January, April, July and October."""
    rows: Rows = [
        (1, "ill", date(2023, 1, 1), date(2023, 11, 15)),
        (1, "job", date(2023, 11, 15), date(2024, 1, 2)),
    ]
    np.testing.assert_array_equal(_count(rows, step="quarter", prior=1.0).counts, [[3, 1], [0, 0]])


def test_a_spell_between_two_readings_is_counted_as_unseen() -> None:
    """A week in job between two first days of a month leaves no trace but a warning."""
    rows: Rows = [
        (1, "ill", date(2024, 1, 1), date(2024, 1, 10)),
        (1, "job", date(2024, 1, 10), date(2024, 1, 17)),
        (1, "ill", date(2024, 1, 17), date(2024, 3, 5)),
    ]
    result = _count(rows, prior=0.5)
    np.testing.assert_array_equal(result.counts, [[2, 0], [0, 0]])
    assert "1 of 3 spells lie between two readings" in result.sentence()


def test_the_posterior_covers_the_chain_behind_the_spells(seed: int) -> None:
    """600 people, 24 steps: every probability within 5 posterior standard deviations."""
    names = ["ill", "edu", "job"]
    chain = np.array([[0.85, 0.05, 0.10], [0.10, 0.80, 0.10], [0.04, 0.01, 0.95]])
    chance = random.Random(seed)  # noqa: S311 - no secret
    rows: Rows = []
    for person in range(PEOPLE):
        state, since = chance.randrange(3), 0
        for step in range(1, STEPS + 1):
            after = chance.choices(range(3), weights=list(chain[state]))[0]
            if after != state:
                rows.append((person, names[state], since, step))
                state, since = after, step
        rows.append((person, names[state], since, None))
    result = _count(rows, states=names, observed_until=STEPS)
    assert result.person_steps == PEOPLE * STEPS
    total = result.counts.sum(axis=1, keepdims=True)
    error = np.sqrt(result.matrix * (1 - result.matrix) / (total + 1))
    assert (np.abs(result.matrix - chain) < ERRORS * error).all()
    assert ((result.low < result.matrix) & (result.matrix < result.high)).all()


def test_dates_and_step_numbers_agree() -> None:
    """Weeks as numbers and as days seven apart are counted alike."""
    first = date(2024, 1, 1)
    dated = [
        (p, s, first + timedelta(weeks=a), None if b is None else first + timedelta(weeks=b))
        for p, s, a, b in BY_HAND
    ]
    until = first + timedelta(weeks=4)
    np.testing.assert_array_equal(
        _count(dated, step="week", observed_until=until).counts,
        _count(BY_HAND, step="week", observed_until=4).counts,
    )


def test_every_fault_of_the_spells_is_reported_at_once() -> None:
    """Unknown states, ends before starts, overlaps, gaps, text, no end of observation."""
    rows: Rows = [
        ("a", "ill", date(2024, 1, 1), date(2024, 3, 1)),
        ("a", "jbo", date(2024, 3, 1), None),
        ("b", "ill", date(2024, 1, 1), date(2024, 1, 31)),
        ("b", "job", date(2024, 2, 1), None),
        ("c", "ill", date(2024, 1, 1), date(2024, 3, 1)),
        ("c", "job", date(2024, 2, 1), None),
        ("d", "ill", date(2024, 5, 1), date(2024, 2, 1)),
        ("e", "ill", date(2024, 5, 1), "soon"),
        (None, "ill", date(2024, 5, 1), None),
        ("f", "ill", None, date(2024, 5, 1)),
        ("g", "ill", date(2024, 1, 1), None),
        ("g", "job", date(2024, 2, 1), None),
    ]
    with pytest.raises(CaseError) as caught:
        _count(rows, prior=-1.0)
    found = [(fault.path, fault.problem) for fault in caught.value.faults]
    expected = {
        "prior": "got -1.0; it must be at least 0",
        "row 2.state": "got 'jbo'; it must name a state; known are ill, job; did you mean 'job'?",
        "row 4.start": "got 2024-02-01, after the end at 2024-01-31 of row 3; fill the gap with a "
        "state; if ends are the last days of spells, add a day to each",
        "row 6.start": "got 2024-02-01, before the end at 2024-03-01 of row 5; a person is in one "
        "state at a time: decide which",
        "row 7.end": "got 2024-02-01 after a start at 2024-05-01; an end is the first time after "
        "the spell, later than its start",
        "row 8.end": "got 'soon'; it must be a date; read text with pandas.to_datetime",
        "row 9.person": "is missing; name the person",
        "row 10.start": "is missing; every spell has a start",
        "row 11.end": "is missing although row 12 is a later spell of the person; only the last "
        "spell may be open",
        "observed_until": "is missing; some spells have no end: say until when people are known "
        "to be there",
    }
    assert dict(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("rows", "changes", "problem"),
    [
        (BY_HAND, {"observed_until": -1}, "observed_until: got -1, before the start of every"),
        (BY_HAND, {"observed_until": 1e19}, r"observed_until: got 1e\+19; it must be a whole step"),
        (BY_HAND, {"observed_until": pd.NaT}, "observed_until: got NaT; it must be a whole step"),
        (
            [(1, "ill", date(2024, 1, 1), None)],
            {"observed_until": pd.NaT},
            "observed_until: got NaT; it must be a date",
        ),
        ([(1, "ill", 0, 1e19)], {}, r"row 1\.end: got 1e\+19; it must be a whole step number"),
        ([(1, ["ill"], 0, 2)], {}, r"row 1\.state: got \['ill'\]; it must name a state, as text"),
        ([(1, 1, 0, 2)], {"states": ["1", "job"]}, r"row 1\.state: got 1; it must name a state"),
        ([([1], "ill", 0, 2)], {}, r"row 1\.person: got \[1\]; name the person"),
        (BY_HAND, {"step": ["month"]}, r"step: got \['month'\]; it must be week"),
        (BY_HAND, {"observed_until": 4.5}, r"observed_until: got 4\.5; it must be a whole step"),
        (BY_HAND, {"observed_until": math.nan}, "observed_until: got nan"),
        (BY_HAND, {"observed_until": date(2024, 1, 1)}, "observed_until: got 2024-01-01"),
        ([(1, "ill", 0.5, 2)], {}, r"row 1\.start: got 0\.5; it must be a whole step number"),
        ([(1, "ill", 2, 2)], {}, r"row 1\.end: got 2 after a start at 2"),
        ([], {}, "frame: got no row"),
        (BY_HAND, {"columns": ("id", "state", "start", "end")}, "got no column id; the frame has"),
        (BY_HAND, {"moves": {"ill": ["jbo"]}}, r"moves\.ill: got 'jbo'"),
        (BY_HAND, {"moves": {"ill": "job"}}, r"moves\.ill: got 'job'; it must be a list"),
    ],
)
def test_a_fault_is_said_in_plain_words(rows: Rows, changes: dict[str, Any], problem: str) -> None:
    """Path, value given, rule, way out."""
    with pytest.raises(CaseError, match=problem):
        _count(rows, **changes)


def test_spells_after_the_end_of_observation_are_left_out_and_counted() -> None:
    """Up to 1 all are ill at both readings: three stays; ann's and bo's jobs start later."""
    result = _count(BY_HAND, observed_until=np.int64(1), prior=0.5)
    np.testing.assert_array_equal(result.counts, [[3, 0], [0, 0]])
    assert "Spells that start after observed_until and are not read: 2." in result.sentence()
    again = _count([*BY_HAND, ("ann", "ill", 9, 7)], observed_until=4)
    np.testing.assert_array_equal(again.counts, _count(BY_HAND, observed_until=4).counts)


def test_only_a_frame_is_read() -> None:
    """A path is not."""
    with pytest.raises(CaseError, match="it must be a pandas DataFrame"):
        transitions_from_spells("spells.csv", states=["ill", "job"], step="month")  # type: ignore[arg-type]  # the wrong type is meant


def test_a_state_without_data_is_a_fault() -> None:
    """Nobody is seen in edu; a prior or a state that is never left mends it."""
    states = ["ill", "edu", "job"]
    with pytest.raises(CaseError, match="nobody is observed for a step in edu"):
        _count(BY_HAND, states=states, observed_until=4)
    result = _count(BY_HAND, states=states, observed_until=4, prior=0.5)
    np.testing.assert_allclose(result.matrix[1], 1 / 3)
    result = _count(BY_HAND, states=states, observed_until=4, moves={"ill": ["job"]})
    np.testing.assert_array_equal(result.matrix[1:], [[0, 1, 0], [0, 0, 1]])


def test_a_move_that_is_not_possible_is_a_fault() -> None:
    """Two moves from ill to job were observed, though none is listed."""
    with pytest.raises(CaseError, match=r"moves\.ill: got 2 moves from ill to job"):
        _count(BY_HAND, observed_until=4, moves={"job": ["ill"]})


def test_a_prior_is_not_added_to_moves_that_are_impossible() -> None:
    """Nobody leaves job where no move from it is listed."""
    result = _count(BY_HAND, observed_until=4, prior=0.5, moves={"ill": ["job"]})
    np.testing.assert_array_equal(result.prior, [[0.5, 0.5], [0, 0.5]])
    assert set(result.transitions()) == {"ill"}
    assert "Nobody was seen to leave" not in result.sentence()


def test_a_state_that_nobody_was_seen_to_leave_is_named() -> None:
    """With a prior of 0 a job is for ever."""
    warned = _count(BY_HAND, observed_until=4).sentence()
    assert "Nobody was seen to leave job: with a prior of 0 none can." in warned
