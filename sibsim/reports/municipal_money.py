"""The money of one party by calendar year: rows of its budget, what they sum to, in which columns.

The ledger is summed by calendar year once; every table is a sum of these sums. What a party gains
is positive here, and turns with the sign of the memo only when it is shown.

Assumption: a price index steps on 1 January, so that a year's money has one factor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from sibsim.budget.ledger import is_not_released
from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.postings import Frame, Posting

Role = Literal["saving", "payment", "surplus", "grant", "cost", "capital"]
"""What a row of the ledger is to a party: what it saves, pays for outcomes, gets back, is granted,
bears, or invests."""

_ROLES: Mapping[str, Role] = {
    "budget": "saving",
    "payments": "payment",
    "contract": "payment",
    "costs": "cost",
    "capital": "capital",
}
"""Role by the first part of a line."""

_OF_LINE: Mapping[str, Role] = {"costs.financed": "grant", "capital.surplus": "surplus"}
"""Role of lines that differ from those beside them."""

CITIZENS = "citizens"
"""Ledger party of those who receive benefits, work and pay taxes."""

GUARANTEE_FEE = "guarantee_fee"
"""Last part of the line of a fee for a guarantee, which is a cost and no capital."""

_NO_PART = ("returned",)
"""Last parts of lines that make no row of their own."""


@dataclass(frozen=True)
class Flow:
    """Money by calendar year, and what tables make of it, made once."""

    amount: FloatArray
    """What is gained (+) or paid (-) in each year, nominal, (Y, 1 or D)."""

    weight: FloatArray
    """What one unit of currency of each year is in the memo, (Y,)."""

    @cached_property
    def mean(self) -> FloatArray:
        """Mean over draws of each year, nominal, (Y,)."""
        mean: FloatArray = self.amount.mean(axis=-1)
        return mean

    @cached_property
    def total(self) -> FloatArray:
        """All years together, as the memo shows it, (1 or D,)."""
        return added(weight * row for weight, row in zip(self.weight, self.amount, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a party's budget by calendar year."""

    role: Role
    """What it is to the party."""

    name: str
    """Name of the line in the case."""

    part: str
    """Of a saving `gross`, `refund`, `equalisation`, `guarantee` or `not_released`; else empty or
    the last part of the ledger's line."""

    frame: Frame
    """Spending frame of the line."""

    flow: Flow
    """What the party gains (+) or pays (-)."""


def items_of(ledger: Iterable[Posting], party: str, *, weight: FloatArray) -> tuple[Item, ...]:
    """Return the rows of a party's budget; what it cannot take out of its budget is negative.

    Parameters
    ----------
    ledger
        Postings by calendar year, amounts (Y, 1 or D).
    party
        A ledger party.
    weight
        What one unit of currency of each year is in the memo, (Y,).

    Returns
    -------
    items
        One per role, name, part and frame, in the order of the ledger; they sum to what the party
        gains and can realise.
    """
    found: dict[tuple[Role, str, str, Frame], list[FloatArray]] = {}
    for each in ledger:
        held_back = is_not_released(each, party=party)
        if held_back or each.kind == "memo" or party not in {each.payer, each.payee}:
            signed = -each.amount if held_back else None
        else:
            signed = each.amount if each.payee == party else -each.amount
        if signed is not None:
            found.setdefault((*_read(each.line), each.frame), []).append(signed)
    return tuple(
        Item(
            role=role,
            name=name,
            part=part,
            frame=frame,
            flow=Flow(added(amounts, shape=amounts[0].shape), weight),
        )
        for (role, name, part, frame), amounts in found.items()
    )


def _read(line: str) -> tuple[Role, str, str]:
    """Return role, name and part of a line of the ledger."""
    room, name, *rest = line.split(".")
    part = rest[-1] if rest else ""
    role = _OF_LINE.get(line) or ("cost" if part == GUARANTEE_FEE else _ROLES[room])
    if role == "saving":
        return role, name, part or "gross"
    return role, name, "" if part in _NO_PART else part


@dataclass(frozen=True, slots=True)
class Columns:
    """How calendar years become the columns of a memo."""

    names: tuple[str, ...]
    """What the columns are called; the last is the total."""

    of_year: IntArray
    """Column of each calendar year of the case, (Y,)."""

    weight: FloatArray
    """What one unit of currency of each calendar year is in a memo, (Y,): deflated, by unit."""

    def shown(self, amount: FloatArray) -> FloatArray:
        """Return amounts by year (Y, n) as columns and their total, (columns, n)."""
        found = np.zeros((len(self.names), amount.shape[-1]))
        for column, weight, row in zip(self.of_year, self.weight, amount, strict=True):
            found[column] += weight * row
        found[-1] = Flow(amount, self.weight).total
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    flows: tuple[Flow, ...]
    """What it sums."""

    chance: bool = False
    """Whether the row is a total, with probabilities beside it."""


def row_of(items: Iterable[Item], *, chance: bool = False) -> Row:
    """Return the row that sums items, with probabilities beside it if asked."""
    return Row(tuple(item.flow for item in items), chance)
