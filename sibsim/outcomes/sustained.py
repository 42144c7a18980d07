"""Sustained outcome: a person has held one of the named states for so many weeks (fastholdelse).

A *run* begins when a person is first seen in one of the states and goes on as long as no break is
longer than allowed; its length at a later date at which the person is in one is the time between
the two, **tolerated breaks included**. A break lasts from the first step outside to the next one
inside. The length is reached at the first date at which a run is that long, and stays reached. That
is the definition of the payment model of the same name, which sees people at follow-ups only: seen
at every step, it would pay the same people at the same time.

A step is credited to one state. Where that is the one at its end, who is in a state at step n has
held it since step n - 1, so that a run begins one step earlier, and X_0 is not read.

Weeks are counted as the nearest whole number of steps (with a month: 13 weeks are 3, 26 are 6, 52
are 12). Person by person and in expectation it is the same automaton, over the length of the run
and of the break so far.

Sources: GO Lab, INDIGO, POJ-0176 (Mental Health and Employment Partnership, 13 weeks in work);
13 weeks stand in 31 of its projects, 26 weeks in 33 and 12 months in 50
(https://golab-indigo-data-store.herokuapp.com, 2025).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from sibsim.core.arrays import BoolArray, FloatArray, summed
from sibsim.core.luck import ROWS
from sibsim.core.paths import States
from sibsim.core.spec import Number, Positive
from sibsim.core.timeline import WEEKS_PER_MONTH
from sibsim.outcomes.automaton import Automaton
from sibsim.outcomes.base import OutcomeModel
from sibsim.outcomes.credit import FIRST_CREDITED, of_tags, stretch
from sibsim.outcomes.derived import Derived, IndicatorLaw
from sibsim.outcomes.states import MultiState, StatesLaw

NO_RUN = 0
"""Tag of a person with no run."""


SAME = 0.02
"""Share by which a step may be longer than the weeks that it shows: a quarter shows 13 weeks."""

CLOSE = 0.15
"""Share by which whole steps may miss the weeks that they are read for: 20 weeks are 5 months."""


@dataclass(frozen=True, eq=False)
class SustainedLaw(IndicatorLaw):
    """Whether a person has held the states long enough by each follow-up."""

    needed: int
    """Length of the run in steps, at least 1."""

    gap: int
    """Longest break that does not end a run, in steps."""

    @cached_property
    def mean(self) -> FloatArray:
        """Expected share of people who have held the states long enough, (K, 1 or D)."""
        shares = of_tags(
            self.automaton,
            chain=stretch(self.chain, begin=0, end=self.at[-1] + 1),
            read=lambda now: summed(now[self._reached]),
        )
        return np.minimum(shares[list(self.at)], 1.0)

    def read(self, history: States) -> BoolArray:
        """Return who has held the states long enough by each follow-up, (P, K, D)."""
        found = np.empty((len(history), len(self.at), history.shape[-1]), dtype=np.bool_)
        for begin in range(0, len(history), ROWS):
            part = history[begin : begin + ROWS, : self.at[-1] + 1]
            tags = self.automaton.follow(part)[:, list(self.at)]
            np.equal(tags, self._reached, out=found[begin : begin + ROWS])
        return found

    @property
    def _reached(self) -> int:
        """Tag of a person whose run has been long enough, the last one."""
        return self._in_run(self.needed, 0)

    def _in_run(self, length: int, broken: int) -> int:
        """Return the tag of a run of some length, and a break in it of so many steps so far."""
        if length >= self.needed and broken == 0:
            return 1 + self.needed + self.needed * self.gap
        return 1 + length if broken == 0 else 1 + self.needed + (length - 1) * self.gap + broken - 1

    @cached_property
    def automaton(self) -> Automaton:
        """What a history comes down to.

        Tags: no run; by length a run in which the person is; by length and break so far a run in
        which the person is not; reached. Where a break is on, a length above `needed` is as good as
        `needed`.
        """
        begins = self._in_run(FIRST_CREDITED[self.credit], 0)
        then = np.full((self._reached + 1, len(self.inside)), NO_RUN)
        then[NO_RUN, self.inside] = begins
        then[self._reached] = self._reached
        for length, broken in product(range(self.needed + 1), range(self.gap + 1)):
            tag = self._in_run(length, broken)
            if tag == self._reached or (length == 0 and broken > 0):
                continue
            longer = min(length + 1, self.needed)
            then[tag, self.inside] = self._in_run(longer, 0)
            if broken < self.gap:
                then[tag, ~self.inside] = self._in_run(longer, broken + 1)
        reads_start = self.credit == "start"
        return Automaton(first=np.where(self.inside & reads_start, begins, NO_RUN), then=then)


class Sustained(Derived):
    """Outcome of having held one of the named states of another outcome for so many weeks."""

    model: Literal["sustained"]
    """Name of the outcome model."""

    weeks: Positive
    """Weeks that the states have to be held, such as 13, 26 or 52."""

    gap_weeks: Annotated[Number, Ge(0)] = 0.0
    """Longest break that does not end a run, in weeks; 0: none is allowed."""

    @property
    def stays(self) -> bool:
        """Always: whoever has held a state so long has done so for good."""
        return True

    def check_against(self, other: OutcomeModel, *, name: str) -> Iterable[str]:
        """Return in words why it cannot be worked out from the outcome that it reads.

        Parameters
        ----------
        other
            The outcome.
        name
            Its name.
        """
        yield from super().check_against(other, name=name)
        if isinstance(other, MultiState):
            yield from self._unseen(other, name=name)

    def _unseen(self, other: MultiState, *, name: str) -> Iterator[str]:
        """Yield why steps of the other outcome, or its length, do not show the run."""
        needed = self._in_steps(self.weeks, other=other)
        for field, weeks in (("weeks", self.weeks), ("gap_weeks", self.gap_weeks)):
            step = other.step_months * WEEKS_PER_MONTH
            read_as = self._in_steps(weeks, other=other) * step
            if 0 < weeks < step * (1 - SAME):
                yield (
                    f"got {field} = {weeks:g} with a step of one {other.step_name} in {name!r}; "
                    f"what lasts {weeks:g} weeks is not seen between two steps; give {name!r} a "
                    f"shorter step or write more {field}"
                )
            elif abs(read_as - weeks) > CLOSE * weeks:
                yield (
                    f"got {field} = {weeks:g}, which steps of one {other.step_name} in {name!r} "
                    f"can only read as {read_as:.1f} weeks; write {read_as:.0f}, or give {name!r} "
                    "a shorter step"
                )
        last = other.nearest_step(self.follow_up_months[-1])
        if needed > last:
            yield (
                f"got weeks = {self.weeks:g} with the last follow-up at "
                f"{self.follow_up_months[-1]} months; nobody can have held a state that long by "
                "then; add a later follow-up or write fewer weeks"
            )

    def _in_steps(self, weeks: float, *, other: MultiState) -> int:
        """Return weeks as the nearest whole number of steps."""
        return round(weeks / (other.step_months * WEEKS_PER_MONTH))

    def law(self, seen: StatesLaw) -> SustainedLaw:
        """Return how likely a person has held the states long enough by each follow-up."""
        return SustainedLaw(
            chain=seen.chain,
            inside=self.inside(seen),
            at=self.steps(seen),
            credit=seen.model.counted,
            needed=self._in_steps(self.weeks, other=seen.model),
            gap=self._in_steps(self.gap_weeks, other=seen.model),
        )


Model = Sustained
