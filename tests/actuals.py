"""Tables of what has really happened, made up for tests."""

from __future__ import annotations

from typing import Any

import sibsim as sib
from tests.small_case import small_case

Row = dict[str, Any]

CARD: Row = {"model": "rate_card", "reads": "job", "pays_for": "achieved", "price": 10_000}

UNSURE: Row = {
    "counterfactual": {"p10": 0.30, "p50": 0.40, "p90": 0.50},
    "uplift": 0.10,
    "goal": {"at_months": 12, "share": 0.5},
}
"""An outcome of whose counterfactual nobody is sure."""


def two_cohorts(**changes: Any) -> sib.Case:  # noqa: ANN401 - any part of the small case
    """Return a contract with two cohorts of 50 that pays 10,000 for each person in work."""
    stated: dict[str, Any] = {"outcome": UNSURE, "line": CARD, "shares": (0.5, 0.5)} | changes
    return small_case(**stated)


def counted(kind: str, people: float, *, cohort: int = 1) -> Row:
    """Return a row that counts people."""
    return {"kind": kind, "cohort": cohort, "people": people}


def result(achieved: float, people: float, *, cohort: int = 1, **fields: object) -> Row:
    """Return a row that reports who of a cohort is in work at 12 months."""
    row: Row = {"kind": "result", "measure": "job", "cohort": cohort, "at_months": 12}
    return row | {"achieved": achieved, "people": people} | fields


def person(name: object, value: float | None, **fields: object) -> Row:
    """Return a row of one person of the first cohort at 12 months."""
    row: Row = {"kind": "person", "person": name, "cohort": 1, "measure": "job", "at_months": 12}
    return row | {"result": value} | fields


def payment(amount: float, date: str, *, line: str = "job") -> Row:
    """Return a row of a payment."""
    return {"kind": "payment", "line": line, "date": date, "amount": amount}


def complete(case: sib.Case) -> list[Row]:
    """Return everything that the base case of a case expects, in whole numbers, as if it were so.

    Parameters
    ----------
    case
        A case without a measured comparison.
    """
    (world,) = case.base_case().worlds or ()
    who = world.participation
    rows: list[Row] = []
    for c, start in enumerate(case.delivery.cohorts if case.delivery else ()):
        rows.append({"kind": "start", "cohort": c + 1, "date": start.start})
        rows += [
            counted(kind, round(float(getattr(who, kind)[c, 0])), cohort=c + 1)
            for kind in ("referred", "started", "completed")
        ]
        rows += [
            result(
                round(float(report.treated_sum[c, k, 0])),
                round(float(report.treated_n[c, k, 0])),
                cohort=c + 1,
                measure=name,
                at_months=months,
            )
            for name, report in world.measured.items()
            for k, months in enumerate(report.follow_up_months)
        ]
    return rows
