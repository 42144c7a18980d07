"""Synthetic control: participants against a weighted mean of places without the intervention.

The weights make the mean follow the participants' place before the intervention. How far it goes
astray afterwards is seen from placebos: the same is done for each donor in turn, as if it had been
treated, and the sd of these effects is the sd of the comparison's error. The place ranks first of
all by chance with probability 1 / (donors + 1), which is the smallest p-value there is.

SE^2 = v deff / n + placebo_sd^2 + residual_bias.sd^2, v a participant's variance.

Source: Abadie, Diamond and Hainmueller (2010), Synthetic control methods for comparative case
studies: estimating the effect of California's tobacco control program, Journal of the American
Statistical Association 105(490):493-505.

Assumptions: the placebo error is normal and one for all cohorts and follow-ups; so is what the
weights leave unmatched, which no placebo shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Money
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    compared_with,
    known_error,
    noise,
    sampling_variance,
)
from sibsim.evaluation.unseen_error import UnseenError

FULLY_MATCHED = UnseenError(mean=0.0, sd=0.0)
"""Weights that leave nothing unmatched."""


class SyntheticControl(EvaluationDesign):
    """Comparison with a weighted mean of other places."""

    design: Literal["synthetic_control"]
    """Name of the design."""

    donors: Annotated[int, Field(strict=True, ge=2)]
    """Places without the intervention that the comparison is made of, 2 or more."""

    placebo_sd: Money
    """Standard deviation of the donors' placebo effects less the luck of their own people, in the
    outcome's unit, at least 0: participants' luck is counted beside it."""

    residual_bias: UnseenError = FULLY_MATCHED
    """Error of the comparison that no placebo shows."""

    @property
    def least_p(self) -> float:
        """Smallest p-value, that of the first place among all by chance: 1 / (donors + 1)."""
        return 1.0 / (self.donors + 1.0)

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {
            "placebo_sd": self.placebo_sd,
            "residual_bias.mean": self.residual_bias.mean,
            "residual_bias.sd": self.residual_bias.sd,
        }

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside the weighted mean of the donors."""
        del participation
        astray = noise(context, "placebo", sd=np.full((1, 1, 1), self.placebo_sd))
        unseen = self.residual_bias.drawn("residual bias", context=context)
        return compared_with(
            path,
            path.counterfactual - astray - unseen,
            number=np.full((1, 1, 1), float(self.donors)),
            precision=known_error(
                path,
                sampling_variance(path),
                common=self.placebo_sd**2,
                least_p=self.least_p,
            ),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(v deff / n + placebo_sd^2 + residual_bias.sd^2)."""
        del participation
        common = self.placebo_sd**2 + self.residual_bias.sd**2
        found = np.sqrt(sampling_variance(path) + common)
        return np.where(path.people[:, np.newaxis] > 0, found, 0.0)

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the expected error that no placebo shows."""
        return np.full((*path.expected.shape[:-1], 1), self.residual_bias.mean)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opslag i registre", en="registers")
        donors = decimal(self.donors)
        return Words(
            da=f"en syntetisk kontrol sammensat af {donors.da} steder uden indsatsen",
            en=f"a synthetic control made of {donors.en} places without the intervention",
        )


Model = SyntheticControl
