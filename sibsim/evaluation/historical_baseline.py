"""Historical baseline: participants against a rate that the contract fixed from earlier years.

The contract's baseline is a fixed number. What is uncertain is today's counterfactual, which the
outcome states and which may drift; the difference between the two is this design's bias.
Participants' results are taken from registers without error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault
from sibsim.core.parameters import Provenance
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Date, Number, Probability
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal, percent
from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign, claimed, rate


class Baseline(Provenance):
    """The rate before, as the contract states it."""

    rate: Probability | None = None
    """Share that achieved the outcome without the intervention, in [0, 1]."""

    mean: Number | None = None
    """Mean result of a person without it, where a result is events, days or points."""

    people: Annotated[int, Field(strict=True, gt=0)]
    """People that the rate was counted on, above zero."""

    date: Date
    """Date that the figure describes."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.rate is None) == (self.mean is None):
            got = "neither" if self.rate is None else "both"
            message = (
                f"got {got} of rate and mean; give the rate of an outcome of yes or no, or the "
                "mean result of a person of any other"
            )
            raise fault(message)
        return self

    @property
    def result(self) -> float:
        """Rate, or mean result of a person."""
        return float((self.mean if self.rate is None else self.rate) or 0.0)


class HistoricalBaseline(EvaluationDesign):
    """Comparison with a rate fixed by contract."""

    comparison_is_agreed: ClassVar[bool] = True

    design: Literal["historical_baseline"]
    """Name of the design."""

    baseline: Baseline
    """The rate before, fixed by contract."""

    def check_outcome(self, *, is_indicator: bool, by_person: bool) -> Iterator[str]:
        """Yield a fault where the baseline is of another kind than the outcome."""
        del by_person
        if is_indicator != (self.baseline.rate is not None):
            kind, needed = ("yes or no", "rate") if is_indicator else ("a number", "mean")
            yield f"a result of its outcome is {kind}; give baseline.{needed}, and only that"

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
            comparison_sum=fixed * self.baseline.result,
            comparison_n=fixed,
            claims=claimed(path),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(v / n), v a person's variance: the baseline is a fixed number."""
        del participation
        return np.sqrt(rate(path.variance, number=path.people[:, np.newaxis]))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opslag i registre", en="registers")
        figure = percent(self.baseline.result)
        if self.baseline.mean is not None:
            mean = decimal(self.baseline.mean)
            figure = Words(da=f"{mean.da} pr. deltager", en=f"{mean.en} a participant")
        return Words(
            da=f"opslag i registre mod kontraktens baseline på {figure.da}",
            en=f"registers, against the contract's baseline of {figure.en}",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return today's true counterfactual less the contract's figure."""
        return path.counterfactual - self.baseline.result


Model = HistoricalBaseline
