"""Every shipped case goes on from what its first cohort has shown."""

from __future__ import annotations

import numpy as np
import pytest

import sibsim as sib
from tests.actuals import Row, counted, result

DRAWS = 64
"""Few: that a case goes on is asked, not where to."""

CASES: tuple[str, ...] = tuple(sib.list_cases().index)


def first_reports(case: sib.Case) -> list[Row]:
    """Return that the first cohort started, and its first report of each measure, as expected."""
    (world,) = case.base_case().worlds or ()
    started = round(float(world.participation.started[0, 0]))
    rows = [counted("started", started)]
    for name, report in world.measured.items():
        design = case.measures[name]
        outcome = case.outcomes[design.outcome]
        people = round(float(report.treated_n[0, 0, 0]))
        people = people if outcome.among == "referred" else min(people, started)
        achieved = round(float(report.treated_sum[0, 0, 0]))
        fields: Row = {"measure": name, "at_months": report.follow_up_months[0]}
        if design.compares and not design.comparison_is_agreed:
            others = round(float(report.comparison_n[0, 0, 0]))
            fields["comparison_people"] = others
            fields["comparison_achieved"] = round(float(report.comparison_sum[0, 0, 0]))
        if report.precision is not None:
            variance = report.precision.own + report.precision.common
            fields["standard_error"] = float(np.sqrt(variance[0, 0, 0]))
        achieved = min(achieved, people) if outcome.is_indicator else achieved
        rows.append(result(achieved, people, **fields))
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_shipped_case_can_be_observed(name: str) -> None:
    """What is expected of the first cohort can be seen, learned from and simulated on."""
    case = sib.load_case(name)
    rows = first_reports(case)
    found = case.observe(rows, rng=1)
    assert found.learned is not None
    assert found.learned.changes
    world = found.simulate(draws=DRAWS, rng=1, keep="world", progress=False).worlds
    assert world is not None
    assert np.all(world[0].participation.started[0] == rows[0]["people"])
    for row in rows[1:]:
        assert np.all(world[0].measured[row["measure"]].treated_sum[0, 0] == row["achieved"])
