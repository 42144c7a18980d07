"""Score outcome: how a person's score on a scale has changed since the start.

The true change is T ~ N(mu, reliability sd^2); what an instrument shows is T + E, with an error
E ~ N(0, (1 - reliability) sd^2) of its own at every follow-up. Contracts pay points, the share of
people who improve by the minimum important change, or whole steps of it. What is achieved is read
from the true change; what an evaluator sees is read from the shown one (`OutcomePath.reported`).

Assumptions: changes are normal, without floor or ceiling of the scale; the standard deviation of
the change is the same with and without the intervention.

Sources: Lord and Novick (1968), Statistical Theories of Mental Test Scores, for true score, error
and reliability; Jaeschke, Singer and Guyatt (1989), Controlled Clinical Trials 10(4), for the
minimum important change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.luck import lucks
from sibsim.core.mean_effects import MeanScale
from sibsim.core.parameters import Amounts, Reals
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Number, Positive
from sibsim.core.stages import Context, Participation
from sibsim.core.streams import Layer
from sibsim.outcomes.base import Laws
from sibsim.outcomes.mean_outcome import MeanOutcome
from sibsim.outcomes.stated import each, per_follow_up

Counts = Literal["points", "improved", "steps"]
"""What a person's change is counted as."""


@dataclass(frozen=True, slots=True)
class ScoreLaw:
    """Change of a person on a scale at each follow-up, counted in points or in steps."""

    persistence: FloatArray
    """Probability of keeping one's luck from one follow-up to the next, (1 or D,)."""

    change: FloatArray
    """Mean change, mu, in points, (K, 1 or D)."""

    sd_true: FloatArray
    """Standard deviation of the true change, in points, (K, 1 or D)."""

    sd_error: FloatArray
    """Standard deviation of the instrument's error, in points, (K, 1 or D); 0 for the true one."""

    levels: tuple[float, ...]
    """Changes that each count one, rising, in points; none: points are counted."""

    @property
    def sd(self) -> FloatArray:
        """Standard deviation of the change, in points, (K, 1 or D)."""
        return np.hypot(self.sd_true, self.sd_error)

    @property
    def mean(self) -> FloatArray:
        """Expected result: mu, or the sum of P(change >= level), (K, 1 or D)."""
        return self._expected(self.change, sd=self.sd)

    @property
    def variance(self) -> FloatArray:
        """Variance: sd^2, or sum of (2 j - 1) P(change >= level j) less mean^2, (K, 1 or D)."""
        if not self.levels:
            return np.broadcast_to(self.sd**2, np.broadcast_shapes(self.sd.shape, self.mean.shape))
        square = sum(
            (2 * j + 1) * _above(level, mean=self.change, sd=self.sd)
            for j, level in enumerate(self.levels)
        )
        return np.asarray(square - self.mean**2)

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level), (K, 1 or D)."""
        if not self.levels:
            return _above(level, mean=self.change, sd=self.sd)
        step = ceil(level)
        if step <= 0:
            return np.ones_like(self.mean)
        if step > len(self.levels):
            return np.zeros_like(self.mean)
        return _above(self.levels[step - 1], mean=self.change, sd=self.sd)

    def draw(self, layer: Layer, *, stream: str, people: int) -> Indicator:
        """Return the result of each person at each follow-up, (P, K, D); layer off: the mean."""
        return self.shown(
            truth=layer, instrument=layer, streams=(stream, f"{stream}/error"), people=people
        )

    def shown(
        self, *, truth: Layer, instrument: Layer, streams: tuple[str, str], people: int
    ) -> Indicator:
        """Return results whose true change and whose error are decided by layers of their own.

        Over a layer that is off the result is the expectation, given what the other decides.

        Parameters
        ----------
        truth, instrument
            The layer that decides the true change, and the one that decides the error.
        streams
            Names of the streams of the two, to which each follow-up adds its number.
        people
            Number of persons, P.
        """
        from scipy.special import ndtri

        follow_ups = range(len(self.change))
        change = np.broadcast_to(self.change, (people, *self.change.shape))
        left = np.zeros_like(self.change)
        if truth.on:
            names = [f"{streams[0]}/{k}" for k in follow_ups]
            luck = lucks(truth, streams=names, people=people, persistence=self.persistence)
            change = change + self.sd_true * ndtri(luck, out=luck)
        else:
            left = left + self.sd_true**2
        if instrument.on and self.sd_error.any():
            rows = [instrument.uniforms(f"{streams[1]}/{k}", rows=people) for k in follow_ups]
            error = np.stack(rows, axis=1)
            change = change + self.sd_error * ndtri(error, out=error)
        else:
            left = left + self.sd_error**2
        return self._expected(change, sd=np.sqrt(left)) if left.any() else self._counted(change)

    def _counted(self, change: FloatArray) -> Indicator:
        """Return what changes count, same shape: yes or no where there is one level."""
        if not self.levels:
            return change
        if len(self.levels) == 1:
            return np.asarray(change >= self.levels[0])
        steps = np.zeros(change.shape)
        for level in self.levels:
            steps += change >= level
        return steps

    def _expected(self, change: FloatArray, *, sd: FloatArray) -> FloatArray:
        """Return what changes count on average that are `change` + N(0, sd^2), same shape."""
        if not self.levels:
            return change
        return np.asarray(sum(_above(level, mean=change, sd=sd) for level in self.levels))


def _above(level: float, *, mean: FloatArray, sd: FloatArray) -> FloatArray:
    """Return P(N(mean, sd^2) >= level), the broadcast shape."""
    from scipy.special import ndtr

    return np.asarray(ndtr((mean - level) / sd))


class Score(MeanOutcome):
    """Outcome whose result is read from a person's change on a scale since the start."""

    scales: ClassVar[tuple[MeanScale, ...]] = ("mean_difference", "standardised_difference")
    one_or_each: ClassVar[tuple[str, ...]] = (*MeanOutcome.one_or_each, "sd")

    model: Literal["score"]
    """Name of the outcome model."""

    counterfactual: Reals
    """Mean change in points without the intervention, one or one per follow-up."""

    with_intervention: Reals | None = None
    """Mean change in points with the intervention, one or one per follow-up."""

    sd: Amounts
    """Standard deviation of the change that the instrument shows, in points, one or one per
    follow-up, above zero."""

    reliability: Annotated[Number, Field(gt=0, le=1)]
    """Share of the variance of the shown change that is true, in (0, 1]; 1: no error."""

    counts: Counts = "points"
    """What is counted: `points`, people who have `improved`, or `steps` of improvement."""

    minimum_important_change: Positive | None = None
    """Change that matters to people, in points, above zero; needed for `improved` and `steps`."""

    most_steps: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Most steps that count for a person, 1 or more; needed for `steps`."""

    @model_validator(mode="after")
    def _check_counts(self) -> Self:
        message = ""
        if self.counts != "points" and self.minimum_important_change is None:
            message = (
                f"got counts = {self.counts!r} without minimum_important_change; state the change "
                "in points that counts as improved"
            )
        elif (self.counts == "steps") != (self.most_steps is not None):
            message = (
                "got counts = 'steps' without most_steps; state how many count at most"
                if self.most_steps is None
                else f"got most_steps with counts = {self.counts!r}; drop it or count 'steps'"
            )
        elif not all(sd.base_value > 0 for sd in each(self.sd)):
            message = "got sd = 0; changes differ between people; give a number above zero"
        if message:
            raise fault(message)
        return self

    def bounds(self, position: int) -> tuple[float, float]:
        """Return the lowest and the highest result; a change in points has neither."""
        if self.counts == "points":
            return -math.inf, math.inf
        if self.counts == "steps" and self.most_steps is not None:
            return 0.0, float(self.most_steps)
        return super().bounds(position)

    @property
    def takes_clusters(self) -> bool:
        """Whether it can make people of a cluster more alike than others."""
        return self.reliability == 1

    @property
    def counted_in(self) -> str:
        """Points or steps; nothing where it counts who has improved."""
        return "" if self.counts == "improved" else self.counts

    @property
    def levels(self) -> tuple[float, ...]:
        """Changes that each count one, in points; none: points are counted."""
        change = self.minimum_important_change
        if self.counts == "points" or change is None:
            return ()
        return tuple(change * (j + 1) for j in range(self.most_steps or 1))

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how a person's true change is spread and counted."""
        treated, untreated = self._laws(context, cohorts=len(when), error_share=0.0)
        return Laws(treated, untreated, clipped=np.zeros(1))

    def _laws(
        self, context: Context, *, cohorts: int, error_share: float
    ) -> Iterator[tuple[ScoreLaw, ...]]:
        """Return the laws of every cohort with and without the intervention.

        Parameters
        ----------
        context
            At the path of the outcome.
        cohorts
            Number of cohorts.
        error_share
            Variance of the error that is added, as a share of that of the shown change.
        """
        sd = np.maximum(per_follow_up(context, "sd", self.sd), np.finfo(np.float64).tiny)
        without, moved = self.means(context, sd=sd)

        def law(kept: FloatArray, change: FloatArray, sd: FloatArray) -> ScoreLaw:
            true, error = sqrt(self.reliability) * sd, sqrt(error_share) * sd
            return ScoreLaw(kept, change, true, error, self.levels)

        return (
            self.by_cohort(law, change, sd, context=context, cohorts=cohorts)
            for change in (moved, without)
        )

    def realise_group(
        self,
        participation: Participation,
        *,
        context: Context,
    ) -> OutcomePath:
        """Return each person's true change, and as the instrument shows it."""
        path = super().realise_group(participation, context=context)
        if self.reliability == 1:
            return path
        treated, untreated = self._laws(
            context, cohorts=len(path.when), error_share=1.0 - self.reliability
        )
        value = tuple(
            law.shown(
                truth=context.chance,
                instrument=context.measurement,
                streams=(context.stream(c), context.stream("error", c)),
                people=len(path.member[c]),
            )
            for c, law in enumerate(treated)
        )
        laws = Laws(treated, untreated, path.clipped)
        return replace(path, reported=self.path(participation, laws=laws, value=value))


Model = Score
