"""Rows of single persons, summed to what is reported of their cohort.

A report needs sums only, so that a table of persons can leave the hands of those who keep it as
sums: what is read here is forgotten after it has been summed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from sibsim.case import Case
from sibsim.core.spec import Number, Spec
from sibsim.core.stages import Measurement
from sibsim.core.words import Words
from sibsim.errors import Fault
from sibsim.reported import ROUNDING

_CPR = re.compile(r"\d{6}[- ]\d{4}|(?:0?[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{6}")
"""Six digits, a hyphen, four; or without the hyphen, where it begins with a day and a month: the
first digit may be lost, as spreadsheets drop a zero."""


class Person(Spec):
    """What one person achieved at one follow-up of one measure."""

    person: str | int | float
    """A name or number that stands for the person and for nobody else; no CPR number."""

    cohort: Annotated[int, Field(strict=True, ge=1)]
    """Number of the cohort, from 1."""

    measure: str
    """Name of the measure."""

    at_months: Annotated[int, Field(strict=True, ge=1)]
    """Follow-up, in months from the start of service."""

    result: Number | None = None
    """1 for yes and 0 for no, or the number of events, days or points; None: missing, left out."""

    completed: Literal[0, 1] | None = None
    """Whether the person completed the programme, 1 or 0; None: not said."""


@dataclass(frozen=True, eq=False)
class SummedUp:
    """What the rows of persons come to."""

    reports: list[tuple[str, dict[str, Any]]]
    """Where each report stands first, and its fields, as rows of kind `result` have them."""

    completed: Mapping[int, tuple[str, int, int]]
    """By position of the cohort: where it stands first, how many completed, of how many it is
    said."""

    faults: list[Fault]
    """What is wrong with the rows."""

    notes: tuple[Words, ...]
    """What was left out."""


def is_cpr(person: object) -> bool:
    """Return whether a name of a person looks like a Danish personal identification number."""
    return _CPR.fullmatch(str(person).strip().removesuffix(".0")) is not None


def cpr_fault(paths: Sequence[str]) -> Fault:
    """Return what is wrong with rows that name persons by CPR numbers, without repeating these."""
    rows = "1 row" if len(paths) == 1 else f"{len(paths)} rows"
    problem = (
        f"holds what looks like a CPR number in {rows}, first in {paths[0]}; name persons by a "
        "number that only whoever keeps the table can trace, such as 1, 2, 3"
    )
    return Fault("column person", problem)


def summed_up(
    persons: list[tuple[str, Person]], *, case: Case, planned: Mapping[str, Measurement]
) -> SummedUp:
    """Return what rows of persons come to.

    Parameters
    ----------
    persons
        Where each row stands, and what it says.
    case
        The case.
    planned
        What the base case expects to be reported, by measure.
    """
    faults = [*_twice(persons), *_of_two_minds(persons)]
    reports: dict[tuple[str, int, int], tuple[str, dict[str, Any]]] = {}
    missing = 0
    for path, row in persons:
        if row.result is None:
            missing += 1
            continue
        key = row.measure, row.cohort, row.at_months
        fields = {"measure": row.measure, "cohort": row.cohort, "at_months": row.at_months}
        _, report = reports.setdefault(key, (path, fields | {"achieved": 0.0, "people": 0}))
        report["achieved"] += row.result
        report["people"] += 1
        faults += _impossible(row, case=case, planned=planned, path=path)
    return SummedUp(
        reports=list(reports.values()),
        completed=_completed(persons),
        faults=faults,
        notes=(_left_out(missing),) if missing else (),
    )


def _twice(persons: list[tuple[str, Person]]) -> Iterator[Fault]:
    """Yield a fault for each row that says again what an earlier one says of a person."""
    first: dict[tuple[str, str, int], str] = {}
    for path, row in persons:
        key = str(row.person), row.measure, row.at_months
        earlier = first.setdefault(key, path)
        if earlier != path:
            problem = (
                f"person {row.person} has a result of {row.measure} at {row.at_months} months in "
                f"{earlier} too; keep one of them"
            )
            yield Fault(path, problem)


def _of_two_minds(persons: list[tuple[str, Person]]) -> Iterator[Fault]:
    """Yield a fault where a person is in two cohorts, or completed and did not."""
    for name in ("cohort", "completed"):
        first: dict[str, tuple[str, int]] = {}
        for path, row in persons:
            value = getattr(row, name)
            if value is None:
                continue
            earlier, said = first.setdefault(str(row.person), (path, value))
            if said != value:
                problem = (
                    f"got {value}; {earlier} says {said} of person {row.person}; "
                    "correct one of the two"
                )
                yield Fault(f"{path}.{name}", problem)


def _impossible(
    row: Person, *, case: Case, planned: Mapping[str, Measurement], path: str
) -> Iterator[Fault]:
    """Yield a fault for a result that no person can have."""
    known = row.measure in planned and row.at_months in planned[row.measure].follow_up_months
    if row.result is None or not known:
        return
    outcome = case.outcomes[case.measures[row.measure].outcome]
    lowest, highest = outcome.bounds(outcome.follow_up_months.index(row.at_months))
    if outcome.is_indicator and row.result not in (0, 1):
        problem = f"got {row.result:g}; it is 1 for yes and 0 for no"
        yield Fault(f"{path}.result", problem)
    elif not lowest - ROUNDING <= row.result <= highest + ROUNDING:
        problem = f"got {row.result:g} {outcome.counted_in}; a person has {lowest:g} to {highest:g}"
        yield Fault(f"{path}.result", problem)


def _completed(persons: list[tuple[str, Person]]) -> dict[int, tuple[str, int, int]]:
    """Return by cohort where it is said first who completed, how many did, and of how many."""
    told: dict[int, dict[str, int]] = {}
    first: dict[int, str] = {}
    for path, row in persons:
        if row.completed is not None:
            told.setdefault(row.cohort - 1, {})[str(row.person)] = row.completed
            first.setdefault(row.cohort - 1, path)
    return {
        cohort: (first[cohort], sum(people.values()), len(people))
        for cohort, people in told.items()
    }


def _left_out(missing: int) -> Words:
    one = missing == 1
    return Words(
        da=f"{missing} {'række' if one else 'rækker'} om personer uden resultat er udeladt",
        en=f"{missing} {'row' if one else 'rows'} of persons without a result "
        f"{'is' if one else 'are'} left out",
    )
