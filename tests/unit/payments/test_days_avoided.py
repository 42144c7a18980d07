"""Days avoided and reached against Denver's payments and amounts worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.days_avoided import DaysAvoided
from sibsim.payments.floors import Floor
from tests.reported import all_served, report, served_first, terms

WORDS = MeasureWords(outcome="foster care", design="a trial", payer="Cuyahoga", currency="USD")


def avoided(**fields: Any) -> DaysAvoided:  # noqa: ANN401 - fields of a spec
    """Return a line of 75 for each day avoided."""
    agreed = {"reads": "care", "price": 75, "counts": "avoided", "floor": "contract"}
    return DaysAvoided(**(agreed | fields))


def reached(**fields: Any) -> DaysAvoided:  # noqa: ANN401 - fields of a spec
    """Return Denver's line of USD 15.12 for each day in stable housing."""
    return DaysAvoided(**({"reads": "home", "price": 15.12, "counts": "reached"} | fields))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (5_000, 375_000),  # 50 people, 200 days each in the comparison, 5,000 days avoided
        (9_999, 75),
        (10_000, 0),
        (12_000, 0),  # no reduction, no payment
    ],
)
def test_days_below_the_comparison_are_paid(days: float, expected: float) -> None:
    """(200 - days / 50) x 50 x 75, never below zero."""
    measured = {"care": report([[days]], months=(12,), rate=200.0)}
    due = avoided().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("floor", "expected"),
    # Days avoided against 10,000: cohort 1 +1,000 and -400, cohort 2 -700 and +600.
    [("cohort", 1_600), ("follow_up", 300 + 200), ("contract", 500)],
)
def test_a_rise_is_set_against_a_fall_where_the_contract_says(
    floor: Floor, expected: float
) -> None:
    """By cohort, by follow-up over cohorts, or over the contract."""
    measured = {"care": report([[9_000, 10_400], [10_700, 9_400]], months=(12, 24), rate=200.0)}
    due = avoided(floor=floor).due(measured, standing=all_served(2), terms=terms())
    assert due.amount.sum() == pytest.approx(75 * expected, rel=1e-12)


def test_a_floor_by_contract_sets_follow_ups_against_each_other() -> None:
    """1,000 days avoided and 1,500 more: nothing by contract, 1,000 by follow-up."""
    measured = {"care": report([[9_000, 11_500]], months=(12, 24), rate=200.0)}
    due = avoided().due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == 0
    due = avoided(floor="follow_up").due(measured, standing=all_served(1), terms=terms())
    assert due.amount.sum() == pytest.approx(75_000, rel=1e-12)


def test_denvers_housing_payments() -> None:
    """258,858 and 41,070 days at USD 15.12 are the two published totals."""
    measured = {"home": report([[258_858, 41_070]], months=(48, 60))}
    due = reached().due(measured, standing=all_served(1), terms=terms())
    paid = due.amount[due.amount > 0]
    np.testing.assert_allclose(paid, [3_913_932.96, 620_978.40], rtol=1e-12)


def test_only_people_with_enough_days_are_paid_for() -> None:
    """Of 364, 365 and 400 days two qualify; at the next follow-up only the first."""
    days = np.array([[364.0, 365.0, 400.0], [366.0, 0.0, 10.0]]).T[:, :, np.newaxis]
    measured = {"home": report([[1_129, 376]], months=(12, 24), claims=(days,))}
    due = reached(price=1, qualifying_days=365).due(measured, standing=all_served(1), terms=terms())
    assert due.amount[due.amount > 0].tolist() == [765, 366]


def test_qualifying_needs_days_by_person() -> None:
    """A sum cannot say who has had enough."""
    measured = {"home": report([[1_129]], months=(12,))}
    with pytest.raises(ArgumentError, match="home: a line that pays by person needs results"):
        reached(qualifying_days=365).due(measured, standing=all_served(1), terms=terms())


def test_cohorts_not_served_are_not_paid() -> None:
    """The second cohort never started."""
    measured = {"home": report([[100], [70]], months=(12,))}
    due = reached(price=1).due(measured, standing=served_first(1, of=2), terms=terms())
    assert due.amount.sum() == 100


def test_only_the_follow_ups_named_are_paid() -> None:
    """Days at others pay nothing."""
    measured = {"home": report([[100, 70]], months=(12, 24))}
    line = reached(price=1, follow_up_months=[24])
    assert line.due(measured, standing=all_served(1), terms=terms()).amount.sum() == 70
    assert line.person_prices((12, 24)) == (0.0, 1)
    assert avoided().person_prices((12, 24)) is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"counts": "avoided"}, "got no floor"),
        ({"floor": "cohort"}, "got floor = 'cohort'; days reached are never below zero"),
        (
            {"counts": "avoided", "floor": "cohort", "qualifying_days": 5},
            "got qualifying_days = 5; nobody can say which person avoided a day",
        ),
    ],
)
def test_faults_say_value_rule_and_way_out(fields: dict[str, Any], message: str) -> None:
    """A floor belongs to days avoided, qualifying days to those reached."""
    with pytest.raises(ValidationError) as caught:
        reached(**fields)
    assert message in str(caught.value)


def test_it_needs_a_comparison_where_days_are_avoided() -> None:
    """Days reached are counted as they are."""
    assert avoided().needs_comparison
    assert not reached().needs_comparison


def test_it_says_when_it_needs_results_by_person() -> None:
    """A measure of sums can then be refused before anything is drawn."""
    assert reached(qualifying_days=365).needs_persons
    assert not reached().needs_persons


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Price, days, comparison, follow-ups and floor or qualification."""
    line = avoided(follow_up_months=[12, 24])
    assert line.describe("da", words=WORDS) == (
        "Cuyahoga betaler 75 USD for hver dag færre med »foster care«, end sammenligningen "
        "tilsiger for deltagerne, målt ved a trial ved 12 og 24 måneder efter indsatsens start "
        "for tiden siden forrige opfølgning, opgjort for alle hold og opfølgninger under ét efter "
        "den sidste måling og aldrig under nul."
    )
    assert line.describe("en", words=WORDS) == (
        'Cuyahoga pays USD 75 for each day of "foster care" fewer than the comparison leads to '
        "expect of the participants, measured by a trial at 12 and 24 months after the start of "
        "service for the time since the follow-up before, settled for all cohorts and follow-ups "
        "together after the last measurement and never below zero."
    )
    home = reached(qualifying_days=365)
    assert ", for deltagere med mindst 365 dage" in home.describe("da", words=WORDS)
    assert "USD 15.12" in home.describe("en", words=WORDS)
    assert ", for participants with at least 365 days" in home.describe("en", words=WORDS)
