"""What was really reported: the contract settled on it, without randomness."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import account, assemble, check_complete
from sibsim.case import Case
from sibsim.core.stages import Measurement
from sibsim.errors import ArgumentError
from sibsim.results import Results
from sibsim.world import layers_of, realise

if TYPE_CHECKING:
    import pandas as pd


def settle(case: Case, reported: Iterable[Mapping[str, object]] | pd.DataFrame) -> Results:
    """Settle the contract on what was really reported; no randomness.

    Everything else - costs, drawings, budgets - stays that of the base case.

    Parameters
    ----------
    case
        The case.
    reported
        A frame, or one mapping per report, with `measure`, `cohort` (from 1), `at_months`,
        `achieved` and `people`, and with a comparison `comparison_achieved` and
        `comparison_people`. What has no row is not measured yet: nobody is counted.

    Raises
    ------
    ArgumentError
        If a row names a measure, cohort or follow-up that the case does not have, or reports more
        successes than people.
    """
    import pandas as pd

    check_complete(case)
    rows = reported if isinstance(reported, pd.DataFrame) else pd.DataFrame(list(reported))
    world = realise(case, layers_of(seed=0, block=0, on=frozenset()))
    measured = {name: _nobody_yet(report) for name, report in world.measured.items()}
    for number, row in enumerate(rows.to_dict("records"), start=1):
        _place(row, number=number, measured=measured, case=case)
    part = account(case, replace(world, measured=measured), draws=1, keep="world")
    return assemble(case, [part], draws=1, seed=None, sampling="random", keep="world")


def _nobody_yet(report: Measurement) -> Measurement:
    """Return the measurement with nobody measured yet, in arrays to be written into."""
    treated, people, compared, comparison = (
        np.zeros((*report.treated_sum.shape[:2], 1)) for _ in _REPORTED
    )
    return Measurement(
        follow_up_months=report.follow_up_months,
        when=report.when,
        treated_sum=treated,
        treated_n=people,
        comparison_sum=compared,
        comparison_n=comparison,
    )


_REPORTED = {
    "treated_sum": "achieved",
    "treated_n": "people",
    "comparison_sum": "comparison_achieved",
    "comparison_n": "comparison_people",
}
"""Columns of a report by the field of the measurement that they fill."""


def _place(
    row: Mapping[Hashable, object],
    *,
    number: int,
    measured: Mapping[str, Measurement],
    case: Case,
) -> None:
    """Write one row of a report into the measurement it belongs to."""
    name, cohort, months = row.get("measure"), row.get("cohort"), row.get("at_months")
    if not isinstance(name, str) or name not in measured:
        message = f"row {number}: got measure {name!r}; known are {', '.join(measured)}"
        raise ArgumentError(message)
    report = measured[name]
    cohorts = range(1, len(report.treated_sum) + 1)
    if not (cohort in cohorts and isinstance(cohort, int) and months in report.follow_up_months):
        known = ", ".join(map(str, report.follow_up_months))
        message = (
            f"row {number}: got cohort {cohort!r}, at_months {months!r}; {case.name} has cohorts 1 "
            f"to {len(cohorts)} and {name} is measured at {known}"
        )
        raise ArgumentError(message)
    here = (cohort - 1, report.follow_up_months.index(months))
    found = {field: row.get(column, 0.0) for field, column in _REPORTED.items()}
    for achieved, people in (("treated_sum", "treated_n"), ("comparison_sum", "comparison_n")):
        few, many = found[achieved], found[people]
        if not (isinstance(few, int | float) and isinstance(many, int | float)) or not (
            0 <= few <= many
        ):
            message = (
                f"row {number}: got {_REPORTED[achieved]} = {few!r}, {_REPORTED[people]} = "
                f"{many!r}; successes are numbers from 0 to the people counted"
            )
            raise ArgumentError(message)
        getattr(report, achieved)[here], getattr(report, people)[here] = few, many
