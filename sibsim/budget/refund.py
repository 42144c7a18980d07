"""The state's refund of what a budget line saves: the part of the saving that the state keeps.

A refund has one of four forms. The state's part of a period is linear in differences, as the gross
saving is:

    refund(t) = sum over k of V[t, k] amount refunded difference[k].

- `ladder`: a share that falls with weeks on support, found by cumulative weeks: weeks before the
  start plus weeks since the actual start, running on for the person who would have stayed on
  support without the intervention. Weeks before differ between people, so the share in a period is
  a mean over people and over the period:

      share(s0, s1) = (Q(s1) - Q(s0)) / (s1 - s0),   Q(s) = E_w[R(w + s)],   R(x) = integral of r.

  R is piecewise linear, so Q(s) = sum over steps j of (r_j - r_(j-1)) E_w[max(w + s - b_j, 0)],
  exact on the grid of people. There no person's count is reset by 52 weeks of self-support, which
  is an assumption. Where people move between states it is known how long each has been on support,
  with and without the intervention, and the state's part is the sum over steps j of r_j times the
  time spent on step j.
- `share`: the same share of all, until so many months after the actual start.
- `days`: a share of the time in states, of each person for at most so many days of a year that runs
  from the first of them (`sibsim.core.year_count`).
- `thresholds`: shares of what one person costs in a calendar year above thresholds.

Assumptions: each line counts days, or costs, of its own; those of other lines are not added. Along
states the costs of a person before service starts are not known and count for nothing; without
states a person costs the amount all year round, so that the share of it that the state refunds is
refund(12 x amount) / (12 x amount).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sibsim.budget.kernel import mean_excess
from sibsim.budget.refund_rules import (
    MONTHS_PER_DAY,
    DayLimit,
    day_limits,
    in_force,
    thresholds_in_force,
)
from sibsim.budget.refund_years import calendar_years, running_years, scales_of, share_all_year
from sibsim.budget.terms import FORMS, Refund
from sibsim.core.arrays import FloatArray, IntArray, added
from sibsim.core.parameters import BetweenPeople
from sibsim.core.paths import Occupancy, OutcomePath
from sibsim.core.prices import Index, Ladder, refund_ladder
from sibsim.core.timeline import MONTHS_PER_YEAR, WEEKS_PER_MONTH, Timeline
from sibsim.errors import ArgumentError, UnknownNameError

if TYPE_CHECKING:
    from sibsim.budget.lines import BudgetLine


def refunded_differences(
    line: BudgetLine,
    *,
    path: OutcomePath,
    differences: FloatArray,
    start: FloatArray,
    monthly: FloatArray,
    value: Callable[[str], FloatArray],
    index: Index | None,
    price_year: int,
    timeline: Timeline,
) -> FloatArray:
    """Return the person-time of each difference that the state refunds, (C, K', 1 or D).

    K' is K times the number of rules that hold one after the other; with a count of a year 2 K, of
    what lies in even and in odd periods or calendar years.

    Parameters
    ----------
    line
        The line, which has a refund.
    path
        What is achieved in the outcome that it follows.
    differences
        What the gross saving comes from, (C, K, 1 or D): additional people, or person-months less
        in the states of the line.
    start
        Real start of each cohort in months since the start of the case, (C, 1 or D).
    monthly
        Amount per person-month at the price level of the price year, (C or 1, 1 or D).
    value
        Value of a quantity of the line by its field, such as `refund.share`, (1, 1 or D).
    index
        Index of the amount; None: it is not indexed.
    price_year
        Calendar year whose price level the amount is in.
    timeline
        The periods of the case.

    Raises
    ------
    UnknownNameError, ArgumentError
        If a rule is not known, or not for all days of the case (`refund_problems` says so).
    """
    refund = line.refund
    assert refund is not None  # noqa: S101 - asked only of lines with a refund
    if refund.share is not None:
        return differences * value("refund.share")[:, np.newaxis]
    if refund.thresholds is not None:
        thresholds = thresholds_in_force(refund.thresholds, timeline=timeline)
        scales = [
            scales_of(each, monthly=monthly, index=index, price_year=price_year)
            for each, _ in thresholds
        ]
        if line.states is None:
            shares = [share_all_year(each)[:, np.newaxis] for each in scales]
            return np.concatenate(
                np.broadcast_arrays(*[differences * each for each in shares]), axis=1
            )
    if line.states is None:
        return differences
    occupancy = path.occupancy
    assert occupancy is not None  # noqa: S101 - a line follows states where there are any
    if refund.ladder is not None:
        more = [
            refunded_time(
                occupancy,
                states=line.states,
                ladder=ladder,
                weeks_before=_weeks_before(refund).grid,
            )
            for ladder, _ in ladders_in_force(refund.ladder, timeline=timeline)
        ]
        return -np.concatenate(more, axis=1)
    if refund.days is not None:
        counts = running_years(
            refund,
            limits=day_limits(refund.days, timeline=timeline),
            occupancy=occupancy,
            start=start,
            timeline=timeline,
        )
    else:
        counts = calendar_years(
            thresholds, scales=scales, occupancy=occupancy, start=start, timeline=timeline
        )
    return -np.concatenate(occupancy.more_counted(line.states, counts=counts), axis=1)


def refunded_weights(
    line: BudgetLine, *, arising: FloatArray, since: FloatArray, timeline: Timeline
) -> FloatArray:
    """Return the weights of the differences that the state refunds, (n, K').

    Parameters
    ----------
    line
        The line, which has a refund.
    arising
        Weights of the gross saving before the lag to cash, from the first period on, (n, K).
    since
        Boundaries of the periods in months since the actual start, (n + 1,).
    timeline
        The periods of the case.
    """
    refund = line.refund
    assert refund is not None  # noqa: S101 - asked only of lines with a refund
    if refund.share is not None:
        return arising * _until(refund.until_months, since=since)[:, np.newaxis]
    if refund.ladder is not None and line.states is None:
        return arising * _ladder_share(refund, since=since, timeline=timeline)[:, np.newaxis]
    periods = np.arange(len(arising))
    if refund.days is not None:
        return _by_parity(arising, periods)
    if refund.thresholds is not None and line.states is not None:
        months = timeline.start.month - 1 + periods * timeline.months_per_period
        return _by_parity(arising, timeline.start.year + months // MONTHS_PER_YEAR)
    return np.hstack([_within(arising, holds) for holds in _periods(refund, timeline=timeline)])


def refund_problems(
    refund: Refund, *, index: Index | None, price_year: int, timeline: Timeline
) -> Iterator[tuple[str, str]]:
    """Yield which field of a refund does not hold over the case, and why.

    Parameters
    ----------
    refund
        The refund.
    index
        Index of the amount of its line; None: it is not indexed.
    price_year
        Calendar year whose price level the amount is in.
    timeline
        The periods of the case.
    """
    try:
        if refund.ladder is not None:
            ladders_in_force(refund.ladder, timeline=timeline)
        elif refund.days is not None:
            limits = day_limits(refund.days, timeline=timeline)
            if len({each.months for each, _ in limits}) > 1 and refund.running_counts is None:
                yield "running_counts", _change(refund.days, limits=limits, timeline=timeline)
        elif refund.thresholds is not None:
            for each, _ in thresholds_in_force(refund.thresholds, timeline=timeline):
                each.money(index=index, price_year=price_year)
    except (ArgumentError, UnknownNameError) as error:
        field = next(name for name in FORMS if getattr(refund, name) is not None)
        yield field, str(error)


def _change(name: str, *, limits: Sequence[tuple[DayLimit, slice]], timeline: Timeline) -> str:
    """Return that a limit of days changes within the case, and what must be said then."""
    (before, _), (after, holds) = next(
        pair for pair in pairwise(limits) if pair[0][0].months != pair[1][0].months
    )
    days = [
        "no limit" if np.isinf(each.months) else f"{round(each.months / MONTHS_PER_DAY, 6):g} days"
        for each in (before, after)
    ]
    return (
        f"got none, but {name!r} changes from {days[0]} to {days[1]} on "
        f"{timeline.starts[holds.start]}, within the case; say what holds for a year that runs on "
        'that day: running_counts = "old_limit", the limit of the day it began, or "new_limit"'
    )


def _periods(refund: Refund, *, timeline: Timeline) -> list[slice]:
    """Return the periods of the rules that hold one after the other."""
    if refund.ladder is not None:
        return [holds for _, holds in ladders_in_force(refund.ladder, timeline=timeline)]
    assert refund.thresholds is not None  # noqa: S101 - asked of no other form
    return [holds for _, holds in thresholds_in_force(refund.thresholds, timeline=timeline)]


def _within(arising: FloatArray, periods: slice) -> FloatArray:
    """Return what arises in some periods, and nothing in the others."""
    kept = np.zeros_like(arising)
    kept[periods] = arising[periods]
    return kept


def _by_parity(arising: FloatArray, number: IntArray) -> FloatArray:
    """Return what arises in even periods or years, and beside it what arises in odd ones."""
    odd = (number % 2)[:, np.newaxis]
    return np.hstack((arising * (1 - odd), arising * odd))


def _until(months: float | None, *, since: FloatArray) -> FloatArray:
    """Return the share of each period after the actual start that lies before some month, (n,)."""
    after = np.maximum(since, 0.0)
    length = np.diff(after)
    if months is None:
        return np.ones_like(length)
    before = np.diff(np.minimum(after, months))
    return np.divide(before, length, out=np.zeros_like(length), where=length > 0.0)


def _ladder_share(refund: Refund, *, since: FloatArray, timeline: Timeline) -> FloatArray:
    """Return the state's share per period by the ladder in force when the period opens."""
    assert refund.ladder is not None  # noqa: S101 - asked only of ladders
    share = np.zeros(len(since) - 1)
    for ladder, holds in ladders_in_force(refund.ladder, timeline=timeline):
        found = state_share(since, ladder=ladder, weeks_before=_weeks_before(refund).grid)
        share[holds] = found[holds]
    return share


def _weeks_before(refund: Refund) -> BetweenPeople:
    """Return the weeks on support before the start, which a refund by a ladder states."""
    assert refund.weeks_before is not None  # noqa: S101 - checked where the refund is read
    return refund.weeks_before


def ladders_in_force(name: str, *, timeline: Timeline) -> tuple[tuple[Ladder, slice], ...]:
    """Return each ladder in force when a period of a case opens, and the periods it holds for.

    The last one also holds beyond the end of the case.

    Parameters
    ----------
    name
        Name of the rule, such as `dk-refund`.
    timeline
        The periods.

    Raises
    ------
    UnknownNameError, ArgumentError
        If no such rule ships, or none holds on some day.
    """
    return in_force(lambda day: refund_ladder(name, day=day), timeline=timeline)


def refunded_time(
    occupancy: Occupancy, *, states: tuple[str, ...], ladder: Ladder, weeks_before: FloatArray
) -> FloatArray:
    """Return the person-months more in states that the state refunds in each step, (C, N, 1 or D).

    Parameters
    ----------
    occupancy
        Time that people spend in states.
    states
        Names of states of support.
    ladder
        The steps.
    weeks_before
        Weeks on support before the start, per person on the grid, rising, (M,).
    """
    by_band = occupancy.more_by_band(
        states, boundaries=ladder.from_week[1:], weeks_before=weeks_before
    )
    return added(share * time for share, time in zip(ladder.state_share, by_band, strict=True))


def state_share(since_start: FloatArray, *, ladder: Ladder, weeks_before: FloatArray) -> FloatArray:
    """Return the state's share of the benefit in each period.

    Parameters
    ----------
    since_start
        Boundaries of the periods in months since the actual start, ascending, shape (T + 1,).
    ladder
        The steps.
    weeks_before
        Weeks on support before the start, per person on the grid, rising, shape (N,).

    Returns
    -------
    share
        Shape (T,), averaged over the part of the period after the actual start; 0 where the whole
        period lies before it.
    """
    weeks = np.maximum(since_start, 0.0) * WEEKS_PER_MONTH
    total = np.zeros_like(weeks)
    below = 0.0
    for boundary, share in zip(ladder.from_week, ladder.state_share, strict=True):
        total += (share - below) * mean_excess(weeks_before, boundary - weeks)
        below = share
    length = np.diff(weeks)
    return np.divide(np.diff(total), length, out=np.zeros_like(length), where=length > 0.0)
