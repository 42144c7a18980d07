"""How often the evaluator's own test finds something, given how the design really errs.

The evaluator tests the estimate against zero with the standard error that the design states, which
leaves out what nobody sees: a residual bias, a trend, a regression to the mean. How often it finds
something is decided by the true bias and the true standard deviation. So the power of a biased
design at an effect of 0 is its real share of false positives.

*Size-adjusted* power is that of a test which finds nothing in 1 - alpha of the cases without an
effect: it takes off the bias that there is without one and tests with the whole standard deviation,
unseen error included. Where the evaluator's own test is harder still, it is the power of that. Only
such power is comparable between designs. Estimates are taken as normal, standard errors as those
expected.

Source: Davidson and MacKinnon 1998, "Graphical methods for investigating the size and power of
hypothesis tests", The Manchester School 66(1):1-26, for size-adjusted power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sibsim.core.arrays import FloatArray
from sibsim.planning.arguments import Sided
from sibsim.planning.setting import Findings
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
    """Probabilities, in the shape of the effects."""

    better: FloatArray
    """Significant in the good direction."""

    worse: FloatArray
    """Significant in the other direction; 0 in a one-sided test."""

    adjusted: FloatArray
    """Significant in the good direction with false positives held at alpha; NaN without a
    comparison, where nothing tells an effect from what would have come about anyway."""


def detected(effect: ArrayLike, *, found: Findings, null: Findings, question: Question) -> Detected:
    """Return how often a test finds an effect.

    Parameters
    ----------
    effect
        True effects.
    found
        How the design errs at these effects; its arrays broadcast with them.
    null
        How it errs without an effect.
    question
        The test.
    """
    level = critical(question.alpha, sided=question.sided, degrees=found.degrees)
    no_test = np.asarray(found.least_p) > question.alpha
    spread = np.maximum(found.standard_error, TINY)
    mean = np.asarray(effect, dtype=np.float64) + found.bias

    def chance(edge: FloatArray, mean: FloatArray) -> FloatArray:
        score = np.where((mean == 0) & (found.standard_error == 0), -np.inf, mean / spread)
        return np.where(no_test, 0.0, above(edge, mean=score, degrees=found.degrees))

    stated = level * found.stated / spread
    better = chance(stated, question.sign * mean)
    worse = np.zeros_like(better)
    if question.sided > 1:
        worse = chance(stated, -question.sign * mean)
    held = np.minimum(better, chance(level, question.sign * (mean - null.bias)))
    compares = np.asarray(found.comparison_people) > 0
    return Detected(better, worse, adjusted=np.where(compares, held, np.nan))
