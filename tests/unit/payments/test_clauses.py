"""Clauses around a payment line: holdback, clawback, index; by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sibsim.core.wording import MeasureWords
from sibsim.payments.base import Terms
from sibsim.payments.limits import ContractLimit
from sibsim.payments.settlement import settle_payments
from tests.reported import TIMELINE, all_served, card, owed, report, settled, terms

WORDS = MeasureWords(outcome="job", design="register data", payer="Holbæk Kommune")

TEST = {"reads": "job", "at_months": 24, "at_least": 0.5}
"""Half of all cohorts together have a job after two years."""


@pytest.mark.parametrize(("at_24", "released"), [(25, 0.25 * 30_000), (24, 0.0)])
def test_a_holdback_is_paid_with_the_result_of_its_test(at_24: int, released: float) -> None:
    """30 at 12 months, a quarter held; 25 of 50 at 24 months is half, which passes; 24 is not."""
    measured = report([[30, at_24]], months=(12, 24), treated_n=50.0)
    line = card(follow_up_months=[12], holdback={"share": 0.25, "until": TEST})
    paid = settled(line, measured).paid["job"][:, 0]
    assert paid[4] == 22_500
    assert paid[8] == released
    assert paid.sum() == 22_500 + released


def test_what_is_due_with_the_result_or_later_is_not_held_back() -> None:
    """Paid at 24 months, the day of the test: whole."""
    measured = report([[30, 25]], months=(12, 24), treated_n=50.0)
    line = card(follow_up_months=[24], holdback={"share": 0.25, "until": TEST})
    assert settled(line, measured).paid["job"][8, 0] == 25_000


def test_a_holdback_whose_test_comes_too_late_lapses() -> None:
    """After the last payment date what is released lapses and is counted."""
    measured = report([[30, 25]], months=(12, 24), treated_n=50.0)
    line = card(follow_up_months=[12], holdback={"share": 0.25, "until": TEST})
    found = settled(line, measured, at=terms(lag=0.0, last=18.0))
    assert found.paid["job"].sum() == 22_500
    assert found.lapsed["job"][0] == 7_500


@pytest.mark.parametrize(("at_24", "returned"), [(25, 0.0), (24, 15_000.0)])
def test_a_clawback_returns_what_was_paid_before_when_the_test_fails(
    at_24: int, returned: float
) -> None:
    """Half of the 30,000 paid at 12 months, on the day of the result."""
    measured = report([[30, at_24]], months=(12, 24), treated_n=50.0)
    line = card(follow_up_months=[12], clawback={"share": 0.5, "unless": TEST})
    found = settled(line, measured)
    back = found.returned_to["job", "payer"]
    assert found.paid["job"].sum() == 30_000
    assert back[8, 0] == returned
    assert back.sum() == returned


def test_a_clawback_is_of_what_is_left_after_limits() -> None:
    """Of 20,000 paid under a limit of the line half is 10,000."""
    measured = report([[30, 24]], months=(12, 24), treated_n=50.0)
    line = card(
        follow_up_months=[12],
        clawback={"share": 0.5, "unless": TEST},
        limit={"line": 20_000},
    )
    assert settled(line, measured).returned_to["job", "payer"].sum() == 10_000


def test_an_index_moves_the_price_to_the_year_of_payment() -> None:
    """Prices of the first year; 30 paid in year 2 and 25 in year 3, at 3 % a year."""
    measured = report([[30, 25]], months=(12, 24), treated_n=50.0)
    factors = {"wages": np.power(1.03, TIMELINE.year_of_period - 2024.0, dtype=np.float64)}
    at = Terms(TIMELINE, factors=factors)
    paid = settled(card(index="wages"), measured, at=at).paid["job"][:, 0]
    np.testing.assert_allclose(paid[[4, 8]], [30_900.0, 25_000 * 1.0609], rtol=1e-14)


def test_a_line_of_some_cohorts_counts_the_others_as_not_served() -> None:
    """Cohort 2 alone: 20 of 40; pooled triggers and dates are of that cohort too."""
    measured = report([[24], [20], [30]], months=(12,), treated_n=50.0, rate=0.4)
    assert owed(card(cohorts=[2]), measured) == 20_000
    assert owed(card(cohorts=[1, 3]), measured) == 54_000
    line = card(cohorts=[1, 2], trigger={"pooled": True, "of": "effect", "at_least": 0.04})
    paid = settled(line, measured).paid["job"]
    assert paid[6, 0] == 44_000  # 44 of 100 is 4 points above 40 %, known when cohort 2 is measured
    assert "kun for hold 1 og 2" in line.describe("da", words=WORDS)


def test_a_limit_per_person_meets_the_cohorts_of_a_line_only() -> None:
    """1,000 a person of both lines; where one line does not pay, the other is not cut."""
    claims = (np.ones((2, 1, 1), dtype=np.bool_), np.ones((2, 1, 1), dtype=np.bool_))
    measured = report([[2], [2]], months=(12,), treated_n=2.0, claims=claims)
    found = settle_payments(
        {"a": card(), "b": card(cohorts=[2])},
        measured={"job": measured},
        standing=all_served(2),
        limits=ContractLimit(person=1_000),
        terms=terms(lag=0.0),
    )
    assert found.paid["a"][:, 0].sum() == 3_000
    assert found.paid["b"][:, 0].sum() == 1_000


def test_every_clause_is_said_in_both_languages() -> None:
    """Share, level and follow-up of each clause stand in the sentence."""
    line = card(
        index="wages",
        trigger={
            "pooled": True,
            "of": "effect",
            "at_least": 0.08,
            "alpha": 0.05,
            "better": "more",
            "people": 40,
        },
        holdback={"share": 0.25, "until": TEST},
        clawback={"share": 0.5, "unless": TEST},
        limit={"line": 800_000},
    )
    danish, english = (line.describe(lang, words=WORDS) for lang in ("da", "en"))
    for said in ("25 %", "50 %", "8 procentpoint", "5 %", "40 deltagere", "800.000 kr.", "wages"):
        assert said in danish
    for said in ("25 %", "50 %", "8 percentage points", "5 %", "40 part", "DKK 800,000", "wages"):
        assert said in english
