"""What can be asked of an evaluation inside a contract, and the answers over simulated courses.

A *course* is one draw of a case, simulated twice with the same luck: as it is, and without any
effect of the intervention. A *diagnosand* is a figure over courses (Blair, Cooper, Coppock and
Humphreys 2019, "Declaring and diagnosing research designs", American Political Science Review
113(3):838-859): a function that returns one number per course, the mean of which is the figure.
Figures that are no mean return the figure plus each course's influence on it, so that the spread
over courses gives the Monte Carlo error (`sibsim.core.statistics`).

Type S and M errors are those of Gelman and Carlin 2014, "Beyond power calculations: assessing
type S (sign) and type M (magnitude) errors", Perspectives on Psychological Science 9(6):641-651.

Symbols: e estimate, t truth, s stated standard error, y what is paid, y* what is deserved (the same
line on the exact truth), y0 what is paid in the course without effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.statistics import mc_error_of_mean, mc_error_of_probability
from sibsim.errors import ArgumentError

SOMETHING = 0.005
"""Half an øre: less than this is paid by rounding only, and is nothing."""


@dataclass(frozen=True, slots=True)
class Courses:
    """What an evaluation finds and a contract pays in each simulated course; NaN: not defined.

    All cohorts together at one follow-up, weighted by the participants in the report, those without
    a comparison being left out where the design compares; (D,) each.

    Attributes
    ----------
    estimate
        Estimated effect, or measured rate where the design has no comparison; NaN: not measured.
    truth
        What the estimate aims at: the true effect, or the true rate.
    stated_bias
        Mean of estimate - truth that the design's formula gives.
    standard_error
        Standard error that the evaluator states, which knows no bias.
    half_width
        Half the width of the stated 95 % interval.
    stands_out
        Whether a two-sided test finds the estimate different from zero; 1 or 0.
    effect
        True effect on all who took part, reported or not, in the direction that is paid for,
        whatever the design measures.
    significant
        Whether the contract's test, or else a one-sided one, is passed; 1 or 0, as what is not
        measured does not pass.
    paid
        What the payment lines pay less what they ask back, before limits over lines.
    deserved
        What they would pay on the exact truth.
    estimate_without_effect
        The estimate in the course without effect.
    significant_without_effect
        Whether the test is passed there; 1 or 0.
    paid_without_effect
        What is paid there.
    error
        Estimate - truth.
    """

    estimate: FloatArray
    truth: FloatArray
    stated_bias: FloatArray
    standard_error: FloatArray
    half_width: FloatArray
    stands_out: FloatArray
    effect: FloatArray
    significant: FloatArray
    paid: FloatArray
    deserved: FloatArray
    estimate_without_effect: FloatArray
    significant_without_effect: FloatArray
    paid_without_effect: FloatArray

    @property
    def error(self) -> FloatArray:
        """Estimate - truth, (D,)."""
        return self.estimate - self.truth

    def where_effect(self, values: FloatArray | BoolArray) -> FloatArray:
        """Return values of the courses in which the intervention does good, NaN in the others."""
        return np.where(self.effect > 0, values, np.nan)


Diagnosand = Callable[[Courses], FloatArray | BoolArray | float]
"""A figure over courses: one number per course, (D,), whose mean it is, or one number."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its Monte Carlo error."""

    value: float
    """The figure; NaN where it is not defined in any course."""

    mc_error: float
    """Its Monte Carlo standard error, in the same unit; NaN where it cannot be told."""


def bias(courses: Courses) -> FloatArray:
    """Return e - t: on average, how far the estimate is from the truth."""
    return courses.error


def stated_bias(courses: Courses) -> FloatArray:
    """Return the bias that the design's formula gives."""
    return courses.stated_bias


def sd(courses: Courses) -> FloatArray:
    """Return the standard deviation of e - t: how far estimates scatter about truth and bias."""
    centred = courses.error - _mean(courses.error)
    return _root_of_mean(centred**2)


def rmse(courses: Courses) -> FloatArray:
    """Return sqrt(mean (e - t)^2): bias and scatter together."""
    return _root_of_mean(courses.error**2)


def coverage(courses: Courses) -> FloatArray:
    """Return whether the stated 95 % interval holds the truth."""
    held = np.abs(courses.error) <= courses.half_width
    return np.where(np.isnan(courses.half_width + courses.error), np.nan, held)


def power(courses: Courses) -> FloatArray:
    """Return whether the test is passed, where there is an effect."""
    return courses.where_effect(courses.significant)


def false_positive(courses: Courses) -> FloatArray:
    """Return whether the test is passed in the course without effect."""
    return courses.significant_without_effect


def type_s(courses: Courses) -> FloatArray:
    """Return whether the estimate has the wrong sign, where it differs from zero by the test."""
    wrong = courses.estimate * courses.truth < 0
    return np.where(courses.stands_out > 0, wrong, np.nan)


def type_m(courses: Courses) -> FloatArray:
    """Return mean |e| / mean |t| where the estimate differs from zero by the test.

    A ratio of means, since single truths near zero have no finite ratio; with one truth it is that
    of Gelman and Carlin.
    """
    chosen = courses.stands_out > 0
    estimate = np.where(chosen, np.abs(courses.estimate), np.nan)
    truth = np.where(chosen, np.abs(courses.truth), np.nan)
    base = _mean(truth)
    if not base > 0:
        return np.full(courses.truth.shape, np.nan)
    ratio = _mean(estimate) / base
    return ratio + (estimate - ratio * truth) / base


def not_measured(courses: Courses) -> BoolArray:
    """Return whether there is no estimate: every participant, or every comparison, is lost.

    Bias, scatter and coverage are those of the other courses.
    """
    return np.isnan(courses.estimate)


def p_paid_for_nothing(courses: Courses) -> BoolArray:
    """Return whether anything is paid in the course without effect: P(y0 > 0)."""
    return courses.paid_without_effect > SOMETHING


def p_effect_unpaid(courses: Courses) -> FloatArray:
    """Return whether nothing is paid, where there is an effect: P(y = 0 | effect).

    Also where the effect is too small for the contract to pay: see `p_deserved_unpaid`.
    """
    return courses.where_effect(courses.paid <= SOMETHING)


def p_deserved_unpaid(courses: Courses) -> FloatArray:
    """Return whether nothing is paid, where anything is deserved: P(y = 0 | y* > 0)."""
    return np.where(courses.deserved > SOMETHING, courses.paid <= SOMETHING, np.nan)


def paid_for_nothing(courses: Courses) -> FloatArray:
    """Return what is paid in the course without effect: E[y0]."""
    return courses.paid_without_effect


def unpaid_effect(courses: Courses) -> FloatArray:
    """Return what is deserved where nothing is paid, nothing elsewhere: E[y* 1(y = 0) | effect]."""
    return courses.where_effect(np.where(courses.paid <= SOMETHING, courses.deserved, 0.0))


def overpaid(courses: Courses) -> FloatArray:
    """Return what is paid beyond what is deserved: E[max(0, y - y*)]."""
    return np.maximum(courses.paid - courses.deserved, 0.0)


def underpaid(courses: Courses) -> FloatArray:
    """Return what is deserved and not paid: E[max(0, y* - y)]."""
    return np.maximum(courses.deserved - courses.paid, 0.0)


def paid(courses: Courses) -> FloatArray:
    """Return what is paid: E[y]."""
    return courses.paid


def deserved(courses: Courses) -> FloatArray:
    """Return what the same line would pay on the exact truth: E[y*]."""
    return courses.deserved


DIAGNOSANDS: Mapping[str, Diagnosand] = {
    each.__name__: each
    for each in (
        bias,
        stated_bias,
        sd,
        rmse,
        coverage,
        power,
        false_positive,
        type_s,
        type_m,
        not_measured,
        p_paid_for_nothing,
        p_effect_unpaid,
        p_deserved_unpaid,
        paid_for_nothing,
        unpaid_effect,
        overpaid,
        underpaid,
        paid,
        deserved,
    )
}
"""The figures that every diagnosis gives, by name."""

PROBABILITIES = frozenset(
    {
        "coverage",
        "power",
        "false_positive",
        "type_s",
        "not_measured",
        "p_paid_for_nothing",
        "p_effect_unpaid",
        "p_deserved_unpaid",
    }
)
"""Those of them that are probabilities, whose error is never zero."""

MONEY = frozenset(
    {"paid_for_nothing", "unpaid_effect", "overpaid", "underpaid", "paid", "deserved"}
)
"""Those of them that are amounts in the case's currency."""


def figure(name: str, diagnosand: Diagnosand, *, courses: Courses) -> Figure:
    """Return a figure over courses with its Monte Carlo error.

    Parameters
    ----------
    name
        Name of the diagnosand.
    diagnosand
        The function.
    courses
        What it is asked of.

    Raises
    ------
    ArgumentError
        If the function returns neither one number per course nor one number.
    """
    found = np.asarray(diagnosand(courses))
    size = len(courses.paid)
    if found.shape not in {(), (size,)} or found.dtype.kind not in "bif":
        message = (
            f"diagnosands.{name}: got {found.dtype} of shape {found.shape}; a diagnosand returns "
            f"one number per course, shape ({size},), or one number"
        )
        raise ArgumentError(message)
    values = found.astype(np.float64)
    if not found.shape:
        return Figure(float(values), mc_error=np.nan)
    whether = name in PROBABILITIES or found.dtype == np.bool_
    error = mc_error_of_probability(values) if whether else mc_error_of_mean(values)
    return Figure(_mean(values), mc_error=error)


def _mean(values: FloatArray) -> float:
    """Return the mean over the courses where it is defined; NaN if there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else np.nan


def _root_of_mean(squares: FloatArray) -> FloatArray:
    """Return sqrt(mean), plus each course's influence on it, (D,)."""
    mean = _mean(squares)
    root = np.sqrt(mean)
    if not root > 0:
        return np.where(np.isnan(squares), np.nan, root)
    return np.asarray(root + (squares - mean) / (2.0 * root))
