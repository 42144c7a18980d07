"""Lines on outcomes that count days or events, by hand; what cannot be priced one by one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.budget.ledger import check_balance
from sibsim.budget.lines import BudgetLine
from sibsim.casefile import build
from sibsim.core.postings import BudgetResult
from tests.faults import faults_of
from tests.unit.budget.test_savings import CENT, row, saved

ERRORS = 5
"""Monte Carlo standard errors within which a simulated mean must lie."""

STAYS: dict[str, Any] = {
    "follows": "job",
    "kind": "resource",
    "party": "municipality",
    "frame": "service",
    "share": 1,
    "amount": 1_000,
    "per": "event",
    "saves": "fewer",
    "index": "ten_percent",
    "lasts": 3,
}
"""1,000 for each stay; the last rate goes on for three months."""

FEWER = np.array([-12.0, -6.0]).reshape(1, 2, 1)
"""Twelve stays fewer in the first half of the year and six fewer in the second."""

# Two a month in the first half of 2024, one in the second, and one for three months of 2025.
BY_HAND = np.array([6_000, 6_000, 3_000, 3_000, 3_300, 0, 0, 0.0])

NIGHTS: dict[str, Any] = {
    "model": "days",
    "among": "started",
    "follow_up_months": [12, 24],
    "counterfactual": 120,
    "effect": {"scale": "rate_ratio", "value": 0.75},
    "sd": 100,
    "lowest": 0,
    "window_days": 365,
    "share_lowest": 0.3,
    "share_bound": 0.02,
    "persistence": 0.5,
}
"""Thirty nights fewer than 120 in each of two years."""

SHELTER: dict[str, Any] = {
    "follows": "nights",
    "kind": "resource",
    "party": "municipality",
    "frame": "service",
    "share": 1,
    "amount": 900,
    "per": "day",
    "saves": "fewer",
    "index": "none",
    "lasts": 6,
}
"""900 for each night."""

WEEKS: dict[str, Any] = {
    "model": "time_in_states",
    "of": "labour",
    "states": ["sick"],
    "among": "started",
    "follow_up_months": [6, 12],
    "unit": "weeks",
}
LABOUR: dict[str, Any] = {
    "model": "states",
    "among": "started",
    "follow_up_months": [12],
    "states": ["sick", "job"],
    "step": "month",
    "counts": ["job"],
    "counted": "start",
    "start_in": {"sick": 1.0},
    "transitions": {"sick": {"job": 0.1}},
    "effects": [{"from": "sick", "to": "job", "scale": "risk_ratio", "value": 2.0}],
}


def events(**change: object) -> BudgetResult:
    """Return what the line on stays saves."""
    line = BudgetLine(**{**STAYS, **change})
    return saved({"stays": line}, additional=FEWER, months=(6, 12), counted=True)


def holbaek(*, line: dict[str, Any] | None = None, **outcomes: dict[str, Any]) -> dict[str, Any]:
    """Return the shipped case with a line on another outcome in place of its own."""
    document = sib.load_case("holbaek").document
    document["outcomes"] |= outcomes or {"nights": NIGHTS}
    document["budget"] = {"shelter": {**SHELTER, **(line or {})}}
    return document


def test_events_by_hand() -> None:
    """They lie evenly since the follow-up before; the last rate goes on for as long as it lasts."""
    result = events()
    np.testing.assert_allclose(row(result, "municipality"), BY_HAND, atol=CENT)
    np.testing.assert_allclose(result.realisable["stays"][:, 0], BY_HAND, atol=CENT)
    assert check_balance(result.postings) == ()


def test_more_may_save_instead() -> None:
    """What fewer events save where fewer save, they cost where more do, at once and in full."""
    result = events(saves="more", share=0.1)
    np.testing.assert_allclose(result.realisable["stays"][:, 0], -BY_HAND, atol=CENT)


def test_a_day_is_priced_as_a_day() -> None:
    """A price per day of an outcome that counts days is not converted to months."""
    result = events(per="day")
    np.testing.assert_allclose(row(result, "municipality"), BY_HAND, atol=CENT)


def test_a_flat_share_of_them_may_be_refunded() -> None:
    """Half goes to the state, and what is held back is of the other half."""
    result = events(refund={"share": 0.5}, share=0.2)
    np.testing.assert_allclose(row(result, "state"), BY_HAND / 2, atol=CENT)
    np.testing.assert_allclose(row(result, "municipality"), BY_HAND / 2, atol=CENT)
    np.testing.assert_allclose(result.realisable["stays"][:, 0], BY_HAND / 10, atol=CENT)


def test_a_late_start_and_a_lag_move_the_cash() -> None:
    """A quarter later by the start, at later prices; two months later by the lag, at the same."""
    line = {"stays": BudgetLine(**STAYS, lag_months=2)}
    late = saved(line, additional=FEWER, months=(6, 12), start=np.array([[3.0]]), counted=True)
    arises = np.array([0, 6_000, 6_000, 3_000, 3_300, 3_300, 0, 0])
    cash = arises / 3 + np.concatenate(([0.0], arises[:-1])) * 2 / 3
    np.testing.assert_allclose(row(late, "municipality"), cash, atol=CENT)


def test_nights_of_a_whole_case_by_hand() -> None:
    """Of each person 30 nights in each of two years, and half as many in the half year after."""
    base = build(holbaek()).base_case()
    people = base.metric("people.nights")[0]
    expected = people * (30 + 30 + 15) * 900
    assert base.metric("municipality_realisable")[0] == pytest.approx(expected)


def test_time_in_states_is_priced_by_its_own_unit() -> None:
    """Weeks that are counted are saved as the months of a line that names the states."""
    line = {"follows": "weeks", "amount": 1_000, "per": "week", "lasts": 0}
    counted = build(holbaek(line=line, labour=LABOUR, weeks=WEEKS)).base_case()
    document = holbaek(line={"follows": "labour", "per": "week"}, labour=LABOUR)
    of_states = document["budget"]["shelter"]
    del of_states["lasts"], of_states["saves"]
    of_states |= {"amount": 1_000, "states": ["sick"]}
    followed = build(document).base_case()
    total = followed.metric("municipality_realisable")
    assert total[0] > 0
    assert counted.metric("municipality_realisable") == pytest.approx(total)


def test_chance_changes_no_mean(seed: int) -> None:
    """Simulated nights save on average what is expected of them."""
    case = build(holbaek())
    run = case.simulate(draws=2_000, rng=seed)
    beyond = run.metric("municipality_realisable") - 75 * 900 * run.metric("people.nights")
    assert beyond.std() > 0
    assert abs(beyond.mean()) < ERRORS * beyond.std() / np.sqrt(len(beyond))


@pytest.mark.parametrize(
    ("line", "outcomes", "path", "words"),
    [
        ({"per": "event"}, {}, "per", "counts days.*write per = 'day'"),
        ({"per": "month"}, {}, "per", "counts days"),
        (
            {"refund": {"ladder": "dk-refund", "weeks_before": 0}},
            {},
            "refund",
            "give the `share` that is refunded",
        ),
        (
            {"follows": "job", "per": "event"},
            {},
            "per",
            "reached or not.*per = 'month', 'week', 'year' or 'day'",
        ),
        (
            {},
            {"nights": {**NIGHTS, "window_days": 180, "counterfactual": 60, "sd": 55}},
            "follows",
            "a window of 180 days, while 365 days have passed",
        ),
        (
            {"follows": "weeks", "per": "week"},
            {"labour": LABOUR, "weeks": {**WEEKS, "cumulative": True}},
            "follows",
            "write cumulative = false",
        ),
        (
            {"follows": "weeks", "per": "month"},
            {"labour": LABOUR, "weeks": {**WEEKS, "unit": "months", "follow_up_months": [1, 2]}},
            "follows",
            "count it in a shorter unit",
        ),
    ],
)
def test_refuses_what_cannot_be_priced_one_by_one(
    line: dict[str, Any], outcomes: dict[str, dict[str, Any]], path: str, words: str
) -> None:
    """Each is a fault at the field that is wrong, with the way out."""
    found = faults_of(holbaek(line=line, **outcomes))
    assert list(found) == [f"budget.shelter.{path}"]
    assert re.search(words, found[f"budget.shelter.{path}"])


def test_points_are_refused() -> None:
    """A score has no price that runs over time, year by year or otherwise."""
    score = {
        "model": "score",
        "among": "started",
        "follow_up_months": [12],
        "counts": "points",
        "counterfactual": 0.0,
        "effect": {"scale": "standardised_difference", "value": 0.3},
        "sd": 10,
        "reliability": 0.8,
    }
    found = faults_of(holbaek(line={"follows": "wellbeing_score"}, wellbeing_score=score))
    assert "whose result is a number of points" in found["budget.shelter.follows"]


def test_years_follow_yes_or_no() -> None:
    """Money per additional person needs people who have achieved something or not."""
    yearly = {"per_year": [1_000], "from_months": 0}
    document = holbaek()
    for field in ("amount", "per", "lasts", "saves"):
        del document["budget"]["shelter"][field]
    document["budget"]["shelter"] |= yearly
    found = faults_of(document)
    assert "follow an outcome of yes or no" in found["budget.shelter.follows"]
