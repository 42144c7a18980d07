"""Every name that one part of a case uses is defined in another, and fits what it is used for."""

from __future__ import annotations

from sibsim.consistency.seen import Check, Seen
from sibsim.core.atoms import JointEmpirical
from sibsim.core.prices import NO_INDEX
from sibsim.core.sampling import check_correlations
from sibsim.core.spec import Sourced, walk
from sibsim.core.validation import known_or_fault
from sibsim.errors import Fault
from sibsim.payments.base import PaymentModel
from sibsim.payments.payers import shares_of
from sibsim.payments.reading import Reading


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
        found: list[Fault] = []
        for reading in line.all_readings:
            found += _reading(seen, reading, path=path)
        delivery = seen.case.delivery
        number = len(delivery.cohorts) if delivery else None
        if line.cohorts is not None and number is not None and max(line.cohorts) > number:
            problem = f"got {max(line.cohorts)}; there are {number} cohorts; number them from 1"
            found.append(Fault(f"{path}.cohorts", problem))
        design = seen.design(line.readings[0].measure) if line.readings else None
        if line.needs_persons and design is not None and not design.names_people:
            problem = (
                f"needs results by person, but {design.design} reports sums; take another design "
                "or a line that pays for numbers"
            )
            found.append(Fault(path, problem))
        months = seen.follow_ups(line.readings[0].measure) if line.readings else None
        if months is not None and not found:
            found += [Fault(path, problem) for problem in line.check_follow_ups(months)]
        faults += dict.fromkeys(found)
    return faults


def _reading(seen: Seen, reading: Reading, *, path: str) -> list[Fault]:
    """Refuse what a line cannot read."""
    faults = seen.unknown(
        f"{path}.{reading.field}", reading.measure, section="measures", what="a measure"
    )
    if reading.of != "rate":
        faults += _without_comparison(seen, reading.measure, path=path)
    known = seen.follow_ups(reading.measure)
    unknown = [
        months for months in reading.at_months or () if known is not None and months not in known
    ]
    if unknown:
        problem = (
            f"reads follow-ups at {', '.join(map(str, unknown))} months; measures."
            f"{reading.measure} has none there; choose among {list(known or ())}"
        )
        faults.append(Fault(path, problem))
    return faults


def _termination(seen: Seen) -> list[Fault]:
    terms = seen.case.contract.terms
    rights = terms.termination if terms else ()
    faults: list[Fault] = []
    for number, right in enumerate(rights):
        path = f"contract.termination.{number}" if len(rights) > 1 else "contract.termination"
        if right.reading is not None:
            faults += _reading(seen, right.reading, path=path)
    return faults


def _floors(seen: Seen) -> list[Fault]:
    """Refuse a limit below what is owed whatever is measured."""
    terms, lines = seen.case.contract.terms, seen.case.contract.payments
    faults = [
        Fault(
            f"payments.{name}.limit",
            f"got {line.limit.line:,.0f}, below the {line.least:,.0f} that the line owes in any "
            "case; raise the limit or lower what is owed",
        )
        for name, line in lines.items()
        if line.limit is not None and line.limit.line < line.least
    ]
    least = sum(line.least for line in lines.values())
    cap = terms.limit.contract if terms else None
    if cap is not None and cap < least:
        problem = (
            f"got {cap:,.0f}, below the {least:,.0f} that the lines owe in any case; raise the "
            "limit or lower what is owed"
        )
        faults.append(Fault("contract.limit.contract", problem))
    return faults


def _limits_of_payers(seen: Seen) -> list[Fault]:
    """Refuse the limit of a party that pays nothing."""
    terms = seen.case.contract.terms
    if terms is None or "payments" in seen.unread.sections:
        return []
    lines = seen.case.contract.payments.values()
    own = [shares_of(line.payer) for line in lines if line.payer]
    payers = {*terms.payers, *(name for shares in own for name in shares)}
    return [
        fault
        for name in terms.limit.payer
        for fault in known_or_fault(
            f"contract.limit.payer.{name}", name, payers, what="a party that pays"
        )
    ]


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


def _fits(line: PaymentModel, months: tuple[int, ...]) -> bool:
    """Return whether the follow-ups that a line reads first are those of the measure."""
    known = set(line.follow_ups(months)) <= set(months)
    return known and not line.check_follow_ups(months)


def _limit_per_person(seen: Seen) -> list[Fault]:
    """Refuse a limit per person where the report does not say who achieved what."""
    terms = seen.case.contract.terms
    if terms is None or terms.limit.person is None:
        return []
    faults: list[Fault] = []
    for name, line in seen.case.contract.payments.items():
        if not line.readings:
            continue
        reads = line.readings[0].measure
        design, months = seen.design(reads), seen.follow_ups(reads)
        if design is None or months is None or not _fits(line, months):
            continue
        if line.person_prices(months) is not None and not design.names_people:
            problem = (
                f"got {terms.limit.person:,.0f}; payments.{name} reads measures.{reads}, and "
                f"{design.design} reports sums, not persons; drop the limit or take another design"
            )
            faults.append(Fault("contract.limit.person", problem))
        if line.person_prices(months) is not None and (line.index or line.holdback):
            problem = (
                f"got {terms.limit.person:,.0f}; payments.{name} has an index or a holdback, and "
                "a person's claims are added at their prices on the day of measurement; drop the "
                "clause or limit the line instead"
            )
            faults.append(Fault("contract.limit.person", problem))
    return faults


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
    _limits_of_payers,
    _floors,
    _capital,
    _budget,
    _indices,
    _sources,
    _correlations,
)
"""The checks of names; they need no dates."""
