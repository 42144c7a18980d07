"""Lines that pay by a measured result: tables, cliffs, and falls by cohort and pooled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sibsim.payments.cliff import Cliff
from sibsim.payments.frequency import Frequency
from sibsim.payments.interpolated_table import InterpolatedTable
from sibsim.payments.linear_band import LinearBand
from sibsim.payments.reading import Reading
from sibsim.payments.step_table import StepTable
from sibsim.payments.table_line import TableLine
from sibsim.payments.two_sided import TwoSided
from sibsim.reports.workbook.blocks import Block
from sibsim.reports.workbook.formulas import (
    Formula,
    added,
    largest,
    lift,
    smallest,
    total,
    where,
)
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Claims, Line
from sibsim.reports.workbook.payments.reports import Report, Result, report_of
from sibsim.reports.workbook.payments.rules import write_claims
from sibsim.reports.workbook.payments.tables import table_of

Table = Callable[[Result], Formula]
"""From a result to what it is worth."""


@write_claims.register
def _band(spec: LinearBand, *, line: Line) -> list[Claims]:
    table = table_of(line, spec.schedule, field="schedule")
    return _by_table(spec, line, pays=table.by_lines)


@write_claims.register
def _interpolated(spec: InterpolatedTable, *, line: Line) -> list[Claims]:
    table = table_of(line, spec.schedule, field="schedule")
    return _by_table(spec, line, pays=lambda result: table.by_lines(result, below=spec.below))


@write_claims.register
def _two_sided(spec: TwoSided, *, line: Line) -> list[Claims]:
    table = table_of(line, spec.schedule, field="schedule")
    return _by_table(spec, line, pays=lambda result: table.by_lines(result, below="first"))


@write_claims.register
def _steps(spec: StepTable, *, line: Line) -> list[Claims]:
    table = table_of(line, spec.schedule, field="schedule")
    return _by_table(
        spec, line, pays=lambda result: table.by_steps(result, inclusive=spec.inclusive)
    )


def _by_table(spec: TableLine, line: Line, *, pays: Table) -> list[Claims]:
    """Write what the table pays for all cohorts together, or each its share of those planned."""
    report = report_of(line, spec.readings[0])
    kind = "factor" if spec.of != "rate" else line.kind_of(spec.reads)
    if spec.pooled:
        block = line.sheet.block([words.ALL_COHORTS], title="")
        results = [report.pooled(spec.of, follow_up=0)]
    else:
        block = report.block
        results = _of_cohorts(report, spec.readings[0])
    written = _write_results(block, results)
    block.column(words.RESULT, (each.value for each in written), kind=kind, note=words.RESULT_NOTE)
    worth = block.column(words.BY_TABLE, (pays(each) for each in written))
    when = [each.when for each in written]
    if spec.pooled:
        return [line.claims(block, worth.at, when=when)]
    planned = line.delivery.planned
    share = block.column(
        words.SHARE_OF_PLANNED, (each / added(list(planned)) for each in planned), kind="share"
    )
    return [line.claims(block, lambda row: share.at(row) * worth.at(row), when=when)]


@write_claims.register
def _cliff(spec: Cliff, *, line: Line) -> list[Claims]:
    readings = spec.readings
    results = [report_of(line, each).pooled(each.of, follow_up=0) for each in readings]
    block = line.sheet.block(
        [
            words.of(words.CONDITION, str(i + 1), str(each.at_months))
            for i, each in enumerate(spec.conditions)
        ],
        title=words.ALL_COHORTS,
    )
    written = _write_results(block, results)
    block.column(
        words.RESULT, (each.value for each in written), kind="factor", note=words.RESULT_NOTE
    )
    tiers = range(len(spec.pays))
    several = len(spec.pays) > 1
    paid = lift(0)
    for tier in tiers:
        levels = block.column(
            words.of(words.LEVEL_TIER, str(tier + 1)) if several else words.LEVEL,
            (
                line.listed(f"conditions.{i}.at_least", tier, each.at_least[tier])
                for i, each in enumerate(spec.conditions)
            ),
            kind="factor",
        )
        reached = block.column(
            words.of(words.REACHED_TIER, str(tier + 1)) if several else words.REACHED,
            (
                where(each.reaches(levels.at(i), inclusive=spec.inclusive), 1, 0)
                for i, each in enumerate(written)
            ),
            kind="count",
        )
        amount = line.listed("pays", tier, spec.pays[tier])
        paid = where(smallest(reached.all) > 0, amount, paid)
    claim = line.sheet.block([words.ALL_COHORTS], title="")
    when = largest(*(each.when for each in written))
    at = claim.column(words.MEASURED_AT, [when], kind="number")
    return [line.claims(claim, lambda _: paid, when=[at.at(0)])]


@write_claims.register
def _frequency(spec: Frequency, *, line: Line) -> list[Claims]:
    reading = spec.readings[0]
    report = report_of(line, reading)
    price = line.cell("price", spec.price)
    own = line.cell("cohort_level", spec.cohort_level)
    pooled_level = line.cell("pooled_level", spec.pooled_level)
    block = report.block
    written = _write_results(block, _of_cohorts(report, reading))
    reached = block.column(
        words.REACHED, (where(each.reaches(own), 1, 0) for each in written), kind="count"
    )
    left = block.column(
        words.LEFT, lambda row: (1 - reached.at(row)) * written[row].number, kind="number"
    )
    together = line.sheet.block([words.ALL_COHORTS], title="")
    (pooled,) = _write_results(together, [report.pooled(reading.of, follow_up=0)])
    passed = together.column(
        words.REACHED, [where(pooled.reaches(pooled_level), 1, 0)], kind="count"
    )
    return [
        line.claims(
            block,
            lambda row: price * reached.at(row) * written[row].number,
            when=[each.when for each in written],
        ),
        line.claims(
            together,
            lambda _: price * largest(total(left.all), 0) * passed.at(0),
            when=[pooled.when],
        ),
    ]


def _of_cohorts(report: Report, reading: Reading) -> list[Result]:
    return [
        report.by_cohort(reading.of, follow_up=0, cohort=cohort) for cohort in range(report.cohorts)
    ]


def _write_results(block: Block, results: Sequence[Result]) -> list[Result]:
    """Write number, base and date of results in the rows of a block and return their cells."""
    number = block.column(words.NUMBER, (each.number for each in results), kind="number")
    base = block.column(words.BASE, (each.base for each in results), kind="number")
    when = block.column(words.MEASURED_AT, (each.when for each in results), kind="number")
    return [Result(number.at(i), base.at(i), when.at(i)) for i in range(len(results))]
