r"""Links between outcomes: B given A, and an effect on B that goes through A.

*Given*: those who achieve A achieve B with other odds than the rest, at the same chance of B among
all. With p_A and p_B the chances of the two at the follow-up and R the odds ratio, those without A
have the chance b that solves

    (1 - p_A)(R - 1) b^2 + (1 + (R - 1)(p_A - p_B)) b - p_B = 0,

b = 2 p_B / (h + sqrt(h^2 + 4 (1 - p_A)(R - 1) p_B)), h = 1 + (R - 1)(p_A - p_B), and those with A
have a = R b / (1 - b + R b), so that p_A a + (1 - p_A) b = p_B.

*Mediation*: what the intervention adds to a progression metric A is carried on to B. With m the
mean of A with the intervention less the mean without, at the follow-up of A that is named,

    logit p_B1 = logit p_B(direct) + m ln(odds ratio per unit of A),

p_B(direct) the chance by the effect that B states itself, or without one the counterfactual.
Assumption: all of what A adds acts on B as the odds ratio of an observational study says; where A
and B have a common cause, part of it does not.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from sibsim.core.arrays import FloatArray, Indicator
from sibsim.core.distributions import fault, shown
from sibsim.core.effects import apply
from sibsim.core.parameters import Amount, Quantity
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Name, Sourced
from sibsim.core.streams import Layer
from sibsim.outcomes.binary_law import BinaryLaw
from sibsim.outcomes.goal import FollowUp

LARGEST_RATIO = 1e9
"""Odds ratio beyond which who has A decides about B for all that can be told."""


def _above_zero(ratio: Quantity) -> Quantity:
    highest = ratio.distribution.support[1] if ratio.is_fixed else ratio.base_value
    if not ratio.base_value > 0 or highest > LARGEST_RATIO:
        message = (
            f"got {shown(ratio.base_value)}; an odds ratio is above zero and at most "
            f"{LARGEST_RATIO:g}; for no link write 1"
        )
        raise fault(message)
    return ratio


OddsRatio = Annotated[Amount, AfterValidator(_above_zero)]
"""An odds ratio, above 0."""


class Given(Sourced):
    """That those who achieve another outcome achieve this one with other odds."""

    outcome: Name
    """Name of the other outcome, whose result is yes or no."""

    odds_ratio: OddsRatio
    """Odds of this outcome for those who achieve the other, over the odds of the rest; above 0."""


class Mediation(Sourced):
    """That what is added to another outcome is carried on to this one."""

    through: Name
    """Name of the other outcome, such as a progression metric."""

    at_months: FollowUp
    """Follow-up of the other outcome, in months from the start of service."""

    odds_ratio_per_unit: OddsRatio
    """Odds ratio of this outcome per unit of the other outcome's result; above 0."""


def conditional(
    p_a: FloatArray, p_b: FloatArray, *, odds_ratio: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the chance of B for those with A and for those without.

    Parameters
    ----------
    p_a, p_b
        Chances of A and B among all, shapes that broadcast.
    odds_ratio
        Odds ratio of B given A, above 0.
    """
    more = odds_ratio - 1.0
    linear = 1.0 + more * (p_a - p_b)
    curved = (1.0 - p_a) * more
    root = np.sqrt(np.maximum(linear**2 + 4.0 * curved * p_b, 0.0))
    # Of the two forms of the root the one that subtracts nothing of its own size.
    positive = linear >= 0
    without = np.where(
        positive,
        2.0 * p_b / np.where(positive, linear + root, 1.0),
        (root - linear) / np.where(positive, 1.0, 2.0 * curved),
    )
    without = np.clip(without, 0.0, 1.0)
    return odds_ratio * without / (1.0 + more * without), without


def carried_on(
    p: FloatArray, *, path: OutcomePath, at_months: int, odds_ratio_per_unit: FloatArray
) -> FloatArray:
    """Return a chance with what another outcome adds to it, (C, K, 1 or D).

    Parameters
    ----------
    p
        The chance without it, (1 or C, 1 or K, 1 or D).
    path
        The other outcome.
    at_months
        Its follow-up.
    odds_ratio_per_unit
        Odds ratio per unit of its result, (1 or C, 1 or D).
    """
    k = path.follow_up_months.index(at_months)
    added = (path.expected - path.counterfactual)[:, k]
    found, _ = apply(
        p, odds_ratio_per_unit[:, np.newaxis], scale="odds_ratio", g=added[:, np.newaxis]
    )
    return found


def drawn_given(
    other: OutcomePath,
    *,
    cohort: int,
    law: BinaryLaw,
    odds_ratio: FloatArray,
    follow_up_months: tuple[int, ...],
    layer: Layer,
    stream: str,
) -> Indicator:
    """Return who of a cohort achieves an outcome, by their own result in another, (P, K, D).

    A person's luck is the same whatever the other result, so that a better one does no harm where
    the odds ratio is above 1.

    Parameters
    ----------
    other
        The other outcome; its last follow-up up to each of this outcome's is read.
    cohort
        The cohort.
    law
        The law of this outcome among all.
    odds_ratio
        Odds ratio given the other, (1 or D,).
    follow_up_months
        Follow-ups of this outcome, each with one of the other's before it or on it.
    layer, stream
        As in `BinaryLaw.draw`.
    """
    read = [
        max(k for k, each in enumerate(other.follow_up_months) if each <= months)
        for months in follow_up_months
    ]
    chances = conditional(other.expected[cohort, read], law.mean, odds_ratio=odds_ratio)
    reached = other.value[cohort]
    if_so, if_not = (
        BinaryLaw(p, law.persistence).draw(layer, stream=stream, people=len(reached))
        for p in chances
    )
    return np.where(reached[:, read], if_so, if_not)
