"""Rows of money by calendar year, and the columns of a budget memo that sum them.

A year's amount is what periods that begin in it sum to, in fixed prices by the index that the
library's tables use, per 1,000 unless a case is shown in another unit. The memo has a column for
its budget year, one for each of three estimate years (overslagsår), one for later years and a
total; years before the budget year, if there are any, stand first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sibsim.core.words import Words
from sibsim.reports.municipal_presentation import Presentation
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula, added, lift, sum_where, total
from sibsim.reports.workbook.model import Live, Periods
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Style

ALL_YEARS = Words(da="Alle år", en="All years")
YEAR = Words(da="år", en="year")
PRICES = Words(da="prisniveau", en="price level")
PRICES_NOTE = Words(
    da="indeksets faktor i årets første periode; 1 i løbende priser",
    en="factor of the index in the first period of the year; 1 in current prices",
)
DIVIDED = Words(da="divideres med", en="divided by")
DIVIDED_NOTE = Words(da="enhed * prisniveau", en="unit * price level")


BASE_CASE = Words(
    da="Arket viser base casen, ét forløb uden tilfældigheder; et memo viser gennemsnit af alle "
    "forløb.",
    en="The sheet shows the base case, without chance; a memo shows means over all draws.",
)
"""What stands over a table of years, since a memo of the same case has other figures."""


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a table by year."""

    title: str
    """What it is."""

    frame: str = ""
    """Spending frame; empty where it has none."""

    amounts: Sequence[Column] = ()
    """Columns by period that it sums."""

    sign: float = 1.0
    """-1 where the columns hold what is shown the other way round."""

    rows: Sequence[int] = ()
    """Other rows that it sums, by position; then it has no amounts of its own."""

    is_total: bool = False
    """Whether it is a total."""

    @property
    def is_heading(self) -> bool:
        """Whether it only says what stands below it."""
        return not (self.amounts or self.rows or self.is_total)


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of a table."""

    cells: Sequence[Sequence[Formula]]
    """By row and column of the memo, the last being the total; none of a heading."""


def write_by_year(
    live: Live,
    periods: Periods,
    sheet: Sheet,
    *,
    shown: Presentation,
    rows: Sequence[Row],
    heads: Sequence[Words | str],
) -> Table:
    """Write rows in the columns of a memo, and under them the years that these sum.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    sheet
        Where it is written.
    shown
        Sign, unit, prices and columns of the memo.
    rows
        The rows.
    heads
        What stands over their titles and, if there is a second, over their frames.
    """
    names = shown.columns.names
    framed = len(heads) > 1
    top = sheet.row
    sheet.row += len(rows) + 2
    yearly = _write_years(live, periods, sheet, shown=shown, rows=rows)
    below = sheet.row
    sheet.row = top
    block = sheet.block([row.title for row in rows], title=heads[0])
    if framed:
        block.text(heads[1], [row.frame for row in rows])
    found: list[list[Formula]] = [[] for _ in rows]
    for position, name in enumerate(names):
        column = block.reserve(name)
        for place, row in enumerate(rows):
            if row.is_heading:
                continue
            if position == len(names) - 1:
                cell = total(*found[place])
            else:
                years = [
                    year
                    for year, at in enumerate(shown.columns.of_year)
                    if at == position and year < len(yearly)
                ]
                cell = added([yearly[year].at(place) for year in years])
            style: Style | None = "total" if row.is_total else None
            found[place].append(column.set(place, cell, style=style))
    sheet.row = below
    return Table(found)


def _write_years(
    live: Live,
    periods: Periods,
    sheet: Sheet,
    *,
    shown: Presentation,
    rows: Sequence[Row],
) -> list[Column]:
    """Write every row by calendar year and return a column for each year."""
    timeline = live.case.timeline
    sheet.heading(ALL_YEARS)
    years = timeline.years
    prices = sheet.block([str(year) for year in years], title="")
    first = periods.year.at(0)
    year = prices.column(YEAR, lambda row: first + row, kind="year")
    level = prices.column(
        PRICES,
        lambda row: _level(periods, shown, year=years[row], live=live),
        kind="factor",
        note=PRICES_NOTE,
    )
    divisor = prices.column(
        DIVIDED, lambda row: shown.unit * level.at(row), kind="number", note=DIVIDED_NOTE
    )
    block = sheet.block([row.title for row in rows], title="")
    keys = periods.year.all
    ranges = {id(each): each.all for row in rows for each in row.amounts}
    found = []
    for place, number in enumerate(years):
        column = block.reserve(str(number))
        for position, row in enumerate(rows):
            if row.is_heading:
                continue
            if row.rows:
                cell = added([column.at(other) for other in row.rows])
            else:
                parts = [
                    sum_where(ranges[id(each)], keys=keys, key=year.at(place))
                    for each in row.amounts
                ]
                cell = _signed(added(parts), shown.direction * row.sign) / divisor.at(place)
            column.set(position, cell, style="total" if row.is_total else None)
        found.append(column)
    return found


def _signed(amount: Formula, sign: float) -> Formula:
    return amount if sign > 0 else -amount


def _level(periods: Periods, shown: Presentation, *, year: int, live: Live) -> Formula:
    """Return the price level of a calendar year, 1 in current prices."""
    if shown.prices is None:
        return lift(1)
    of_period = list(live.case.timeline.year_of_period)
    return periods.factors[shown.prices].at(of_period.index(year))
