"""Checks across the parts of a case: every name is defined, every date fits, every unit agrees.

Each check reads only the sections that are valid in themselves, so that one reading reports the
faults of all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sibsim.budget.lines import check_lines
from sibsim.case import Case
from sibsim.core.prices import NO_INDEX
from sibsim.core.sampling import check_correlations
from sibsim.core.spec import Sourced, walk
from sibsim.core.validation import known_or_fault
from sibsim.delivery.plan import RARE
from sibsim.errors import Fault

_CURRENCY_OF_UNIT = re.compile(r"^([A-Z]{3})\b")


def check_across(case: Case) -> list[Fault]:
    """Return every fault that shows only when the parts of a case are seen together."""
    return [fault for check in _CHECKS for fault in check(case)]


def _outcomes(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    for name, outcome in case.outcomes.items():
        path = f"outcomes.{name}"
        if outcome.drift is not None:
            faults += known_or_fault(
                f"{path}.drift", outcome.drift, case.drifts, what="a drift in [drifts]"
            )
    return faults


def _measures(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    for name, measure in case.measures.items():
        faults += known_or_fault(
            f"measures.{name}.outcome",
            measure.outcome,
            case.outcomes,
            what="an outcome in [outcomes]",
        )
    return faults


def _follow_ups(case: Case, measure: str) -> tuple[int, ...] | None:
    """Return the follow-ups of a measure, if it and its outcome are known."""
    found = case.measures.get(measure)
    outcome = case.outcomes.get(found.outcome) if found else None
    return outcome.follow_up_months if outcome else None


def _payments(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    for name, line in case.contract.payments.items():
        path = f"payments.{name}"
        faults += known_or_fault(
            f"{path}.reads", line.reads, case.measures, what="a measure in [measures]"
        )
        months = _follow_ups(case, line.reads)
        if months is not None:
            faults += [Fault(path, problem) for problem in line.check_follow_ups(months)]
    terms = case.contract.terms
    if terms is not None and terms.termination is not None:
        path, rule = "contract.termination", terms.termination
        faults += known_or_fault(
            f"{path}.measure", rule.measure, case.measures, what="a measure in [measures]"
        )
        months = _follow_ups(case, rule.measure)
        if months is not None and rule.at_months not in months:
            problem = f"got {rule.at_months}; it must be a follow-up, one of {list(months)}"
            faults.append(Fault(f"{path}.at_months", problem))
    return faults


def _payment_dates(case: Case) -> list[Fault]:
    """Refuse a payment that would fall due after the last payment date even if all goes to plan."""
    terms, delivery = case.contract.terms, case.delivery
    if terms is None or delivery is None:
        return []
    if terms.last_payment > case.head.end:
        problem = f"got {terms.last_payment}; the case ends on {case.head.end}; move `end`"
        return [Fault("contract.last_payment", problem)]
    timeline = case.timeline
    start = max(timeline.months_at(cohort.start) for cohort in delivery.cohorts)
    last = timeline.months_at(terms.last_payment)
    faults: list[Fault] = []
    for name, line in case.contract.payments.items():
        months = _follow_ups(case, line.reads)
        if months is None:
            continue
        late = start + max(line.follow_ups(months)) + terms.lag_months
        if late > last:
            problem = (
                f"the last cohort's follow-up after {max(line.follow_ups(months))} months falls "
                f"due {late - last:.0f} months after contract.last_payment "
                f"({terms.last_payment}); move that date or drop the follow-up"
            )
            faults.append(Fault(f"payments.{name}", problem))
    return faults


def _cohorts(case: Case) -> list[Fault]:
    if case.delivery is None:
        return []
    faults = [
        Fault(
            f"delivery.cohorts.{index}.start",
            f"got {cohort.start}; the case runs from {case.head.start} to {case.head.end}",
        )
        for index, cohort in enumerate(case.delivery.cohorts)
        if not case.head.start <= cohort.start <= case.head.end
    ]
    early = case.delivery.p_before_case(case.timeline)
    if not faults and early > RARE:
        problem = (
            f"the first cohort would start before the case does with probability {early:.1%}; "
            "move `start` to an earlier date or narrow the delay"
        )
        faults.append(Fault("delivery.start_delay", problem))
    return faults


def _budget(case: Case) -> list[Fault]:
    faults = [
        *check_lines(
            case.budget,
            indices=case.indices,
            timeline=case.timeline,
            price_year=case.head.price_year,
        )
    ]
    for name, line in case.budget.items():
        faults += known_or_fault(
            f"budget.{name}.follows", line.follows, case.outcomes, what="an outcome in [outcomes]"
        )
    return faults


def _indices(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    if NO_INDEX in case.indices:
        problem = f"got an index named {NO_INDEX!r}; that word says that an amount is not indexed"
        faults.append(Fault(f"indices.{NO_INDEX}", problem))
    for section, lines in (("costs", case.costs), ("budget", case.budget)):
        for name, line in lines.items():
            if line.index != NO_INDEX:
                faults += known_or_fault(
                    f"{section}.{name}.index",
                    line.index,
                    case.indices,
                    what="an index in [indices]",
                    way_out="or 'none' for an amount that is not indexed",
                )
    return faults


def _sources(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    for section, spec in case.sections.items():
        for path, sourced in walk(spec, Sourced, path=section):
            if sourced.source is not None:
                faults += known_or_fault(
                    f"{path}.source", sourced.source, case.sources, what="a source in [sources]"
                )
    return faults


def _currencies(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    for path, quantity in case.quantities.items():
        found = _CURRENCY_OF_UNIT.match(quantity.unit or "")
        if found and found[1] != case.head.currency:
            problem = (
                f"got {quantity.unit!r}; every amount is in the case's currency, "
                f"{case.head.currency}; convert it"
            )
            faults.append(Fault(f"{path}.unit", problem))
    return faults


def _correlations(case: Case) -> list[Fault]:
    faults: list[Fault] = []
    uncertain = {path for path, quantity in case.quantities.items() if not quantity.is_fixed}
    for index, correlation in enumerate(case.correlations):
        for name in correlation.between:
            faults += known_or_fault(
                f"correlations.{index}.between", name, uncertain, what="an uncertain quantity"
            )
    if not faults and case.correlations:
        problem = check_correlations(case.correlations)
        if problem is not None:
            faults.append(Fault("correlations", problem))
    return faults


_CHECKS: tuple[Callable[[Case], list[Fault]], ...] = (
    _cohorts,
    _outcomes,
    _measures,
    _payments,
    _payment_dates,
    _budget,
    _indices,
    _sources,
    _currencies,
    _correlations,
)
