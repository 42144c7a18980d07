"""Lines that pay on agreed days: fixed amounts, coupons and a bullet at maturity."""

from __future__ import annotations

from sibsim.payments.coupon import Coupon
from sibsim.payments.fixed import Fixed
from sibsim.payments.reading import Of
from sibsim.payments.terminal_bullet import TerminalBullet
from sibsim.reports.workbook.blocks import Column
from sibsim.reports.workbook.days import day_number
from sibsim.reports.workbook.formulas import (
    Formula,
    both,
    largest,
    smallest,
    sum_product,
    where,
    whole,
)
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Claims, Line
from sibsim.reports.workbook.payments.reports import Report, Result, report_of
from sibsim.reports.workbook.payments.rules import write_claims
from sibsim.reports.workbook.payments.tables import table_of

HALF_A_MONTH = 0.5
"""Years are of the nearest whole number of months."""

MONTHS = 12
"""Months of a year."""


@write_claims.register
def _fixed(spec: Fixed, *, line: Line) -> list[Claims]:
    days = spec.payments
    block = line.sheet.block([words.of(words.DATE, str(i + 1)) for i in range(len(days))], title="")
    when = [line.day(f"payments.{i}.on", day_number(each.on)) for i, each in enumerate(days)]
    amounts = [line.cell(f"payments.{i}.pays", each.pays) for i, each in enumerate(days)]
    return [line.claims(block, lambda row: amounts[row], when=when, lagged=False)]


@write_claims.register
def _coupon(spec: Coupon, *, line: Line) -> list[Claims]:
    report = report_of(line, spec.readings[0])
    principal = line.cell("principal", spec.principal)
    table = table_of(line, spec.points, field="points", title=words.RATE, kind="share")
    days = [
        line.day(f"coupon_dates.{i}", day_number(day)) for i, day in enumerate(spec.coupon_dates)
    ]
    results = [
        _to_date(report, spec.of, on=day - line.agreed.lag, number=i + 1)
        for i, day in enumerate(days)
    ]
    block = line.sheet.block(
        [words.of(words.DATE, str(i + 1)) for i in range(len(days))], title=words.ALL_COHORTS
    )
    cells = _cells(block.column(words.NUMBER, (each.number for each in results), kind="number"))
    bases = _cells(block.column(words.BASE, (each.base for each in results), kind="number"))

    def rate(row: int) -> Formula:
        found = table.by(spec.table, result=Result(cells[row], bases[row], days[row]))
        if spec.minimum is None or row >= spec.minimum.coupons:
            return found
        return largest(found, line.cell("minimum.rate", spec.minimum.rate))

    rates = block.column(words.RATE, rate, kind="share")
    claims = [line.claims(block, lambda row: principal * rates.at(row), when=days, lagged=False)]
    if spec.redemption is None or spec.matures is None:
        return claims
    shares = table_of(line, spec.redemption, field="redemption", title=words.SHARE, kind="share")
    end = line.day("matures", day_number(spec.matures))
    last = _to_date(report, spec.of, on=end - line.agreed.lag, number=len(days) + 1)
    repaid = line.sheet.block([words.ALL_COHORTS], title="")
    amount = principal * shares.by_steps(last)
    return [*claims, line.claims(repaid, lambda _: amount, when=[end], lagged=False)]


def _to_date(report: Report, of: Of, *, on: Formula, number: int) -> Result:
    """Write the result to date: each cohort at its last follow-up that is known, pooled."""
    known = report.block.column(
        words.of(words.KNOWN_BY, str(number)),
        lambda row: where(both(report.when.at(row) <= on, report.people.at(row) > 0), 1, 0),
        kind="count",
    )
    rows = report.block.rows

    def is_last(row: int) -> Formula:
        later = [known.at(each) for each in range(row + report.cohorts, rows, report.cohorts)]
        return known.at(row) * (1 - largest(*later)) if later else known.at(row)

    last = report.block.column(words.of(words.LAST_BY, str(number)), is_last, kind="count")
    counted, base = report.read(of, lambda column: sum_product(last.all, column.all))
    return Result(counted, base, on)


@write_claims.register
def _bullet(spec: TerminalBullet, *, line: Line) -> list[Claims]:
    results = [report_of(line, each).pooled(each.of, follow_up=0) for each in spec.readings]
    table = table_of(line, spec.points, field="points", title=words.RATE, kind="share")
    block = line.sheet.block(
        [
            words.of(words.COMPONENT, str(i + 1), str(each.at_months))
            for i, each in enumerate(spec.components)
        ],
        title=words.ALL_COHORTS,
    )
    value = block.column(
        words.RESULT, (each.value for each in results), kind="factor", note=words.RESULT_NOTE
    )
    known = block.column(words.KNOWN, (where(each.known, 1, 0) for each in results), kind="count")
    weights = block.column(
        words.WEIGHT,
        (
            line.cell(f"components.{i}.weight", each.weight)
            for i, each in enumerate(spec.components)
        ),
        kind="share",
    )
    dates = block.column(words.MEASURED_AT, (each.when for each in results), kind="number")
    paid = line.sheet.block([words.PROTECTED, words.BULLET], title="")
    end = line.day("matures", day_number(spec.matures))
    start = line.day("starts", day_number(spec.starts))
    score = Result(sum_product(weights.all, value.all), smallest(known.all), largest(dates.all, 0))
    years = paid.column(
        words.YEARS, [whole(end - start + HALF_A_MONTH) / MONTHS] * paid.rows, kind="number"
    ).at(1)
    scored = paid.reserve(words.SCORE, kind="factor").set(1, score.number)
    score = Result(scored, score.base, score.when)
    rate = paid.reserve(words.RATE, kind="share").set(1, table.by(spec.table, result=score))
    principal = line.cell("principal", spec.principal)
    safe = line.cell("protected", spec.protected) * principal
    grown = 1 + rate * years if spec.accrual == "simple" else (1 + rate) ** years
    more = where(score.reaches(table.at.at(0)), principal * grown - safe, 0)
    amounts = (safe, more)
    when = [end, largest(end, score.when + line.agreed.lag)]
    return [line.claims(paid, lambda row: amounts[row], when=when, lagged=False)]


def _cells(column: Column) -> list[Formula]:
    return [column.at(row) for row in range(column.block.rows)]
