"""Historical baseline: participants against a rate of earlier years.

A baseline that the contract states is a fixed number. What is uncertain is today's counterfactual,
which the outcome states and which may drift; the difference between the two is this design's bias.
A baseline that is yet to be counted errs by the luck of those it is counted on, the same for all
cohorts, and its bias is the drift. Participants' results are taken from registers without error.

What an evaluator says of the error counts the luck of the baseline's people once, however many
cohorts are set beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray, added
from sibsim.core.distributions import fault
from sibsim.core.luck import count
from sibsim.core.parameters import Provenance
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Date, Flag, Number, Probability
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal, percent
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    compared_with,
    known_error,
    sampling_variance,
)
from sibsim.evaluation.controls import results_of

AT_ONCE = timedelta(days=31)
"""Dates this close to each other describe the same time: the end of a year and the next day."""

COUNTED_TOGETHER = 500
"""People of a baseline who are drawn together, which bounds what memory a large one takes."""


class Baseline(Provenance):
    """The rate before: as the contract states it, or yet to be counted."""

    rate: Probability | None = None
    """Share that achieved the outcome without the intervention, in [0, 1]."""

    mean: Number | None = None
    """Mean result of a person without it, where a result is events, days or points."""

    to_be_counted: Flag = False
    """Whether the figure is yet to be counted; then neither rate nor mean is given."""

    people: Annotated[int, Field(strict=True, gt=0)]
    """People that the figure is counted on, above zero."""

    date: Date
    """Date that the figure describes."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        given = [name for name in ("rate", "mean") if getattr(self, name) is not None]
        if self.to_be_counted and given:
            figure = " and ".join(given)
            message = (
                f"got to_be_counted = true beside {figure}; what is yet to be counted has no "
                f"figure; drop to_be_counted or {figure}"
            )
            raise fault(message)
        if not self.to_be_counted and len(given) != 1:
            got = "both" if given else "neither"
            message = (
                f"got {got} of rate and mean; give the rate of an outcome of yes or no, or the "
                "mean result of a person of any other; write to_be_counted = true where it is not "
                "known yet"
            )
            raise fault(message)
        return self

    @property
    def result(self) -> float:
        """Rate, or mean result of a person; of a figure that is known."""
        return float((self.mean if self.rate is None else self.rate) or 0.0)


class HistoricalBaseline(EvaluationDesign):
    """Comparison with a rate of earlier years, fixed by contract or counted.

    A counted baseline follows the law of the first cohort without the intervention, less the drift
    up to its measurements: a counterfactual that differs by cohort is a bias of the later ones.
    """

    design: Literal["historical_baseline"]
    """Name of the design."""

    baseline: Baseline
    """The rate before, fixed by contract or yet to be counted."""

    @property
    def comparison_is_agreed(self) -> bool:
        """Whether the comparison is a number of the contract that nobody measures."""
        return not self.baseline.to_be_counted

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield a fault where the baseline is of another kind or time than the outcome."""
        day = self.baseline.date
        if outcome.starts is not None and day > outcome.starts:
            yield (
                f"got baseline.date = {day}; it describes the time before the service, which "
                f"begins on {outcome.starts}; give an earlier date"
            )
        since = outcome.drifts_since
        if self.baseline.to_be_counted:
            if since is not None and abs(day - since) > AT_ONCE:
                yield (
                    f"got baseline.date = {day}, but the drift of its outcome counts from {since}; "
                    "how far things have moved between the two is not known; give both one date"
                )
        elif outcome.is_indicator != (self.baseline.rate is not None):
            kind, needed = ("yes or no", "rate") if outcome.is_indicator else ("a number", "mean")
            yield f"a result of its outcome is {kind}; give baseline.{needed}, and only that"

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside the baseline, the same one for all cohorts."""
        del participation
        one = np.ones((len(path.people), len(path.follow_up_months), 1))
        figure = np.full((1, 1), self.baseline.result)
        if self.baseline.to_be_counted:
            figure = self._counted(path, context=context)
        precision = known_error(path, sampling_variance(path), common=self._variance(path))
        return compared_with(
            path, one * figure, number=one * self.baseline.people, precision=precision
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(v1 design effect / n1 + v0 / n0), without v0 / n0 where the figure is fixed.

        v is a person's variance, 1 of participants and 0 of those the baseline is counted on.
        """
        del participation
        variance: FloatArray = sampling_variance(path)
        if self.baseline.to_be_counted:
            people = path.people[:, np.newaxis]
            variance = np.where(people > 0, variance + self._variance(path), 0.0)
        return np.sqrt(variance)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opslag i registre", en="registers")
        if self.baseline.to_be_counted:
            people = decimal(self.baseline.people)
            return Words(
                da=f"opslag i registre mod en baseline, der opgøres på {people.da} personer",
                en=f"registers, against a baseline that is counted on {people.en} people",
            )
        figure = percent(self.baseline.result)
        if self.baseline.mean is not None:
            mean = decimal(self.baseline.mean)
            figure = Words(da=f"{mean.da} pr. deltager", en=f"{mean.en} a participant")
        return Words(
            da=f"opslag i registre mod kontraktens baseline på {figure.da}",
            en=f"registers, against the contract's baseline of {figure.en}",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return today's true counterfactual less the contract's figure, or less that of then."""
        figure: FloatArray = np.full((1, 1), self.baseline.result)
        if self.baseline.to_be_counted:
            figure = path.counterfactual[0] - _drift(path)
        return path.counterfactual - figure

    def _counted(self, path: OutcomePath, *, context: Context) -> FloatArray:
        """Return the mean result of those the baseline is counted on, (K, 1 or D)."""
        people = self.baseline.people
        parts = [
            count(
                results_of(
                    path.untreated[0],
                    "baseline",
                    part,
                    people=min(COUNTED_TOGETHER, people - first),
                    context=context,
                )
            )
            for part, first in enumerate(range(0, people, COUNTED_TOGETHER))
        ]
        found: FloatArray = added(parts, shape=parts[0].shape) / people - _drift(path)
        return found

    def _variance(self, path: OutcomePath) -> FloatArray:
        """Return the variance of the figure by the luck of its people, (1, 1 or K, 1 or D)."""
        rate, people = self.baseline.rate, self.baseline.people
        if rate is not None:
            return np.full((1, 1, 1), rate * (1.0 - rate) / people)
        return path.variance_without[:1] / people


def _drift(path: OutcomePath) -> FloatArray:
    """Return how far the first cohort's counterfactual has moved by its follow-ups, (K, 1 or D)."""
    return np.zeros((1, 1)) if path.drift is None else path.drift[0]


Model = HistoricalBaseline
