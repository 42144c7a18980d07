"""How far the contract goes: which cohorts are served, and when the service ends early.

A cohort is served that starts before the earliest of the rights to end: when the first cohort's
result is below a level, when too few have started by a day, or on a day. The service as a whole
ends when the last cohort served has finished its programme. Whether the money runs out (`overrun =
"stop"`) depends on costs that are worked out after this, so it stands here as fixed values. Source:
docs/model.md, section 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import singledispatch

import numpy as np

from sibsim.accounts import settle
from sibsim.core.words import Words
from sibsim.payments.standing import service_ends
from sibsim.payments.termination import (
    PolicyStop,
    ReferralShortfall,
    Right,
    Termination,
    paths_of,
)
from sibsim.reports.workbook.blocks import Block
from sibsim.reports.workbook.days import day_number, day_of, days_in_month, month_of, year_of
from sibsim.reports.workbook.formulas import Formula, added, largest, smallest, where, whole
from sibsim.reports.workbook.model import Delivery, Live, Measure, Periods, Standing
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Hold", en="Standing")
NEVER = 1_000_000.0
"""Months that stand for never: no case is nearly as long."""

TOLERANCE = 1e-9
"""Share by which a result may miss a level and still meet it, as in the library: rounding."""

HALF_MONTH = 0.5
"""Half a month of delay counts as a whole one."""

MONTHS = 12
"""Months of a year."""

SERVED = Words(da="gennemføres (1 = ja)", en="served (1 = yes)")
ENDS = Words(da="kontrakten ophører (måned i casen)", en="contract ends (month of the case)")
RUNS_OUT = Words(
    da="Kontrakten standser, når pengene er brugt. Hvilke hold der gennemføres, er faste tal fra "
    "programmet og følger ikke input.",
    en="The contract stops when the money has run out. Which cohorts are served are fixed numbers "
    "of the program and follow no input.",
)
NO_FORMULA = Words(
    da="Kontrakten kan ophøre af en årsag, som regnearket ikke har en formel for. Hvilke hold der "
    "gennemføres, er faste tal fra programmet og følger ikke input.",
    en="The contract may end by a cause for which the workbook has no formula. Which cohorts are "
    "served are fixed numbers of the program and follow no input.",
)


def write_standing(
    live: Live, periods: Periods, delivery: Delivery, measures: Mapping[str, Measure]
) -> Standing:
    """Write which cohorts are served, and when the service ends.

    Parameters
    ----------
    live
        The workbook.
    periods
        Time.
    delivery
        Who comes, and when.
    measures
        What is reported, by measure.
    """
    terms = live.case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has a contract
    sheet = live.book.sheet(SHEET)
    sheet.heading(
        Words(da="Hvor langt kontrakten rækker", en="How far the contract goes"),
        note=Words(
            da="Et hold gennemføres, hvis det begynder, før kontrakten ophører.",
            en="A cohort is served if it starts before the contract ends.",
        ),
    )
    if terms.overrun == "stop":
        return _fixed(live, sheet, delivery=delivery, reason=RUNS_OUT)
    judge = Judge(live, periods, delivery, measures)
    ends = [
        end_of(right, judge=judge, path=_place(live, path))
        for path, right in paths_of(terms.termination)
    ]
    if any(end is None for end in ends):
        return _fixed(live, sheet, delivery=delivery, reason=NO_FORMULA)
    if not ends:
        return _without_end(sheet, delivery=delivery)
    return _with_end(live, sheet, delivery=delivery, ends=[end for end in ends if end is not None])


def _place(live: Live, path: str) -> str:
    """Return the path of a right: one that is stated as a list of one has a number."""
    listed = f"{path}.0"
    return listed if any(each.startswith(f"{listed}.") for each in live.inputs.cells) else path


def _cohorts(sheet: Sheet, delivery: Delivery) -> Block:
    block = sheet.block(
        [Words(da=f"hold {c + 1}", en=f"cohort {c + 1}") for c in range(len(delivery.start))],
        title="",
    )
    block.column(
        Words(da="start (måned i casen)", en="start (month of the case)"),
        delivery.start,
        kind="number",
    )
    return block


def _without_end(sheet: Sheet, *, delivery: Delivery) -> Standing:
    block = _cohorts(sheet, delivery)
    served = block.column(SERVED, (1.0 for _ in delivery.start), kind="count")
    return Standing([served.at(c) for c in range(block.rows)], None)


def _with_end(live: Live, sheet: Sheet, *, delivery: Delivery, ends: Sequence[Formula]) -> Standing:
    """Write the earliest end, what is served, and when the service as a whole ends."""
    rights = sheet.block(
        [Words(da=f"ret {i + 1}", en=f"right {i + 1}") for i in range(len(ends))],
        title=Words(da="ret til at ophøre", en="right to end"),
    )
    column = rights.column(
        ENDS,
        ends,
        kind="number",
        note=Words(da=f"{NEVER:.0f} betyder aldrig", en=f"{NEVER:.0f} means never"),
    )
    block = _cohorts(sheet, delivery)
    first = smallest(column.all)
    served = block.column(
        SERVED, (where(start < first, 1, 0) for start in delivery.start), kind="count"
    )
    assert live.case.delivery is not None  # noqa: S101 - a case that runs has one
    length = live.inputs.get(
        "delivery.programme_months", float(live.case.delivery.programme_months)
    )
    finished = block.column(
        Words(da="færdig (måned i casen)", en="finished (month of the case)"),
        (served.at(c) * (start + length) for c, start in enumerate(delivery.start)),
        kind="number",
        note=Words(da="start + forløbets længde", en="start + length of the programme"),
    )
    whole_block = sheet.block(
        [
            Words(da="kontrakten ophører før tid (1 = ja)", en="contract ends early (1 = yes)"),
            Words(da="indsatsen slutter (måned i casen)", en="service ends (month of the case)"),
        ],
        title="",
    )
    found = whole_block.reserve("", kind="number")
    live.totals["p_terminated"] = found.set(0, where(first < NEVER, 1, 0))
    end = found.set(1, largest(first, finished.all))
    return Standing([served.at(c) for c in range(block.rows)], end)


def _fixed(live: Live, sheet: Sheet, *, delivery: Delivery, reason: Words) -> Standing:
    """Write what holds in the base case as fixed values."""
    live.fixed["contract"] = reason
    sheet.line(reason)
    worlds = live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    assert live.case.delivery is not None  # noqa: S101 - a case that runs has one
    found = settle(live.case, worlds[0]).standing
    end = service_ends(
        found,
        participation_start=worlds[0].participation.start,
        programme_months=live.case.delivery.programme_months,
    )
    block = _cohorts(sheet, delivery)
    wide = np.broadcast_to(found.served, (len(delivery.start), found.served.shape[-1]))
    served = block.fixed(SERVED, wide[:, 0].astype(np.float64), kind="count")
    months = block.fixed(
        Words(da="indsatsen slutter (måned i casen)", en="service ends (month of the case)"),
        [min(float(end[0]), NEVER)] * block.rows,
        kind="number",
    )
    return Standing([served.at(c) for c in range(block.rows)], months.at(0))


@dataclass(frozen=True, eq=False)
class Judge:
    """What a right to end is judged by."""

    live: Live
    """The workbook."""

    periods: Periods
    """Time."""

    delivery: Delivery
    """Who comes."""

    measures: Mapping[str, Measure]
    """What is reported."""

    def number(self, path: str, otherwise: float) -> Formula:
        """Return the cell of a number of the contract.

        Parameters
        ----------
        path
            Its path.
        otherwise
            The number, where no row holds it.
        """
        return self.live.inputs.get(path, otherwise)

    def position(self, path: str, day: date) -> Formula:
        """Return where a day of the contract lies, in months since the start of the case.

        12 (year - year_0) + month - month_0 + (day - 1) / days of the month.

        Parameters
        ----------
        path
            Its path.
        day
            The day.
        """
        cell, first = self.number(path, day_number(day)), self.periods.case_start
        years = MONTHS * (year_of(cell) - year_of(first))
        return years + (month_of(cell) - month_of(first)) + (day_of(cell) - 1) / days_in_month(cell)


@singledispatch
def end_of(right: Right, *, judge: Judge, path: str) -> Formula | None:
    """Return when a right ends the contract, `NEVER` if not; None: no formula is known.

    Parameters
    ----------
    right
        The right.
    judge
        What it is judged by.
    path
        Its path in the case file.
    """
    del right, judge, path
    return None


@end_of.register
def _result(right: Termination, *, judge: Judge, path: str) -> Formula:
    """Return the day the first cohort's result is known + notice, if it is below the level."""
    terms = judge.live.case.contract.terms
    assert terms is not None  # noqa: S101 - the right stands in it
    measure = judge.measures[right.measure]
    outcome = judge.live.case.outcomes[judge.live.case.measures[right.measure].outcome]
    k = outcome.follow_up_months.index(right.at_months)
    number, people = measure.reported[0][k], measure.people[0][k]
    if right.compare == "effect" and measure.expected is not None:
        number = number - measure.expected[0][k]
    level = judge.number(f"{path}.below", right.below)
    lag = judge.number("contract.evaluation_lag_months", terms.evaluation_lag_months)
    notice = judge.number(f"{path}.notice_months", right.notice_months)
    short = number < (level - TOLERANCE) * people
    return where(short, measure.outcome.at[0][k] + lag + notice, NEVER)


@end_of.register
def _shortfall(right: ReferralShortfall, *, judge: Judge, path: str) -> Formula:
    """Return the day + notice, if fewer have started than the share of those planned by then."""
    day = judge.position(f"{path}.on", right.on)
    case, delivery = judge.live.case, judge.delivery
    assert case.delivery is not None  # noqa: S101 - a case that runs has one
    delay = whole(
        judge.number("delivery.start_delay", case.delivery.start_delay.base_value) + HALF_MONTH
    )
    planned = added(
        [n * (s - delay < day) for n, s in zip(delivery.planned, delivery.start, strict=True)]
    )
    started = added([n * (s < day) for n, s in zip(delivery.started, delivery.start, strict=True)])
    share = judge.number(f"{path}.below", right.below)
    notice = judge.number(f"{path}.notice_months", right.notice_months)
    return where(started < (share - TOLERANCE) * planned, day + notice, NEVER)


@end_of.register
def _policy(right: PolicyStop, *, judge: Judge, path: str) -> Formula:
    """Return the day."""
    return judge.position(f"{path}.on", right.on)
