r"""Time that a person spends in named states, read from the people of a multi-state outcome.

A step is credited whole to one state: the one at its start or the one at its end, as the outcome of
states says. The result at a follow-up is u x T, u the length of a step in the unit and T the steps
credited to the states since the follow-up before (or, `cumulative`, since the start of service).

Let A_n(i) = P(X_n = i), B_n(i) = E[T_n; X_n = i] and C_n(i) = E[T_n^2; X_n = i], T_n the steps
counted up to X_n. All three move to the next step by the transition matrix; then, in the states
that count, C gains 2 B + A and B gains A. So mean and variance are exact. P(result >= level) is
exact by an automaton that counts up to the steps which the level needs.

A month has 13.04 / 3 weeks and 365.25 / 12 days, as everywhere in a case; a step of one week is
then 7.0025 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from sibsim.core.arrays import FloatArray, summed
from sibsim.core.luck import ROWS
from sibsim.core.paths import States
from sibsim.core.spec import Flag
from sibsim.core.timeline import DAYS_PER_YEAR, MONTHS_PER_YEAR, WEEKS_PER_MONTH
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.chain import moved
from sibsim.outcomes.credit import FIRST_CREDITED, is_in, of_tags, stretch
from sibsim.outcomes.derived import Derived, HistoryLaw
from sibsim.outcomes.states import StatesLaw

Unit = Literal["days", "weeks", "months"]
"""What time is counted in."""

PER_MONTH: Mapping[Unit, float] = {
    "days": DAYS_PER_YEAR / MONTHS_PER_YEAR,
    "weeks": WEEKS_PER_MONTH,
    "months": 1.0,
}
"""How many of a unit a month has."""


@dataclass(frozen=True, eq=False)
class TimeLaw(HistoryLaw):
    """Time in the states up to each follow-up."""

    per_step: float
    """Length of a step in the unit."""

    cumulative: bool
    """Whether time is counted since the start of service, or since the follow-up before."""

    @cached_property
    def mean(self) -> FloatArray:
        """Expected time, (K, 1 or D)."""
        inside = summed(np.moveaxis(self.chain.trace()[:, self.inside], 1, 0))
        steps = [summed(inside[first:last]) for first, last in self._windows]
        return np.stack(steps) * self.per_step

    @cached_property
    def variance(self) -> FloatArray:
        """Variance of a person's time, (K, 1 or D)."""
        found: list[FloatArray] = []
        seen = 0
        steps = np.zeros((3, *self.chain.trace().shape[1:]))
        for first, last in self._windows:
            if not found or not self.cumulative:
                steps[0], steps[1:], seen = self.chain.trace()[first], 0.0, first
            for n in range(seen, last):
                if n > first:
                    steps = moved(steps, splits=self.chain.splits[n - 1])
                steps[2, self.inside] += 2.0 * steps[1, self.inside] + steps[0, self.inside]
                steps[1, self.inside] += steps[0, self.inside]
            seen = last
            mean, square = summed(np.moveaxis(steps[1:], 1, 0))
            found.append(np.maximum(square - mean**2, 0.0))
        return np.stack(found) * self.per_step**2

    def at_least(self, level: float) -> FloatArray:
        """Return P(time >= level), (K, 1 or D), of the very numbers that `read` returns."""
        found = []
        for first, last in self._windows:
            times = np.arange(last - first + 1) * self.per_step
            needed = int(np.searchsorted(times, level))
            found.append(self._at_least(needed, first=first, last=last))
        return np.stack(found)

    def read(self, history: States) -> FloatArray:
        """Return each person's time up to each follow-up, (P, K, D)."""
        time = np.empty((len(history), len(self.at), history.shape[-1]))
        for begin in range(0, len(history), ROWS):
            part = history[begin : begin + ROWS]
            for k, (first, last) in enumerate(self._windows):
                steps = np.zeros((len(part), part.shape[-1]), dtype=np.uint16)
                for n in range(first, last):
                    steps += is_in(part[:, n], wanted=self.inside)
                np.multiply(steps, self.per_step, out=time[begin : begin + ROWS, k])
        return time

    def of_numbers(self, numbers: FloatArray) -> FloatArray:
        """Return the time of all people together up to each follow-up, (K, D)."""
        inside = summed(np.moveaxis(numbers[:, self.inside], 1, 0))
        steps = [summed(inside[first:last]) for first, last in self._windows]
        return np.stack(steps) * self.per_step

    @cached_property
    def _windows(self) -> tuple[tuple[int, int], ...]:
        """By follow-up, the first state that a step is credited to and the one after the last."""
        credited = FIRST_CREDITED[self.credit]
        ends = pairwise((0, *self.at))
        return tuple(
            (credited if self.cumulative else first + credited, last + credited)
            for first, last in ends
        )

    def _at_least(self, needed: int, *, first: int, last: int) -> FloatArray:
        """Return P(steps >= needed) of the states X_first .. X_(last - 1), (1 or D,)."""
        width = self.chain.trace().shape[-1]
        if needed <= 0:
            return np.ones(width)
        if needed > last - first:
            return np.zeros(width)
        tags = np.arange(needed + 1)[:, np.newaxis]
        counting = Automaton(
            first=self.inside.astype(np.int64), then=np.minimum(tags + self.inside, needed)
        )
        shares = of_tags(
            counting,
            chain=stretch(self.chain, begin=first, end=last),
            read=lambda now: summed(now[needed]),
        )
        reached: FloatArray = shares[-1]
        return reached


class TimeInStates(Derived):
    """Time in the named states of another outcome since the follow-up before."""

    model: Literal["time_in_states"]
    """Name of the outcome model."""

    unit: Unit
    """What the time is counted in: `days`, `weeks` or `months`."""

    cumulative: Flag = False
    """Whether it is counted since the start of service instead, so that it never falls."""

    def bounds(self, position: int) -> tuple[float, float]:
        """Return 0 and the time since the follow-up before, or since the start."""
        months = self.follow_up_months[position]
        before = self.follow_up_months[position - 1] if position and not self.cumulative else 0
        return 0.0, (months - before) * PER_MONTH[self.unit]

    @property
    def counted_in(self) -> str:
        """The unit of time."""
        return self.unit

    @property
    def needs_persons(self) -> bool:
        """Never: how many are in the states at each step is enough."""
        return False

    def law(self, seen: StatesLaw) -> TimeLaw:
        """Return how a person's time in the states is spread."""
        return TimeLaw(
            chain=seen.chain,
            inside=self.inside(seen),
            at=self.steps(seen),
            credit=seen.model.counted,
            per_step=PER_MONTH[self.unit] * seen.model.step_months,
            cumulative=self.cumulative,
        )


Model = TimeInStates
