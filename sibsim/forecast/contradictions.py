"""What the rows of a table of actuals say against each other, and what they leave unsaid.

A row that cannot be read is one fault: what it may have said is not missed elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.errors import Fault
from sibsim.forecast.persons import Person
from sibsim.reported import ROUNDING


@dataclass(slots=True)
class Reading:
    """What has been read so far."""

    case: Case
    """The case."""

    by_cohort: dict[str, FloatArray]
    """What is known of each cohort by the kind of row that says so, (C,) each; NaN: unknown."""

    paid: dict[tuple[str, int], float] = field(default_factory=dict)
    """Amounts paid, by line and period."""

    amounts: list[tuple[str, str, float]] = field(default_factory=list)
    """Where each payment stands, its line and its amount."""

    reports: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Where each report stands, and its cells."""

    persons: list[tuple[str, Person]] = field(default_factory=list)
    """Where each person stands, and what is said of them."""

    by_cpr: list[str] = field(default_factory=list)
    """Where rows stand that name a person by what looks like a CPR number."""

    placed: dict[tuple[str, int], str] = field(default_factory=dict)
    """Where each count and start of a cohort stands, by kind and cohort."""

    unread: set[tuple[str | None, int | None]] = field(default_factory=set)
    """Kind and position of the cohort of each row that cannot be read; None: not even that."""

    dates: list[dt.date] = field(default_factory=list)
    """Every date."""

    def may_be_told(self, kind: str, *, cohort: int) -> bool:
        """Return whether a row that cannot be read may be of a kind and a cohort."""
        return any((k, c) in self.unread for k in (kind, None) for c in (cohort, None))


def complete(completed: Mapping[int, tuple[str, int, int]], *, into: Reading) -> Iterator[Fault]:
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
        elif np.isnan(started) or told == started:
            into.by_cohort["completed"][cohort] = done
            into.placed["completed", cohort] = path
        elif not into.may_be_told("person", cohort=cohort):
            problem = (
                f"is said of {told} persons of cohort {cohort + 1}, of whom {started:g} started; "
                "say it of each of them, or give a row of kind 'completed' instead"
            )
            yield Fault(f"{path}.completed", problem)


def contradictions(read: Reading) -> Iterator[Fault]:
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
        untold = ("started", cohort) not in read.placed
        if kind == "completed" and untold and not read.may_be_told("started", cohort=cohort):
            yield _untold(path, cohort=cohort)


def _out_of_order(read: Reading) -> Iterator[Fault]:
    """Yield a fault where a cohort started before an earlier one, or that one's start is untold."""
    starts = read.by_cohort["start"]
    for cohort in np.flatnonzero(~np.isnan(starts[1:])).tolist():
        path, before = read.placed["start", cohort + 1], starts[cohort]
        if np.isnan(before) and read.may_be_told("start", cohort=cohort):
            continue
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


def too_many(
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
