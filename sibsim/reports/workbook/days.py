"""Formulas of days, which a spreadsheet numbers from the last day of 1899 on."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from sibsim.reports.workbook.formulas import Formula, Operand, call, lift

DAY_ZERO = date(1899, 12, 30)
"""The day that Excel numbers 0, for all days since March 1900."""

MONTHS = 12
"""Months of a year."""


def day_number(day: date) -> int:
    """Return the number that Excel gives a day."""
    return (day - DAY_ZERO).days


def year_of(day: Operand) -> Formula:
    """Return `YEAR` of a day number."""
    return _of_day("YEAR", day, lambda found: found.year)


def month_of(day: Operand) -> Formula:
    """Return `MONTH` of a day number."""
    return _of_day("MONTH", day, lambda found: found.month)


def day_of(day: Operand) -> Formula:
    """Return `DAY` of a day number: the day in its month."""
    return _of_day("DAY", day, lambda found: found.day)


def months_later(day: Operand, months: Operand) -> Formula:
    """Return `EDATE`: the same day whole months later; a day that a month lacks is its last."""
    first, shift = lift(day), lift(months)
    return call("EDATE", [first, shift], day_number(_shifted(first, int(shift.number))))


def days_in_month(day: Operand) -> Formula:
    """Return the number of days in the month of a day number."""
    first = lift(day)
    found = _day(first)
    text = f"DAY(EOMONTH({first.text},0))"
    return Formula(text, float(monthrange(found.year, found.month)[1]))


def _shifted(day: Formula, months: int) -> date:
    start = _day(day)
    year, month = divmod(start.year * MONTHS + start.month - 1 + months, MONTHS)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _of_day(name: str, day: Operand, part: Callable[[date], int]) -> Formula:
    lifted = lift(day)
    return call(name, [lifted], float(part(_day(lifted))))


def _day(number: Formula) -> date:
    return DAY_ZERO + timedelta(days=int(number.number))
