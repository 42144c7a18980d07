"""Paid, true and additional outcomes, by hand from the base case of Holbæk."""

from __future__ import annotations

import pytest

import sibsim as sib


def test_paid_true_and_additional_are_told_apart() -> None:
    """180 people at 40 % by wellbeing's 28 + 12 points: 72 true, 21.6 additional, 61.2 reported.

    15 % of results are missing and count as not achieved; each reported success is paid 6,000.
    """
    row = sib.load_case("holbaek").base_case().outcomes().loc["wellbeing"]
    assert row["true"] == pytest.approx(72)
    assert row["additional"] == pytest.approx(180 * 0.12)
    assert row["reported"] == row["paid"] == pytest.approx(61.2)
    assert row["money"] == pytest.approx(61.2 * 6_000)
    assert row["money_per_additional"] == pytest.approx(61.2 * 6_000 / 21.6)


def test_a_limit_leaves_a_share_of_the_reported_unpaid() -> None:
    """Half of what is owed is paid, so that half of the reported successes are."""
    case = sib.load_case("holbaek")
    free = case.base_case().outcomes().loc["wellbeing"]
    limit = free["money"] / 2
    row = case.with_({"payments.wellbeing.limit": {"line": limit}}).base_case().outcomes()
    assert row.loc["wellbeing", "paid"] == pytest.approx(free["paid"] / 2)
    assert row.loc["wellbeing", "reported"] == pytest.approx(free["reported"])


def test_misreported_failures_are_paid_and_neither_true_nor_additional() -> None:
    """Of 108 failures 10 % are claimed and 60 % of the claims not audited: 6.48 more are paid."""
    case = sib.load_case("holbaek").with_(
        {
            "measures.wellbeing": {
                "outcome": "wellbeing",
                "design": "verification",
                "misreporting": {"share": 0.1, "audited": 0.4},
            }
        }
    )
    row = case.base_case().outcomes().loc["wellbeing"]
    assert row["true"] == pytest.approx(72)
    assert row["paid"] == pytest.approx(72 + 108 * 0.06)
    assert row["additional"] == pytest.approx(21.6)


def test_days_avoided_are_set_against_fewer_days() -> None:
    """30 nights a person less 20 % are 6 fewer for each of 180 people; each is paid 100."""
    case = sib.load_case("holbaek").with_(
        {
            "outcomes.nights": {
                "model": "days",
                "among": "started",
                "follow_up_months": [12],
                "counterfactual": 30.0,
                "effect": {"scale": "rate_ratio", "value": 0.8},
                "sd": 60.0,
                "lowest": 0,
                "window_days": 365,
                "share_lowest": 0.5,
                "share_bound": 0.01,
            },
            "measures.nights": {
                "outcome": "nights",
                "design": "randomised",
                "controls_per_participant": 1.0,
            },
            "payments.nights": {
                "model": "days_avoided",
                "reads": "nights",
                "price": 100.0,
                "counts": "avoided",
                "floor": "contract",
            },
        }
    )
    row = case.base_case().outcomes().loc["nights"]
    assert row["additional"] == pytest.approx(-180 * 6)
    assert row["money"] == pytest.approx(180 * 6 * 100)
    assert row["money_per_additional"] == pytest.approx(100)
