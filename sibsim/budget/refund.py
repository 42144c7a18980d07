"""The state's refund of a benefit: a share that falls with the weeks a person has been on support.

The step is found by cumulative weeks: weeks before the start plus weeks since the actual start,
running on for the person who would have stayed on support without the intervention. Weeks before
differ between people, so the share in a period is a mean over people and over the period:

    share(s0, s1) = (Q(s1) - Q(s0)) / (s1 - s0),   Q(s) = E_w[R(w + s)],   R(x) = integral of r.

R is piecewise linear, so Q(s) = sum over steps j of (r_j - r_(j-1)) E_w[max(w + s - b_j, 0)], exact
on the grid of people. There no person's count is reset by 52 weeks of self-support, which is an
assumption.

Where people move between states it is known how long each has been on support, with and without the
intervention, and the state's part is the sum over steps j of r_j times the time spent on step j.
"""

from __future__ import annotations

import numpy as np

from sibsim.budget.kernel import mean_excess
from sibsim.core.arrays import FloatArray, added
from sibsim.core.paths import Occupancy
from sibsim.core.prices import Ladder, refund_ladder
from sibsim.core.timeline import WEEKS_PER_MONTH, Timeline


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
    first: dict[Ladder, int] = {}
    for period, day in enumerate(timeline.starts[:-1]):
        first.setdefault(refund_ladder(name, day=day), period)
    ends = [*first.values()][1:]
    return tuple(
        (ladder, slice(begin, end))
        for (ladder, begin), end in zip(first.items(), [*ends, None], strict=True)
    )


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
