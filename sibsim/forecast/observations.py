"""What has really happened, read from one long table: the schema of actuals.

A row says in `kind` what it tells of: people who were `referred`, `started` or `completed` per
cohort, the real `start` of a cohort, a reported `result`, a `payment`, or one `person` at one
follow-up. Rows of persons are summed to results. Everything that is wrong is said at once.

Assumptions: a list of payments of a line is complete to the period of the last one; results that
are missing for a person are in no report.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.amounts import rounded
from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.facts import Facts
from sibsim.core.spec import CLOSE, Date, Money, Spec
from sibsim.core.validation import known_or_fault, shown, validated
from sibsim.core.words import Words
from sibsim.errors import CaseError, Fault
from sibsim.forecast.contradictions import Reading, complete, contradictions, too_many
from sibsim.forecast.persons import Person, cpr_fault, is_cpr, summed_up
from sibsim.forecast.tables import rows_of
from sibsim.reported import People, Reported, expected_world, read_reports
from sibsim.simulate import base_case


def _whole(people: float) -> float:
    if people % 1:
        message = f"got {people:g}; people are counted in whole numbers"
        raise fault(message)
    return people


def _day(given: object) -> object:
    """Return a date that may be written as text, or with a midnight as spreadsheets write it."""
    day = given
    if isinstance(given, str):
        try:
            day = dt.datetime.fromisoformat(given)
        except ValueError:
            problem = f"got {shown(given)}; {_excel(given) or A_DATE}"
            raise fault(problem) from None
    if isinstance(day, dt.datetime):
        if day.time() == dt.time():
            return day.date()
        problem = f"got {given}; it must be a date without a time of day, such as {day.date()}"
        raise fault(problem)
    if not isinstance(day, dt.date):
        problem = f"got {shown(given)}; {_excel(given) or A_DATE}"
        raise fault(problem)
    return day


def _excel(given: object) -> str:
    """Return what to do where a spreadsheet's number of a day stands for the day."""
    text = str(given).removesuffix(".0")
    if not text.isdecimal() or int(text) not in EXCEL_DAYS:
        return ""
    day = EXCEL_DAY_0 + dt.timedelta(days=int(text))
    return f"it is Excel's number of a day; format it as {day}"


A_DATE = "it must be a date such as 2024-01-31"
"""How a date is written."""

EXCEL_DAY_0 = dt.date(1899, 12, 30)
"""Day 0 of spreadsheets, as they count from March 1900 on."""

EXCEL_DAYS = range(18_264, 73_051)
"""Spreadsheets' numbers of the days from 1950 to 2100: no other number in a date column is one."""

Day = Annotated[Date, BeforeValidator(_day)]
"""A date."""

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

    date: Day
    """Its real start."""


class Payment(Spec):
    """What was really paid on a payment line on a day."""

    line: str
    """Name of the payment line."""

    date: Day
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

NOTE = "note"
"""Column for whatever whoever keeps the table wants to write in it; it is not read."""

COLUMNS = frozenset({"kind", NOTE}.union(*(kind.model_fields for kind in KINDS.values())))
"""All columns."""

FAR_ABOVE = 10
"""A payment above this many times what the plan expects of its line in all is said: an amount that
is 100 times too high (in øre) is, wherever a tenth of it should have been paid. Assumption."""


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
    read = Reading(case, dict(zip(BY_COHORT, unknown, strict=True)))
    rows, faults = _in_columns(rows_of(data))
    strange = bool(faults)
    for path, row in rows:
        wrong = _take(row, path=path, into=read)
        if wrong:
            read.unread.add(_whose(row, cohorts=len(case.delivery.cohorts)))
        faults += wrong
    if read.by_cpr:
        faults.append(cpr_fault(read.by_cpr))
    persons = summed_up(read.persons, case=case, planned=planned)
    faults += persons.faults
    told = [*read.reports, *persons.reports]
    reports, wrong = read_reports(told, case=case, planned=planned, expected=False)
    faults += wrong
    faults += complete(persons.completed, into=read)
    faults += contradictions(read)
    if strange:
        faults = _without_absent(faults, rows=rows)
    start, referred, started, completed = (read.by_cohort[kind] for kind in BY_COHORT)
    paid = _by_period(read.paid, periods=case.timeline.periods)
    facts = Facts(start, referred, started, completed, reports=reports, paid=paid)
    if not faults:
        faults += too_many(told, case=case, facts=facts)
    if faults:
        raise CaseError(tuple(faults), where=f"observations of {case.name}")
    return Observations(
        facts,
        last=max(read.dates, default=None),
        is_empty=not (read.placed or reports or read.paid),
        notes=(*persons.notes, *_far_above(read)),
    )


def _in_columns(
    rows: Iterable[tuple[str, dict[str, Any]]],
) -> tuple[list[tuple[str, dict[str, Any]]], list[Fault]]:
    """Return rows that hold something, in known columns, and a fault for each strange column.

    Cells of a strange column are read as those of the known one that is nearest in name, so that
    nothing else is found missing.
    """
    listed = list(rows)
    names = dict.fromkeys(name for _, row in listed for name in row)
    meant: dict[str, str] = {}
    faults: list[Fault] = []
    for name in names:
        if name in COLUMNS:
            meant[name] = name
            continue
        faults += known_or_fault(f"column {name}", name, COLUMNS, what="a column")
        free = COLUMNS.difference(names, meant.values())
        near = difflib.get_close_matches(name, free, n=1, cutoff=CLOSE)
        meant[name] = near[0] if near else NOTE
    read = [
        (path, {meant[name]: cell for name, cell in row.items() if meant[name] != NOTE})
        for path, row in listed
    ]
    return [(path, row) for path, row in read if row], faults


def _without_absent(
    faults: Iterable[Fault], *, rows: Iterable[tuple[str, Mapping[str, Any]]]
) -> list[Fault]:
    """Return faults but for those of columns that no row has: a strange one is meant by them."""
    absent = COLUMNS.difference(name for _, row in rows for name in row)
    return [each for each in faults if each.path.rpartition(".")[2] not in absent]


def _whose(row: Mapping[str, Any], *, cohorts: int) -> tuple[str | None, int | None]:
    """Return of what kind and which cohort, by position, a row is; None: it does not say."""
    kind, cohort = row.get("kind"), row.get("cohort")
    position = cohort - 1 if isinstance(cohort, int) and 1 <= cohort <= cohorts else None
    return kind if kind in KINDS else None, position


def _part_of_a_person(cells: Mapping[str, Any], *, path: str) -> Iterator[Fault]:
    """Yield a fault where a report is of half a person."""
    people = cells.get("people")
    if isinstance(people, float) and people % 1:
        yield Fault(f"{path}.people", f"got {people:g}; people are counted in whole numbers")


def _take(row: dict[str, Any], *, path: str, into: Reading) -> list[Fault]:
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
        return [*_part_of_a_person(cells, path=path)]
    if kind == "person" and is_cpr(cells.get("person")):
        into.by_cpr.append(path)
        into.unread.add(("person", None))
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


def _paid(said: Payment, *, path: str, into: Reading) -> list[Fault]:
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
        into.amounts.append((path, said.line, said.amount))
        into.dates.append(said.date)
    return faults


def _period(day: dt.date, *, case: Case) -> int:
    """Return the period of a date."""
    timeline = case.timeline
    return int(timeline.period_at(np.array(timeline.months_at(day))))


def _placed(said: Counted | Started, *, kind: str, path: str, into: Reading) -> list[Fault]:
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
    outside = list(_outside(said.date, case=into.case, path=path))
    if outside:
        return [*faults, *outside]
    array[cohort] = into.case.timeline.months_at(said.date)
    into.dates.append(said.date)
    return faults


def _outside(day: dt.date, *, case: Case, path: str) -> Iterator[Fault]:
    """Yield a fault for a date that is not in the case."""
    timeline = case.timeline
    if not timeline.start <= day <= timeline.end:
        problem = f"got {day}; the case is from {timeline.start} to {timeline.end}"
        yield Fault(f"{path}.date", problem)


def _by_period(paid: Mapping[tuple[str, int], float], *, periods: int) -> dict[str, FloatArray]:
    """Return what was paid by line in each period, (T,), NaN after that of the last payment."""
    found: dict[str, FloatArray] = {}
    for (line, period), amount in sorted(paid.items()):
        array = found.setdefault(line, np.full(periods, np.nan))
        array[: period + 1] = np.nan_to_num(array[: period + 1])
        array[period] = amount
    return found


def _far_above(read: Reading) -> Iterator[Words]:
    """Yield a note for each payment far above all that the plan expects of its line."""
    if not read.amounts:
        return
    plan, currency = base_case(read.case), read.case.head.currency
    for path, line, amount in read.amounts:
        expected = float(plan.metric(f"payments.{line}")[0])
        if 0 < FAR_ABOVE * expected < amount:
            paid, planned = (rounded(each, currency=currency) for each in (amount, expected))
            row = path.removeprefix("row ")
            yield Words(
                da=f"række {row}: {paid.da} på linjen {line} er mere end {FAR_ABOVE} gange hvad "
                f"planen i alt venter af den ({planned.da}); kontrollér beløbet",
                en=f"row {row}: {paid.en} on line {line} is more than {FAR_ABOVE} times all that "
                f"the plan expects of it ({planned.en}); check the amount",
            )
