"""What a budget line is stated with, as cells that its columns read: price, lag, shares, steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sibsim.budget.lines import PER_MONTH, BudgetLine
from sibsim.budget.refund import ladders_in_force
from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.formulas import Formula, Operand, at, lift, where, whole
from sibsim.reports.workbook.model import Live, Outcome, Periods
from sibsim.reports.workbook.savings import words as w
from sibsim.reports.workbook.savings.people import Grids
from sibsim.reports.workbook.savings.references import fixed_place
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Kind


@dataclass(frozen=True, eq=False)
class Line:
    """One budget line and what it reads."""

    live: Live
    """The workbook."""

    periods: Periods
    """Time."""

    name: str
    """Name of the line."""

    spec: BudgetLine
    """The line."""

    outcome: Outcome
    """The outcome that it follows."""

    start: Sequence[Formula]
    """Real start of each cohort."""

    served: Sequence[Formula]
    """1 where a cohort is served, else 0."""

    sheet: Sheet
    """Where it is written."""

    grids: Grids
    """What differs between people."""

    @property
    def path(self) -> str:
        """Path of the line in the case file."""
        return f"budget.{self.name}"

    @cached_property
    def counted(self) -> bool:
        """Whether it prices days or events of the outcome one by one, and no person-time."""
        if self.spec.states is not None or self.spec.per_year is not None:
            return False
        worlds = self.live.base.worlds
        assert worlds is not None  # noqa: S101 - a base case keeps its world
        return worlds[0].paths[self.spec.follows].counted

    def given(self, field: str, otherwise: float) -> Formula:
        """Return the cell of a field of the line, or its default where the case states none.

        Parameters
        ----------
        field
            The field, such as `tax.rate`.
        otherwise
            The default.
        """
        return self.live.inputs.get(f"{self.path}.{field}", otherwise)

    def term(self, title: Words, content: Operand, *, kind: Kind = "factor") -> Formula:
        """Write a term with its value in a row and return the cell.

        Parameters
        ----------
        title
            What it is.
        content
            Its value.
        kind
            How it is shown.
        """
        sheet, book = self.sheet, self.sheet.book
        sheet.put(sheet.row, 0, title, book.look("text"))
        cell = sheet.put(sheet.row, 1, content, book.look(kind, "formula"))
        sheet.row += 1
        return fixed_place(cell)


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a refund ladder."""

    from_week: Formula
    """Week after which it begins."""

    rise: Formula
    """The state's share on it less that on the step before."""


def write_price(line: Line) -> Formula:
    """Write what a unit of the line is worth at the price level of the case.

    amount x units in a person-month, of a gain in tax rate x (amount - instead_of) x units; where
    days or events are counted, the amount; 1 where the line states money year by year.

    Parameters
    ----------
    line
        The line.
    """
    spec = line.spec
    if spec.amount is None or spec.per is None:
        return lift(1)
    amount = line.given("amount", spec.amount.base_value)
    if spec.tax is None:
        worth = line.term(w.AMOUNT, amount, kind="number")
    else:
        income = line.term(w.INCOME, amount, kind="number")
        instead = line.given("tax.instead_of", spec.tax.instead_of.base_value)
        less = line.term(w.INSTEAD, instead, kind="number")
        rate = line.term(w.RATE, line.given("tax.rate", spec.tax.rate.base_value))
        worth = rate * (income - less)
    if line.counted:
        return line.term(w.PRICE_COUNTED, worth, kind="number")
    units = line.term(w.PER_MONTH, PER_MONTH[spec.per])
    return line.term(w.PRICE, worth * units, kind="number")


@dataclass(frozen=True, eq=False)
class Lag:
    """When what arises is cash."""

    periods: Formula
    """Whole periods later."""

    later: Formula
    """Share that is cashed one period later still."""

    def cashed(self, arising: Column, t: int) -> Formula:
        """Return what is cashed in a period of what arises.

        Parameters
        ----------
        arising
            What arises in each period.
        t
            The period, from 0.
        """
        row = t + 1
        now = where(self.periods < row, at(arising.all, row - self.periods), 0)
        before = where(self.periods < t, at(arising.all, t - self.periods), 0)
        return (1 - self.later) * now + self.later * before


def write_lag(line: Line) -> Lag:
    """Write when the money of a line is cash.

    Parameters
    ----------
    line
        The line.
    """
    months = line.term(w.LAG, line.given("lag_months", float(line.spec.lag_months)), kind="count")
    periods = line.term(w.LAG_WHOLE, whole(months / line.periods.months), kind="count")
    later = line.term(w.LAG_REST, months / line.periods.months - periods)
    return Lag(periods, later)


@dataclass(frozen=True, eq=False)
class Ladder:
    """A refund ladder, and the periods that open while it holds."""

    steps: Sequence[Step]
    """Its steps."""

    first: int
    """First period."""

    after: int
    """Period after the last one."""


def write_ladders(line: Line) -> list[Ladder]:
    """Write the steps of the refund ladders that hold one after the other, with their sources.

    Parameters
    ----------
    line
        A line that is refunded by a ladder.
    """
    refund = line.spec.refund
    assert refund is not None  # noqa: S101 - asked only of such lines
    assert refund.ladder is not None  # noqa: S101 - as above
    found = []
    for ladder, holds in ladders_in_force(refund.ladder, timeline=line.live.case.timeline):
        line.sheet.row += 1
        line.sheet.heading(w.of(w.LADDER, ladder.name), note=ladder.source)
        labels = [w.of(w.LADDER_STEP, step + 1) for step in range(len(ladder.from_week))]
        block = line.sheet.block(labels, title="")
        week = block.column(w.FROM_WEEK, ladder.from_week, kind="count", style="plain")
        share = block.column(w.STATE_SHARE, ladder.state_share, kind="share", style="plain")
        rise = block.column(
            w.RISE,
            (share.at(row) - share.before(row) for row in range(block.rows)),
            kind="share",
        )
        steps = [
            Step(fixed_place(week.at(row)), fixed_place(rise.at(row))) for row in range(block.rows)
        ]
        stop = line.periods.number if holds.stop is None else holds.stop
        found.append(Ladder(steps, holds.start, stop))
    return found
