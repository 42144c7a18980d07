"""How sure a study is by its limits or its error: whether these belong to its estimate.

Limits of an estimate lie evenly around it on the additive scale, within the rounding of their
printed digits; where they lie evenly as printed instead, a ratio was given as its logarithm.

Source: Higgins and others (eds.) 2019, "Cochrane Handbook for Systematic Reviews of Interventions"
6, section 6.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri

from sibsim.core.standard_errors import LEVEL
from sibsim.evidence.studies import RATIOS, StudyScale

if TYPE_CHECKING:
    from sibsim.evidence.study_rows import StudyRow

LARGEST_UNEVENNESS = 0.25
"""Distance of an estimate from the middle of its 95 % limits, in halves of their width, beyond
which the three do not belong together: half a standard error. Exact and profile limits of small
trials stay within it."""

NEARLY_EVEN = 0.05
"""The same distance at which limits still count as even: estimate and limits are often rounded to
different digits."""

LARGEST_LOGARITHM = math.log(100.0)
"""Largest figure that may be the logarithm of a ratio: no programme changes odds a hundredfold."""

FLOAT_NOISE = 1e-9
"""The same distance that is still rounding of the computer's arithmetic, of order 1e-16."""


def additive_of(scale: StudyScale) -> Callable[[float], float]:
    """Return what takes a figure as readers know it to the additive scale."""
    return _logarithm if scale in RATIOS else float


def _logarithm(ratio: float) -> float:
    return math.log(ratio) if ratio > 0 else -math.inf


def interval_of_error(row: StudyRow, *, scale: StudyScale) -> tuple[float, float] | None:
    """Return the 95 % interval that a stated standard error or variance means for a ratio.

    Parameters
    ----------
    row
        The study, without `faults_of`.
    scale
        Scale of its effect.

    Returns
    -------
    tuple of float, or None
        Limits as ratios, without what clusters add; None where it is no ratio or gives no error.
    """
    error = row.standard_error if row.variance is None else math.sqrt(row.variance)
    if scale not in RATIOS or error is None or row.estimate is None:
        return None
    reach = error * float(ndtri((1.0 + LEVEL) / 2.0))
    with np.errstate(over="ignore"):
        low, high = np.exp(math.log(row.estimate) + np.array([-reach, reach]))
    return float(low), float(high)


class Unevenness(NamedTuple):
    """How unevenly limits lie around their estimate, after what rounding explains."""

    additive: float
    """On the additive scale, in halves of the width of the limits; 0 is evenly."""

    plain: float
    """The same of the figures as they are printed."""

    @property
    def is_of_a_logarithm(self) -> bool:
        """Whether limits that should lie evenly on the additive scale do so as they are printed.

        Exactly so, or nearly and far less unevenly, or within what limits of an estimate may be
        where on the additive scale they are beyond it.
        """
        if self.additive > LARGEST_UNEVENNESS:
            return self.plain <= LARGEST_UNEVENNESS
        return self.plain == 0 < self.additive or self.plain <= NEARLY_EVEN < self.additive / 2.0


def unevenness(row: StudyRow, *, scale: StudyScale) -> Unevenness:
    """Return how unevenly the limits of a study lie around its estimate, beyond rounding.

    Every figure may be half a unit of the last printed digit off. Digits are those of the figure of
    the three that shows most of them, as 1.30 is read as 1.3.

    Parameters
    ----------
    row
        The study; without limits they count as even.
    scale
        Scale of its effect.
    """
    if row.estimate is None or row.lower is None or row.upper is None:
        return Unevenness(additive=0.0, plain=0.0)
    three = (row.estimate, row.lower, row.upper)
    half_unit = 0.5 * 10.0 ** -max(_decimals(each) for each in three)
    found = (_unevenness(three, half_unit=half_unit, of=of) for of in (additive_of(scale), float))
    return Unevenness(*(each if each > FLOAT_NOISE else 0.0 for each in found))


def _decimals(figure: float) -> int:
    """Return how many digits after the point a figure shows: 2 of 1.63, 0 of 20."""
    exponent = Decimal(repr(float(figure))).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _unevenness(
    three: tuple[float, float, float], *, half_unit: float, of: Callable[[float], float]
) -> float:
    """Return the gap between the estimate and the middle of its limits, each as rounding allows."""
    estimate, lower, upper = three
    lowest, highest = ((of(lower + off) + of(upper + off)) / 2.0 for off in (-half_unit, half_unit))
    gap = max(lowest - of(estimate + half_unit), of(estimate - half_unit) - highest, 0.0)
    return gap / ((of(upper) - of(lower)) / 2.0)
