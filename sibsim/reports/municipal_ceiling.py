"""The service ceiling test: whether a contract that pays for itself still squeezes services.

What municipalities spend on services, net and in a financial year, has a ceiling (Budgetloven § 10,
read 2026, https://admin.elov.dk/budgetlov/paragraf/10). The investor's conditional grant is income
under it, so that it meets the costs in the years of investment; what is paid for outcomes uses room
under it; a saving on services makes room, one on transfers does not (Den Sociale Investeringsfond,
*Kommunernes indbudgettering af investeringer*, read 2026,
https://socialeinvesteringer.nu/vaerktoejskasse/fase-1-opstart/kommunernes-indbudgettering-af-investeringer/).

Assumptions: room of one year is not carried to another. A refund by the state is booked in the
frame of its line, so that the refund lost on a saved service takes room; which refunds count as
income under the ceiling was not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sibsim.metrics import ROUNDING
from sibsim.reports.municipal_money import Item
from sibsim.reports.municipal_presentation import Presentation

if TYPE_CHECKING:
    import pandas as pd

UNDER_CEILING = "service"
"""Frame that the ceiling holds."""

_PARTS: dict[str, Callable[[Item], bool]] = {
    "grant": lambda item: item.frame == UNDER_CEILING and item.role in {"grant", "capital"},
    "service costs": lambda item: item.frame == UNDER_CEILING and item.role == "cost",
    "payments": lambda item: item.frame == UNDER_CEILING and item.role == "payment",
    "surplus": lambda item: item.frame == UNDER_CEILING and item.role == "surplus",
    "service savings": lambda item: item.frame == UNDER_CEILING and item.role == "saving",
    "room": lambda item: item.frame == UNDER_CEILING,
    "transfers": lambda item: item.frame == "transfers",
    "investment": lambda item: item.frame == "investment",
    "outside": lambda item: item.frame == "outside",
    "cash": lambda _: True,
}
"""Columns of the test, and which rows of the budget each sums."""


def service_ceiling_table(shown: Presentation) -> pd.DataFrame:
    """Return room under the ceiling and cash of every calendar year, and how they part.

    Parameters
    ----------
    shown
        Whose money, and how it is shown.
    """
    years = shown.results.case.timeline.years
    flows = {
        name: [item.flow for item in shown.items if belongs(item)]
        for name, belongs in _PARTS.items()
    }
    means = {name: shown.mean_of(each) for name, each in flows.items()}
    columns = {
        shown.word(name): shown.turned(shown.columns.weight * mean) for name, mean in means.items()
    }
    none = shown.sum_of(flows["room"]) < -ROUNDING
    cash = shown.net >= -ROUNDING
    columns[shown.word("no room")] = none.mean(axis=1)
    columns[shown.word("no room, cash")] = (none & cash).mean(axis=1)
    table = shown.dressed(
        np.stack(list(columns.values()), axis=-1),
        keys=[(str(year),) for year in years],
        names=("year",),
        columns=list(columns),
    )
    table[shown.word("squeezed")] = [
        shown.word(f"squeezed.{_squeezed(room, cash)}")
        for room, cash in zip(means["room"].tolist(), means["cash"].tolist(), strict=True)
    ]
    return table


def _squeezed(room: float, cash: float) -> str:
    """Return whether services give way on average: no, though there is cash, or for lack of it."""
    if room >= -ROUNDING:
        return "no"
    return "yes" if cash >= -ROUNDING else "short"
