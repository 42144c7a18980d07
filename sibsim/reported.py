"""What was really reported: the contract settled on it, without randomness.

Only the money that follows from reports is given: payments, limits, capital. Outcomes and budgets
are not measured by reports and are left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from sibsim.blocks import account, assemble, check_complete
from sibsim.case import Case
from sibsim.core.spec import Number, Spec, as_share
from sibsim.core.stages import Measurement, Precision
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
    """Participants who achieved the outcome, or the sum of their events, days or points."""

    people: People
    """Participants in the report."""

    comparison_achieved: Number | None = None
    """The same in the comparison group; only where the design has one that is measured."""

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
    world = realise(case, layers_of(seed=0, block=0, on=frozenset()))
    measured = {
        name: _nobody_yet(report, keeps_comparison=case.measures[name].comparison_is_agreed)
        for name, report in world.measured.items()
    }
    faults: list[Fault] = []
    seen: set[tuple[str, int, int]] = set()
    for number, row in enumerate(rows.to_dict("records"), start=1):
        path = f"row {number}"
        given = {str(key): value for key, value in row.items() if not pd.isna(value)}
        report, found = validated(_whole(given), Reported, path=path)
        faults += found
        if report is None:
            continue
        found = _misfits(report, case=case, measured=measured, planned=world.measured, path=path)
        key = (report.measure, report.cohort, report.at_months)
        if key in seen:
            found.append(Fault(path, "reports what an earlier row reports; keep one of them"))
        seen.add(key)
        faults += found
        if not found:
            _write(report, measured[report.measure])
    faults += _half_sure(measured)
    if faults:
        raise CaseError(tuple(faults), where=f"reports on {case.name}")
    measured = {
        name: _with_precision(report, planned=world.measured[name])
        for name, report in measured.items()
    }
    part = account(case, replace(world, measured=measured), draws=1, keep="world")
    whole = assemble(case, [part], draws=1, seed=None, sampling="random", keep="world")
    return replace(
        whole,
        kind="settled",
        metrics={k: v for k, v in whole.metrics.items() if k.startswith(SETTLED_METRICS)},
        postings=tuple(p for p in whole.postings or () if not p.line.startswith(OF_BUDGETS)),
    )


def _whole(given: dict[str, Hashable]) -> dict[str, Hashable]:
    """Make whole numbers of floats that are whole: a frame with gaps holds no integers."""
    return {
        key: int(value)
        if key in {"cohort", "at_months"} and isinstance(value, float) and value.is_integer()
        else value
        for key, value in given.items()
    }


def _nobody_yet(report: Measurement, *, keeps_comparison: bool) -> Measurement:
    """Return the measurement with nobody measured yet, in arrays to be written into."""
    nobody = np.zeros((*report.treated_sum.shape[:2], 1))
    return replace(
        report,
        treated_sum=nobody.copy(),
        treated_n=nobody.copy(),
        comparison_sum=np.array(report.comparison_sum) if keeps_comparison else nobody.copy(),
        comparison_n=np.array(report.comparison_n) if keeps_comparison else nobody.copy(),
        claims=None,
        precision=Precision(own=np.full_like(nobody, np.nan), common=np.zeros((1, 1, 1))),
    )


def _with_precision(report: Measurement, *, planned: Measurement) -> Measurement:
    """Return the reports of a measure with what they state of their error, or without any."""
    stated = report.precision
    if stated is None or np.isnan(stated.own).all():
        return replace(report, precision=None)
    variance = np.nan_to_num(stated.own)
    if planned.precision is None:
        return replace(report, precision=replace(stated, own=variance))
    own, common = np.broadcast_arrays(planned.precision.own, planned.precision.common)
    shared = np.divide(common, own + common, out=np.zeros(own.shape), where=own + common > 0)
    precision = replace(planned.precision, own=variance * (1.0 - shared), common=variance * shared)
    return replace(report, precision=precision)


def _half_sure(measured: Mapping[str, Measurement]) -> Iterator[Fault]:
    """Yield a fault for each measure that states its error in some reports only."""
    for name, report in measured.items():
        if report.precision is None:
            continue
        untold = (report.treated_n > 0) & np.isnan(report.precision.own)
        if untold.any() and not np.isnan(report.precision.own).all():
            problem = (
                f"{int(untold.sum())} reports of {name} give no standard_error and others do; "
                "give it in all of them or in none"
            )
            yield Fault("standard_error", problem)


def _misfits(
    report: Reported,
    *,
    case: Case,
    measured: Mapping[str, Measurement],
    planned: Mapping[str, Measurement],
    path: str,
) -> list[Fault]:
    """Return what of a report does not fit the case."""
    faults = known_or_fault(f"{path}.measure", report.measure, measured, what="a measure")
    if faults:
        return faults
    cohorts, months = len(measured[report.measure].when), measured[report.measure].follow_up_months
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


def _out_of_bounds(report: Reported, *, case: Case, path: str) -> Iterator[Fault]:
    """Yield a fault for each sum of results that so many people cannot have."""
    outcome = case.outcomes[case.measures[report.measure].outcome]
    lowest, highest = outcome.bounds(outcome.follow_up_months.index(report.at_months))
    for field, total, people in (
        ("achieved", report.achieved, report.people),
        ("comparison_achieved", report.comparison_achieved, report.comparison_people),
    ):
        if total is None or people is None:
            continue
        if not lowest * people - ROUNDING <= total <= highest * people + ROUNDING:
            what = outcome.counted_in or "successes"
            problem = (
                f"got {total:g} {what} of {people:g} people; each has {lowest:g} to {highest:g}; "
                "correct one of the two"
            )
            yield Fault(f"{path}.{field}", problem)


def _write(report: Reported, measurement: Measurement) -> None:
    """Write one report into the measurement it belongs to."""
    here = (report.cohort - 1, measurement.follow_up_months.index(report.at_months))
    measurement.treated_sum[here] = report.achieved
    measurement.treated_n[here] = report.people
    if report.standard_error is not None and measurement.precision is not None:
        measurement.precision.own[here] = report.standard_error**2
    if report.comparison_people is not None:
        measurement.comparison_sum[here] = report.comparison_achieved or 0.0
        measurement.comparison_n[here] = report.comparison_people
