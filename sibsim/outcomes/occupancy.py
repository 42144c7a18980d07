"""Time in states: how much of it people spend beyond what is expected of them anyway, by step.

Step n of N is credited whole to one state, so a person spends L months or none of it in the states
asked for. Beyond what is expected of the same n people without the intervention that is, in sum,

    more(n) = sum over people of L 1{in the states in step n} - people L P(in them, without),

and with chance off people L (P(with) - P(without)). Time on support is split the same way by bands
of cumulative weeks (`sibsim.outcomes.ladder`), of each person by the weeks that person has had, and
of what is expected over all weeks before that people may have had.

Assumption: self-support is never forgotten, however long ago it was, with the intervention and
without it alike; what is expected can be worked out in no other way, and a rule that differed
between the two would show as an effect where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, Indicator, IntArray, added
from sibsim.core.luck import ROWS, count
from sibsim.core.paths import Occupancy, States
from sibsim.core.streams import Layer
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.core.year_count import Counting, YearCount
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import FIRST_CREDITED, is_in
from sibsim.outcomes.ladder import SupportLadder, weeks_before_people
from sibsim.outcomes.year_count import counted_expected, counted_of_people

if TYPE_CHECKING:
    from sibsim.outcomes.states import MultiState

Numbers = TypeVar("Numbers", FloatArray, Indicator, States)


@dataclass(frozen=True, eq=False)
class TimeInStates:
    """How long people who are all alike are in which state."""

    model: MultiState
    """The outcome, which says what the states are and to which one a step is credited."""

    people: FloatArray
    """People who count per cohort, (C, 1 or D)."""

    member: tuple[Indicator, ...]
    """Per cohort, who counts, (P_c, 1 or D)."""

    treated: tuple[Chain, ...]
    """Per cohort, how a person moves with the intervention."""

    untreated: tuple[Chain, ...]
    """Per cohort, how a person moves without it."""

    history: tuple[States, ...]
    """Per cohort, the state of each person at each step, (P_c, N + 1, D); empty with chance off."""

    numbers: tuple[FloatArray, ...]
    """Per cohort, how many of those who count are in each state at each step, (N + 1, S, D); empty
    where people are drawn one by one."""

    chance: Layer
    """Decides how long each person has been on support before."""

    streams: tuple[str, ...]
    """Per cohort, name of the stream of that."""

    @property
    def step_months(self) -> float:
        """Length of a step in months."""
        return self.model.step_months

    @property
    def steps(self) -> int:
        """Number of steps, N."""
        return self.model.steps

    def more(self, states: tuple[str, ...]) -> FloatArray:
        """Return the person-months in states beyond what is expected anyway, (C, N, 1 or D)."""
        wanted = self._positions(states)

        def expected(chain: Chain) -> FloatArray:
            credited = chain.trace()[self._credited]
            return self.step_months * added(
                (credited[:, i] for i in np.flatnonzero(wanted)), shape=(1, 1)
            )

        def spent(cohort: int) -> FloatArray:
            if self.numbers:
                credited = self.numbers[cohort][self._credited]
                return self.step_months * added(credited[:, i] for i in np.flatnonzero(wanted))
            history = self.history[cohort][:, self._credited]
            member = self.member[cohort]
            months = np.zeros((self.steps, history.shape[-1]))
            for begin in range(0, len(history), ROWS):
                part = slice(begin, begin + ROWS)
                for n in range(self.steps):
                    there = is_in(history[part, n], wanted=wanted)
                    months[n] += count(member[part] * there)
            return self.step_months * months

        return self._beyond(expected, spent=spent)

    def more_by_band(
        self, states: tuple[str, ...], *, boundaries: tuple[float, ...], weeks_before: FloatArray
    ) -> FloatArray:
        """Return the same by band of weeks on support, (B, C, N, 1 or D); only time on support.

        It needs people who are drawn one by one.

        Parameters
        ----------
        states
            Names of states of support.
        boundaries
            Weeks at which a band ends and the next begins, rising, B - 1 of them.
        weeks_before
            Weeks on support before service starts of equally likely people, rising, (M,).
        """
        within = self._positions(states)
        ladder = SupportLadder(
            support=self._positions(self.model.with_role("support")),
            self_support=self._positions(self.model.with_role("self_support")),
            boundaries=boundaries,
            step_months=self.step_months,
            credit=self.model.counted,
            forgets=False,
        )

        def expected(chain: Chain) -> FloatArray:
            weeks = ladder.expected(chain, weeks_before=weeks_before, within=within)
            return weeks / WEEKS_PER_MONTH

        def spent(cohort: int) -> FloatArray:
            history = self.history[cohort]
            before = weeks_before_people(
                self.chance, stream=self.streams[cohort], people=len(history), grid=weeks_before
            )
            weeks = ladder.of_people(
                history, member=self.member[cohort], weeks_before=before, within=within
            )
            return weeks / WEEKS_PER_MONTH

        return self._beyond(expected, spent=spent)

    def more_counted(
        self, states: tuple[str, ...], *, counts: Sequence[Sequence[Counting]]
    ) -> FloatArray:
        """Return the months more that count by a count of a year, (B, C, N, 1 or D).

        It needs people who are drawn one by one.

        Parameters
        ----------
        states
            Names of the states in which time counts.
        counts
            For each cohort, the counts of its draws: each draw in one of them.
        """
        wanted = self._positions(states)
        credit = self.model.counted

        # Cohorts and draws that share a chain and a count share what is expected.
        @cache
        def expected(chain: Chain, count: YearCount) -> FloatArray:
            return counted_expected(count, chain=chain, wanted=wanted, credit=credit)

        def more(cohort: int, of: Counting) -> FloatArray:
            without = expected(self.untreated[cohort].in_draws(of.draws), of.count)
            people = _in_draws(self.people[cohort], of.draws)
            if not self.history:
                treated = expected(self.treated[cohort].in_draws(of.draws), of.count)
                return np.asarray(people * (treated - without))
            months = counted_of_people(
                of.count,
                history=_in_draws(self.history[cohort], of.draws),
                member=_in_draws(self.member[cohort], of.draws),
                wanted=wanted,
                credit=credit,
            )
            return np.asarray(months - people * without)

        rows = [
            _together([more(cohort, each) for each in of_cohort], counts=of_cohort)
            for cohort, of_cohort in enumerate(counts)
        ]
        return np.stack(np.broadcast_arrays(*rows), axis=-3)

    def _beyond(
        self,
        expected: Callable[[Chain], FloatArray],
        *,
        spent: Callable[[int], FloatArray],
    ) -> FloatArray:
        """Return what is spent less what is expected anyway, (..., C, N, 1 or D).

        Parameters
        ----------
        expected
            What a person is expected to spend who moves by a chain, (..., N, 1 or D).
        spent
            What those who count in a cohort spend, (..., N, D).
        """
        # Cohorts that share a chain share what is expected, which is worked out once.
        of = cache(expected)
        rows = []
        for cohort, (treated, untreated) in enumerate(
            zip(self.treated, self.untreated, strict=True)
        ):
            people = self.people[cohort]
            if self.history or self.numbers:
                rows.append(spent(cohort) - people * of(untreated))
            else:
                rows.append(people * (of(treated) - of(untreated)))
        return np.stack(np.broadcast_arrays(*rows), axis=-3)

    def _positions(self, states: tuple[str, ...]) -> BoolArray:
        """Return which of all states are the named ones, (S,)."""
        return np.array([name in states for name in self.model.names])

    @property
    def _credited(self) -> slice:
        """Which of the states X_0 .. X_N the N steps are credited to."""
        first = FIRST_CREDITED[self.model.counted]
        return slice(first, first + self.steps)


def _in_draws(each: Numbers, draws: IntArray | None) -> Numbers:
    """Return an array in some draws, or in all of them."""
    if draws is None or each.shape[-1] == 1:
        return each
    # An index would put the draws first in memory, where each step is read slowly.
    return each.take(draws, axis=-1)


def _together(parts: Sequence[FloatArray], *, counts: Sequence[Counting]) -> FloatArray:
    """Return what is found in some draws and in others as one array over all draws."""
    order = [each.draws for each in counts if each.draws is not None]
    if not order:
        return parts[0]
    wide = [
        np.broadcast_to(part, (*part.shape[:-1], len(draws)))
        for part, draws in zip(parts, order, strict=True)
    ]
    return np.concatenate(wide, axis=-1)[..., np.argsort(np.concatenate(order))]


@dataclass(frozen=True, eq=False)
class OfSegments:
    """How long the people of several segments are in which state, all together."""

    parts: tuple[Occupancy, ...]
    """Of each segment, in steps of the same length and number."""

    @property
    def step_months(self) -> float:
        """Length of a step in months."""
        return self.parts[0].step_months

    @property
    def steps(self) -> int:
        """Number of steps, N."""
        return self.parts[0].steps

    def more(self, states: tuple[str, ...]) -> FloatArray:
        """Return the sum over segments, (C, N, 1 or D)."""
        return added(part.more(states) for part in self.parts)

    def more_by_band(
        self, states: tuple[str, ...], *, boundaries: tuple[float, ...], weeks_before: FloatArray
    ) -> FloatArray:
        """Return the sum over segments, (B, C, N, 1 or D)."""
        return added(
            part.more_by_band(states, boundaries=boundaries, weeks_before=weeks_before)
            for part in self.parts
        )

    def more_counted(
        self, states: tuple[str, ...], *, counts: Sequence[Sequence[Counting]]
    ) -> FloatArray:
        """Return the sum over segments, (B, C, N, 1 or D)."""
        return added(part.more_counted(states, counts=counts) for part in self.parts)
