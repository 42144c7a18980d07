"""The milestone against the Fair Chance Fund's assessments and amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.payments.milestone import Milestone
from tests.reported import all_served, report, served_first, terms

WORDS = MeasureWords(outcome="an assessment", design="the case file", payer="the payer")


def milestone(**fields: Any) -> Milestone:  # noqa: ANN401 - fields of a spec
    """Return a milestone of 500 at month 0."""
    return Milestone(**({"reads": "seen", "price": 500, "at_months": 0} | fields))


def test_everyone_in_the_report_is_paid_for_whatever_the_result() -> None:
    """Fair Chance: 500 for each of 40 and 30 people, none of them successful, when counted."""
    people = np.array([40.0, 30.0])[:, np.newaxis, np.newaxis]
    measured = {"seen": report([[0], [0]], months=(0,), treated_n=people)}
    due = milestone().due(measured, standing=all_served(2), terms=terms())
    assert np.flatnonzero(due.amount[:, 0]).tolist() == [1, 3]
    assert due.amount[[1, 3], 0].tolist() == [20_000, 15_000]


def test_only_the_follow_up_named_is_counted() -> None:
    """People who are in the report later only are not paid for."""
    people = np.array([40.0, 25.0])[np.newaxis, :, np.newaxis]
    seen = report([[0, 0]], months=(0, 12), treated_n=people)
    due = milestone(at_months=12).due({"seen": seen}, standing=all_served(1), terms=terms())
    assert due.amount.sum() == 25 * 500


def test_cohorts_not_served_are_not_paid() -> None:
    """The second cohort never started."""
    due = milestone().due(
        {"seen": report([[0], [0]], months=(0,))}, standing=served_first(1, of=2), terms=terms()
    )
    assert due.amount.sum() == 50 * 500


def test_a_number_of_people_ends_it_earliest_first() -> None:
    """Of 50 and 50 the first 70: the second cohort is paid for 20."""
    line = milestone(most_people=70)
    due = line.due({"seen": report([[0], [0]], months=(0,))}, standing=all_served(2), terms=terms())
    assert due.amount[[1, 3], 0].tolist() == [25_000, 10_000]


def test_the_earliest_may_differ_between_draws() -> None:
    """Where the first cohort is seven months late the second is paid for in full."""
    seen = report([[0], [0]], months=(0,))
    when = np.array([[[0.0, 13.0]], [[6.0, 6.0]]])
    line = milestone(most_people=70)
    due = line.due({"seen": replace(seen, when=when)}, standing=all_served(2), terms=terms())
    assert due.amount[[1, 3, 5]].tolist() == [[25_000, 0], [10_000, 25_000], [0, 10_000]]


def test_additive_only_where_nothing_ends_it() -> None:
    """A number of people is one for all cohorts."""
    assert "additive" in milestone().properties
    assert "additive" not in milestone(most_people=70).properties


@pytest.mark.parametrize("fields", [{"price": -1}, {"most_people": 0}, {"most_people": 1.5}])
def test_impossible_fields_are_refused(fields: dict[str, Any]) -> None:
    """No negative price, and a whole number of people."""
    with pytest.raises(ValidationError):
        milestone(**fields)


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Price, people, month, design and the most people."""
    line = milestone(most_people=1_000, limit={"line": 90_000})
    assert line.describe("en", words=WORDS) == (
        'The payer pays DKK 500 for each participant in the report of "an assessment" 0 months '
        "after the start of service, whatever the result, counted by the case file, for the first "
        "1000 participants at most, at most DKK 90,000 in total."
    )
    assert line.describe("da", words=WORDS) == (
        "The payer betaler 500 kr. for hver deltager, der indgår i opgørelsen af »an assessment« 0 "
        "måneder efter indsatsens start, uanset resultatet, opgjort ved the case file, højst for "
        "de første 1000 deltagere, i alt højst 90.000 kr."
    )
