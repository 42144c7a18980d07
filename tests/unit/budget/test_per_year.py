"""Money stated year by year, to the krone by hand: the yearly consequences of a calculation."""

from __future__ import annotations

from typing import Any

import numpy as np

from sibsim.budget.ledger import check_balance
from sibsim.budget.lines import BudgetLine
from tests.unit.budget.test_savings import CENT, row, saved

YEARLY: dict[str, Any] = {
    "follows": "job",
    "kind": "transfer",
    "party": "municipality",
    "counterparty": "citizens",
    "frame": "transfers",
    "per_year": [12_000, -6_000, 4_000],
    "from_months": 6,
    "index": "ten_percent",
}
"""From half a year after the start: 12,000 saved a year per person, then a cost, then a saving."""

# Two people more at the last follow-up: 2,000 a month in months 6 to 18, then -1,000 until 30.
IN_CASE = np.array([0, 0, 6_000, 6_000, 6_600, 6_600, -3_300, -3_300.0])
# -1,000 a month in half of 2026, then 8,000 / 12 in its other half and in half of 2027.
BEYOND = -6_000 * 1.21 + 4_000 * 1.21 + 4_000 * 1.331


def test_years_by_hand() -> None:
    """Each year lies evenly over its twelve months, at the prices of the calendar year."""
    result = saved({"line": BudgetLine(**YEARLY)})
    np.testing.assert_allclose(row(result, "municipality"), IN_CASE, atol=CENT)
    np.testing.assert_allclose(row(result, "citizens"), -IN_CASE, atol=CENT)
    np.testing.assert_allclose(result.realisable["line"][:, 0], IN_CASE, atol=CENT)
    np.testing.assert_allclose(result.beyond_horizon["line"], [BEYOND], atol=CENT)
    assert check_balance(result.postings) == ()


def test_a_late_start_moves_the_years_and_not_the_prices() -> None:
    """A quarter later, the first of the four quarters falls in the year of the base prices."""
    result = saved({"line": BudgetLine(**YEARLY)}, start=np.array([[3.0]]))
    later = [0, 0, 0, 6_000, 6_600, 6_600, 6_600, -3_300]
    np.testing.assert_allclose(row(result, "municipality"), later, atol=CENT)


def test_cash_comes_after_the_lag() -> None:
    """With a lag of a quarter all comes a quarter later, at the prices of when it arises."""
    result = saved({"line": BudgetLine(**YEARLY, lag_months=3)})
    np.testing.assert_allclose(row(result, "municipality"), [0, *IN_CASE[:-1]], atol=CENT)


def test_only_the_last_follow_up_counts() -> None:
    """Nine more after six months change nothing; it is the two at the end who bring the years."""
    additional = np.array([9.0, 2.0]).reshape(1, 2, 1)
    result = saved({"line": BudgetLine(**YEARLY)}, additional=additional, months=(6, 12))
    np.testing.assert_allclose(row(result, "municipality"), IN_CASE, atol=CENT)


def test_only_savings_are_held_back() -> None:
    """Half of each calendar year's net gain is released: in 2025 half of 13,200 less 6,600."""
    fields = {**YEARLY, "frame": "service", "share": 0.5}
    result = saved({"line": BudgetLine(**fields)})
    expected = np.array([0.0, 0.0, 3_000, 3_000, 4_950, 4_950, -3_300, -3_300])
    assert expected[:4].sum() == IN_CASE[:4].sum() / 2
    assert expected[4:].sum() == IN_CASE[4:].sum() / 2
    np.testing.assert_allclose(result.realisable["line"][:, 0], expected, atol=CENT)


def test_fewer_people_turn_the_sign() -> None:
    """With saves = fewer, two more people cost what two fewer save."""
    result = saved({"line": BudgetLine(**YEARLY, saves="fewer")})
    np.testing.assert_allclose(row(result, "municipality"), -IN_CASE, atol=CENT)


def test_years_may_be_uncertain_by_cohort() -> None:
    """Each draw and each cohort has the money that is drawn for it; one number holds for all."""
    values = {"budget.line.per_year.0": np.array([[12_000.0, 0.0], [24_000.0, 1_200.0]])}
    additional = np.full((2, 1, 1), 2.0)
    result = saved({"line": BudgetLine(**YEARLY)}, additional=additional, values=values)
    third_quarter = result.realisable["line"][2]
    np.testing.assert_allclose(third_quarter, [6_000 + 12_000, 600], atol=CENT)
    np.testing.assert_allclose(result.realisable["line"][7], [-6_600, -6_600], atol=CENT)
