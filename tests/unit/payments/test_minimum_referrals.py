"""The guarantee of referrals against amounts worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.minimum_referrals import MinimumReferrals
from tests.reported import all_served, report, served_first, terms

WORDS = MeasureWords(outcome="referred", design="the register", payer="Holbæk Kommune")


def line(**fields: Any) -> MinimumReferrals:  # noqa: ANN401 - fields of a spec
    """Return a guarantee of 120 people of whom 40 % are deemed to succeed at 10,000."""
    agreed = {
        "reads": "referred",
        "at_months": 0,
        "number": 120,
        "price": 10_000,
        "deemed_rate": 0.4,
        "survives_early_end": True,
    }
    return MinimumReferrals(**(agreed | fields))


@pytest.mark.parametrize(
    ("people", "expected"), [(50, 80_000), (59.5, 4_000), (60, 0), (75, 0), (0, 480_000)]
)
def test_those_missing_are_paid_for_as_if_they_had_come(people: float, expected: float) -> None:
    """Two cohorts of so many people: 10,000 x 40 % x (120 - people)."""
    measured = {"referred": report([[0], [0]], months=(0,), treated_n=people)}
    due = line().due(measured, standing=all_served(2), terms=terms())
    assert due.amount.sum() == pytest.approx(expected, rel=1e-12)


def test_settled_when_the_last_cohort_is_measured() -> None:
    """The second cohort starts in month 6; three months of lag."""
    measured = {"referred": report([[0], [0]], months=(0,))}
    due = line().due(measured, standing=all_served(2), terms=terms())
    assert np.flatnonzero(due.amount[:, 0]).tolist() == [3]


def test_an_early_end_leaves_the_guarantee_in_whole_or_in_proportion() -> None:
    """Of 40 and 80 planned the first cohort brings 30: 90 are missing, or 10 of its 40."""
    measured = {"referred": report([[0], [0]], months=(0,), treated_n=30.0)}
    agreed = terms(planned=(40.0, 80.0))
    standing = served_first(1, of=2)
    whole = line().due(measured, standing=standing, terms=agreed)
    assert whole.amount.sum() == pytest.approx(360_000, rel=1e-12)
    assert np.flatnonzero(whole.amount[:, 0]).tolist() == [3]
    part = line(survives_early_end=False).due(measured, standing=standing, terms=agreed)
    assert part.amount.sum() == pytest.approx(40_000, rel=1e-12)
    assert np.flatnonzero(part.amount[:, 0]).tolist() == [1]


def test_a_guarantee_in_proportion_needs_the_plan() -> None:
    """Without participants planned there is no share."""
    measured = {"referred": report([[0]], months=(0,))}
    with pytest.raises(ArgumentError, match="planned"):
        line(survives_early_end=False).due(measured, standing=all_served(1), terms=terms())


def test_it_pays_more_when_fewer_come_and_says_so() -> None:
    """Owed without any measurement, and not monotone."""
    assert line().properties == {"unconditional", "homogeneous"}


@pytest.mark.parametrize("fields", [{"number": 0}, {"price": -1}, {"deemed_rate": 1.1}])
def test_impossible_fields_are_refused(fields: dict[str, Any]) -> None:
    """A guarantee is of somebody, a price no penalty and a rate at most one."""
    with pytest.raises(ValidationError):
        line(**fields)


def test_a_trigger_is_refused() -> None:
    """A report that does not pass would be paid for as if nobody had come."""
    with pytest.raises(ValidationError, match="compensated in full; leave it out"):
        line(trigger={"pooled": True, "people": 5})


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Number, price, deemed rate, month and what an early end does."""
    assert line().describe("da", words=WORDS) == (
        "Holbæk Kommune betaler 10.000 kr. for 40 % af det antal deltagere, der mangler for at nå "
        "de garanterede 120 i opgørelsen af »referred« 0 måneder efter indsatsens start, opgjort "
        "ved the register for alle hold under ét, når det sidste hold er målt, også når kontrakten "
        "ophører før tid."
    )
    assert line().describe("en", words=WORDS) == (
        "Holbæk Kommune pays DKK 10,000 for 40 % of the number of participants missing from the "
        'guaranteed 120 in the report of "referred" 0 months after the start of service, counted '
        "by the register for all cohorts together once the last cohort is measured, also where the "
        "contract ends early."
    )
    part = line(survives_early_end=False)
    assert "på de hold, der er gennemført" in part.describe("da", words=WORDS)
    assert "in the cohorts served" in part.describe("en", words=WORDS)
