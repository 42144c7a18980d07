"""From what people do otherwise to money: the savings of every budget line, as postings.

Per cohort and actual start a saving is linear in differences, of additional people at follow-ups or
of time less in states step by step:

    gross(t) = sum over k of W[t, k] amount difference[k],

W the weights of the line (`weights`). The state's refund has its own weights, or its own
differences. Of the party's own part S = gross - refund, summed over cohorts, what can be taken out
of the budget is

    realisable = share (1 - backfill) max(S, 0) + min(S, 0);

the rest is a memo row. What is cashed after the end of the case is `beyond_horizon`. Of the routes
to one gain only the larger counts in a draw (`gains`); what the others would release is a memo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from sibsim.budget.gains import Saving, lines_that_count
from sibsim.budget.ledger import COUNTED_ELSEWHERE
from sibsim.budget.lines import NATURE, PER_MONTH, STATE, BudgetLine
from sibsim.budget.refund import ladders_in_force, refunded_time
from sibsim.budget.weights import Span, Spans, kernel_of, spans_by_start
from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult, Posting, PostingKind
from sibsim.core.prices import Index, index_named
from sibsim.core.stages import Context, Standing
from sibsim.core.timeline import Timeline

CELLS_IN_CACHE = 2**15
"""Periods times draws that are summed together: a quarter of a megabyte stays in cache."""


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
    find = partial(
        _saving,
        paths=paths,
        groups=_groups(participation_start),
        standing=standing,
        context=context,
        indices=indices,
        price_year=price_year,
    )
    alone = {name: find(line, name=name) for name, line in lines.items() if line.gain is not None}
    counts = lines_that_count(alone, lines=lines)
    postings: list[Posting] = []
    realisable: dict[str, FloatArray] = {}
    beyond: dict[str, FloatArray] = {}
    elsewhere: dict[str, FloatArray] = {}
    for name, line in lines.items():
        path = context.at("budget", name).path
        saving = alone[name] if name in alone else find(line, name=name)
        if name in counts:
            elsewhere[name] = np.where(counts[name], 0.0, saving.released[:-1])
            saving = saving.where(counts[name])
        postings += _postings(line, saving=saving, path=path)
        if name in elsewhere:
            postings += _elsewhere_postings(line, amount=elsewhere[name], path=path)
        realisable[name], beyond[name] = saving.released[:-1], saving.released[-1]
    return BudgetResult(tuple(postings), realisable, beyond, elsewhere, counts)


def _saving(
    line: BudgetLine,
    *,
    name: str,
    paths: Mapping[str, OutcomePath],
    groups: _Groups,
    standing: Standing,
    context: Context,
    indices: Mapping[str, Index],
    price_year: int,
) -> Saving:
    """Return what a line saves by itself."""
    here = context.at("budget", name)
    path = paths[line.follows]
    price = here.value("amount") * PER_MONTH[line.per] * standing.served
    spans = spans_by_start(
        line,
        kernel=kernel_of(line, path=path),
        timeline=context.timeline,
        index=index_named(line.index, indices=indices),
        price_year=price_year,
    )
    differences = _differences(line, path=path, timeline=context.timeline)
    gross, *refunded = _flows(
        [each * price[:, np.newaxis] for each in differences],
        spans=spans,
        groups=groups,
        periods=context.timeline.periods,
    )
    refund = refunded[0] if refunded else None
    own = gross if refund is None else gross - refund
    if line.releases_all:
        return Saving(gross, refund, None, own)
    kept = here.value("share")[0] * (1.0 - here.value("backfill")[0])
    held_back = (1.0 - kept) * np.maximum(own, 0.0)
    return Saving(gross, refund, held_back, own - held_back)


def _differences(
    line: BudgetLine, *, path: OutcomePath, timeline: Timeline
) -> tuple[FloatArray, ...]:
    """Return the differences from which a line saves, (C, K, 1 or D) each.

    First of the gross saving, then, on a line with a refund, of the state's: additional people, or
    person-months less in the line's states, one ladder after the other.
    """
    if line.states is None:
        return (path.additional,) * (1 if line.refund is None else 2)
    assert path.occupancy is not None  # noqa: S101 - a line follows states where there are any
    less = -path.occupancy.more(line.states)
    if line.refund is None:
        return (less,)
    refunded = [
        -refunded_time(
            path.occupancy,
            states=line.states,
            ladder=ladder,
            weeks_before=line.refund.weeks_before.grid,
        )
        for ladder, _ in ladders_in_force(line.refund.ladder, timeline=timeline)
    ]
    return less, np.concatenate(refunded, axis=1)


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
    money: Sequence[FloatArray],
    *,
    spans: Callable[[float], Spans],
    groups: _Groups,
    periods: int,
) -> FloatArray:
    """Return the gross saving and, on a line with a refund, the state's: (1 or 2, T + 1, D).

    `money` is the differences of each in money per month, (C, K, 1 or D).
    """
    draws = max(each.shape[-1] for each in money)
    if groups.order is not None:
        draws = len(groups.order)
        money = [
            np.broadcast_to(each, (*each.shape[:-1], draws))[..., groups.order] for each in money
        ]
    flows = np.zeros((len(money), periods + 1, draws))
    for starts, columns in zip(groups.starts.T, groups.slices, strict=True):
        of_group = [spans(float(start)) for start in starts]
        for cohort, of_cohort in enumerate(of_group):
            for flow, of_kind, each in zip(flows, of_cohort, money, strict=True):
                _add(flow[:, columns], spans=of_kind, money=each[cohort][:, columns])
    return flows if groups.order is None else flows[..., np.argsort(groups.order)]


def _add(total: FloatArray, *, spans: tuple[Span, ...], money: FloatArray) -> None:
    """Add weights x money of every difference to the total, (T + 1, D); money (K, D).

    Element by element: a matrix product would round differently for another number of draws.
    """
    step = max(CELLS_IN_CACHE // total.shape[-1], 1)
    for (first, weights), amount in zip(spans, money, strict=True):
        for top in range(0, len(weights), step):
            part = weights[top : top + step]
            total[first + top : first + top + len(part)] += part * amount


def _postings(line: BudgetLine, *, saving: Saving, path: str) -> list[Posting]:
    """Return the gross saving, the state's refund and what cannot be released."""
    postings = _gross_postings(line, gross=saving.gross[:-1], path=path)
    if saving.refund is not None:
        postings += _refund_postings(line, refund=saving.refund[:-1], path=path)
    if saving.held_back is not None:
        memo, amount = f"{path}.not_released", saving.held_back[:-1]
        postings.append(Posting(line.party, line.party, memo, line.frame, "memo", amount))
    return postings


def _elsewhere_postings(line: BudgetLine, *, amount: FloatArray, path: str) -> list[Posting]:
    """Return what another line of the gain counts, as memo rows; a loss the other way round."""
    name = f"{path}.{COUNTED_ELSEWHERE}"
    gain, loss = _sides(amount)
    return [
        Posting(NATURE, line.party, name, line.frame, "memo", gain),
        Posting(line.party, NATURE, name, line.frame, "memo", loss),
    ]


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
