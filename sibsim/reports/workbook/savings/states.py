"""Person-time in states, and what the state refunds of it, as values of the library's base case."""

from __future__ import annotations

import numpy as np

from sibsim.budget.kernel import Kernel
from sibsim.budget.lines import PER_MONTH, BudgetLine
from sibsim.budget.refund import refunded_differences, refunded_weights
from sibsim.budget.weights import kernel_of
from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.prices import index_named
from sibsim.core.stages import World
from sibsim.reports.workbook.model import Live


def person_months(live: Live, *, name: str) -> FloatArray:
    """Return the person-months that count of each cohort in each period, (C, T).

    Parameters
    ----------
    live
        The workbook.
    name
        Name of a line that follows states.
    """
    line, path, kernel = _followed(live, name)
    differences = _differences(line, path)
    return np.array(
        [
            kernel.weights(since) @ each
            for since, each in zip(_since(live), differences, strict=True)
        ]
    )


def refunded_months(live: Live, *, name: str) -> FloatArray:
    """Return the same of what the state refunds, (C, T), by days, thresholds or weeks on support.

    Parameters
    ----------
    live
        The workbook.
    name
        Name of a line that follows states, with a refund.
    """
    line, path, kernel = _followed(live, name)
    timeline, world = live.case.timeline, _world(live)
    monthly = np.full((1, 1), (line.base_price or 0.0) * PER_MONTH[line.per or "month"])
    differences = refunded_differences(
        line,
        path=path,
        differences=_differences(line, path)[..., np.newaxis],
        start=world.participation.start,
        monthly=monthly,
        value=lambda field: world.values[f"budget.{name}.{field}"],
        index=index_named(line.index, indices=live.case.indices),
        price_year=live.case.head.price_year,
        timeline=timeline,
    )[..., 0]
    found = []
    for since, each in zip(_since(live), differences, strict=True):
        weights = refunded_weights(
            line, arising=kernel.weights(since), since=since, timeline=timeline
        )
        found.append(weights @ each)
    return np.array(found)


def _followed(live: Live, name: str) -> tuple[BudgetLine, OutcomePath, Kernel]:
    line = live.case.budget[name]
    path = _world(live).paths[line.follows]
    return line, path, kernel_of(line, path=path)


def _world(live: Live) -> World:
    worlds = live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    return worlds[0]


def _differences(line: BudgetLine, path: OutcomePath) -> FloatArray:
    """Return the person-months that count of each cohort in each step, (C, N)."""
    if line.states is None:
        return line.sign * path.additional[..., 0]
    assert path.occupancy is not None  # noqa: S101 - a line follows states where there are any
    return line.sign * path.occupancy.more(line.states)[..., 0]


def _since(live: Live) -> list[FloatArray]:
    """Return the boundaries of the periods in months since the start of each cohort, (T + 1,)."""
    timeline = live.case.timeline
    edges = np.arange(timeline.periods + 1, dtype=np.float64) * timeline.months_per_period
    found = []
    for start in _world(live).participation.start[:, 0]:
        since = edges - start
        since[0] = min(since[0], 0.0)
        found.append(since)
    return found
