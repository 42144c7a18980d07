"""How often the evaluator's own test finds something, given how the design really errs.

The evaluator tests the estimate against zero with the standard error that the design states, which
leaves out what nobody sees: a residual bias, a trend, a regression to the mean. How often it finds
something is decided by the true bias and the true standard deviation. So the power of a biased
design at an effect of 0 is its real share of false positives.

*Size-adjusted* power is that of a test which finds nothing in 1 - alpha of the cases without an
effect. It takes its critical value from those cases: the bias b(0) that there is without an effect,
and the whole standard deviation s(0), unseen error included. An effect e in the good direction is
then found with probability

    P(estimate - b(0) >= q s(0)),   estimate with mean a e + b(e) and standard deviation s(e),

a the part of the effect that the design aims at (1; 1 - s - c where a trial reports everybody as
allotted, with shares s of no-shows and c of crossovers), q the normal or t quantile
1 - alpha / sided. Only such power is comparable between designs. It is more than the power of the
evaluator's own test where that is too strict, and less where it is too lenient. A tester knows
nobody's mean, so s(0) is taken where everybody has the mean that all people together have under e:
for a trial of yes or no this is the classical test with pooled shares
(`proportions.power_of_proportions`; Fleiss, Levin and Paik 2003). Where the comparison is a figure
that is agreed on, the mean is the counterfactual; where two designs are combined, whose comparison
is of no number of people, it is about that of the participants.

Without a comparison there is no test, and every probability is NaN.

The evaluator's own test of two shares in planning divides by the standard error of the estimate,
which does not pool them. A trial's own test in a contract does (`core.precision.passes`: the z of
no difference). In equal arms the two differ by about a point: with 180 in each and 30 against 40 %
they have 51.6 and 51.2 % power.

Estimates are taken as normal, standard errors as those expected.

Sources: Davidson and MacKinnon 1998, "Graphical methods for investigating the size and power of
hypothesis tests", The Manchester School 66(1):1-26, for size-adjusted power; Fleiss, Levin and Paik
2003, "Statistical Methods for Rates and Proportions", Wiley, ch. 4, for the pooled share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import Sided
from sibsim.planning.findings import Findings
from sibsim.planning.testing import above, critical

TINY = float(np.finfo(np.float64).tiny)
"""Stands for a standard deviation of 0, so that what is certain is found or not."""


@dataclass(frozen=True, slots=True)
class Question:
    """The test that is made: its level, its directions and which of them is the good one."""

    alpha: float
    """Level, in (0, 1)."""

    sided: Sided
    """1 or 2 directions."""

    sign: float
    """1 where more is better, -1 where fewer is."""


@dataclass(frozen=True, slots=True)
class Detected:
    """Probabilities, in the shape of the effects; NaN without a comparison.

    There nothing is tested: nothing tells an effect from what would have come about anyway.
    """

    better: FloatArray
    """Significant in the good direction."""

    worse: FloatArray
    """Significant in the other direction; 0 in a one-sided test."""

    adjusted: FloatArray
    """Significant in the good direction with false positives held at alpha."""


def detected(found: Findings, *, null: Findings, question: Question) -> Detected:
    """Return how often a test finds an effect; NaN without a comparison, where nothing is tested.

    Parameters
    ----------
    found
        What the design finds at the effects that are true.
    null
        What it finds without an effect.
    question
        The test.
    """
    level = critical(question.alpha, sided=question.sided, degrees=found.degrees)
    no_test = np.asarray(found.least_p) > question.alpha
    spread = np.maximum(found.standard_error, TINY)

    def chance(edge: FloatArray, mean: FloatArray) -> FloatArray:
        score = np.where((mean == 0) & (found.standard_error == 0), -np.inf, mean / spread)
        return np.where(no_test, 0.0, above(edge, mean=score, degrees=found.degrees))

    stated = level * found.stated / spread
    better = chance(stated, question.sign * found.estimate)
    worse = np.zeros_like(better)
    if question.sided > 1:
        worse = chance(stated, -question.sign * found.estimate)
    moved = question.sign * (found.estimate - null.estimate)
    held = chance(level * found.null_error / spread, moved)
    tested = np.asarray(found.comparison_people) > 0
    return Detected(*(np.where(tested, each, np.nan) for each in (better, worse, held)))
