"""Three published stacks of capital, with money that was paid or that is worked out by hand.

Amounts are in millions. Who ranks before whom among the repaid, and every date inside a year, is an
assumption where the source does not say it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.capital.account import CapitalAccount, settle_capital
from sibsim.capital.returns import attribution, investor_metrics, return_measures
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import Timeline

YEARS = 5
TIMELINE = Timeline(start=date(2013, 10, 1), end=date(2018, 9, 30), period="quarter")
PERIODS, PER_YEAR = 20, 4
WHOLE = {"basis": "irr", "rate": 0.0}
"""Principal and nothing above it: the published sources give no rate for this stack."""


def at(period: int, *amounts: float) -> FloatArray:
    """Return amounts of one period, one for each draw, (T, D)."""
    found = np.zeros((PERIODS, len(amounts)))
    found[period] = amounts
    return found


def settled(
    terms: dict[str, Any], *, costs: FloatArray, payments: dict[str, FloatArray]
) -> CapitalAccount:
    """Settle terms with the surplus to the state."""
    return settle_capital(
        Capital.model_validate({"recycle": False, "surplus": "state", **terms}),
        costs=costs,
        payments=payments,
        timeline=TIMELINE,
        last_payment_period=PERIODS - 1,
        overrun="provider",
    )


ROCA = {
    "order": [
        "goldman.principal",
        "goldman.return",
        ["kresge.principal", "living_cities.principal"],
        ["kresge.return", "living_cities.return"],
        "deferred.fee",
    ],
    "tranches": {
        "goldman": {"kind": "senior", "commitment": 9.0, "return_cap": WHOLE},
        "kresge": {"kind": "junior", "commitment": 1.5, "return_cap": WHOLE},
        "living_cities": {"kind": "junior", "commitment": 1.5, "return_cap": WHOLE},
        "philanthropy": {"kind": "grant", "commitment": 6.0},
        "deferred": {
            "kind": "deferred_fee",
            "investor": "roca",
            "commitment": 3.76,
            "fee": {"at": [{"on": date(2016, 10, 1), "amount": 3.76}]},
        },
    },
}
"""Juvenile Justice Pay for Success Initiative, Massachusetts: 9.0 m senior, two of 1.5 m junior,
6.0 m grants, 3.76 m deferred fees, at most 27 m paid (Urban Institute, project fact sheet,
https://pfs.urban.org/pfs-project-fact-sheets/content/juvenile-justice-pay-success-initiative,
2014)."""


def test_the_stack_of_massachusetts_adds_up_and_is_paid_in_order() -> None:
    """The stack is 21.76, 18.0 of it money; the payments fill it from the top.

    8 goes to the senior alone; 11 is 9 and 1 to each junior; 14 leaves 2 for
    the fee of 3.76; of 27, 15.76 is claimed and 11.24 is left. The grant never sees any of it.
    """
    stack = Capital.model_validate({"recycle": False, "surplus": "state", **ROCA})
    total = sum(each.commitment.base_value for each in stack.tranches.values())
    assert total == pytest.approx(21.76)
    assert stack.committed == pytest.approx(18.0)
    account = settled(ROCA, costs=at(0, 18.0), payments={"all": at(19, 8, 11, 14, 27)})
    got = {name: each[19].tolist() for name, each in account.received.items()}
    assert got["goldman"] == pytest.approx([8, 9, 9, 9])
    assert got["kresge"] == got["living_cities"] == pytest.approx([0, 1, 1.5, 1.5])
    assert got["deferred"] == pytest.approx([0, 0, 2, 3.76])
    assert got["philanthropy"] == pytest.approx([0] * 4)
    assert account.surplus[19].tolist() == pytest.approx([0, 0, 0, 11.24])
    blended = investor_metrics(account, rate=None, periods_per_year=PER_YEAR)
    assert blended["investor_multiple"].tolist() == pytest.approx([8 / 12, 11 / 12, 1, 1])


def test_the_loan_of_new_york_loses_what_the_guarantee_leaves() -> None:
    """7.2 drawn of 9.6, nothing paid, 6.0 guaranteed: 1.2 lost, a sixth of what was drawn.

    The guarantee did not shrink with the drawing: as a share of it, 4.5 would have been paid (The
    Bond Buyer, http://mdrc.org./news/mdrc-news/no-success-failure-ny-sees-social-impact-bond-pluses,
    2015; loan of up to 9.6 m, https://www.nyc.gov/html/om/html/2012b/pr285-12.html, 2012).
    """
    promise = {"guarantor": "bloomberg", "tranche": "goldman", "amount": 6.0}
    terms = {
        "order": ["goldman.principal", "goldman.return"],
        "tranches": {"goldman": {"kind": "senior", "commitment": 9.6, "return_cap": WHOLE}},
        "guarantees": {"promise": promise},
    }
    account = settled(terms, costs=at(0, 7.2), payments={"bed_days": at(19, 0.0)})
    found = return_measures(account, periods_per_year=PER_YEAR)
    assert found["investor_flat_premium"].tolist() == pytest.approx([-1.2 / 7.2])
    assert found["investor_multiple"].tolist() == pytest.approx([6.0 / 7.2])
    terms["guarantees"] = {"promise": {**promise, "of": "drawn"}}
    account = settled(terms, costs=at(0, 7.2), payments={"bed_days": at(19, 0.0)})
    assert account.guarantee_paid["promise"][19].tolist() == pytest.approx([4.5])


BENEVOLENT = {
    "order": ["p.principal", "p.return", "e.principal", "e.return"],
    "tranches": {
        "p": {
            "kind": "senior",
            "commitment": 7.5,
            "drawdown": "up_front",
            "paid_from": ["class_p"],
            "return_cap": {"basis": "simple", "rate": 0.10},
        },
        "e": {
            "kind": "junior",
            "commitment": 2.5,
            "drawdown": "up_front",
            "paid_from": ["class_e"],
            "return_cap": {"basis": "simple", "rate": 0.30},
        },
    },
}
"""Resilient Families, New South Wales: 7.5 m class P, whose principal is protected, and 2.5 m class
E, all at risk; one payment after five years; below 5 % performance P gets its principal and E
nothing, at most P earns 10 % and E 30 % a year (Banking Day,
https://bankingday.com/article/benevolent-society-markets-second-social-benefit-bond, 2013)."""


def test_protected_and_risky_class_are_paid_from_two_lines_on_one_outcome() -> None:
    """At maturity 6 % and 10.5 % a year without compounding, blended 7.125 %; or P alone is whole.

    9.75 and 3.8125 are 7.5 x 1.30 and 2.5 x 1.525 (final rates: Pro Bono Australia,
    https://probonoaustralia.com.au/news/2018/10/resilient-families-becomes-first-sbb-mature-australia,
    2018; that they do not compound is an assumption).
    """
    lines = {"class_p": at(19, 9.75, 7.5), "class_e": at(19, 3.8125, 0.0)}
    account = settled(BENEVOLENT, costs=at(0, 10.0), payments=lines)
    found = return_measures(account, periods_per_year=PER_YEAR)
    assert found["tranche.p.simple_yearly"].tolist() == pytest.approx([0.06, 0.0])
    assert found["tranche.e.simple_yearly"][0] == pytest.approx(0.105)
    assert found["investor_simple_yearly"][0] == pytest.approx(0.07125)
    assert found["investor_life_years"].tolist() == pytest.approx([5.0, 5.0])
    assert found["tranche.p.flat_premium"].tolist() == pytest.approx([0.30, 0.0])
    assert found["tranche.e.multiple"].tolist() == pytest.approx([1.525, 0.0])
    assert found["tranche.e.irr"].tolist() == pytest.approx([1.525**0.2 - 1, -1.0])
    shares = attribution(account, lines, tranches=["p", "e"])
    assert shares["payments.class_p"].tolist() == pytest.approx([9.75, 7.5])
    assert shares["payments.class_e"].tolist() == pytest.approx([3.8125, 0.0])


def test_what_a_class_may_not_earn_goes_to_the_surplus() -> None:
    """P earns at most 10 % a year: 3.75 on 7.5; of a line of 12, 0.75 is left and not for E."""
    lines = {"class_p": at(19, 12.0), "class_e": at(19, 0.0)}
    account = settled(BENEVOLENT, costs=at(0, 10.0), payments=lines)
    assert account.received["p"][19].tolist() == pytest.approx([11.25])
    assert account.received["e"][19].tolist() == [0.0]
    assert account.surplus[19].tolist() == pytest.approx([0.75])
