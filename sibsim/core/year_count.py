r"""A count of time that starts again once a year, and how much of the time it makes count.

What the state refunds of some expenditure depends on how long a person has been in a state within a
year: for so many days of a year that runs from the first of them (`RunningYear`), or above
thresholds in a calendar year (`CalendarYear`). A person is in the states, or is not, for a whole
step; how far the count has come is one of G tags, and each step is read by the tag before it:

    counts(step) = credit(tag) for a person in the states, else nothing;
    tag after    = inside[tag] or outside[tag].

People and expectations are read by the same tables, so what is expected is the mean over histories.

Where a step is divided by a date, what counts of each part of it is given as if that part were the
whole step, so that it may be spread over the part of the step alone.

Assumptions: time before service starts counts for nothing but where days used before are stated. A
running year lasts the whole number of steps nearest to 12 months: 12 months, or 52 weeks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import NamedTuple, Protocol, Self

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.timeline import MONTHS_PER_YEAR

ROUNDING = 1e-9
"""Share of a step by which a date may miss the end of a step and still mean it."""

LONGEST_STEP_MONTHS = 1
"""Longest step in which days are counted: in a longer one people would come and go unseen."""

NOT_BEGUN = 0
"""Tag of a person of whom nothing has been counted."""


class Reading(NamedTuple):
    """How a step is read."""

    credit: Callable[[IntArray], FloatArray]
    """From tags before the step, (G,), to the months that count of a person in the states, for each
    of the parts that steps are divided into, (B, G, 1 or D): as if the part were the whole step."""

    inside: IntArray
    """Tag after the step of a person in the states, by the tag before, one for each tag."""

    outside: IntArray
    """Tag after it of a person not in them, alike."""


class YearCount(Protocol):
    """A count that starts again once a year, of people whose service starts on one date."""

    @property
    def tags(self) -> int:
        """Number of tags, G."""

    @property
    def starts_inside(self) -> int:
        """Tag before the first step of a person who starts in the states; of others `NOT_BEGUN`."""

    def readings(self, steps: int) -> Iterator[Reading]:
        """Yield how each of the first steps of service is read.

        Parameters
        ----------
        steps
            Number of steps.
        """

    def of(self, draws: IntArray | None) -> YearCount:
        """Return the count in some draws, or in all of them."""

    def __hash__(self) -> int:
        """Return a hash: what is expected by a count is worked out once."""


@dataclass(frozen=True, eq=False)
class Counting:
    """The count of the people of a cohort whose service starts on the same date."""

    draws: IntArray | None
    """In which draws it does; None: in all of them."""

    count: YearCount
    """Their count."""


@dataclass(frozen=True)
class RunningYear:
    """A year that begins on a person's first day in the states: so much time in it counts.

    Whoever starts in the states begins it at the start of service. After the year the first day in
    the states, which may be the next, begins a new one. Steps are divided into parts by whether a
    period of the case is even or odd.
    """

    step_months: float
    """Length of a step in months, at most a period."""

    period_months: int
    """Length of a period of the case in months."""

    since_opening: float
    """Months from the opening of an even period to the start of service; below zero it lies before
    the case, whose first period holds what lies there."""

    changes: tuple[float, ...]
    """Months from the start of service to each change of the limit, rising."""

    limits: tuple[float, ...]
    """Months that count, before the first change, and from each change on."""

    shares: tuple[float, ...]
    """Share with which they count, alike."""

    used_before: float
    """Months used before service starts, of those who start in the states."""

    keeps: bool
    """Whether a year that runs keeps the limit of the day it began; else a new one holds at once.
    """

    @staticmethod
    def check_step(step_months: float) -> tuple[str, ...]:
        """Return in words why a step is too long for counting days; nothing if it is not."""
        if step_months <= LONGEST_STEP_MONTHS:
            return ()
        problem = (
            f"got a step of {step_months:g} months; days of a running year are counted in steps of "
            "at most one month, or stays of some days are not seen; give the outcome of states a "
            "step of a week or a month"
        )
        return (problem,)

    @property
    def _steps_of_year(self) -> int:
        """Steps of a running year."""
        return round(MONTHS_PER_YEAR / self.step_months)

    @cached_property
    def _shape(self) -> tuple[int, int, int]:
        """Number of tags by start in the states, steps since the year began, steps used.

        Steps used are followed until no limit has anything left.
        """
        finite = [limit for limit in self.limits if math.isfinite(limit)]
        most = math.ceil(max(finite, default=0.0) / self.step_months)
        return (2, self._steps_of_year, min(most, self._steps_of_year) + 1)

    @property
    def tags(self) -> int:
        """Number of tags, G."""
        return math.prod(self._shape)

    @property
    def starts_inside(self) -> int:
        """Tag of a year that has begun with nothing of it gone."""
        return int(np.ravel_multi_index((1, 0, 0), self._shape))

    def of(self, draws: IntArray | None) -> Self:
        """Return the count itself, which is the same in every draw."""
        del draws
        return self

    def readings(self, steps: int) -> Iterator[Reading]:
        """Yield how each of the first steps of service is read."""
        started_in, gone, used = np.unravel_index(np.arange(self.tags), self._shape)
        over = gone + 1 == self._steps_of_year
        later = np.minimum(gone + 1, self._steps_of_year - 1)
        more = np.minimum(used + 1, self._shape[-1] - 1)
        inside = np.ravel_multi_index((started_in, later, more), self._shape)
        outside = np.ravel_multi_index((started_in, later, used), self._shape)
        outside[NOT_BEGUN] = NOT_BEGUN
        inside[over] = outside[over] = NOT_BEGUN
        months = started_in * self.used_before + used * self.step_months
        for n in range(steps):
            yield Reading(partial(self._credit, n=n, gone=gone, months=months), inside, outside)

    def _credit(self, tags: IntArray, *, n: int, gone: IntArray, months: FloatArray) -> FloatArray:
        """Return what counts of step n in even and in odd periods, (2, G, 1).

        Parameters
        ----------
        tags
            Tags before it, (G,).
        n
            Number of the step.
        gone
            Steps of the year that are gone, by tag.
        months
            Months of it in the states, by tag.
        """
        used = months[tags]
        began = np.asarray((n - gone[tags]) * self.step_months, dtype=np.float64)
        at_start = np.array(self.limits)[self._rule_at(began)]
        credit = np.zeros((2, len(tags), 1))
        lengths = [0.0, 0.0]
        for begin, end in pairwise(self._edges(n)):
            part = max(self._period_at(begin), 0) % 2
            rule = int(self._rule_at(np.array(begin)))
            limit = at_start if self.keeps else self.limits[rule]
            credit[part, :, 0] += self.shares[rule] * np.clip(limit - used, 0.0, end - begin)
            lengths[part] += end - begin
            used = used + (end - begin)
        for part, length in enumerate(lengths):
            if length:
                credit[part] *= self.step_months / length
        return credit

    def _edges(self, n: int) -> list[float]:
        """Return where step n begins, is divided and ends, in months from the start of service."""
        least = ROUNDING * self.step_months
        begin, end = n * self.step_months, (n + 1) * self.step_months
        next_period = (self._period_at(begin) + 1) * self.period_months - self.since_opening
        edges = [begin]
        for each in sorted((next_period, *self.changes)):
            if edges[-1] + least < each < end - least:
                edges.append(each)
        return [*edges, end]

    def _period_at(self, months: float) -> int:
        """Return the period that some months from the start of service lie in."""
        return math.floor((self.since_opening + months) / self.period_months + ROUNDING)

    def _rule_at(self, months: FloatArray) -> IntArray:
        """Return how many changes there were up to some months from the start of service."""
        least = ROUNDING * self.step_months
        return np.searchsorted(self.changes, months + least, side="right")


@dataclass(frozen=True, eq=False)
class Scale:
    """Shares of the time above thresholds within a year."""

    from_months: FloatArray
    """Months after which each share holds, rising, (J, 1 or D); infinite where none is reached."""

    shares: tuple[float, ...]
    """Share of the time between one threshold and the next, J of them."""

    def counted(self, months: FloatArray) -> FloatArray:
        """Return what counts of so much time: sum over j of (r_j - r_(j-1)) max(x - b_j, 0).

        Parameters
        ----------
        months
            Time within the year, (..., 1).
        """
        total: FloatArray = np.zeros((1,))
        below = 0.0
        for begins, share in zip(self.from_months, self.shares, strict=True):
            total = total + (share - below) * np.maximum(months - begins, 0.0)
            below = share
        return total

    def of(self, draws: IntArray) -> Scale:
        """Return the scale in some draws."""
        if self.from_months.shape[-1] == 1:
            return self
        return replace(self, from_months=self.from_months[:, draws])


@dataclass(frozen=True, eq=False)
class CalendarYear:
    """The time in the states since the latest 1 January: shares of what lies above thresholds.

    Steps are divided into parts by whether a calendar year is even or odd.
    """

    step_months: float
    """Length of a step in months, at most a year."""

    year: int
    """Calendar year in which service starts."""

    months_left: float
    """Months from the start of service to the end of that year, above 0 and at most 12."""

    booked_from: int
    """First calendar year of the case: what lies before is booked in it."""

    scales: tuple[Scale, ...]
    """Of the calendar years from `year` on; the last one holds on."""

    @cached_property
    def _shape(self) -> tuple[int, int]:
        """Number of tags by whether the year began in a step spent in the states; whole steps."""
        return (2, int(MONTHS_PER_YEAR / self.step_months) + 2)

    @property
    def tags(self) -> int:
        """Number of tags, G."""
        return math.prod(self._shape)

    @property
    def starts_inside(self) -> int:
        """Tag before anything is counted: time before service starts is not known."""
        return NOT_BEGUN

    def of(self, draws: IntArray | None) -> CalendarYear:
        """Return the count in some draws, or in all of them."""
        if draws is None or all(scale.from_months.shape[-1] == 1 for scale in self.scales):
            return self
        return replace(self, scales=tuple(scale.of(draws) for scale in self.scales))

    def readings(self, steps: int) -> Iterator[Reading]:
        """Yield how each of the first steps of service is read."""
        least = ROUNDING * self.step_months
        divided, whole = np.unravel_index(np.arange(self.tags), self._shape)
        more = np.minimum(whole + 1, self._shape[-1] - 1)
        goes_on = (np.ravel_multi_index((divided, more), self._shape), np.arange(self.tags))
        begins, in_between = (
            (np.full(self.tags, np.ravel_multi_index(tag, self._shape)), np.full(self.tags, 0))
            for tag in ((0, 1), (1, 0))
        )
        year, end, of_divided = self.year, self.months_left, 0.0
        for n in range(steps):
            begin, stop = n * self.step_months, (n + 1) * self.step_months
            used = divided * of_divided + whole * self.step_months
            then = goes_on
            if begin >= end - least:
                year, end, of_divided = year + 1, end + MONTHS_PER_YEAR, 0.0
                used, then = np.zeros(self.tags), begins
            if stop <= end + least:
                pieces = [(year, used, self.step_months)]
            else:
                after = stop - end
                pieces = [(year, used, end - begin), (year + 1, np.zeros(self.tags), after)]
                year, end, of_divided = year + 1, end + MONTHS_PER_YEAR, after
                then = in_between
            yield Reading(partial(self._credit, pieces=pieces), *then)

    def _credit(
        self, tags: IntArray, *, pieces: Sequence[tuple[int, FloatArray, float]]
    ) -> FloatArray:
        """Return what counts of a step in even and in odd years, (2, G, 1 or D).

        Parameters
        ----------
        tags
            Tags before it, (G,).
        pieces
            The step, or what of it lies before and after a new year: the calendar year, the months
            used in it before, by tag, and the length.
        """
        counts: list[FloatArray] = [np.zeros((len(tags), 1)), np.zeros((len(tags), 1))]
        lengths = [0.0, 0.0]
        for year, used, length in pieces:
            part = max(year, self.booked_from) % 2
            scale = self.scales[min(year - self.year, len(self.scales) - 1)]
            before = used[tags, np.newaxis]
            counts[part] = counts[part] + scale.counted(before + length) - scale.counted(before)
            lengths[part] += length
        as_whole = [
            each * (self.step_months / length) if length else each
            for each, length in zip(counts, lengths, strict=True)
        ]
        return np.stack(np.broadcast_arrays(*as_whole))
