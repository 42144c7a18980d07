"""Every term that a capital can have is written as formulas that come to the library's figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibsim as sib
from sibsim.accounts import settle
from tests.workbook_parts import assert_totals, capital_of, live_of

NOTE = {"unit": "DKK"}
CAP = {"basis": "irr", "rate": 0.05}
ORDER = ["dsi.principal", "dsi.return"]
HALF_A_CENT = 0.005
"""Rounding of sums of some hundred amounts of millions stays far below it."""


def tranche(commitment: float = 6_900_000, **terms: object) -> dict[str, Any]:
    """Return a tranche."""
    return {
        "kind": "senior",
        "commitment": {"value": commitment, **NOTE},
        "drawdown": "as_needed",
        "return_cap": CAP,
        **terms,
    }


def capital(
    tranches: Mapping[str, Mapping[str, Any]], *, order: list[Any] = ORDER, **terms: object
) -> dict[str, Any]:
    """Return the table of a capital."""
    kept = {
        name: {key: value for key, value in each.items() if value is not None}
        for name, each in tranches.items()
    }
    return {
        "recycle": False,
        "order": order,
        "surplus": "municipality",
        "tranches": kept,
        **terms,
    }


TWO = {"dsi": tranche(5_000_000), "junior": tranche(4_000_000, kind="junior")}
TWO_ORDER = ["dsi.principal", "dsi.return", "junior.principal", "junior.return"]
ON = [
    {"on": date(2023, 7, 1), "amount": 2_000_000},
    {"on": date(2025, 2, 15), "amount": 4_000_000},
]
EARNED = [
    {"on": date(2024, 3, 1), "amount": 200_000},
    {"on": date(2026, 3, 1), "amount": 150_000},
]
YEARLY = {"per_year": 150_000, "from": date(2024, 2, 10), "to": date(2026, 12, 31)}


def with_fee(fee: Mapping[str, Any]) -> dict[str, Any]:
    """Return a capital with a deferred fee that ranks last."""
    deferred = tranche(400_000, kind="deferred_fee", fee=fee, drawdown=None, return_cap=None)
    return capital({"dsi": tranche(), "team": deferred}, order=[*ORDER, "team.fee"])


def guaranteed(**terms: object) -> dict[str, Any]:
    """Return a capital that is guaranteed twice by one guarantor."""
    first = {"guarantor": "foundation", "tranche": "dsi", **terms}
    second = {"guarantor": "foundation", "tranche": "dsi", "share": 0.5}
    return capital({"dsi": tranche()}, guarantees={"first": first, "second": second})


TERMS: Mapping[str, dict[str, Any]] = {
    "up front": capital({"dsi": tranche(drawdown="up_front")}),
    "by schedule": capital({"dsi": tranche(drawdown="by_schedule", schedule=ON)}),
    "schedule and need": capital(
        {
            "dsi": tranche(6_000_000, drawdown="by_schedule", schedule=ON),
            "junior": tranche(3_000_000),
        },
        order=TWO_ORDER,
    ),
    "revolving": capital({"dsi": tranche(3_000_000, revolving=True)}),
    "revolving beside": capital(
        {"dsi": tranche(2_500_000, revolving=True), "junior": tranche(2_000_000)}, order=TWO_ORDER
    ),
    "recycling": capital({"dsi": tranche()}, order=["costs", *ORDER], recycle=True),
    "recycling up front": capital(
        {"dsi": tranche(5_500_000, drawdown="up_front")},
        order=["dsi.principal", "costs", "dsi.return"],
        recycle=True,
    ),
    "coupon": capital(
        {"dsi": tranche(coupon={"rate": 0.03, "basis": "simple"})},
        order=["dsi.coupon", *ORDER],
    ),
    "coupon until": capital(
        {
            "dsi": tranche(
                coupon={"rate": 0.04, "basis": "compound", "until": date(2026, 2, 14)},
                return_cap={"basis": "simple", "rate": 0.045},
            )
        },
        order=["dsi.coupon", *ORDER],
    ),
    "simple": capital({"dsi": tranche(return_cap={"basis": "simple", "rate": 0.06})}),
    "multiple": capital({"dsi": tranche(return_cap={"basis": "multiple", "multiple": 1.04})}),
    "no cap": capital({"dsi": tranche(return_cap=None)}),
    "no cap, several": capital(
        {"dsi": tranche(5_000_000, return_cap=None), "junior": tranche(return_cap=None)},
        order=[["dsi.principal", "junior.principal"], ["dsi.return", "junior.return"]],
    ),
    "equal ranks": capital(
        TWO, order=[["dsi.principal", "junior.principal"], ["dsi.return", "junior.return"]]
    ),
    "levels of drawing": capital(TWO, order=TWO_ORDER, draw_order=["junior", "dsi"]),
    "fee on dates": with_fee({"at": EARNED}),
    "fee a year": with_fee(YEARLY),
    "paid from a line": capital(
        {
            "dsi": tranche(5_000_000),
            "junior": tranche(2_000_000, paid_from=["fit_for_work", "wellbeing"]),
        },
        order=TWO_ORDER,
    ),
    "as it arises": capital(
        {"dsi": tranche(return_cap={"basis": "irr", "rate": 0.01})}, surplus_at="as_it_arises"
    ),
    "shared surplus": capital(
        {"dsi": tranche(return_cap={"basis": "irr", "rate": 0.01})},
        surplus={"municipality": 0.6, "dsi": 0.4},
    ),
    "recoverable grant": capital(
        {"dsi": tranche(), "gift": tranche(1_000_000, kind="recoverable_grant", return_cap=None)},
        order=["gift.principal", *ORDER],
    ),
    "guarantee": guaranteed(amount={"value": 900_000, **NOTE}),
    "guarantee of what is drawn": guaranteed(
        amount={"value": 900_000, **NOTE}, of="drawn", fee={"rate": 0.02, "payer": "dsi"}
    ),
    "guarantee of a layer": guaranteed(
        share=0.8,
        layer={"from": 200_000, "to": 2_000_000},
        fee={"rate": 0.01, "payer": "municipality"},
    ),
    "guarantee with a trigger": guaranteed(share=0.8, trigger=0.3),
    "guarantee out of reach": guaranteed(share=0.8, trigger=0.9),
}

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "nearly nothing": {
        "payments.job.price": [100, 100, 100],
        "payments.fit_for_work.price": 2_000,
        "payments.wellbeing.price": 500,
    },
    "costs after the last payment": {
        "contract.last_payment": date(2027, 10, 5),
        "costs.team.to": date(2028, 6, 30),
        "costs.team.amount.value": 1_600_000,
    },
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("terms", TERMS)
def test_terms_come_to_the_library(terms: str, change: str, tmp_path: Path) -> None:
    """Each kind of term, in good courses and bad ones, gives the account that the library gives."""
    case = sib.load_case("holbaek").with_({"capital": TERMS[terms], **CHANGES[change]})
    live = live_of(case, tmp_path)
    written = capital_of(live)
    assert live.base.worlds is not None
    account = settle(case, live.base.worlds[0]).capital
    for name, column in written.drawn.items():
        np.testing.assert_allclose(
            column.values, account.drawn[name][:, 0], rtol=0, atol=HALF_A_CENT
        )
    for name, column in written.received.items():
        back = account.received[name][:, 0]
        for key, guarantee in case.contract.capital.guarantees.items():  # type: ignore[union-attr]  # the case has a capital
            if guarantee.tranche == name:
                back = back + account.guarantee_paid[key][:, 0]
        np.testing.assert_allclose(column.values, back, rtol=0, atol=HALF_A_CENT)
    np.testing.assert_allclose(
        sum(column.values for column in written.surplus.values()),
        account.surplus[:, 0],
        rtol=0,
        atol=HALF_A_CENT,
    )
    for column, found in ((written.overrun, account.overrun), (written.funded, account.funded)):
        np.testing.assert_allclose(column.values, found[:, 0], rtol=0, atol=HALF_A_CENT)
    fees = sum((each[:, 0] for each in account.guarantee_fees.values()), np.zeros(1))
    written_fees = sum((each.values for each in written.fees.values()), np.zeros(1))
    np.testing.assert_allclose(written_fees, fees, rtol=0, atol=HALF_A_CENT)
    assert_totals(live)
    assert not live.fixed
