"""Fixed payments on their days."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sibsim.core.wording import MeasureWords
from sibsim.payments.fixed import Fixed
from tests.reported import all_served, served_first, terms

PAYMENTS = [
    {"on": date(2024, 4, 1), "pays": 100_000},
    {"on": date(2024, 12, 31), "pays": 50_000},
    {"on": date(2026, 1, 1), "pays": 25_000},
]


def line(**fields: Any) -> Fixed:  # noqa: ANN401 - fields of a spec
    """Return a line of three payments."""
    return Fixed(**({"payments": PAYMENTS} | fields))


def test_paid_in_the_period_of_the_day_without_lag() -> None:
    """The second quarter of 2024, its fourth, and the first of 2026, though results lag."""
    due = line().due({}, standing=all_served(2), terms=terms(lag=6.0))
    assert np.flatnonzero(due.amount[:, 0]).tolist() == [1, 3, 8]
    assert due.amount[[1, 3, 8], 0].tolist() == [100_000, 50_000, 25_000]


def test_an_early_end_does_not_stop_it() -> None:
    """Nobody is served, and all is owed."""
    due = line().due({}, standing=served_first(0, of=2), terms=terms())
    assert due.amount.sum() == 175_000


def test_what_falls_after_the_last_payment_date_lapses() -> None:
    """The last day lies 24 months after the start of the case, payments end at 20."""
    due = line().due({}, standing=all_served(1), terms=terms(last=20.0))
    assert due.amount.sum() == 150_000
    assert due.lapsed.tolist() == [25_000]


def test_it_reads_nothing_and_names_its_days() -> None:
    """Its days can be checked against the contract's."""
    assert line().readings == ()
    assert line().dates == (date(2024, 4, 1), date(2024, 12, 31), date(2026, 1, 1))
    assert not line().needs_comparison


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"payments": []}, "got no payments; write [{ on = 2025-01-01"),
        ({"payments": PAYMENTS[::-1]}, "got 2024-12-31 after 2026-01-01"),
        ({"payments": [PAYMENTS[0], PAYMENTS[0]]}, "days stand once each"),
        ({"payments": [{"on": "2024-04-01", "pays": 1}]}, "date"),
        ({"trigger": {"pooled": True, "people": 5}}, "got a trigger"),
    ],
)
def test_faults_say_value_rule_and_way_out(fields: dict[str, Any], message: str) -> None:
    """Days in order, and nothing that could trigger."""
    with pytest.raises(ValidationError) as caught:
        line(**fields)
    assert message in str(caught.value)


def test_describe_says_the_rule_in_danish_and_english() -> None:
    """Every day and amount."""
    words = MeasureWords(payer="Holbæk Kommune")
    assert line().describe("da", words=words) == (
        "Holbæk Kommune betaler uanset resultatet og uden måling 100.000 kr. den 1. april 2024, "
        "50.000 kr. den 31. december 2024 og 25.000 kr. den 1. januar 2026."
    )
    assert line().describe("en", words=words) == (
        "Holbæk Kommune pays, whatever the result and without any measurement, DKK 100,000 on 1 "
        "April 2024, DKK 50,000 on 31 December 2024 and DKK 25,000 on 1 January 2026."
    )
