"""Levels fit what is measured: shares are shares, numbers are in the outcome's unit and bounds."""

from __future__ import annotations

from sibsim.consistency.seen import Check, Seen
from sibsim.errors import Fault
from sibsim.payments.levels import Counted, stated_levels
from sibsim.payments.reading import Reading


def _levels(seen: Seen) -> list[Fault]:
    """Refuse a level that no result can be near."""
    contract = seen.case.contract
    rights = contract.terms.termination if contract.terms else ()
    faults: list[Fault] = []
    for stated in stated_levels(contract.payments, rights=rights):
        found = [_counted(seen, reading) for reading in stated.readings]
        results = [each for each in found if each is not None]
        if len(results) == len(found) and (problem := stated.problem(results)):
            faults.append(Fault(stated.path, problem))
    return faults


def _counted(seen: Seen, reading: Reading) -> Counted | None:
    """Return what a report counts, if its outcome could be read and has the follow-ups."""
    design = seen.design(reading.measure)
    outcome = seen.case.outcomes.get(design.outcome) if design else None
    if outcome is None:
        return None
    months = outcome.follow_up_months
    read = [k for k, month in enumerate(months) if month in (reading.at_months or months)]
    if not read:
        return None
    lowest, highest = zip(*(outcome.bounds(k) for k in read), strict=True)
    return Counted(outcome.counted_in, min(lowest), max(highest))


CHECKS: tuple[Check, ...] = (_levels,)
"""The check of levels; it needs no dates."""
