"""The two arms of an individually randomised trial: what is observed of each, and what is expected.

People who are alike are lost as `attrition` says; those allotted to the service may be of two
kinds, participants and no-shows, and a control lives by one law or, crossing over, by the other
(`non_compliance`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.evaluation.attrition import (
    LostByResult,
    people_observed,
    reported_rate,
    reported_variance,
    slope,
)
from sibsim.evaluation.base import rate, stacked


@dataclass(frozen=True, slots=True)
class Arm:
    """What is expected of the mean result of an arm's observed people, each (C, K, 1 or D)."""

    number: FloatArray
    """People observed, as 1 / E[1 / N]."""

    mean: FloatArray
    """Its expectation."""

    own: FloatArray
    """Its variance that each cohort has by itself."""

    common: FloatArray
    """Its variance that cohorts share: that between clusters."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sum of results and number of people observed in an arm, each (C, K, 1 or D)."""

    total: FloatArray
    number: FloatArray

    @classmethod
    def of(cls, cohorts: list[tuple[FloatArray, FloatArray]]) -> Tally:
        """Return the tally of all cohorts from that of each."""
        totals, numbers = zip(*cohorts, strict=True)
        return cls(stacked(list(totals)), stacked(list(numbers)))

    def and_also(self, other: Tally) -> Tally:
        """Return the tally of both together."""
        return Tally(self.total + other.total, self.number + other.number)

    @property
    def mean(self) -> FloatArray:
        """Mean result, 0 where nobody is observed."""
        return rate(self.total, number=self.number)


def arm_of(
    loss: float | LostByResult,
    mean: FloatArray,
    *,
    variance: FloatArray,
    number: FloatArray,
    between: FloatArray,
    common: FloatArray,
) -> Arm:
    """Return what is expected of people who are alike.

    Parameters
    ----------
    loss
        Who of them is lost.
    mean, variance
        Expectation and variance of a person's result, (C, K, 1 or D).
    number
        People, (C, 1, 1 or D).
    between
        What clusters add to the variance of the mean result of all of them, (C, K, 1 or D).
    common
        What of that variance all cohorts have in common, (C, K, 1 or D).
    """
    seen = people_observed(loss, mean, number=number)
    alone = rate(reported_variance(loss, mean, variance=variance), number=seen)
    share = slope(loss, mean) ** 2
    own = alone + share * (between - common)
    return Arm(seen, reported_rate(loss, mean), own, share * common)


def of_two_kinds(
    loss: float | LostByResult,
    *,
    share: FloatArray,
    number: FloatArray,
    means: tuple[FloatArray, FloatArray],
    variances: tuple[FloatArray, FloatArray],
    between: FloatArray,
    common: FloatArray,
) -> Arm:
    """Return what is expected of people of two kinds, so many of each, lost whatever the result.

    How many are of which kind is known of all M, but not of the N observed, who are drawn without
    replacement: that adds d (1 / N - 1 / M) M / (M - 1) to the variance of their mean, d the
    variance of the mean between kinds.

    Parameters
    ----------
    loss
        Share of them who are lost.
    share
        Share who are of the first kind, (C, 1, 1 or D).
    number
        People of both kinds, M, (C, 1, 1 or D).
    means, variances
        Expectation and variance of a person's result by kind, (C, K, 1 or D).
    between
        What clusters add to the variance of the mean result of all of them, (C, K, 1 or D).
    common
        What of that variance all cohorts have in common, (C, K, 1 or D).
    """
    mean, variance = mixed(share, means=means, variances=variances)
    kinds = share * (1.0 - share) * (means[0] - means[1]) ** 2
    seen = people_observed(loss, mean, number=number)
    unseen = rate(number, number=seen) - 1.0
    alone = rate(variance - kinds, number=seen) + rate(kinds * unseen, number=number - 1.0)
    return Arm(seen, mean, alone + between - common, common)


def mixed(
    share: FloatArray | float,
    *,
    means: tuple[FloatArray, FloatArray],
    variances: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of a result that is of the first kind with a probability."""
    rest = 1.0 - share
    mean = share * means[0] + rest * means[1]
    spread = share * rest * (means[0] - means[1]) ** 2
    return mean, share * variances[0] + rest * variances[1] + spread


def of_compliers(treated: Tally, allotted: Tally, control: Tally, *, share: FloatArray) -> Tally:
    """Return what participants' results are set beside, so that the difference is CACE.

    Parameters
    ----------
    treated, allotted, control
        Participants, everybody allotted to the service, and controls.
    share
        Share who comply, (C, 1, 1 or D); where it is not above 0 nobody is in the comparison.
    """
    known = np.where(share > 0, control.number, 0.0)
    both = (allotted.number > 0) & (known > 0)
    found = rate(np.where(both, allotted.mean - control.mean, 0.0), number=share)
    return Tally((treated.mean - found) * known, known)
