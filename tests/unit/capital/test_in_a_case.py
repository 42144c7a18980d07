"""Capital against the rest of a case: payment lines, dates, who bears an overrun."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.accounts import settle
from sibsim.budget.ledger import check_balance
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.world import layers_of, realise
from tests.faults import faults_of

Document = dict[str, Any]


@pytest.fixture
def document() -> Document:
    """Return the tables of the shipped case, to be changed."""
    return tomllib.loads(catalogue.text("cases", "holbaek"))


def test_a_tranche_is_paid_from_lines_that_exist(document: Document) -> None:
    """A misspelt payment line is named with the nearest one."""
    document["capital"]["tranches"]["dsi"]["paid_from"] = ["jop"]
    faults = faults_of(document)
    assert list(faults) == ["capital.tranches.dsi.paid_from"]
    assert "did you mean 'job'?" in faults["capital.tranches.dsi.paid_from"]
    document["capital"]["tranches"]["dsi"]["paid_from"] = ["job", "wellbeing"]
    assert faults_of(document) == {}


def test_nothing_is_drawn_or_earned_after_the_last_payment(document: Document) -> None:
    """A schedule and a fee end by the last payment."""
    late = [{"on": date(2034, 1, 1), "amount": 1000}]
    capital = document["capital"]
    capital["tranches"]["dsi"] |= {"drawdown": "by_schedule", "schedule": late}
    capital["tranches"]["own"] = {"kind": "deferred_fee", "commitment": 1000, "fee": {"at": late}}
    capital["order"].append("own.fee")
    document["contract"]["overrun"] = "provider"
    faults = faults_of(document)
    assert {"capital.tranches.dsi.schedule", "capital.tranches.own.fee"} <= set(faults)
    assert "got 2034-01-01, after the last payment" in faults["capital.tranches.own.fee"]


@pytest.mark.parametrize(
    "drawn",
    [
        {"revolving": True},
        {"drawdown": "by_schedule", "schedule": [{"on": date(2024, 1, 1), "amount": 100}]},
    ],
)
def test_no_service_stops_where_commitments_do_not_say_when(
    document: Document, drawn: Document
) -> None:
    """With a schedule or a revolving limit somebody has to bear the overrun."""
    document["capital"]["tranches"]["dsi"] |= drawn
    document["contract"]["overrun"] = "stop"
    assert "let 'authority' or 'provider' bear" in faults_of(document)["contract.overrun"]
    document["contract"]["overrun"] = "authority"
    assert faults_of(document) == {}


def test_a_deferred_fee_and_a_grant_are_booked_and_the_ledger_balances(document: Document) -> None:
    """Half the capital becomes a grant; the fee is paid to the provider out of the payments."""
    rich = copy.deepcopy(document)
    provider = rich["problem"]["provider"]
    rich["capital"]["tranches"] |= {
        "gift": {"kind": "grant", "investor": "foundation", "commitment": 6_900_000},
        "own": {
            "kind": "deferred_fee",
            "investor": provider,
            "commitment": 100_000,
            "fee": {"at": [{"on": date(2024, 7, 1), "amount": 100_000}]},
        },
    }
    rich["capital"]["order"] = ["own.fee", *rich["capital"]["order"]]
    case = build(rich)
    accounts = settle(case, realise(case, layers_of(seed=0, block=0, on=frozenset())))
    assert check_balance(accounts.postings) == ()
    amounts = {posting.line: float(posting.amount.sum()) for posting in accounts.postings}
    assert amounts["capital.own.fee"] == pytest.approx(100_000)
    assert amounts["capital.gift.drawing"] == pytest.approx(amounts["capital.dsi.drawing"])
    assert "capital.gift.repayment" not in amounts
    assert np.isclose(accounts.capital.balance[-1], 0.0).all()
