"""Events avoided, against the Peterborough pilot and integer arithmetic."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.stages import Measurement, Standing
from sibsim.core.wording import MeasureWords
from sibsim.payments.frequency import Frequency
from tests.reported import all_served, report, served_first, terms

EXPECTED = 1.55
"""Reconviction events a person in Peterborough's comparison."""


def line(**fields: Any) -> Frequency:  # noqa: ANN401 - fields of a spec
    """Return Peterborough's levels with a price of 1,000 an event."""
    levels = {"cohort_level": 0.1, "pooled_level": 0.075}
    return Frequency(**({"reads": "events", "at_months": 12, "price": 1_000, **levels} | fields))


def events(*per_thousand: float) -> Measurement:
    """Return a report of cohorts of 1,000 people, by events in each."""
    return report([[each] for each in per_thousand], months=(12,), treated_n=1000, rate=EXPECTED)


def owed(measured: Measurement, *, standing: Standing, **fields: float) -> tuple[float, float]:
    """Return what is paid in the quarters of the first and of the second cohort, and only there."""
    due = line(**fields).due({"events": measured}, standing=standing, terms=terms())
    assert due.amount.sum() == pytest.approx(due.amount[[5, 7]].sum(), rel=1e-12)
    first, second = due.amount[[5, 7], 0]
    return float(first), float(second)


def test_peterborough() -> None:
    """A fall of 8.387 % pays no cohort; with 9.6 % in the second it is 9.0 % pooled and pays."""
    # 1,420 and 1,401 against 1,550 each: 130 (8.387 %) and 149 avoided, 279 of 3,100 = 9.0 %.
    found = owed(events(1420, 1401), standing=all_served(2))
    assert found == pytest.approx((0, 279_000), rel=1e-12)


def test_a_cohort_is_paid_once() -> None:
    """155 avoided are 10 %: paid at once; the pool then pays the 100 of the other cohort only."""
    # Pooled 255 of 3,100 = 8.2 %, with the cohort already paid.
    found = owed(events(1395, 1450), standing=all_served(2))
    assert found == pytest.approx((155_000, 100_000), rel=1e-12)


def test_without_either_level_nothing_is_paid() -> None:
    """130 and 90 avoided are 7.1 % pooled."""
    assert owed(events(1420, 1460), standing=all_served(2)) == (0, 0)


def test_a_cohort_with_more_events_counts_against_the_pool_but_not_against_a_paid_cohort() -> None:
    """Paid: 310. Pooled (310 - 50) / 3,100 = 8.4 % is reached, and nothing is left to pay."""
    found = owed(events(1240, 1600), standing=all_served(2))
    assert found == pytest.approx((310_000, 0), rel=1e-12)


def test_a_cohort_that_is_not_served_is_neither_paid_nor_pooled() -> None:
    """130 of 1,550 are 8.4 % of the first cohort alone, paid with its own measurement."""
    found = owed(events(1420, 0), standing=served_first(1, of=2))
    assert found == pytest.approx((130_000, 0), rel=1e-12)


def test_one_more_event_never_raises_what_is_owed() -> None:
    """Over a grid of two cohorts, in either of them."""
    grid = np.arange(1200.0, 1701.0, 10)
    first, second = np.meshgrid(grid, grid, indexing="ij")
    counts = np.stack([first.ravel(), second.ravel()])[:, np.newaxis]
    measured = report(counts, months=(12,), treated_n=1000, rate=EXPECTED, draws=True)
    due = line().due({"events": measured}, standing=all_served(2), terms=terms())
    paid = due.amount.sum(axis=0).reshape(first.shape)
    assert (np.diff(paid, axis=0) <= 1e-6).all()
    assert (np.diff(paid, axis=1) <= 1e-6).all()
    assert paid.max() > paid.min() == 0


@pytest.mark.parametrize("level", ["0.1", "0.075", "0.3", "0.7"])
def test_ties_pay_for_every_number_of_people(level: str) -> None:
    """N expected and k avoided pay where k / N >= level in exact fractions, in both rules."""
    for people in range(2, 501):
        counts = np.arange(people + 1)
        reached = [Fraction(int(k), people) >= Fraction(level) for k in counts]
        measured = report(
            (people - counts)[np.newaxis, np.newaxis],
            months=(12,),
            treated_n=people,
            rate=1.0,
            draws=True,
        )
        for rule, other in (("cohort_level", "pooled_level"), ("pooled_level", "cohort_level")):
            rules = line(price=1, **{rule: float(level), other: 1.0})
            due = rules.due({"events": measured}, standing=all_served(1), terms=terms())
            expected = np.where(reached, counts, 0)
            np.testing.assert_allclose(due.amount.sum(axis=0), expected, atol=1e-9)


@pytest.mark.parametrize("level", [0, 1.01, 10])
def test_levels_are_shares_above_nothing(level: float) -> None:
    """10 % is 0.1; a fall of nothing triggers nothing."""
    with pytest.raises(ValidationError):
        line(cohort_level=level)


def test_describe_says_both_rules() -> None:
    """Price, both levels, whom each pays for and when."""
    words = MeasureWords(outcome="domme", design="matched men", payer="Ministry", currency="GBP")
    assert line().describe("da", words=words) == (
        "Ministry betaler 1.000 GBP for hver undgået hændelse af »domme« i forhold til det antal, "
        "som sammenligningen tilsiger, ved opfølgningen 12 måneder efter indsatsens start, målt "
        "ved matched men: for et hold for sig, så snart det er målt, hvis faldet i holdet er "
        "mindst 10 %, og for de øvrige hold under ét, når det sidste hold er målt, hvis faldet for "
        "alle hold under ét er mindst 7,5 %."
    )
    assert line().describe("en", words=words) == (
        'Ministry pays GBP 1,000 for each event of "domme" avoided against the number that the '
        "comparison leads to expect, at the follow-up 12 months after the start of service, "
        "measured by matched men: for a cohort by itself, as soon as it is measured, if its fall "
        "is at least 10 %, and for the other cohorts together, once the last cohort is measured, "
        "if the fall over all cohorts is at least 7.5 %."
    )
