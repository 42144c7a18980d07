"""Matched comparison: participants against people chosen to be like them.

Matching makes groups alike in what is seen. What is not seen leaves a bias that no number of people
takes away; nobody knows it, so it is drawn once, for all cohorts and follow-ups.

Assumptions: those matched are a random sample of people whose results follow the law of
participants without the intervention, but for the residual bias; they are in no clusters.

Sources: Rosenbaum and Rubin 1983, "The central role of the propensity score in observational
studies for causal effects", Biometrika 70(1):41-55, for what matching can make alike; Greenland
2005, "Multiple-bias modelling for analysis of observational data", Journal of the Royal Statistical
Society A 168(2):267-306, for a bias as a quantity with a distribution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    compared_with,
    known_error,
    rate,
    sampling_variance,
)
from sibsim.evaluation.controls import PerParticipant, controls_of, mean_of_controls
from sibsim.evaluation.unseen_error import UnseenError


class MatchedComparison(EvaluationDesign):
    """Comparison with a group that is matched to participants."""

    design: Literal["matched_comparison"]
    """Name of the design."""

    controls_per_participant: PerParticipant
    """People matched per planned participant, above 0; at least one in each cohort."""

    residual_bias: UnseenError
    """Bias that matching leaves, estimate less truth: where it is positive, those matched would do
    worse than participants without the intervention."""

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {
            "residual_bias.mean": self.residual_bias.mean,
            "residual_bias.sd": self.residual_bias.sd,
        }

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside those of the people matched to them."""
        controls = controls_of(participation.planned, per_participant=self.controls_per_participant)
        matched = mean_of_controls(path, number=controls, context=context)
        return compared_with(
            path,
            matched - self.residual_bias.drawn("residual bias", context=context),
            number=controls[:, np.newaxis, np.newaxis],
            precision=known_error(path, self._sampling(path, participation=participation)),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(v1 design effect / n1 + v0 / n0 + sd^2), sd that of the residual bias."""
        variance = self._sampling(path, participation=participation) + self.residual_bias.sd**2
        return np.sqrt(np.where(path.people[:, np.newaxis] > 0, variance, 0.0))

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the mean of the residual bias."""
        return np.full((*path.expected.shape[:-1], 1), self.residual_bias.mean)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opfølgning på deltagerne", en="following the participants")
        controls = decimal(self.controls_per_participant)
        return Words(
            da=f"en matchet sammenligning med {controls.da} i sammenligningsgruppen pr. deltager",
            en=f"a matched comparison with {controls.en} in the comparison group per participant",
        )

    def _sampling(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return the variance that people's luck gives the difference, (C, K, 1 or D)."""
        controls = controls_of(participation.planned, per_participant=self.controls_per_participant)
        return sampling_variance(path) + rate(
            path.variance_without, number=controls[:, np.newaxis, np.newaxis]
        )


Model = MatchedComparison
