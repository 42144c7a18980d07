"""Time and money fit: every date lies in the case, every amount is in its currency."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from sibsim.budget.lines import check_lines
from sibsim.case import Case
from sibsim.consistency.seen import Check, Seen
from sibsim.core.currency import currencies_in
from sibsim.core.parameters import Provenance
from sibsim.core.spec import walk
from sibsim.delivery.plan import RARE
from sibsim.errors import Fault
from sibsim.payments.base import PaymentModel

MOST_PEOPLE = 100_000
"""Most people that a case may reach; a block of draws of them takes gigabytes of memory."""


def _currencies(seen: Seen) -> list[Fault]:
    currency = seen.case.head.currency
    return [
        Fault(
            f"{path}.unit",
            f"got {given.unit!r}; every amount is in the case's currency, {currency}; convert it",
        )
        for section, spec in seen.case.sections.items()
        for path, given in walk(spec, Provenance, path=section)
        if set(currencies_in(given.unit or "")) - {currency}
    ]


def _cohorts(seen: Seen) -> list[Fault]:
    delivery = seen.case.delivery
    if delivery is None:
        return []
    faults = [
        fault
        for index, cohort in enumerate(delivery.cohorts)
        for fault in _outside(seen.case, cohort.start, path=f"delivery.cohorts.{index}.start")
    ]
    early = delivery.p_before_case(seen.case.timeline)
    if not faults and early > RARE:
        problem = (
            f"the first cohort would start before the case does with probability {early:.1%}; "
            "move `start` to an earlier date or narrow the delay"
        )
        faults.append(Fault("delivery.start_delay", problem))
    return faults


def _size(seen: Seen) -> list[Fault]:
    """Refuse more people than can be simulated one by one, and delays longer than the case."""
    target, delivery = seen.case.target_group, seen.case.delivery
    if delivery is None:
        return []
    faults: list[Fault] = []
    size = target.size.base_value if target else 0.0
    reach = max(delivery.volume.base_value, float(delivery.volume.ppf(np.array(1 - RARE))), 1.0)
    if target:
        reach *= max(1.0, float(delivery.ramped(size, timeline=seen.case.timeline).sum()) / size)
    if size * reach > MOST_PEOPLE:
        problem = (
            f"got {size:,.0f} planned and up to {reach:,.4g} times as many reached; every person "
            f"is simulated, at most {MOST_PEOPLE:,}; simulate a part of the group"
        )
        faults.append(Fault("target_group.size", problem))
    months = seen.case.timeline.periods * seen.case.timeline.months_per_period
    late = 1 - delivery.start_delay.prob_below(months)
    if late > RARE or delivery.start_delay.base_value >= months:
        problem = (
            f"the service would start after the end of the case with probability {late:.1%}; "
            "the delay is in months; narrow it, or move `end`"
        )
        faults.append(Fault("delivery.start_delay", problem))
    return faults


def _cost_dates(seen: Seen) -> list[Fault]:
    return [
        fault
        for name, line in seen.case.costs.items()
        for key, day in (("from", line.from_), ("to", line.to), ("at", line.at))
        if day is not None
        for fault in _outside(seen.case, day, path=f"costs.{name}.{key}")
    ]


def _outside(case: Case, day: date, *, path: str) -> list[Fault]:
    head = case.head
    if head.start <= day <= head.end:
        return []
    problem = f"got {day}; the case runs from {head.start} to {head.end}; move one of them"
    return [Fault(path, problem)]


def _payment_dates(seen: Seen) -> list[Fault]:
    """Refuse a payment that would fall due after the last payment date even if all goes to plan."""
    case = seen.case
    terms, delivery = case.contract.terms, case.delivery
    if terms is None:
        return []
    if not case.head.start <= terms.last_payment <= case.head.end:
        return _outside(case, terms.last_payment, path="contract.last_payment")
    if delivery is None:
        return []
    timeline = case.timeline
    start = max(timeline.months_at(cohort.start) for cohort in delivery.cohorts)
    last = timeline.months_at(terms.last_payment)
    faults: list[Fault] = []
    for name, line in case.contract.payments.items():
        for day in line.dates:
            if not case.head.start <= day <= terms.last_payment:
                problem = (
                    f"got a payment on {day}; payments are made from {case.head.start} to "
                    f"contract.last_payment, {terms.last_payment}; move one of them"
                )
                faults.append(Fault(f"payments.{name}", problem))
        faults += _late_tests(case, line, name=name, start=start)
        follow_up = max(_paid_follow_ups(seen, line), default=0)
        late = start + follow_up + terms.lag_months - last
        if late > 0:
            problem = (
                f"the last cohort's follow-up after {follow_up} months falls due "
                f"{max(round(late), 1)} months after contract.last_payment "
                f"({terms.last_payment}); move that date or drop the follow-up"
            )
            faults.append(Fault(f"payments.{name}", problem))
    return faults


def _late_tests(case: Case, line: PaymentModel, *, name: str, start: float) -> list[Fault]:
    """Refuse a test of a clause whose result comes after the last payment even as planned."""
    terms = case.contract.terms
    if terms is None:
        return []
    last = case.timeline.months_at(terms.last_payment)
    return [
        Fault(
            f"payments.{name}.{field}",
            f"reads the follow-up at {months} months, whose result comes after "
            f"contract.last_payment ({terms.last_payment}); move that date or test earlier",
        )
        for field, months in line.test_months.items()
        if start + months + terms.lag_months > last
    ]


def _paid_follow_ups(seen: Seen, line: PaymentModel) -> Iterator[int]:
    """Yield the follow-ups whose results a line waits for; on agreed days it waits for none."""
    for reading in line.readings:
        months = seen.follow_ups(reading.measure)
        if months is not None and not (line.dates and reading.at_months is None):
            yield from set(reading.at_months or months) & set(months)


def _stopping(seen: Seen) -> list[Fault]:
    """Refuse a stop that would wait for payments, which follow only from who has been served."""
    terms, capital = seen.case.contract.terms, seen.case.contract.capital
    if terms is None or terms.overrun != "stop":
        return []
    waits = [
        f"payments.{name}, which investors may have to pay back"
        for name, line in seen.case.contract.payments.items()
        if line.may_be_returned
    ]
    if capital is not None and capital.recycle:
        waits.insert(0, "capital.recycle = true")
    return [
        Fault(
            "contract.overrun",
            f"got 'stop' with {each}; whether the money runs out would depend on the payments, and "
            "they on whom it serves; drop it, or let 'authority' or 'provider' bear the overrun",
        )
        for each in waits
    ]


def _prices(seen: Seen) -> list[Fault]:
    """Refuse an index that does not cover the years of a line."""
    case = seen.case
    faults = [
        *check_lines(
            case.budget,
            indices=case.indices,
            timeline=case.timeline,
            price_year=case.head.price_year,
        )
    ]
    years = np.array([case.head.price_year, *case.timeline.years])
    for section, lines in (("costs", case.costs), ("payments", case.contract.payments)):
        for name, line in lines.items():
            index = case.indices.get(line.index or "")
            problem = index.problem(years) if index else ""
            if problem:
                faults.append(Fault(f"{section}.{name}.index", problem))
    prices = case.indices.get(case.valuation.prices or "") if case.valuation else None
    if prices is not None and (problem := prices.problem(years)):
        faults.append(Fault("valuation.prices", problem))
    return faults


CHECKS: tuple[Check, ...] = (
    _currencies,
    _cohorts,
    _size,
    _cost_dates,
    _payment_dates,
    _stopping,
    _prices,
)
"""The checks that need the first lines of the case."""
