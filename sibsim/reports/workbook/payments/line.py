"""What a payment line is written with, and how its claims get a date, a period and an amount.

A claim measured at w is owed at w + lag. After the last day of payment, or after the case, it
lapses; else it is paid in the period that contains the date, the first one at the earliest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sibsim.payments.base import PaymentModel
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    Operand,
    either,
    largest,
    lift,
    where,
    whole,
)
from sibsim.reports.workbook.model import Delivery, Live, Measure, Periods, Standing
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.periods import position
from sibsim.reports.workbook.sheets import Sheet
from sibsim.reports.workbook.styles import Kind


@dataclass(frozen=True, eq=False)
class Agreed:
    """When the contract pays, cells of the sheet."""

    lag: Formula
    """Months from a measurement to its payment."""

    last: Formula
    """Last day of payment, in months since the start of the case."""

    end: Formula
    """End of the case, in months since its start."""


@dataclass(frozen=True, eq=False)
class Claims:
    """Claims of a line, one in each row of a block."""

    amount: Column
    """Money; below zero the investors owe it."""

    period: Column
    """Number of the period in which it is paid, from 1; 0 where it lapses."""

    lapsed: Column
    """Money that lapses."""


@dataclass(frozen=True, eq=False)
class Line:
    """A payment line that is being written."""

    live: Live
    """The workbook."""

    periods: Periods
    """Time."""

    delivery: Delivery
    """Who comes."""

    measures: Mapping[str, Measure]
    """What is reported."""

    standing: Standing
    """Which cohorts are served."""

    sheet: Sheet
    """Where it is written."""

    agreed: Agreed
    """When the contract pays."""

    name: str
    """Name of the line."""

    spec: PaymentModel
    """Its terms."""

    @property
    def served(self) -> list[Formula]:
        """1 where a cohort is served and the line pays for it, else 0, by cohort."""
        paid_for = self.spec.cohorts
        return [
            each if paid_for is None or number in paid_for else lift(0)
            for number, each in enumerate(self.standing.served, start=1)
        ]

    def cell(self, field: str, otherwise: float) -> Formula:
        """Return the cell of a field of the line, or a plain number where no row holds it.

        Parameters
        ----------
        field
            Its path below the line.
        otherwise
            The number.
        """
        return self.live.inputs.get(f"payments.{self.name}.{field}", otherwise)

    def listed(self, field: str, place: int, otherwise: float) -> Formula:
        """Return the cell of one number of a field that is a list, or one number for all.

        Parameters
        ----------
        field
            Its path below the line.
        place
            Which of the list, from zero.
        otherwise
            The number, where no row holds it.
        """
        one = f"{field}.{place}"
        there = f"payments.{self.name}.{one}" in self.live.inputs
        return self.cell(one if there else field, otherwise)

    def measured_at(self, measure: str) -> tuple[int, ...]:
        """Return the follow-ups of a measure, in months from the start of service."""
        outcome = self.live.case.measures[measure].outcome
        return tuple(self.live.case.outcomes[outcome].follow_up_months)

    def kind_of(self, measure: str) -> Kind:
        """Return how a mean result of a measure is shown."""
        outcome = self.live.case.outcomes[self.live.case.measures[measure].outcome]
        return "share" if outcome.is_indicator else "number"

    def day(self, field: str, otherwise: float) -> Formula:
        """Return where a day of the line lies, in months since the start of the case.

        Parameters
        ----------
        field
            Its path below the line.
        otherwise
            Its day number, where no row holds it.
        """
        return position(self.cell(field, otherwise), case_start=self.periods.case_start)

    def claims(
        self,
        block: Block,
        amount: Callable[[int], Operand],
        *,
        when: Sequence[Formula],
        lagged: bool = True,
    ) -> Claims:
        """Write the claims of the rows of a block, with the date that each is measured.

        Parameters
        ----------
        block
            The block.
        amount
            What gives the amount of a row.
        when
            Dates of measurement by row, or of agreed days, in months since the start of the case.
        lagged
            Whether evaluation and payment lag pass before it is paid.
        """
        dated = self.dated(block, when=when, lagged=lagged)
        return self.worth(block, amount, period=dated)

    def dated(self, block: Block, *, when: Sequence[Formula], lagged: bool = True) -> Column:
        """Write when each row is owed and return the period in which it is paid.

        Parameters
        ----------
        block, when, lagged
            As in `claims`.
        """
        agreed, length = self.agreed, self.periods.months
        owed = block.column(
            words.OWED_AT,
            (each + agreed.lag if lagged else each for each in when),
            kind="number",
            note=words.OWED_AT_NOTE if lagged else "",
        )

        def period(row: int) -> Formula:
            late = either(owed.at(row) > agreed.last, owed.at(row) >= agreed.end)
            return where(late, 0, largest(1, whole(owed.at(row) / length) + 1))

        return block.column(words.PERIOD_PAID, period, kind="count", note=words.PERIOD_NOTE)

    def worth(self, block: Block, amount: Callable[[int], Operand], *, period: Column) -> Claims:
        """Write the amount of every row, and what of it lapses.

        Parameters
        ----------
        block, amount
            As in `claims`.
        period
            Period in which each is paid.
        """
        money = block.column(words.CLAIM, amount)
        lapsed = block.column(
            words.LAPSED, lambda row: where(period.at(row).equals(0), money.at(row), 0)
        )
        return Claims(money, period, lapsed)
