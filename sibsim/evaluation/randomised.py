"""Randomised, individual: participants against controls drawn by lot.

Controls come from outside those referred, so they take nobody's place. Each control has a luck of
its own with the outcome's counterfactual probability and persistence. People lost to follow-up are
lost at random, at every follow-up. With measurement off the comparison is the true counterfactual.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import count, successes
from sibsim.core.parameters import Provenance
from sibsim.core.spec import Positive, Probability
from sibsim.core.stages import Context, Measurement, OutcomePath, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    observed_number,
    stacked,
    variance_of_rate,
)

NOBODY_LOST = 0.0
"""Attrition of a trial that follows everyone in registers, as Danish trials do."""

FEWEST_CONTROLS = 1
"""A comparison needs at least one control in each cohort."""

_HALF = 0.5
"""Half a control counts as a whole one."""


class Attrition(Provenance):
    """Share of people lost to follow-up, at random."""

    treated: Probability = NOBODY_LOST
    """Share of participants lost, in [0, 1]."""

    control: Probability = NOBODY_LOST
    """Share of controls lost, in [0, 1]."""


class Randomised(EvaluationDesign):
    """Trial with individual random allocation."""

    names_people: ClassVar[bool] = False

    design: Literal["randomised"]
    """Name of the design."""

    controls_per_participant: Positive
    """Controls per planned participant, above 0; at least one control in each cohort."""

    attrition: Attrition = Attrition()
    """People lost to follow-up."""

    def controls(self, planned: FloatArray) -> FloatArray:
        """Return the controls of each cohort, rounded half up, at least one, (C,)."""
        number = np.floor(self.controls_per_participant * planned + _HALF)
        return np.maximum(number, FEWEST_CONTROLS)

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return observed successes in both arms."""
        controls = self.controls(participation.planned)
        cohorts = range(len(controls))
        treated = [self._treated(path, cohort=c, context=context) for c in cohorts]
        control = [
            self._control(path, cohort=c, people=int(controls[c]), context=context) for c in cohorts
        ]
        return Measurement(
            follow_up_months=path.follow_up_months,
            when=path.when,
            treated_sum=stacked([total for total, _ in treated]),
            treated_n=stacked([number for _, number in treated]),
            comparison_sum=stacked([total for total, _ in control]),
            comparison_n=stacked([number for _, number in control]),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0), n the people observed."""
        controls = self.controls(participation.planned)[:, np.newaxis, np.newaxis]
        treated = observed_number(path.people[:, np.newaxis], share=1.0 - self.attrition.treated)
        control = observed_number(controls, share=1.0 - self.attrition.control)
        variance = variance_of_rate(path.expected, number=treated) + variance_of_rate(
            path.counterfactual, number=control
        )
        return np.sqrt(np.where((treated > 0) & (control > 0), variance, 0.0))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(
                da="opfølgning på deltagerne i et lodtrækningsforsøg",
                en="following the participants of a randomised trial",
            )
        controls = decimal(self.controls_per_participant)
        return Words(
            da=f"et lodtrækningsforsøg med {controls.da} i kontrolgruppen for hver deltager",
            en=f"a randomised trial with {controls.en} in the control group for each participant",
        )

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return zero: the lot makes the arms alike and people are lost at random."""
        return np.zeros((*path.expected.shape[:-1], 1))

    def _treated(
        self, path: OutcomePath, *, cohort: int, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return observed successes and observed participants, each (K, 1 or D)."""
        total, number = path.achieved[cohort], path.people[cohort][np.newaxis]
        if self.attrition.treated > 0:
            member = path.member[cohort]
            seen = member * _observed(
                context,
                arm="treated",
                cohort=cohort,
                people=len(member),
                lost=self.attrition.treated,
            )
            total = count(seen[:, np.newaxis] * path.value[cohort])
            number = count(seen)[np.newaxis]
        return total, np.broadcast_to(number, (len(total), number.shape[-1]))

    def _control(
        self, path: OutcomePath, *, cohort: int, people: int, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return observed successes and observed controls, each (K, 1 or D)."""
        follow_ups = range(len(path.follow_up_months))
        lucky = successes(
            context.measurement,
            streams=[context.stream("control", cohort, k) for k in follow_ups],
            people=people,
            probability=path.counterfactual[cohort],
            persistence=path.persistence[min(cohort, len(path.persistence) - 1)],
        )
        seen: Indicator = np.ones((people, 1), dtype=np.bool_)
        if self.attrition.control > 0:
            seen = _observed(
                context,
                arm="control",
                cohort=cohort,
                people=people,
                lost=self.attrition.control,
            )
            lucky = seen[:, np.newaxis] * lucky
        number = count(seen)
        return count(lucky), np.broadcast_to(number, (len(follow_ups), len(number)))


def _observed(context: Context, *, arm: str, cohort: int, people: int, lost: float) -> Indicator:
    """Return whose results the evaluator gets, (P, 1 or D)."""
    return successes(
        context.measurement,
        streams=[context.stream("lost", arm, cohort)],
        people=people,
        probability=np.full((1, 1), 1.0 - lost),
        persistence=np.ones(1),
    )[:, 0]


Model = Randomised
