"""How a design errs and how often its test finds something, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.planning.detection import Detected
from sibsim.planning.findings import Findings


@dataclass(frozen=True, slots=True)
class DesignPower:
    """How a design errs and how often its test finds something, in the shape that was asked.

    Probabilities are NaN for a design without a comparison: it tests nothing, since nothing tells
    an effect from what would have come about anyway.

    Attributes
    ----------
    comparison_people
        People that participants are compared with; 0 where there is no comparison.
    bias
        Mean of estimate - true effect, in the outcome's unit. The true effect is that on
        participants; in a trial that reports everybody as allotted (`estimand = "itt"`) the one
        among all who are allotted. Without a comparison what would have come about anyway.
    standard_error
        Standard deviation of estimate - true effect.
    stated_error
        Standard error that the evaluator states and tests with.
    power
        Probability that the evaluator's test finds something; in a two-sided test, either way.
    power_for_better
        Probability that it finds something in the good direction.
    false_positive
        Probability that it finds something without any effect.
    size_adjusted_power
        Probability that a test with false positives held at alpha finds the good effect: its
        critical value comes from cases without an effect.
    least_p
        Smallest p-value that the evaluation can come to.
    """

    comparison_people: FloatArray
    bias: FloatArray
    standard_error: FloatArray
    stated_error: FloatArray
    power: FloatArray
    power_for_better: FloatArray
    false_positive: FloatArray
    size_adjusted_power: FloatArray
    least_p: FloatArray

    @property
    def rmse(self) -> FloatArray:
        """Root mean square of estimate - true effect."""
        return np.hypot(self.bias, self.standard_error)

    @classmethod
    def of(cls, found: Findings, *, at_effect: Detected, at_none: Detected) -> DesignPower:
        """Return the answer from how a design errs and what its test finds, (W,) or broadcast."""
        shape = np.shape(at_effect.better)

        def full(values: FloatArray | float) -> FloatArray:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), shape)

        return cls(
            comparison_people=full(found.comparison_people),
            bias=full(found.bias),
            standard_error=full(found.standard_error),
            stated_error=full(found.stated),
            power=at_effect.better + at_effect.worse,
            power_for_better=at_effect.better,
            false_positive=full(at_none.better + at_none.worse),
            size_adjusted_power=at_effect.adjusted,
            least_p=full(found.least_p),
        )

    @classmethod
    def stacked(cls, rows: Sequence[DesignPower], *, shape: tuple[int, ...]) -> DesignPower:
        """Return several answers as one.

        Parameters
        ----------
        rows
            One answer per size, (W,) each.
        shape
            Shape of the whole.
        """
        return cls(
            **{
                each.name: np.stack([getattr(row, each.name) for row in rows]).reshape(shape)
                for each in fields(cls)
            }
        )
