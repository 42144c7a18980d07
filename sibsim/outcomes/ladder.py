"""Time on support by how long it has lasted: what the state's refund of a benefit depends on.

A person has a count of weeks on support, over all benefits together: `weeks_before` when service
starts, and every step in a state of support adds its length. The time of that step lies in the
bands that the count runs through, so a step that crosses a boundary is split pro rata; bands are
(0, b_1], (b_1, b_2], ... and beyond the last boundary. The count starts again at zero when the
person, after the first week with benefit, has had 52 weeks of self-support in total within the
latest 3 years, at the step that makes them 52. States that are neither (such as education) only let
time pass.

Person by person (`of_people`) the window of 3 years is exact. In expectation (`expected`) it would
need every state of the last 3 years; there self-support is never forgotten. That is exact for
horizons of at most 3 years, and beyond them an upper bound on how many counts start again.

Sources: Lov om kommunernes finansiering af visse offentlige ydelser, LBK 221 of 12 Feb 2021: § 5
(bands), https://elov.dk/lov-om-kommunernes-finansiering-af-visse-offentlige-ydelser-udbetalt-af-kommunerne-udbetaling-danmark-og-arbejdsloshedskasserne/5/
and § 6 (starting again), same address with /6/ (elov, 2021).

Assumptions: self-support before service starts is not known and counts for nothing. A step counts
whole as support or self-support, so that 12 steps of a month, 52.16 weeks, are 52 weeks. Weeks
before are independent of what happens afterwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, FloatArray, Indicator, IntArray, added
from sibsim.core.luck import ROWS, count
from sibsim.core.memory import keep_freed_memory
from sibsim.core.paths import States
from sibsim.core.streams import Layer
from sibsim.core.timeline import MONTHS_PER_YEAR, WEEKS_PER_MONTH
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import FIRST_CREDITED, Credit, is_in, of_tags, stretch

RESET_WEEKS = 52
"""Weeks of self-support after which the count starts again (§ 6)."""

WINDOW_MONTHS = 3 * MONTHS_PER_YEAR
"""Months within which they must lie: the latest three years (§ 6)."""

LONGEST_STEP_MONTHS = 1
"""Longest step that is accepted: in a longer one a person could come and go unseen for more than
the first band is long."""

ROUNDING = 1e-9
"""Share of a step by which a length may miss a whole number of steps and still mean it."""


def weeks_before_people(layer: Layer, *, stream: str, people: int, grid: FloatArray) -> FloatArray:
    """Return the weeks on support of each person before service starts, (P, 1 or D).

    Each value of the grid is equally likely. More people change no earlier person.

    Parameters
    ----------
    layer
        The layer that decides, which must be on.
    stream
        Name of the stream.
    people
        Number of persons, P.
    grid
        Weeks of equally likely people, rising, shape (M,).
    """
    if grid[0] == grid[-1]:
        return np.full((people, 1), grid[0])
    place = layer.uniforms(stream, rows=people) * len(grid)
    return grid[place.astype(np.int64)]


@dataclass(frozen=True, eq=False)
class SupportLadder:
    """Which bands of weeks on support people's time lies in."""

    support: BoolArray
    """Which states are on the ladder, (S,)."""

    self_support: BoolArray
    """Which states are self-support, (S,); none of them is on the ladder."""

    boundaries: tuple[float, ...]
    """Weeks at which a band ends and the next begins, rising, B - 1 of them: 4, 26, 52."""

    step_months: float
    """Length of a step in months, at most one."""

    credit: Credit
    """Whether a step is credited to the state at its start or at its end."""

    forgets: bool = True
    """Whether self-support counts within the latest three years only, as the act says; what is
    expected never forgets, and what is compared with it must not either."""

    @staticmethod
    def check_step(step_months: float) -> tuple[str, ...]:
        """Return in words why a step is too long for the ladder; nothing if it is not."""
        if step_months <= LONGEST_STEP_MONTHS:
            return ()
        problem = (
            f"got a step of {step_months:g} months; time on a refund ladder is counted in steps of "
            "at most one month, or who leaves and comes back is not seen; give the outcome of "
            "states a step of a week or a month"
        )
        return (problem,)

    @property
    def step_weeks(self) -> float:
        """Length of a step in weeks."""
        return self.step_months * WEEKS_PER_MONTH

    @property
    def reset_steps(self) -> int:
        """Steps of self-support after which the count starts again."""
        return math.ceil(RESET_WEEKS / self.step_weeks - ROUNDING)

    @property
    def window_steps(self) -> int:
        """Steps of the latest three years."""
        return round(WINDOW_MONTHS / self.step_months)

    def of_people(
        self,
        history: States,
        *,
        member: Indicator,
        weeks_before: FloatArray,
        within: BoolArray | None = None,
    ) -> FloatArray:
        """Return the weeks that people spend in each band at each step, in sum, (B, N, D).

        Parameters
        ----------
        history
            State of each person at each step, (P, N + 1, D).
        member
            Who counts, (P, 1 or D).
        weeks_before
            Weeks on support of each person before service starts, (P, 1 or D).
        within
            States on the ladder whose time is wanted, such as one benefit, (S,); None: all of them.
            The count runs over all of them in any case.
        """
        keep_freed_memory()
        steps, draws = history.shape[1] - 1, history.shape[2]
        first = FIRST_CREDITED[self.credit]
        weeks = np.zeros((len(self.boundaries) + 1, steps, draws))
        for begin in range(0, len(history), ROWS):
            part = slice(begin, begin + ROWS)
            self._add(
                weeks,
                credited=history[part, first : first + steps],
                member=member[part],
                weeks_before=weeks_before[part],
                wanted=self.support if within is None else self.support & within,
            )
        return weeks

    def _add(
        self,
        weeks: FloatArray,
        *,
        credited: States,
        member: Indicator,
        weeks_before: FloatArray,
        wanted: BoolArray,
    ) -> None:
        """Add the weeks of some people, (B, N, D), from their states at each step, (P, N, D).

        Most steps lie whole in the last band; only of the others the count itself is looked at.
        """
        shape = (len(credited), credited.shape[-1])
        begins = np.broadcast_to(weeks_before, shape).astype(np.float64)
        counted = np.zeros(shape, dtype=np.uint8)
        until = self._steps_until_the_last_band(begins)
        on_ladder = begins > 0.0
        reset = _Reset(
            needed=self.reset_steps,
            window=self.window_steps if self.forgets else credited.shape[1],
            steps=credited.shape[1],
            shape=shape,
        )
        for n in range(credited.shape[1]):
            state = credited[:, n]
            on = is_in(state, wanted=self.support)
            below_last = counted < until
            weighed = is_in(state, wanted=wanted) * member
            weeks[-1, n] += count(weighed) * self.step_weeks
            some = np.flatnonzero(np.logical_and(weighed, below_last))
            now = begins.take(some) + counted.take(some) * self.step_weeks
            self._split(weeks[:, n], draw=some % shape[1], now=now, weight=weighed.take(some))
            counted += on & below_last
            again = reset.now(n, free=is_in(state, wanted=self.self_support) & on_ladder)
            on_ladder |= on
            begins.ravel()[again] = 0.0
            counted.ravel()[again] = 0
            until.ravel()[again] = self._steps_until_the_last_band(np.zeros(1))
            on_ladder.ravel()[again] = False

    def _split(
        self, weeks: FloatArray, *, draw: IntArray, now: FloatArray, weight: Indicator
    ) -> None:
        """Move what of some steps lies in lower bands there from the last one, in weeks (B, D).

        Parameters
        ----------
        weeks
            Weeks in each band, where the whole of these steps stands in the last.
        draw
            In which draw each step is.
        now
            Count when each begins.
        weight
            How much each counts for.
        """
        below: FloatArray | float = 0.0
        for band, boundary in enumerate(self.boundaries):
            passed = np.minimum(now + self.step_weeks, boundary) - np.minimum(now, boundary)
            moved = (passed - below) * weight
            in_band = np.bincount(draw, weights=moved, minlength=weeks.shape[-1])
            weeks[band] += in_band
            weeks[-1] -= in_band
            below = passed

    def _steps_until_the_last_band(self, weeks: FloatArray) -> NDArray[np.uint8]:
        """Return after how many steps of support all later ones lie whole in the last band."""
        steps = np.ceil((self.boundaries[-1] - weeks) / self.step_weeks)
        return np.maximum(steps, 0.0).astype(np.uint8)

    def expected(
        self, chain: Chain, *, weeks_before: FloatArray, within: BoolArray | None = None
    ) -> FloatArray:
        """Return the weeks a person is expected to spend in each band at each step, (B, N, 1 or D).

        Parameters
        ----------
        chain
            How people move.
        weeks_before
            Weeks on support before service starts of equally likely people, rising, (M,).
        within
            As in `of_people`.
        """
        first = FIRST_CREDITED[self.credit]
        credited = stretch(chain, begin=first, end=first + chain.steps)
        wanted = self.support if within is None else self.support & within
        some = weeks_before[weeks_before > 0.0]
        # Who was never on support is like a person whose count has started again.
        parts = [
            self._expected(credited, wanted=wanted, weeks_before=before, restarted=restarted)
            * (number / len(weeks_before))
            for before, restarted, number in (
                (some, False, len(some)),
                (np.zeros(1), True, len(weeks_before) - len(some)),
            )
            if number
        ]
        return added(parts)

    def _expected(
        self, chain: Chain, *, wanted: BoolArray, weeks_before: FloatArray, restarted: bool
    ) -> FloatArray:
        """Return the expected weeks in each band at each step, (B, N, 1 or D).

        Parameters
        ----------
        chain
            The chain of the states that steps are credited to.
        wanted
            States whose time is wanted, (S,).
        weeks_before
            Weeks before of equally likely people, (M,).
        restarted
            Whether everyone's count starts at zero.
        """
        lengths = self._weeks_by_tag(weeks_before)

        number, bands = lengths.shape

        def read(shares: FloatArray) -> FloatArray:
            # By restarted and steps of the count, self-support, S, W: only the first matters.
            by_count = shares.reshape(number, self.reset_steps, *shares.shape[1:])
            there = by_count[:, :, wanted].sum(axis=(1, 2))
            return np.stack(
                [
                    added(there[tag] * lengths[tag, band] for tag in range(number))
                    for band in range(bands)
                ]
            )

        automaton = self._automaton(restarted=restarted)
        return np.moveaxis(of_tags(automaton, chain=chain, read=read), 0, 1)

    @property
    def _most(self) -> int:
        """Steps of support from which on the whole of each step is in the last band."""
        return math.ceil(self.boundaries[-1] / self.step_weeks) + 1

    def _weeks_by_tag(self, weeks_before: FloatArray) -> FloatArray:
        """Return the weeks of the latest step in each band, (2 (most + 1), B).

        By steps of support counted, that one included: first from the weeks before, then from
        zero.
        """
        count = np.arange(self._most + 1) * self.step_weeks
        edges = np.array([0.0, *self.boundaries, np.inf])
        found = []
        for before in (weeks_before, np.zeros(1)):
            until = before[:, np.newaxis, np.newaxis] + count[:, np.newaxis]
            weeks = (np.minimum(until, edges[1:]) - np.minimum(until, edges[:-1])).mean(axis=0)
            weeks[1:] = np.diff(weeks, axis=0)
            weeks[0] = 0.0
            weeks[-1] = [*np.zeros(len(self.boundaries)), self.step_weeks]
            found.append(weeks)
        return np.concatenate(found)

    def _automaton(self, *, restarted: bool) -> Automaton:
        """Return what a history comes down to.

        Tags, in this order: whether the count has started again, steps of support counted, steps
        of self-support counted.
        """
        shape = (2, self._most + 1, self.reset_steps)
        again, count, alone = np.indices(shape).reshape(3, -1, 1)
        more = np.ravel_multi_index((again, np.minimum(count + 1, self._most), alone), shape)
        begun = (count > 0) | (again == 0)
        full = begun & (alone + 1 == self.reset_steps)
        longer = np.ravel_multi_index(
            (again, count, np.minimum(alone + begun, self.reset_steps - 1)), shape
        )
        zero = np.ravel_multi_index((1, 0, 0), shape)
        same = np.arange(len(more))[:, np.newaxis]
        then = np.where(self.support, more, np.where(self.self_support, longer, same))
        then = np.where(full & self.self_support, zero, then)
        return Automaton(first=then[zero if restarted else 0], then=then)


class _Reset:
    """When the counts of some people start again."""

    def __init__(self, *, needed: int, window: int, steps: int, shape: tuple[int, ...]) -> None:
        """Begin with no self-support.

        Parameters
        ----------
        needed
            Steps of self-support after which a count starts again.
        window
            Latest steps among which they are.
        steps
            Steps in all.
        shape
            People and draws, (P, D).
        """
        self._needed, self._window = needed, window
        self._sum = np.zeros(shape, dtype=np.min_scalar_type(needed))
        remembered = window if steps > window else 0
        self._free = np.zeros((remembered, *shape), dtype=np.bool_)
        self._latest = np.full(shape if remembered else 0, -1, dtype=np.int16)

    def now(self, n: int, *, free: BoolArray) -> IntArray:
        """Return whose count starts again after step n, as positions in the raveled (P, D).

        Parameters
        ----------
        n
            Number of the step.
        free
            Who was self-supporting in it, after the first week with benefit, (P, D).
        """
        self._sum += free
        if len(self._free):
            oldest = self._free[n % self._window]
            self._sum -= oldest & (self._latest < n - self._window)
            oldest[...] = free
        again = np.flatnonzero(self._sum >= self._needed)
        self._sum.ravel()[again] = 0
        if len(self._free):
            self._latest.ravel()[again] = n
        return again
