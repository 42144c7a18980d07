"""Viborg's five goals settled by hand on made-up reports, from plain numbers alone.

The control-group goal is the point: it pays by how much less school absence the children of the
families have than the control group, over all three cohorts together, and nothing before the last
of them is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import sibsim as sib

FAMILIES = (54, 72, 54)  # three, four and three tenths of 180
CONTROLS = (108, 144, 108)  # two for each family
CONTROL_DAYS = (2_600, 3_700, 2_700)  # together 9,000 days of 360 children: 25 each
A_TENTH_LESS = (1_150, 1_700, 1_200)  # together 4,050 days of 180 children: 22.5 each
A_FIFTH_LESS = (1_050, 1_500, 1_050)  # together 3,600 days of 180 children: 20 each

Report = dict[str, Any]


@pytest.fixture(scope="module")
def case() -> sib.Case:
    """Return the Viborg case."""
    return sib.load_case("viborg")


def absence(days: tuple[int, ...]) -> Iterator[Report]:
    """Return the reports of absence two years on, one per cohort."""
    rows = zip(days, FAMILIES, CONTROL_DAYS, CONTROLS, strict=True)
    for number, (own, families, control, controls) in enumerate(rows, start=1):
        yield {
            "measure": "absence_controls",
            "cohort": number,
            "at_months": 24,
            "achieved": own,
            "people": families,
            "comparison_achieved": control,
            "comparison_people": controls,
        }


def one_day_more(days: tuple[int, ...]) -> tuple[int, ...]:
    """Return the days with one more day of one child of the second cohort."""
    return days[0], days[1] + 1, days[2]


@pytest.mark.parametrize(
    ("days", "due"),
    [
        pytest.param((1_300, 1_850, 1_350), 0, id="as the control group"),
        pytest.param(one_day_more(A_TENTH_LESS), 0, id="a tenth just missed"),
        pytest.param(A_TENTH_LESS, 900_000, id="a tenth just met"),
        pytest.param(one_day_more(A_FIFTH_LESS), 900_000, id="a fifth just missed"),
        pytest.param(A_FIFTH_LESS, 1_800_000, id="a fifth just met"),
    ],
)
def test_less_absence_than_the_control_group_pays_by_steps(
    case: sib.Case, days: tuple[int, ...], due: int
) -> None:
    """25 days in the control group: 900,000 from 22.5 days down, 1,800,000 from 20 days down."""
    found = case.settle(absence(days))
    assert found.metric("payments.absence")[0] == due
    assert found.metric("payments_total")[0] == due


def test_the_same_days_pay_nothing_where_controls_improve_as_much(case: sib.Case) -> None:
    """Participants with 20 days are paid for against 25, and not against 20."""
    paid_for = absence(A_FIFTH_LESS)
    rows = [row | {"comparison_achieved": 20 * row["comparison_people"]} for row in paid_for]
    assert case.settle(rows).metric("payments.absence")[0] == 0


def test_the_control_group_goal_falls_due_when_the_last_cohort_is_measured(case: sib.Case) -> None:
    """August 2025 and 24 months and five months of lag: the first quarter of 2028."""
    found = case.settle(absence(A_TENTH_LESS))
    assert found.postings is not None
    (line,) = (each for each in found.postings if each.line == "payments.absence")
    assert line.amount[:, 0].nonzero()[0].tolist() == [case.timeline.labels.index("2028Q1")]


def test_all_five_goals_settle_on_one_statement(case: sib.Case) -> None:
    """One statement by hand: every success times its price, and a step of the control-group goal.

    Work: 15 + 22 + 16 at 12 months and 19 + 26 + 20 at 24, 11,500 and 20,500 each: 609,500 and
    1,332,500. Less support: 22 + 30 + 21 = 73 at 20,000: 1,460,000. Life satisfaction: 20 + 27 +
    19 = 66 at 6,000: 396,000. The family's plan: 26 + 35 + 25 = 86 at 9,000: 774,000. Absence:
    900,000. Together 5,472,000, below the limit of 6,900,000.
    """
    counted = {
        ("job", 12): ((15, 22, 16), FAMILIES),
        ("job", 24): ((19, 26, 20), FAMILIES),
        ("less_support", 24): ((22, 30, 21), FAMILIES),
        ("life_satisfaction", 12): ((20, 27, 19), (44, 58, 43)),
        ("own_plan", 12): ((26, 35, 25), (44, 59, 44)),
    }
    rows: list[Report] = [
        {"measure": name, "cohort": c, "at_months": k, "achieved": yes, "people": people}
        for (name, k), (achieved, asked) in counted.items()
        for c, (yes, people) in enumerate(zip(achieved, asked, strict=True), start=1)
    ]
    found = case.settle([*rows, *absence(A_TENTH_LESS)])
    due = {
        "job": 53 * 11_500 + 65 * 20_500,
        "less_support": 73 * 20_000,
        "life_satisfaction": 66 * 6_000,
        "own_plan": 86 * 9_000,
        "absence": 900_000,
    }
    assert {name: found.metric(f"payments.{name}")[0] for name in due} == due
    assert found.metric("payments_total")[0] == 5_472_000


def test_the_contract_pays_no_more_than_its_limit(case: sib.Case) -> None:
    """All 180 families in work twice would be 5,760,000; with a fifth less absence 7,560,000."""
    rows: list[Report] = [
        {"measure": "job", "cohort": c, "at_months": k, "achieved": n, "people": n}
        for k in (12, 24)
        for c, n in enumerate(FAMILIES, start=1)
    ]
    found = case.settle([*rows, *absence(A_FIFTH_LESS)])
    assert found.metric("payments_total")[0] == 6_900_000
