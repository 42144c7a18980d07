"""The decision after the first cohort: what is read, when it is known, and what stops.

The first cohort is the prototype and all later cohorts are the scale-up. The decision falls on the
day on which the first cohort's result at a follow-up of a measure is known; stopping is an early
end of the contract as `sibsim.payments.termination` has it, with its notice and what is owed.
Assumes that no later cohort has started by the end that a stop brings about.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.spec import nearest
from sibsim.core.stages import World
from sibsim.core.timeline import Timeline, shifted
from sibsim.core.validation import shown
from sibsim.core.wording import day_words
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.payments.reading import EDGE_TOLERANCE, additional
from sibsim.payments.termination import Known, Right, Termination

LEAST_COHORTS = 2
"""A prototype and something to scale."""

NEVER_BELOW = 0.0
"""Level of a right that the staging adds; it is judged at every level in turn, never at this."""


class StopAlways(Termination):
    """The same right, used whatever the result."""

    def ends(self, known: Known) -> FloatArray:
        """Return when the contract ends: the day the result is known + notice."""
        report = known.measured[self.measure]
        first = int(np.argmin(known.participation.start[:, 0]))
        day = report.when[first, report.follow_up_months.index(self.at_months)]
        end: FloatArray = day + known.evaluation_lag_months + self.notice_months
        return end


@dataclass(frozen=True)
class Decision:
    """Who may stop after the first cohort, by what, and when."""

    right: Termination
    """The right to end: of the contract, or one that the staging adds."""

    is_own: bool
    """Whether the contract has the right, so that its level is a rule of its own."""

    known: float
    """When the result is known, in months since the start of the case, in the base case."""

    next_start: float
    """When the next cohort starts, in the same months."""

    first_people: float
    """Participants planned to start in the first cohort."""

    all_people: float
    """Participants planned to start in all cohorts."""

    def result(self, world: World) -> tuple[FloatArray, FloatArray]:
        """Return what is judged: a number and the people it is of, (1 or D,) each."""
        report = world.measured[self.right.measure]
        first = int(np.argmin(world.participation.start[:, 0]))
        k = report.follow_up_months.index(self.right.at_months)
        if self.right.compare == "effect":
            return additional(report, position=k)[first], report.treated_n[first, k]
        return report.treated_sum[first, k], report.treated_n[first, k]

    def goes_on(self, number: FloatArray, people: FloatArray) -> BoolArray:
        """Return whether the right's own level lets the contract go on, (D,)."""
        return np.asarray(number >= (self.right.below - EDGE_TOLERANCE) * people)

    def other_rights(self, case: Case) -> tuple[Right, ...]:
        """Return the contract's other rights to end early, in force whatever is decided."""
        return tuple(each for each in _rights(case) if each is not self.right)

    def scale_always(self, case: Case) -> Case:
        """Return the case whose contract has no right to stop after the first cohort."""
        return _with_rights(case, self.other_rights(case))

    def stop_always(self, case: Case) -> Case:
        """Return the case whose contract always stops then."""
        always = StopAlways.model_construct(**dict(self.right))
        rights: tuple[Right, ...] = (*_rights(case), always)
        if self.is_own:
            rights = tuple(always if each is self.right else each for each in _rights(case))
        return _with_rights(case, rights)


def _rights(case: Case) -> tuple[Right, ...]:
    terms = case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has them, `check_complete`
    return terms.termination


def _with_rights(case: Case, rights: tuple[Right, ...]) -> Case:
    terms = case.contract.terms
    assert terms is not None  # noqa: S101 - as above
    terms = terms.model_copy(update={"termination": rights})
    return replace(case, contract=replace(case.contract, terms=terms))


def decision_of(case: Case, *, measure: str | None, at_months: int | None) -> Decision:
    """Return the decision after the first cohort.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    measure
        Name of the measure that is judged; None: that of the contract's right, else the only one.
    at_months
        Follow-up in months from the start of service; None: that of the right, else the first.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is nothing to scale, no such measure or follow-up, the contract's own right reads
        another one, or the next cohort starts before the decision.
    """
    assert case.delivery is not None  # noqa: S101 - a case that runs has one
    if len(case.delivery.cohorts) < LEAST_COHORTS:
        message = (
            f"{case.name} has one cohort, so that nothing is left to scale; staging needs a first "
            "cohort and later ones; state two or more in delivery.cohorts"
        )
        raise ArgumentError(message)
    (world,) = case.base_case().worlds or ()
    own = _own_right(case, measure=measure, at_months=at_months)
    right = own or _added(case, world, measure=measure, at_months=at_months)
    starts = np.sort(world.participation.start[:, 0])
    known = _known(case, world, right)
    if starts[1] < known + right.notice_months:
        raise ArgumentError(_too_late(case, world, right=right, known=known, starts=starts))
    planned = world.participation.planned
    return Decision(
        right=right,
        is_own=own is not None,
        known=known,
        next_start=float(starts[1]),
        first_people=float(planned[0]),
        all_people=float(planned.sum()),
    )


def _own_right(case: Case, *, measure: str | None, at_months: int | None) -> Termination | None:
    """Return the contract's right to stop by a result, None where it has none."""
    own = [each for each in _rights(case) if isinstance(each, Termination)]
    if not own:
        return None
    if measure is not None:
        _check_measure(case, measure)
    fit = [
        each
        for each in own
        if measure in (None, each.measure) and at_months in (None, each.at_months)
    ]
    if len(fit) == 1:
        return fit[0]
    stated = " and ".join(f"{each.measure} at {each.at_months} months" for each in own)
    if fit:
        message = (
            f"{case.name} has several rights to end by a result, {stated}; say which one is the "
            "decision by measure and at_months"
        )
        raise ArgumentError(message)
    asked = f"{shown(measure or own[0].measure)} at {at_months or own[0].at_months} months"
    message = (
        f"got {asked}, but the contract's right to end reads {stated}; leave measure and "
        "at_months out to judge by that right, or change contract.termination.measure and "
        "contract.termination.at_months in the case first"
    )
    raise ArgumentError(message)


def _added(case: Case, world: World, *, measure: str | None, at_months: int | None) -> Termination:
    """Return a right for a contract that has none: no notice, nothing owed, by the rate."""
    if measure is None:
        if len(case.measures) > 1:
            names = ", ".join(case.measures)
            message = (
                f"{case.name} has several measures and no right to end by a result; say which one "
                f"decides: measure is one of {names}"
            )
            raise ArgumentError(message)
        measure = next(iter(case.measures))
    _check_measure(case, measure)
    follow_ups = world.measured[measure].follow_up_months
    if at_months is None:
        at_months = min(follow_ups)
    if isinstance(at_months, bool) or at_months not in follow_ups:
        message = (
            f"at_months: got {shown(at_months)}; {measure} is measured at "
            f"{', '.join(map(str, follow_ups))} months from the start of service; take one of them"
        )
        raise ArgumentError(message)
    return Termination(
        measure=measure, at_months=at_months, compare="rate", below=NEVER_BELOW, notice_months=0
    )


def _check_measure(case: Case, measure: object) -> None:
    if isinstance(measure, str) and measure in case.measures:
        return
    message = (
        f"the case has no measure {shown(measure)}{nearest(str(measure), case.measures)}; it is "
        f"one of {', '.join(case.measures)}"
    )
    raise UnknownNameError(message)


def _known(case: Case, world: World, right: Termination) -> float:
    """Return when the result is known in months since the start of the case, in the base case."""
    report = world.measured[right.measure]
    first = int(np.argmin(world.participation.start[:, 0]))
    when = report.when[first, report.follow_up_months.index(right.at_months), 0]
    return float(when) + _lag(case)


def _lag(case: Case) -> int:
    terms = case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has them
    return terms.evaluation_lag_months


def _too_late(
    case: Case, world: World, *, right: Termination, known: float, starts: FloatArray
) -> str:
    """Return why the result comes too late for the next cohort, and the ways out."""
    timeline = case.timeline
    ends = known + right.notice_months
    until = f" and a stop takes effect on {_day(timeline, ends)}" if right.notice_months else ""
    ways = [
        f"start delivery.cohorts.1 and all after it on {_day(timeline, ends, up=True)} or later"
    ]
    if sooner := list(_sooner(case, world, right=right, before=float(starts[1]))):
        ways.append(f"judge by {' or '.join(sooner)}")
    room = math.floor(starts[1] - starts[0] - _lag(case) - right.notice_months)
    if room > 0:
        outcome = case.measures[right.measure].outcome
        ways.append(
            f"measure sooner, at {room} months at most: outcomes.{outcome}.follow_up_months"
        )
    return (
        f"{right.measure} at {right.at_months} months is measured too late to decide on the "
        f"scale-up: of the first cohort, which starts on {_day(timeline, float(starts[0]))}, it is "
        f"known on {_day(timeline, known)}{until}, but the next cohort starts on "
        f"{_day(timeline, float(starts[1]))}; {'; or '.join(ways)}"
    )


def _sooner(case: Case, world: World, *, right: Termination, before: float) -> Iterator[str]:
    """Yield measures and follow-ups that are known in time."""
    for name, report in world.measured.items():
        for months in report.follow_up_months:
            other = right.model_copy(update={"measure": name, "at_months": months})
            if _known(case, world, other) + right.notice_months <= before:
                yield f"{name} at {months} months"


def _day(timeline: Timeline, months: float, *, up: bool = False) -> str:
    """Return a position as a day; a part of a month as its first day, or as that of the next."""
    return day_words(day_at(timeline, months, up=up)).en or ""


def day_at(timeline: Timeline, months: float, *, up: bool = False) -> date:
    """Return the day at a position, by whole months.

    Parameters
    ----------
    timeline
        The periods of the case.
    months
        Position in months since the start of the case.
    up
        Whether a part of a month counts as a whole one; else it is left out.
    """
    whole = math.ceil(months) if up else math.floor(months)
    return shifted(timeline.start, months=whole)
