"""The sheet of time: the first day, position, year and price level of every period.

Formulas follow section 1 of the model (positions, periods) and its price indices in section 3: with
growth per year f(y) = (1 + growth)^(y - price year); by a dated table f(y) = level(y) / level(price
year), where the level goes on growing after the last year of the table. The number and length of
periods are those of the case that the workbook was written of.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.prices import Index
from sibsim.core.wording import index_words
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.days import day_of, days_in_month, month_of, months_later, year_of
from sibsim.reports.workbook.formulas import Formula, at, largest, smallest
from sibsim.reports.workbook.model import Live, Periods
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Tid", en="Time")
"""Name of the sheet."""

MONTHS_PER_YEAR = 12
"""Months of a year."""


def write_periods(live: Live) -> Periods:
    """Write the sheet of time and return its columns.

    Parameters
    ----------
    live
        The workbook, the case and its inputs.
    """
    case, timeline = live.case, live.case.timeline
    sheet = live.book.sheet(SHEET)
    sheet.heading(
        Words(da="Tid og priser", en="Time and prices"),
        note=Words(
            da="Positioner er måneder siden sagens første dag. Indeks skifter 1. januar.",
            en="Positions are months since the first day of the case. Indices step on 1 January.",
        ),
    )
    case_start = live.inputs["start"]
    tables = {
        name: _levels(live, sheet, name, index)
        for name, index in case.indices.items()
        if index.values is not None
    }
    block = sheet.block(timeline.labels, title=Words(da="periode", en="period"))
    months, number = timeline.months_per_period, timeline.periods
    first_day = block.reserve(Words(da="første dag", en="first day"), kind="date")
    start = block.reserve(
        Words(da="position", en="position"),
        kind="count",
        note=Words(da="Måneder siden sagens start.", en="Months since the start of the case."),
    )
    for row in range(number):
        after = months_later(first_day.before(row), months) if row else case_start
        first_day.set(row, after)
        start.set(row, start.before(row) + months if row else 0)
    year = block.column(
        Words(da="år", en="year"), lambda row: year_of(first_day.at(row)), kind="year"
    )
    factors = {
        name: _factor(live, block, name, year=year, table=tables.get(name)) for name in case.indices
    }
    return Periods(
        first_day=first_day,
        start=start,
        year=year,
        factors=factors,
        case_start=case_start,
        months=months,
        number=number,
    )


def position(day: Formula, *, case_start: Formula) -> Formula:
    r"""Return the position of a day, in months since the start of the case.

    12 (year - year_0) + (month - month_0) + (day - 1) / days in that month.

    Parameters
    ----------
    day
        A cell that holds the day.
    case_start
        First day of the case.
    """
    years = year_of(day) - year_of(case_start)
    months = month_of(day) - month_of(case_start)
    return MONTHS_PER_YEAR * years + months + (day_of(day) - 1) / days_in_month(day)


class _Levels:
    """The dated table of an index."""

    def __init__(self, levels: Column, *, first: int, last: int, growth: Formula) -> None:
        """Keep the levels of the years from the first to the last, and the growth after it."""
        self.levels, self.first, self.last, self.growth = levels, first, last, growth

    def at(self, year: Formula) -> Formula:
        """Return the level of a calendar year, a cell."""
        place = smallest(year, self.last) - (self.first - 1)
        return at(self.levels.all, place) * (1 + self.growth) ** largest(year - self.last, 0)


def _levels(live: Live, sheet: Sheet, name: str, index: Index) -> _Levels:
    values: Mapping[str, float] = index.values or {}
    years = sorted(map(int, values))
    title = index_words(name)
    block = sheet.block(
        [str(year) for year in years],
        title=Words(da=f"indeks: {title.da}", en=f"index: {title.en}"),
    )
    levels = block.column(
        Words(da="niveau", en="level"),
        (live.inputs[f"indices.{name}.values.{year}"] for year in years),
        kind="number",
    )
    growth = live.inputs.get(f"indices.{name}.then_per_year", 0.0)
    return _Levels(levels, first=years[0], last=years[-1], growth=growth)


def _factor(live: Live, block: Block, name: str, *, year: Column, table: _Levels | None) -> Column:
    """Add the factor of an index: how much prices of the year exceed those of the price year."""
    title, price_year = index_words(name), live.inputs["price_year"]
    said = Words(da=f"indeks: {title.da}", en=f"index: {title.en}")
    if table is None:
        growth = live.inputs[f"indices.{name}.per_year"]
        note = Words(
            da="(1 + vækst pr. år) opløftet til år minus prisår.",
            en="(1 + growth per year) to the power of year less price year.",
        )
        return block.column(
            said,
            lambda row: (1 + growth) ** (year.at(row) - price_year),
            kind="factor",
            note=note,
        )
    note = Words(
        da="Årets niveau delt med prisårets. Efter tabellens sidste år vokser niveauet videre.",
        en="Level of the year over that of the price year. After the last year of the table the "
        "level goes on growing.",
    )
    level = block.column(
        Words(da=f"niveau: {title.da}", en=f"level: {title.en}"),
        lambda row: table.at(year.at(row)),
        kind="number",
    )
    return block.column(
        said, lambda row: level.at(row) / table.at(price_year), kind="factor", note=note
    )
