"""The table of cohorts on the sheet of delivery: from who is planned to who completes.

Formulas follow section 4 of the model: n = size x share; with a ramp-up r the number that starts by
the end of the intake of a wave is the least r(e) N from there on; with a capacity a wave takes as
many as there are free places, and who finds none waits or is turned away.
"""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.words import Words
from sibsim.delivery.plan import WHOLE_TOLERANCE, Delivery
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    absolute,
    at,
    cells_up_to,
    largest,
    lift,
    rounded,
    smallest,
    sum_product,
    total,
    where,
)
from sibsim.reports.workbook.model import Live, Periods
from sibsim.reports.workbook.periods import position
from sibsim.reports.workbook.sheets import Sheet


def ramp_up(live: Live, sheet: Sheet, plan: Delivery) -> tuple[Column, Column] | None:
    """Write the points of the ramp-up and return its columns; None where there is none.

    Parameters
    ----------
    live
        The workbook, the case and its inputs.
    sheet
        The sheet of delivery.
    plan
        The plan of the case.
    """
    if plan.ramp_up is None:
        return None
    months, shares = plan.ramp_up.curve
    block = sheet.block(
        [str(number) for number in range(len(months) + 1)],
        title=Words(da="indkøring, punkt", en="ramp-up, point"),
    )
    path = "delivery.ramp_up"
    inputs = live.inputs
    at_months = [inputs.get(f"{path}.months.{row}", each) for row, each in enumerate(months)]
    started = [inputs.get(f"{path}.share.{row}", each) for row, each in enumerate(shares)]
    return (
        block.column(
            Words(da="måneder efter start", en="months after the start"),
            [lift(0), *at_months],
            kind="number",
        ),
        block.column(
            Words(da="startet / planlagt til da", en="started / planned by then"),
            [lift(0), *started],
            kind="number",
        ),
    )


class Wave:
    """Writes the columns of the table of cohorts."""

    def __init__(
        self, live: Live, block: Block, service: Mapping[str, Formula], periods: Periods
    ) -> None:
        """Begin a table with one row per cohort."""
        self.live, self.block, self.service, self.periods = live, block, service, periods

    def planned(self) -> Column:
        """Add who is planned to start, n = size x share, whole within rounding."""
        share = self.block.column(
            Words(da="andel", en="share"),
            (self.live.inputs[f"delivery.cohorts.{row}.share"] for row in range(self.block.rows)),
            kind="share",
        )
        size = self.service["size"] * self.service["served"]
        plain = self.block.column(
            Words(da="deltagere gange andel", en="participants times share"),
            lambda row: size * share.at(row),
            kind="number",
        )

        def made_whole(row: int) -> Formula:
            here = plain.at(row)
            near = rounded(here, digits=0)
            return where(absolute(here - near) < WHOLE_TOLERANCE, near, here)

        return self.block.column(
            Words(da="planlagt", en="planned"),
            made_whole,
            kind="number",
            note=Words(
                da="Et tal meget tæt på et helt er det hele tal.",
                en="A number very near a whole one is that number.",
            ),
        )

    def starts(self) -> tuple[Column, Column]:
        """Add the planned and the real start of each cohort, as positions."""
        day = self.block.column(
            Words(da="planlagt startdag", en="planned first day"),
            (self.live.inputs[f"delivery.cohorts.{row}.start"] for row in range(self.block.rows)),
            kind="date",
        )
        opens = self.block.column(
            Words(da="planlagt start", en="planned start"),
            lambda row: position(day.at(row), case_start=self.periods.case_start),
            kind="number",
            note=Words(
                da="Måneder siden sagens start: 12 pr. år, 1 pr. måned, dage som del af måneden.",
                en="Months since the start of the case: 12 a year, 1 a month, days as a part of "
                "the month.",
            ),
        )
        start = self.block.column(
            Words(da="start", en="start"),
            lambda row: opens.at(row) + self.service["delay"],
            kind="number",
            note=Words(
                da="Planlagt start plus forsinkelse, måneder siden sagens start.",
                en="Planned start plus delay, months since the start of the case.",
            ),
        )
        return opens, start

    def ramped(self, planned: Column, *, opens: Column, ramp: tuple[Column, Column]) -> Column:
        """Add who starts at a volume of 1 where people come slowly at first."""
        ends = self._ends(opens)
        after = self.block.column(
            Words(da="hold slut, måneder efter første start", en="end of intake, months"),
            lambda row: ends[row] - opens.at(0),
            kind="number",
        )
        reached = self.block.column(
            Words(da="startet / planlagt til da", en="started / planned by then"),
            lambda row: _between(after.at(row), points=ramp),
            kind="factor",
        )
        due = self.block.column(
            Words(da="startet til da", en="started by then"),
            lambda row: reached.at(row) * total(planned.up_to(row)),
            kind="number",
        )
        last = self.block.rows - 1
        to_date = self.block.column(
            Words(da="startet til da, aldrig faldende", en="started by then, never falling"),
            lambda row: smallest(due.between(row, last)),
            kind="number",
        )
        return self.block.column(
            Words(da="starter ved volumen 1", en="start at a volume of 1"),
            lambda row: to_date.at(row) - to_date.before(row),
            kind="number",
        )

    def _ends(self, opens: Column) -> list[Formula]:
        """Return the end of the intake of each cohort: the next later start."""
        days = [opens.at(row) for row in range(self.block.rows)]
        later = [next((other for other in days if other.number > day.number), None) for day in days]
        before = [day for day in days if day.number < days[-1].number]
        last = 2 * days[-1] - before[-1] if before else days[-1]
        return [last if each is None else each for each in later]

    def arrivals(self, ramped: Column) -> tuple[Column, Column]:
        """Add who starts and who is referred."""
        started = self.block.column(
            Words(da="starter", en="start"),
            lambda row: ramped.at(row) * self.service["volume"],
            kind="number",
            note=Words(da="Planlagt gange volumen.", en="Planned times volume."),
        )
        referred = self.block.column(
            Words(da="henvist", en="referred"),
            lambda row: started.at(row) / self.service["take_up"],
            kind="number",
            note=Words(
                da="De, der starter, delt med andelen af de henviste, der starter.",
                en="Those who start over the share of those referred who start.",
            ),
        )
        return started, referred

    def placed(self, would: Column, *, opens: Column, plan: Delivery) -> tuple[Column, Column]:
        """Add who finds a place, and who is turned away for want of one."""
        inputs, rows = self.live.inputs, self.block.rows
        capacity = inputs["delivery.capacity"]
        programme = inputs["delivery.programme_months"]
        waiting = self.block.reserve(Words(da="venter", en="wait"), kind="number")
        present = self.block.reserve(Words(da="optagne pladser", en="places taken"), kind="number")
        started = self.block.reserve(Words(da="får plads", en="find a place"), kind="number")
        left = self.block.reserve(Words(da="uden plads", en="without a place"), kind="number")
        lost = self.block.reserve(Words(da="afvist", en="turned away"), kind="number")
        for row in range(rows):
            waiting.set(row, left.at(row - 1) - lost.at(row - 1) if row else 0)
            present.set(row, self._present(row, started=started, opens=opens, length=programme))
            wanted = would.at(row) + waiting.at(row)
            started.set(row, smallest(wanted, largest(capacity - present.at(row), 0)))
            left.set(row, largest(wanted - started.at(row), 0))
            waits = plan.waiting_list is not None and row + 1 < rows
            share = inputs["delivery.waiting_list.gives_up"] if waits else lift(1)
            lost.set(row, left.at(row) * share)
        return started, lost

    def _present(self, row: int, *, started: Column, opens: Column, length: Formula) -> Formula:
        """Return who of the cohorts before is still in the programme."""
        if not row:
            return lift(0)
        over = opens.up_to(row - 1) + length - WHOLE_TOLERANCE
        return sum_product((over > opens.at(row)) * started.up_to(row - 1))

    def completed(self, started: Column) -> Column:
        """Add who completes."""
        return self.block.column(
            Words(da="gennemfører", en="complete"),
            lambda row: started.at(row) * self.service["completion"],
            kind="number",
        )


def _between(month: Formula, *, points: tuple[Column, Column]) -> Formula:
    """Return a curve at a month: linear between its points, constant after the last."""
    months, shares = points
    number = len(months.values)
    place = cells_up_to(months.all, month)
    here, after = at(months.all, place), at(months.all, place + 1)
    low, high = at(shares.all, place), at(shares.all, place + 1)
    between = low + (month - here) * (high - low) / (after - here)
    return where(place >= number, at(shares.all, number), between)
