"""The counts of a year that a refund by days or by thresholds needs, and what thresholds leave.

A cohort has a count for each date on which its service really starts (`sibsim.core.year_count`);
dates from which the same rules hold over all steps share theirs.

Assumption: the months after which a threshold is passed are the threshold over the amount per
month, both at the price level of the case, and hence the same in every calendar year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from sibsim.budget.refund_rules import MONTHS_PER_DAY, DayLimit, Thresholds
from sibsim.budget.terms import Refund
from sibsim.core.arrays import FloatArray
from sibsim.core.paths import Occupancy
from sibsim.core.prices import Index
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline
from sibsim.core.year_count import CalendarYear, Counting, RunningYear, Scale, YearCount


def running_years(
    refund: Refund,
    *,
    limits: Sequence[tuple[DayLimit, slice]],
    occupancy: Occupancy,
    start: FloatArray,
    timeline: Timeline,
) -> list[list[Counting]]:
    """Return the counts of each cohort for a refund of so many days a year.

    Parameters
    ----------
    refund
        The refund.
    limits
        The limits that hold one after the other, with their periods.
    occupancy
        Time that people spend in states.
    start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    timeline
        The periods of the case.
    """
    months = timeline.months_per_period
    changes = [holds.start * months for _, holds in limits[1:]]
    end = occupancy.steps * occupancy.step_months

    def of_start(begins: float) -> YearCount:
        # Changes before the start or after the last step are as good as on those days.
        within = np.clip(np.array(changes) - begins, 0.0, end)
        return RunningYear(
            step_months=occupancy.step_months,
            period_months=months,
            since_opening=begins % (2 * months) if begins > 0.0 else begins,
            changes=tuple(map(float, within)),
            limits=tuple(each.months for each, _ in limits),
            shares=tuple(each.share for each, _ in limits),
            used_before=refund.days_before * MONTHS_PER_DAY,
            keeps=refund.running_counts == "old_limit",
        )

    return [_of_cohort(row, of_start=of_start) for row in start]


def calendar_years(
    thresholds: Sequence[tuple[Thresholds, slice]],
    *,
    scales: Sequence[Sequence[Scale]],
    occupancy: Occupancy,
    start: FloatArray,
    timeline: Timeline,
) -> list[list[Counting]]:
    """Return the counts of each cohort for a refund above thresholds of a calendar year.

    Parameters
    ----------
    thresholds
        The thresholds that hold one after the other, with their periods.
    scales
        For each of them the scale of each cohort, or one for all.
    occupancy
        Time that people spend in states.
    start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    timeline
        The periods of the case.
    """
    opens = np.searchsorted(timeline.year_of_period, timeline.years)
    begins = [holds.start for _, holds in thresholds]
    by_year = [scales[number - 1] for number in np.searchsorted(begins, opens, side="right")]

    @cache
    def of_start(begins: float, row: int) -> YearCount:
        years, month = divmod(timeline.start.month - 1 + begins, MONTHS_PER_YEAR)
        before = min(int(years), len(by_year) - 1)
        scales_on = by_year[max(before, 0) :]
        return CalendarYear(
            step_months=occupancy.step_months,
            year=timeline.start.year + int(years),
            months_left=MONTHS_PER_YEAR - month,
            booked_from=timeline.start.year,
            scales=tuple(each[row] for each in (*by_year[:1] * max(-before, 0), *scales_on)),
        )

    return [
        _of_cohort(row, of_start=partial(of_start, row=cohort if len(scales[0]) > 1 else 0))
        for cohort, row in enumerate(start)
    ]


def scales_of(
    thresholds: Thresholds, *, monthly: FloatArray, index: Index | None, price_year: int
) -> list[Scale]:
    """Return the scale of each cohort, or one for all, in months of the amount.

    Parameters
    ----------
    thresholds
        The thresholds.
    monthly
        Amount per person-month at the price level of the price year, (C or 1, 1 or D).
    index, price_year
        As in `Thresholds.money`.
    """
    money = thresholds.money(index=index, price_year=price_year)[:, np.newaxis]
    return [
        Scale(
            from_months=np.divide(
                money, row, out=np.full((len(money), len(row)), np.inf), where=row > 0.0
            ),
            shares=thresholds.shares,
        )
        for row in monthly
    ]


def share_all_year(scales: Sequence[Scale]) -> FloatArray:
    """Return what counts of a calendar year spent in whole, as a share of it, (C or 1, 1 or D)."""
    year = np.array([float(MONTHS_PER_YEAR)])
    return np.stack([scale.counted(year) / MONTHS_PER_YEAR for scale in scales])


def _of_cohort(start: FloatArray, *, of_start: Callable[[float], YearCount]) -> list[Counting]:
    """Return the counts of a cohort that really starts on some dates, (1 or D,)."""
    starts, place = np.unique(start, return_inverse=True)
    counts = [of_start(float(each)) for each in starts]
    distinct = list(dict.fromkeys(counts))
    if len(distinct) == 1:
        return [Counting(None, distinct[0])]
    number = np.array([distinct.index(each) for each in counts])[place]
    groups = [np.flatnonzero(number == position) for position in range(len(distinct))]
    return [Counting(draws, each.of(draws)) for draws, each in zip(groups, distinct, strict=True)]
