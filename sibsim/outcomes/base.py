"""What every outcome states: its meaning, whom it counts, when it is looked at."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Annotated, ClassVar, Self, cast

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.distributions import fault
from sibsim.core.luck import count
from sibsim.core.paths import Law, OutcomePath, States, drawn
from sibsim.core.spec import Frozen, Name, Spec
from sibsim.core.stages import Among, Context, Participation
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.outcomes.goal import FollowUp, Goal
from sibsim.outcomes.mixture import together
from sibsim.outcomes.variant import Variant, variants


@dataclass(frozen=True, slots=True)
class Laws:
    """How a person's results are spread in every cohort, with and without the intervention."""

    treated: tuple[Law, ...]
    """With the intervention, by cohort."""

    untreated: tuple[Law, ...]
    """Without it, by cohort."""

    clipped: FloatArray
    """How many probabilities or means had to be cut to what is possible, (1 or D,)."""


class OutcomeModel(Spec, ABC):
    """What happens to the people in a programme, without and with it."""

    takes_drift: ClassVar[bool] = False
    """Whether its counterfactual is a probability that a drift can be added to."""

    title: Words | None = None
    """Name of the outcome for readers."""

    definition: Words | None = None
    """What counts as having achieved it, and by which register or instrument it is seen."""

    model: str
    """Name of the outcome model."""

    among: Among
    """Whom it counts: those `referred`, `started` or `completed`."""

    follow_up_months: Annotated[tuple[FollowUp, ...], Field(min_length=1)]
    """Follow-ups in months from the start of service, rising."""

    drift: Name | None = None
    """Name of the drift of the counterfactual, shared with other outcomes that name it."""

    clusters: Clusters | None = None
    """Teams, schools or districts whose people are more alike than others; without it nobody is."""

    segments: Frozen[Variant] = Frozen({})
    """What is different in a segment of the target group, by its name: fields of the outcome with
    other values; the rest is as stated for all."""

    goal: Goal | None = None
    """Result goal."""

    note: str | None = None
    """Anything a reader must know."""

    @model_validator(mode="before")
    @classmethod
    def _read_segments(cls, given: object) -> object:
        """Read each segment as the whole outcome with the values that it states."""
        if not isinstance(given, Mapping) or not isinstance(given.get("segments"), Mapping):
            return given
        common = {key: value for key, value in given.items() if key != "segments"}
        found = variants(given["segments"], common=common, model=cls)
        return {**common, "segments": found}

    @model_validator(mode="after")
    def _check_follow_ups(self) -> Self:
        months = self.follow_up_months
        if any(later <= earlier for earlier, later in pairwise(months)):
            message = f"got follow_up_months {list(months)}; list each once, in rising order"
            raise fault(message)
        if self.goal and self.goal.at_months not in months:
            message = (
                f"got a goal at {self.goal.at_months} months; the outcome is looked at after "
                f"{', '.join(map(str, months))} months; use one of these"
            )
            raise fault(message)
        return self

    @model_validator(mode="after")
    def _check_goal(self) -> Self:
        if self.goal and self.is_indicator != (self.goal.share is not None):
            way_out = "a share" if self.is_indicator else "mean_at_least or mean_at_most"
            kind = "yes or no" if self.is_indicator else "a number"
            message = (
                f"got a goal of another kind; a result of this outcome is {kind}; give {way_out}"
            )
            raise fault(message)
        return self

    @property
    def counted_in(self) -> str:
        """What a person's result is a number of, such as `events` or `days`; empty: yes or no."""
        return ""

    @property
    def is_indicator(self) -> bool:
        """Whether a person's result is yes or no; else it is a number."""
        return not self.counted_in

    def bounds(self, position: int) -> tuple[float, float]:
        """Return the lowest and the highest result that a person can have.

        Parameters
        ----------
        position
            Index of the follow-up.
        """
        del position
        return 0.0, 1.0 if self.is_indicator else math.inf

    @property
    def stays(self) -> bool:
        """Whether a result once reached is reached at every later follow-up too."""
        return False

    @property
    def takes_clusters(self) -> bool:
        """Whether it can make people of a cluster more alike than others."""
        return False

    @property
    def by_person(self) -> bool:
        """Whether people are drawn one by one; else only numbers of people are."""
        return True

    @property
    def needs_persons(self) -> bool:
        """Whether it reads the people of other outcomes one by one."""
        return bool(self.reads)

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the outcomes that it is worked out from."""
        return ()

    def check_against(self, other: OutcomeModel, *, name: str) -> Iterable[str]:
        """Return in words why it cannot be worked out from another outcome that it reads.

        Parameters
        ----------
        other
            The outcome.
        name
            Its name.
        """
        del other, name
        return ()

    @property
    def of_people(self) -> tuple[str, ...]:
        """Names of those among them whose people it takes over with their results."""
        return self.reads

    @abstractmethod
    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how a person's results are spread.

        Parameters
        ----------
        when
            Date of each follow-up in months since the start of the case, (C, K, 1 or D).
        context
            At the path of the outcome.
        """

    def realise(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return what is achieved.

        Where segments of the target group differ, in what is stated for them, in effort, or in an
        outcome that is read, each is worked out by itself.

        Parameters
        ----------
        participation
            Who comes and stays.
        context
            As in `laws`.
        """
        path = self._of_everyone(participation, context=context)
        if context.drift is None:
            return path
        return replace(path, drift=context.drift(path.when))

    def _of_everyone(self, participation: Participation, *, context: Context) -> OutcomePath:
        """Return what is achieved, segment by segment where these differ."""
        groups = participation.segments
        efforts = any(group.effort is not None for group in groups.values())
        divided = any(path.parts for path in context.upstream.values())
        if not groups or not (self.segments or efforts or divided):
            return self.realise_group(participation, context=context)
        parts = {}
        for name, group in groups.items():
            variant = self.segments.get(name)
            model = cast("OutcomeModel", variant.model) if variant else self
            parts[name] = model.realise_group(
                participation.of_segment(name),
                context=context.variant("segments", name, effort=group.effort),
            )
        return together(parts, groups=groups)

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return what people achieve who are all alike.

        Parameters
        ----------
        participation
            Who of them comes and stays.
        context
            As in `laws`.
        """
        when = self.dates(participation)
        laws = self.laws(when, context=context)
        people = [len(participation.member(self.among, cohort=c)) for c in range(len(when))]
        value = tuple(
            drawn(
                law,
                context.chance,
                stream=context.stream(c),
                people=people[c],
                clusters=self.clusters,
                of_clusters=context.stream("clusters"),
            )
            for c, law in enumerate(laws.treated)
        )
        return self.path(participation, laws=laws, value=value)

    def dates(self, participation: Participation) -> FloatArray:
        """Return the date of each follow-up in months since the start of the case, (C, K, ...)."""
        months = np.array(self.follow_up_months, dtype=np.float64)
        return participation.start[:, np.newaxis] + months[:, np.newaxis]

    def path(
        self,
        participation: Participation,
        *,
        laws: Laws,
        value: tuple[Indicator, ...],
        history: tuple[States, ...] = (),
        achieved: Sequence[FloatArray] = (),
        numbers: tuple[FloatArray, ...] = (),
    ) -> OutcomePath:
        """Return the path of people whose results are known.

        Parameters
        ----------
        participation
            Who comes and stays.
        laws
            How their results are spread.
        value
            Per cohort, the result of each person at each follow-up, (P_c, K, 1 or D).
        history
            Per cohort, the state of each person at each step, where there are states.
        achieved
            Per cohort, the sum of results, (K, 1 or D), where only numbers of people are drawn.
        numbers
            Per cohort, how many people are in each state at each step, in that case.
        """
        member = tuple(participation.member(self.among, cohort=c) for c in range(len(value)))
        return OutcomePath(
            follow_up_months=self.follow_up_months,
            when=self.dates(participation),
            people=participation.people(self.among),
            member=member,
            value=value,
            achieved=stacked(
                achieved or [_total(member[c], value=each) for c, each in enumerate(value)]
            ),
            expected=stacked([law.mean for law in laws.treated]),
            counterfactual=stacked([law.mean for law in laws.untreated]),
            treated=laws.treated,
            untreated=laws.untreated,
            clipped=laws.clipped,
            counted=not self.is_indicator,
            clusters=self.clusters,
            history=history,
            numbers=numbers,
        )

    def remarks(self, *, context: Context) -> tuple[str, ...]:
        """Return what a careful reader should know or would ask about.

        Parameters
        ----------
        context
            At the path of the outcome, every quantity at its base value.
        """
        del context
        return ()


def in_order(outcomes: Mapping[str, OutcomeModel]) -> tuple[str, ...]:
    """Return the names of outcomes so that each comes after those that it reads.

    Raises
    ------
    ArgumentError
        If outcomes read each other in a circle; names them.
    """
    order = TopologicalSorter({name: model.reads for name, model in outcomes.items()})
    try:
        return tuple(order.static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        message = f"got outcomes that read each other in a circle, {circle}; break it"
        raise ArgumentError(message) from None


def stacked(rows: Sequence[FloatArray]) -> FloatArray:
    """Return one array (C, K, 1 or D) from one array (K, 1 or D) per cohort."""
    return np.stack(np.broadcast_arrays(*rows))


def _total(member: Indicator, *, value: Indicator) -> FloatArray:
    """Return the sum of the results of those who count, (K, 1 or D)."""
    everyone = member.dtype == np.bool_ and bool(member.all())
    return count(value if everyone else member[:, np.newaxis] * value)
