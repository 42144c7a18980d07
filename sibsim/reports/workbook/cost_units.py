"""Columns of the table of costs: how many units each line counts in each period, and their cost."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.timeline import DAYS_PER_YEAR
from sibsim.core.words import Words
from sibsim.delivery.costs import CostLine
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.cost_facts import Before, Causes, Facts, title_of
from sibsim.reports.workbook.days import months_later
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    cut,
    largest,
    lift,
    smallest,
    sum_where,
    total,
    where,
)
from sibsim.reports.workbook.person_periods import PersonPeriods


class CostColumns:
    """Writes the columns of one line after the other."""

    def __init__(
        self,
        book: Before,
        block: Block,
        *,
        number: Column,
        facts: Mapping[str, Facts],
        people: Causes,
    ) -> None:
        """Begin a table with one row per period."""
        self.book, self.block, self.number = book, block, number
        self.facts, self.people = facts, people
        self.lapsed: list[Formula] = []
        self.present = PersonPeriods(book.delivery, book.periods, block, book.live)

    def line(self, name: str, line: CostLine) -> Column:
        """Add what a line costs, and note what of it lies outside the case, before indexing."""
        facts, title = self.facts[name], title_of(name, line)
        units = {
            "year": self._per_year,
            "once": self._once,
            "start": self._by_people,
            "completion": self._by_people,
            "person_period": self._by_presence,
        }[line.per](line, facts, title)
        factor = self.book.periods.factors.get(line.index)

        def cost(row: int) -> Formula:
            here = facts.amount * units.at(row)
            return here if factor is None else here * factor.at(row)

        return self.block.column(
            title,
            cost,
            note=Words(
                da="Beløb gange enheder gange indeks.", en="Amount times units times index."
            ),
        )

    def _units(self, title: Words, cells: list[Formula], *, note: Words) -> Column:
        said = Words(
            da=f"enheder: {title.in_language('da')}", en=f"units: {title.in_language('en')}"
        )
        return self.block.column(said, cells, kind="factor", note=note)

    def _per_year(self, line: CostLine, facts: Facts, title: Words) -> Column:
        opens, closes, periods = facts.opens, facts.closes, self.book.periods
        assert opens is not None  # noqa: S101 - `_facts` gives both to a line per year
        assert closes is not None  # noqa: S101 - as above
        inside = []
        for row in range(periods.number):
            first = periods.first_day.at(row)
            after = (
                periods.first_day.at(row + 1)
                if row + 1 < periods.number
                else months_later(first, periods.months)
            )
            days = largest(smallest(closes, after) - largest(opens, first), 0)
            inside.append(days / DAYS_PER_YEAR)
        whole_line = self._units(
            title,
            inside,
            note=Words(da="Dage i perioden delt med 365,25.", en="Days in the period over 365.25."),
        )
        outside = (closes - opens) / DAYS_PER_YEAR - total(whole_line.all)
        self.lapsed.append(facts.amount * outside)
        if self.book.pays_everyone(line):
            return whole_line
        return self._until_end(whole_line, title)

    def _until_end(self, units: Column, title: Words) -> Column:
        """Cut units where the service ends early: the share of the period that is over by then."""
        periods, ends = self.book.periods, self.book.standing.ends
        assert ends is not None  # noqa: S101 - the caller checks
        cells = []
        for row in range(periods.number):
            share = cut((ends - periods.start.at(row)) / periods.months, low=0, high=1)
            cells.append(units.at(row) * share)
        said = Words(
            da=f"{title.in_language('da')}, til ophør", en=f"{title.in_language('en')}, to the end"
        )
        return self._units(
            said,
            cells,
            note=Words(
                da="Andelen af perioden, før indsatsen ophører.",
                en="Share of the period before the service ends.",
            ),
        )

    def _once(self, line: CostLine, facts: Facts, title: Words) -> Column:
        place, ends = facts.at, self.book.standing.ends
        assert place is not None  # noqa: S101 - `_facts` gives it to a line that is paid once
        still = lift(1) if ends is None or self.book.pays_everyone(line) else place < ends
        here = self.book.period_of(place)
        cells = [
            where(self.number.at(row).equals(here), still * 1, 0) for row in range(self.block.rows)
        ]
        self.lapsed.append(where(place >= self.book.end, facts.amount, 0))
        return self._units(
            title,
            cells,
            note=Words(
                da="1 i den periode, hvor der betales.", en="1 in the period in which it is paid."
            ),
        )

    def _by_people(self, line: CostLine, facts: Facts, title: Words) -> Column:
        period = self.people.period[line.per]
        of_all = self.people.people[line.per, line.segment, True]
        paid = self.people.people[line.per, line.segment, self.book.pays_everyone(line)]
        cells = [
            sum_where(paid.all, keys=period.all, key=self.number.at(row))
            for row in range(self.block.rows)
        ]
        late = [
            where(period.at(row) >= self.book.periods.number, of_all.at(row), 0)
            for row in range(len(of_all.values))
        ]
        self.lapsed.append(facts.amount * added(late))
        return self._units(
            title,
            cells,
            note=Words(
                da="Personer, hvis dato ligger i perioden.",
                en="People whose date lies in the period.",
            ),
        )

    def _by_presence(self, line: CostLine, facts: Facts, title: Words) -> Column:
        columns, outside = self.present.of(line.segment)
        self.lapsed.append(facts.amount * outside)
        served = self.book.standing.served
        counts = self.book.pays_everyone(line)
        cells = [
            added(
                [
                    column.at(row) if counts else column.at(row) * here
                    for column, here in zip(columns, served, strict=True)
                ]
            )
            for row in range(self.block.rows)
        ]
        return self._units(
            title,
            cells,
            note=Words(
                da="Personer til stede i perioden, alle hold.",
                en="People present in the period, all cohorts.",
            ),
        )
