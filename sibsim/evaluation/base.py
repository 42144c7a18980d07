"""What every evaluation design states, and the estimate that follows from a report.

A design turns what happened into what is reported. *Treated luck is chance, control luck is
measurement*: the standard error is the sd of (estimate - true rate or effect) over both, given the
parameters and the number of people. The bias is the mean of that difference: the systematic error,
which stays when the measurement layer is off.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
from scipy.special import gammaincinv, ndtri

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import count
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Name, Spec, as_share
from sibsim.core.stages import Context, Measurement, Participation, Precision
from sibsim.core.wording import Language
from sibsim.core.words import Words


@dataclass(frozen=True, slots=True)
class Measurable:
    """What a design has to know of an outcome to tell whether it can measure it."""

    is_indicator: bool
    """Whether a person's result is yes or no; else it is a number."""

    by_person: bool
    """Whether people are drawn one by one; else only numbers of people are."""

    follow_up_months: tuple[int, ...]
    """Follow-ups in months from the start of service, rising."""

    in_clusters: bool = False
    """Whether people of a cluster are more alike than others."""

    starts: date | None = None
    """When the first participants start; None: not known yet."""

    drifts_since: date | None = None
    """Date that its drift counts from; None: it has none."""


class EvaluationDesign(Spec, ABC):
    """What the evaluator reports about one outcome."""

    compares: ClassVar[bool] = True
    """Whether the report holds a comparison, so that it can tell what is additional."""

    names_people: ClassVar[bool] = True
    """Whether the report says of each participant whether the outcome is achieved."""

    design: str
    """Name of the design."""

    outcome: Name
    """Name of the outcome that is measured."""

    note: str | None = None
    """Anything a reader must know."""

    @property
    def comparison_is_agreed(self) -> bool:
        """Whether the comparison is a number of the contract that nobody measures."""
        return False

    @property
    def least_p(self) -> float:
        """Smallest p-value that the evaluation can come to."""
        return 0.0

    @property
    def served_share(self) -> float:
        """Share of the people planned to start who are served, the rest being its controls."""
        return 1.0

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield in words why the design cannot measure an outcome.

        Parameters
        ----------
        outcome
            What the design has to know of it.
        """
        if outcome.is_indicator:
            yield from (
                f"got {name} = {value:g}; the outcome is yes or no, so that it is at most 1"
                f"{as_share(value) or '; write a share'}"
                for name, value in self.in_points.items()
                if abs(value) > 1
            )

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        return {}

    def remarks(self, path: OutcomePath) -> tuple[str, ...]:
        """Return what a careful reader should know or would ask about.

        Parameters
        ----------
        path
            What is achieved in the base case.
        """
        del path
        return ()

    @property
    def sized_by(self) -> tuple[str, ...]:
        """Paths of the fields that say how many people the evaluation itself counts.

        They grow with the number of participants, such as `people` of a stepped wedge; empty where
        the participants and their comparison group are all there is.
        """
        return ()

    @property
    def aims_at_participants(self) -> bool:
        """Whether the estimate is of the effect on those who take part."""
        return True

    @abstractmethod
    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return the report.

        Parameters
        ----------
        path
            What is achieved.
        participation
            Who comes and stays.
        context
            At the path of the measure.
        """

    @abstractmethod
    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return the sd of (estimate - truth) over chance and measurement, (C, K, 1 or D).

        Given the parameters and the number of people; 0 where nobody is counted.
        """

    @abstractmethod
    def bias(self, path: OutcomePath) -> FloatArray:
        """Return the mean of (estimate - truth): the systematic error, (C, K, 1 or D)."""

    @abstractmethod
    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured, as the end of `measured by ...` and `målt ved ...`.

        Parameters
        ----------
        compared
            Whether the comparison is used; if not, it is left unsaid.
        """

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return how much of the participants' luck is in the estimate, (1 or C, 1 or K, 1 or D).

        E[estimate - truth - bias | what participants achieve] is this share of
        (achieved / people - expected): 1 where their results are reported as they are and nothing
        in the comparison goes along with them.

        Parameters
        ----------
        path
            What is achieved.
        """
        del path
        return np.ones((1, 1, 1))

    def describe(self, lang: Language = "en") -> str:
        """Return in one sentence how the outcome is measured, in Danish or English.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).
        """
        words = self.words()
        return Words(
            da=f"»{self.outcome}« måles ved {words.da}.",
            en=f'"{self.outcome}" is measured by {words.en}.',
        ).in_language(lang)

    def estimate(self, measured: Measurement) -> FloatArray:
        """Return the effect, or the rate where the design has no comparison, (C, K, 1 or D)."""
        if self.compares:
            return effect(measured)
        return rate(measured.treated_sum, number=measured.treated_n)

    def truth(self, path: OutcomePath) -> FloatArray:
        """Return what the estimate aims at: the true effect, or the true rate, (C, K, 1 or D)."""
        return path.expected - path.counterfactual if self.compares else path.expected


def rate(total: FloatArray, *, number: FloatArray) -> FloatArray:
    """Return total / number, and 0 where there is nobody."""
    total, number = np.broadcast_arrays(total, number)
    return np.divide(total, number, out=np.zeros(total.shape), where=number > 0)


def effect(measured: Measurement) -> FloatArray:
    """Return the difference in rates, and 0 where either arm holds nobody, (C, K, 1 or D)."""
    treated = rate(measured.treated_sum, number=measured.treated_n)
    comparison = rate(measured.comparison_sum, number=measured.comparison_n)
    both = (measured.treated_n > 0) & (measured.comparison_n > 0)
    return np.where(both, treated - comparison, 0.0)


def observed_number(number: FloatArray, *, share: FloatArray | float) -> FloatArray:
    """Return 1 / E[1 / N] for N of `number` people each observed with probability `share`.

    N is binomial; to second order E[1 / N] = (1 + (1 - s) / (n s)) / (n s) (Stephan 1945).
    """
    expected = number * share
    inverse = rate(1.0 + rate(np.array(1.0 - share), number=expected), number=expected)
    return rate(np.ones(()), number=inverse)


def claimed(path: OutcomePath) -> tuple[Indicator, ...] | None:
    """Return the true results of those who count, by cohort, (P_c, K, 1 or D).

    None where only numbers of people are known.
    """
    if not path.value:
        return None
    return tuple(
        member[:, np.newaxis] * value for member, value in zip(path.member, path.value, strict=True)
    )


def stacked(rows: list[FloatArray]) -> FloatArray:
    """Return one array (C, K, 1 or D) from one array (K, 1 or D) per cohort."""
    return np.stack(np.broadcast_arrays(*rows))


def counted(indicators: tuple[Indicator, ...]) -> FloatArray:
    """Return the sum over persons of indicators by cohort, (C, K, 1 or D)."""
    return stacked([count(each) for each in indicators])


def sampling_variance(path: OutcomePath) -> FloatArray:
    """Return the variance of the mean result of those who count, (C, K, 1 or D).

    v x design effect / n, v a person's variance; 0 where nobody counts.
    """
    return rate(path.variance * design_effects(path), number=path.people[:, np.newaxis])


def luck_parts(path: OutcomePath) -> tuple[FloatArray, FloatArray]:
    """Return what of `sampling_variance` each cohort has by itself and what all have in common.

    (1 - ICC) v / n, and the rest: clusters are the same ones for all cohorts and keep their luck.
    The covariance of two cohorts is the root of the product of what they have in common where
    clusters have the same shares of both; (C, K, 1 or D) each.
    """
    icc = path.clusters.icc if path.clusters is not None else 0.0
    own = (1.0 - icc) * rate(path.variance, number=path.people[:, np.newaxis])
    return own, sampling_variance(path) - own


def known_error(
    path: OutcomePath,
    variance: FloatArray,
    *,
    luck_share: FloatArray | float = 1.0,
    common: FloatArray | float = 0.0,
    least_p: float = 0.0,
) -> Precision:
    """Return what an evaluator says of an error whose variance is known.

    Parameters
    ----------
    path
        What is achieved; the luck of its clusters is common to all cohorts.
    variance
        Variance of the estimate but for `common`, (C, K, 1 or D).
    luck_share
        How much of participants' luck is in it, (1 or C, 1 or K, 1 or D).
    common
        Variance of what else errs in the same way in all cohorts, (1 or C, 1 or K, 1 or D).
    least_p
        Smallest p-value that the evaluation can come to.
    """
    shared = luck_share**2 * luck_parts(path)[1]
    return Precision(own=variance - shared, common=shared + common, least_p=least_p)


def design_effects(path: OutcomePath) -> FloatArray:
    """Return how much clusters raise the variance of a mean of participants, (C, 1, 1 or D)."""
    if path.clusters is None:
        return np.ones((len(path.people), 1, 1))
    effects = [path.clusters.design_effect(member) for member in path.member]
    return np.stack(np.broadcast_arrays(*effects))[:, np.newaxis]


def luck(path: OutcomePath) -> FloatArray:
    """Return the mean result of those who count less its expectation, (C, K, 1 or D)."""
    people = path.people[:, np.newaxis]
    return np.where(people > 0, rate(path.achieved, number=people) - path.expected, 0.0)


def compared_with(
    path: OutcomePath,
    comparison: FloatArray,
    *,
    number: FloatArray,
    precision: Precision | None = None,
) -> Measurement:
    """Return the report that sets participants' results, as they are, beside a comparison.

    Parameters
    ----------
    path
        What is achieved.
    comparison
        Mean result that is said to have come about anyway, (C, K, 1 or D).
    number
        People of the comparison, above zero, (C, 1 or K, 1 or D).
    precision
        What the evaluator says of the error of the difference.
    """
    people = path.people[:, np.newaxis]
    shape = comparison.shape[:2]
    return Measurement(
        follow_up_months=path.follow_up_months,
        when=path.when,
        treated_sum=path.achieved,
        treated_n=np.broadcast_to(people, (*shape, people.shape[-1])),
        comparison_sum=comparison * number,
        comparison_n=np.broadcast_to(number, (*shape, number.shape[-1])),
        claims=claimed(path),
        precision=precision,
    )


def noise(context: Context, *names: object, sd: FloatArray) -> FloatArray:
    """Return a normal error of the evaluator, 0 with the measurement layer off; shape of sd x D.

    One standard normal a draw, times the sd: where the sd has more than one row, all rows err in
    the same way.

    Parameters
    ----------
    context
        At the path of the measure.
    names
        End of the name of the stream.
    sd
        Standard deviation, (..., 1 or D).
    """
    if not context.measurement.on:
        return np.zeros((*sd.shape[:-1], 1))
    uniform = context.measurement.uniforms(context.stream(*names), rows=1)[0]
    found: FloatArray = sd * ndtri(uniform)
    return found


def estimated(variance: FloatArray, *names: object, degrees: float, context: Context) -> FloatArray:
    """Return a variance as the evaluator estimates it: times chi-square(degrees) / degrees.

    Parameters
    ----------
    variance
        The true variance, (C, K, 1 or D).
    names
        End of the name of the stream.
    degrees
        Degrees of freedom on which it is estimated.
    context
        At the path of the measure; with measurement off the variance is known.
    """
    if not context.measurement.on:
        return variance
    uniform = context.measurement.uniforms(context.stream(*names), rows=1)[0]
    found: FloatArray = variance * gammaincinv(degrees / 2.0, uniform) * 2.0 / degrees
    return found


def no_comparison(path: OutcomePath) -> FloatArray:
    """Return the zeros that stand for a comparison that does not exist, (C, K, 1)."""
    return np.zeros((len(path.people), len(path.follow_up_months), 1))
