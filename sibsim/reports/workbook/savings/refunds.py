"""What the state would have refunded of the gross saving of a cohort, period by period.

By a ladder the state's share of a period is the mean over people and weeks of the ladder's shares,
weeks before the start and since it counted together; a flat share holds for the part of the period
before a month after the start. What depends on each person's days or costs of a year, or on time in
states, is a value of the library.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import Formula, added, smallest, where
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.people import WEEKS_BEFORE
from sibsim.reports.workbook.savings.person_time import Counted
from sibsim.reports.workbook.savings.states import refunded_months
from sibsim.reports.workbook.savings.terms import Ladder, Line, write_ladders


class Gross(NamedTuple):
    """What a cohort brings to a line."""

    counted: Counted
    """Units in each period."""

    money: Column
    """Gross saving in each period."""

    worth: Callable[[int], Formula]
    """Money of a unit in each period."""


Refunding = Callable[[Block, int, Gross], Column]
"""Writes what the state would have refunded of a cohort into the block of periods."""


def write_refunding(line: Line) -> Refunding | None:
    """Write the terms of a refund and return what writes a cohort's columns; None: no refund.

    Parameters
    ----------
    line
        The line.
    """
    refund = line.spec.refund
    if refund is None:
        return None
    if refund.share is not None:
        return _flat(line, share=refund.share.base_value, until=refund.until_months)
    if refund.ladder is not None and line.spec.states is None:
        return _by_ladder(line)
    if line.spec.states is None:
        line.live.fixed[f"{line.path}.refund"] = w.WHY_THRESHOLDS
        line.sheet.line(w.WHY_THRESHOLDS)
    return _by_library(line)


def _times_share(block: Block, cohort: int, *, gross: Gross, share: Column) -> Column:
    return block.column(
        w.of(w.REFUND_OF, cohort + 1),
        lambda t: gross.money.at(t) * share.at(t),
        note=w.REFUND_OF_NOTE,
    )


def _by_ladder(line: Line) -> Refunding:
    grid = line.grids[line.name, WEEKS_BEFORE]
    weeks_a_month = line.term(w.WEEKS_A_MONTH, WEEKS_PER_MONTH)
    ladders = write_ladders(line)

    def refunded(ladder: Ladder, weeks: Formula) -> Formula:
        return added([each.rise * grid.beyond(each.from_week - weeks) for each in ladder.steps])

    def write(block: Block, cohort: int, gross: Gross) -> Column:
        months = gross.counted.since_start
        columns = [
            (
                ladder,
                block.column(
                    w.of(w.WEEKS, cohort + 1),
                    (refunded(ladder, months.at(t) * weeks_a_month) for t in range(block.rows)),
                    kind="factor",
                    note=w.WEEKS_NOTE,
                ),
                refunded(ladder, weeks_a_month * 0),
            )
            for ladder in ladders
        ]

        def share_at(t: int) -> Formula:
            weeks, at_start = next(
                (weeks, first) for ladder, weeks, first in columns if t < ladder.after
            )
            length = (months.at(t) - months.before(t)) * weeks_a_month
            before = weeks.at(t - 1) if t else at_start
            return where(length > 0, (weeks.at(t) - before) / length, 0)

        share = block.column(
            w.of(w.SHARE_OF, cohort + 1), share_at, kind="factor", note=w.SHARE_OF_NOTE
        )
        return _times_share(block, cohort, gross=gross, share=share)

    return write


def _flat(line: Line, *, share: float, until: int | None) -> Refunding:
    rate = line.term(w.REFUND_SHARE, line.given("refund.share", share))
    last = None
    if until is not None:
        last = line.term(w.UNTIL, line.given("refund.until_months", float(until)), kind="count")

    def write(block: Block, cohort: int, gross: Gross) -> Column:
        months = gross.counted.since_start

        def share_at(t: int) -> Formula:
            if last is None:
                return rate * 1
            now, before = months.at(t), months.before(t)
            held = smallest(now, last) - smallest(before, last)
            return where(now > before, rate * held / (now - before), 0)

        column = block.column(
            w.of(w.SHARE_OF, cohort + 1), share_at, kind="factor", note=w.FLAT_SHARE_NOTE
        )
        return _times_share(block, cohort, gross=gross, share=column)

    return write


def _by_library(line: Line) -> Refunding:
    months = refunded_months(line.live, name=line.name)

    def write(block: Block, cohort: int, gross: Gross) -> Column:
        values = (float(each) for each in months[cohort])
        time = block.fixed(w.of(w.REFUNDED_TIME, cohort + 1), values, kind="factor")
        served = line.served[cohort]
        return block.column(
            w.of(w.REFUND_OF, cohort + 1),
            lambda t: time.at(t) * served * gross.worth(t),
            note=w.REFUND_FIXED_NOTE,
        )

    return write
