"""A prototype and a scale-up that can be worked out by hand: one of two rates is the true one.

A hundred people, all of whom start; every one of them costs 4,000 and everyone who has work after
six months brings the investor 10,000. The rate is 0.3 or 0.6, so that scaling loses 1,000 or gains
2,000 a person. What the first cohort shows is binomial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sibsim as sib
from sibsim.casefile import build
from tests.own_money import document

TOTAL, FIRST = 100, 20
COST, PRICE = 4_000.0, 10_000.0
RATES: Mapping[float, float] = {0.3: 0.4, 0.6: 0.6}
"""Probability of each rate."""

LEVEL = 0.50
"""Below it the contract ends: 9 of 20 are too few, 10 of 20 are enough, and 9 would be best."""

RIGHT: Mapping[str, Any] = {
    "measure": "job",
    "at_months": 6,
    "compare": "rate",
    "below": LEVEL,
    "notice_months": 0,
}


def two_cohorts(
    *,
    right: Mapping[str, Any] | None = RIGHT,
    first: int = FIRST,
    later: Sequence[float] = (1.0,),
    months: Sequence[int] = (6,),
) -> sib.Case:
    """Return the case.

    Parameters
    ----------
    right
        The right to end; None: none.
    first
        People in the first cohort.
    later
        How the others are shared among later cohorts, a year and then half a year apart.
    months
        Follow-ups.
    """
    read = document()
    starts = [date(2024, 1, 1), date(2025, 1, 1), date(2025, 7, 1)]
    shares = [first / TOTAL, *(each * (1 - first / TOTAL) for each in later)]
    read["delivery"]["cohorts"] = [
        {"start": start, "share": share} for start, share in zip(starts, shares, strict=False)
    ]
    read["costs"] = {"service": {"amount": COST, "per": "start", "index": "none"}}
    rate = {
        "dist": "discrete",
        "values": list(RATES),
        "probabilities": list(RATES.values()),
        "base": 0.6,
    }
    job: dict[str, Any] = {"model": "binary", "among": "started", "follow_up_months": list(months)}
    if len(months) > 1:
        job["persistence"] = 0.5
    read["outcomes"] = {"job": {**job, "counterfactual": 0.3, "success_rate": rate}}
    read["payments"]["job"] |= {"price": PRICE, "follow_up_months": [min(months)]}
    read["budget"] = {}
    read["contract"]["last_payment"] = read["end"]
    if right is not None:
        read["contract"]["termination"] = dict(right)
    tranche = read["capital"]["tranches"]["dsi"]
    tranche["commitment"] = COST * TOTAL
    del tranche["return_cap"]
    return build(read)
