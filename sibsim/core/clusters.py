"""People in clusters: those of one team, school or district are more alike than others.

The intraclass correlation (ICC) is the share of a result's variance that lies between clusters. A
person has the result of the cluster with probability sqrt(ICC), else one of their own, both by the
same law: so every margin is exact, and results of two people of a cluster correlate by ICC exactly,
whatever is counted. Clusters are the same ones for all cohorts and keep their luck.

Kish 1965, "Survey Sampling", Wiley, ch. 5, for the design effect 1 + (m - 1) ICC; Eldridge, Ashby
and Kerry 2006, "Sample size for cluster randomized trials: effect of coefficient of variation of
cluster size", International Journal of Epidemiology 35(5):1292-1300, for clusters of unequal size.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator
from scipy.optimize import brentq
from scipy.special import gammaincinv

from sibsim.core.arrays import FloatArray, Indicator, IntArray
from sibsim.core.distributions import fault
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Number, as_share
from sibsim.core.streams import Layer, below

EQUAL_SIZES = 0.0
"""Coefficient of variation of clusters that are all of one size."""

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
"""Steps of this length around a circle fill it evenly, however many are taken (Weyl 1916)."""


SPREAD_TOLERANCE = 1e-12
"""Of the gamma distribution's sd / mean: far finer than any cluster's share of people."""

MOST_OF_WHOLE = 0.9
"""Clusters may vary up to this share of sqrt(J - 1), which one cluster that holds all would
reach: beyond it most of them hold nobody."""

FEWEST = 2
"""Fewest clusters: the luck of a single one would be the luck of all."""


def _check_number(number: int) -> int:
    if number < FEWEST:
        message = (
            f"got {number}; with one cluster nobody can tell its luck from that of all; give "
            f"{FEWEST} or more, or drop clusters"
        )
        raise fault(message)
    return number


def _check_icc(icc: float) -> float:
    if not 0 <= icc < 1:
        message = (
            f"got {icc:g}; an intraclass correlation lies in [0, 1); 0 is nobody alike"
            f"{as_share(icc)}"
        )
        raise fault(message)
    return icc


class Clusters(Provenance):
    """Teams, schools or districts whose people are more alike than others."""

    number: Annotated[int, Field(strict=True), AfterValidator(_check_number)]
    """Clusters over which the people of every cohort are spread, 2 or more."""

    icc: Annotated[Number, AfterValidator(_check_icc)]
    """Intraclass correlation: share of the variance of a person's result that lies between
    clusters, in [0, 1)."""

    cv: Annotated[Number, Field(ge=0)] = EQUAL_SIZES
    """Coefficient of variation (sd / mean) of the clusters' sizes, at least 0."""

    @model_validator(mode="after")
    def _check_cv(self) -> Self:
        most = MOST_OF_WHOLE * np.sqrt(self.number - 1.0)
        if self.cv > most:
            message = (
                f"got cv = {self.cv:g} with {self.number} clusters; the most is {most:.2f}, "
                "when nearly everybody is in one; lower cv or add clusters"
            )
            raise fault(message)
        return self

    @cached_property
    def shares(self) -> FloatArray:
        """Share of people in each cluster, falling, summing to 1, (J,).

        Midpoint quantiles of the gamma distribution for which their coefficient of variation is
        the stated one.
        """
        if self.cv == 0:
            return np.full(self.number, 1.0 / self.number)
        widest = self.cv
        while _cv_of(_gamma_shares(self.number, spread=widest)) < self.cv:
            widest *= 2.0
        spread = brentq(
            lambda spread: _cv_of(_gamma_shares(self.number, spread=spread)) - self.cv,
            self.cv / 2.0,
            widest,
            xtol=SPREAD_TOLERANCE,
        )
        return _gamma_shares(self.number, spread=spread)

    def of_number(self, number: int) -> Clusters:
        """Return as alike and as unequal clusters, so many of them."""
        return Clusters(number=number, icc=self.icc, cv=self.cv)

    def of_people(self, people: int) -> IntArray:
        """Return the position of each person's cluster, (P,); more people change no earlier one."""
        place = (np.arange(people) + 0.5) * GOLDEN % 1.0
        found: IntArray = np.searchsorted(np.cumsum(self.shares), place)
        return np.minimum(found, self.number - 1)

    def design_effect(self, member: Indicator) -> FloatArray:
        """Return how much clusters raise the variance of the mean of those who count, (1 or D,).

        1 + (sum m_j^2 / sum m_j - 1) ICC, m_j those who count in a cluster, which is
        1 + ((1 + CV^2) m - 1) ICC for clusters of mean size m; 1 where nobody counts.

        Parameters
        ----------
        member
            Who counts, (P, 1 or D).
        """
        cluster = self.of_people(len(member))
        sizes = np.stack([member[cluster == j].sum(axis=0) for j in range(self.number)])
        total = sizes.sum(axis=0, dtype=np.float64)
        mates = (sizes.astype(np.float64) ** 2).sum(axis=0) / np.where(total > 0, total, 1.0)
        found: FloatArray = np.where(total > 0, 1.0 + np.maximum(mates - 1.0, 0.0) * self.icc, 1.0)
        return found

    def alike(
        self, own: Indicator, *, of_clusters: Indicator, layer: Layer, stream: str
    ) -> Indicator:
        """Return the result of each person: that of the cluster with probability sqrt(ICC).

        Parameters
        ----------
        own
            Each person's own result, (P, K, D).
        of_clusters
            The result of each cluster, by the same law, (J, K, D).
        layer
            The layer that decides; it must be on.
        stream
            Name of the stream of who has the result of the cluster.
        """
        words = layer.words(stream, rows=len(own))
        shares = below(words, np.full(1, np.sqrt(self.icc)))[:, np.newaxis]
        found: Indicator = np.where(shares, of_clusters[self.of_people(len(own))], own)
        return found


def _gamma_shares(number: int, *, spread: float) -> FloatArray:
    """Return midpoint quantiles of a gamma distribution with that sd / mean, falling, sum 1."""
    middle = (np.arange(number)[::-1] + 0.5) / number
    sizes: FloatArray = np.asarray(gammaincinv(1.0 / spread**2, middle), dtype=np.float64)
    return np.asarray(sizes / sizes.sum())


def _cv_of(shares: FloatArray) -> float:
    return float(shares.std() / shares.mean())
