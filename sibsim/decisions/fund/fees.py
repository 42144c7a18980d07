"""What a fund costs its investors: management fees and carried interest.

Carried interest follows a whole-fund ("European") waterfall without catch-up: what is called is
owed back with the hurdle rate, and of what is distributed beyond that the manager keeps a share.
It is worked out on all flows so far: if later calls make what was kept too much, the excess is
returned at once, with the hurdle rate. So at the end, at the hurdle rate, the investors keep
exactly one less the share of what the fund is worth to them, if that is above zero. Real funds
settle such a claw-back when they close.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.timeline import MONTHS_PER_YEAR
from sibsim.core.validation import shown
from sibsim.errors import ArgumentError

SHARES = ("of_committed", "of_drawn", "carried")
"""Fees that are shares."""


@dataclass(frozen=True)
class Fees:
    """What the manager of a fund takes; nothing where nothing is stated."""

    of_committed: float = 0.0
    """Share a year of what each deal commits, in [0, 1), from the start of its case to the end of
    the period of its last payment, paid at the start of each period."""

    of_drawn: float = 0.0
    """Share a year of what each deal has drawn and not yet given back, in [0, 1), over the same
    time, paid at the start of each period on what is out then."""

    fixed: float = 0.0
    """Amount a year in current prices, at least 0, from the start of the first deal to the last
    payment of any, paid at the start of each period."""

    carried: float = 0.0
    """Carried interest: share of the profit above the hurdle, in [0, 1)."""

    hurdle: float = 0.0
    """Effective annual rate that investors get first, at least 0."""

    def __post_init__(self) -> None:
        """Refuse fees that are out of range; all of them at once.

        Raises
        ------
        ArgumentError
            If one of them is.
        """
        faults = []
        for each in fields(self):
            given = getattr(self, each.name)
            number = isinstance(given, int | float) and not isinstance(given, bool)
            if each.name in SHARES and not (number and 0 <= given < 1):
                faults.append(
                    f"{each.name}: got {shown(given)}; it is a share of at least 0 and below 1; "
                    "2 % is 0.02"
                )
            elif not (number and 0 <= given < np.inf):
                what = "a rate a year, 4 % is 0.04" if each.name == "hurdle" else "an amount a year"
                faults.append(f"{each.name}: got {shown(given)}; it is {what}, and at least 0")
        if not faults and self.hurdle and not self.carried:
            faults.append(
                f"hurdle: got {shown(self.hurdle)} without carried interest, of which alone it "
                "decides; state `carried`, or leave it out"
            )
        if faults:
            raise ArgumentError("\n  ".join(faults))

    @property
    def any(self) -> bool:
        """Whether anything is taken."""
        return any((self.of_committed, self.of_drawn, self.fixed, self.carried))


def on_deal(
    fees: Fees,
    *,
    commitment: float,
    flows: FloatArray,
    last_period: int,
    months: int,
) -> FloatArray:
    """Return the fees on one deal at the start of each period, on its nodes, (T + 1, 1 or D).

    Parameters
    ----------
    fees
        What is agreed.
    commitment
        What the deal commits, money.
    flows
        Receipts less drawings on the nodes of the deal, (T + 1, 1 or D).
    last_period
        Period of the last payment, the last for which a fee is taken.
    months
        Months in one period.
    """
    years = months / MONTHS_PER_YEAR
    taken = np.zeros(flows.shape)
    lived = slice(0, last_period + 1)
    if fees.of_drawn:
        out = np.maximum(-np.cumsum(flows[lived], axis=0), 0.0)
        taken[lived] += fees.of_drawn * years * out
    taken[lived] += fees.of_committed * years * commitment
    return taken


def carried_interest(
    called: FloatArray, distributed: FloatArray, *, fees: Fees, years: float
) -> FloatArray:
    """Return what the manager keeps of what is distributed; below zero what it returns, (N, D).

    With B_j = B_(j-1) (1 + h)^dt + called_j - distributed_j and C_j = C_(j-1) (1 + h)^dt + kept_j,
    kept_j = min(c max(-B_j, 0) - C_(j-1) (1 + h)^dt, distributed_j), c the share, h the hurdle.

    Parameters
    ----------
    called, distributed
        What investors pay in and get back before carried interest, on nodes, (N, D).
    fees
        What is agreed.
    years
        Years between nodes (dt).
    """
    kept = np.zeros(called.shape)
    if not fees.carried:
        return kept
    growth = (1.0 + fees.hurdle) ** years
    owed, had = np.zeros(called.shape[1]), np.zeros(called.shape[1])
    for node, (paid_in, paid_out) in enumerate(zip(called, distributed, strict=True)):
        owed = owed * growth + paid_in - paid_out
        had = had * growth
        due = np.minimum(fees.carried * np.maximum(-owed, 0.0) - had, paid_out)
        kept[node] = np.where((paid_in != 0) | (paid_out != 0), due, 0.0)
        had = had + kept[node]
    return kept
