"""Time, days or money that a line counts in each period, for one cohort after the other.

What has come by some month x after the real start is a sum over follow-ups, exact: of straight
lines between them the time times the mean height; after the last one additional people times the
mean over people of min(lasts, x - last). What comes in a period is the difference of two such sums,
so that what comes before the case begins is booked in its first period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.days import MONTHS
from sibsim.reports.workbook.formulas import (
    Formula,
    above_zero,
    added,
    cut,
    largest,
    lift,
    lower_of,
    sum_product,
    where,
)
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.people import LASTS
from sibsim.reports.workbook.savings.references import fixed_place
from sibsim.reports.workbook.savings.states import person_months
from sibsim.reports.workbook.savings.terms import Line


@dataclass(frozen=True, eq=False)
class Window:
    """What lies between a follow-up and the one before."""

    since: Formula
    """Follow-up before, in months after the real start; 0 for the first."""

    at: Formula
    """The follow-up."""

    counted: Formula
    """What counts at the follow-up: additional results of a cohort that is served."""

    level: Formula
    """What counts at the follow-up before; 0 for the first."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What one cohort brings to a line in each period."""

    since_start: Column
    """Months since the real start at the end of the period."""

    units: Column
    """Person-months, days, events or money in the period."""


Counting = Callable[[Block, int], Counted]
"""Writes the columns of a cohort into the block of periods."""


def write_counting(line: Line) -> Counting:
    """Write what a line counts from, and return what writes the columns of a cohort.

    Parameters
    ----------
    line
        The line.
    """
    if line.spec.states is not None:
        return _in_states(line)
    windows = _write_windows(line)
    if line.spec.per_year is not None:
        return _by_year(line, windows=windows)
    return _by_follow_up(line, windows=windows)


def _since_start(line: Line, block: Block, cohort: int) -> Column:
    periods, start = line.periods, line.start[cohort]
    return block.column(
        w.of(w.SINCE_START, cohort + 1),
        lambda t: largest(0, periods.start.at(t) + periods.months - start),
        kind="number",
        note=w.SINCE_START_NOTE,
    )


def _write_windows(line: Line) -> list[list[Window]]:
    """Write what counts at each follow-up of each cohort."""
    outcome = line.outcome
    months = outcome.follow_up
    cells = [(c, k) for c in range(len(line.start)) for k in range(len(months))]
    line.sheet.row += 1
    line.sheet.heading(w.PEOPLE)
    labels = [
        Words(
            da=f"hold {c + 1}, {months[k].number:g} mdr.",
            en=f"cohort {c + 1}, {months[k].number:g} months",
        )
        for c, k in cells
    ]
    block = line.sheet.block(labels, title="")
    since = block.column(w.SINCE, (months[k - 1] if k else 0 for _, k in cells), kind="count")
    at = block.column(w.AT, (months[k] for _, k in cells), kind="count")
    more = block.column(w.ADDITIONAL, (outcome.additional[c][k] for c, k in cells), kind="factor")
    sign = line.spec.sign
    counted = block.column(
        w.COUNTED,
        (sign * more.at(row) * line.served[c] for row, (c, _) in enumerate(cells)),
        kind="factor",
        note=w.COUNTED_NOTE,
    )
    place = iter(range(len(cells)))
    return [
        [
            Window(
                since=fixed_place(since.at(row)),
                at=fixed_place(at.at(row)),
                counted=fixed_place(counted.at(row)),
                level=fixed_place(counted.at(row - 1)) if k else lift(0),
            )
            for k, row in enumerate(next(place) for _ in months)
        ]
        for _ in line.start
    ]


def _in_period(block: Block, title: Words, *, so_far: Column) -> Column:
    return block.column(
        title, lambda t: so_far.at(t) - so_far.before(t), kind="factor", note=w.IN_PERIOD_NOTE
    )


def _by_follow_up(line: Line, *, windows: Sequence[Sequence[Window]]) -> Counting:
    """Return what writes person-time between and after follow-ups, or days and events."""
    grid = line.grids[line.name, LASTS]
    title, note, part, unit = (
        (w.EVENTS_SO_FAR, w.EVENTS_SO_FAR_NOTE, _evenly, w.EVENTS)
        if line.counted
        else (w.SO_FAR, w.SO_FAR_NOTE, _straight, w.TIME)
    )

    def write(block: Block, cohort: int) -> Counted:
        last = windows[cohort][-1]
        months = _since_start(line, block, cohort)
        lasted = block.column(
            w.of(w.LASTED, cohort + 1),
            lambda t: where(months.at(t) > last.at, grid.up_to(months.at(t) - last.at), 0),
            kind="factor",
            note=w.LASTED_NOTE,
        )
        rate = last.counted / (last.at - last.since) if line.counted else last.counted
        so_far = block.column(
            w.of(title, cohort + 1),
            lambda t: (
                added([part(each, months.at(t)) for each in windows[cohort]]) + rate * lasted.at(t)
            ),
            kind="factor",
            note=note,
        )
        return Counted(months, _in_period(block, w.of(unit, cohort + 1), so_far=so_far))

    return write


def _straight(window: Window, months: Formula) -> Formula:
    """Return the area under a straight line up to some month: time x mean height."""
    time = cut(months, low=window.since, high=window.at) - window.since
    length = window.at - window.since
    height = window.level + (window.counted - window.level) * time / (2 * length)
    area = time * height
    return area if length.number > 0 else where(length > 0, area, 0)


def _evenly(window: Window, months: Formula) -> Formula:
    """Return what has come up to some month of what lies evenly in a window."""
    time = cut(months, low=window.since, high=window.at) - window.since
    return window.counted * time / (window.at - window.since)


def _by_year(line: Line, *, windows: Sequence[Sequence[Window]]) -> Counting:
    """Write the amounts of the years and return what writes the money of a cohort."""
    spec = line.spec
    assert spec.per_year is not None  # noqa: S101 - asked only of such lines
    first = line.term(
        w.FROM_MONTHS, line.given("from_months", float(spec.from_months or 0)), kind="count"
    )
    length = line.term(w.YEAR_MONTHS, MONTHS, kind="count")
    line.sheet.row += 1
    line.sheet.heading(w.YEARS)
    years = line.sheet.block(
        [w.of(w.YEAR, year + 1) for year in range(len(spec.per_year))], title=""
    )
    begins = years.column(w.YEAR_BEGINS, lambda j: first + j * length, kind="count")
    amount = years.column(
        w.AMOUNT,
        (line.given(f"per_year.{j}", each.base_value) for j, each in enumerate(spec.per_year)),
        kind="number",
    )

    def write(block: Block, cohort: int) -> Counted:
        months = _since_start(line, block, cohort)
        people = windows[cohort][-1].counted

        def so_far_at(t: int) -> Formula:
            over = lower_of(above_zero(months.at(t) - begins.all), length)
            return people * sum_product(amount.all, over) / length

        so_far = block.column(
            w.of(w.MONEY_SO_FAR, cohort + 1), so_far_at, kind="number", note=w.MONEY_SO_FAR_NOTE
        )
        return Counted(months, _in_period(block, w.of(w.MONEY, cohort + 1), so_far=so_far))

    return write


def _in_states(line: Line) -> Counting:
    """Return what writes the fixed person-months less in the states of a line."""
    line.live.fixed[line.path] = w.WHY_STATES
    line.sheet.line(w.WHY_STATES)
    months = person_months(line.live, name=line.name)

    def write(block: Block, cohort: int) -> Counted:
        since = _since_start(line, block, cohort)
        found = block.fixed(w.of(w.TIME, cohort + 1), _of_cohort(months, cohort), kind="factor")
        served = line.served[cohort]
        units = block.column(
            w.of(w.TIME_SERVED, cohort + 1),
            lambda t: found.at(t) * served,
            kind="factor",
            note=w.TIME_SERVED_NOTE,
        )
        return Counted(since, units)

    return write


def _of_cohort(values: np.ndarray, cohort: int) -> list[float]:
    return [float(each) for each in values[cohort]]
