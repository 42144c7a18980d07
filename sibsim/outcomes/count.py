"""Count outcome: events of a person since the follow-up before, such as convictions or admissions.

Negative binomial with mean lambda and dispersion k: variance lambda + lambda^2 / k. Events of n
people alike and independent are then negative binomial with n lambda and n k. A large k is nearly
Poisson. The first follow-up counts from the start of service.

Source: Lloyd-Smith (2007), PLoS ONE 2(2), https://doi.org/10.1371/journal.pone.0000180, for the
negative binomial by mean and dispersion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.distributions import fault, shown
from sibsim.core.mean_effects import cut
from sibsim.core.parameters import Amount
from sibsim.core.stages import Context
from sibsim.outcomes.base import Laws
from sibsim.outcomes.mean_outcome import MeanOutcome, cells
from sibsim.outcomes.tabulated_law import Columns, TabulatedLaw, cumulated, of_draws

BEYOND_TABLE = 2.0**-34
"""Highest probability of a result above the table: half of what the highest luck of 32 bits leaves
above it, so that no luck lies above the table."""

LEAST_ROWS = 16
"""Fewest results in a table: making fewer costs no less."""

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

    _rows: dict[int, IntArray] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        """Return P(events >= level), (K, 1 or D)."""
        events = ceil(level)
        if events <= 0:
            return np.ones(self.variance.shape)
        return _tail(np.int64(events), rate=self.rate, dispersion=self.dispersion)

    def rows(self, k: int) -> IntArray:
        """Return how many results each draw's table needs, powers of 2, (1 or D,)."""
        if k not in self._rows:
            rows = np.full(self.width, LEAST_ROWS)
            longer = np.arange(self.width)
            while len(longer):
                beyond = self._above(rows[longer], k=k, columns=longer)
                longer = longer[beyond > BEYOND_TABLE]
                rows[longer] *= 2
            self._rows[k] = rows
        return self._rows[k]

    def cdf(self, k: int, *, columns: Columns) -> FloatArray:
        """Return P(events <= row), (rows, draws of `columns`).

        Each probability is (j + k) / (j + 1) lambda / (k + lambda) times the one before, j events;
        the last row, from the incomplete beta function, gives their level.
        """
        rate, dispersion = (of_draws(row[k], columns) for row in (self.rate, self.dispersion))
        rows = self.rows(k)[columns].max()
        before = np.arange(float(rows - 1))[:, np.newaxis]
        odds = np.log(np.maximum(rate, TINY) / (dispersion + rate))
        logs = np.zeros((rows, len(odds)))
        np.cumsum(np.log((before + dispersion) / (before + 1.0)) + odds, axis=0, out=logs[1:])
        return cumulated(logs) * (1.0 - self._above(rows, k=k, columns=columns))

    def _above(self, events: IntArray | np.int64, *, k: int, columns: Columns) -> FloatArray:
        """Return P(result >= events) at follow-up k, of one or more events, in some draws."""
        rate, dispersion = (of_draws(row[k], columns) for row in (self.rate, self.dispersion))
        return _tail(events, rate=rate, dispersion=dispersion)


def _tail(events: IntArray | np.int64, *, rate: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return P(result >= m) = I(m, k) at lambda / (k + lambda), m >= 1; arguments broadcast."""
    from scipy.special import betainc

    share = rate / (dispersion + rate)
    return np.asarray(betainc(events.astype(np.float64), dispersion, share))


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
