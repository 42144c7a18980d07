"""Every name that one part of a case uses is defined in another, and fits what it is used for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from sibsim.budget.gains import check_gains
from sibsim.budget.lines import COUNTED, BudgetLine
from sibsim.case import Case
from sibsim.consistency.following import check_states, check_weeks_before
from sibsim.consistency.seen import Check, Seen
from sibsim.core.atoms import JointEmpirical
from sibsim.core.prices import NO_INDEX
from sibsim.core.sampling import check_correlations
from sibsim.core.spec import Sourced, walk
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR
from sibsim.core.validation import known_or_fault
from sibsim.errors import ArgumentError, Fault
from sibsim.evaluation.base import Measurable
from sibsim.outcomes.base import OutcomeModel, in_order
from sibsim.outcomes.days import LONGER, Days
from sibsim.outcomes.time_in_states import TimeInStates


def _outcomes(seen: Seen) -> list[Fault]:
    faults: list[Fault] = []
    for name, outcome in seen.case.outcomes.items():
        path = f"outcomes.{name}"
        if outcome.drift is not None:
            faults += seen.unknown(f"{path}.drift", outcome.drift, section="drifts", what="a drift")
            if not outcome.takes_drift:
                problem = (
                    f"got a drift on model = {outcome.model!r}; a drift is added to a probability; "
                    "drop it"
                )
                faults.append(Fault(f"{path}.drift", problem))
        faults += _clusters(seen, outcome, path=f"{path}.clusters")
        faults += _segments(seen, names=tuple(outcome.segments), path=f"{path}.segments")
        for other in outcome.reads:
            faults += seen.unknown(path, other, section="outcomes", what="an outcome")
            if other in seen.case.outcomes:
                faults += _read_by(seen, outcome, name=other, path=path)
    try:
        in_order(seen.case.outcomes)
    except ArgumentError as error:
        faults.append(Fault("outcomes", str(error)))
    return faults


def _clusters(seen: Seen, outcome: OutcomeModel, *, path: str) -> Iterator[Fault]:
    """Yield why the people of an outcome cannot be in clusters."""
    if outcome.clusters is None:
        return
    if not outcome.takes_clusters:
        problem = (
            "got clusters on an outcome whose people are not drawn by a law of their own; state "
            "them for an outcome of model 'binary', 'count', 'days' or, of reliability 1, 'score' "
            "that reads no other"
        )
        yield Fault(path, problem)
    target = seen.case.target_group
    if target is not None and target.segments:
        problem = (
            "got clusters beside target_group.segments; people of different segments would share "
            "no cluster; drop one of the two"
        )
        yield Fault(path, problem)


def _costs(seen: Seen) -> list[Fault]:
    return [
        fault
        for name, line in seen.case.costs.items()
        if line.segment is not None
        for fault in _segments(seen, names=(line.segment,), path=f"costs.{name}.segment")
    ]


def _segments(seen: Seen, *, names: Iterable[str], path: str) -> list[Fault]:
    """Return a fault for each name that is no segment of the target group."""
    target = seen.case.target_group
    if target is None:
        return []
    way_out = "" if target.segments else "the target group has none; state them there"
    what = "a segment of target_group"
    return [
        fault
        for name in names
        for fault in known_or_fault(path, name, target.segments, what=what, way_out=way_out)
    ]


def _read_by(seen: Seen, outcome: OutcomeModel, *, name: str, path: str) -> Iterator[Fault]:
    """Yield why an outcome cannot be worked out from another."""
    other = seen.case.outcomes[name]
    if outcome.needs_persons and not seen.by_person(name):
        problem = (
            f"reads the people of {name!r} one by one, and {name!r} draws only numbers of people; "
            f"write simulate = 'people' for {name!r}"
        )
        yield Fault(path, problem)
    if outcome.among != other.among:
        problem = (
            f"counts those {outcome.among}, but {name!r}, which it reads, counts those "
            f"{other.among}; the same people must be counted"
        )
        yield Fault(f"{path}.among", problem)
    yield from (Fault(path, problem) for problem in outcome.check_against(other, name=name))


def _measures(seen: Seen) -> list[Fault]:
    faults: list[Fault] = []
    for name, measure in seen.case.measures.items():
        path = f"measures.{name}"
        faults += seen.unknown(
            f"{path}.outcome", measure.outcome, section="outcomes", what="an outcome"
        )
        outcome = seen.case.outcomes.get(measure.outcome)
        if outcome is not None:
            drift = seen.case.drifts.get(outcome.drift or "")
            faults += [
                Fault(path, problem)
                for problem in measure.check_outcome(
                    Measurable(
                        is_indicator=outcome.is_indicator,
                        by_person=seen.by_person(measure.outcome),
                        follow_up_months=outcome.follow_up_months,
                        in_clusters=outcome.clusters is not None,
                        starts=_first_start(seen.case),
                        drifts_since=drift.since if drift else None,
                    )
                )
            ]
    return faults


def _first_start(case: Case) -> date | None:
    """Return when the first participants start."""
    cohorts = case.delivery.cohorts if case.delivery else ()
    return min((cohort.start for cohort in cohorts), default=None)


def _capital(seen: Seen) -> list[Fault]:
    """Refuse capital paid from unknown lines, drawn too late, or that no stop can meet."""
    terms, capital = seen.case.contract.terms, seen.case.contract.capital
    if capital is None:
        return []
    faults: list[Fault] = []
    for name, tranche in capital.tranches.items():
        path = f"capital.tranches.{name}"
        for line in tranche.paid_from:
            faults += seen.unknown(
                f"{path}.paid_from", line, section="payments", what="a payment line"
            )
        if terms is None:
            continue
        if tranche.paid_from and any(right.owes for right in terms.termination):
            problem = (
                "is paid from lines of its own, but what is owed at an early end goes to the "
                "common money; drop `owes` from contract.termination, or paid_from"
            )
            faults.append(Fault(f"{path}.paid_from", problem))
        for field, day in tranche.dates:
            if day > terms.last_payment:
                problem = (
                    f"got {day}, after the last payment on {terms.last_payment}; what is drawn or "
                    "earned then is never paid; choose an earlier date"
                )
                faults.append(Fault(f"{path}.{field}", problem))
        if terms.overrun == "stop" and (tranche.schedule or tranche.revolving):
            problem = (
                f"got 'stop', and {name} is drawn by schedule or again; the commitments then do "
                "not say when the money runs out; let 'authority' or 'provider' bear the overrun"
            )
            faults.append(Fault("contract.overrun", problem))
    return faults


def _budget(seen: Seen) -> list[Fault]:
    faults: list[Fault] = []
    for name, line in seen.case.budget.items():
        path = f"budget.{name}"
        faults += seen.unknown(
            f"{path}.follows", line.follows, section="outcomes", what="an outcome"
        )
        outcome = seen.case.outcomes.get(line.follows)
        if outcome is not None:
            faults += [
                Fault(f"{path}.{field}", problem)
                for field, problem in (*check_states(line, outcome), *_counts(line, outcome))
            ]
    return [*faults, *check_weeks_before(seen.case.budget, outcomes=seen.case.outcomes)]


def _counts(line: BudgetLine, outcome: OutcomeModel) -> Iterator[tuple[str, str]]:
    """Yield which field of a line without states does not fit what its outcome counts, and why."""
    name, counted = f"{line.follows!r}", outcome.counted_in
    if line.states is not None:
        return
    if outcome.is_indicator:
        if line.per == "event":
            problem = (
                f"got 'event', but {name} is reached or not; its line counts the time for which it "
                "is; write per = 'month', 'week', 'year' or 'day'"
            )
            yield "per", problem
        return
    units = {what: unit for unit, what in COUNTED.items()}
    if line.per_year is not None:
        problem = (
            f"got {name}, whose result is a number of {counted}; `per_year` is money per "
            "additional person; follow an outcome of yes or no, or give `amount` and `per`"
        )
        yield "follows", problem
    elif counted not in units:
        problem = (
            f"got {name}, whose result is a number of {counted}; a line follows people for whom an "
            "outcome of yes or no is reached, days, weeks, months or events that an outcome "
            "counts, or with `states` the time in states of an outcome of model 'states'"
        )
        yield "follows", problem
    else:
        yield from _counted_alike(line, outcome, unit=units[counted])


def _counted_alike(
    line: BudgetLine, outcome: OutcomeModel, *, unit: str
) -> Iterator[tuple[str, str]]:
    """Yield why the days or events of an outcome cannot be priced one by one over time."""
    name, counted = f"{line.follows!r}", outcome.counted_in
    if line.per != unit:
        problem = (
            f"got {line.per!r}, but {name} counts {counted}; the amount is the price of one of "
            f"them; write per = {unit!r}"
        )
        yield "per", problem
    if line.refund is not None and line.refund.share is None and line.refund.days is None:
        problem = (
            f"got a refund of another form than `share`, but {name} counts {counted} of all "
            "people together and not how many each has had before; give the `share` that is "
            "refunded of them, or follow the states of an outcome of model 'states'"
        )
        yield "refund", problem
    if isinstance(outcome, TimeInStates) and outcome.cumulative:
        problem = (
            f"got {name}, whose result holds the {counted} of earlier follow-ups too, so that they "
            "would be saved again; write cumulative = false there, or follow another outcome"
        )
        yield "follows", problem
    if all(outcome.bounds(k)[1] <= 1 for k in range(len(outcome.follow_up_months))):
        problem = (
            f"got {name}, which counts at most one of its {counted} up to each follow-up, so that "
            "it cannot be told from yes or no; count it in a shorter unit there"
        )
        yield "follows", problem
    for window, passed in _short_windows(outcome):
        problem = (
            f"got {name} with a window of {window:g} days, while {passed:.0f} days have passed "
            "since the follow-up before, or the start; what is saved in the others is not known; "
            "count all of them there"
        )
        yield "follows", problem


def _short_windows(outcome: OutcomeModel) -> Iterator[tuple[float, float]]:
    """Yield each window that leaves days since the follow-up before out, and how many these are.

    A window may be as much shorter than that as it may be longer.
    """
    for model in (outcome, *(variant.model for variant in outcome.segments.values())):
        if not isinstance(model, Days):
            continue
        for k, months in enumerate(np.diff((0, *model.follow_up_months))):
            passed = float(months) * DAYS_PER_YEAR / MONTHS_PER_YEAR
            window = model.bounds(k)[1]
            if window < passed - LONGER:
                yield window, passed


def _gains(seen: Seen) -> list[Fault]:
    return check_gains(seen.case.budget, all_read=not seen.unread.items.get("budget"))


def _indices(seen: Seen) -> list[Fault]:
    case = seen.case
    faults: list[Fault] = []
    if NO_INDEX in case.indices:
        problem = f"got an index named {NO_INDEX!r}; that word says that an amount is not indexed"
        faults.append(Fault(f"indices.{NO_INDEX}", problem))
    sections = (
        ("costs", case.costs),
        ("budget", case.budget),
        ("payments", case.contract.payments),
    )
    for section, lines in sections:
        for name, line in lines.items():
            if line.index is not None and line.index != NO_INDEX:
                faults += seen.unknown(
                    f"{section}.{name}.index",
                    line.index,
                    section="indices",
                    what="an index",
                    way_out="or 'none' for an amount that is not indexed",
                )
    prices = case.valuation.prices if case.valuation else None
    if prices is not None:
        faults += seen.unknown(
            "valuation.prices",
            prices,
            section="indices",
            what="an index",
            way_out="or leave it out for tables in current prices",
        )
    return faults


def _sources(seen: Seen) -> list[Fault]:
    return [
        fault
        for section, spec in seen.case.sections.items()
        for path, sourced in walk(spec, Sourced, path=section)
        if sourced.source is not None
        for fault in seen.unknown(
            f"{path}.source", sourced.source, section="sources", what="a source"
        )
    ]


def _correlations(seen: Seen) -> list[Fault]:
    case = seen.case
    faults: list[Fault] = []
    uncertain = {path for path, quantity in case.quantities.items() if not quantity.is_fixed}
    for index, correlation in enumerate(case.correlations):
        path = f"correlations.{index}.between"
        for name in correlation.between:
            quantity = case.quantities.get(name)
            if seen.unread.hides(name):
                continue
            if quantity is None:
                faults += known_or_fault(path, name, uncertain, what="an uncertain quantity")
            elif quantity.is_fixed:
                problem = f"got {name!r}, which is one number; give it a distribution"
                faults.append(Fault(path, problem))
            elif isinstance(quantity.distribution, JointEmpirical):
                problem = (
                    f"got {name!r}, a column of a joint table; its dependence is in the rows of "
                    "the table; drop the correlation"
                )
                faults.append(Fault(path, problem))
    together = None if faults else check_correlations(case.correlations)
    return [*faults, *([] if together is None else [Fault("correlations", together)])]


CHECKS: tuple[Check, ...] = (
    _costs,
    _outcomes,
    _measures,
    _capital,
    _budget,
    _gains,
    _indices,
    _sources,
    _correlations,
)
"""The checks of names; they need no dates."""
