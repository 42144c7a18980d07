"""What every evaluation design states, and the estimate that follows from a report.

A design turns what happened into what is reported. *Treated luck is chance, control luck is
measurement*: the standard error is the sd of (estimate - true rate or effect) over both, given the
parameters and the number of people. The bias is the mean of that difference: the systematic error,
which stays when the measurement layer is off.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.luck import count
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Name, Spec
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.words import Words


class EvaluationDesign(Spec, ABC):
    """What the evaluator reports about one outcome."""

    compares: ClassVar[bool] = True
    """Whether the report holds a comparison, so that it can tell what is additional."""

    comparison_is_agreed: ClassVar[bool] = False
    """Whether the comparison is a number of the contract that nobody measures."""

    names_people: ClassVar[bool] = True
    """Whether the report says of each participant whether the outcome is achieved."""

    design: str
    """Name of the design."""

    outcome: Name
    """Name of the outcome that is measured."""

    note: str | None = None
    """Anything a reader must know."""

    def check_outcome(self, *, is_indicator: bool, by_person: bool) -> Iterator[str]:
        """Yield in words why the design cannot measure an outcome.

        Parameters
        ----------
        is_indicator
            Whether a person's result is yes or no; else it is a number.
        by_person
            Whether people are drawn one by one; else only numbers of people are.
        """
        del is_indicator, by_person
        yield from ()

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


def observed_number(number: FloatArray, *, share: float) -> FloatArray:
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


def no_comparison(path: OutcomePath) -> FloatArray:
    """Return the zeros that stand for a comparison that does not exist, (C, K, 1)."""
    return np.zeros((len(path.people), len(path.follow_up_months), 1))
