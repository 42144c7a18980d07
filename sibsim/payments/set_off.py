"""What the investors owe back is set off against what the payers owe them.

A claim of the payers - a clawback, the bad end of a two-sided payment - is set off against all
payments of the contract from the period in which it arises on, until it is settled. What is still
open after the last payment is called from the capital. Assumption: payers settle between themselves
what one is owed and another pays, so that claims share pro rata in what can be set off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, added
from sibsim.payments.settlement import Payments


@dataclass(frozen=True, slots=True)
class SetOff:
    """What is left to pay, and what of the payers' claims is settled by it."""

    paid: Mapping[str, FloatArray]
    """Paid into the contract's account after set-off, by line, (T, 1 or D)."""

    taken: Mapping[tuple[str, str], FloatArray]
    """Set off for each line and payer, (T, 1 or D)."""

    still_open: Mapping[tuple[str, str], FloatArray]
    """Owed back and not set off, by line and payer, (1 or D,)."""


def set_off(payments: Payments) -> SetOff:
    """Set what the investors owe back off against payments, from each period on.

    Parameters
    ----------
    payments
        What is paid, and what is owed back.
    """
    claims = payments.returned_to
    if not claims:
        return SetOff(payments.paid, {}, {})
    total = added(payments.paid.values())
    shape = np.broadcast_shapes(total.shape, *(each.shape for each in claims.values()))
    total = np.broadcast_to(total, shape)
    left = {key: np.zeros(shape[1:]) for key in claims}
    taken = {key: np.zeros(shape) for key in claims}
    for t in range(shape[0]):
        for key, claim in claims.items():
            left[key] = left[key] + claim[t]
        owed = added(left.values())
        share = np.minimum(total[t], owed) / np.where(owed > 0, owed, 1.0)
        for key, amount in left.items():
            taken[key][t] = amount * share
            left[key] = amount - taken[key][t]
    kept = 1.0 - added(taken.values()) / np.where(total > 0, total, 1.0)
    kept = np.clip(kept, 0.0, 1.0)
    paid = {line: amount * kept for line, amount in payments.paid.items()}
    return SetOff(paid, taken, left)
