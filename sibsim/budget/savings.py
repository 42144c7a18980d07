"""From additional people to money: the savings of every budget line, as postings.

Per cohort and actual start a saving is linear in the differences at the follow-ups:

    gross(t) = sum over k of W[t, k] amount difference[k],

W = person-time (`kernel`) x index factor of the calendar year x the lag to cash. The state's refund
has its own weights, W x the state's share (`refund`). Of the party's own part S = gross - refund,
summed over cohorts, what can be taken out of the budget is

    realisable = share (1 - backfill) max(S, 0) + min(S, 0);

the rest is a memo row. What is cashed after the end of the case is `beyond_horizon`.

Person-time before the case begins (a service that starts early) is booked in the first period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from sibsim.budget.kernel import cash_shift, person_time_weights
from sibsim.budget.lines import NATURE, PER_MONTH, STATE, BudgetLine, Refund
from sibsim.budget.refund import state_share
from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.prices import Index, Ladder, index_named, refund_ladder
from sibsim.core.stages import (
    BudgetResult,
    Context,
    OutcomePath,
    Posting,
    PostingKind,
    Standing,
)
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline

TAIL_YEARS = 100
"""Savings are followed this long after the case; nobody lives to see later ones."""

CELLS_IN_CACHE = 2**15
"""Periods times draws that are summed together: a quarter of a megabyte stays in cache."""

KEPT_LINES = 64
"""Budget lines whose weights are kept from block to block."""

KEPT_WEIGHTS = 256
"""Actual starts for which the weights of a line are kept: four cohorts and 31 delays are 124."""


def _weights(
    line: BudgetLine,
    *,
    follow_up_months: tuple[int, ...],
    start: float,
    timeline: Timeline,
    index: Index | None,
    price_year: int,
) -> tuple[FloatArray, ...]:
    """Return the weights of a cohort that actually starts at `start` months, (T + 1, K) each.

    First of all that is saved, then, on a line with a refund, of the part that the state would have
    refunded. In money per additional person and unit of amount; the last row is what lies beyond
    the horizon.
    """
    months = timeline.months_per_period
    last = start + follow_up_months[-1] + line.lasts.grid[-1]
    limit = timeline.periods * months + TAIL_YEARS * MONTHS_PER_YEAR
    needed = int(np.ceil(min(last, limit) / months)) + line.lag_months // months + 1
    edges: FloatArray = np.arange(max(needed, timeline.periods) + 1, dtype=np.float64) * months
    since = np.minimum(edges, limit) - start
    since[0] = min(since[0], 0.0)
    month = timeline.start.month - 1 + edges[:-1].astype(np.int64)
    years = timeline.start.year + month // MONTHS_PER_YEAR
    time = person_time_weights(since, follow_up_months=follow_up_months, lasts=line.lasts.grid)
    factor = 1.0 if index is None else index.factor(years, price_year=price_year)[:, np.newaxis]
    gross = time * factor
    cashed = partial(_cashed, line=line, timeline=timeline)
    if line.refund is None:
        return (cashed(gross),)
    share = _state_share(line.refund, since=since, timeline=timeline)
    return cashed(gross), cashed(gross * share[:, np.newaxis])


def _state_share(refund: Refund, *, since: FloatArray, timeline: Timeline) -> FloatArray:
    """Return the state's share per period by the ladder in force when the period opens."""
    share = np.zeros(len(since) - 1)
    in_force: dict[Ladder, int] = {}
    for period, day in enumerate(timeline.starts[:-1]):
        in_force.setdefault(refund_ladder(refund.ladder, day=day), period)
    for ladder, first in in_force.items():
        share[first:] = state_share(since, ladder=ladder, weeks_before=refund.weeks_before.grid)[
            first:
        ]
    return share


def _cashed(arising: FloatArray, *, line: BudgetLine, timeline: Timeline) -> FloatArray:
    cash = cash_shift(
        arising, lag_months=line.lag_months, months_per_period=timeline.months_per_period
    )
    beyond = cash[timeline.periods :].sum(axis=0, keepdims=True)
    return np.vstack((cash[: timeline.periods], beyond))


class _Span(NamedTuple):
    """The weights of one follow-up from the first period that has one to the last."""

    first: int
    """First period."""

    weights: FloatArray
    """Weight of each period, (S, 1)."""


_Spans = tuple[tuple[_Span, ...], ...]
"""For the gross saving and, on a line with a refund, for the state's: a span per follow-up."""


@lru_cache(maxsize=KEPT_LINES)
def _spans_by_start(
    line: BudgetLine,
    *,
    follow_up_months: tuple[int, ...],
    timeline: Timeline,
    index: Index | None,
    price_year: int,
) -> Callable[[float], _Spans]:
    """Return the function from actual starts to `_weights`, which keeps what it has found."""

    @lru_cache(maxsize=KEPT_WEIGHTS)
    def spans(start: float) -> _Spans:
        found = _weights(
            line,
            follow_up_months=follow_up_months,
            start=start,
            timeline=timeline,
            index=index,
            price_year=price_year,
        )
        return tuple(tuple(_span(column) for column in flow.T) for flow in found)

    return spans


def _span(weights: FloatArray) -> _Span:
    used = np.flatnonzero(weights)
    if not len(used):
        return _Span(0, np.zeros((0, 1)))
    return _Span(int(used[0]), weights[used[0] : used[-1] + 1, np.newaxis].copy())


def savings(
    lines: Mapping[str, BudgetLine],
    *,
    paths: Mapping[str, OutcomePath],
    participation_start: FloatArray,
    standing: Standing,
    context: Context,
    indices: Mapping[str, Index],
    price_year: int,
) -> BudgetResult:
    """Return the savings of all budget lines.

    Parameters
    ----------
    lines
        The lines by name.
    paths
        What is achieved, by outcome.
    participation_start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    standing
        Which cohorts are served; the others save nothing.
    context
        Time and values of the whole case; the values of a line stand under `budget.<name>`.
    indices
        The indices of the case.
    price_year
        Calendar year whose price level the amounts are in.

    Raises
    ------
    UnknownNameError, ArgumentError
        If an index or a refund ladder is not known, or not for the years it is needed
        (`check_lines` says so beforehand).
    """
    postings: list[Posting] = []
    realisable: dict[str, FloatArray] = {}
    beyond: dict[str, FloatArray] = {}
    groups = _groups(participation_start)
    for name, line in lines.items():
        here = context.at("budget", name)
        path = paths[line.follows]
        price = here.value("amount") * PER_MONTH[line.per] * standing.served
        spans = _spans_by_start(
            line,
            follow_up_months=path.follow_up_months,
            timeline=context.timeline,
            index=index_named(line.index, indices=indices),
            price_year=price_year,
        )
        gross, *refunded = _flows(
            path.additional * price[:, np.newaxis],
            spans=spans,
            groups=groups,
            periods=context.timeline.periods,
        )
        kept = here.value("share")[0] * (1.0 - here.value("backfill")[0])
        postings += _gross_postings(line, gross=gross[:-1], path=here.path)
        own = gross
        for refund in refunded:
            own = gross - refund
            postings += _refund_postings(line, refund=refund[:-1], path=here.path)
        released = own
        if not line.releases_all:
            held_back = (1.0 - kept) * np.maximum(own, 0.0)
            released = own - held_back
            memo = f"{here.path}.not_released"
            postings.append(
                Posting(line.party, line.party, memo, line.frame, "memo", held_back[:-1])
            )
        realisable[name], beyond[name] = released[:-1], released[-1]
    return BudgetResult(tuple(postings), realisable, beyond)


class _Groups(NamedTuple):
    """Draws in which every cohort starts on the same dates stand side by side."""

    starts: FloatArray
    """Start of each cohort in each group, (C, G)."""

    slices: tuple[slice, ...]
    """Where each group stands once the draws are in `order`."""

    order: IntArray | None
    """Draws, group by group; None where there is one group."""


def _groups(start: FloatArray) -> _Groups:
    first = start[:, :1]
    if np.array_equal(start, np.broadcast_to(first, start.shape)):
        return _Groups(first, (slice(None),), None)
    starts, group = np.unique(start, axis=1, return_inverse=True)
    ends = np.cumsum(np.bincount(group))
    slices = tuple(
        slice(end - size, end) for end, size in zip(ends, np.bincount(group), strict=True)
    )
    return _Groups(starts, slices, np.argsort(group, kind="stable"))


def _flows(
    money: FloatArray, *, spans: Callable[[float], _Spans], groups: _Groups, periods: int
) -> FloatArray:
    """Return the gross saving and, on a line with a refund, the state's: (1 or 2, T + 1, D).

    `money` is the difference at each follow-up in money per month, (C, K, 1 or D).
    """
    if groups.order is not None:
        money = np.broadcast_to(money, (*money.shape[:-1], len(groups.order)))[..., groups.order]
    kinds = len(spans(float(groups.starts[0, 0])))
    flows = np.zeros((kinds, periods + 1, money.shape[-1]))
    for starts, columns in zip(groups.starts.T, groups.slices, strict=True):
        of_group, mine = [spans(float(start)) for start in starts], money[..., columns]
        for of_cohort, amounts in zip(of_group, mine, strict=True):
            for flow, follow_ups in zip(flows, of_cohort, strict=True):
                _add(flow[:, columns], spans=follow_ups, money=amounts)
    return flows if groups.order is None else flows[..., np.argsort(groups.order)]


def _add(total: FloatArray, *, spans: tuple[_Span, ...], money: FloatArray) -> None:
    """Add weights x money of every follow-up to the total, (T + 1, D); money (K, D).

    Element by element: a matrix product would round differently for another number of draws.
    """
    step = max(CELLS_IN_CACHE // total.shape[-1], 1)
    for (first, weights), amount in zip(spans, money, strict=True):
        for top in range(0, len(weights), step):
            part = weights[top : top + step]
            total[first + top : first + top + len(part)] += part * amount


def _gross_postings(line: BudgetLine, *, gross: FloatArray, path: str) -> list[Posting]:
    gain, loss = _sides(gross)
    saved: PostingKind = "production" if line.counterparty is None else "transfer"
    spent: PostingKind = "use" if line.counterparty is None else "transfer"
    other = line.counterparty or NATURE
    return [
        Posting(other, line.party, path, line.frame, saved, gain),
        Posting(line.party, other, path, line.frame, spent, loss),
    ]


def _refund_postings(line: BudgetLine, *, refund: FloatArray, path: str) -> list[Posting]:
    name = f"{path}.refund"
    lost, gained = _sides(refund)
    return [
        Posting(line.party, STATE, name, line.frame, "transfer", lost),
        Posting(STATE, line.party, name, line.frame, "transfer", gained),
    ]


def _sides(flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return max(flow, 0) and max(-flow, 0)."""
    positive = np.maximum(flow, 0.0)
    return positive, positive - flow
