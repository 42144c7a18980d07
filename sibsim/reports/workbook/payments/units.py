"""Lines that pay by the unit: successes, people, days, steps, savings.

Rate card, days avoided and savings share, each with its floor; volume tiers, milestones, guaranteed
referrals and progression. What looks at one person after the other (claims per person or in order,
whole steps, qualifying days) has no formula, as the workbook knows cohorts and not people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sibsim.payments.days_avoided import DaysAvoided
from sibsim.payments.floors import Floor
from sibsim.payments.milestone import Milestone
from sibsim.payments.minimum_referrals import MinimumReferrals
from sibsim.payments.progression import Progression
from sibsim.payments.rate_card import RateCard
from sibsim.payments.savings_share import SavingsShare
from sibsim.payments.volume_tiered import VolumeTiered
from sibsim.reports.workbook.blocks import Block, Column
from sibsim.reports.workbook.formulas import (
    Formula,
    Operand,
    added,
    either,
    largest,
    lift,
    smallest,
    sum_product,
    total,
    where,
)
from sibsim.reports.workbook.payments import words
from sibsim.reports.workbook.payments.line import Claims, Line
from sibsim.reports.workbook.payments.repaid import repaid_from
from sibsim.reports.workbook.payments.reports import Report, report_of
from sibsim.reports.workbook.payments.rules import write_claims


@write_claims.register
def _rate_card(spec: RateCard, *, line: Line) -> list[Claims] | None:
    if spec.needs_persons:
        return None
    report = report_of(line, spec.readings[0])
    stated = list(spec.prices(line.measured_at(spec.reads)).values())
    prices = [line.listed("price", i, price) for i, price in enumerate(stated)]
    if spec.floor is None:
        return [_each(line, report, prices=prices, units=report.reported)]
    return _floored(line, report, prices=prices, floor=spec.floor)


@write_claims.register
def _days(spec: DaysAvoided, *, line: Line) -> list[Claims] | None:
    if spec.needs_persons:
        return None
    report = report_of(line, spec.readings[0])
    prices = [line.cell("price", spec.price)] * len(report.months)
    if spec.floor is None:
        return [_each(line, report, prices=prices, units=report.reported)]
    return _floored(line, report, prices=prices, floor=spec.floor, fewer=True)


@write_claims.register
def _saving(spec: SavingsShare, *, line: Line) -> list[Claims]:
    report = report_of(line, spec.readings[0])
    prices = [line.cell("tariff", spec.tariff)] * len(report.months)
    share = line.cell("share", spec.share)
    after, from_period = share, lift(0)
    if spec.share_after_repayment is not None:
        after = line.cell("share_after_repayment", spec.share_after_repayment)
        from_period = repaid_from(line)

    def paid(block: Block, amount: Callable[[int], Operand], when: Sequence[Formula]) -> Claims:
        period = line.dated(block, when=when)
        shares = block.column(
            words.SHARE,
            lambda row: (
                where(either(period.at(row).equals(0), period.at(row) > from_period), after, share)
                if spec.share_after_repayment is not None
                else share
            ),
            kind="share",
        )
        return line.worth(block, lambda row: lift(amount(row)) * shares.at(row), period=period)

    fewer = spec.counts == "fewer"
    return _floored(line, report, prices=prices, floor=spec.floor, fewer=fewer, paid=paid)


@write_claims.register
def _milestone(spec: Milestone, *, line: Line) -> list[Claims]:
    report = report_of(line, spec.readings[0])
    price, units = line.cell("price", spec.price), report.people
    if spec.most_people is not None:
        most = line.cell("most_people", float(spec.most_people))
        before = _counted_before(report, units)
        units = report.block.column(
            words.UNITS,
            lambda row: largest(smallest(report.people.at(row), most - before.at(row)), 0),
            kind="number",
        )
    return [_each(line, report, prices=[price], units=units)]


@write_claims.register
def _tiers(spec: VolumeTiered, *, line: Line) -> list[Claims]:
    report = report_of(line, spec.readings[0])
    before = _counted_before(report, report.reported)

    def value(number: Formula) -> Formula:
        """Return the price of the first so many."""
        parts, first = [], lift(0)
        for i, tier in enumerate(spec.tiers):
            price = line.cell(f"tiers.{i}.price", tier.price)
            inside = number
            if tier.up_to is not None:
                last = line.cell(f"tiers.{i}.up_to", float(tier.up_to))
                inside = smallest(number, last)
            parts.append(price * (largest(inside, first) - first))
            if tier.up_to is not None:
                first = last
        return added(parts)

    def amount(row: int) -> Formula:
        return value(before.at(row) + report.reported.at(row)) - value(before.at(row))

    return [line.claims(report.block, amount, when=_dates(report))]


@write_claims.register
def _progression(spec: Progression, *, line: Line) -> list[Claims] | None:
    if spec.whole_steps:
        return None
    report = report_of(line, spec.readings[0])
    step, most = line.cell("step", spec.step), None
    if spec.most_steps is not None:
        most = line.cell("most_steps", float(spec.most_steps))

    def steps(row: int) -> Formula:
        moved = largest(report.reported.at(row) / step, 0)
        return moved if most is None else smallest(moved, most * report.people.at(row))

    units = report.block.column(words.STEPS, steps, kind="number")
    return [_each(line, report, prices=[line.cell("price", spec.price)], units=units)]


@write_claims.register
def _guaranteed(spec: MinimumReferrals, *, line: Line) -> list[Claims]:
    report = report_of(line, spec.readings[0])
    number = line.cell("number", spec.number)
    when = largest(report.when.all)
    if not spec.survives_early_end:
        planned = added(list(line.delivery.planned))
        served = added(
            [n * each for n, each in zip(line.delivery.planned, line.served, strict=True)]
        )
        number, when = number * served / planned, report.latest(0)
    block = line.sheet.block([words.ALL_COHORTS], title="")
    missing = block.column(
        words.MISSING, [largest(number - total(report.people.all), 0)], kind="number"
    )
    price, rate = line.cell("price", spec.price), line.cell("deemed_rate", spec.deemed_rate)
    return [line.claims(block, lambda row: price * rate * missing.at(row), when=[when])]


def _dates(report: Report) -> list[Formula]:
    return [report.when.at(row) for row in range(report.block.rows)]


def _each(line: Line, report: Report, *, prices: Sequence[Formula], units: Column) -> Claims:
    """Write a claim for each cohort and follow-up: price x units."""
    block = report.block
    price = block.column(
        words.PRICE, (prices[row // report.cohorts] for row in range(block.rows)), kind="number"
    )
    return line.claims(block, lambda row: price.at(row) * units.at(row), when=_dates(report))


def _floored(
    line: Line,
    report: Report,
    *,
    prices: Sequence[Formula],
    floor: Floor,
    fewer: bool = False,
    paid: Callable[[Block, Callable[[int], Operand], Sequence[Formula]], Claims] | None = None,
) -> list[Claims]:
    """Write price x units beyond the comparison, never below zero in the scope of the floor.

    Parameters
    ----------
    line, report
        The line and what it reads.
    prices
        Price of one unit, by follow-up.
    floor
        Where a shortfall is set against a surplus.
    fewer
        Whether units below the comparison are paid for.
    paid
        How a claim is written; None: as it is.
    """
    write = paid or (lambda block, amount, when: line.claims(block, amount, when=when))
    assert report.additional is not None  # noqa: S101 - what is beyond a comparison is read
    units, sign = report.additional, -1 if fewer else 1
    if floor == "cohort":
        block = report.block
        price = block.column(
            words.PRICE, (prices[row // report.cohorts] for row in range(block.rows)), kind="number"
        )
        return [
            write(
                block,
                lambda row: price.at(row) * largest(sign * units.at(row), 0),
                _dates(report),
            )
        ]
    follow_ups = range(len(report.months))
    latest = [report.latest(k) for k in follow_ups]
    block = line.sheet.block(
        [words.of(words.MONTHS_AT, str(each)) for each in report.months], title=words.ALL_COHORTS
    )
    price = block.column(words.PRICE, prices, kind="number")
    net = block.column(
        words.NET,
        lambda k: price.at(k) * (sign * total(report.of_follow_up(units, k))),
        note=words.NET_NOTE,
    )
    if floor == "follow_up":
        return [write(block, lambda k: largest(net.at(k), 0), latest)]
    dates = block.column(words.MEASURED_AT, latest, kind="number")
    together = line.sheet.block([words.ALL_COHORTS], title="")
    return [write(together, lambda _: largest(total(net.all), 0), [largest(dates.all)])]


def _counted_before(report: Report, units: Column) -> Column:
    """Write how many are counted before each row: on earlier dates, or on its date before it.

    On one date cohorts stand in order, and a cohort's follow-ups.
    """
    follow_ups = len(report.months)
    order = report.block.column(
        words.ORDER,
        (
            float(row % report.cohorts * follow_ups + row // report.cohorts + 1)
            for row in range(report.block.rows)
        ),
        kind="count",
    )

    def before(row: int) -> Formula:
        earlier = report.when.all < report.when.at(row)
        same = report.when.all.equals(report.when.at(row)) * (order.all < order.at(row))
        return sum_product(earlier + same, units.all)

    return report.block.column(words.BEFORE, before, kind="number")
