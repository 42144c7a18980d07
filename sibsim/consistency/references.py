"""Every name that one part of a case uses is defined in another, and fits what it is used for."""

from __future__ import annotations

from sibsim.consistency.seen import Check, Seen
from sibsim.core.atoms import JointEmpirical
from sibsim.core.prices import NO_INDEX
from sibsim.core.sampling import check_correlations
from sibsim.core.spec import Sourced, walk
from sibsim.core.validation import known_or_fault
from sibsim.errors import Fault


def _outcomes(seen: Seen) -> list[Fault]:
    return [
        fault
        for name, outcome in seen.case.outcomes.items()
        if outcome.drift is not None
        for fault in seen.unknown(
            f"outcomes.{name}.drift", outcome.drift, section="drifts", what="a drift"
        )
    ]


def _measures(seen: Seen) -> list[Fault]:
    return [
        fault
        for name, measure in seen.case.measures.items()
        for fault in seen.unknown(
            f"measures.{name}.outcome", measure.outcome, section="outcomes", what="an outcome"
        )
    ]


def _payments(seen: Seen) -> list[Fault]:
    faults: list[Fault] = []
    for name, line in seen.case.contract.payments.items():
        path = f"payments.{name}"
        faults += seen.unknown(f"{path}.reads", line.reads, section="measures", what="a measure")
        if line.needs_comparison:
            faults += _without_comparison(seen, line.reads, path=path)
        months = seen.follow_ups(line.reads)
        if months is not None:
            faults += [Fault(path, problem) for problem in line.check_follow_ups(months)]
    return faults


def _termination(seen: Seen) -> list[Fault]:
    terms = seen.case.contract.terms
    if terms is None or terms.termination is None:
        return []
    path, rule = "contract.termination", terms.termination
    faults = seen.unknown(f"{path}.measure", rule.measure, section="measures", what="a measure")
    if rule.needs_comparison:
        faults += _without_comparison(seen, rule.measure, path=path)
    months = seen.follow_ups(rule.measure)
    if months is not None and rule.at_months not in months:
        problem = f"got {rule.at_months}; it must be a follow-up, one of {list(months)}"
        faults.append(Fault(f"{path}.at_months", problem))
    return faults


def _without_comparison(seen: Seen, measure: str, *, path: str) -> list[Fault]:
    """Refuse to read an effect from a design that compares with nothing."""
    design = seen.design(measure)
    if design is None or design.compares:
        return []
    problem = (
        f"reads an effect from measures.{measure}, but {design.design} compares with nothing; "
        "take a design with a comparison, or read what is achieved"
    )
    return [Fault(path, problem)]


def _limit_per_person(seen: Seen) -> list[Fault]:
    """Refuse a limit per person where the report does not say who achieved what."""
    terms = seen.case.contract.terms
    if terms is None or terms.limit.person is None:
        return []
    faults: list[Fault] = []
    for name, line in seen.case.contract.payments.items():
        design, months = seen.design(line.reads), seen.follow_ups(line.reads)
        if design is None or months is None or line.check_follow_ups(months):
            continue
        if line.person_prices(months) is not None and not design.names_people:
            problem = (
                f"got {terms.limit.person:,.0f}; payments.{name} reads measures.{line.reads}, and "
                f"{design.design} reports sums, not persons; drop the limit or take another design"
            )
            faults.append(Fault("contract.limit.person", problem))
    return faults


def _budget(seen: Seen) -> list[Fault]:
    return [
        fault
        for name, line in seen.case.budget.items()
        for fault in seen.unknown(
            f"budget.{name}.follows", line.follows, section="outcomes", what="an outcome"
        )
    ]


def _indices(seen: Seen) -> list[Fault]:
    case = seen.case
    faults: list[Fault] = []
    if NO_INDEX in case.indices:
        problem = f"got an index named {NO_INDEX!r}; that word says that an amount is not indexed"
        faults.append(Fault(f"indices.{NO_INDEX}", problem))
    for section, lines in (("costs", case.costs), ("budget", case.budget)):
        for name, line in lines.items():
            if line.index != NO_INDEX:
                faults += seen.unknown(
                    f"{section}.{name}.index",
                    line.index,
                    section="indices",
                    what="an index",
                    way_out="or 'none' for an amount that is not indexed",
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
    _outcomes,
    _measures,
    _payments,
    _termination,
    _limit_per_person,
    _budget,
    _indices,
    _sources,
    _correlations,
)
"""The checks of names; they need no dates."""
