"""What an early end leaves of the costs: a service that goes on is paid for."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.accounts import Accounts, settle
from sibsim.budget.ledger import check_balance
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.postings import CostFlow
from sibsim.core.stages import World
from sibsim.world import layers_of, realise

Document = dict[str, Any]

STARTED = (True, True, True, False)
"""Cohorts that start before an early end at month 14; they start at 0, 6, 12 and 18."""


@pytest.fixture
def document() -> Document:
    """Return the shipped case with a right to end at month 14 that is always used."""
    found = tomllib.loads(catalogue.text("cases", "holbaek"))
    found["contract"]["termination"] = {
        "measure": "job",
        "at_months": 12,
        "compare": "rate",
        "below": 0.9,
        "notice_months": 0,
    }
    return found


def settled(document: Document) -> tuple[World, Accounts]:
    """Return the base case of a document and its money."""
    case = build(copy.deepcopy(document))
    world = realise(case, layers_of(seed=0, block=0, on=frozenset()))
    return world, settle(case, world)


def share_paid(document: Document, line: str) -> list[float]:
    """Return by period which share of a line's full cost is paid, where it costs anything."""
    world, accounts = settled(document)
    (flow,) = (each for each in world.costs if each.line == line)
    (used,) = (
        each.amount
        for each in accounts.postings
        if each.line == f"costs.{line}" and each.kind == "use"
    )
    costs = flow.amount[:, 0] > 0
    return [round(float(each), 9) for each in used[costs, 0] / flow.amount[costs, 0]]


def test_costs_per_year_run_on_while_the_last_served_cohort_is_in_the_programme(
    document: Document,
) -> None:
    """The third cohort starts at 12 and stays nine months: the team is paid to month 21 of 30."""
    _, accounts = settled(document)
    assert tuple(accounts.standing.served[:, 0]) == STARTED
    assert share_paid(document, "team") == [1.0] * 7 + [0.0] * 3


def test_the_last_period_of_the_service_is_paid_in_part(document: Document) -> None:
    """Ten months of programme end at 22, a third into the eighth quarter."""
    document["delivery"]["programme_months"] = 10
    assert share_paid(document, "team") == [1.0] * 7 + [round(1 / 3, 9)] + [0.0] * 2


@pytest.mark.parametrize(
    ("at", "paid"),
    [(date(2024, 1, 1), 1.0), (date(2025, 10, 31), 1.0), (date(2025, 11, 1), 0.0)],
)
def test_a_cost_paid_once_is_paid_whole_or_not_at_all(
    document: Document, at: date, paid: float
) -> None:
    """The service ends on 1 November 2025: the bill of the day before is paid, that day's not."""
    document["delivery"]["programme_months"] = 10
    document["costs"]["start_up"]["at"] = at
    assert share_paid(document, "start_up") == [paid]


def test_what_survives_is_paid_in_full(document: Document) -> None:
    """The evaluation of 2027 outlives the contract because it says so."""
    assert share_paid(document, "evaluation") == [1.0]
    document["costs"]["evaluation"]["survives_termination"] = False
    assert share_paid(document, "evaluation") == [0.0]


def test_money_that_just_suffices_ends_nothing(document: Document) -> None:
    """Capital of exactly the costs pays them all, whatever the rounding of their sum."""
    del document["contract"]["termination"]
    world, _ = settled(document)
    lines: list[CostFlow] = [each for each in world.costs if each.payer is None]
    needed = float(sum(each.amount.sum() for each in lines))
    document["contract"]["overrun"] = "stop"
    for commitment in (np.nextafter(needed, 0.0), needed, needed * (1 - 1e-12)):
        document["capital"]["tranches"]["dsi"]["commitment"] = float(commitment)
        _, accounts = settled(document)
        assert accounts.standing.cause.tolist() == [0]
        assert accounts.standing.served.all()
    document["capital"]["tranches"]["dsi"]["commitment"] = needed - 1.0
    assert settled(document)[1].standing.cause.tolist() == [2]


def with_clause(document: Document, **terms: Any) -> Accounts:  # noqa: ANN401 - any clause
    """Settle the base case without an early end, the job line with clauses."""
    del document["contract"]["termination"]
    document["payments"]["job"] |= terms
    return settled(document)[1]


CLAWBACK = {"share": 0.2, "unless": {"reads": "job", "at_months": 18, "at_least": 0.99}}
"""A fifth of what was paid by the 18-month result is owed back: nobody reaches 99 %."""


def total(accounts: Accounts, line: str) -> float:
    """Return the sum of a line of the ledger."""
    return sum(float(each.amount.sum()) for each in accounts.postings if each.line == line)


def test_what_is_owed_back_is_set_off_against_later_payments(document: Document) -> None:
    """Every krone owed back is returned out of payments; the capital pays no more than before."""
    before = with_clause(copy.deepcopy(document))
    after = with_clause(document, clawback=CLAWBACK)
    owed = sum(float(each.sum()) for each in after.payments.returned_to.values())
    assert owed > 0
    assert total(after, "payments.job.returned") == pytest.approx(owed, rel=1e-12)
    assert after.capital.drawn["dsi"].sum() == before.capital.drawn["dsi"].sum()
    received = before.capital.received["dsi"].sum() + before.capital.surplus.sum()
    left = after.capital.received["dsi"].sum() + after.capital.surplus.sum()
    assert left == pytest.approx(received - owed, rel=1e-12)
    assert check_balance(after.postings) == ()


def test_what_payments_do_not_cover_is_called_from_the_capital(document: Document) -> None:
    """The job line alone, all of it owed back on the day of its last payment: nothing to set off.

    What has been drawn leaves 175,254 of the commitment in the base case of the shipped file.
    """
    for name in ("fit_for_work", "wellbeing"):
        del document["payments"][name]
        del document["measures"][name]
    document["payments"]["job"]["follow_up_months"] = [12]
    document["payments"]["job"]["price"] = 16_000
    late = {"reads": "job", "at_months": 24, "at_least": 0.99}
    after = with_clause(document, clawback={"share": 1.0, "unless": late})
    owed = sum(float(each.sum()) for each in after.payments.returned_to.values())
    assert owed == pytest.approx(after.payments.paid["job"].sum(), rel=1e-12)
    assert after.capital.drawn["dsi"].sum() == pytest.approx(6_900_000, rel=1e-12)
    # The last payment is due in the fourth quarter of 2028, the call at the start of 2029.
    assert after.capital.drawn["dsi"][20, 0] == pytest.approx(175_254.23, abs=0.005)
    assert total(after, "payments.job.returned") == pytest.approx(175_254.23, abs=0.005)
    assert check_balance(after.postings) == ()


def test_no_payer_gets_back_more_than_it_paid(document: Document) -> None:
    """A payer whose limit is reached is owed back its own part."""
    document["contract"]["payer"] = {"municipality": 0.5, "state": 0.5}
    document["contract"]["limit"]["payer"] = {"state": 100_000}
    accounts = with_clause(document, clawback=CLAWBACK)
    paid, owed = accounts.payments.paid_by, accounts.payments.returned_to
    for key, amount in owed.items():
        assert amount.sum() <= paid[key].sum()
    assert owed["job", "state"].sum() < owed["job", "municipality"].sum()


def test_the_payer_owes_a_share_of_the_principal_at_an_early_end(document: Document) -> None:
    """The right is used at month 14: three quarters of what is outstanding at the end of Q5."""
    document["contract"]["termination"]["owes"] = 0.75
    _, accounts = settled(document)
    account = accounts.capital
    drawn = account.drawn["dsi"][:5].sum()
    repaid = account.received["dsi"][:4].sum()
    assert account.compensation[4, 0] == pytest.approx(0.75 * (drawn - repaid), rel=1e-12)
    assert account.compensation.sum() == account.compensation[4, 0]
    assert total(accounts, "contract.termination") == pytest.approx(account.compensation.sum())
    assert check_balance(accounts.postings) == ()


def test_too_few_who_come_end_the_contract_early(document: Document) -> None:
    """At a volume of 0.6, 54 of 90 have started after a year: below 70 %, so no more waves."""
    document["contract"]["termination"] = {
        "cause": "referrals",
        "on": date(2025, 1, 1),
        "below": 0.7,
        "notice_months": 0,
    }
    for volume, cause, served in ((0.6, 3, [True, True, False, False]), (0.7, 0, [True] * 4)):
        document["delivery"]["volume"] = volume
        world, accounts = settled(document)
        assert accounts.standing.cause.tolist() == [cause]
        assert accounts.standing.served[:, 0].tolist() == served
        np.testing.assert_allclose(world.participation.started[:2].sum(), 90 * volume)
