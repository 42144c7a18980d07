"""Weights of a budget line: from a cohort's differences to money in every period.

Per unit of a difference (`kernel`), of a cohort that really starts at some date:

    W = person-time x index factor of the calendar year in which it arises, after the lag to cash;

the weights of what the state would have refunded follow from W before the lag (`refund`).

Person-time before the case begins (a service that starts early) is booked in the first period.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from sibsim.budget.kernel import AtFollowUps, InSteps, Kernel, SinceFollowUpBefore, cash_shift
from sibsim.budget.lines import BudgetLine
from sibsim.budget.refund import refunded_weights
from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.prices import Index
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline

TAIL_YEARS = 100
"""Savings are followed this long after the case; nobody lives to see later ones."""

KEPT_LINES = 64
"""Budget lines whose weights are kept from block to block."""

KEPT_WEIGHTS = 256
"""Actual starts for which the weights of a line are kept: four cohorts and 31 delays are 124."""


def kernel_of(line: BudgetLine, *, path: OutcomePath) -> Kernel:
    """Return what the differences stand for that a line follows.

    Parameters
    ----------
    line
        The budget line.
    path
        The outcome that it follows.
    """
    if line.per_year is not None:
        assert line.from_months is not None  # noqa: S101 - stated beside `per_year`
        return InSteps(len(line.per_year), float(MONTHS_PER_YEAR), float(line.from_months))
    if line.states is not None:
        assert path.occupancy is not None  # noqa: S101 - a line follows states where there are any
        return InSteps(path.occupancy.steps, path.occupancy.step_months)
    assert line.lasts is not None  # noqa: S101 - any other line has it
    each = SinceFollowUpBefore if path.counted else AtFollowUps
    return each(path.follow_up_months, line.lasts)


def weights_of(
    line: BudgetLine,
    *,
    kernel: Kernel,
    start: float,
    timeline: Timeline,
    index: Index | None,
    price_year: int,
) -> tuple[FloatArray, ...]:
    """Return the weights of a cohort that actually starts at `start` months, (T + 1, K) each.

    First of all that is saved, then, on a line with a refund, of the part that the state would have
    refunded, (T + 1, K') (`refunded_weights`). In money per unit of difference and of amount; the
    last row is what lies beyond the horizon.
    """
    months = timeline.months_per_period
    last = start + kernel.end
    limit = timeline.periods * months + TAIL_YEARS * MONTHS_PER_YEAR
    needed = int(np.ceil(min(last, limit) / months)) + line.lag_months // months + 1
    edges: FloatArray = np.arange(max(needed, timeline.periods) + 1, dtype=np.float64) * months
    since = np.minimum(edges, limit) - start
    since[0] = min(since[0], 0.0)
    month = timeline.start.month - 1 + edges[:-1].astype(np.int64)
    years = timeline.start.year + month // MONTHS_PER_YEAR
    time = kernel.weights(since)
    factor = 1.0 if index is None else index.factor(years, price_year=price_year)[:, np.newaxis]
    gross = time * factor
    cashed = partial(_cashed, line=line, timeline=timeline)
    if line.refund is None:
        return (cashed(gross),)
    refunded = refunded_weights(line, arising=gross, since=since, timeline=timeline)
    return cashed(gross), cashed(refunded)


def _cashed(arising: FloatArray, *, line: BudgetLine, timeline: Timeline) -> FloatArray:
    cash = cash_shift(
        arising, lag_months=line.lag_months, months_per_period=timeline.months_per_period
    )
    beyond = cash[timeline.periods :].sum(axis=0, keepdims=True)
    return np.vstack((cash[: timeline.periods], beyond))


class Span(NamedTuple):
    """The weights of one difference from the first period that has one to the last."""

    first: int
    """First period."""

    weights: FloatArray
    """Weight of each period, (S, 1)."""


Spans = tuple[tuple[Span, ...], ...]
"""For the gross saving and, on a line with a refund, for the state's: a span per difference."""


@lru_cache(maxsize=KEPT_LINES)
def spans_by_start(
    line: BudgetLine,
    *,
    kernel: Kernel,
    timeline: Timeline,
    index: Index | None,
    price_year: int,
) -> Callable[[float], Spans]:
    """Return the function from actual starts to the weights, which keeps what it has found.

    Parameters
    ----------
    line
        The budget line.
    kernel
        What the differences that it follows stand for.
    timeline
        The periods of the case.
    index
        Index of the amount; None: it is not indexed.
    price_year
        Calendar year whose price level the amount is in.
    """

    @lru_cache(maxsize=KEPT_WEIGHTS)
    def spans(start: float) -> Spans:
        found = weights_of(
            line,
            kernel=kernel,
            start=start,
            timeline=timeline,
            index=index,
            price_year=price_year,
        )
        return tuple(tuple(_span(column) for column in flow.T) for flow in found)

    return spans


def _span(weights: FloatArray) -> Span:
    used = np.flatnonzero(weights)
    if not len(used):
        return Span(0, np.zeros((0, 1)))
    return Span(int(used[0]), weights[used[0] : used[-1] + 1, np.newaxis].copy())
