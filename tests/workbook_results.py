"""Live outcomes, measures and standing of a case, and what the library says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.stages import World
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.measures import write_measures
from sibsim.reports.workbook.model import Live, Measure, Outcome, Standing
from sibsim.reports.workbook.outcomes import SeenOutcome, write_outcome_totals, write_outcomes
from sibsim.reports.workbook.standing import write_standing
from tests.workbook_parts import delivery_of, live_of, periods_of

SAME = 1e-9
"""Both sides count the same formula in 64 bits, in another order."""


@dataclass(frozen=True, eq=False)
class Written:
    """What is written of a case."""

    live: Live
    outcomes: dict[str, Outcome]
    measures: dict[str, Measure]
    standing: Standing

    @property
    def world(self) -> World:
        """What the library decides."""
        assert self.live.base.worlds is not None
        return self.live.base.worlds[0]


def written(case: Case, folder: Path, *, lang: str = "en") -> Written:
    """Write outcomes, measures, standing and totals of a case and close the file."""
    live = live_of(case, folder, lang=lang)
    periods, delivery = periods_of(live), delivery_of(live)
    outcomes = write_outcomes(live, periods, delivery)
    measures = write_measures(live, delivery, outcomes)
    standing = write_standing(live, periods, delivery, measures)
    write_outcome_totals(
        live, delivery=delivery, outcomes=outcomes, measures=measures, standing=standing
    )
    live.book.file.close()
    return Written(live, outcomes, measures, standing)


def numbers(grid: Sequence[Sequence[Formula]]) -> FloatArray:
    """Return the values of cells by cohort and follow-up, (C, K)."""
    return np.array([[cell.number for cell in row] for row in grid])


def assert_outcomes_agree(found: Written) -> None:
    """Check every outcome against the path of the library."""
    assert list(found.outcomes) == list(found.live.case.outcomes)
    for name, outcome in found.outcomes.items():
        assert isinstance(outcome, SeenOutcome)
        path = found.world.paths[name]
        shown = path.shown
        for grid, expected in (
            (outcome.at, path.when),
            (outcome.without, path.counterfactual),
            (outcome.achieved_mean, path.expected),
            (outcome.achieved, path.achieved),
            (outcome.additional, path.additional),
            (outcome.seen_without, shown.counterfactual),
            (outcome.seen_treated, shown.expected),
        ):
            np.testing.assert_allclose(
                numbers(grid), expected[..., 0], rtol=SAME, atol=SAME, err_msg=name
            )
        people = [cell.number for cell in outcome.people]
        np.testing.assert_allclose(people, path.people[:, 0], rtol=SAME)


def assert_measures_agree(found: Written) -> None:
    """Check every measure against the report of the library."""
    for name, measure in found.measures.items():
        report = found.world.measured[name]
        grids = [(measure.reported, report.treated_sum), (measure.people, report.treated_n)]
        if measure.expected is None:
            assert not report.comparison_n.any()
        else:
            mean = report.comparison_sum / report.comparison_n
            grids.append((measure.expected, report.treated_n * mean))
        for grid, expected in grids:
            np.testing.assert_allclose(
                numbers(grid), expected[..., 0], rtol=SAME, atol=SAME, err_msg=name
            )


def assert_totals_agree(found: Written) -> None:
    """Check that all totals are metrics of the base case and equal to them."""
    metrics = found.live.base.metrics
    for name, cell in found.live.totals.items():
        np.testing.assert_allclose(cell.number, metrics[name][0], rtol=SAME, atol=SAME)
    of_results = ("achieved", "additional", "people", "measured", "p_goal", "participants")
    whole = {
        name
        for name in metrics
        if name.partition(".")[0] in of_results and name.rpartition(".")[2] not in _segments(found)
    }
    assert whole <= set(found.live.totals)


def _segments(found: Written) -> set[str]:
    group = found.live.case.target_group
    return set(group.segments) if group else set()
