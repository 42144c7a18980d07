"""Historical baseline: participants against a rate that the contract fixed from earlier years.

The contract's baseline is a fixed number. What is uncertain is today's counterfactual, which the
outcome states and which may drift; the difference between the two is this design's bias.
Participants' results are taken from registers without error.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Date, Probability
from sibsim.core.stages import Context, Measurement, OutcomePath, Participation
from sibsim.core.wording import percent
from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign, claimed, variance_of_rate


class Baseline(Provenance):
    """The rate before, as the contract states it."""

    rate: Probability
    """Share that achieved the outcome without the intervention, in [0, 1]."""

    people: Annotated[int, Field(strict=True, gt=0)]
    """People that the rate was counted on, above zero."""

    date: Date
    """Date that the rate describes."""


class HistoricalBaseline(EvaluationDesign):
    """Comparison with a rate fixed by contract."""

    comparison_is_agreed: ClassVar[bool] = True

    design: Literal["historical_baseline"]
    """Name of the design."""

    baseline: Baseline
    """The rate before, fixed by contract."""

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' successes beside the fixed baseline."""
        del participation, context
        people = path.people[:, np.newaxis]
        fixed = np.full((len(people), len(path.follow_up_months), 1), float(self.baseline.people))
        return Measurement(
            follow_up_months=path.follow_up_months,
            when=path.when,
            treated_sum=path.achieved,
            treated_n=np.broadcast_to(people, (*fixed.shape[:2], people.shape[-1])),
            comparison_sum=fixed * self.baseline.rate,
            comparison_n=fixed,
            claims=claimed(path),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(p1 (1 - p1) / n): the baseline is a fixed number without error."""
        del participation
        return np.sqrt(variance_of_rate(path.expected, number=path.people[:, np.newaxis]))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opslag i registre", en="registers")
        rate = percent(self.baseline.rate)
        return Words(
            da=f"opslag i registre mod kontraktens baseline på {rate.da}",
            en=f"registers, against the contract's baseline of {rate.en}",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return today's true counterfactual less the contract's rate."""
        return path.counterfactual - self.baseline.rate


Model = HistoricalBaseline
