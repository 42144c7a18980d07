"""The waterfall: what tranches claim, and how the money held goes down their claims in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.capital.spec import COSTS, Capital, Levels, split
from sibsim.core.arrays import FloatArray, added


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

    accrued: FloatArray
    """Return earned and not received, (1 or D,); stays zero where the return is unlimited."""

    growth: float
    """What accrued return grows by in a period: (1 + h)^dt, or 1."""

    rate: float
    """What principal earns in a period: (1 + h)^dt - 1, h dt, or 0."""


@dataclass(slots=True)
class Pot:
    """Money in the contract account; its arrays change in place."""

    unspent: FloatArray
    """Drawn up front and not spent, (1 or D,)."""

    held: FloatArray
    """Left from payments, or set aside for costs, (1 or D,)."""

    reserve: FloatArray
    """The part of `held` that the waterfall has set aside for costs, (1 or D,)."""


def accrue(positions: Mapping[str, Position]) -> None:
    """Let one period pass on every return-cap account."""
    for each in positions.values():
        if each.rate:
            each.accrued *= each.growth
            each.accrued += each.principal * each.rate


def distribute(
    capital: Capital,
    t: int,
    *,
    levels: Levels,
    positions: Mapping[str, Position],
    pot: Pot,
    later: FloatArray,
) -> None:
    """Pass the money held down the waterfall at the end of period t; what is left stays held."""
    pot.reserve[...] = 0.0
    if not pot.held.any():
        return
    free = pot.held
    for level in levels:
        claims = [_claim(name, positions=positions, pot=pot, later=later) for name in level]
        if level[0] != COSTS and capital.is_unlimited(level[0]):
            claims = [free * share for share in _put_in_shares(level, positions=positions)]
        if len(claims) == 1:
            paid = [np.minimum(free, claims[0])]
            free -= paid[0]
        else:
            total = added(claims)
            goes = np.minimum(free, total)
            ratio = _ratio(goes, total)
            paid = [claim * ratio for claim in claims]
            free -= goes
        for name, claim, amount in zip(level, claims, paid, strict=True):
            if name == COSTS:
                pot.reserve += amount
            else:
                np.subtract(claim, amount, out=claim)
                positions[split(name)[0]].received[t] += amount
    free += pot.reserve


def _claim(
    name: str, *, positions: Mapping[str, Position], pot: Pot, later: FloatArray
) -> FloatArray:
    """Return what a claim is owed; for a tranche, the array that paying it reduces."""
    if name == COSTS:
        return np.maximum(later - pot.unspent, 0.0)
    tranche, part = split(name)
    return positions[tranche].principal if part == "principal" else positions[tranche].accrued


def _put_in_shares(
    level: tuple[str, ...], *, positions: Mapping[str, Position]
) -> list[FloatArray]:
    """Return how returns without a cap share: pro rata to what has been drawn, (1 or D,)."""
    put_in = [positions[split(name)[0]].put_in for name in level]
    total = added(put_in)
    return [_ratio(amount, total) for amount in put_in]


def call_guarantees(
    capital: Capital,
    *,
    put_in: Mapping[str, FloatArray],
    lost: Mapping[str, FloatArray],
    periods: int,
    last: int,
) -> dict[str, FloatArray]:
    """Return what every guarantee pays: min(amount, share x loss), at most what is uncovered.

    Parameters
    ----------
    capital
        The terms.
    put_in
        Drawn from each tranche up to the last payment, (1 or D,).
    lost
        Principal of each tranche not repaid then, (1 or D,).
    periods
        Number of periods (T).
    last
        Period of the last payment, in which every guarantee pays.

    Returns
    -------
    dict
        By guarantee, (T, 1 or D).
    """
    uncovered = dict(lost)
    paid = {}
    for name, guarantee in capital.guarantees.items():
        tranche = guarantee.tranche
        most: FloatArray | float = guarantee.amount.base_value
        if guarantee.of == "drawn":
            whole = np.array(capital.tranches[tranche].commitment.base_value)
            most = most * _ratio(put_in[tranche], whole)
        amount = np.minimum(most, guarantee.share * lost[tranche])
        amount = np.minimum(amount, uncovered[tranche])
        uncovered[tranche] = uncovered[tranche] - amount
        paid[name] = np.zeros((periods, *lost[tranche].shape))
        paid[name][last] = amount
    return paid


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, and zero where the whole is zero."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    return np.divide(part, whole, out=np.zeros(shape), where=whole > 0)
