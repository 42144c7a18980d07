"""The periods of a case: months or quarters from a start date, and the calendar years they fall in.

Positions in time are *months since the start of the case* (a float: 1 July of a case that starts
on 1 January is 6.0). Adding whole months to a position is exact, whatever the length of the months.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray

MONTHS_PER_PERIOD = {"month": 1, "quarter": 3}
"""Months in one period, by name of the period."""

DAYS_PER_YEAR = 365.25
"""Days of the average Julian year: amounts per year are prorated by days / 365.25."""

WEEKS_PER_MONTH = 13.04 / 3
"""Weeks in a month: 13.04 weeks to the quarter."""

MONTHS_PER_YEAR = 12
"""Months in a calendar year."""

Step = Literal["week", "month", "quarter", "year"]
"""Length of one step of a multi-state model."""

MONTHS_PER_STEP: Mapping[Step, float] = {
    "week": 1 / WEEKS_PER_MONTH,
    "month": 1.0,
    "quarter": 3.0,
    "year": float(MONTHS_PER_YEAR),
}
"""Months in one step, by its name."""

Period = Literal["month", "quarter"]
"""The length of one period."""


@dataclass(frozen=True)
class Timeline:
    """The periods of a case.

    Period t covers the months [t L, (t + 1) L) since the start, L = months per period. A date on a
    boundary belongs to the period it opens.
    """

    start: date
    """First day of the case; the first day of a calendar month or quarter."""

    end: date
    """Last day of the case; the last day of a calendar month or quarter."""

    period: Period
    """Length of one period."""

    @property
    def months_per_period(self) -> int:
        """Months in one period (L)."""
        return MONTHS_PER_PERIOD[self.period]

    @property
    def periods_per_year(self) -> int:
        """Periods in one year."""
        return MONTHS_PER_YEAR // self.months_per_period

    @cached_property
    def periods(self) -> int:
        """Number of periods (T)."""
        return round(self.months_at(self.end + timedelta(days=1))) // self.months_per_period

    @cached_property
    def starts(self) -> tuple[date, ...]:
        """First day of every period, and the day after the last one: T + 1 dates."""
        return tuple(self._first_of(t * self.months_per_period) for t in range(self.periods + 1))

    @cached_property
    def year_of_period(self) -> IntArray:
        """Calendar year of every period, shape (T,)."""
        return np.array([day.year for day in self.starts[:-1]], dtype=np.int64)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The calendar years of the case, in order."""
        return tuple(range(self.start.year, self.end.year + 1))

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of every period: `2024Q1` or `2024-01`."""
        if self.period == "month":
            return tuple(f"{day.year}-{day.month:02d}" for day in self.starts[:-1])
        return tuple(f"{day.year}Q{(day.month + 2) // 3}" for day in self.starts[:-1])

    def months_at(self, day: date) -> float:
        """Return the position of a date in months since the start, part of a month by its days."""
        whole = (day.year - self.start.year) * MONTHS_PER_YEAR + day.month - self.start.month
        length = calendar.monthrange(day.year, day.month)[1]
        return whole + (day.day - 1) / length

    def period_at(self, months: FloatArray) -> IntArray:
        """Return the period that contains each position; T or more lies beyond the horizon.

        Parameters
        ----------
        months
            Positions in months since the start, any shape.
        """
        return np.floor(months / self.months_per_period).astype(np.int64)

    def days_in_periods(self, first: date, last: date, *, shift: int = 0) -> FloatArray:
        """Return how many days of [first, last], both inclusive, fall in every period, shape (T,).

        Parameters
        ----------
        first, last
            The dates; `shift` whole months are added to both before counting.
        """
        lower = shifted(first, months=shift)
        upper = shifted(last + timedelta(days=1), months=shift)
        days = [
            max((min(upper, after) - max(lower, opens)).days, 0)
            for opens, after in zip(self.starts[:-1], self.starts[1:], strict=True)
        ]
        return np.array(days, dtype=np.float64)

    def post(
        self, amount: FloatArray, months: FloatArray, *, last: float = np.inf
    ) -> tuple[FloatArray, FloatArray]:
        """Place amounts in the periods that contain their dates; before the start, in the first.

        Parameters
        ----------
        amount
            Money or counts, shape (D,) or (1,).
        months
            Position of each amount in months since the start, shape (D,) or (1,).
        last
            Positions after it lapse, in months since the start.

        Returns
        -------
        posted
            Shape (T, D): the amount in its period.
        lapsed
            Shape (D,): what falls after `last` or beyond the horizon.
        """
        draws = max(amount.shape[-1], months.shape[-1])
        posted = np.zeros((self.periods, draws))
        inside = np.maximum(self.period_at(months), 0)
        period = np.where(months > last, self.periods, inside)
        lapsed = np.where(period >= self.periods, amount, 0.0)
        for t in np.unique(period[period < self.periods]):
            posted[t] = np.where(period == t, amount, 0.0)
        return posted, np.broadcast_to(lapsed, (draws,))

    def _first_of(self, months: int) -> date:
        return shifted(self.start, months=months)


def shifted(day: date, *, months: int) -> date:
    """Return the date `months` later; a day that the month lacks becomes the month's last day."""
    index = day.year * MONTHS_PER_YEAR + day.month - 1 + months
    year, month = divmod(index, MONTHS_PER_YEAR)
    length = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length))
