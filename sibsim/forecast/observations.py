"""What has really happened, read from one long table: the schema of actuals.

A row says in `kind` what it tells of: people who were `referred`, `started` or `completed` per
cohort, the real `start` of a cohort, a reported `result`, a `payment`, or one `person` at one
follow-up. Rows of persons are summed to results. Everything that is wrong is said at once.

Assumptions: a list of payments of a line is complete to the period of the last one; results that
are missing for a person are in no report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.facts import Facts
from sibsim.core.spec import Date, Money, Spec
from sibsim.core.validation import known_or_fault, validated
from sibsim.core.words import Words
from sibsim.errors import CaseError, Fault
from sibsim.forecast.persons import Person, summed_up
from sibsim.forecast.tables import rows_of
from sibsim.reported import ROUNDING, People, Reported, expected_world, read_reports


def _whole(people: float) -> float:
    if people % 1:
        message = f"got {people:g}; people are counted in whole numbers"
        raise fault(message)
    return people


CohortNumber = Annotated[int, Field(strict=True, ge=1)]
"""Number of a cohort, from 1."""


class Counted(Spec):
    """People of a cohort who were referred, started or completed, to date."""

    cohort: CohortNumber
    """Number of the cohort, from 1."""

    people: Annotated[People, AfterValidator(_whole)]
    """People, a whole number of at least 0."""


class Started(Spec):
    """When a cohort really started."""

    cohort: CohortNumber
    """Number of the cohort, from 1."""

    date: Date
    """Its real start."""


class Payment(Spec):
    """What was really paid on a payment line on a day."""

    line: str
    """Name of the payment line."""

    date: Date
    """Day of the payment."""

    amount: Money
    """Amount in the case's currency, nominal, at least 0."""


COUNTS = ("referred", "started", "completed")
"""Kinds of rows that count people, each at least as many as the next."""

BY_COHORT = ("start", *COUNTS)
"""Kinds of rows that say one thing of a cohort, named as `Facts` names it."""

KINDS: Mapping[str, type[Spec]] = {
    **dict.fromkeys(COUNTS, Counted),
    "start": Started,
    "result": Reported,
    "payment": Payment,
    "person": Person,
}
"""What each kind of row states beside its kind."""


@dataclass(frozen=True, eq=False)
class Observations:
    """What a table of actuals says."""

    facts: Facts
    """What has really happened."""

    last: dt.date | None
    """Latest date in the table; None: it has none."""

    is_empty: bool
    """Whether nothing is known."""

    notes: tuple[Words, ...]
    """What was left out, or is unusual but usable."""


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    case: Case
    """The case."""

    by_cohort: dict[str, FloatArray]
    """What is known of each cohort by the kind of row that says so, (C,) each; NaN: unknown."""

    paid: dict[tuple[str, int], float] = field(default_factory=dict)
    """Amounts paid, by line and period."""

    reports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Where each report stands, and its cells."""

    persons: list[tuple[str, Person]] = field(default_factory=list)
    """Where each person stands, and what is said of them."""

    placed: dict[tuple[str, int], str] = field(default_factory=dict)
    """Where each count and start of a cohort stands, by kind and cohort."""

    dates: list[dt.date] = field(default_factory=list)
    """Every date."""


def read_observations(data: object, *, case: Case) -> Observations:
    """Read a table of actuals and check it against the case.

    Parameters
    ----------
    data
        A frame, the path of a CSV file, or a list with one mapping per row; the column `kind` says
        what the others mean. An empty cell is left out.
    case
        The case, complete enough to be run.

    Returns
    -------
    Observations
        What has happened, with what of the table was left out.

    Raises
    ------
    CaseError
        If rows are faulty, contradict each other or name what the case does not have; holds every
        fault with the number of its row.
    FileError, ArgumentError
        If the file cannot be read, `data` is no table, or the case is not complete.
    """
    check_complete(case)
    assert case.delivery is not None  # noqa: S101 - a case that runs has one
    planned = expected_world(case).measured
    unknown = np.full((len(BY_COHORT), len(case.delivery.cohorts)), np.nan)
    read = _Reading(case, dict(zip(BY_COHORT, unknown, strict=True)))
    faults: list[Fault] = []
    for path, row in rows_of(data):
        if row:
            faults += _take(row, path=path, into=read)
    persons = summed_up(read.persons, case=case, planned=planned)
    faults += persons.faults
    reports, wrong = read_reports([*read.reports, *persons.reports], case=case, planned=planned)
    faults += wrong
    if persons.completed:
        faults += _complete(persons.completed, into=read)
    faults += _contradictions(read)
    start, referred, started, completed = (read.by_cohort[kind] for kind in BY_COHORT)
    paid = _by_period(read.paid, periods=case.timeline.periods)
    facts = Facts(start, referred, started, completed, reports=reports, paid=paid)
    if not faults:
        faults += _too_many([*read.reports, *persons.reports], case=case, facts=facts)
    if faults:
        raise CaseError(tuple(faults), where=f"observations of {case.name}")
    return Observations(
        facts,
        last=max(read.dates, default=None),
        is_empty=not (read.placed or reports or read.paid),
        notes=persons.notes,
    )


def _take(row: dict[str, Any], *, path: str, into: _Reading) -> list[Fault]:
    """Write what one row says where it belongs; return what is wrong with it."""
    cells = dict(row)
    kind = cells.pop("kind", None)
    if not isinstance(kind, str):
        listed = ", ".join(KINDS)
        return [Fault(f"{path}.kind", f"is missing; it says what a row tells of: {listed}")]
    faults = known_or_fault(f"{path}.kind", kind, KINDS, what="a kind of row")
    if faults:
        return faults
    if kind == "result":
        into.reports.append((path, cells))
        return []
    said, faults = validated(cells, KINDS[kind], path=path)
    match said:
        case Person():
            into.persons.append((path, said))
        case Payment():
            faults += _paid(said, path=path, into=into)
        case Counted() | Started():
            faults += _placed(said, kind=kind, path=path, into=into)
    return faults


def _paid(said: Payment, *, path: str, into: _Reading) -> list[Fault]:
    lines = into.case.contract.payments
    faults = known_or_fault(f"{path}.line", said.line, lines, what="a payment line")
    faults += _outside(said.date, case=into.case, path=path)
    terms = into.case.contract.terms
    assert terms is not None  # noqa: S101 - a case that runs has them
    period, last = (_period(day, case=into.case) for day in (said.date, terms.last_payment))
    if period > last and not faults:
        problem = (
            f"got {said.date}; the contract pays nothing after contract.last_payment, "
            f"{terms.last_payment}; correct one of the two"
        )
        faults.append(Fault(f"{path}.date", problem))
    if not faults:
        key = said.line, period
        into.paid[key] = into.paid.get(key, 0.0) + said.amount
        into.dates.append(said.date)
    return faults


def _period(day: dt.date, *, case: Case) -> int:
    """Return the period of a date."""
    timeline = case.timeline
    return int(timeline.period_at(np.array(timeline.months_at(day))))


def _placed(said: Counted | Started, *, kind: str, path: str, into: _Reading) -> list[Fault]:
    """Write a count or a start of a cohort."""
    array: FloatArray = into.by_cohort[kind]
    cohort = said.cohort - 1
    if cohort >= len(array):
        return [Fault(f"{path}.cohort", f"got {said.cohort}; there are {len(array)} cohorts")]
    faults = []
    if (kind, cohort) in into.placed:
        earlier = into.placed[kind, cohort]
        problem = f"states what {earlier} states of cohort {said.cohort}; keep one of them"
        faults.append(Fault(path, problem))
    into.placed[kind, cohort] = path
    if isinstance(said, Counted):
        array[cohort] = said.people
        return faults
    faults += _outside(said.date, case=into.case, path=path)
    array[cohort] = into.case.timeline.months_at(said.date)
    into.dates.append(said.date)
    return faults


def _outside(day: dt.date, *, case: Case, path: str) -> Iterator[Fault]:
    """Yield a fault for a date that is not in the case."""
    timeline = case.timeline
    if not timeline.start <= day <= timeline.end:
        problem = f"got {day}; the case is from {timeline.start} to {timeline.end}"
        yield Fault(f"{path}.date", problem)


def _complete(completed: Mapping[int, tuple[str, int, int]], *, into: _Reading) -> Iterator[Fault]:
    """Write how many persons completed; yield a fault where it is not said of all of them.

    Parameters
    ----------
    completed
        By position of the cohort: where it stands first, how many completed, of how many it is
        said.
    into
        What has been read.
    """
    for cohort, (path, done, told) in completed.items():
        started = into.by_cohort["started"][cohort]
        if ("completed", cohort) in into.placed:
            earlier = into.placed["completed", cohort]
            problem = f"{earlier} counts who completed of cohort {cohort + 1}; keep one of the two"
            yield Fault(f"{path}.completed", problem)
        elif not np.isnan(started) and told != started:
            problem = (
                f"is said of {told} persons of cohort {cohort + 1}, of whom {started:g} started; "
                "say it of each of them, or give a row of kind 'completed' instead"
            )
            yield Fault(f"{path}.completed", problem)
        else:
            into.by_cohort["completed"][cohort] = done
            into.placed["completed", cohort] = path


def _contradictions(read: _Reading) -> Iterator[Fault]:
    """Yield a fault where more people completed than started, or started than were referred."""
    for more, fewer in (("referred", "started"), ("started", "completed")):
        all_of, some = read.by_cohort[more], read.by_cohort[fewer]
        for cohort in np.flatnonzero(some > all_of).tolist():
            path = read.placed[fewer, cohort]
            problem = (
                f"got {some[cohort]:g} {fewer}; {read.placed[more, cohort]} says that "
                f"{all_of[cohort]:g} {more}; correct one of the two"
            )
            yield Fault(f"{path}.people", problem)
    yield from _out_of_order(read)
    for (kind, cohort), path in read.placed.items():
        if kind == "completed" and ("started", cohort) not in read.placed:
            yield _untold(path, cohort=cohort)


def _out_of_order(read: _Reading) -> Iterator[Fault]:
    """Yield a fault where a cohort started before an earlier one, or that one's start is untold."""
    starts = read.by_cohort["start"]
    for cohort in np.flatnonzero(~np.isnan(starts[1:])).tolist():
        path, before = read.placed["start", cohort + 1], starts[cohort]
        if np.isnan(before):
            problem = (
                f"cohort {cohort + 2} has started and no row says when cohort {cohort + 1} did; "
                "add one of kind 'start'"
            )
            yield Fault(path, problem)
        elif starts[cohort + 1] < before:
            problem = (
                f"cohort {cohort + 2} starts before cohort {cohort + 1}, as "
                f"{read.placed['start', cohort]} says; cohorts start in their order"
            )
            yield Fault(f"{path}.date", problem)


def _untold(path: str, *, cohort: int) -> Fault:
    problem = (
        f"no row says how many of cohort {cohort + 1} started; "
        "add one of kind 'started' with cohort and people"
    )
    return Fault(path, problem)


def _too_many(
    reports: list[tuple[str, dict[str, Any]]], *, case: Case, facts: Facts
) -> Iterator[Fault]:
    """Yield a fault for each report on a cohort of unknown size, or on more people than count."""
    for path, cells in reports:
        cohort, design = cells["cohort"] - 1, case.measures[cells["measure"]]
        if np.isnan(facts.started[cohort]):
            yield _untold(path, cohort=cohort)
            continue
        among = case.outcomes[design.outcome].among
        most = getattr(facts, among)[cohort]
        if np.isnan(most):
            most = facts.started[cohort] if among == "completed" else np.inf
        if not design.sized_by and cells["people"] > most + ROUNDING:
            problem = (
                f"got {cells['people']:g}; {design.outcome} counts those {among}, of whom cohort "
                f"{cohort + 1} has {most:g}; correct one of the two"
            )
            yield Fault(f"{path}.people", problem)


def _by_period(paid: Mapping[tuple[str, int], float], *, periods: int) -> dict[str, FloatArray]:
    """Return what was paid by line in each period, (T,), NaN after that of the last payment."""
    found: dict[str, FloatArray] = {}
    for (line, period), amount in sorted(paid.items()):
        array = found.setdefault(line, np.full(periods, np.nan))
        array[: period + 1] = np.nan_to_num(array[: period + 1])
        array[period] = amount
    return found
