"""Randomised, individual: participants against controls drawn by lot.

Controls come from outside those referred, so they take nobody's place. Each control has a luck of
its own, by the law of the outcome without the intervention. People lost to follow-up are
lost at random, at every follow-up. With measurement off the comparison is the true counterfactual.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import count, successes
from sibsim.core.parameters import Provenance
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Positive, Probability
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    observed_number,
    rate,
    stacked,
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

    def check_outcome(self, *, is_indicator: bool, by_person: bool) -> Iterator[str]:
        """Yield a fault where nobody can be lost because nobody is known."""
        del is_indicator
        if not by_person and self.attrition.treated > 0:
            yield (
                "its outcome draws numbers of people, and people are lost one by one; write "
                "simulate = 'people' there, or attrition.treated = 0 here"
            )

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
        """Return sqrt(v1 / n1 + v0 / n0), v a person's variance and n the people observed."""
        controls = self.controls(participation.planned)[:, np.newaxis, np.newaxis]
        treated = observed_number(path.people[:, np.newaxis], share=1.0 - self.attrition.treated)
        control = observed_number(controls, share=1.0 - self.attrition.control)
        variance = rate(path.variance, number=treated) + rate(path.variance_without, number=control)
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
        lucky = path.untreated[cohort].draw(
            context.measurement, stream=context.stream("control", cohort), people=people
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
        return count(lucky), np.broadcast_to(number, (lucky.shape[1], len(number)))


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
