"""Combined: one estimate, or a weighted mean of two where the first alone has too little power.

The contract of the Massachusetts Juvenile Justice Pay for Success project (Roca) was to be settled
on a randomised trial; if that came out too small, on a backstop of 80 % of the trial's estimate and
20 % of one by difference in differences. That power decides, and how, is ours.

Power of the first design is Phi(|d| / se - z) and, in a two-sided test, the other tail as well, d
the stated effect and z the normal quantile of 1 - alpha / sides. Its standard error is that of all
cohorts together, as if all who count were of one cohort with the controls that belong to so many:
errors of single cohorts average out and shared ones do not. It follows from the parameters and from
how many take part, not from what is measured, and is asked of each follow-up by itself.

Sources, for the project and for its estimates:
https://pfs.urban.org/pfs-project-fact-sheets/content/juvenile-justice-pay-success-initiative
https://nospin.evidencebasedpolicy.org/articles/roca-program-justice-involved-young-men-prevent-reoffending

Assumptions: the two estimates are of the same participants, whose luck is in both, and of
comparison groups of different people; their errors are otherwise independent. Participants' own
results come from registers, without error. Degrees of freedom and the smallest p-value of the
combination are the less favourable ones of the two designs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy.special import ndtr, ndtri

from sibsim.core.arrays import FloatArray, summed
from sibsim.core.distributions import fault, shown
from sibsim.core.parameters import Provenance
from sibsim.core.paths import OutcomePath
from sibsim.core.precision import precision_of
from sibsim.core.spec import Positive, Probability, family
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.core.wording import decimal, percent
from sibsim.core.words import Words
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    compared_with,
    luck_parts,
    rate,
)
from sibsim.evaluation.published import OneAnalysis, over_cohorts, pooled_luck_variance

SUM_TOLERANCE = 1e-9
"""How far the weights may be from 1 in sum, by rounding."""

NO_COMPARISON_PEOPLE = 1.0
"""A weighted mean of comparisons is of no number of people; it has to be above zero."""

MANY = 1e4
"""People at which what falls with their number is told from what does not: so many that rounding of
controls does not show."""

Nested = Annotated[EvaluationDesign, family("sibsim.evaluation", key="design")]
"""A design within the design; its outcome is filled in."""


class Switch(Provenance):
    """When the first estimate is thought too weak to stand alone."""

    power_below: Annotated[Probability, Field(gt=0, lt=1)]
    """Power of the first design below which the weighted mean decides, in (0, 1)."""

    effect: Positive
    """Size of the effect that the power is asked of, in the outcome's unit, above 0."""

    alpha: Annotated[Probability, Field(gt=0, lt=1)]
    """Level of the test, in (0, 1)."""

    sided: Literal[1, 2]
    """Sides of the test, 1 or 2."""

    def power(self, standard_error: FloatArray) -> FloatArray:
        """Return the power at a standard error, in its shape; 0 where the error is 0.

        Parameters
        ----------
        standard_error
            Of the estimate, in the outcome's unit, any shape.
        """
        critical = ndtri(1.0 - self.alpha / self.sided)
        away = rate(np.full(1, self.effect), number=standard_error)
        found: FloatArray = ndtr(away - critical)
        if self.sided > 1:
            found = found + ndtr(-away - critical)
        return np.where(standard_error > 0, found, 0.0)


class Combined(EvaluationDesign):
    """Two designs, of which the first may stand alone."""

    design: Literal["combined"]
    """Name of the design."""

    first: Nested
    """The design that stands alone where it has the power, without `outcome`."""

    second: Nested
    """The design that is added where it has not, without `outcome`."""

    weights: tuple[Probability, Probability]
    """Weights of the two estimates in the mean, summing to 1, such as [0.8, 0.2]."""

    switch: Switch | None = None
    """When the first estimate does not stand alone; None: never, the mean always decides."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_the_outcome(cls, given: object) -> object:
        if not isinstance(given, Mapping) or "outcome" not in given:
            return given
        filled = dict(given)
        for name in ("first", "second"):
            nested = given.get(name)
            if isinstance(nested, Mapping):
                filled[name] = {"outcome": given["outcome"], **nested}
        return filled

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        total = sum(self.weights)
        if abs(total - 1.0) > SUM_TOLERANCE:
            message = (
                f"got weights that sum to {shown(total)}; they are shares of one estimate and sum "
                "to 1; write for instance [0.8, 0.2]"
            )
            raise fault(message)
        for name, nested in (("first", self.first), ("second", self.second)):
            if not nested.compares:
                message = (
                    f"got {name} = '{nested.design}', which has no comparison; only estimates of "
                    "an effect can be combined; name a design that compares"
                )
                raise fault(message)
            if not nested.aims_at_participants:
                message = (
                    f"got {name} with estimand = 'itt', the effect of being offered a place; the "
                    "other design estimates the effect on participants; write estimand = 'cace'"
                )
                raise fault(message)
            if nested.outcome != self.outcome:
                message = (
                    f"got {name}.outcome = '{nested.outcome}'; both designs measure the outcome "
                    f"of the measure, '{self.outcome}'; leave it out there"
                )
                raise fault(message)
        return self

    @property
    def served_share(self) -> float:
        """Share who are served; the two designs have controls of their own."""
        controls = [1.0 / nested.served_share - 1.0 for nested in (self.first, self.second)]
        return 1.0 / (1.0 + sum(controls))

    @property
    def least_p(self) -> float:
        """Smallest p-value: the larger one of the two designs."""
        return max(self.first.least_p, self.second.least_p)

    @property
    def sized_by(self) -> tuple[str, ...]:
        """Paths of the fields that say how many people either design counts of its own."""
        return tuple(
            f"{name}.{field}"
            for name, nested in (("first", self.first), ("second", self.second))
            for field in nested.sized_by
        )

    def remarks(self, path: OutcomePath) -> tuple[str, ...]:
        """Return what either design has to say, with its name."""
        return tuple(
            f"{name}: {remark}"
            for name, nested in (("first", self.first), ("second", self.second))
            for remark in nested.remarks(path)
        )

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield what either design has to say, with its name."""
        for name, nested in (("first", self.first), ("second", self.second)):
            yield from (f"{name}: {problem}" for problem in nested.check_outcome(outcome))

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside the comparison that the estimate leads to."""
        reports = [
            nested.measure(path, participation=participation, context=context.at(name))
            for name, nested in (("first", self.first), ("second", self.second))
        ]
        found = [
            nested.estimate(report)
            for nested, report in zip((self.first, self.second), reports, strict=True)
        ]
        w1, w2 = self._weights(path)
        treated = rate(path.achieved, number=path.people[:, np.newaxis])
        return compared_with(
            path,
            treated - (w1 * found[0] + w2 * found[1]),
            number=np.full((1, 1, 1), NO_COMPARISON_PEOPLE),
            precision=self._precision(path, first=reports[0], second=reports[1]),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt(w1^2 SE1^2 + w2^2 SE2^2 + 2 w1 w2 Cov), w = (1, 0) where the first decides.

        Cov is that of participants' luck in the two estimates.
        """
        w1, w2 = self._weights(path)
        first = self.first.standard_error(path, participation=participation)
        second = self.second.standard_error(path, participation=participation)
        covariance = sum(self._covariance(path))
        variance = (w1 * first) ** 2 + (w2 * second) ** 2 + 2.0 * w1 * w2 * covariance
        return np.where(path.people[:, np.newaxis] > 0, np.sqrt(variance), 0.0)

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the bias of the first design where it decides, else the weighted mean of both."""
        w1, w2 = self._weights(path)
        return w1 * self.first.bias(path) + w2 * self.second.bias(path)

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return the share in the first estimate where it decides, else the weighted mean."""
        w1, w2 = self._weights(path)
        return w1 * self.first.luck_share(path) + w2 * self.second.luck_share(path)

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        first, second = self.first.words(compared=compared), self.second.words(compared=compared)
        if not compared:
            return first
        w1, w2 = (percent(weight) for weight in self.weights)
        if self.switch is None:
            return Words(
                da=f"et vægtet gennemsnit med {w1.da} fra {first.da} og {w2.da} fra {second.da}",
                en=f"a weighted mean, {w1.en} from {first.en} and {w2.en} from {second.en}",
            )
        below, size = percent(self.switch.power_below), decimal(self.switch.effect)
        return Words(
            da=(
                f"{first.da} eller, hvis den statistiske styrke over for en effekt på {size.da} "
                f"er under {below.da}, ved {w1.da} af dette estimat og {w2.da} af estimatet fra "
                f"{second.da}"
            ),
            en=(
                f"{first.en} or, if its power for an effect of {size.en} is below {below.en}, by "
                f"{w1.en} of its estimate and {w2.en} of that from {second.en}"
            ),
        )

    def _weights(self, path: OutcomePath) -> tuple[FloatArray, FloatArray]:
        """Return the weights of the two estimates, (1, 1 or K, 1 or D) each."""
        alone = np.zeros((1, 1, 1), dtype=np.bool_)
        if self.switch is not None:
            power = self.switch.power(pooled_standard_error(self.first, path=path))
            alone = power >= self.switch.power_below
        return np.where(alone, 1.0, self.weights[0]), np.where(alone, 0.0, self.weights[1])

    def _covariance(self, path: OutcomePath) -> tuple[FloatArray, FloatArray]:
        """Return the covariance of the two estimates, by cohort and in common.

        (C, K, 1 or D) each: that of participants' luck, which between clusters is in common.
        """
        first, second = self.first, self.second
        if isinstance(first, OneAnalysis) and isinstance(second, OneAnalysis):
            both = first.pooled_share(path) * second.pooled_share(path)
            return np.zeros((len(path.people), 1, 1)), both * pooled_luck_variance(path)
        shares = first.luck_share(path) * second.luck_share(path)
        own, common = luck_parts(path)
        return shares * own, shares * common

    def _precision(
        self, path: OutcomePath, *, first: Measurement, second: Measurement
    ) -> Precision:
        """Return what the evaluator says of the error of the estimate that decides."""
        w1, w2 = self._weights(path)
        one, two = precision_of(first), precision_of(second)
        own, common = (2.0 * w1 * w2 * each for each in self._covariance(path))
        return Precision(
            own=w1**2 * one.own + w2**2 * two.own + own,
            common=w1**2 * one.common + w2**2 * two.common + common,
            degrees=min(one.degrees, two.degrees),
            least_p=self.least_p,
        )


def pooled_standard_error(design: EvaluationDesign, *, path: OutcomePath) -> FloatArray:
    """Return the standard error of a design of all cohorts together, (1, K, 1 or D).

    SE^2 = a + b / n: b is what falls with the number who count and the controls that go with them,
    a what does not. Both are found from the standard errors at two large numbers.

    Parameters
    ----------
    design
        A design that compares.
    path
        What is achieved, and by how many.
    """
    if isinstance(design, OneAnalysis):
        return np.sqrt(design.variance(path))
    whole = _as_one_cohort(path)
    small, large = (
        design.standard_error(
            replace(whole, people=np.full((len(path.people), 1), people)),
            participation=_participants(path, people=people),
        )
        ** 2
        for people in (MANY, 2.0 * MANY)
    )
    falls = 2.0 * MANY * (small - large)
    stays = np.maximum(2.0 * large - small, 0.0)
    number = summed(path.people)
    found = over_cohorts(stays, path=path) + rate(over_cohorts(falls, path=path), number=number)
    return np.where(number > 0, np.sqrt(found), 0.0)


def _as_one_cohort(path: OutcomePath) -> OutcomePath:
    """Return the path with everybody as members of each cohort, which design effects go by."""
    if path.clusters is None:
        return path
    width = max(member.shape[-1] for member in path.member)
    wide = [
        np.broadcast_to(member.astype(np.float64), (len(member), width)) for member in path.member
    ]
    return replace(path, member=(np.concatenate(wide),) * len(path.member))


def _participants(path: OutcomePath, *, people: float) -> Participation:
    """Return as many participants in each cohort, all of whom stay."""
    cohorts = len(path.people)
    number = np.full((cohorts, 1), people)
    return Participation(
        planned=np.full(cohorts, people),
        start=np.zeros((cohorts, 1)),
        delay=np.zeros((1, 1)),
        referred=number,
        started=number,
        completed=number,
        completes=(),
    )


Model = Combined
