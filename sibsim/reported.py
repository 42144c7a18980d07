"""What was really reported: the contract settled on it, without randomness.

Only the money that follows from reports is given: payments, limits, capital. Outcomes and budgets
are not measured by reports and are left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from os import PathLike
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from sibsim.blocks import account, assemble, check_complete
from sibsim.case import Case
from sibsim.core.facts import Facts, Reports
from sibsim.core.spec import PER_CENT, Number, Spec, as_share
from sibsim.core.stages import Measurement, Precision, World
from sibsim.core.validation import known_or_fault, shown, validated
from sibsim.errors import ArgumentError, CaseError, Fault
from sibsim.results import Results
from sibsim.world import layers_of, realise

if TYPE_CHECKING:
    import pandas as pd

SETTLED_METRICS = (
    "measured.",
    "payments",
    "limit_bound.",
    "investor_",
    "tranche.",
    "surplus",
    "overrun",
    "p_investor_loss",
    "p_total_loss",
    "p_irr_",
    "p_terminated",
)
"""Beginnings of the metrics that follow from reports, costs and contract."""

OF_BUDGETS = "budget."
"""Beginning of the ledger's lines that follow from outcomes and not from reports."""

ROUNDING = 1e-9
"""A sum this far beyond what people can have is rounding."""

WHOLE_NUMBERS = frozenset({"cohort", "at_months"})
"""Columns of whole numbers."""

MATCHED = "matched_comparison"
"""Design whose comparison is people apart, though it states its error itself."""

People = Annotated[Number, Field(ge=0)]
"""A number of people."""


class Reported(Spec):
    """One report: a measure, of one cohort, at one follow-up."""

    measure: str
    """Name of the measure."""

    cohort: Annotated[int, Field(strict=True, ge=1)]
    """Number of the cohort, from 1."""

    at_months: Annotated[int, Field(strict=True, ge=1)]
    """Follow-up, in months from the start of service."""

    achieved: Number
    """Participants who achieved the outcome, a whole number, or what is expected of them; or the
    sum of their events, days or points."""

    people: People
    """Participants in the report."""

    comparison_achieved: Number | None = None
    """The same in the comparison group; only where the design has one that is measured. Where the
    design adjusts, so that the group is no count of people, the sum may be a fraction."""

    comparison_people: People | None = None
    """People in the comparison group."""

    standard_error: Annotated[Number, Field(gt=0)] | None = None
    """Standard error of the difference as the evaluation states it, which the test of a trigger
    reads; without it, that of two groups of people who achieve the outcome or do not. What share
    of its square all cohorts have in common follows from the design."""


def settle(case: Case, reported: Iterable[Mapping[str, object]] | pd.DataFrame) -> Results:
    """Settle the contract on what was really reported; no randomness.

    Costs and drawings are those of the base case.

    Parameters
    ----------
    case
        The case.
    reported
        A frame, or one mapping per report, with the fields of `Reported`; an empty optional field
        is left out or NaN. What has no row is not measured yet: nobody is counted.

    Returns
    -------
    Results
        One draw: what is paid, what each limit cuts, what the investor earns.

    Raises
    ------
    CaseError
        If rows are faulty, name what the case does not have, stand twice, or lack the comparison
        that their design measures; holds every fault.
    ArgumentError
        If the case is not complete enough to be run, or `reported` is no list of reports.
    """
    import pandas as pd

    if isinstance(reported, str | bytes | PathLike | Mapping):
        message = (
            f"got {shown(reported)}; reports are a frame or a list with one mapping per report; "
            "read a file first, such as with pandas.read_csv"
        )
        raise ArgumentError(message)
    check_complete(case)
    rows = reported if isinstance(reported, pd.DataFrame) else pd.DataFrame(list(reported))
    world = expected_world(case)
    reports, faults = read_reports(
        ((f"row {number}", stated(row)) for number, row in enumerate(rows.to_dict("records"), 1)),
        case=case,
        planned=world.measured,
        expected=True,
    )
    if faults:
        raise CaseError(tuple(faults), where=f"reports on {case.name}")
    return settled(case, reports, world=world)


def expected_world(case: Case, *, facts: Facts | None = None) -> World:
    """Return what is expected to happen, with chance off.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    facts
        What has really happened; None: nothing yet.
    """
    return realise(case, layers_of(seed=0, block=0, on=frozenset()), facts=facts)


def settled(case: Case, reports: Mapping[str, Reports], *, world: World) -> Results:
    """Settle the contract on reports that fit the case, and on nothing else.

    Parameters
    ----------
    case
        A case that is complete enough to be run.
    reports
        What was reported, by measure; what is not known is not measured yet.
    world
        What is expected to happen, from which all but the reports is taken.
    """
    measured = {
        name: _measured(
            reports[name] if name in reports else _no_reports(plan),
            planned=plan,
            keeps_comparison=case.measures[name].comparison_is_agreed,
        )
        for name, plan in world.measured.items()
    }
    part = account(case, replace(world, measured=measured), draws=1, keep="world")
    whole = assemble(case, [part], draws=1, seed=None, sampling="random", keep="world")
    return replace(
        whole,
        kind="settled",
        metrics={k: v for k, v in whole.metrics.items() if k.startswith(SETTLED_METRICS)},
        postings=tuple(p for p in whole.postings or () if not p.line.startswith(OF_BUDGETS)),
    )


def stated(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return the cells of a row that hold something, by the name of their column.

    A frame with gaps holds no integers: floats that are whole become whole numbers where those are
    asked for.
    """
    import pandas as pd

    given = {str(key): value for key, value in row.items() if np.ndim(value) or not pd.isna(value)}
    return {
        key: int(value)
        if key in WHOLE_NUMBERS and isinstance(value, float) and value.is_integer()
        else value
        for key, value in given.items()
    }


def read_reports(
    rows: Iterable[tuple[str, Mapping[str, object]]],
    *,
    case: Case,
    planned: Mapping[str, Measurement],
    expected: bool,
) -> tuple[dict[str, Reports], list[Fault]]:
    """Return what was reported, by measure, and what is wrong with the rows.

    Parameters
    ----------
    rows
        Where each row stands and its cells that hold something, with the fields of `Reported`.
    case
        The case.
    planned
        What the base case expects to be reported, by measure.
    expected
        Whether reports may be what is expected, in which people are counted in part.
    """
    faults: list[Fault] = []
    found: dict[str, Reports] = {}
    seen: set[tuple[str, int, int]] = set()
    for path, given in rows:
        report, wrong = validated(given, Reported, path=path)
        faults += wrong
        if report is None:
            continue
        wrong = _misfits(report, case=case, planned=planned, path=path)
        if not wrong:
            wrong += _uncounted(
                report, case=case, plan=planned[report.measure], expected=expected, path=path
            )
        key = (report.measure, report.cohort, report.at_months)
        if key in seen:
            wrong.append(Fault(path, "reports what an earlier row reports; keep one of them"))
        seen.add(key)
        faults += wrong
        if not wrong:
            plan = planned[report.measure]
            _write(report, found.setdefault(report.measure, _no_reports(plan)), planned=plan)
    faults += _half_sure(found)
    return {name: found[name] for name in planned if name in found}, faults


def _no_reports(planned: Measurement) -> Reports:
    """Return that nothing was reported, in arrays to be written into."""
    unknown = np.full(planned.treated_sum.shape[:2], np.nan)
    return Reports(**{part.name: unknown.copy() for part in fields(Reports)})


def _measured(report: Reports, *, planned: Measurement, keeps_comparison: bool) -> Measurement:
    """Return reports as a measurement in which nobody else has been measured."""
    treated_sum, treated_n, comparison_sum, comparison_n = (
        np.nan_to_num(getattr(report, name))[..., np.newaxis]
        for name in ("treated_sum", "treated_n", "comparison_sum", "comparison_n")
    )
    return replace(
        planned,
        treated_sum=treated_sum,
        treated_n=treated_n,
        comparison_sum=planned.comparison_sum if keeps_comparison else comparison_sum,
        comparison_n=planned.comparison_n if keeps_comparison else comparison_n,
        claims=None,
        precision=_precision(report, planned=planned),
    )


def _precision(report: Reports, *, planned: Measurement) -> Precision | None:
    """Return what the reports of a measure state of their error; None: nothing."""
    if np.isnan(report.standard_error).all():
        return None
    variance = np.nan_to_num(report.standard_error**2)[..., np.newaxis]
    if planned.precision is None:
        return Precision(own=variance, common=np.zeros((1, 1, 1)))
    own, common = np.broadcast_arrays(planned.precision.own, planned.precision.common)
    shared = np.divide(common, own + common, out=np.zeros(own.shape), where=own + common > 0)
    return replace(planned.precision, own=variance * (1.0 - shared), common=variance * shared)


def _half_sure(found: Mapping[str, Reports]) -> Iterator[Fault]:
    """Yield a fault for each measure that states its error in some reports only."""
    for name, report in found.items():
        untold = (report.treated_n > 0) & np.isnan(report.standard_error)
        if untold.any() and not np.isnan(report.standard_error).all():
            problem = (
                f"{int(untold.sum())} reports of {name} give no standard_error and others do; "
                "give it in all of them or in none"
            )
            yield Fault("standard_error", problem)


def _misfits(
    report: Reported,
    *,
    case: Case,
    planned: Mapping[str, Measurement],
    path: str,
) -> list[Fault]:
    """Return what of a report does not fit the case."""
    faults = known_or_fault(f"{path}.measure", report.measure, planned, what="a measure")
    if faults:
        return faults
    cohorts, months = len(planned[report.measure].when), planned[report.measure].follow_up_months
    if report.cohort > cohorts:
        faults.append(Fault(f"{path}.cohort", f"got {report.cohort}; there are {cohorts} cohorts"))
    if report.at_months not in months:
        known = ", ".join(map(str, months))
        problem = f"got {report.at_months}; {report.measure} is measured at {known} months"
        faults.append(Fault(f"{path}.at_months", problem))
    else:
        faults += _out_of_bounds(report, case=case, path=path)
    design = case.measures[report.measure]
    compared = report.comparison_people is not None
    needed = design.compares and not design.comparison_is_agreed
    if needed and not compared:
        problem = f"is missing; {design.design} compares with a group that is measured too"
        faults.append(Fault(f"{path}.comparison_people", problem))
    outcome = case.outcomes[case.measures[report.measure].outcome]
    if outcome.is_indicator and report.standard_error is not None and report.standard_error > 1:
        wrong = f"got {report.standard_error:g}; of shares it is at most 1"
        faults.append(Fault(f"{path}.standard_error", f"{wrong}{as_share(report.standard_error)}"))
    if report.standard_error is None and planned[report.measure].precision is not None:
        faults += _untold(report, case=case, path=path)
    if compared and not needed:
        problem = f"{design.design} measures no comparison group; leave it out"
        faults.append(Fault(f"{path}.comparison_people", problem))
    return faults


def _untold(report: Reported, *, case: Case, path: str) -> Iterator[Fault]:
    """Yield a fault where a line tests the report, and its design is more than two groups."""
    design = case.measures[report.measure]
    for name, line in case.contract.payments.items():
        reads = {reading.measure for reading in line.readings}
        tests = line.trigger is not None and line.trigger.alpha is not None
        if tests and report.measure in reads:
            problem = (
                f"is missing; payments.{name} tests the difference, and {design.design} states "
                "how sure it is; give the standard error of the report"
            )
            yield Fault(f"{path}.standard_error", problem)


def _arms(report: Reported) -> Iterator[tuple[str, float, float]]:
    """Yield field, sum of results and people of those who take part, and of their comparison."""
    yield "achieved", report.achieved, report.people
    if report.comparison_achieved is not None and report.comparison_people is not None:
        yield "comparison_achieved", report.comparison_achieved, report.comparison_people


def _uncounted(
    report: Reported, *, case: Case, plan: Measurement, expected: bool, path: str
) -> Iterator[Fault]:
    """Yield a fault for each share, or half a person, where successes are counted in people.

    A comparison that a design adjusts is a rate times people and no count. `expected`: half a
    person may be what is expected, but no share.
    """
    design = case.measures[report.measure]
    if not case.outcomes[design.outcome].is_indicator:
        return
    adjusts = plan.precision is not None and design.design != MATCHED
    for name, total, people in _arms(report):
        if adjusts and name != "achieved":
            continue
        if 0 < total < 1:
            way_out = f"{PER_CENT * total:g} % of {people:g} is {round(total * people)}"
        elif expected or total % 1 == 0:
            continue
        else:
            way_out = "write a whole number"
        yield Fault(f"{path}.{name}", f"got {total:g}; successes are counted in people; {way_out}")


def _out_of_bounds(report: Reported, *, case: Case, path: str) -> Iterator[Fault]:
    """Yield a fault for each sum of results that so many people cannot have."""
    outcome = case.outcomes[case.measures[report.measure].outcome]
    lowest, highest = outcome.bounds(outcome.follow_up_months.index(report.at_months))
    for field, total, people in _arms(report):
        if not lowest * people - ROUNDING <= total <= highest * people + ROUNDING:
            what = outcome.counted_in or "successes"
            problem = (
                f"got {total:g} {what} of {people:g} people; each has {lowest:g} to {highest:g}; "
                "correct one of the two"
            )
            yield Fault(f"{path}.{field}", problem)


def _write(report: Reported, into: Reports, *, planned: Measurement) -> None:
    """Write one report where it belongs."""
    here = (report.cohort - 1, planned.follow_up_months.index(report.at_months))
    into.treated_sum[here] = report.achieved
    into.treated_n[here] = report.people
    if report.standard_error is not None:
        into.standard_error[here] = report.standard_error
    if report.comparison_people is not None:
        into.comparison_sum[here] = report.comparison_achieved or 0.0
        into.comparison_n[here] = report.comparison_people
