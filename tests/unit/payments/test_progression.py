"""Progression against steps counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.core.wording import MeasureWords
from sibsim.errors import ArgumentError
from sibsim.payments.limits import ContractLimit
from sibsim.payments.progression import Progression
from sibsim.payments.settlement import settle_payments
from tests.reported import all_served, report, served_first, terms

WORDS = MeasureWords(outcome="mastery", design="an interview", payer="Aarhus Kommune")

POINTS = np.array([-4.0, 0.0, 1.9, 2.0, 5.0, 9.0])[:, np.newaxis, np.newaxis]
"""Points gained by six people: in steps of two, 0, 0, 0, 1, 2 and 4 whole ones."""


def line(**fields: Any) -> Progression:  # noqa: ANN401 - fields of a spec
    """Return a line of 1,000 for each whole step of two points at month 12."""
    agreed = {"reads": "mastery", "price": 1_000, "step": 2, "at_months": 12, "whole_steps": True}
    return Progression(**(agreed | fields))


def paid(model: Progression) -> float:
    """Return what one cohort of the six people is paid."""
    measured = {"mastery": report([[13.9]], months=(12,), treated_n=6.0, claims=(POINTS,))}
    return float(model.due(measured, standing=all_served(1), terms=terms()).amount.sum())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 7_000),  # 1 + 2 + 4
        ({"most_steps": 3}, 6_000),  # 1 + 2 + 3
        ({"step": 0.1}, (19 + 20 + 50 + 90) * 1_000),
        ({"whole_steps": False}, 6_950),  # 13.9 points, the setback counted
        ({"whole_steps": False, "most_steps": 1}, 6_000),  # six people, one step on average
    ],
)
def test_six_people(fields: dict[str, Any], expected: float) -> None:
    """Whole steps person by person, or points in proportion, up to the most."""
    assert paid(line(**fields)) == pytest.approx(expected, rel=1e-12)


def test_a_cohort_that_falls_back_pays_nothing() -> None:
    """A setback of one cohort does not reach another's progress."""
    measured = {"mastery": report([[-8.0], [6.0]], months=(12,))}
    due = line(whole_steps=False).due(measured, standing=all_served(2), terms=terms())
    assert due.amount.sum() == 3_000


def test_cohorts_not_served_are_not_paid() -> None:
    """The second cohort never started."""
    measured = {"mastery": report([[8.0], [6.0]], months=(12,))}
    due = line(whole_steps=False).due(measured, standing=served_first(1, of=2), terms=terms())
    assert due.amount.sum() == 4_000


def test_whole_steps_need_results_by_person() -> None:
    """A sum cannot say how many steps each went."""
    measured = {"mastery": report([[8.0]], months=(12,))}
    with pytest.raises(ArgumentError, match="mastery: a line that pays by person needs results"):
        line().due(measured, standing=all_served(1), terms=terms())


def test_a_person_is_priced_by_step_where_steps_are_counted() -> None:
    """A limit per person reads steps; a share of a cohort's points has no person."""
    assert line().person_prices((6, 12)) == (0.0, 1_000)
    assert line(whole_steps=False).person_prices((6, 12)) is None


def test_a_limit_per_person_cuts_steps() -> None:
    """A person of four steps claims 4,000; a limit of 3,000 cuts 1,000."""
    measured = {"mastery": report([[13.9]], months=(12,), treated_n=6.0, claims=(POINTS,))}
    settled = settle_payments(
        {"mastery": line()},
        measured=measured,
        standing=all_served(1),
        limits=ContractLimit(person=3_000),
        terms=terms(),
    )
    assert settled.cut["person"].sum() == 1_000
    assert settled.paid["mastery"].sum() == 6_000


def test_it_says_when_it_needs_results_by_person() -> None:
    """A measure of sums can then be refused before anything is drawn."""
    assert line().needs_persons
    assert not line(whole_steps=False).needs_persons


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Price, step, scale, month and the most steps."""
    whole = line(most_steps=3)
    assert whole.describe("da", words=WORDS) == (
        "Aarhus Kommune betaler 1.000 kr. for hvert hele trin på 2 point, som den enkelte deltager "
        "er rykket frem på skalaen for »mastery« 12 måneder efter indsatsens start, målt ved an "
        "interview, højst 3 trin pr. deltager."
    )
    assert whole.describe("en", words=WORDS) == (
        "Aarhus Kommune pays DKK 1,000 for every whole step of 2 points that a participant has "
        'moved forward on the scale of "mastery" 12 months after the start of '
        "service, measured by an interview, at most 3 steps each participant."
    )
    share = line(whole_steps=False, most_steps=3)
    assert "en del af et trin forholdsmæssigt, højst 3 trin i snit" in share.describe(
        "da", words=WORDS
    )
    assert "at most 3 steps on average each" in share.describe("en", words=WORDS)
