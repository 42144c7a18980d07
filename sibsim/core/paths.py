"""What happens to people in one outcome: the law of their results, the results, time in states.

Axes: P persons, C cohorts, K follow-ups, N steps, S states, D draws. **The last axis is the draw**;
it may have length 1 where every draw is the same, and is then broadcast. With chance switched off
an indicator is a probability and a count an expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.clusters import Clusters
from sibsim.core.streams import Layer
from sibsim.core.year_count import Counting

States = NDArray[np.uint8]
"""Positions of states in the list of a multi-state model."""


class Law(Protocol):
    """How the result of one person of a cohort is spread, at each of K follow-ups.

    People of a cohort are alike and independent of each other. A result is an indicator, a number
    of events, days, or points of a scale.
    """

    @property
    def mean(self) -> FloatArray:
        """Expected result of a person, (K, 1 or D)."""

    @property
    def variance(self) -> FloatArray:
        """Variance of a person's result, (K, 1 or D)."""

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level), (K, 1 or D)."""

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return the result of each person at each follow-up, (P, K, D); layer off: the mean.

        More people change no earlier person; a better law makes no person's result worse.

        Parameters
        ----------
        layer
            The layer that decides.
        stream
            Name of the streams, to which each follow-up or step adds its number.
        people
            Number of persons, P.
        """


class Occupancy(Protocol):
    """Time people spend in states, step by step, beyond what is expected of them anyway.

    Those who count are compared with what is expected of as many without the intervention. Step n
    of a cohort that starts at s lies between s + n L and s + (n + 1) L, L its length in months.
    """

    @property
    def step_months(self) -> float:
        """Length of a step in months, L."""

    @property
    def steps(self) -> int:
        """Number of steps, N."""

    def more(self, states: tuple[str, ...]) -> FloatArray:
        """Return the person-months more in the named states in each step, (C, N, 1 or D)."""

    def more_by_band(
        self, states: tuple[str, ...], *, boundaries: tuple[float, ...], weeks_before: FloatArray
    ) -> FloatArray:
        """Return the same by band of weeks on support, (B, C, N, 1 or D).

        Parameters
        ----------
        states
            Names of states of support.
        boundaries
            Weeks at which a band ends and the next begins, rising, B - 1 of them.
        weeks_before
            Weeks on support before service starts of equally likely people, rising, (M,).
        """

    def more_counted(
        self, states: tuple[str, ...], *, counts: Sequence[Sequence[Counting]]
    ) -> FloatArray:
        """Return the months more that count by a count that starts again once a year.

        Parameters
        ----------
        states
            Names of the states in which time counts.
        counts
            For each cohort, the counts of its draws: each draw in one of them.

        Returns
        -------
        months
            For each of the B parts that steps are divided into, as if the part were the whole step,
            (B, C, N, 1 or D).
        """


@dataclass(frozen=True, slots=True)
class OutcomePath:
    """What is achieved, and what would have been anyway, for one outcome.

    A *result* is what a person is counted with: 1 or 0 for an outcome that is achieved or not, else
    events, days or points since the follow-up before, as the outcome model says.
    """

    follow_up_months: tuple[int, ...]
    """Months from the start of service to each follow-up, K of them."""

    when: FloatArray
    """Date of each follow-up in months since the start of the case, (C, K, 1 or D)."""

    people: FloatArray
    """People who count per cohort, (C, 1 or D)."""

    member: tuple[Indicator, ...]
    """Per cohort, who counts, (P_c, 1 or D)."""

    value: tuple[Indicator, ...]
    """Per cohort, the result of each person at each follow-up, (P_c, K, 1 or D); empty where only
    numbers of people are drawn."""

    achieved: FloatArray
    """Sum of results of those who count, (C, K, 1 or D): member times value, summed."""

    expected: FloatArray
    """Mean result with the intervention, (C, K, 1 or D)."""

    counterfactual: FloatArray
    """Mean result without the intervention, (C, K, 1 or D)."""

    treated: tuple[Law, ...]
    """Per cohort, the law of a person's result with the intervention."""

    untreated: tuple[Law, ...]
    """Per cohort, the law of a person's result without the intervention."""

    clipped: FloatArray
    """How many probabilities had to be cut to [0, 1], (D,) or (1,)."""

    drift: FloatArray | None = None
    """How far what would happen anyway has moved by each date since the date that the drift begins
    at, (C, K, 1 or D), where it is not cut to [0, 1]; None: not at all."""

    reported: OutcomePath | None = None
    """The same people as an instrument with errors of its own shows them; None: as they are."""

    parts: Mapping[str, OutcomePath] = field(default_factory=dict)
    """The path of each segment of the target group, by its name, where they differ."""

    history: tuple[States, ...] = ()
    """Per cohort, the state of each person at each step, by position, (P_c, N + 1, D); empty where
    the outcome has no states, or chance is off."""

    numbers: tuple[FloatArray, ...] = ()
    """Per cohort, how many of those who count are in each state at each step, (N + 1, S, D); empty
    where people are drawn one by one."""

    counted: bool = False
    """Whether a result is a number of events, days or points, and not 1 or 0."""

    clusters: Clusters | None = None
    """Teams, schools or districts whose people are more alike; None: there are none."""

    occupancy: Occupancy | None = None
    """Time people spend in states, step by step; None: the outcome has no states."""

    @property
    def additional(self) -> FloatArray:
        """Achieved less the expected counterfactual of the same people, (C, K, 1 or D)."""
        return self.achieved - self.people[:, np.newaxis] * self.counterfactual

    @property
    def variance(self) -> FloatArray:
        """Variance of a person's result with the intervention, (C, K, 1 or D)."""
        return np.stack(np.broadcast_arrays(*(law.variance for law in self.treated)))

    @property
    def variance_without(self) -> FloatArray:
        """Variance of a person's result without the intervention, (C, K, 1 or D)."""
        return np.stack(np.broadcast_arrays(*(law.variance for law in self.untreated)))

    @property
    def shown(self) -> OutcomePath:
        """What an evaluator can see: as the instrument reports it, or as it is."""
        return self if self.reported is None else self.reported


def drawn(
    law: Law, layer: Layer, *, stream: str, people: int, clusters: Clusters | None, of_clusters: str
) -> Indicator:
    """Return the result of each person, those of a cluster being alike, (P, K, D).

    With the layer off, or without clusters, as the law draws them.

    Parameters
    ----------
    law
        How a person's result is spread.
    layer
        The layer that decides.
    stream
        Name of the streams of the people.
    people
        Number of persons, P.
    clusters
        Their clusters, if there are any.
    of_clusters
        Name of the streams of the clusters' luck, the same one for all cohorts.
    """
    own = law.draw(layer, stream=stream, people=people)
    if clusters is None or clusters.icc == 0 or not layer.on:
        return own
    common = law.draw(layer, stream=of_clusters, people=clusters.number)
    return clusters.alike(own, of_clusters=common, layer=layer, stream=f"{stream}/alike")
