"""Columns of person-periods: how many people of a cohort are in the programme in each period.

Of n who start and n' who complete, n - (n - n') x / H are present x months after the start, so that
a period of L months that overlaps the months [a, b] of the programme of H months holds
[n (b - a) - (n - n') (b^2 - a^2) / (2 H)] / L person-periods (section 5 of the model).
"""

from __future__ import annotations

from sibsim.core.words import Words
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.delivery import Served, people_of
from sibsim.reports.workbook.formulas import Formula, added, cut, largest, total
from sibsim.reports.workbook.model import Live, Periods


class PersonPeriods:
    """Person-periods by cohort, written once per segment."""

    def __init__(self, delivery: Served, periods: Periods, block: Block, live: Live) -> None:
        """Keep the table to which columns are added when they are first asked for."""
        self.delivery, self.periods, self.block, self.live = delivery, periods, block, live
        self.written: dict[str | None, tuple[list[Column], Formula]] = {}
        self.spans: list[tuple[Column, Column]] = []

    def of(self, segment: str | None) -> tuple[list[Column], Formula]:
        """Return person-periods by cohort, and how many lie after the case.

        Parameters
        ----------
        segment
            Name of the segment whose people count; None: everyone.
        """
        if segment not in self.written:
            self.written[segment] = self._write(segment)
        return self.written[segment]

    def _write(self, segment: str | None) -> tuple[list[Column], Formula]:
        length = self.live.inputs["delivery.programme_months"]
        if not self.spans:
            self.spans = [self._span(cohort, length) for cohort in range(len(self.delivery.start))]
        columns, outside = [], []
        for cohort, (from_, to) in enumerate(self.spans):
            begun = people_of(self.delivery, self.delivery.started[cohort], segment)
            done = people_of(self.delivery, self.delivery.completed[cohort], segment)
            column = self._column(cohort, segment, from_, to, begun=begun, done=done)
            columns.append(column)
            in_all = length * (begun - (begun - done) / 2) / self.periods.months
            outside.append(largest(in_all - total(column.all), 0))
        return columns, added(outside)

    def _span(self, cohort: int, length: Formula) -> tuple[Column, Column]:
        """Add the months of the programme between which each period lies."""
        start, number = self.delivery.start[cohort], cohort + 1
        place = self.periods.start.at
        from_ = self.block.column(
            Words(
                da=f"forløbsmåned ved periodens start, hold {number}",
                en=f"month of programme at the start, cohort {number}",
            ),
            lambda row: cut(place(row) - start, low=0, high=length),
            kind="number",
        )
        to = self.block.column(
            Words(
                da=f"forløbsmåned ved periodens slutning, hold {number}",
                en=f"month of programme at the end, cohort {number}",
            ),
            lambda row: cut(place(row) + self.periods.months - start, low=0, high=length),
            kind="number",
        )
        return from_, to

    def _column(
        self,
        cohort: int,
        segment: str | None,
        from_: Column,
        to: Column,
        *,
        begun: Formula,
        done: Formula,
    ) -> Column:
        length = self.live.inputs["delivery.programme_months"]
        of = "" if segment is None else f" ({segment})"

        def present(row: int) -> Formula:
            first, last = from_.at(row), to.at(row)
            lost = (begun - done) * (last**2 - first**2) / (2 * length)
            return (begun * (last - first) - lost) / self.periods.months

        return self.block.column(
            Words(
                da=f"personperioder, hold {cohort + 1}{of}",
                en=f"person-periods, cohort {cohort + 1}{of}",
            ),
            present,
            kind="factor",
        )
