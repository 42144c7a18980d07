"""What a payment line reads: reported results by cohort and follow-up, as far as they count.

A cohort counts that is served and that the line pays for. With a trigger, a report counts only
where it shows what it has to; of all cohorts together it is then dated when the last of them is
measured. A result is a number N out of a base B; a level l is reached when N >= (l - 1e-9) B and
B > 0, or N > (l + 1e-9) B where the level itself does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from sibsim.payments.base import PaymentModel
from sibsim.payments.reading import EDGE_TOLERANCE, Of, Reading
from sibsim.payments.trigger import Trigger
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import Formula, both, largest, total, where
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Line
from sibsim.reports.workbook.standing import NEVER


@dataclass(frozen=True, eq=False)
class Result:
    """A measured result: a number out of a base."""

    number: Formula
    """What is counted."""

    base: Formula
    """What it is a share of; zero where nothing is measured."""

    when: Formula
    """Date of measurement, in months since the start of the case."""

    @property
    def known(self) -> Formula:
        """1 where anything is measured."""
        return self.base > 0

    @property
    def value(self) -> Formula:
        """Number / base; zero where nothing is measured."""
        return where(self.known, self.number / self.base, 0)

    def reaches(self, level: Formula, *, inclusive: bool = True) -> Formula:
        """Return 1 where a level is reached, or passed where it does not count itself.

        Parameters
        ----------
        level
            The level.
        inclusive
            Whether the level itself counts.
        """
        if inclusive:
            return both(self.known, self.number >= (level - EDGE_TOLERANCE) * self.base)
        return both(self.known, self.number > (level + EDGE_TOLERANCE) * self.base)


@dataclass(eq=False)
class Report:
    """What one measure reports to a line: a row per follow-up and cohort, follow-ups first."""

    block: Block
    """The block."""

    months: Sequence[int]
    """Follow-ups that are read, in months from the start of service."""

    cohorts: int
    """Number of cohorts."""

    served: Sequence[Formula]
    """1 where the line pays for the cohort, by cohort."""

    when: Column
    """When each is measured."""

    reported: Column
    """Sum of reported results."""

    people: Column
    """People reported."""

    expected: Column | None
    """What the comparison leads to expect of them; None where it is not read."""

    additional: Column | None
    """Results beyond that; None where it is not read."""

    def row(self, follow_up: int, cohort: int) -> int:
        """Return the row of a follow-up and a cohort, both from zero.

        Parameters
        ----------
        follow_up
            Which of those that are read.
        cohort
            Which cohort.
        """
        return follow_up * self.cohorts + cohort

    def of_follow_up(self, column: Column, follow_up: int) -> Formula:
        """Return the cells of a column at one follow-up, as a range.

        Parameters
        ----------
        column
            A column of the block.
        follow_up
            Which of those that are read.
        """
        return column.between(self.row(follow_up, 0), self.row(follow_up, self.cohorts - 1))

    def read(self, of: Of, cells: Callable[[Column], Formula]) -> tuple[Formula, Formula]:
        """Return number and base of what is read.

        Parameters
        ----------
        of
            What is read.
        cells
            From a column to the cell, or the sum of cells, that counts.
        """
        if of == "rate":
            return cells(self.reported), cells(self.people)
        assert self.additional is not None  # noqa: S101 - written for all that needs a comparison
        assert self.expected is not None  # noqa: S101 - as above
        beyond = cells(self.additional)
        if of == "effect":
            return beyond, cells(self.people)
        return (beyond if of == "uplift" else -beyond), cells(self.expected)

    def by_cohort(self, of: Of, *, follow_up: int, cohort: int) -> Result:
        """Return the result of one cohort.

        Parameters
        ----------
        of
            What is read.
        follow_up, cohort
            Which ones, from zero.
        """
        row = self.row(follow_up, cohort)
        number, base = self.read(of, lambda column: column.at(row))
        return Result(number, base, self.when.at(row))

    def pooled(self, of: Of, *, follow_up: int) -> Result:
        """Return the result of all cohorts together, known when the last is measured.

        Parameters
        ----------
        of
            What is read.
        follow_up
            Which of those that are read.
        """
        number, base = self.read(of, lambda column: total(self.of_follow_up(column, follow_up)))
        return Result(number, base, self.latest(follow_up))

    def latest(self, follow_up: int) -> Formula:
        """Return when the last cohort that is served is measured; 0 where none is served."""
        served = total(*self.served)
        return where(served > 0, largest(self.of_follow_up(self._if_served, follow_up)), 0)

    @cached_property
    def _if_served(self) -> Column:
        """When each is measured, long ago where the cohort is not served."""
        return self.block.column(
            words.LATEST,
            lambda row: where(self.served[row % self.cohorts] > 0, self.when.at(row), -NEVER),
            kind="number",
            note=words.LATEST_NOTE,
        )


def report_of(line: Line, reading: Reading) -> Report:
    """Write what a line reads of a measure, as its trigger lets it pass.

    Parameters
    ----------
    line
        The line.
    reading
        What it reads.
    """
    trigger = line.spec.trigger
    if trigger is None:
        return _written(line, reading, of=reading.of)
    asked = [trigger.of] if trigger.of and trigger.at_least is not None else []
    raw = _written(line, reading, of=next((each for each in asked if each != "rate"), "rate"))
    passes = _passes(line, trigger, raw)
    when = None
    if trigger.pooled:
        latest = [raw.latest(k) for k in range(len(raw.months))]
        when = [latest[row // raw.cohorts] for row in range(raw.block.rows)]
    return _written(line, reading, of=reading.of, passes=passes, when=when)


def tested(line: Line, reading: Reading) -> Result:
    """Write one report of all cohorts served, whatever the line pays for, and return its result.

    Parameters
    ----------
    line
        The line whose clause tests it.
    reading
        What is tested, at one follow-up.
    """
    report = _written(line, reading, of=reading.of, served=list(line.standing.served))
    return report.pooled(reading.of, follow_up=0)


def follow_ups_of(line: Line, reading: Reading, *, spec: PaymentModel) -> tuple[int, ...]:
    """Return the follow-ups of a reading, in months; those that the line pays where it pays all.

    Parameters
    ----------
    line
        The line.
    reading
        What it reads.
    spec
        Its terms.
    """
    return reading.at_months or spec.follow_ups(line.measured_at(reading.measure))


def _written(
    line: Line,
    reading: Reading,
    *,
    of: Of,
    passes: Sequence[Formula] | None = None,
    when: Sequence[Formula] | None = None,
    served: list[Formula] | None = None,
) -> Report:
    """Write one block of reports."""
    measure = line.measures[reading.measure]
    served = line.served if served is None else served
    measured_at = line.measured_at(reading.measure)
    months = follow_ups_of(line, reading, spec=line.spec)
    places = [measured_at.index(each) for each in months]
    cells = [(k, c) for k in places for c in range(len(served))]
    block = line.sheet.block(
        [words.of(words.COHORT_AT, str(c + 1), str(measured_at[k])) for k, c in cells], title=""
    )
    dates = when or [measure.outcome.at[c][k] for k, c in cells]
    at = block.column(words.MEASURED_AT, dates, kind="number")
    counted = [
        served[c] if passes is None else served[c] * passes[row] for row, (_, c) in enumerate(cells)
    ]
    counts = block.column(words.COUNTS, counted, kind="count", note=words.COUNTS_NOTE)

    def column(title: object, values: Sequence[Sequence[Formula]]) -> Column:
        found = (counts.at(row) * values[c][k] for row, (k, c) in enumerate(cells))
        return block.column(title, found, kind="number")  # type: ignore[arg-type]  # always Words

    reported = column(words.REPORTED, measure.reported)
    people = column(words.PEOPLE, measure.people)
    expected = additional = None
    if of != "rate":
        if measure.expected is None:
            expected = block.column(words.ANYWAY, (0.0 for _ in cells), kind="number")
            additional = block.column(words.ADDITIONAL, (0.0 for _ in cells), kind="number")
        else:
            anyway = column(words.ANYWAY, measure.expected)
            expected, additional = (
                anyway,
                block.column(
                    words.ADDITIONAL,
                    lambda row: reported.at(row) - anyway.at(row),
                    kind="number",
                    note=words.ADDITIONAL_NOTE,
                ),
            )
    return Report(block, months, len(served), served, at, reported, people, expected, additional)


def _passes(line: Line, trigger: Trigger, raw: Report) -> list[Formula]:
    """Write whether each report shows what it has to, by row of the report."""
    follow_ups, rows = range(len(raw.months)), range(raw.block.rows)
    if not trigger.pooled:
        column = raw.block.column(
            words.PASSES,
            lambda row: _asked(
                line,
                trigger,
                lambda of: raw.by_cohort(
                    of, follow_up=row // raw.cohorts, cohort=row % raw.cohorts
                ),
            ),
            kind="count",
        )
        return [column.at(row) for row in rows]
    block = line.sheet.block(
        [words.of(words.MONTHS_AT, str(months)) for months in raw.months], title=words.ALL_COHORTS
    )
    if trigger.at_least is not None and trigger.of is not None:
        asked = trigger.of
        results = [raw.pooled(asked, follow_up=k) for k in follow_ups]
        block.column(words.NUMBER, (each.number for each in results), kind="number")
        block.column(words.BASE, (each.base for each in results), kind="number")
    column = block.column(
        words.PASSES,
        lambda k: _asked(line, trigger, lambda of: raw.pooled(of, follow_up=k)),
        kind="count",
    )
    return [column.at(row // raw.cohorts) for row in rows]


def _asked(line: Line, trigger: Trigger, result: Callable[[Of], Result]) -> Formula:
    """Return 1 where a report shows all that the trigger asks for."""
    asked = []
    if trigger.at_least is not None and trigger.of is not None:
        level = line.cell("trigger.at_least", trigger.at_least)
        asked.append(result(trigger.of).reaches(level))
    if trigger.people is not None:
        fewest = line.cell("trigger.people", float(trigger.people))
        asked.append(result("rate").base >= fewest)
    return where(both(*asked), 1, 0)
