"""The contract account: capital drawn for costs, payments passed down the waterfall.

Deterministic, period by period. Period t runs from node t to node t + 1.

1. At its start (node t) the costs of the period are paid: with recycling first from the money held,
   then from capital drawn up front, then from drawings up to the commitments, level by level of
   `draw_order` and pro rata to commitments within a level. What is left is the overrun.
2. At its end (node t + 1) the return of every tranche with a cap at rate h has grown. With B the
   return-cap account, B <- B + drawn at the start and B <- B (1 + h)^dt - received at the end,
   dt = 1 / periods per year; principal P is drawn less principal repaid and the claim on return is
   R = B - P, kept as R <- R (1 + h)^dt + P ((1 + h)^dt - 1), which is exact and never below zero.
   With the simple basis R <- R + P h dt.
3. The payment and the money held go down the claims in order. `costs` sets aside the costs still
   to come of the same draw that capital drawn up front does not cover, so that early payments are
   not repaid and drawn again. The rest is held, or released as it arises.
4. At the end of the period of the last payment, unspent capital that no later cost needs joins that
   payment, the rest is released to the surplus party, open claims are lost and guarantees pay. A
   cost after that date is still financed, and its drawing is never repaid.

Everything is elementwise over draws: the width of a run changes no bit. Assumption: a draw's costs
are foreseen when money is set aside for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import expm1, log1p
from typing import Literal

import numpy as np

from sibsim.capital.spec import Capital, Tranche
from sibsim.capital.waterfall import Position, Pot, accrue, call_guarantees, distribute
from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import Timeline
from sibsim.errors import ArgumentError

NOTHING = 0.0
"""No money."""

ROUNDING = 1e-9
"""Costs may exceed commitments by this share of them and still count as within: rounding of sums
of a few hundred amounts stays below 1e-13."""

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

    surplus: FloatArray
    """Released to the surplus party at the end of each period, (T, 1 or D)."""

    balance: FloatArray
    """Money in the account at the end of each period, (T, 1 or D)."""

    funded: FloatArray
    """Costs paid from the account at the start of each period, (T, 1 or D)."""

    overrun: FloatArray
    """Costs beyond the commitments, borne by authority or provider, (T, 1 or D)."""

    lost: Mapping[str, FloatArray]
    """Principal of each tranche not repaid at the last payment, before guarantees, (1 or D,)."""


@dataclass(slots=True)
class _Source:
    """The tranches of one level of drawing."""

    left: FloatArray
    """What can still be called, (1 or D,); changes in place."""

    shares: tuple[tuple[str, float], ...]
    """Share of every tranche in what is called."""


def settle_capital(
    capital: Capital,
    *,
    costs: FloatArray,
    payments: FloatArray,
    timeline: Timeline,
    last_payment_period: int,
    overrun: Overrun,
) -> CapitalAccount:
    """Draw the capital for the costs and pass the payments down the waterfall.

    In every draw and period: balance = balance before + drawn + payments - funded - received
    - surplus, and funded + overrun = costs.

    Parameters
    ----------
    capital
        The terms.
    costs
        Nominal costs that the capital finances, due at the start of each period, (T, 1 or D).
    payments
        Outcome payments after limits, at the end of each period, (T, 1 or D).
    timeline
        The periods.
    last_payment_period
        Index of the period of the last payment; nothing is distributed after it.
    overrun
        Who bears costs beyond the commitments.

    Raises
    ------
    ArgumentError
        If the last payment lies outside the timeline, a payment comes after it, an amount is
        negative, or costs exceed the commitments although the service stops before that.
    """
    _check_amounts(
        costs=costs, payments=payments, periods=timeline.periods, last=last_payment_period
    )
    width = np.broadcast_shapes(costs.shape[1:], payments.shape[1:])
    spent = width if capital.recycle else costs.shape[1:]
    positions = {
        name: _open(tranche, periods=len(costs), spent=spent, width=width, timeline=timeline)
        for name, tranche in capital.tranches.items()
    }
    pot = Pot(unspent=np.zeros(spent), held=np.zeros(width), reserve=np.zeros(width))
    over, surplus, balance = (np.zeros((len(costs), *each)) for each in (spent, width, width))
    sources = _draw_up_front(capital, positions=positions, pot=pot)
    later = _still_to_come(costs)
    levels = capital.levels
    lost: dict[str, FloatArray] = {}
    put_in: dict[str, FloatArray] = {}
    for t in range(timeline.periods):
        recycled = _take(pot.held, costs[t]) if capital.recycle else NOTHING
        over[t] = _call(t, need=costs[t] - recycled, positions=positions, pot=pot, sources=sources)
        if t <= last_payment_period:
            accrue(positions)
            pot.held += payments[t]
            if t == last_payment_period:
                _give_up_unspent(pot, needed=later[t])
            distribute(capital, t, levels=levels, positions=positions, pot=pot, later=later[t])
            if t == last_payment_period or capital.surplus_at == "as_it_arises":
                np.subtract(pot.held, pot.reserve, out=surplus[t])
                pot.held[...] = pot.reserve
            if t == last_payment_period:
                lost = {name: each.principal.copy() for name, each in positions.items()}
                put_in = {name: each.put_in.copy() for name, each in positions.items()}
        np.add(pot.held, pot.unspent, out=balance[t])
    if overrun == "stop":
        _check_within(over, capital=capital)
    return CapitalAccount(
        capital=capital,
        drawn={name: each.drawn for name, each in positions.items()},
        received={name: each.received for name, each in positions.items()},
        guarantee_paid=call_guarantees(
            capital, put_in=put_in, lost=lost, periods=timeline.periods, last=last_payment_period
        ),
        surplus=surplus,
        balance=balance,
        funded=costs - over,
        overrun=over,
        lost=lost,
    )


def _check_amounts(*, costs: FloatArray, payments: FloatArray, periods: int, last: int) -> None:
    if not 0 <= last < periods:
        message = f"last_payment_period: got {last}; it must lie in 0 to {periods - 1}"
        raise ArgumentError(message)
    if payments[last + 1 :].any():
        message = f"payments: got a payment after the last payment's period {last}; it lapses"
        raise ArgumentError(message)
    for name, amount in (("costs", costs), ("payments", payments)):
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


def _open(
    tranche: Tranche,
    *,
    periods: int,
    spent: tuple[int, ...],
    width: tuple[int, ...],
    timeline: Timeline,
) -> Position:
    growth, rate = 1.0, 0.0
    if tranche.return_cap:
        rate = tranche.return_cap.rate / timeline.periods_per_year
        if tranche.return_cap.basis == "irr":
            rate = expm1(log1p(tranche.return_cap.rate) / timeline.periods_per_year)
            growth = 1.0 + rate
    return Position(
        drawn=np.zeros((periods, *spent)),
        received=np.zeros((periods, *width)),
        put_in=np.zeros(spent),
        principal=np.zeros(width),
        accrued=np.zeros(width),
        growth=growth,
        rate=rate,
    )


def _draw_up_front(
    capital: Capital, *, positions: Mapping[str, Position], pot: Pot
) -> tuple[_Source, ...]:
    """Draw what is drawn up front and return what can be called for, level by level."""
    sources = []
    for level in capital.draw_levels:
        on_call = {}
        for name in level:
            commitment = capital.tranches[name].commitment.base_value
            if capital.tranches[name].drawdown == "up_front":
                _draw(positions[name], 0, amount=np.full_like(pot.unspent, commitment))
                pot.unspent += commitment
            elif commitment > 0:
                on_call[name] = commitment
        total = sum(on_call.values())
        shares = tuple((name, commitment / total) for name, commitment in on_call.items())
        sources.append(_Source(left=np.full_like(pot.unspent, total), shares=shares))
    return tuple(sources)


def _draw(position: Position, t: int, *, amount: FloatArray) -> None:
    position.drawn[t] += amount
    position.put_in += amount
    position.principal += amount


def _still_to_come(costs: FloatArray) -> FloatArray:
    """Return the costs of all later periods, (T, 1 or D)."""
    later = np.zeros_like(costs)
    for t in range(len(costs) - 1, 0, -1):
        np.add(later[t], costs[t], out=later[t - 1])
    return later


def _call(
    t: int,
    *,
    need: FloatArray,
    positions: Mapping[str, Position],
    pot: Pot,
    sources: tuple[_Source, ...],
) -> FloatArray:
    """Pay what is needed in period t out of capital and return what is beyond it, (1 or D,)."""
    need = need - _take(pot.unspent, need)
    for source in sources:
        called = _take(source.left, need)
        need = need - called
        for name, share in source.shares:
            _draw(positions[name], t, amount=called * share)
    return need


def _take(source: FloatArray, need: FloatArray) -> FloatArray:
    """Take what is needed from a source, as far as it goes, and return it."""
    taken = np.minimum(source, need)
    source -= taken
    return taken


def _give_up_unspent(pot: Pot, *, needed: FloatArray) -> None:
    """Move the unspent capital that no later cost needs to the money held."""
    given_up = np.maximum(pot.unspent - needed, 0.0)
    pot.unspent -= given_up
    pot.held += given_up
