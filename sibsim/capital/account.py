"""The contract account: capital drawn for costs, payments passed down the waterfall.

Deterministic, period by period. Period t runs from node t to node t + 1.

1. At its start (node t) what is due by schedule is drawn, and the costs of the period are paid:
   with recycling first from the money held, then from capital drawn up front or by schedule, then
   from drawings up to the commitments, level by level of `draw_order` and pro rata to commitments
   within a level, or to what is left where a tranche of the level revolves. What is left is the
   overrun.
2. At its end (node t + 1) the return of every tranche with a cap at rate h has grown. With B the
   return-cap account, B <- B + drawn at the start and B <- B (1 + h)^dt - received at the end,
   dt = 1 / periods per year; principal P is drawn less principal repaid and the claim on return is
   R = B - P, kept as R <- R (1 + h)^dt + P ((1 + h)^dt - 1), which is exact and never below zero.
   With the simple basis R <- R + P h dt; with a cap on the multiple m, R <- R + (m - 1) drawn, at
   the start. Coupons accrue in the same way by themselves and are paid within R where there is a
   cap; deferred fees are earned until the service ends.
3. The payment and the money held go down the claims in order. What lines pay that some tranche is
   paid from goes down the claims of those tranches first, and what is left of it joins the money
   held. `costs` sets aside what the costs still to come of the same draw need beyond capital drawn
   up front or by schedule, so that early payments are not repaid and drawn again. The rest is held,
   or released as it arises.
4. At the end of the period of the last payment, unspent capital that no later cost needs joins that
   payment, the rest is released to the surplus party, open claims are lost and guarantees pay. A
   cost after that date is still financed, and its drawing is never repaid.

Everything is elementwise over draws: the width of a run changes no bit. Assumption: a draw's costs
are foreseen when money is set aside for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sibsim.capital.accruals import open_position
from sibsim.capital.drawing import (
    call,
    draw_scheduled,
    draw_up_front,
    give_up_unspent,
    scheduled_drawings,
    still_needed,
    take,
)
from sibsim.capital.guarantee import call_guarantees, guarantee_fees
from sibsim.capital.spec import Capital
from sibsim.capital.waterfall import Position, Pot, accrue, distribute, ranks_of
from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.timeline import Timeline
from sibsim.errors import ArgumentError

NOTHING = 0.0
"""No money."""

ROUNDING = 1e-9
"""Costs may exceed commitments by this share of them and still count as within: rounding of sums
of a few hundred amounts stays below 1e-13."""

NEVER: FloatArray = np.array([np.inf])
"""End of a service that ends as planned, in months since the start of the case."""

Overrun = Literal["authority", "provider", "stop"]
"""Who bears costs beyond the commitments; `stop`: the service has ended before they arise."""


@dataclass(frozen=True, slots=True)
class CapitalAccount:
    """What every tranche puts in and gets out; all amounts are money, never negative."""

    capital: Capital
    """The terms."""

    drawn: Mapping[str, FloatArray]
    """Drawn from each tranche at the start of each period, (T, 1 or D)."""

    received: Mapping[str, FloatArray]
    """Received by each tranche from the waterfall at the end of each period, (T, 1 or D)."""

    guarantee_paid: Mapping[str, FloatArray]
    """Paid under each guarantee to its tranche at the end of each period, (T, 1 or D)."""

    guarantee_fees: Mapping[str, FloatArray]
    """Fee of each guarantee that has one, at the end of each period, (T, 1 or D); it is paid beside
    the account."""

    surplus: FloatArray
    """Released as surplus at the end of each period, (T, 1 or D)."""

    balance: FloatArray
    """Money in the account at the end of each period, (T, 1 or D)."""

    funded: FloatArray
    """Costs paid from the account at the start of each period, (T, 1 or D)."""

    overrun: FloatArray
    """Costs beyond the commitments, borne by authority or provider, (T, 1 or D)."""

    lost: Mapping[str, FloatArray]
    """Principal of each tranche that claims it not repaid at the last payment, before guarantees,
    (1 or D,)."""

    compensation: FloatArray
    """Paid into the account by the payers at an early end, at the end of each period, (T, 1 or D)
    or, where nothing is owed, (T, 1)."""


def settle_capital(
    capital: Capital,
    *,
    costs: FloatArray,
    payments: Mapping[str, FloatArray],
    timeline: Timeline,
    last_payment_period: int,
    overrun: Overrun,
    ends: FloatArray = NEVER,
    owed_at_end: tuple[IntArray, FloatArray] | None = None,
) -> CapitalAccount:
    """Draw the capital for the costs and pass the payments down the waterfall.

    In every draw and period: balance = balance before + drawn + payments + compensation - funded
    - received - surplus, and funded + overrun = costs.

    Parameters
    ----------
    capital
        The terms.
    costs
        Nominal costs that the capital finances, due at the start of each period, (T, 1 or D).
    payments
        Outcome payments after limits by payment line, at the end of each period, (T, 1 or D).
    timeline
        The periods.
    last_payment_period
        Index of the period of the last payment; nothing is distributed after it.
    overrun
        Who bears costs beyond the commitments.
    ends
        When the service as a whole ends, in months since the start of the case, (1 or D,);
        infinite where it ends as planned. Deferred fees are earned until then.
    owed_at_end
        Period in which the contract ends early, T or more where it does not, and share of the
        principal outstanding at the end of that period which the payers then owe, (1 or D,) each;
        it goes down the waterfall with the payments of that period. None: nothing is owed.

    Raises
    ------
    ArgumentError
        If the last payment lies outside the timeline, a payment or a scheduled drawing comes after
        it, a tranche is paid from a line that is not given, an amount is negative, or costs exceed
        the commitments although the service stops before that.
    """
    last, periods = last_payment_period, timeline.periods
    common, reserved = _by_money(capital, payments=payments, periods=periods)
    _check_amounts(costs=costs, payments={"payments": common, **reserved}, last=last)
    paid = (common, *reserved.values())
    spent, width = _widths(capital, costs=costs, paid=paid, ends=ends, owed_at_end=owed_at_end)
    positions = {
        name: open_position(tranche, spent=spent, width=width, timeline=timeline, ends=ends)
        for name, tranche in capital.tranches.items()
    }
    pot = Pot(unspent=np.zeros(spent), held=np.zeros(width), reserve=np.zeros(width))
    over, surplus, balance = (np.zeros((periods, *each)) for each in (spent, width, width))
    sources = draw_up_front(capital, positions=positions, pot=pot)
    scheduled = scheduled_drawings(capital, timeline=timeline, last=last)
    later = still_needed(costs, drawn=added(scheduled.values(), shape=(periods,))[:, np.newaxis])
    ranks = ranks_of(capital, positions=positions)
    spends, pays = costs.max(axis=1) > 0, common.max(axis=1) > 0
    lost, put_in = _standing(positions)
    principal = tuple(positions[name].principal for name in capital.investments)
    compensation = np.zeros_like(surplus if owed_at_end else surplus[:, :1])
    for t in range(periods):
        draw_scheduled(scheduled, t, positions=positions, pot=pot)
        if spends[t]:
            recycled = take(pot.held, costs[t]) if capital.recycle else NOTHING
            over[t] = call(t, need=costs[t] - recycled, pot=pot, sources=sources)
        if t <= last:
            accrue(positions, t)
            if pays[t]:
                pot.held += common[t]
            if owed_at_end is not None:
                _compensate(t, owed_at_end, paid=compensation, pot=pot, principal=principal)
            if t == last:
                give_up_unspent(pot, needed=later[t])
            now = {line: amount[t] for line, amount in reserved.items()}
            distribute(ranks, t, pot=pot, reserved=now, later=later[t])
            if t == last or capital.surplus_at == "as_it_arises":
                np.subtract(pot.held, pot.reserve, out=surplus[t])
                pot.held[...] = pot.reserve
            if t == last:
                lost, put_in = _standing({name: positions[name] for name in capital.investments})
        np.add(pot.held, pot.unspent, out=balance[t])
    if overrun == "stop":
        _check_within(over, capital=capital)
    drawn = {name: each.drawn for name, each in positions.items()}
    return CapitalAccount(
        capital=capital,
        drawn=drawn,
        received={name: each.received for name, each in positions.items()},
        guarantee_paid=call_guarantees(
            capital.guarantees,
            tranches=capital.tranches,
            put_in=put_in,
            lost=lost,
            periods=periods,
            last=last,
        ),
        guarantee_fees=guarantee_fees(
            capital.guarantees,
            tranches=capital.tranches,
            drawn=drawn,
            last=last,
            periods_per_year=timeline.periods_per_year,
        ),
        surplus=surplus,
        balance=balance,
        funded=costs - over,
        overrun=over,
        lost=lost,
        compensation=compensation,
    )


def _compensate(
    t: int,
    owed_at_end: tuple[IntArray, FloatArray],
    *,
    paid: FloatArray,
    pot: Pot,
    principal: tuple[FloatArray, ...],
) -> None:
    """Pay into the account what the payers owe in period t: share x principal outstanding."""
    period, share = owed_at_end
    paid[t] = np.where(period == t, share * added(principal), 0.0)
    pot.held += paid[t]


def _by_money(
    capital: Capital, *, payments: Mapping[str, FloatArray], periods: int
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the common payments, (T, 1 or D), and those of lines that a tranche is paid from."""
    reserved = {}
    for name, tranche in capital.tranches.items():
        for line in tranche.paid_from:
            if line not in payments:
                message = (
                    f"capital.tranches.{name}.paid_from: got {line!r}; it must name a payment line"
                )
                raise ArgumentError(message)
            reserved[line] = payments[line]
    common = (amount for line, amount in payments.items() if line not in reserved)
    return added(common, shape=(periods, 1)), reserved


def _widths(
    capital: Capital,
    *,
    costs: FloatArray,
    paid: tuple[FloatArray, ...],
    ends: FloatArray,
    owed_at_end: tuple[IntArray, FloatArray] | None,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shape of what is drawn and of what is paid, (1,) or (D,)."""
    tranches = capital.tranches.values()
    earned = ends.shape if any(each.fee for each in tranches) else ()
    early = [each.shape for each in owed_at_end or ()]
    width = np.broadcast_shapes(costs.shape[1:], earned, *early, *(e.shape[1:] for e in paid))
    redrawn = capital.recycle or any(each.revolving for each in tranches)
    return (width if redrawn else costs.shape[1:]), width


def _standing(
    positions: Mapping[str, Position],
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return principal not repaid and what has been drawn by now, (1 or D,) each."""
    return (
        {name: each.principal.copy() for name, each in positions.items()},
        {name: each.put_in.copy() for name, each in positions.items()},
    )


def _check_amounts(*, costs: FloatArray, payments: Mapping[str, FloatArray], last: int) -> None:
    if not 0 <= last < len(costs):
        message = f"last_payment_period: got {last}; it must lie in 0 to {len(costs) - 1}"
        raise ArgumentError(message)
    for name, amount in payments.items():
        if amount[last + 1 :].any():
            message = f"{name}: got a payment after the last payment's period {last}; it lapses"
            raise ArgumentError(message)
    for name, amount in {"costs": costs, **payments}.items():
        if not amount.min() >= 0:
            message = f"{name}: got {amount.min():,.2f}; an amount cannot be negative or missing"
            raise ArgumentError(message)


def _check_within(over: FloatArray, *, capital: Capital) -> None:
    total = capital.committed
    beyond = float(over.sum(axis=0).max())
    if beyond > ROUNDING * total:
        message = (
            f"costs: they exceed the commitments of {total:,.0f} by {beyond:,.0f}; with "
            "overrun = 'stop' they end before that"
        )
        raise ArgumentError(message)
