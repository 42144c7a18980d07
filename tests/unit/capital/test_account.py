"""Drawdown and waterfall against numbers calculated by hand.

Two years of quarters; yearly rates are chosen so that a quarter earns 2 %.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from sibsim.capital.account import CapitalAccount, settle_capital
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import Timeline
from sibsim.errors import ArgumentError

TIMELINE = Timeline(start=date(2024, 1, 1), end=date(2025, 12, 31), period="quarter")
PERIODS = 8
LAST = 5
COMPOUND = 1.02**4 - 1
"""Effective annual rate of 2 % a quarter."""

SIMPLE = 0.08
"""Simple annual rate of 2 % a quarter."""


def tranche(
    commitment: float,
    *,
    rate: float | None = 0.0,
    basis: str = "irr",
    drawdown: str = "as_needed",
) -> dict[str, Any]:
    """Return a tranche; `rate` None is a return without a cap."""
    cap = None if rate is None else {"basis": basis, "rate": rate}
    return {
        "kind": "senior",
        "commitment": commitment,
        "drawdown": drawdown,
        "return_cap": cap,
    }


def flow(**at: float) -> FloatArray:
    """Return amounts by period, (T, 1): flow(p0=60, p3=110)."""
    amounts = np.zeros((PERIODS, 1))
    for period, amount in at.items():
        amounts[int(period[1:])] = amount
    return amounts


def settle(
    tranches: dict[str, Any],
    *,
    costs: FloatArray,
    payments: FloatArray,
    order: list[Any] | None = None,
    overrun: Any = "authority",  # noqa: ANN401 - also wrong values
    last: int = LAST,
    **terms: Any,  # noqa: ANN401 - any field of the terms
) -> CapitalAccount:
    """Settle with every tranche's principal, then return, in the order given unless stated."""
    claims = [f"{name}.{part}" for name in tranches for part in ("principal", "return")]
    capital = Capital.model_validate(
        {
            "recycle": False,
            "order": claims if order is None else order,
            "surplus": "municipality",
            "tranches": tranches,
            **terms,
        }
    )
    return settle_capital(
        capital,
        costs=costs,
        payments={"line": payments},
        timeline=TIMELINE,
        last_payment_period=last,
        overrun=overrun,
    )


def near(amounts: FloatArray, expected: FloatArray) -> bool:
    """Compare to a millionth of a currency unit: rounding of amounts of a hundred is 1e-13."""
    return np.allclose(amounts, expected, rtol=0, atol=1e-6)


def test_compounding_cap_by_hand() -> None:
    """Drawn 60 and 40, 2 % a quarter: 107.3942496 is the cap after four quarters."""
    account = settle(
        {"a": tranche(100, rate=COMPOUND)},
        costs=flow(p0=60, p1=40),
        payments=flow(p3=110),
    )
    assert near(account.drawn["a"], flow(p0=60, p1=40))
    assert near(account.received["a"], flow(p3=107.3942496))
    assert near(account.balance, flow(p3=2.6057504, p4=2.6057504))
    assert near(account.surplus, flow(p5=2.6057504))


def test_simple_cap_by_hand() -> None:
    """Simple return: 1.2 + 2 + 2 + 2 on 60, then 100 outstanding."""
    account = settle(
        {"a": tranche(100, rate=SIMPLE, basis="simple")},
        costs=flow(p0=60, p1=40),
        payments=flow(p3=110),
    )
    assert near(account.received["a"], flow(p3=107.2))


def test_simple_return_stops_on_what_is_repaid() -> None:
    """After 50 of 100 is repaid, simple return accrues on 50; unpaid return earns nothing."""
    account = settle(
        {"a": tranche(100, rate=SIMPLE, basis="simple")},
        costs=flow(p0=100),
        payments=flow(p0=50, p3=100),
    )
    assert near(account.received["a"], flow(p0=50, p3=50 + 2 + 3 * 1))


def test_tranche_without_return_claim_gets_principal_only() -> None:
    """A return that stands nowhere in the order is never paid."""
    account = settle(
        {"a": tranche(100, rate=None)},
        order=["a.principal"],
        costs=flow(p0=100),
        payments=flow(p3=150),
    )
    assert near(account.received["a"], flow(p3=100))
    assert near(account.surplus, flow(p5=50))


def test_money_held_repays_a_later_drawing_first() -> None:
    """A surplus of 40 waits for the drawing of the next period; as it arises it is gone."""
    costs, payments = flow(p0=60, p2=40), flow(p1=100)
    held = settle({"a": tranche(100)}, costs=costs, payments=payments)
    assert near(held.received["a"], flow(p1=60, p2=40))
    assert near(held.surplus, flow())
    gone = settle({"a": tranche(100)}, costs=costs, payments=payments, surplus_at="as_it_arises")
    assert near(gone.received["a"], flow(p1=60))
    assert near(gone.surplus, flow(p1=40))
    assert gone.lost["a"].tolist() == [40]


def test_senior_is_paid_before_junior() -> None:
    """A payment of 70 covers the senior's 60 and 10 of the junior's 40."""
    account = settle({"a": tranche(60), "b": tranche(40)}, costs=flow(p0=100), payments=flow(p2=70))
    assert near(account.received["a"], flow(p2=60))
    assert near(account.received["b"], flow(p2=10))
    assert account.lost["b"].tolist() == [30]


def test_equal_rank_shares_pro_rata_to_claims() -> None:
    """Of 50, a claim of 60 gets 30 and a claim of 40 gets 20."""
    account = settle(
        {"a": tranche(60), "b": tranche(40)},
        order=[["a.principal", "b.principal"], "a.return", "b.return"],
        costs=flow(p0=100),
        payments=flow(p2=50),
    )
    assert near(account.received["a"], flow(p2=30))
    assert near(account.received["b"], flow(p2=20))


def test_return_may_rank_before_principal() -> None:
    """Interest first: of 12, the return of 10 is paid and 2 of principal."""
    account = settle(
        {"a": tranche(100, rate=0.40, basis="simple")},
        order=["a.return", "a.principal"],
        costs=flow(p0=100),
        payments=flow(p0=12),
    )
    assert account.lost["a"].tolist() == pytest.approx([98])


def test_return_without_cap_takes_all_that_is_left() -> None:
    """Without a cap nothing is left as surplus; equal ranks share by what they put in."""
    account = settle(
        {"a": tranche(60, rate=None), "b": tranche(40, rate=None)},
        order=["a.principal", "b.principal", ["a.return", "b.return"]],
        costs=flow(p0=100),
        payments=flow(p2=150),
    )
    assert near(account.received["a"], flow(p2=60 + 30))
    assert near(account.received["b"], flow(p2=40 + 20))
    assert near(account.surplus, flow())


def test_return_without_cap_takes_nothing_before_it_is_drawn() -> None:
    """Money that comes before the first drawing waits for it."""
    account = settle({"a": tranche(60, rate=None)}, costs=flow(p2=60), payments=flow(p0=10, p3=60))
    assert near(account.received["a"], flow(p2=10, p3=60))


def test_claims_that_are_open_at_the_last_payment_are_lost() -> None:
    """Nothing is distributed later, and a later drawing is not repaid."""
    account = settle({"a": tranche(100)}, costs=flow(p0=60, p7=10), payments=flow(p5=80))
    assert near(account.received["a"], flow(p5=60))
    assert near(account.surplus, flow(p5=20))
    assert near(account.drawn["a"], flow(p0=60, p7=10))


def test_capital_drawn_up_front_waits_and_comes_back_at_the_last_payment() -> None:
    """Of 100, 30 is spent; 20 waits for a later cost, 50 goes down the waterfall."""
    account = settle(
        {"a": tranche(100, drawdown="up_front")},
        costs=flow(p1=30, p7=20),
        payments=flow(p3=10),
    )
    assert near(account.drawn["a"], flow(p0=100))
    assert near(account.received["a"], flow(p3=10, p5=50))
    assert account.balance[:, 0].tolist() == [100, 70, 70, 70, 70, 20, 20, 0]
    assert account.lost["a"].tolist() == [40]


def test_capital_drawn_up_front_is_spent_before_other_capital_is_called() -> None:
    """Costs of 50 take 30 that lies in the account, then 20 from the tranche on call."""
    account = settle(
        {"a": tranche(100), "b": tranche(30, drawdown="up_front")},
        costs=flow(p1=50),
        payments=flow(),
    )
    assert near(account.drawn["b"], flow(p0=30))
    assert near(account.drawn["a"], flow(p1=20))


def test_drawings_are_pro_rata_to_commitments_unless_ranked() -> None:
    """A need of 50 from 60 and 40: 30 and 20; ranked b first: 40 from b, 10 from a."""
    tranches = {"a": tranche(60), "b": tranche(40)}
    together = settle(tranches, costs=flow(p0=50), payments=flow())
    assert near(together.drawn["a"], flow(p0=30))
    assert near(together.drawn["b"], flow(p0=20))
    ranked = settle(tranches, costs=flow(p0=50), payments=flow(), draw_order=["b", "a"])
    assert near(ranked.drawn["a"], flow(p0=10))
    assert near(ranked.drawn["b"], flow(p0=40))


def test_recycling_sets_early_payments_aside_for_costs() -> None:
    """With costs first, a payment of 30 reduces the next drawing from 50 to 20."""
    account = settle(
        {"a": tranche(100)},
        order=["costs", "a.principal", "a.return"],
        recycle=True,
        costs=flow(p0=50, p1=50),
        payments=flow(p0=30, p3=80),
    )
    assert near(account.drawn["a"], flow(p0=50, p1=20))
    assert near(account.received["a"], flow(p3=70))
    assert near(account.balance, flow(p0=30, p3=10, p4=10))
    assert near(account.surplus, flow(p5=10))


def test_recycling_looks_ahead_over_all_costs_to_come() -> None:
    """A payment of 100 with costs of 60 to come in two periods repays only 40."""
    account = settle(
        {"a": tranche(50)},
        order=["costs", "a.principal", "a.return"],
        recycle=True,
        costs=flow(p0=50, p2=30, p4=30),
        payments=flow(p1=100),
    )
    assert near(account.drawn["a"], flow(p0=50))
    assert near(account.received["a"], flow(p1=40))
    assert near(account.overrun, flow())
    assert near(account.balance, flow(p1=60, p2=30, p3=30))


def test_recycling_with_repayment_first_draws_again() -> None:
    """With principal before costs, the payment repays and the next cost is drawn in full."""
    account = settle(
        {"a": tranche(100)},
        order=["a.principal", "costs", "a.return"],
        recycle=True,
        costs=flow(p0=50, p1=50),
        payments=flow(p0=30),
    )
    assert near(account.drawn["a"], flow(p0=50, p1=50))
    assert near(account.received["a"], flow(p0=30))


def test_money_set_aside_still_pays_costs_after_the_last_payment() -> None:
    """At the last payment 20 is kept for a cost to come and the rest is released."""
    account = settle(
        {"a": tranche(50)},
        order=["costs", "a.principal", "a.return"],
        recycle=True,
        costs=flow(p0=50, p7=20),
        payments=flow(p5=100),
    )
    assert near(account.surplus, flow(p5=30))
    assert near(account.balance, flow(p5=20, p6=20))
    assert near(account.drawn["a"], flow(p0=50))


def test_costs_beyond_commitments_are_the_overrun() -> None:
    """Costs of 80 on 50 of capital leave 30, which the account does not pay."""
    account = settle({"a": tranche(50)}, costs=flow(p0=40, p1=40), payments=flow())
    assert near(account.funded, flow(p0=40, p1=10))
    assert near(account.overrun, flow(p1=30))


def test_stop_refuses_costs_beyond_commitments() -> None:
    """A service that stops has no costs beyond the commitments."""
    capital = {"a": tranche(50)}
    settle(capital, costs=flow(p0=50), payments=flow(), overrun="stop")
    with pytest.raises(ArgumentError, match="exceed the commitments of 50 by 30"):
        settle(capital, costs=flow(p0=80), payments=flow(), overrun="stop")


def test_guarantee_of_the_new_york_jail_contract() -> None:
    """7.2 m drawn, nothing paid, 6.0 m guaranteed: the lender loses 1.2 m.

    MDRC and Bond Buyer 2015; the loan was up to 9.6 m.
    """
    promise = {"guarantor": "philanthropy", "tranche": "bank", "share": 1, "amount": 6.0e6}
    account = settle(
        {"bank": tranche(9.6e6)},
        costs=flow(p0=7.2e6),
        payments=flow(),
        guarantees={"promise": promise},
    )
    assert near(account.guarantee_paid["promise"], flow(p5=6.0e6))
    assert (account.lost["bank"] - account.guarantee_paid["promise"][LAST]).tolist() == [1.2e6]


def test_guarantee_covers_its_share_of_the_loss() -> None:
    """40 % of a lost 7.5 m is 3.0 m, the guaranteed part in Norrkoping (RISE)."""
    promise = {"guarantor": "fund", "tranche": "a", "share": 0.4, "amount": 7.5e6}
    account = settle(
        {"a": tranche(7.5e6)},
        costs=flow(p0=7.5e6),
        payments=flow(),
        guarantees={"promise": promise},
    )
    assert near(account.guarantee_paid["promise"], flow(p5=3.0e6))


def test_amount_of_a_guarantee_shrinks_with_what_is_drawn() -> None:
    """Of 72 on a commitment of 96, three quarters are due when three quarters are drawn."""
    promise = {"guarantor": "g", "tranche": "a", "share": 1, "amount": 72, "of": "drawn"}
    account = settle(
        {"a": tranche(96)}, costs=flow(p0=72), payments=flow(), guarantees={"promise": promise}
    )
    assert near(account.guarantee_paid["promise"], flow(p5=54))


def test_a_guarantee_of_what_is_drawn_counts_nothing_after_the_last_payment() -> None:
    """24 drawn in period 7, after it is settled, is in no guarantee: still three quarters."""
    promise = {"guarantor": "g", "tranche": "a", "share": 1, "amount": 72, "of": "drawn"}
    account = settle(
        {"a": tranche(96)},
        costs=flow(p0=72, p7=24),
        payments=flow(),
        guarantees={"promise": promise},
    )
    assert near(account.drawn["a"], flow(p0=72, p7=24))
    assert near(account.guarantee_paid["promise"], flow(p5=54))


def test_guarantees_together_never_pay_more_than_the_loss() -> None:
    """Of a loss of 30 the first guarantee bears 24, the second the remaining 6."""
    promise = {"guarantor": "g", "tranche": "a", "share": 0.8, "amount": 100}
    account = settle(
        {"a": tranche(100)},
        costs=flow(p0=100),
        payments=flow(p2=70),
        guarantees={"first": promise, "second": promise},
    )
    assert near(account.guarantee_paid["first"], flow(p5=24))
    assert near(account.guarantee_paid["second"], flow(p5=6))


def test_drawings_are_the_same_in_every_draw_when_costs_are() -> None:
    """Without recycling, costs on one column are drawn on one column."""
    account = settle({"a": tranche(100)}, costs=flow(p0=50), payments=flow(p1=20) * np.arange(5.0))
    assert account.drawn["a"].shape == account.funded.shape == (PERIODS, 1)
    assert account.received["a"].shape == account.balance.shape == (PERIODS, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"last": PERIODS}, "must lie in 0 to 7"),
        ({"last": 1}, "payment after the last payment"),
        ({"payments": flow(p2=-1.0)}, "payments: got -1.00; an amount cannot be negative"),
        ({"costs": flow(p2=-1.0)}, "costs: got -1.00; an amount cannot be negative"),
    ],
)
def test_impossible_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    """Amounts and dates that no contract can have are refused."""
    given = {"costs": flow(p0=1), "payments": flow(p2=1), **change}
    with pytest.raises(ArgumentError, match=message):
        settle({"a": tranche(1)}, **given)
