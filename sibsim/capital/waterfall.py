"""The waterfall: what tranches claim, and how the money held goes down their claims in order.

The proceeds of payment lines that some tranche is paid from go down the claims of those tranches
first, line by line; what is left of them joins the common money, which then goes down all other
claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.capital.checks import COSTS, split
from sibsim.capital.spec import Capital
from sibsim.core.arrays import FloatArray, added


@dataclass(slots=True)
class Accrual:
    """What principal has earned and is not received."""

    open: FloatArray
    """(1 or D,); changes in place."""

    growth: FloatArray
    """What it grows by in each period, (T,): (1 + h)^dt, or 1."""

    rate: FloatArray
    """What principal earns in each period, (T,): (1 + h)^dt - 1, h dt, or 0."""


@dataclass(slots=True)
class Position:
    """Where a tranche stands while the periods pass; its arrays change in place."""

    drawn: FloatArray
    """(T, 1 or D)."""

    received: FloatArray
    """(T, 1 or D)."""

    put_in: FloatArray
    """Drawn so far, (1 or D,)."""

    principal: FloatArray
    """Drawn less principal repaid, (1 or D,)."""

    earned: Accrual
    """The claim on return; stays zero where that is unlimited."""

    coupon: Accrual | None
    """The claim on the coupon, if there is one."""

    markup: float
    """What a drawing adds to the claim on return: a cap on the multiple less 1, or 0."""

    fee: FloatArray
    """Deferred fee earned and not received, (1 or D,)."""

    fees: FloatArray | None
    """Deferred fee earned in each period, (T, 1 or D), if there is one."""

    def draw(self, t: int, *, amount: FloatArray) -> None:
        """Draw an amount in period t."""
        self.drawn[t] += amount
        self.put_in += amount
        self.principal += amount
        if self.markup:
            self.earned.open += amount * self.markup


@dataclass(slots=True)
class Pot:
    """Money in the contract account; its arrays change in place."""

    unspent: FloatArray
    """Drawn before it is needed and not spent, (1 or D,)."""

    held: FloatArray
    """Left from payments, or set aside for costs, (1 or D,)."""

    reserve: FloatArray
    """The part of `held` that the waterfall has set aside for costs, (1 or D,)."""


@dataclass(slots=True)
class Claim:
    """One claim on the money; `position` is None for the costs still to come."""

    position: Position | None
    """Whose claim it is."""

    owed: FloatArray
    """What is owed, (1 or D,); paying reduces it in place."""

    within: FloatArray | None
    """A claim that limits this one and is reduced with it: the capped return of a coupon."""


@dataclass(slots=True)
class Rank:
    """Claims of one rank."""

    claims: tuple[Claim, ...]
    """The claims, which share pro rata."""

    unlimited: bool
    """Whether they take all that reaches them, pro rata to what has been drawn."""

    lines: tuple[str, ...]
    """Payment lines that alone pay them; empty for the common money."""


def ranks_of(capital: Capital, *, positions: Mapping[str, Position]) -> tuple[Rank, ...]:
    """Return the waterfall, each claim with the array that paying it reduces."""
    ranks = []
    for level in capital.levels:
        first = level[0]
        lines = () if first == COSTS else capital.tranches[split(first)[0]].paid_from
        claims = tuple(_claim(capital, name, positions=positions) for name in level)
        unlimited = first != COSTS and capital.is_unlimited(first)
        ranks.append(Rank(claims=claims, unlimited=unlimited, lines=lines))
    return tuple(ranks)


def _claim(capital: Capital, name: str, *, positions: Mapping[str, Position]) -> Claim:
    if name == COSTS:
        return Claim(position=None, owed=np.zeros(1), within=None)
    tranche, part = split(name)
    position = positions[tranche]
    if part == "coupon" and position.coupon is not None:
        capped = capital.tranches[tranche].return_cap is not None
        within = position.earned.open if capped else None
        return Claim(position=position, owed=position.coupon.open, within=within)
    owed = {"principal": position.principal, "return": position.earned.open, "fee": position.fee}
    return Claim(position=position, owed=owed[part], within=None)


def accrue(positions: Mapping[str, Position], t: int) -> None:
    """Let period t pass on every claim."""
    for each in positions.values():
        _grow(each.earned, t, principal=each.principal)
        if each.coupon is not None:
            _grow(each.coupon, t, principal=each.principal)
        if each.fees is not None:
            each.fee += each.fees[t]


def _grow(accrual: Accrual, t: int, *, principal: FloatArray) -> None:
    if accrual.rate[t]:
        accrual.open *= accrual.growth[t]
        accrual.open += principal * accrual.rate[t]


def distribute(
    ranks: tuple[Rank, ...],
    t: int,
    *,
    pot: Pot,
    reserved: Mapping[str, FloatArray],
    later: FloatArray,
) -> None:
    """Pass the money down the waterfall at the end of period t; what is left stays held.

    Parameters
    ----------
    ranks
        The waterfall.
    t
        The period.
    pot
        Money in the account.
    reserved
        What payment lines that some tranche is paid from pay in this period, (1 or D,) each.
    later
        Money that all later costs need, (1 or D,).
    """
    pot.reserve[...] = 0.0
    if reserved:
        _distribute_reserved(ranks, t, pot=pot, reserved=reserved, later=later)
    if not pot.held.any():
        return
    for rank in ranks:
        if not rank.lines:
            _pay(rank, t, free=pot.held, pot=pot, later=later)
    pot.held += pot.reserve


def _distribute_reserved(
    ranks: tuple[Rank, ...],
    t: int,
    *,
    pot: Pot,
    reserved: Mapping[str, FloatArray],
    later: FloatArray,
) -> None:
    left = {
        line: np.array(np.broadcast_to(amount, pot.held.shape)) for line, amount in reserved.items()
    }
    for rank in ranks:
        for line in rank.lines:
            _pay(rank, t, free=left[line], pot=pot, later=later)
    for amount in left.values():
        pot.held += amount


def _pay(rank: Rank, t: int, *, free: FloatArray, pot: Pot, later: FloatArray) -> None:
    """Pay the claims of one rank out of `free`, as far as it goes; it changes in place."""
    if rank.unlimited:
        due = [free * share for share in _put_in_shares(rank)]
    else:
        due = [_due(claim, pot=pot, later=later) for claim in rank.claims]
    if len(due) == 1:
        paid = [np.minimum(free, due[0])]
        free -= paid[0]
    else:
        total = added(due)
        goes = np.minimum(free, total)
        share = ratio(goes, total)
        paid = [amount * share for amount in due]
        free -= goes
    for claim, amount in zip(rank.claims, paid, strict=True):
        if claim.position is None:
            pot.reserve += amount
            continue
        claim.position.received[t] += amount
        if not rank.unlimited:
            np.subtract(claim.owed, amount, out=claim.owed)
            if claim.within is not None:
                np.subtract(claim.within, amount, out=claim.within)


def _due(claim: Claim, *, pot: Pot, later: FloatArray) -> FloatArray:
    """Return what a claim can take now, (1 or D,)."""
    if claim.position is None:
        return np.maximum(later - pot.unspent, 0.0)
    return claim.owed if claim.within is None else np.minimum(claim.owed, claim.within)


def _put_in_shares(rank: Rank) -> list[FloatArray]:
    """Return how returns without a cap share: pro rata to what has been drawn, (1 or D,)."""
    put_in = [claim.position.put_in for claim in rank.claims if claim.position is not None]
    total = added(put_in)
    return [ratio(amount, total) for amount in put_in]


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, and zero where the whole is zero."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
