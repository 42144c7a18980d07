"""Outcomes that are worked out from the states of the same people, person by person.

A derived outcome reads the history that a multi-state outcome has simulated, so that what is paid
for being in work, for staying there and for days in work concerns the same people. With chance off,
and for people simulated elsewhere (controls), it follows from the chain of the cohort.

Follow-ups are read as the multi-state outcome reads its own: at the step nearest to them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Protocol, cast

import numpy as np
from pydantic import Field

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.paths import OutcomePath, States
from sibsim.core.spec import Name, nearest
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer
from sibsim.outcomes.base import Laws, OutcomeModel
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.credit import Credit
from sibsim.outcomes.states import MultiState, StatesLaw
from sibsim.outcomes.yes_or_no import YesOrNo


@dataclass(frozen=True, eq=False)
class HistoryLaw(ABC):
    """How what is read from a person's history is spread, at each of K follow-ups."""

    chain: Chain
    """How a person moves between the S states."""

    inside: BoolArray
    """Which states are looked for, (S,)."""

    at: tuple[int, ...]
    """Step of each follow-up, rising."""

    credit: Credit
    """Whether a step is credited to the state at its start or at its end."""

    @property
    @abstractmethod
    def mean(self) -> FloatArray:
        """Expected result of a person, (K, 1 or D)."""

    @property
    @abstractmethod
    def variance(self) -> FloatArray:
        """Variance of a person's result, (K, 1 or D)."""

    @abstractmethod
    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level), (K, 1 or D)."""

    @abstractmethod
    def read(self, history: States) -> Indicator:
        """Return the result of each person at each follow-up, (P, K, D).

        Parameters
        ----------
        history
            State of each person at each step, (P, N + 1, D).
        """

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return the results of people with histories of their own; layer off: the mean."""
        if not layer.on:
            return np.broadcast_to(self.mean, (people, *self.mean.shape))
        return self.read(self.chain.people(layer, stream=stream, people=people))


class CountableLaw(Protocol):
    """A law whose sum over people follows from how many are in each state at each step."""

    def of_numbers(self, numbers: FloatArray) -> FloatArray:
        """Return the sum over people, (K, D), from numbers of people (N + 1, S, D)."""


class IndicatorLaw(YesOrNo, HistoryLaw):
    """Yes or no at each follow-up, read from a person's history."""


class Derived(OutcomeModel):
    """Outcome worked out from the states of the same people."""

    of: Name
    """Name of the outcome of states whose people it reads; it counts the same people."""

    states: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Names of the states that it looks for; being in one is as good as being in another."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The outcome of states."""
        return (self.of,)

    def check_against(self, other: OutcomeModel, *, name: str) -> Iterable[str]:
        """Return in words why it cannot be worked out from the outcome that it reads.

        Parameters
        ----------
        other
            The outcome.
        name
            Its name.
        """
        if not isinstance(other, MultiState):
            yield f"got of = {name!r}, of model {other.model!r}; name an outcome of model 'states'"
            return
        for state in self.states:
            if state not in other.names:
                instead = nearest(state, other.names) or f"; known are {', '.join(other.names)}"
                yield f"got states with {state!r}, which is no state of {name!r}{instead}"
        last = self.follow_up_months[-1]
        if other.nearest_step(last) > other.steps:
            yield (
                f"got a follow-up at {last} months; {name!r} follows people for "
                f"{other.horizon_months or other.follow_up_months[-1]} months; drop it or write a "
                "longer horizon_months there"
            )
        for before, after in pairwise((0, *self.follow_up_months)):
            if other.nearest_step(before) == other.nearest_step(after):
                yield (
                    f"got {before} and {after} months, which are the same step of one "
                    f"{other.step_name} in {name!r}; drop one of them or give {name!r} a shorter "
                    "step"
                )

    @abstractmethod
    def law(self, seen: StatesLaw) -> HistoryLaw:
        """Return how a person's result is spread, from the law of the states of the cohort."""

    def inside(self, seen: StatesLaw) -> BoolArray:
        """Return which states it looks for, (S,)."""
        return np.array([name in self.states for name in seen.model.names])

    def steps(self, seen: StatesLaw) -> tuple[int, ...]:
        """Return the step at which each follow-up is read."""
        return tuple(map(seen.model.nearest_step, self.follow_up_months))

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how results are spread that follow from the laws of the states.

        What the outcome of states cut is counted there, not here.
        """
        del when
        path = context.upstream[self.of]
        seen = cast("tuple[StatesLaw, ...]", (*path.treated, *path.untreated))
        # Cohorts that share a chain share its law, which is worked out once.
        laws = {chain: self.law(each) for chain, each in {id(s.chain): s for s in seen}.items()}
        found = tuple(laws[id(each.chain)] for each in seen)
        cohorts = len(path.treated)
        return Laws(treated=found[:cohorts], untreated=found[cohorts:], clipped=np.zeros(1))

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return what is achieved, read from the histories of the people where there are any."""
        path = context.upstream[self.of]
        if path.numbers:
            return self._counted(participation, path=path, context=context)
        if not path.history:
            return super().realise_group(participation, context=context)
        laws = self.laws(path.when, context=context)
        readers = cast("tuple[HistoryLaw, ...]", laws.treated)
        value = tuple(law.read(history) for law, history in zip(readers, path.history, strict=True))
        return self.path(participation, laws=laws, value=value)

    def _counted(
        self, participation: Participation, *, path: OutcomePath, context: Context
    ) -> OutcomePath:
        """Return what is achieved by people of whom only numbers are known."""
        laws = self.laws(path.when, context=context)
        readers = cast("tuple[CountableLaw, ...]", laws.treated)
        achieved = [law.of_numbers(each) for law, each in zip(readers, path.numbers, strict=True)]
        return self.path(participation, laws=laws, value=(), achieved=achieved)
