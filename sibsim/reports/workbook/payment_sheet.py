"""The sheet of the payment table: what is paid for, how much, by which data, on which terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibsim.core.words import Words
from sibsim.reports.workbook.model import Live

if TYPE_CHECKING:
    import pandas as pd

SHEET = Words(da="Betalingstabel", en="PaymentTable")
HEADING = Words(da="Hvad der betales for", en="What is paid for")
WIDE = 60
"""Width of the column of details, in characters."""


def write_payment_table(live: Live, table: pd.DataFrame) -> None:
    """Write the payment table of a contract as text.

    Parameters
    ----------
    live
        The workbook.
    table
        One row per payment line, as `sibsim.reports.payment_table.payment_table` makes it.
    """
    sheet = live.book.sheet(SHEET, tab="result")
    sheet.heading(HEADING)
    if table.empty:
        return
    first, *rest = table.columns
    block = sheet.block([str(each) for each in table[first]], title=str(first))
    for name in rest:
        block.text(str(name), [str(each) for each in table[name]])
    sheet.paper.set_column(block.width - 1, block.width - 1, WIDE)
