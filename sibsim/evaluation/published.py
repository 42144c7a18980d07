"""Designs whose error has a published variance: participants' own luck is a part of it.

Formulas for stepped wedges, interrupted series and discontinuities give the variance V of the
estimate as a whole, V over chance and measurement. Participants' luck L is drawn with their
results, so it is taken as part of the error: estimate - truth = a L + N(0, V - a^2 var L), with
a = min(1, sqrt(V / var L)). The sd is then sqrt(V) exactly, and what participants happen to achieve
shows in the estimate as far as V allows.

Assumptions: a design that is one analysis of everybody errs in the same way in all cohorts and at
all follow-ups, but for participants' luck, which is pooled over cohorts at each follow-up. Where
participants are in clusters, which all cohorts share, results of two people of a cluster covary by
ICC s s', s the sd of each: exact where cohorts are alike, else near.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from sibsim.core.arrays import FloatArray, summed
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.evaluation.base import (
    EvaluationDesign,
    compared_with,
    estimated,
    luck,
    noise,
    rate,
    sampling_variance,
)


class OneAnalysis(EvaluationDesign, ABC):
    """One analysis of everybody, whose estimate errs in the same way in all cohorts."""

    def remarks(self, path: OutcomePath) -> tuple[str, ...]:
        """Return whether the analysis says more than participants' own luck allows."""
        if not np.any(self.variance(path) < pooled_luck_variance(path)):
            return ()
        return (
            (
                "its error does not depend on the number of participants and is smaller than that "
                f"of their own mean; {self.sized_by[0]} counts more people than take part"
            ),
        )

    @abstractmethod
    def variance(self, path: OutcomePath) -> FloatArray:
        """Return the published variance of the estimate at each follow-up, (1, K, 1 or D)."""

    @property
    @abstractmethod
    def people_compared(self) -> float:
        """People, or measurements of people, without the intervention, above zero."""

    @property
    def degrees(self) -> float:
        """Degrees of freedom on which the variance is estimated; infinite: it is known."""
        return np.inf

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside what the analysis says would have come about."""
        del participation
        variance = self.variance(path)
        share, rest = parts(variance, of_luck=pooled_luck_variance(path))
        error = share * pooled_luck(path) + noise(context, "analysis", sd=rest)
        stated = variance
        if np.isfinite(self.degrees):
            stated = estimated(variance, "variance", degrees=self.degrees, context=context)
        comparison = path.counterfactual + luck(path) - error
        shape = comparison.shape[:2]
        return compared_with(
            path,
            comparison,
            number=np.full((1, 1, 1), self.people_compared),
            precision=Precision(
                own=np.zeros((*shape, 1)),
                common=np.broadcast_to(stated, (*shape, stated.shape[-1])),
                degrees=self.degrees,
            ),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(V), the same in all cohorts."""
        del participation
        return np.where(path.people[:, np.newaxis] > 0, np.sqrt(self.variance(path)), 0.0)

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return zero: the model of the analysis holds."""
        return np.zeros((*path.expected.shape[:-1], 1))

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return a Cov(L, l) / var l, l the luck of the cohort and L that of all.

        Given a cohort's own luck; a itself is the share of the luck of all that is in the estimate.
        """
        shared = rate(covariance_with_pooled(path), number=sampling_variance(path))
        return self.pooled_share(path) * shared

    def pooled_share(self, path: OutcomePath) -> FloatArray:
        """Return a, how much of the luck of all participants is in the estimate, (1, K, 1 or D)."""
        return parts(self.variance(path), of_luck=pooled_luck_variance(path))[0]


def parts(variance: FloatArray, *, of_luck: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of participants' luck in an estimate, and the sd of what else it errs by.

    a = min(1, sqrt(V / var L)) and sqrt(V - a^2 var L); a is 0 where there is no luck.

    Parameters
    ----------
    variance
        V, published, (..., 1 or D).
    of_luck
        var L, (..., 1 or D).
    """
    ratio = rate(variance, number=of_luck)
    share = np.sqrt(np.minimum(ratio, 1.0))
    return share, np.sqrt(np.maximum(variance - of_luck, 0.0))


def over_cohorts(values: FloatArray, *, path: OutcomePath) -> FloatArray:
    """Return the mean over participants of values of their cohorts, (1, K, 1 or D).

    Parameters
    ----------
    values
        (C, K, 1 or D).
    path
        What is achieved, and by how many in each cohort.
    """
    people = path.people[:, np.newaxis]
    return rate(summed(people * values), number=summed(people))[np.newaxis]


def pooled_luck(path: OutcomePath) -> FloatArray:
    """Return the luck of all participants, mean result less its expectation, (1, K, 1 or D)."""
    return over_cohorts(luck(path), path=path)


def pooled_luck_variance(path: OutcomePath) -> FloatArray:
    """Return the variance of the luck of all participants, (1, K, 1 or D)."""
    return over_cohorts(covariance_with_pooled(path), path=path)


def covariance_with_pooled(path: OutcomePath) -> FloatArray:
    """Return the covariance of each cohort's luck with that of all, (C, K, 1 or D).

    (n_c v_c + ICC max(s_c sum_j m_cj M_j - n_c v_c, 0)) / (n_c N), m_cj those of the cohort who are
    in cluster j, M_j the sum over cohorts of m_cj s_c, s_c^2 = v_c a person's variance.
    """
    people, variance = path.people[:, np.newaxis], path.variance
    alone = people * variance
    covariance = alone
    if path.clusters is not None:
        spread = np.sqrt(variance)
        sizes = _sizes(path)
        everybody = summed(sizes[:, :, np.newaxis] * spread[:, np.newaxis])
        mates = summed(np.moveaxis(sizes[:, :, np.newaxis] * everybody, 1, 0))
        covariance = alone + path.clusters.icc * np.maximum(spread * mates - alone, 0.0)
    return rate(covariance, number=people * summed(people))


def _sizes(path: OutcomePath) -> FloatArray:
    """Return how many of each cohort count in each cluster, (C, J, 1 or D)."""
    assert path.clusters is not None  # noqa: S101 - asked where there are clusters
    rows = []
    for member in path.member:
        cluster = path.clusters.of_people(len(member))
        each = [member[cluster == j].sum(axis=0) for j in range(path.clusters.number)]
        rows.append(np.stack(each).astype(np.float64))
    return np.stack(np.broadcast_arrays(*rows))
