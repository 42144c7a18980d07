"""What truly happens to people, and the drawing of their results.

A result is yes or no (Bernoulli), a number of events (Poisson, or negative binomial with variance
m + m^2 / k), a number (normal), or the time to an event (exponential, from a person's own
enrolment to a common end of follow-up). What people have in common with themselves or with others
is a *factor*: a standardised number that shifts a person's mean by sqrt(share) of the sd of a
result, so that the share of the variance and every margin are exact. For results of yes or no the
factor has two points, placed so that probabilities stay probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray
from sibsim.core.clusters import Clusters
from sibsim.errors import ArgumentError

Kind = Literal["binary", "count", "continuous", "time_to_event"]
"""What the result of a person is."""

Shape = tuple[int, ...]
"""Replicates, people and, last, periods."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What happens to people with and without the intervention."""

    kind: Kind
    """What the result of a person is."""

    people: int
    """Participants."""

    counterfactual: float
    """Participants' mean result without the intervention; for times to an event the hazard, events
    a month."""

    effect: float
    """Mean result with it less that without it; for times to an event the logarithm of the hazard
    ratio."""

    sd: float
    """Standard deviation of a result that is a number; NaN of any other."""

    dispersion: float
    """k of a number of events: its variance is m + m^2 / k; infinite: Poisson."""

    clusters: Clusters | None
    """Clusters of the participants; None: everybody is by himself."""

    confounding: float
    """Share of a result's variance that what decides about participation explains."""

    enrolment_ends: float
    """Months over which people enter, evenly."""

    follow_up_ends: float
    """Month at which everybody's follow-up ends."""

    @property
    def expected(self) -> float:
        """Participants' mean result with the intervention."""
        return self.counterfactual + self.effect

    def variance(self, mean: FloatArray | float) -> FloatArray:
        """Return the variance of a person's result, shape of `mean`."""
        mean = np.asarray(mean, dtype=np.float64)
        found = np.full(mean.shape, self.sd**2)
        if self.kind == "binary":
            found = np.asarray(mean * (1.0 - mean))
        elif self.kind == "count":
            found = np.asarray(mean + mean**2 / self.dispersion)
        return found

    def results(
        self,
        rng: np.random.Generator,
        *,
        mean: FloatArray | float,
        shape: Shape,
        factor: FloatArray | None = None,
        share: float = 0.0,
    ) -> FloatArray:
        """Return results of people, (R, N) or (R, N, T).

        Parameters
        ----------
        rng
            Source of the randomness.
        mean
            Mean result, broadcasting to the shape.
        shape
            Shape of the results.
        factor
            Standardised number that people share with themselves or others, broadcasting; None: it
            explains nothing.
        share
            Share of the variance that the factor explains, in [0, 1).
        """
        mean = np.asarray(mean, dtype=np.float64)
        if factor is not None:
            mean = mean + np.sqrt(share * self.variance(mean)) * factor
        if self.kind == "binary":
            check_probabilities(mean)
            return (rng.random(shape) < mean).astype(np.float64)
        if self.kind == "count":
            rate = mean
            if np.isfinite(self.dispersion):
                rate = mean / self.dispersion * rng.standard_gamma(self.dispersion, shape)
            return rng.poisson(rate, shape).astype(np.float64)
        own = 0.0 if factor is None else share
        found: FloatArray = mean + self.sd * np.sqrt(1.0 - own) * rng.standard_normal(shape)
        return found

    def factor(self, rng: np.random.Generator, *, around: float, shape: Shape) -> FloatArray:
        """Return standardised numbers: normal, or of two points where a result is yes or no.

        Parameters
        ----------
        rng
            Source of the randomness.
        around
            A probability between those of the results that the factor is to shift.
        shape
            Shape of the numbers.
        """
        if self.kind != "binary":
            return rng.standard_normal(shape)
        high = rng.random(shape) < around
        ratio = np.sqrt((1.0 - around) / around)
        return np.asarray(np.where(high, ratio, -1.0 / ratio))

    def results_in(
        self,
        rng: np.random.Generator,
        *,
        mean: float,
        cluster: IntArray,
        icc: float,
        replicates: int,
    ) -> FloatArray:
        """Return results of people in clusters, (R, N); two of a cluster correlate by the ICC.

        Normal cluster effects for numbers; else a person has the result of the cluster with
        probability sqrt(ICC), which keeps the margin exact.

        Parameters
        ----------
        rng
            Source of the randomness.
        mean
            Mean result.
        cluster
            Position of each person's cluster, (N,).
        icc
            Intraclass correlation, in [0, 1).
        replicates
            Number of replicates, R.
        """
        shape = (replicates, len(cluster))
        number = int(cluster.max()) + 1
        if self.kind == "continuous":
            common = rng.standard_normal((replicates, number))[:, cluster]
            return self.results(rng, mean=mean, shape=shape, factor=common, share=icc)
        common = self.results(rng, mean=mean, shape=(replicates, number))[:, cluster]
        own = self.results(rng, mean=mean, shape=shape)
        return np.where(rng.random(shape) < np.sqrt(icc), common, own)

    def of_participants(self, rng: np.random.Generator, *, replicates: int) -> FloatArray:
        """Return results of the participants, in their clusters if they are in any, (R, N)."""
        if self.clusters is None:
            return self.results(rng, mean=self.expected, shape=(replicates, self.people))
        cluster = self.clusters.of_people(self.people)
        return self.results_in(
            rng, mean=self.expected, cluster=cluster, icc=self.clusters.icc, replicates=replicates
        )

    def times(
        self, rng: np.random.Generator, *, treated: FloatArray, shape: Shape
    ) -> tuple[FloatArray, FloatArray]:
        """Return months to the event or the end of follow-up, and whether it came, (R, N) each."""
        hazard = self.counterfactual * np.exp(self.effect * treated)
        to_event = rng.standard_exponential(shape) / hazard
        followed = self.follow_up_ends - self.enrolment_ends * rng.random(shape)
        happened: BoolArray = to_event <= followed
        return np.minimum(to_event, followed), happened.astype(np.float64)


def check_probabilities(mean: FloatArray) -> None:
    """Refuse probabilities outside [0, 1].

    Raises
    ------
    ArgumentError
        If there are any.
    """
    lowest, highest = float(mean.min()), float(mean.max())
    if lowest < 0 or highest > 1:
        outside = lowest if lowest < 0 else highest
        message = (
            f"got a person whose probability of success would be {outside:.3g}; a probability lies "
            "in [0, 1]; lower the effect, correlation, R2 or bias that shifts it, or use "
            'kind = "continuous"'
        )
        raise ArgumentError(message)
