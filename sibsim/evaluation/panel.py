"""The same people measured before and after: what the measurements before take off the variance.

A person's results at any two times correlate by rho (compound symmetry). With m measurements before
and r after, the variance of a group's mean is the factor below times v / n, v a person's variance.

Sources: Frison and Pocock 1992, "Repeated measures in clinical trials: analysis using mean summary
statistics and its implications for design", Statistics in Medicine 11(13):1685-1704; McKenzie 2012,
"Beyond baseline and follow-up: the case for more T in experiments", Journal of Development
Economics 99(2):210-221.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.stages import Context
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import noise, rate, stacked

Numbers = FloatArray | IntArray | float
"""A number, or an array of numbers."""


def post_factor(*, after: Numbers, correlation: Numbers) -> FloatArray:
    """Return (1 + (r - 1) rho) / r: the mean of r measurements, those before left out.

    Parameters
    ----------
    after
        Measurements after, r, 1 or more.
    correlation
        Correlation of a person's results at two times, rho, in [0, 1]; arguments broadcast.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    times, rho = _times(after, name="after"), _correlation(correlation)
    return np.asarray((1.0 + (times - 1.0) * rho) / times)


def difference_factor(*, before: Numbers, after: Numbers, correlation: Numbers) -> FloatArray:
    """Return post factor + (1 + (m - 1) rho) / m - 2 rho: the mean after less the mean before.

    Parameters
    ----------
    before
        Measurements before, m, 1 or more.
    after, correlation
        As in `post_factor`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    mean_before = post_factor(after=_times(before, name="before"), correlation=correlation)
    mean_after = post_factor(after=after, correlation=correlation)
    return np.asarray(mean_after + mean_before - 2.0 * _correlation(correlation))


def ancova_factor(*, before: Numbers, after: Numbers, correlation: Numbers) -> FloatArray:
    """Return post factor - m rho^2 / (1 + (m - 1) rho): the mean after, given the mean before.

    The least that any slope on the mean before can reach; a slope of 1 is `difference_factor`, of 0
    `post_factor`.

    Parameters
    ----------
    before, after, correlation
        As in `difference_factor`.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    mean_before = post_factor(after=_times(before, name="before"), correlation=correlation)
    explained = _correlation(correlation) ** 2 / mean_before
    return np.asarray(post_factor(after=after, correlation=correlation) - explained)


@dataclass(frozen=True, slots=True)
class Panel:
    """A group in each cohort whose people are measured before and at every follow-up.

    The mean before is normal given how lucky the group is after. Its correlation with the luck of
    each follow-up is exact, follow-up by follow-up.
    """

    after: FloatArray
    """Variance of a person's result after, (C, K, 1 or D)."""

    before: FloatArray
    """Variance of a person's result at one measurement before, (C, K, 1 or D)."""

    people: FloatArray
    """People, divided by the design effect of their clusters, (C, 1 or K, 1 or D)."""

    correlation: float
    """Correlation of a person's results at two times, rho, in [0, 1)."""

    times: int = 1
    """Measurements before, m."""

    @property
    def slope(self) -> FloatArray:
        """How far the mean before goes along with the mean after, rho s0 / s1, (C, K, 1 or D).

        s1 and s0 are the sd of a person's result after and before; 0 where nobody differs after.
        """
        return self.correlation * np.sqrt(rate(self.before, number=self.after))

    def variance(self, *, slope: float) -> FloatArray:
        """Return the variance of (mean after - slope x mean before), (C, K, 1 or D).

        (v1 + b^2 w v0 - 2 b rho s1 s0) / n, b the slope and w = (1 + (m - 1) rho) / m; 0 where
        nobody is.

        Parameters
        ----------
        slope
            How much of the mean before is taken off, b.
        """
        shared = self.correlation * np.sqrt(self.after * self.before)
        person = self.after + slope**2 * self._weight * self.before - 2.0 * slope * shared
        return rate(person, number=self.people)

    def error_before(self, luck: FloatArray, *names: object, context: Context) -> FloatArray:
        """Return the mean before less its expectation, (C, K, 1 or D).

        slope x luck, and what goes its own way: one normal draw a cohort for all follow-ups.

        Parameters
        ----------
        luck
            Mean result after less its expectation, (C, K, 1 or D).
        names
            End of the name of the stream, before the cohort.
        context
            At the path of the measure.
        """
        slope = self.slope
        whole = rate(self._weight * self.before, number=self.people)
        along = rate(slope**2 * self.after, number=self.people)
        sd = np.sqrt(np.maximum(whole - along, 0.0))
        return stacked(
            [
                slope[cohort] * luck[cohort] + noise(context, *names, cohort, sd=sd[cohort])
                for cohort in range(len(luck))
            ]
        )

    @property
    def _weight(self) -> float:
        return post_factor(after=self.times, correlation=self.correlation).item()


def _times(number: Numbers, *, name: str) -> FloatArray:
    """Return numbers of measurements, or refuse them."""
    times = np.asarray(number, dtype=np.float64)
    if not np.all(times >= 1):
        message = f"got {name} = {number}; people are measured 1 or more times; give a whole number"
        raise ArgumentError(message)
    return times


def _correlation(correlation: Numbers) -> FloatArray:
    """Return correlations, or refuse them."""
    rho = np.asarray(correlation, dtype=np.float64)
    if not np.all((rho >= 0) & (rho <= 1)):
        message = (
            f"got correlation = {correlation}; that of a person's results at two times lies in "
            "[0, 1]; give such a number"
        )
        raise ArgumentError(message)
    return rho
