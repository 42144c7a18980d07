"""The service ceiling test: whether a contract that pays for itself still squeezes services.

What municipalities spend on services, net and in a financial year, has a ceiling (Budgetloven § 10,
read 2026, https://admin.elov.dk/budgetlov/paragraf/10). The investor's conditional grant is income
under it, so that it meets the costs in the years of investment; what is paid for outcomes uses room
under it; a saving on services makes room, one on transfers does not (Den Sociale Investeringsfond,
*Kommunernes indbudgettering af investeringer*, read 2026,
https://socialeinvesteringer.nu/vaerktoejskasse/fase-1-opstart/kommunernes-indbudgettering-af-investeringer/).

Assumptions: room of one year is not carried to another. The ceiling holds what services cost net
before refunds by the state, which municipal accounts book apart: our reading, and neither was read
in a source. So a saving on a service makes room before what the state refunds less of it, and that
change has a column of its own; `refunds_under_ceiling` counts it under the ceiling. Of a gross
saving the share that is released makes room; what is not goes on being spent, and refunded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sibsim.budget.ledger import is_not_released
from sibsim.budget.lines import STATE
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import mc_error_of_mean
from sibsim.metrics import ROUNDING
from sibsim.reports.municipal_money import Item
from sibsim.reports.municipal_presentation import Presentation

if TYPE_CHECKING:
    import pandas as pd

UNDER_CEILING = "service"
"""Frame that the ceiling holds."""

NOT_RELEASED = "not_released"
"""Last part of the line of the ledger that notes what cannot be taken out of a budget."""

_GOES_ON = {"service savings": -1.0, "room": -1.0, "refunds outside": 1.0}
"""Columns that a refund of what is not released moves between: it is not lost, so that of a gross
saving only the share released makes room."""

NOISE = 2.0
"""Monte Carlo errors within which the sign of a mean may be chance."""

HALF_A_UNIT = 0.5
"""Least amount that a table in whole units shows."""


def _parts(*, refunds_under_ceiling: bool) -> dict[str, Callable[[Item], bool]]:
    """Return the columns of the test, and which rows of the budget each sums."""

    def apart(item: Item) -> bool:
        is_refund = item.role == "saving" and item.part == "refund"
        return is_refund and item.frame == UNDER_CEILING and not refunds_under_ceiling

    def under(item: Item) -> bool:
        return item.frame == UNDER_CEILING and not apart(item)

    return {
        "grant": lambda item: under(item) and item.role in {"grant", "capital"},
        "service costs": lambda item: under(item) and item.role == "cost",
        "payments": lambda item: under(item) and item.role == "payment",
        "surplus": lambda item: under(item) and item.role == "surplus",
        "service savings": lambda item: under(item) and item.role == "saving",
        "room": under,
        "refunds outside": apart,
        "transfers": lambda item: item.frame == "transfers",
        "investment": lambda item: item.frame == "investment",
        "outside": lambda item: item.frame == "outside",
        "cash": lambda _: True,
    }


def service_ceiling_table(shown: Presentation) -> pd.DataFrame:
    """Return room under the ceiling and cash of every calendar year, and how they part.

    Parameters
    ----------
    shown
        Whose money, and how it is shown; gains are positive whatever the sign.
    """
    shown = shown.with_sign("saving_positive")
    years = shown.results.case.timeline.years
    flows = {
        name: [item.flow for item in shown.items if belongs(item)]
        for name, belongs in _parts(refunds_under_ceiling=shown.refunds_under_ceiling).items()
    }
    for name, sign in _GOES_ON.items() if not shown.refunds_under_ceiling else ():
        flows[name] += [shown.flow(sign * amount) for amount in _still_refunded(shown)]
    means = {name: shown.mean_of(each) for name, each in flows.items()}
    columns = {
        shown.word(name): shown.turned(shown.columns.weight * mean) for name, mean in means.items()
    }
    room = shown.sum_of(flows["room"])
    none = room < -ROUNDING
    columns[shown.word("no room")] = none.mean(axis=1)
    columns[shown.word("no room, cash")] = (none & (shown.net >= -ROUNDING)).mean(axis=1)
    table = shown.dressed(
        np.stack(list(columns.values()), axis=-1),
        keys=[(str(year),) for year in years],
        names=("year",),
        columns=list(columns),
    )
    table[shown.word("squeezed")] = _squeezed(shown, room)
    refunds = "refunds under" if shown.refunds_under_ceiling else "refunds outside"
    table.columns.name = f"{shown.caption}, {shown.word(refunds)}"
    table.attrs |= {
        "caption": table.columns.name,
        "refunds_under_ceiling": shown.refunds_under_ceiling,
    }
    return table


def _still_refunded(shown: Presentation) -> list[FloatArray]:
    """Return what the state goes on refunding of service savings that are not released, (Y, D)."""
    own = {
        f"budget.{name}.{NOT_RELEASED}"
        for name, line in shown.results.case.budget.items()
        if line.party == shown.party
        and line.frame == UNDER_CEILING
        and line.refund is not None
        and line.guarantee is None
    }
    return [
        each.amount
        for each in shown.ledger
        if each.line in own and is_not_released(each, party=STATE)
    ]


def _direction(shown: Presentation, amount: FloatArray) -> FloatArray:
    """Return 1 or -1 where a year's mean is surely above or below zero, else 0, (Y,).

    Surely is beyond two Monte Carlo errors of it and beyond half a unit shown.
    """
    weight, least = shown.columns.weight, np.full(len(amount), HALF_A_UNIT)
    if amount.shape[-1] > 1:
        nets = shown.results.in_nets
        errors = np.array([mc_error_of_mean(each, nets=nets) for each in amount])
        least = np.maximum(least, NOISE * weight * errors)
    mean = weight * amount.mean(axis=-1)
    return np.where(np.abs(mean) > least, np.sign(mean), 0.0)


def _squeezed(shown: Presentation, room: FloatArray) -> list[str]:
    """Return whether services give way: no, perhaps, though there is cash, or for lack of it."""
    less, cash = _direction(shown, room), _direction(shown, shown.net)
    perhaps = np.where(room.mean(axis=-1) < -ROUNDING, "zero", "no")
    found = np.where(less < 0, np.where(cash < 0, "short", "yes"), perhaps)
    return [shown.word(f"squeezed.{each}") for each in found.tolist()]
