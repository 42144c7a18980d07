"""The contract fits what is measured: every line and right reads what is there, limits can bind."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.consistency.seen import Check, Seen
from sibsim.core.validation import known_or_fault
from sibsim.errors import Fault
from sibsim.payments.base import PaymentModel
from sibsim.payments.payers import shares_of
from sibsim.payments.reading import Reading
from sibsim.payments.termination import paths_of


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
        found += _of_persons(seen, line, path=path)
        months = seen.follow_ups(line.readings[0].measure) if line.readings else None
        if months is not None and not found:
            found += [Fault(path, problem) for problem in line.check_follow_ups(months)]
        faults += dict.fromkeys(found)
    return faults


def _of_persons(seen: Seen, line: PaymentModel, *, path: str) -> Iterator[Fault]:
    """Refuse a line that looks at persons where there are none, or none of yes or no."""
    measure = line.readings[0].measure if line.readings else ""
    design = seen.design(measure)
    if design is None:
        return
    if line.trigger is not None and (line.trigger.alpha or 1.0) < design.least_p:
        problem = (
            f"got {line.trigger.alpha:g}; no p-value of measures.{measure} comes below "
            f"{design.least_p:.3f}, so that it would never pay; raise alpha or take more donors"
        )
        yield Fault(f"{path}.trigger.alpha", problem)
    if line.needs_persons and not seen.names_people(measure):
        why = "reports sums" if not design.names_people else "measures numbers of people"
        problem = (
            f"needs results by person, but {design.design} {why}; take another design or a line "
            "that pays for numbers"
        )
        yield Fault(path, problem)
    outcome = seen.case.outcomes.get(design.outcome)
    if outcome is None:
        return
    if line.needs_indicator and not outcome.is_indicator:
        problem = (
            f"looks at who succeeds, but a result of outcomes.{design.outcome} is a number of "
            f"{outcome.counted_in}; read an outcome of yes or no, such as one of model "
            "'threshold', or pay by the unit with savings_share"
        )
        yield Fault(path, problem)
    if line.counts_in and outcome.counted_in not in line.counts_in:
        unit = f"in {outcome.counted_in}" if outcome.counted_in else "as yes or no"
        problem = (
            f"pays for {' or '.join(line.counts_in)}, but a result of outcomes.{design.outcome} is "
            f"counted {unit}; read an outcome in {line.counts_in[0]}, or pay by any unit with "
            "savings_share (share = 1, tariff = the price)"
        )
        yield Fault(path, problem)


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
    faults: list[Fault] = []
    for path, right in paths_of(terms.termination if terms else ()):
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
        if line.person_prices(months) is not None and not seen.names_people(reads):
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


CHECKS: tuple[Check, ...] = (
    _payments,
    _termination,
    _limit_per_person,
    _limits_of_payers,
    _floors,
)
"""The checks of the contract; they need no dates."""
