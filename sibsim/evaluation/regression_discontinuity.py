"""Regression discontinuity: people below a cutoff of a score are treated, people above it are not.

The effect is the jump at the cutoff in a regression on treatment and score, one slope for all. As
the score goes with the treatment, the variance is larger than that of a trial of as many people:

SE^2 = (1 - R^2) (f1 v1 deff / n1 + f0 v0 / n0) / bandwidth,

v a person's variance, R^2 the share that the score explains, bandwidth the share of each group that
is near enough to the cutoff to be used. With T~ the treatment less its regression on the score
among those used, and P the share treated, f1 = P^2 E[T~^2 | treated] / (var T~)^2, and f0 of the
others likewise. Where people of both groups vary alike this is the design effect
1 / (1 - corr(T, S)^2): at P = 1/2 2.75 for a normal score and 4 for a uniform one.

Sources: Goldberger (1972), Selection bias in evaluating treatment effects: some formal
illustrations, printed in Advances in Econometrics 21 (2008), 1-31; Schochet (2009), Statistical
power for regression discontinuity designs in education evaluations, Journal of Educational and
Behavioral Statistics 34(2):238-266.

Assumptions: the cutoff is sharp and the regression straight, with the same slope on both sides;
those nearest to the cutoff are used, the same share of either group; each cohort is analysed by
itself, with an error that its follow-ups share but for participants' luck. Comparison people are
not clustered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from scipy.special import ndtri

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Number, Probability
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    compared_with,
    known_error,
    luck,
    noise,
    rate,
    sampling_variance,
)
from sibsim.evaluation.controls import PerParticipant, controls_of

EVERYBODY = 1.0
"""Share of people used where no bandwidth is stated."""


NARROWEST = 0.01
"""Fewer than one in a hundred is nobody."""


class RegressionDiscontinuity(EvaluationDesign):
    """Comparison of people on either side of a cutoff."""

    design: Literal["regression_discontinuity"]
    """Name of the design."""

    controls_per_participant: PerParticipant
    """People on the other side of the cutoff per planned participant, above 0."""

    assignment: Literal["normal", "uniform"]
    """How the score is spread over people."""

    bandwidth: Annotated[Probability, Field(ge=NARROWEST)] = EVERYBODY
    """Share of people near enough to the cutoff to be used, in [0.01, 1]."""

    score_r2: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    """Share of a result's variance that the score explains, in [0, 1)."""

    local_difference: Number = 0.0
    """Effect at the cutoff less the mean effect of participants, in the outcome's unit."""

    @cached_property
    def factors(self) -> tuple[float, float]:
        """f1 and f0: how much the score's going with the treatment costs in either group."""
        treated = 1.0 / (1.0 + self.controls_per_participant)
        shares = (treated, 1.0 - treated)
        near = self.bandwidth
        sides = (
            self._score_between(treated * (1.0 - near), treated),
            self._score_between(treated, treated + near * (1.0 - treated)),
        )
        mean = sum(share * first for share, (first, _) in zip(shares, sides, strict=True))
        square = sum(share * second for share, (_, second) in zip(shares, sides, strict=True))
        variance = square - mean**2
        slope = treated * (sides[0][0] - mean) / variance
        left = [
            level**2 - 2.0 * level * slope * first + slope**2 * second
            for level, (first, second) in zip(
                (shares[1] + slope * mean, slope * mean - treated), sides, strict=True
            )
        ]
        unexplained = sum(share * each for share, each in zip(shares, left, strict=True))
        first, second = (
            share**2 * each / unexplained**2 for share, each in zip(shares, left, strict=True)
        )
        return first, second

    def _score_between(self, lowest: float, highest: float) -> tuple[float, float]:
        """Return mean and mean square of the score between two of its quantiles."""
        if self.assignment == "uniform":
            mean = (lowest + highest) / 2.0
            return mean, mean**2 + (highest - lowest) ** 2 / 12.0
        edges = ndtri(np.array([lowest, highest]))
        density = np.exp(-(edges**2) / 2.0) / np.sqrt(2.0 * np.pi)
        # The density falls faster than the edge rises: at infinity their product is 0.
        moved = np.where(np.isfinite(edges), np.nan_to_num(edges) * density, 0.0)
        share = highest - lowest
        first, second = (float(each[0] - each[1]) / share for each in (density, moved))
        return first, 1.0 + second

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {"local_difference": self.local_difference}

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside what the regression expects of them untreated."""
        variance = self._variance(path, participation=participation)
        share = self._luck_share
        rest = np.sqrt(np.maximum(variance - share**2 * sampling_variance(path), 0.0))
        own = [noise(context, "sampling", cohort, sd=sd) for cohort, sd in enumerate(rest)]
        error = share * luck(path) + np.stack(own)
        return compared_with(
            path,
            path.counterfactual + luck(path) - error - self.local_difference,
            number=self._controls(participation),
            precision=known_error(path, variance, luck_share=share),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt((1 - R^2) (f1 v1 deff / n1 + f0 v0 / n0) / bandwidth)."""
        return np.sqrt(self._variance(path, participation=participation))

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the effect at the cutoff less the mean effect."""
        return np.full((*path.expected.shape[:-1], 1), self.local_difference)

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return min(1, sqrt((1 - R^2) f1 / bandwidth)): mostly 1."""
        del path
        return np.full((1, 1, 1), self._luck_share)

    @property
    def _luck_share(self) -> float:
        """How much of participants' luck is in the estimate, as far as its variance allows."""
        return float(min(1.0, np.sqrt(self._scales[0])))

    @property
    def _scales(self) -> tuple[float, float]:
        """How much larger the variance of either group is than that of a mean of as many."""
        explained = (1.0 - self.score_r2) / self.bandwidth
        return explained * self.factors[0], explained * self.factors[1]

    def _controls(self, participation: Participation) -> FloatArray:
        """Return the people on the other side of the cutoff, (C, 1, 1)."""
        ratio = self.controls_per_participant
        return controls_of(participation.planned, per_participant=ratio)[:, np.newaxis, np.newaxis]

    def _variance(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return the variance of the estimate, 0 where nobody counts, (C, K, 1 or D)."""
        others = rate(path.variance_without, number=self._controls(participation))
        found = self._scales[0] * sampling_variance(path) + self._scales[1] * others
        return np.where(path.people[:, np.newaxis] > 0, found, 0.0)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(
                da="opfølgning på deltagerne på den ene side af en grænseværdi",
                en="following the participants on one side of a cutoff",
            )
        controls = decimal(self.controls_per_participant)
        return Words(
            da=(
                f"regressionsdiskontinuitet med {controls.da} på den anden side af grænseværdien "
                "for hver deltager"
            ),
            en=(
                f"a regression discontinuity with {controls.en} on the other side of the cutoff "
                "for each participant"
            ),
        )


Model = RegressionDiscontinuity
