"""Randomised, individual: participants against controls drawn by lot.

Each control has a luck of its own, by the law of the outcome without the intervention. Controls
come from outside those referred, so that they take nobody's place, or from those referred, of whom
fewer are then served. Where participants are in clusters (teams, schools) controls are not: a
partially nested trial. With measurement off the comparison is the true counterfactual.

Attrition may depend on the result, and people may not do as the lot says (modules `attrition`,
`non_compliance`).

Covariates that explain a share R of a result's variance make the estimate better than the
difference of means: its variance is (1 - R) (v1 / n1 + v0 / n0) (Lin 2013, "Agnostic notes on
regression adjustments to experimental data", Annals of Applied Statistics 7(1):295-318; R from
large samples, no degrees of freedom spent). The adjusted difference takes away R of the luck of
each arm and adds errors of variance R (1 - R) v / n, one per cohort and arm, the same at all
follow-ups; in clusters the covariates explain as much between as within them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Number
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.core.wording import decimal
from sibsim.core.words import Words
from sibsim.evaluation.arms import Arm, Tally, arm_of, mixed, of_compliers, of_two_kinds
from sibsim.evaluation.attrition import (
    Attrition,
    loses_anybody,
    observed,
    reported_rate,
    slope,
)
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    luck_parts,
    noise,
    rate,
    sampling_variance,
    stacked,
)
from sibsim.evaluation.controls import PerParticipant, controls_of, is_yes_or_no, results_of
from sibsim.evaluation.non_compliance import NonCompliance

NOTHING_EXPLAINED = 0.0
"""Share of the variance that covariates explain where there are none."""

_NOT_SAID = Words(da="", en="")
_ADJUSTED = Words(
    da=", justeret for kendte baggrundsforhold",
    en=", adjusted for what is known beforehand",
)
_REFERRED = Words(da=", trukket blandt de henviste", en=", drawn among those referred")
_ESTIMAND = {
    "itt": Words(
        da=", opgjort efter den tildelte gruppe (intention to treat)",
        en=", analysed by the group allotted (intention to treat)",
    ),
    "cace": Words(
        da=", omregnet til effekten for dem, der retter sig efter lodtrækningen (CACE)",
        en=", converted to the effect on those who do as allotted (CACE)",
    ),
}


class Randomised(EvaluationDesign):
    """Trial with individual random allocation."""

    names_people: ClassVar[bool] = False

    design: Literal["randomised"]
    """Name of the design."""

    controls_per_participant: PerParticipant
    """Controls per planned participant, above 0; at least one control in each cohort."""

    controls_from: Literal["outside", "referrals"] = "outside"
    """`outside`: controls take nobody's place; `referrals`: of the people planned to start one in
    1 + `controls_per_participant` is served and the others are controls."""

    attrition: Attrition = Attrition()
    """People lost to follow-up."""

    covariates_r2: Annotated[Number, Field(ge=0, lt=1)] = NOTHING_EXPLAINED
    """Share of the variance of a result that what is known beforehand explains, in [0, 1)."""

    non_compliance: NonCompliance | None = None
    """People who do not do as the lot says; None: everybody does."""

    @model_validator(mode="after")
    def _losses_fit(self) -> Self:
        if self.non_compliance is not None and self.attrition.by_result:
            message = (
                "got non_compliance beside an attrition by result; who is observed among people "
                "with and without the service is then no rate of either; write each attrition as "
                "one share, or drop non_compliance"
            )
            raise fault(message)
        return self

    @property
    def served_share(self) -> float:
        """Share of the people planned to start who are served, the rest being its controls."""
        if self.controls_from == "outside":
            return 1.0
        return 1.0 / (1.0 + self.controls_per_participant)

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield a fault where nobody can be lost, because nobody is known or has a yes or no."""
        if not outcome.by_person and loses_anybody(self.attrition.treated):
            yield (
                "its outcome draws numbers of people, and people are lost one by one; write "
                "simulate = 'people' there, or attrition.treated = 0 here"
            )
        if not outcome.is_indicator and self.attrition.by_result:
            yield (
                "a result of its outcome is a number, which is not achieved or not; write "
                "attrition.treated and attrition.control as one share each"
            )

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return observed successes in both arms, or what the estimate makes of them."""
        controls = self._controls(participation)
        cohorts = range(len(controls))
        treated = Tally.of([self._treated(path, cohort=c, context=context) for c in cohorts])
        control = Tally.of(
            [
                self._control(path, cohort=c, people=int(controls[c]), context=context)
                for c in cohorts
            ]
        )
        allotted = treated
        if self.non_compliance is not None:
            others = [self._no_shows(path, cohort=c, context=context) for c in cohorts]
            allotted = treated.and_also(Tally.of(others))
        if self.covariates_r2 > 0:
            arms = self._arms(path, participation=participation)
            control = self._adjusted(allotted, control, arms=arms, context=context)
        if self.non_compliance is not None and self.non_compliance.estimand == "cace":
            share = self.non_compliance.complying(path.people[:, np.newaxis])
            control = of_compliers(treated, allotted, control, share=share)
            allotted = treated
        return Measurement(
            follow_up_months=path.follow_up_months,
            when=path.when,
            treated_sum=allotted.total,
            treated_n=allotted.number,
            comparison_sum=control.total,
            comparison_n=control.number,
            precision=self._precision(path, participation=participation),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt((1 - R) (v1 / n1 + v0 / n0)), v a person's variance, n the people observed.

        In clusters v1 is raised by their design effect; for CACE divided by 1 - s - c.
        """
        own, common = self._variances(path, participation=participation)
        return np.sqrt(own + common)

    def truth(self, path: OutcomePath) -> FloatArray:
        """Return the effect on participants, or that of being allotted, (C, K, 1 or D)."""
        found = super().truth(path)
        if self.non_compliance is None or self.non_compliance.estimand == "cace":
            return found
        return self.non_compliance.complying(path.people[:, np.newaxis]) * found

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return zero, but where the result decides who is lost.

        The lot makes the arms alike; else (r1 - p1) - (r0 - p0), r the rate among those observed.
        """
        if not self.attrition.by_result:
            return np.zeros((*path.expected.shape[:-1], 1))
        treated = reported_rate(self.attrition.treated, path.expected) - path.expected
        control = reported_rate(self.attrition.control, path.counterfactual) - path.counterfactual
        return treated - control

    @property
    def aims_at_participants(self) -> bool:
        """Whether the estimate is of the effect on those who take part, not of being allotted."""
        return self.non_compliance is None or self.non_compliance.estimand == "cace"

    def remarks(self, path: OutcomePath) -> tuple[str, ...]:
        """Return whom a report of everybody allotted holds."""
        del path
        if self.aims_at_participants:
            return ()
        return (
            (
                "reports everybody allotted to the service, no-shows too; a line with pays_for = "
                "'achieved' pays for these as well"
            ),
        )

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return how much of the participants' luck is in the estimate.

        What covariates leave, 1 - R; of everybody allotted, the share who take part; and where the
        result decides who is lost, to first order the slope of the rate among those observed.
        """
        found = (1.0 - self.covariates_r2) * slope(self.attrition.treated, path.expected)
        if self.non_compliance is None:
            return found
        people = path.people[:, np.newaxis]
        found = found * self.non_compliance.showing(people)
        if self.non_compliance.estimand == "itt":
            return found
        return rate(found, number=self.non_compliance.complying(people))

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(
                da="opfølgning på deltagerne i et lodtrækningsforsøg",
                en="following the participants of a randomised trial",
            )
        controls = decimal(self.controls_per_participant)
        referred = _REFERRED if self.controls_from == "referrals" else _NOT_SAID
        adjusted = _ADJUSTED if self.covariates_r2 > 0 else _NOT_SAID
        moved = _ESTIMAND[self.non_compliance.estimand] if self.non_compliance else _NOT_SAID
        return Words(
            da=f"et lodtrækningsforsøg med {controls.da} i kontrolgruppen pr. deltager"
            f"{referred.da}{adjusted.da}{moved.da}",
            en=f"a randomised trial with {controls.en} in the control group per participant"
            f"{referred.en}{adjusted.en}{moved.en}",
        )

    def _controls(self, participation: Participation) -> FloatArray:
        """Return the controls of each cohort, (C,)."""
        return controls_of(participation.planned, per_participant=self.controls_per_participant)

    def _treated(
        self, path: OutcomePath, *, cohort: int, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return observed successes and observed participants, each (K, 1 or D)."""
        if loses_anybody(self.attrition.treated):
            return observed(
                path.value[cohort],
                path.member[cohort],
                "treated",
                cohort,
                loss=self.attrition.treated,
                context=context,
            )
        total, number = path.achieved[cohort], path.people[cohort][np.newaxis]
        return total, np.broadcast_to(number, (len(total), number.shape[-1]))

    def _no_shows(
        self, path: OutcomePath, *, cohort: int, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return observed successes and observed people who stay away, each (K, 1 or D)."""
        assert self.non_compliance is not None  # noqa: S101 - the caller checks
        number = self.non_compliance.no_shows_beside(path.people[cohort])
        most = int(number.max())
        names = ("no_show", cohort)
        return observed(
            results_of(path.untreated[cohort], *names, people=most, context=context),
            np.arange(most)[:, np.newaxis] < number,
            *names,
            loss=self.attrition.treated,
            context=context,
        )

    def _control(
        self, path: OutcomePath, *, cohort: int, people: int, context: Context
    ) -> tuple[FloatArray, FloatArray]:
        """Return observed successes and observed controls, each (K, 1 or D)."""
        law, names = path.untreated[cohort], ("control", cohort)
        if self.non_compliance is None:
            results: Indicator = results_of(law, *names, people=people, context=context)
        else:
            results = self.non_compliance.results_of_controls(
                path.treated[cohort], law, cohort=cohort, people=people, context=context
            )
        everybody = np.ones((people, 1), dtype=np.bool_)
        return observed(results, everybody, *names, loss=self.attrition.control, context=context)

    def _adjusted(
        self, allotted: Tally, control: Tally, *, arms: tuple[Arm, Arm], context: Context
    ) -> Tally:
        """Return the controls as adjusted for covariates: m0 + (1 - R) L0 + e0 + R L1 + e1.

        L is the luck of an arm, e its errors of variance R (1 - R) v / n.
        """
        explained = self.covariates_r2
        moved: FloatArray = np.zeros((1, 1, 1))
        for name, sign, tally, arm in zip(
            ("treated", "control"), (1.0, -1.0), (allotted, control), arms, strict=True
        ):
            known = np.where(tally.number > 0, tally.mean - arm.mean, 0.0)
            sd = np.sqrt(explained * (1.0 - explained) * (arm.own + arm.common))
            errors = [noise(context, "adjusted", name, c, sd=row) for c, row in enumerate(sd)]
            moved = moved + sign * explained * known + stacked(errors)
        return Tally((control.mean + moved) * control.number, control.number)

    def _precision(self, path: OutcomePath, *, participation: Participation) -> Precision | None:
        """Return what the evaluator says of the error; None where the shares observed say it."""
        plain = self.covariates_r2 == 0 and self.non_compliance is None and path.clusters is None
        if plain and is_yes_or_no(path):
            return None
        own, common = self._variances(path, participation=participation)
        return Precision(own=own, common=common)

    def _variances(
        self, path: OutcomePath, *, participation: Participation
    ) -> tuple[FloatArray, FloatArray]:
        """Return the variance of the estimate by cohort and in common, (C, K, 1 or D) each."""
        treated, control = self._arms(path, participation=participation)
        known = (treated.number > 0) & (control.number > 0)
        explained, left = self.covariates_r2, 1.0 - self.covariates_r2
        # Of clusters' luck 1 - R is left; the errors of the adjustment are each cohort's own.
        own = treated.own + control.own + explained * treated.common
        own = left * np.where(known, own, 0.0)
        common = left**2 * np.where(known, treated.common, 0.0)
        if self.non_compliance is None or self.non_compliance.estimand == "itt":
            return own, common
        share = np.maximum(self.non_compliance.complying(path.people[:, np.newaxis]), 0.0) ** 2
        return rate(own, number=share), rate(common, number=share)

    def _arms(self, path: OutcomePath, *, participation: Participation) -> tuple[Arm, Arm]:
        """Return what is expected of those allotted to the service and of the controls."""
        people = path.people[:, np.newaxis]
        between = sampling_variance(path) - rate(path.variance, number=people)
        common = luck_parts(path)[1]
        treated = arm_of(
            self.attrition.treated,
            path.expected,
            variance=path.variance,
            number=people,
            between=between,
            common=common,
        )
        mean, variance = path.counterfactual, path.variance_without
        if self.non_compliance is not None:
            showing = self.non_compliance.showing(people)
            treated = of_two_kinds(
                self.attrition.treated,
                share=showing,
                number=people + self.non_compliance.no_shows_beside(people),
                means=(path.expected, mean),
                variances=(path.variance, variance),
                between=showing**2 * between,
                common=showing**2 * common,
            )
            mean, variance = mixed(
                self.non_compliance.crossovers,
                means=(path.expected, mean),
                variances=(path.variance, variance),
            )
        control = arm_of(
            self.attrition.control,
            mean,
            variance=variance,
            number=self._controls(participation)[:, np.newaxis, np.newaxis],
            between=np.zeros((1, 1, 1)),
            common=np.zeros((1, 1, 1)),
        )
        return treated, control


Model = Randomised
