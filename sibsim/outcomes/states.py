r"""Multi-state outcome: people move between states step by step; the result is who is where.

X_0 is the state on the day service starts, X_n the state n steps later, a Markov chain: given X_n,
X_{n+1} depends on nothing earlier. Without the intervention the probabilities of a step are those
of `transitions`, with the rows that each `later` replaces from its month on; with it, effects act
on named moves (`sibsim.outcomes.transitions`). A step counts as lying at its middle, n + 1/2 steps
after the start of service: there the months of `later` and the time profile are read. A follow-up
at m months is read at the nearest step, n = floor(m / months per step + 1/2).

A cell by hand: the expected shares are x_0 = start_in and x_{n+1}[j] = sum over i of
x_n[i] p_n[i, j]; the expected result at a follow-up is the sum of x_n over the states in `counts`.

Assumptions: probabilities depend on the state and the time since the start, not on how long a
person has been in the state; a deviation between places (`transport`) is one number for all
effects, which raises moves to better states and lowers moves to worse ones, or the reverse.

Source: Briggs, Claxton, Sculpher (2006), Decision Modelling for Health Economic Evaluation, Oxford
University Press, chapter 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, Self, cast

import numpy as np
from annotated_types import MinLen
from pydantic import ValidationError, model_validator

from sibsim.core.arrays import BoolArray, FloatArray, Indicator, added
from sibsim.core.distributions import fault
from sibsim.core.effects import TimeProfile, Transport
from sibsim.core.parameters import Quantity, Share
from sibsim.core.paths import OutcomePath, States
from sibsim.core.spec import Frozen, Name, Positive, Spec, walk
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer
from sibsim.core.timeline import MONTHS_PER_STEP, Step
from sibsim.outcomes.base import Laws, OutcomeModel
from sibsim.outcomes.chain import Chain
from sibsim.outcomes.goal import FollowUp
from sibsim.outcomes.occupancy import TimeInStates
from sibsim.outcomes.state_chains import chains_of
from sibsim.outcomes.state_checks import faults_of
from sibsim.outcomes.state_remarks import remarks_on
from sibsim.outcomes.state_sets import Role, StateSet, load_state_set
from sibsim.outcomes.transitions import Table, TransitionEffect
from sibsim.outcomes.yes_or_no import YesOrNo

if TYPE_CHECKING:
    from pydantic_core import InitErrorDetails

_WITH_QUANTITIES = ("transitions", "start_in", "later", "effects", "transport")
"""Fields that hold the quantities of the chains."""


@dataclass(frozen=True, eq=False)
class StatesLaw(YesOrNo):
    """Yes or no at each follow-up: whether a person is then in a state that counts."""

    chain: Chain
    """How a person moves between the states."""

    model: MultiState
    """The outcome, which says what the states are, which count, and when they are looked at."""

    @cached_property
    def counted(self) -> BoolArray:
        """Which states count, (S,)."""
        return np.array([name in self.model.counts for name in self.model.names])

    @cached_property
    def mean(self) -> FloatArray:
        """Expected share in a state that counts, (K, 1 or D)."""
        trace = self.chain.trace()[list(self.model.at)]
        shares = added((trace[:, state] for state in np.flatnonzero(self.counted)), shape=(1, 1))
        return np.minimum(shares, 1.0)

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return who is in a state that counts, (P, K, D); layer off: the mean."""
        if not layer.on:
            return np.broadcast_to(self.mean, (people, *self.mean.shape))
        return self.read(self.chain.people(layer, stream=stream, people=people))

    def read(self, history: States) -> BoolArray:
        """Return who is in a state that counts, (P, K, D), from the states (P, N + 1, D)."""
        found: BoolArray = self.counted[history[:, list(self.model.at)]]
        return found

    def of_numbers(self, numbers: FloatArray) -> FloatArray:
        """Return how many are in a state that counts, (K, D), from numbers (N + 1, S, D)."""
        at = numbers[list(self.model.at)]
        return added((at[:, state] for state in np.flatnonzero(self.counted)), shape=(1, 1))


class Later(Spec):
    """Rows of the baseline that hold from a time on."""

    from_month: Positive
    """Months from the start of service from which on they hold, above zero."""

    transitions: Table
    """Rows that replace those before; the others stay as they were."""


class MultiState(OutcomeModel):
    """Outcome of people who move between states: who is in one that counts at a follow-up."""

    model: Literal["states"]
    """Name of the outcome model."""

    counts: Annotated[tuple[Name, ...], MinLen(1)]
    """States that count: a person's result is 1 in one of them, else 0."""

    counted: Literal["start", "end"]
    """State to which the time of a step is credited: the one at its `start` or at its `end`."""

    simulate: Literal["people", "counts"] = "people"
    """Whether each person is drawn, or only how many people are in each state: `counts` take hardly
    longer for more people and pay from about a thousand in a cohort, but then nothing can look at
    persons, such as sustained outcomes and refunds, and variants do not share their luck."""

    horizon_months: FollowUp | None = None
    """Months from the start of service for which people are followed, whole steps (weeks: the
    nearest), at least to the last follow-up; None: to the last follow-up."""

    state_set: str | None = None
    """Name of a shipped set of states, with its step and transitions; else all three are own."""

    states: Annotated[tuple[Name, ...], MinLen(2)] | None = None
    """Own states, from the worst to the best."""

    step: Step | None = None
    """Own step: `week`, `month`, `quarter` or `year`."""

    support: Annotated[tuple[Name, ...], MinLen(1)] | None = None
    """Own states whose weeks count on the refund ladder of benefits; a shipped set says it itself.
    Needed where a budget line with a refund follows the states."""

    self_support: Annotated[tuple[Name, ...], MinLen(1)] | None = None
    """Own states that count as self-support, 52 weeks of which start the ladder's count again;
    None of them: no count ever starts again."""

    transitions: Table = Frozen({})
    """Probability per step of each move, in [0, 1], or numbers of observed moves, by the state that
    is left; beside a shipped set they replace its rows."""

    start_in: Frozen[Share]
    """Share of people in each state on the day service starts, in [0, 1]; they sum to 1, and
    uncertain ones are divided by their sum in every draw."""

    later: tuple[Later, ...] = ()
    """Rows that replace those of `transitions` from a time on, by rising time."""

    effects: tuple[TransitionEffect, ...] = ()
    """What the intervention does, each to the moves that it names."""

    profile: TimeProfile | None = None
    """Course of all effects over time; without it the same at every step."""

    transport: Transport | None = None
    """How much of effects found elsewhere holds here; without it all."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        details: list[InitErrorDetails] = [
            {"type": fault(problem), "loc": place, "input": None}
            for place, problem in faults_of(self)
        ]
        if details:
            raise ValidationError.from_exception_data(type(self).__name__, details)
        return self

    @cached_property
    def shipped(self) -> StateSet | None:
        """The shipped set that is named, or None.

        Raises
        ------
        UnknownNameError
            If none has that name.
        """
        return None if self.state_set is None else load_state_set(self.state_set)

    @property
    def by_person(self) -> bool:
        """Whether people are drawn one by one."""
        return self.simulate == "people"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states, S of them, from the worst to the best."""
        return (self.states or ()) if self.shipped is None else self.shipped.names

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Return the names of the states that have a role on the refund ladder, worst to best."""
        if self.shipped is not None:
            return tuple(name for name, state in self.shipped.states.items() if state.role == role)
        stated = {"support": self.support or (), "self_support": self.self_support or ()}
        by_name = {name: given for given, names in stated.items() for name in names}
        return tuple(name for name in self.names if by_name.get(name, "other") == role)

    @property
    def step_name(self) -> Step:
        """Length of a step by name."""
        step = self.step if self.shipped is None else self.shipped.step
        assert step is not None  # noqa: S101 - checked first of all
        return step

    @property
    def step_months(self) -> float:
        """Length of a step in months."""
        return MONTHS_PER_STEP[self.step_name]

    @property
    def steps(self) -> int:
        """Number of steps, N."""
        return self.nearest_step(self.horizon_months or self.follow_up_months[-1])

    @property
    def at(self) -> tuple[int, ...]:
        """Step at which each follow-up is read."""
        return tuple(self.nearest_step(months) for months in self.follow_up_months)

    def nearest_step(self, months: float) -> int:
        """Return the step nearest to a number of months from the start of service, half up."""
        return math.floor(months / self.step_months + 0.5)

    def chains(
        self, when: FloatArray, *, context: Context
    ) -> tuple[tuple[Chain, ...], tuple[Chain, ...], FloatArray]:
        """Return how people move with and without the intervention, by cohort.

        Cohorts that differ in no quantity share their chains.

        Parameters
        ----------
        when
            Date of each follow-up, (C, K, 1 or D), of which the number of cohorts is read.
        context
            At the path of the outcome.

        Returns
        -------
        treated, untreated
            C chains each.
        clipped
            How many rows of transition matrices, over cohorts, steps and states, had to be cut:
            their moves summed above 1, or a risk ratio lifted one above 1; (1 or D,).
        """
        paths = [
            path
            for name in _WITH_QUANTITIES
            for path, _ in walk(getattr(self, name), Quantity, path=name)
        ]
        values = (*(context.value(path) for path in paths), context.effort)
        cohorts = len(when)
        if all(len(value) == 1 for value in values):
            built = [chains_of(self, cohort=0, context=context)] * cohorts
        else:
            built = [chains_of(self, cohort=c, context=context) for c in range(cohorts)]
        treated, untreated, clipped = zip(*built, strict=True)
        return treated, untreated, added(clipped)

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how likely people are in a state that counts at each follow-up."""
        treated, untreated, clipped = self.chains(when, context=context)
        known = {id(chain): StatesLaw(chain, self) for chain in (*treated, *untreated)}
        return Laws(
            treated=tuple(known[id(chain)] for chain in treated),
            untreated=tuple(known[id(chain)] for chain in untreated),
            clipped=clipped,
        )

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return who is in a state that counts at each follow-up, and the states of everybody."""
        if not context.chance.on:
            path = super().realise_group(participation, context=context)
        elif self.by_person:
            path = self._simulated(participation, context=context)
        else:
            path = self._counted(participation, context=context)
        treated, untreated = (
            tuple(cast("StatesLaw", law).chain for law in each)
            for each in (path.treated, path.untreated)
        )
        occupancy = TimeInStates(
            model=self,
            people=path.people,
            member=path.member,
            treated=treated,
            untreated=untreated,
            history=path.history,
            numbers=path.numbers,
            chance=context.chance,
            streams=tuple(context.stream(c, "weeks_before") for c in range(len(treated))),
        )
        return replace(path, occupancy=occupancy)

    def _simulated(self, participation: Participation, *, context: Context) -> OutcomePath:
        """Return the path of people who are simulated one by one."""
        laws = self.laws(self.dates(participation), context=context)
        treated = cast("tuple[StatesLaw, ...]", laws.treated)
        history = tuple(
            law.chain.people(
                context.chance,
                stream=context.stream(c),
                people=len(participation.member(self.among, cohort=c)),
            )
            for c, law in enumerate(treated)
        )
        value = tuple(law.read(states) for law, states in zip(treated, history, strict=True))
        return self.path(participation, laws=laws, value=value, history=history)

    def _counted(self, participation: Participation, *, context: Context) -> OutcomePath:
        """Return the path of people of whom only numbers are drawn."""
        laws = self.laws(self.dates(participation), context=context)
        treated = cast("tuple[StatesLaw, ...]", laws.treated)
        people = participation.people(self.among)
        numbers = tuple(
            law.chain.counts(context.chance, stream=context.stream(c), people=people[c])
            for c, law in enumerate(treated)
        )
        achieved = [law.of_numbers(each) for law, each in zip(treated, numbers, strict=True)]
        return self.path(participation, laws=laws, value=(), achieved=achieved, numbers=numbers)

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return which effects act on which moves, whether they harm, and what is cut."""
        return tuple(remarks_on(self, context=context))


Model = MultiState
