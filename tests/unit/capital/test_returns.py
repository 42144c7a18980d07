"""Flows and figures of the investors against numbers calculated by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.budget.ledger import check_balance
from sibsim.capital.account import CapitalAccount, settle_capital
from sibsim.capital.postings import capital_postings
from sibsim.capital.returns import attribution, investor_flows, investor_metrics, return_measures
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import Timeline

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2025, 12, 31), period="quarter")
PERIODS = 8
CAP = {"basis": "irr", "rate": 0.1}


def flow(**at: float) -> FloatArray:
    """Return amounts by period, (T, 1): flow(p0=60, p3=110)."""
    amounts = np.zeros((PERIODS, 1))
    for period, amount in at.items():
        amounts[int(period[1:])] = amount
    return amounts


def settle(
    *,
    costs: FloatArray,
    payments: FloatArray,
    **terms: Any,  # noqa: ANN401 - any field of the terms
) -> CapitalAccount:
    """Settle one tranche of 100 capped at 10 % a year, unless the terms say otherwise."""
    standard = {
        "recycle": False,
        "order": ["a.principal", "a.return"],
        "surplus": "municipality",
        "tranches": {
            "a": {"kind": "senior", "commitment": 100, "return_cap": CAP, "investor": "fund"}
        },
    }
    return settle_capital(
        Capital.model_validate({**standard, **terms}),
        costs=costs,
        payments={"line": payments},
        timeline=TIMELINE,
        last_payment_period=PERIODS - 1,
        overrun="provider",
    )


def test_drawing_opens_and_receipt_closes_its_period() -> None:
    """Drawn in period 1 on node 1, received in period 4 on node 5."""
    account = settle(costs=flow(p1=100), payments=flow(p4=200))
    flows = investor_flows(account)
    assert flows.shape == (PERIODS + 1, 1)
    assert np.flatnonzero(flows[:, 0]).tolist() == [1, 5]
    assert flows[:, 0][[1, 5]].tolist() == pytest.approx([-100, 110])


def test_figures_of_one_bullet_by_hand() -> None:
    """100 for one year at 10 %: multiple 1.1, profit 10, value at 5 % of 110 / 1.05 - 100."""
    account = settle(costs=flow(p0=100), payments=flow(p3=200))
    figures = investor_metrics(account, rate=0.05, periods_per_year=4)
    expected = {
        "irr": 0.1,
        "multiple": 1.1,
        "npv": 110 / 1.05 - 100,
        "profit": 10.0,
        "peak_capital": 100.0,
        "payback_years": 1.0,
    }
    for name, value in expected.items():
        assert figures[f"investor_{name}"][0] == pytest.approx(value, abs=1e-9), name
        assert figures[f"tranche.a.{name}"][0] == pytest.approx(value, abs=1e-9), name


def test_multiple_is_gross() -> None:
    """A receipt on the node of a drawing counts in both: (100 + 100) / 200."""
    cap = {"basis": "irr", "rate": 0.0}
    tranches = {"a": {"kind": "senior", "commitment": 200, "return_cap": cap}}
    account = settle(costs=flow(p0=100, p1=100), payments=flow(p0=100, p4=50), tranches=tranches)
    figures = investor_metrics(account, rate=0.05, periods_per_year=4)
    assert figures["investor_multiple"].tolist() == [0.75]
    assert figures["investor_peak_capital"].tolist() == [100.0]


def test_total_loss_and_no_drawing() -> None:
    """Nothing back is -100 % and multiple 0; nothing drawn leaves both undefined."""
    lost = investor_metrics(
        settle(costs=flow(p0=100), payments=flow()), rate=0.05, periods_per_year=4
    )
    assert lost["investor_irr"].tolist() == [-1.0]
    assert lost["investor_multiple"].tolist() == [0.0]
    none = investor_metrics(settle(costs=flow(), payments=flow()), rate=0.05, periods_per_year=4)
    assert np.isnan(none["investor_irr"]).all()
    assert np.isnan(none["investor_multiple"]).all()


def test_several_rates_of_return_are_told_from_one_and_from_none() -> None:
    """A flow of -(1 - 1.1 v)(1 - 1.3 v)(1 - 1.6 v) a quarter falls through zero at 10 and 60 %."""
    terms = {
        "order": ["a.principal", "a.return"],
        "tranches": {"a": {"kind": "senior", "commitment": 6270}},
    }
    account = settle(
        costs=flow(p0=1000, p2=5270) * [[1.0, 1.0, 0.0]],
        payments=flow(p0=4000, p2=2288) * [[1.0, 0.0, 0.0]],
        **terms,
    )
    figures = investor_metrics(account, rate=0.05, periods_per_year=4)
    assert figures["investor_irr"][0] == pytest.approx(1.1**4 - 1)
    assert figures["p_irr_several"].tolist() == [1.0, 0.0, 0.0]
    assert figures["p_irr_undefined"].tolist() == [0.0, 0.0, 1.0]


def test_without_a_rate_the_present_value_is_undefined() -> None:
    """No discount rate: NaN in every draw, and nothing else changes."""
    account = settle(costs=flow(p0=100), payments=flow(p3=200) * np.ones(3))
    given, none = (
        investor_metrics(account, rate=rate, periods_per_year=4) for rate in (0.05, None)
    )
    assert np.isnan(none["investor_npv"]).tolist() == [True] * 3
    assert np.isnan(none["tranche.a.npv"]).tolist() == [True] * 3
    assert none["investor_irr"].tolist() == given["investor_irr"].tolist()


def test_what_a_guarantee_pays_is_a_receipt() -> None:
    """A guarantee of half the loss of 60 brings the investor 30 at the last payment."""
    promise = {"guarantor": "city", "tranche": "a", "share": 0.5, "amount": 100}
    account = settle(costs=flow(p0=60), payments=flow(), guarantees={"promise": promise})
    assert investor_flows(account)[:, 0].tolist() == [-60, 0, 0, 0, 0, 0, 0, 0, 30]


def test_tranches_stand_apart_and_together() -> None:
    """Flows of all are the sum of each; figures of each are its own."""
    tranche = {"kind": "senior", "commitment": 50, "return_cap": CAP}
    account = settle(
        costs=flow(p0=100),
        payments=flow(p3=55),
        order=["a.principal", "a.return", "b.principal", "b.return"],
        tranches={"a": tranche, "b": tranche},
    )
    each = [investor_flows(account, tranches=[name]) for name in ("a", "b")]
    assert np.array_equal(investor_flows(account), each[0] + each[1])
    figures = investor_metrics(account, rate=0.05, periods_per_year=4)
    assert figures["tranche.a.multiple"][0] == pytest.approx(1.1)
    assert figures["tranche.b.multiple"].tolist() == [0.0]
    assert figures["investor_multiple"][0] == pytest.approx(0.55)


def test_postings_move_the_same_money() -> None:
    """Every movement is one transfer between the account, the investor and the others."""
    promise = {"guarantor": "city", "tranche": "a", "share": 0.5, "amount": 100}
    account = settle(costs=flow(p0=60), payments=flow(p2=20), guarantees={"promise": promise})
    posted = capital_postings(account, surplus_frame="transfers")
    rows = [(p.payer, p.payee, p.line, p.frame, float(p.amount.sum())) for p in posted]
    assert rows == [
        ("fund", "contract", "capital.a.drawing", "outside", 60.0),
        ("contract", "fund", "capital.a.repayment", "outside", 20.0),
        ("city", "fund", "capital.promise.guarantee", "outside", 20.0),
        ("contract", "municipality", "capital.surplus", "transfers", 0.0),
    ]
    assert {p.kind for p in posted} == {"transfer"}


def test_the_four_returns_of_one_investment_are_four_numbers() -> None:
    """121 for 100 after two years: 10 % a year, 1.21 times, a premium of 21 %, 10.5 % a year."""
    account = settle(costs=flow(p0=100), payments=flow(p7=200))
    found = return_measures(account, periods_per_year=4)
    expected = {
        "irr": 0.1,
        "multiple": 1.21,
        "flat_premium": 0.21,
        "simple_yearly": 0.105,
        "life_years": 2.0,
    }
    assert {name.removeprefix("investor_") for name in found if "investor" in name} == set(expected)
    for name, value in expected.items():
        assert found[f"investor_{name}"][0] == pytest.approx(value), name
        assert found[f"tranche.a.{name}"][0] == pytest.approx(value), name


def test_life_ends_when_capital_is_back() -> None:
    """60 and 40 drawn half a year apart, 50 back after a year, the rest and more after two.

    Mean time of the capital's return 1.5, of drawing 0.2, so 1.3 years; what is earned has none.
    """
    cap = {"basis": "simple", "rate": 0.1}
    tranches = {"a": {"kind": "senior", "commitment": 100, "return_cap": cap}}
    account = settle(costs=flow(p0=60, p2=40), payments=flow(p3=50, p7=200), tranches=tranches)
    found = return_measures(account, periods_per_year=4)
    assert found["investor_life_years"][0] == pytest.approx(1.3)
    assert found["investor_simple_yearly"][0] == pytest.approx(0.1)


def test_returns_without_money_are_undefined() -> None:
    """Nothing drawn has no return; nothing back has no life and no yearly figure."""
    none = return_measures(settle(costs=flow(), payments=flow()), periods_per_year=4)
    assert all(np.isnan(value).all() for value in none.values())
    lost = return_measures(settle(costs=flow(p0=100), payments=flow()), periods_per_year=4)
    assert lost["investor_flat_premium"].tolist() == [-1.0]
    assert np.isnan(lost["investor_life_years"]).all()
    assert np.isnan(lost["investor_simple_yearly"]).all()


GIFT = {"kind": "grant", "commitment": 100, "investor": "foundation"}
OWN = {
    "kind": "deferred_fee",
    "investor": "provider",
    "commitment": 30,
    "fee": {"at": [{"on": date(2024, 1, 1), "amount": 30}]},
}


def mixed(**terms: Any) -> CapitalAccount:  # noqa: ANN401 - any field of the terms
    """Settle a co-investment of the provider beside a grant and a deferred fee."""
    invested = {"kind": "junior", "commitment": 100, "return_cap": CAP, "investor": "provider"}
    return settle(
        costs=flow(p0=200),
        payments=flow(p3=150),
        order=["a.principal", "a.return", "own.fee"],
        tranches={"a": invested, "gift": GIFT, "own": OWN},
        **terms,
    )


def test_grants_and_deferred_fees_are_in_no_return_of_the_investors() -> None:
    """The 100 of the provider earns 10 %; the grant and the fee change nothing about that."""
    figures = investor_metrics(mixed(), rate=0.05, periods_per_year=4)
    assert figures["investor_irr"][0] == pytest.approx(0.1)
    assert figures["investor_multiple"][0] == pytest.approx(1.1)
    assert figures["tranche.own.profit"][0] == pytest.approx(30)
    assert figures["tranche.gift.irr"].tolist() == [-1.0]


def test_capital_of_grants_alone_has_no_return() -> None:
    """Nobody invests: every figure of the investors is zero or undefined, and nothing fails."""
    account = settle(
        costs=flow(p0=100), payments=flow(p3=50) * np.ones(2), order=[], tranches={"gift": GIFT}
    )
    figures = investor_metrics(account, rate=0.05, periods_per_year=4)
    assert np.isnan(figures["investor_irr"]).all()
    assert np.isnan(figures["investor_multiple"]).all()
    assert figures["investor_profit"].tolist() == [0.0, 0.0]


def test_postings_of_every_kind_balance() -> None:
    """Grant and co-investment go in, fee and repayment come out, the surplus is split."""
    guarantees = {
        "promise": {
            "guarantor": "city",
            "tranche": "a",
            "amount": 40,
            "fee": {"rate": 0.05, "payer": "provider"},
        }
    }
    shares = {"municipality": 0.75, "charity": 0.25}
    posted = capital_postings(mixed(surplus=shares, guarantees=guarantees))
    rows = [(p.payer, p.payee, p.line, p.frame, float(p.amount.sum())) for p in posted]
    assert rows == [
        ("provider", "contract", "capital.a.drawing", "outside", 100.0),
        ("contract", "provider", "capital.a.repayment", "outside", pytest.approx(110.0)),
        ("foundation", "contract", "capital.gift.drawing", "outside", 100.0),
        ("contract", "provider", "capital.own.fee", "service", 30.0),
        ("city", "provider", "capital.promise.guarantee", "outside", 0.0),
        ("provider", "city", "capital.promise.guarantee_fee", "outside", pytest.approx(4.0)),
        ("contract", "municipality", "capital.surplus", "service", pytest.approx(7.5)),
        ("contract", "charity", "capital.surplus", "service", pytest.approx(2.5)),
    ]
    assert check_balance(posted) == ()


def test_receipts_are_shared_out_over_the_lines_that_paid() -> None:
    """Of 130 drawn up front 110 is spent: 60 and 30 come from lines, 20 is capital given back.

    Half of the 20 that are then lost is covered.
    """
    capital = Capital.model_validate(
        {
            "recycle": False,
            "order": ["a.principal"],
            "surplus": "municipality",
            "tranches": {"a": {"kind": "senior", "commitment": 130, "drawdown": "up_front"}},
            "guarantees": {"promise": {"guarantor": "city", "tranche": "a", "share": 0.5}},
        }
    )
    payments = {"x": flow(p3=60), "y": flow(p4=30)}
    account = settle_capital(
        capital,
        costs=flow(p0=110),
        payments=payments,
        timeline=TIMELINE,
        last_payment_period=PERIODS - 1,
        overrun="provider",
    )
    found = attribution(account, payments, tranches=["a"])
    assert {name: value.tolist() for name, value in found.items()} == {
        "payments.x": pytest.approx([60]),
        "payments.y": pytest.approx([30]),
        "unspent": pytest.approx([20]),
        "termination": [0.0],
        "guarantees.promise": pytest.approx([10]),
    }
