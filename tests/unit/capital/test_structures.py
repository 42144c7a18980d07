"""Kinds of tranche, drawing, coupons, caps and money by line against numbers worked out by hand.

Two years of quarters; a yearly rate of 8 % without compounding is 2 % a quarter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sibsim.capital.account import CapitalAccount, settle_capital
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray
from sibsim.errors import ArgumentError
from tests.unit.capital.test_account import (
    COMPOUND,
    LAST,
    SIMPLE,
    TIMELINE,
    flow,
    near,
    settle,
    tranche,
)


def by_line(
    terms: dict[str, Any],
    *,
    costs: FloatArray,
    payments: dict[str, FloatArray],
    ends: FloatArray | None = None,
) -> CapitalAccount:
    """Settle terms without recycling whose payments come by line."""
    whole = {"recycle": False, "surplus": "municipality", **terms}
    return settle_capital(
        Capital.model_validate(whole),
        costs=costs,
        payments=payments,
        timeline=TIMELINE,
        last_payment_period=LAST,
        overrun="provider",
        ends=np.array([np.inf]) if ends is None else ends,
    )


def test_a_grant_pays_costs_and_is_never_repaid() -> None:
    """Of a cost of 100, a grant of 40 bears 40; of 90, the loan gets its 60 and 30 is left over."""
    account = settle(
        {"gift": {"kind": "grant", "commitment": 40}, "a": tranche(60)},
        order=["a.principal", "a.return"],
        costs=flow(p0=100),
        payments=flow(p2=90),
    )
    assert near(account.drawn["gift"], flow(p0=40))
    assert near(account.received["gift"], flow())
    assert near(account.received["a"], flow(p2=60))
    assert near(account.surplus, flow(p5=30))
    assert list(account.lost) == ["a"]


def test_a_recoverable_grant_gets_its_principal_and_no_more() -> None:
    """A recoverable grant of 40 gets 40 of 90, without a return."""
    account = settle(
        {"gift": {"kind": "recoverable_grant", "commitment": 40}},
        order=["gift.principal"],
        costs=flow(p0=40),
        payments=flow(p2=90),
    )
    assert near(account.received["gift"], flow(p2=40))


def test_a_schedule_draws_on_its_dates_and_the_money_waits() -> None:
    """30 in January and 70 in July against costs of 20, 60 and 20."""
    schedule = [{"on": "2024-01-01", "amount": 30}, {"on": "2024-07-15", "amount": 70}]
    account = settle(
        {"a": {**tranche(100), "drawdown": "by_schedule", "schedule": _dated(schedule)}},
        costs=flow(p1=20, p2=60, p3=20),
        payments=flow(),
    )
    assert near(account.drawn["a"], flow(p0=30, p2=70))
    assert account.balance[:, 0].tolist() == [30, 10, 20, 0, 0, 0, 0, 0]
    assert near(account.overrun, flow())


def test_a_cost_before_its_instalment_is_an_overrun() -> None:
    """40 is due in the second quarter, when 30 has been drawn; the 10 are not made good later."""
    schedule = [{"on": "2024-01-01", "amount": 30}, {"on": "2024-07-15", "amount": 70}]
    account = settle(
        {"a": {**tranche(100), "drawdown": "by_schedule", "schedule": _dated(schedule)}},
        costs=flow(p1=40, p2=70),
        payments=flow(),
    )
    assert near(account.overrun, flow(p1=10))


def test_money_is_not_set_aside_for_costs_that_a_schedule_covers() -> None:
    """The cost of 100 in October is drawn then, so the 50 of April repay the other tranche."""
    later = [{"on": "2024-10-01", "amount": 100}]
    account = settle(
        {
            "a": {**tranche(100), "drawdown": "by_schedule", "schedule": _dated(later)},
            "b": tranche(50),
        },
        order=["costs", "b.principal", "b.return", "a.principal", "a.return"],
        recycle=True,
        costs=flow(p0=50, p3=100),
        payments=flow(p1=50),
    )
    assert near(account.received["b"], flow(p1=50))
    assert near(account.drawn["a"], flow(p3=100))


def test_money_is_set_aside_for_a_cost_that_comes_before_its_instalment() -> None:
    """The 100 of October come too late for the 40 of July: of 50 in April 10 repays."""
    later = [{"on": "2024-10-01", "amount": 100}]
    account = settle(
        {
            "a": {**tranche(100), "drawdown": "by_schedule", "schedule": _dated(later)},
            "b": tranche(50),
        },
        order=["costs", "b.principal", "b.return", "a.principal", "a.return"],
        recycle=True,
        costs=flow(p0=50, p2=40, p3=60),
        payments=flow(p1=50),
    )
    assert near(account.received["b"], flow(p1=10, p5=40))
    assert near(account.overrun, flow())


def test_an_instalment_after_the_last_payment_is_refused() -> None:
    """What is drawn when nothing can be repaid any more has no place."""
    late = [{"on": "2025-10-01", "amount": 10}]
    with pytest.raises(ArgumentError, match="after the last payment"):
        settle(
            {"a": {**tranche(100), "drawdown": "by_schedule", "schedule": _dated(late)}},
            costs=flow(),
            payments=flow(),
        )


def test_a_revolving_tranche_is_drawn_again_up_to_what_is_repaid() -> None:
    """A limit of 50 finances 50 twice once 50 is repaid, and 20 of 50 once 20 is repaid."""
    costs = flow(p0=50, p2=50)
    revolving = {"a": {**tranche(50), "revolving": True}}
    whole = settle(revolving, costs=costs, payments=flow(p1=50))
    assert near(whole.drawn["a"], flow(p0=50, p2=50))
    part = settle(revolving, costs=costs, payments=flow(p1=20))
    assert near(part.drawn["a"], flow(p0=50, p2=20))
    assert near(part.overrun, flow(p2=30))
    once = settle({"a": tranche(50)}, costs=costs, payments=flow(p1=50))
    assert near(once.overrun, flow(p2=50))


def test_a_level_with_a_revolving_tranche_is_drawn_pro_rata_to_what_is_left() -> None:
    """60 and 40 give 50 as 30 and 20; after 20 is repaid to the revolving one, 30 and 40 are left.

    A need of 35 is then half of the 70 that is left: 15 and 20.
    """
    account = settle(
        {"a": tranche(60), "b": {**tranche(40), "revolving": True}},
        order=["b.principal", "b.return", "a.principal", "a.return"],
        costs=flow(p0=50, p2=35),
        payments=flow(p1=20),
    )
    assert near(account.drawn["a"], flow(p0=30, p2=15))
    assert near(account.drawn["b"], flow(p0=20, p2=20))


def test_a_simple_coupon_is_paid_before_what_ranks_after_it() -> None:
    """2 a quarter on 100: paid 2, then 1 of 2, then 5 open before 99 of principal."""
    account = settle(
        {"a": {**tranche(100, rate=None), "coupon": {"rate": SIMPLE, "basis": "simple"}}},
        order=["a.coupon", "a.principal"],
        costs=flow(p0=100),
        payments=flow(p0=2, p1=1, p3=104),
    )
    assert near(account.received["a"], flow(p0=2, p1=1, p3=104))
    assert account.lost["a"].tolist() == pytest.approx([1])


@pytest.mark.parametrize(
    ("coupon", "received"),
    [
        ({"rate": SIMPLE, "basis": "simple"}, 108.0),
        ({"rate": COMPOUND, "basis": "compound"}, 108.243216),
        ({"rate": SIMPLE, "basis": "simple", "until": "2024-09-30"}, 106.0),
        ({"rate": SIMPLE, "basis": "simple", "until": "2024-08-15"}, 104 + 2 * (1 + 15 / 31) / 3),
        ({"rate": COMPOUND, "basis": "compound", "until": "2024-06-30"}, 104.04),
        ({"rate": SIMPLE, "basis": "simple", "until": "2023-12-31"}, 100.0),
    ],
)
def test_a_coupon_by_basis_and_last_day(coupon: dict[str, Any], received: float) -> None:
    """100 for four quarters at 2 % a quarter; 15 August is 1 + 15/31 months into its quarter."""
    if "until" in coupon:
        coupon = {**coupon, "until": np.datetime64(coupon["until"]).item()}
    account = settle(
        {"a": {**tranche(100, rate=None), "coupon": coupon}},
        order=["a.principal", "a.coupon"],
        costs=flow(p0=100),
        payments=flow(p3=200),
    )
    assert near(account.received["a"], flow(p3=received))


def test_a_coupon_counts_towards_the_cap() -> None:
    """1 a quarter within a cap of 2 % a quarter: 105.121608 is left of the cap, no more."""
    account = settle(
        {"a": {**tranche(100, rate=COMPOUND), "coupon": {"rate": 0.04, "basis": "simple"}}},
        order=["a.coupon", "a.principal", "a.return"],
        costs=flow(p0=100),
        payments=flow(p0=1, p1=1, p2=1, p3=200),
    )
    assert near(account.received["a"], flow(p0=1, p1=1, p2=1, p3=105.121608))


def test_a_coupon_ends_where_the_cap_is_reached() -> None:
    """A coupon of 8 after a year within 1.05 times the 100 drawn: of 8 paid, 5; the next gets 3."""
    cap = {"basis": "multiple", "multiple": 1.05}
    coupon = {"rate": SIMPLE, "basis": "simple"}
    account = settle(
        {
            "a": {"kind": "junior", "commitment": 100, "return_cap": cap, "coupon": coupon},
            "b": tranche(10),
        },
        order=["a.coupon", "b.principal", "b.return", "a.principal", "a.return"],
        costs=flow(p0=110),
        payments=flow(p3=8),
    )
    assert near(account.received["a"], flow(p3=5))
    assert near(account.received["b"], flow(p3=3))


def test_a_multiple_caps_all_that_is_received() -> None:
    """At most 1.5 times the 100 drawn, in whatever parts it comes."""
    cap = {"basis": "multiple", "multiple": 1.5}
    terms = {"a": {"kind": "junior", "commitment": 100, "return_cap": cap}}
    account = settle(terms, costs=flow(p0=60, p1=40), payments=flow(p0=80, p3=100))
    assert near(account.received["a"], flow(p0=80, p3=70))
    assert near(account.surplus, flow(p5=30))


def test_a_yearly_fee_is_earned_by_days_until_the_service_ends() -> None:
    """365.25 a year is 1 a day: 91 in the first quarter, and half of 91 where it ends mid-May."""
    fee = {"per_year": 365.25, "from": _day("2024-01-01"), "to": _day("2024-06-30")}
    terms: dict[str, Any] = {
        "order": ["a.principal", "a.return", "own.fee"],
        "tranches": {
            "a": tranche(10),
            "own": {"kind": "deferred_fee", "commitment": 1000, "fee": fee, "investor": "provider"},
        },
    }
    account = by_line(
        terms,
        costs=flow(p0=10),
        payments={"x": flow(p4=500)},
        ends=np.array([np.inf, 4.5]),
    )
    assert account.received["own"][4].tolist() == pytest.approx([182, 136.5])
    assert near(account.drawn["own"], flow())
    terms["tranches"]["own"]["commitment"] = 100
    limited = by_line(terms, costs=flow(p0=10), payments={"x": flow(p4=500)})
    assert limited.received["own"][4].tolist() == pytest.approx([100])


def test_a_fee_on_dates_waits_in_the_waterfall() -> None:
    """20 earned in April and 30 in October: of 45 in December after 10 of principal, 35 is paid.

    Where the service ends at the end of June the second part is never earned.
    """
    parts = [{"on": "2024-04-01", "amount": 20}, {"on": "2024-10-01", "amount": 30}]
    terms = {
        "order": ["a.principal", "a.return", "own.fee"],
        "tranches": {
            "a": tranche(10),
            "own": {"kind": "deferred_fee", "commitment": 50, "fee": {"at": _dated(parts)}},
        },
    }
    account = by_line(
        terms,
        costs=flow(p0=10),
        payments={"x": flow(p3=45)},
        ends=np.array([np.inf, 6.0]),
    )
    assert account.received["own"][3].tolist() == pytest.approx([35, 20])


def test_a_line_pays_first_the_tranche_that_is_paid_from_it() -> None:
    """Of 130 the protected tranche gets its 100; 30 join the 20 of the other line for the rest.

    The senior ranks first for the common money, and not for what the line pays.
    """
    account = by_line(
        {
            "order": ["a.principal", "a.return", "p.principal", "p.return"],
            "tranches": {"a": tranche(60), "p": {**tranche(100), "paid_from": ["x"]}},
        },
        costs=flow(p0=160),
        payments={"x": flow(p3=130), "y": flow(p3=20)},
    )
    assert near(account.received["p"], flow(p3=100))
    assert near(account.received["a"], flow(p3=50))


def test_a_tranche_paid_from_a_line_gets_nothing_else() -> None:
    """The line pays 10 of the 100 owed; the 500 of another line go to the surplus."""
    account = by_line(
        {
            "order": ["p.principal", "p.return"],
            "tranches": {"p": {**tranche(100), "paid_from": ["x"]}},
        },
        costs=flow(p0=100),
        payments={"x": flow(p3=10), "y": flow(p3=500)},
    )
    assert near(account.received["p"], flow(p3=10))
    assert near(account.surplus, flow(p5=500))


def test_lines_are_used_in_the_order_stated() -> None:
    """The first tranche takes x before y and leaves 40 of y to the second."""
    account = by_line(
        {
            "order": ["p.principal", "p.return", "q.principal", "q.return"],
            "tranches": {
                "p": {**tranche(100), "paid_from": ["x", "y"]},
                "q": {**tranche(50), "paid_from": ["y"]},
            },
        },
        costs=flow(p0=150),
        payments={"x": flow(p3=90), "y": flow(p3=50)},
    )
    assert near(account.received["p"], flow(p3=100))
    assert near(account.received["q"], flow(p3=40))


def test_a_line_that_pays_nobody_in_particular_must_be_given() -> None:
    """A tranche paid from a line that is not settled is refused."""
    terms = {
        "order": ["p.principal", "p.return"],
        "tranches": {"p": {**tranche(100), "paid_from": ["x"]}},
    }
    with pytest.raises(ArgumentError, match="got 'x'; it must name a payment line"):
        by_line(terms, costs=flow(), payments={"y": flow()})


def test_a_guarantee_covers_its_layer() -> None:
    """Half of the loss between 20 and 50: of 60 lost 15, of 30 lost 5, of 10 lost nothing."""
    layer = {"guarantor": "g", "tranche": "a", "share": 0.5, "layer": {"from": 20, "to": 50}}
    for lost, paid in ((60, 15), (30, 5), (10, 0)):
        account = settle(
            {"a": tranche(100)},
            costs=flow(p0=100),
            payments=flow(p2=100.0 - lost),
            guarantees={"promise": layer},
        )
        assert near(account.guarantee_paid["promise"], flow(p5=paid)), lost


def test_a_guarantee_pays_nothing_below_its_trigger() -> None:
    """Half of what is drawn has to be lost: 49 of 100 is not enough, 50 is."""
    promise = {"guarantor": "g", "tranche": "a", "amount": 80, "trigger": 0.5}
    for lost, paid in ((49, 0), (50, 50), (90, 80)):
        account = settle(
            {"a": tranche(100)},
            costs=flow(p0=100),
            payments=flow(p2=100.0 - lost),
            guarantees={"promise": promise},
        )
        assert near(account.guarantee_paid["promise"], flow(p5=paid)), lost


@pytest.mark.parametrize("limit", [{"amount": 50}, {"share": 0.5}])
@pytest.mark.parametrize(
    ("of", "fees"),
    [("committed", [0.5] * 6 + [0, 0]), ("drawn", [0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0, 0])],
)
def test_the_fee_of_a_guarantee_follows_what_it_covers(
    of: str, fees: list[float], limit: dict[str, float]
) -> None:
    """4 % a year of 50 covered is 0.5 a quarter until the last payment; half of it while half."""
    promise = {
        "guarantor": "g",
        "tranche": "a",
        **limit,
        "of": of,
        "fee": {"rate": 0.04, "payer": "city"},
    }
    account = settle(
        {"a": tranche(100)},
        costs=flow(p0=50, p2=50),
        payments=flow(),
        guarantees={"promise": promise},
    )
    assert account.guarantee_fees["promise"][:, 0].tolist() == pytest.approx(fees)


def _day(text: str) -> Any:  # noqa: ANN401 - a date as a case file gives it
    return np.datetime64(text).item()


def _dated(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**part, "on": _day(part["on"])} for part in parts]
