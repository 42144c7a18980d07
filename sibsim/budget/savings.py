"""From what people do otherwise to money: the savings of every budget line, as postings.

Per cohort and actual start a saving is linear in differences: of additional people at follow-ups,
of days or events since the follow-up before, of time less in states step by step, or of money that
is stated year by year,

    gross(t) = sum over k of W[t, k] price difference[k],

W the weights of the line (`weights`), price its amount per unit, or rate x (amount - instead_of) of
a gain in tax. The state's refund has differences and weights of its own (`refund`). What of it goes
to the state and what the party can take out of its budget is in `postings`. What is cashed after
the end of the case is `beyond_horizon`. Of the routes to one gain only the larger counts in a draw
(`gains`); what the others would release is a memo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from sibsim.budget.gains import lines_that_count
from sibsim.budget.kernel import SinceFollowUpBefore
from sibsim.budget.lines import PER_MONTH, BudgetLine
from sibsim.budget.postings import Saving, divided, elsewhere_postings, postings_of
from sibsim.budget.refund import refunded_differences
from sibsim.budget.weights import Span, Spans, kernel_of, spans_by_start
from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.paths import OutcomePath
from sibsim.core.postings import BudgetResult, Posting
from sibsim.core.prices import Index, index_named
from sibsim.core.stages import Context, Standing

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
        start=participation_start,
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
        postings += postings_of(line, saving=saving, path=path)
        if name in elsewhere:
            postings += elsewhere_postings(line, amount=elsewhere[name], path=path)
        realisable[name], beyond[name] = saving.released[:-1], saving.released[-1]
    return BudgetResult(tuple(postings), realisable, beyond, elsewhere, counts)


def _saving(
    line: BudgetLine,
    *,
    name: str,
    paths: Mapping[str, OutcomePath],
    start: FloatArray,
    groups: _Groups,
    standing: Standing,
    context: Context,
    indices: Mapping[str, Index],
    price_year: int,
) -> Saving:
    """Return what a line saves by itself."""
    here = context.at("budget", name)
    path, index = paths[line.follows], index_named(line.index, indices=indices)
    kernel = kernel_of(line, path=path)
    price = _price(line, here=here, counted=isinstance(kernel, SinceFollowUpBefore))
    differences = [_differences(line, path=path, here=here)]
    if line.refund is not None:
        refunded = refunded_differences(
            line,
            path=path,
            differences=differences[0],
            start=start,
            monthly=price,
            value=here.value,
            index=index,
            price_year=price_year,
            timeline=context.timeline,
        )
        differences.append(refunded)
    served = price * standing.served
    gross, *refund = _flows(
        [each * served[:, np.newaxis] for each in differences],
        spans=spans_by_start(
            line, kernel=kernel, timeline=context.timeline, index=index, price_year=price_year
        ),
        groups=groups,
        periods=context.timeline.periods,
    )
    return divided(line, gross=gross, refund=refund[0] if refund else None, here=here)


def _price(line: BudgetLine, *, here: Context, counted: bool) -> FloatArray:
    """Return the money per unit of a difference, (1 or C, 1 or D).

    Per person-month, or per day or event where they are counted; 1 where the differences are money.
    """
    if line.per is None:
        return np.ones((1, 1))
    amount = here.value("amount")
    if line.tax is not None:
        amount = here.value("tax.rate") * (amount - here.value("tax.instead_of"))
    return amount if counted else amount * PER_MONTH[line.per]


def _differences(line: BudgetLine, *, path: OutcomePath, here: Context) -> FloatArray:
    """Return what is saved in units of the line, (C, K, 1 or D), below zero what is lost.

    Additional results at follow-ups; with states, person-months less (a gain in tax: more) in each
    step; stated year by year, money of the additional people at the last follow-up.
    """
    if line.states is not None:
        assert path.occupancy is not None  # noqa: S101 - a line follows states where there are any
        return line.sign * path.occupancy.more(line.states)
    if line.per_year is None:
        return line.sign * path.additional
    years = [here.value(f"per_year.{year}") for year in range(len(line.per_year))]
    money: FloatArray = np.stack(np.broadcast_arrays(*years), axis=1)
    return line.sign * path.additional[:, -1:] * money


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
