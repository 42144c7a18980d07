"""Count outcome: events of a person since the follow-up before, such as convictions or admissions.

Negative binomial with mean lambda and dispersion k: variance lambda + lambda^2 / k. Events of n
people alike and independent are then negative binomial with n lambda and n k. A large k is nearly
Poisson. The first follow-up counts from the start of service.

Source: Lloyd-Smith (2007), PLoS ONE 2(2), https://doi.org/10.1371/journal.pone.0000180, for the
negative binomial by mean and dispersion.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault, shown
from sibsim.core.mean_effects import cut
from sibsim.core.parameters import Amount
from sibsim.core.stages import Context
from sibsim.outcomes.base import Laws
from sibsim.outcomes.mean_outcome import MeanOutcome, cells
from sibsim.outcomes.tabulated_law import TabulatedLaw, cumulated

BEYOND_TABLE = 1e-18
"""Highest probability of a result above the table: below the rounding of the probabilities in it,
so that no result of 32 bits of luck can tell."""

TINY = float(np.finfo(np.float64).tiny)
"""Stands for a mean of 0 where its logarithm is taken."""

DISPERSIONS = (0.01, 1e6)
"""Least and most dispersion: with less, one person in a hundred makes nearly all events and tables
grow long; with more, the variance is Poisson's to one in a million per event."""


@dataclass(frozen=True)
class CountLaw(TabulatedLaw):
    """Negative binomial number of events at each follow-up."""

    rate: FloatArray
    """Mean number of events, lambda, (K, 1 or D)."""

    dispersion: FloatArray
    """k, (1 or K, 1 or D), above zero."""

    @property
    def mean(self) -> FloatArray:
        """Return lambda, (K, 1 or D)."""
        return self.rate

    @property
    def variance(self) -> FloatArray:
        """Return lambda + lambda^2 / k, (K, 1 or D)."""
        return self.rate + self.rate**2 / self.dispersion

    @property
    def lowest(self) -> int:
        """No event."""
        return 0

    def at_least(self, level: float) -> FloatArray:
        """Return P(events >= level), (K, 1 or D): I(m, k) at lambda / (k + lambda), m events."""
        from scipy.special import betainc

        events = ceil(level)
        if events <= 0:
            return np.ones(self.variance.shape)
        share = self.rate / (self.dispersion + self.rate)
        return np.asarray(betainc(float(events), self.dispersion, share))

    def rows(self, k: int) -> int:
        """Return how many results the longest table of the follow-up needs, a power of 2."""
        from scipy.special import betainc

        rate, dispersion = self.rate[k].max(), self.dispersion[k].min()
        rows = 1
        while betainc(float(rows), dispersion, rate / (dispersion + rate)) > BEYOND_TABLE:
            rows *= 2
        return rows

    def cdf(self, k: int, *, columns: slice) -> FloatArray:
        """Return P(events <= row), (rows, draws of `columns`)."""
        from scipy.special import gammaln

        rate, dispersion = self.rate[k], self.dispersion[k]
        rate = rate if len(rate) == 1 else rate[columns]
        dispersion = dispersion if len(dispersion) == 1 else dispersion[columns]
        events = np.arange(float(self.rows(k)))[:, np.newaxis]
        odds = np.log(np.maximum(rate, TINY) / (dispersion + rate))
        return cumulated(gammaln(events + dispersion) - gammaln(events + 1.0) + events * odds)


class Count(MeanOutcome):
    """Outcome whose result is a number of events since the follow-up before."""

    model: Literal["count"]
    """Name of the outcome model."""

    dispersion: Amount
    """k of the negative binomial: a person's variance is mean + mean^2 / k; above zero."""

    @model_validator(mode="after")
    def _check_dispersion(self) -> Self:
        least, most = DISPERSIONS
        value = self.dispersion.base_value
        if not least <= value <= most:
            message = (
                f"got dispersion {shown(value)}; it lies between {shown(least)}, where one person "
                f"in a hundred makes nearly all events, and {shown(most)}, where people differ by "
                "luck alone; give a number in that range"
            )
            raise fault(message)
        return self

    @property
    def counted_in(self) -> str:
        """Return `events`."""
        return "events"

    def laws(
        self,
        when: FloatArray,
        *,
        context: Context,
    ) -> Laws:
        """Return how a person's events are spread; a mean below zero is cut and counted."""
        without, moved = self.means(context)
        moved, outside = cut(moved, lower=0.0, upper=np.inf)
        dispersion = np.clip(context.value("dispersion"), *DISPERSIONS)[:, np.newaxis]
        treated, untreated = (
            self.by_cohort(CountLaw, rate, dispersion, context=context, cohorts=len(when))
            for rate in (moved, without)
        )
        return Laws(treated, untreated, clipped=cells(outside, when=when))


Model = Count
