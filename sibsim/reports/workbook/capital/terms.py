"""What the tranches have agreed, as cells that the account reads: rates per period, dates, fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibsim.capital.spec import Capital as Agreed
from sibsim.capital.tranche import Coupon, Fee, Tranche
from sibsim.core.timeline import DAYS_PER_YEAR
from sibsim.core.words import Words
from sibsim.reports.workbook.days import (
    MONTHS,
    day_of,
    days_in_month,
    month_of,
    months_later,
    year_of,
)
from sibsim.reports.workbook.formulas import (
    Formula,
    both,
    cut,
    largest,
    lift,
    smallest,
    where,
)
from sibsim.reports.workbook.model import Live, Periods
from sibsim.reports.workbook.sheets import Sheet

COMMITMENT = Words(da="tilsagn", en="commitment")
CAP = Words(da="loft for afkast", en="cap on the return")
CAP_NOTE = Words(
    da="en rente om året, eller hvor mange gange det trukne der i alt kan modtages",
    en="a rate a year, or how many times the amount drawn can be received in all",
)
EARNS = Words(da="optjent afkast pr. periode", en="return earned per period")
EARNS_NOTE = Words(
    da="(1 + rente) opløftet i (1 / perioder om året), minus 1; uden rentes rente: rente / "
    "perioder om året; som multipel: multipel minus 1 af hver trækning",
    en="(1 + rate) to the power of (1 / periods a year), less 1; not compounding: rate / periods "
    "a year; as a multiple: multiple less 1 of every drawing",
)
COUPON = Words(da="kupon om året", en="coupon a year")
TRANCHE = Words(da="kapital", en="capital")


@dataclass(frozen=True, eq=False)
class Terms:
    """The cells of the agreed terms, by tranche."""

    commitment: Mapping[str, Formula]
    """Most that can be drawn or, of a deferred fee, earned."""

    earns: Mapping[str, Formula]
    """What principal earns per period, or of a cap on the multiple what a drawing adds to the
    claim; none where the return has no cap or there is none."""

    coupon: Mapping[str, Formula]
    """Coupon a year, of tranches that have one."""


def path_of(tranche: str) -> str:
    """Return the path of a tranche in the case file."""
    return f"capital.tranches.{tranche}"


def periods_a_year(periods: Periods) -> int:
    """Return the number of periods in one year."""
    return MONTHS // periods.months


def write_terms(sheet: Sheet, live: Live, *, agreed: Agreed, periods: Periods) -> Terms:
    """Write one row per tranche with what is agreed and return its cells.

    Parameters
    ----------
    sheet
        Where it is written.
    live
        The workbook.
    agreed
        The capital of the case.
    periods
        The periods.
    """
    names = list(agreed.tranches)
    block = sheet.block(names, title=TRANCHE)
    commitment = block.reserve(COMMITMENT)
    cells = {
        name: commitment.set(row, live.inputs[f"{path_of(name)}.commitment"])
        for row, name in enumerate(names)
    }
    earns, coupon = {}, {}
    if any(each.return_cap for each in agreed.tranches.values()):
        cap = block.reserve(CAP, kind="factor", note=CAP_NOTE)
        rate = block.reserve(EARNS, kind="factor", note=EARNS_NOTE)
        for row, (name, tranche) in enumerate(agreed.tranches.items()):
            if tranche.return_cap:
                cap_cell = cap.set(row, live.inputs[_path_of_cap(name, tranche)])
                earns[name] = rate.set(row, _per_period(tranche, cap_cell, periods=periods))
    if any(each.coupon for each in agreed.tranches.values()):
        column = block.reserve(COUPON, kind="share")
        for row, (name, tranche) in enumerate(agreed.tranches.items()):
            if tranche.coupon:
                coupon[name] = column.set(row, live.inputs[f"{path_of(name)}.coupon.rate"])
    return Terms(commitment=cells, earns=earns, coupon=coupon)


def _path_of_cap(name: str, tranche: Tranche) -> str:
    cap = tranche.return_cap
    figure = "multiple" if cap and cap.basis == "multiple" else "rate"
    return f"{path_of(name)}.return_cap.{figure}"


def _per_period(tranche: Tranche, cap: Formula, *, periods: Periods) -> Formula:
    basis = tranche.return_cap.basis if tranche.return_cap else None
    if basis == "multiple":
        return cap - 1
    if basis == "simple":
        return cap / periods_a_year(periods)
    return (1 + cap) ** (lift(1) / periods_a_year(periods)) - 1


def position_of(day: Formula, *, periods: Periods) -> Formula:
    """Return the position of a day in months since the start of the case.

    Parameters
    ----------
    day
        A day number.
    periods
        The periods.
    """
    start = periods.case_start
    whole = MONTHS * (year_of(day) - year_of(start)) + month_of(day) - month_of(start)
    return whole + (day_of(day) - 1) / days_in_month(day)


def next_first_day(periods: Periods, t: int) -> Formula:
    """Return the first day after period t."""
    if t + 1 < periods.number:
        return periods.first_day.at(t + 1)
    return months_later(periods.first_day.at(t), periods.months)


def coupon_rate(
    coupon: Coupon, cell: Formula, t: int, *, until: Formula | None, periods: Periods
) -> Formula:
    """Return what the principal earns as coupon in period t.

    Parameters
    ----------
    coupon
        The coupon.
    cell
        Its rate a year.
    t
        The period.
    until
        Last day on which it accrues; None: it goes on.
    periods
        The periods.
    """
    years: Formula = lift(1) / periods_a_year(periods)
    if until is not None:
        stops = position_of(until + 1, periods=periods)
        share = cut((stops - periods.start.at(t)) / periods.months, low=0, high=1)
        years = share / periods_a_year(periods)
    if coupon.basis == "simple":
        return cell * years
    return (1 + cell) ** years - 1


def falls_due(day: Formula, t: int, *, periods: Periods) -> Formula:
    """Return 1 where a day lies in period t; a day before the case begins lies in the first.

    Parameters
    ----------
    day
        The day.
    t
        The period.
    periods
        The periods.
    """
    before_next = day < next_first_day(periods, t)
    return both(day >= periods.first_day.at(t), before_next) if t else before_next


def scheduled(live: Live, name: str, t: int, *, periods: Periods) -> Formula:
    """Return what a tranche draws by its schedule at the start of period t.

    Parameters
    ----------
    live
        The workbook.
    name
        The tranche.
    t
        The period.
    periods
        The periods.
    """
    assert live.case.contract.capital is not None  # noqa: S101 - a workbook is of a case that runs
    instalments = live.case.contract.capital.tranches[name].schedule
    return _instalments(
        live, f"{path_of(name)}.schedule", number=len(instalments), t=t, periods=periods
    )


def _instalments(
    live: Live,
    path: str,
    *,
    number: int,
    t: int,
    periods: Periods,
    ends: Formula | None = None,
) -> Formula:
    """Return the sum of the instalments of a list whose day lies in period t and before the end."""
    found = lift(0)
    for each in range(number):
        day, amount = live.inputs[f"{path}.{each}.on"], live.inputs[f"{path}.{each}.amount"]
        due = falls_due(day, t, periods=periods)
        if ends is not None:
            due = both(due, position_of(day, periods=periods) < ends)
        found = where(due, amount, 0) if not each else found + where(due, amount, 0)
    return found


def fee_earned(
    live: Live, name: str, fee: Fee, t: int, *, periods: Periods, ends: Formula | None
) -> Formula:
    """Return what is earned of a deferred fee in period t, before the limit of its commitment.

    Parameters
    ----------
    live
        The workbook.
    name
        The tranche.
    fee
        The fee.
    t
        The period.
    periods
        The periods.
    ends
        When the service ends early, in months since the start of the case; None: it does not.
    """
    path = f"{path_of(name)}.fee"
    if fee.at:
        return _instalments(live, f"{path}.at", number=len(fee.at), t=t, periods=periods, ends=ends)
    first, last = live.inputs[f"{path}.from"], live.inputs[f"{path}.to"]
    upper = smallest(last + 1, next_first_day(periods, t))
    days = largest(0, upper - largest(first, periods.first_day.at(t)))
    earned = live.inputs[f"{path}.per_year"] * days / DAYS_PER_YEAR
    if ends is None:
        return earned
    return earned * cut((ends - periods.start.at(t)) / periods.months, low=0, high=1)
