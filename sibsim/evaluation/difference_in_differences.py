"""Difference in differences: how much more participants change than a comparison group does.

estimate = Y1 - Y0 - b (X1 - X0), Y the mean after and X the mean before, 1 of participants and 0 of
the comparison group. With `analysis = "difference"` b is 1
and a difference in levels cancels. With `"ancova"` b is the slope of results after on the mean
before in the comparison group, rho / w with w = (1 + (m - 1) rho) / m: the variance is the least
there can be, but of the gap between the groups 1 - b is taken for effect.

The trend that the groups are said to share may not be shared: an error that nobody sees, drawn once
for all cohorts and follow-ups.

Assumptions: results at any two times correlate by rho; without the intervention a person's variance
is the same before and after, and in both groups; people of the comparison group are in no clusters;
each follow-up is compared with the mean before by itself; the slope is known (one that is estimated
from both groups differs where the service changes how much people differ, and its own error, times
the gap, is left out).

Sources: Frison and Pocock 1992, Statistics in Medicine 11(13):1685-1704, and McKenzie 2012, Journal
of Development Economics 99(2):210-221, for the variances; Angrist and Pischke 2009, "Mostly
Harmless Econometrics", Princeton, ch. 5, for parallel trends; Lord 1967, "A paradox in the
interpretation of group comparisons", Psychological Bulletin 68(5):304-305, for what ANCOVA leaves
of a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sibsim.core.arrays import FloatArray
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Number
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    compared_with,
    design_effects,
    known_error,
    luck,
)
from sibsim.evaluation.controls import PerParticipant, controls_of, mean_of_controls
from sibsim.evaluation.panel import Panel, post_factor
from sibsim.evaluation.unseen_error import UnseenError

ALIKE = 0.0
"""Groups whose levels do not differ without the intervention."""

WHOLE = 1.0
"""All of the difference before is taken off the difference after."""


class DifferenceInDifferences(EvaluationDesign):
    """Comparison of changes, or of results given those before."""

    design: Literal["difference_in_differences"]
    """Name of the design."""

    controls_per_participant: PerParticipant
    """People of the comparison group per planned participant, above 0; at least one in each
    cohort."""

    periods_before: Annotated[int, Field(strict=True, ge=1)]
    """Measurements before the service, m, 1 or more; their mean is used."""

    correlation: Annotated[Number, Field(ge=0, lt=1)]
    """Correlation of a person's results at two times, rho, in [0, 1)."""

    analysis: Literal["difference", "ancova"]
    """Whether all of the difference before is taken off (`difference`), or as much as results after
    go along with those before (`ancova`)."""

    gap: Number = ALIKE
    """Participants' level without the intervention less the comparison group's, in the outcome's
    unit; the same before and after."""

    trend: UnseenError
    """Error of the parallel trend, estimate less truth: how much more participants would have
    changed without the intervention than the comparison group does."""

    @property
    def slope(self) -> float:
        """How much of the difference before is taken off: 1, or rho / w."""
        if self.analysis == "difference":
            return WHOLE
        weight = post_factor(after=self.periods_before, correlation=self.correlation).item()
        return self.correlation / weight

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {"gap": self.gap, "trend.mean": self.trend.mean, "trend.sd": self.trend.sd}

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside what the comparison group leads to expect of them."""
        controls = self._controls(participation)
        lucky = mean_of_controls(path, number=controls, context=context) - path.counterfactual
        before = self._participants(path).error_before(
            luck(path), "before", "treated", context=context
        ) - self._others(path, number=controls).error_before(
            lucky, "before", "control", context=context
        )
        after = path.counterfactual - self.gap + lucky - self.trend.drawn("trend", context=context)
        return compared_with(
            path,
            after + self.slope * (self.gap + before),
            number=controls[:, np.newaxis, np.newaxis],
            precision=known_error(
                path,
                self._sampling(path, participation=participation),
                luck_share=self.luck_share(path),
            ),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(V1 + V0 + sd^2), sd that of the trend.

        V = (v_after + b^2 w v_before - 2 b rho s_after s_before) / n in each group, times the
        design effect of participants' clusters.
        """
        variance = self._sampling(path, participation=participation) + self.trend.sd**2
        return np.sqrt(np.where(path.people[:, np.newaxis] > 0, variance, 0.0))

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the mean error of the trend, and the part 1 - b of the gap."""
        found = self.trend.mean + (WHOLE - self.slope) * self.gap
        return np.full((*path.expected.shape[:-1], 1), found)

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return 1 - b rho s_before / s_after: luck that lasts was there before too."""
        return WHOLE - self.slope * self._participants(path).slope

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opfølgning på deltagerne", en="following the participants")
        controls = decimal(self.controls_per_participant)
        times = self.periods_before
        how = _ANALYSES[self.analysis]
        return Words(
            da=f"{how.da} med {controls.da} i sammenligningsgruppen pr. deltager og {times} "
            f"{'måling' if times == 1 else 'målinger'} før indsatsen",
            en=f"{how.en} with {controls.en} in the comparison group per participant and "
            f"{times} {'measurement' if times == 1 else 'measurements'} before the service",
        )

    def _controls(self, participation: Participation) -> FloatArray:
        return controls_of(participation.planned, per_participant=self.controls_per_participant)

    def _participants(self, path: OutcomePath) -> Panel:
        people = path.people[:, np.newaxis] / design_effects(path)
        return self._panel(path, after=path.variance, people=people)

    def _others(self, path: OutcomePath, *, number: FloatArray) -> Panel:
        people = number[:, np.newaxis, np.newaxis]
        return self._panel(path, after=path.variance_without, people=people)

    def _panel(self, path: OutcomePath, *, after: FloatArray, people: FloatArray) -> Panel:
        return Panel(
            after=after,
            before=path.variance_without,
            people=people,
            correlation=self.correlation,
            times=self.periods_before,
        )

    def _sampling(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return the variance that people's luck gives the estimate, (C, K, 1 or D)."""
        groups = (
            self._participants(path),
            self._others(path, number=self._controls(participation)),
        )
        participants, others = (group.variance(slope=self.slope) for group in groups)
        return participants + others


_ANALYSES = {
    "difference": Words(da="difference-in-differences", en="difference in differences"),
    "ancova": Words(
        da="sammenligning korrigeret for resultatet før (ANCOVA)",
        en="a comparison adjusted for results before (ANCOVA)",
    ),
}


Model = DifferenceInDifferences
