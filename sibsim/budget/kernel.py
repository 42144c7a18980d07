"""Person-time: for how long more people than otherwise have achieved an outcome, period by period.

The difference is the number of additional people at each follow-up (it may be negative). Over time
it runs in a straight line from 0 at the actual start through the follow-ups; after the last one it
is the last difference times E[S(u)], S the survival curve of how long the outcome lasts, between
people, u the months since the last follow-up. Person-time in a period is the integral of that curve
over the period, so it is linear in the differences:

    person-months(t) = sum over k of W[t, k] difference[k].

W is exact: the straight parts integrate to parabolas, and the survival part is a mean over a grid
of people, integral of E[S] from 0 to u = mean over people of min(v, u).

Where people move between states the differences are person-months themselves, those spent in
states in each step. They lie evenly over the step, so W[t, n] is the share of step n that lies in
period t, and after the last step there is nothing. Money that is stated year by year lies in steps
of a year in the same way.

Where an outcome counts days or events, the difference at follow-up k is their number since the one
before, at x_(k-1). They lie evenly between x_(k-1) and x_k; after the last one the rate of its
window goes on for those to whom it lasts:

    W(u months after x_K) = mean over people of min(v, u) / (x_K - x_(K-1)) for k = K.

Assumption: there is one decay. The time profile of the effect is in the differences already.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import BetweenPeople


@dataclass(frozen=True, slots=True)
class _ByFollowUp:
    """The differences stand at follow-ups and last on after the last one."""

    months: tuple[int, ...]
    """Months from the actual start to each follow-up, ascending, K of them."""

    lasts: BetweenPeople
    """Months that it lasts after the last follow-up, between people."""

    @property
    def end(self) -> float:
        """Months until nobody is left to whom it lasts."""
        return float(self.months[-1] + self.lasts.grid[-1])


@dataclass(frozen=True, slots=True)
class AtFollowUps(_ByFollowUp):
    """The differences are additional people at follow-ups."""

    def weights(self, since_start: FloatArray) -> FloatArray:
        """Return the person-months in each period per additional person, (T, K).

        Parameters
        ----------
        since_start
            Boundaries of the periods in months since the actual start, ascending, (T + 1,).
        """
        return person_time_weights(since_start, follow_up_months=self.months, lasts=self.lasts.grid)


@dataclass(frozen=True, slots=True)
class InSteps:
    """The differences are what is spent in each step: person-months, or money of a year."""

    number: int
    """Number of steps, K."""

    months: float
    """Length of a step in months."""

    first: float = 0.0
    """Months from the actual start to the first step."""

    @property
    def end(self) -> float:
        """Months until the last step is over."""
        return self.first + self.number * self.months

    def weights(self, since_start: FloatArray) -> FloatArray:
        """Return the share of each step that lies in each period, (T, K).

        Parameters
        ----------
        since_start
            Boundaries of the periods in months since the actual start, ascending, (T + 1,).
        """
        begins = self.first + np.arange(self.number) * self.months
        over = np.clip((since_start[:, np.newaxis] - begins) / self.months, 0.0, 1.0)
        return np.diff(over, axis=0)


@dataclass(frozen=True, slots=True)
class SinceFollowUpBefore(_ByFollowUp):
    """The differences are days or events since the follow-up before, or since the actual start.

    Follow-ups are above zero; what lasts after the last one is its rate.
    """

    def weights(self, since_start: FloatArray) -> FloatArray:
        """Return the number in each period per additional one at each follow-up, (T, K).

        Parameters
        ----------
        since_start
            Boundaries of the periods in months since the actual start, ascending, (T + 1,).
        """
        opens = np.array((0, *self.months[:-1]), dtype=np.float64)
        length = np.array(self.months, dtype=np.float64) - opens
        until: FloatArray = np.clip((since_start[:, np.newaxis] - opens) / length, 0.0, 1.0)
        after = np.maximum(since_start - self.months[-1], 0.0)
        until[:, -1] += _survived(self.lasts.grid, after) / length[-1]
        return np.maximum(np.diff(until, axis=0), 0.0)


Kernel = AtFollowUps | InSteps | SinceFollowUpBefore
"""What the K differences that a line follows stand for, so that they become flows over time."""


def mean_excess(sorted_values: FloatArray, threshold: FloatArray) -> FloatArray:
    """Return the mean over people of max(v - threshold, 0).

    Parameters
    ----------
    sorted_values
        One value per person on the grid, ascending, shape (N,).
    threshold
        Any shape.

    Returns
    -------
    excess
        Same shape as `threshold`.
    """
    number = len(sorted_values)
    above = np.append(np.cumsum(sorted_values[::-1])[::-1], 0.0)
    first = np.searchsorted(sorted_values, threshold, side="right")
    return np.asarray((above[first] - (number - first) * threshold) / number)


def person_time_weights(
    since_start: FloatArray, *, follow_up_months: tuple[int, ...], lasts: FloatArray
) -> FloatArray:
    """Return the person-months in each period per additional person at each follow-up.

    Parameters
    ----------
    since_start
        Boundaries of the periods in months since the actual start, ascending, shape (T + 1,).
        What lies before the start weighs nothing.
    follow_up_months
        Months from the actual start to each follow-up, ascending, K of them.
    lasts
        Months that it lasts after the last follow-up, per person on the grid, rising, (N,).

    Returns
    -------
    weights
        Shape (T, K), never negative.
    """
    nodes = (0, *follow_up_months)
    area = np.zeros((len(since_start), len(follow_up_months)))
    for k, (before, peak) in enumerate(pairwise(nodes)):
        if peak > before:
            rising = np.clip(since_start, before, peak) - before
            area[:, k] += rising**2 / (2.0 * (peak - before))
        if k + 2 < len(nodes):
            after = nodes[k + 2]
            falling = np.clip(since_start, peak, after) - peak
            area[:, k] += falling - falling**2 / (2.0 * (after - peak))
    area[:, -1] += _survived(lasts, np.maximum(since_start - nodes[-1], 0.0))
    return np.maximum(np.diff(area, axis=0), 0.0)


def _survived(lasts: FloatArray, months: FloatArray) -> FloatArray:
    """Return the mean over people of min(v, u): the months survived until u."""
    return np.asarray(np.mean(lasts) - mean_excess(lasts, months))


def cash_shift(flow: FloatArray, *, lag_months: int, months_per_period: int) -> FloatArray:
    """Return what is cashed in each period of a flow that is cashed some months after it arises.

    A lag that is not a whole number of periods is split pro rata between two periods.

    Parameters
    ----------
    flow
        What arises per period along the first axis, shape (T, ...).
    lag_months
        Months from a period to its cash.
    months_per_period
        Months in one period.

    Returns
    -------
    cash
        Same shape; what would be cashed after the last period is cut off.
    """
    whole, rest = divmod(lag_months, months_per_period)
    later = rest / months_per_period
    return (1.0 - later) * _moved(flow, whole) + later * _moved(flow, whole + 1)


def _moved(flow: FloatArray, periods: int) -> FloatArray:
    moved = np.zeros_like(flow)
    kept = max(len(flow) - periods, 0)
    moved[len(flow) - kept :] = flow[:kept]
    return moved
