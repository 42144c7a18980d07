"""The sustained outcome against runs followed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.core.arrays import BoolArray
from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.sustained import Sustained
from tests.reported import all_served, report, served_first, terms

QUARTERS = (3, 6, 9, 12, 15)
"""Follow-ups a quarter apart: 13 weeks are one step, 26 are two."""

WORDS = MeasureWords(outcome="in work", design="registers", payer="Aarhus Kommune")


def line(**fields: Any) -> Sustained:  # noqa: ANN401 - fields of a spec
    """Return a line of 1,000 for 26 weeks in work, once."""
    return Sustained(**({"reads": "job", "price": 1_000, "weeks": 26, "restart": False} | fields))


def people(*rows: str) -> BoolArray:
    """Return claims of one person a row: `1` is a success."""
    return np.array([[each == "1" for each in row] for row in rows])[:, :, np.newaxis]


def paid(model: Sustained, *rows: str) -> list[float]:
    """Return what is paid at each follow-up, lag and periods of a quarter aside."""
    claims = people(*rows)
    measured = {"job": report([claims.sum(axis=0)[:, 0]], months=QUARTERS, claims=(claims,))}
    due = model.due(measured, standing=all_served(1), terms=terms(lag=0.0))
    found: list[float] = due.amount[[months // 3 for months in QUARTERS], 0].tolist()
    return found


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("11111", [0, 0, 1_000, 0, 0]),  # from month 3 to 9
        ("01110", [0, 0, 0, 1_000, 0]),  # from month 6 to 12
        ("11011", [0, 0, 0, 0, 0]),  # each run is three months long
        ("00111", [0, 0, 0, 0, 1_000]),
        ("00011", [0, 0, 0, 0, 0]),
        ("00000", [0, 0, 0, 0, 0]),
    ],
)
def test_half_a_year_without_a_break(row: str, expected: list[float]) -> None:
    """Paid once, at the follow-up six months after the first of an unbroken run."""
    assert paid(line(), row) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("11011", [0, 0, 0, 1_000, 0]),  # away at month 9, back at 12: three months
        ("10100", [0, 0, 1_000, 0, 0]),
        ("10011", [0, 0, 0, 0, 0]),  # away at 6 and 9, back at 12: six months, a new run
        ("10010", [0, 0, 0, 0, 0]),
        ("01010", [0, 0, 0, 1_000, 0]),
    ],
)
def test_a_break_of_a_quarter_is_allowed(row: str, expected: list[float]) -> None:
    """A longer one ends the run and a new one begins."""
    assert paid(line(gap_weeks=13), row) == expected


def test_a_person_can_be_paid_again_from_the_follow_up_that_was_paid() -> None:
    """Months 3 to 9, then 9 to 15; with 13 weeks every follow-up after the first."""
    assert paid(line(restart=True), "11111") == [0, 0, 1_000, 0, 1_000]
    assert paid(line(weeks=13, restart=True), "11111") == [0, 1_000, 1_000, 1_000, 1_000]
    assert paid(line(restart=True), "11101") == [0, 0, 1_000, 0, 0]


def test_people_add_up() -> None:
    """Two reach it at month 9 and one at 15."""
    assert paid(line(), "11100", "11111", "00111", "10101") == [0, 0, 2_000, 0, 1_000]


def test_cohorts_not_served_are_not_paid() -> None:
    """The second cohort never started."""
    claims = people("11111", "11111")
    measured = {"job": report([[2] * 5] * 2, months=QUARTERS, claims=(claims, claims))}
    due = line().due(measured, standing=served_first(1, of=2), terms=terms())
    assert due.amount.sum() == 2_000


def test_with_chance_off_the_run_is_as_probable_as_its_weakest_follow_up() -> None:
    """Probabilities .6, .5, .4, .7, .3: .4 by month 9, and .5 more nowhere else.

    A luck below .4 succeeds to month 12, from .4 to .5 it lacks month 9, from .5 to .6 months 6 and
    9, from .6 to .7 it has month 12 only: 40 % are paid, at month 9.
    """
    claims = np.array([0.6, 0.5, 0.4, 0.7, 0.3])[np.newaxis, :, np.newaxis]
    measured = {"job": report([claims[0, :, 0]], months=QUARTERS, claims=(claims,))}
    due = line().due(measured, standing=all_served(1), terms=terms(lag=0.0))
    np.testing.assert_allclose(due.amount[[1, 2, 3, 4, 5], 0], [0, 0, 400, 0, 0], rtol=1e-12)
    # With a break of a quarter, those from .4 to .5 are paid at month 12.
    due = line(gap_weeks=13).due(measured, standing=all_served(1), terms=terms(lag=0.0))
    np.testing.assert_allclose(due.amount[[1, 2, 3, 4, 5], 0], [0, 0, 400, 100, 0], rtol=1e-12)


def test_expected_payment_is_the_mean_over_one_luck(seed: int) -> None:
    """A thousand equally likely lucks, the same at every follow-up, give the expectation."""
    rng = np.random.default_rng(seed)
    chances = rng.integers(0, 1_000, size=5) / 1_000
    lucks = (np.arange(1_000) + 0.5) / 1_000
    model = line(gap_weeks=13, restart=True)
    runs = model.as_paid(
        report([[0.0] * 5], months=QUARTERS, claims=((lucks < chances[:, np.newaxis])[np.newaxis],))
    )
    expected = model.as_paid(
        report([[0.0] * 5], months=QUARTERS, claims=(chances[np.newaxis, :, np.newaxis],))
    )
    np.testing.assert_allclose(
        expected.treated_sum[0, :, 0], runs.treated_sum[0].mean(axis=-1), atol=1e-12
    )
    assert runs.treated_sum.any()


def test_follow_ups_that_cannot_show_the_run_are_refused() -> None:
    """Too far apart for the length or the break, or too few, each with the way out."""
    assert line().check_follow_ups(QUARTERS) == ()
    assert line(weeks=13, gap_weeks=13).check_follow_ups(QUARTERS) == ()
    (far,) = line().check_follow_ups((3, 12))
    assert "got weeks = 26 with follow-ups 9 months apart" in far
    assert "what lasts 6 months is not seen" in far
    (gap,) = line(gap_weeks=4).check_follow_ups(QUARTERS)
    assert "got gap_weeks = 4 with follow-ups 3 months apart" in gap
    (few,) = line(weeks=52).check_follow_ups((3, 9))
    assert "a run of 12 months does not fit" in few
    (short,) = line(weeks=1).check_follow_ups(QUARTERS)
    assert "what lasts 0 months is not seen" in short


def test_a_report_of_sums_cannot_be_read() -> None:
    """Who stayed cannot be told from how many were there."""
    assert line().needs_persons
    measured = {"job": report([[20] * 5], months=QUARTERS)}
    with pytest.raises(ArgumentError, match="job: a line that pays by person needs results"):
        line().due(measured, standing=all_served(1), terms=terms())


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Weeks, break, price and whether again."""
    model = line(weeks=13, gap_weeks=2.5, restart=True)
    assert model.describe("da", words=WORDS) == (
        "Aarhus Kommune betaler 1.000 kr. for hver deltager, der har fastholdt »in work« i 13 uger "
        "med afbrydelser på højst 2,5 uger, målt ved registers ved hver opfølgning, igen for hver "
        "ny periode af samme længde, når den opfølgning er målt, hvor perioden er nået."
    )
    assert model.describe("en", words=WORDS) == (
        'Aarhus Kommune pays DKK 1,000 for each participant who has kept "in work" for 13 weeks '
        "with breaks of at most 2.5 weeks, measured by registers at every follow-up, again for "
        "each further period of that length, as soon as the follow-up at which that length is "
        "reached has been measured."
    )
    assert "i 26 uger uden afbrydelse" in line().describe("da", words=WORDS)
    assert "one time for each participant" in line().describe("en", words=WORDS)
