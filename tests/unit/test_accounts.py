"""What an early end leaves of the costs: a service that goes on is paid for."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.accounts import Accounts, settle
from sibsim.casefile import build
from sibsim.core import catalogue
from sibsim.core.stages import CostFlow, World
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
