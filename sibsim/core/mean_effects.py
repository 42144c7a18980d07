"""What an intervention does to a mean: events, days, points of a scale.

An effect acts on an *additive scale*: ln RR for a rate ratio, the mean itself for a difference.
The time profile and the transport from the study to here act there, as they do for probabilities
(`sibsim.core.effects`). A standardised mean difference d is d standard deviations of the result.

Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, for d.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import ClassVar, Literal

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.effects import LARGEST_LOG, Scale, ScaledEffect, localise
from sibsim.core.parameters import REAL, Support

MeanScale = Literal["rate_ratio", "mean_difference", "standardised_difference"]
"""The scale an effect on a mean is stated on."""

NO_MEAN_EFFECT: Mapping[MeanScale, float] = {
    "rate_ratio": 1.0,
    "mean_difference": 0.0,
    "standardised_difference": 0.0,
}
"""Value that stands for no effect on each scale."""

_CARRIED_AS: Mapping[MeanScale, Scale] = {
    "rate_ratio": "risk_ratio",
    "mean_difference": "risk_difference",
    "standardised_difference": "risk_difference",
}
"""Scale of probabilities on which it is carried over alike: ratios by logarithm, differences as
they are."""

CUT_TOLERANCE = 1e-12
"""Relative and absolute distance from an end that is rounding and no cut."""


class MeanEffect(ScaledEffect):
    """An effect on a mean: a quantity that says its scale and when it was measured."""

    supports: ClassVar[Mapping[str, Support]] = {
        "rate_ratio": Support(0.0, math.inf),
        "mean_difference": REAL,
        "standardised_difference": REAL,
    }
    ratios: ClassVar[Collection[str]] = ("rate_ratio",)
    way_to_zero: ClassVar[str] = "for nothing at all state with_intervention = 0"

    scale: MeanScale
    """Scale it is stated on."""


def localise_mean(
    effect: FloatArray, *, scale: MeanScale, tau: FloatArray, noise: FloatArray
) -> FloatArray:
    """Return the effect here of an effect found elsewhere, on the same scale.

    Rate ratio: exp(tau ln effect + noise); differences: tau effect + noise.

    Parameters
    ----------
    effect
        Effect in the study, shape (1 or C, 1 or D).
    scale
        Its scale.
    tau
        Share that carries over, broadcast with `effect`.
    noise
        N(0, omega) on the additive scale, broadcast with `effect`: omega times a standard normal.
    """
    return localise(effect, scale=_CARRIED_AS[scale], tau=tau, noise=noise)


def moved_mean(
    mean: FloatArray,
    effect: FloatArray,
    *,
    scale: MeanScale,
    g: FloatArray | float = 1.0,
    sd: FloatArray | float = 1.0,
) -> FloatArray:
    """Return the mean with the intervention, which may leave what is possible.

    Rate ratio m1 = m0 effect^g; mean difference m1 = m0 + g effect; standardised difference
    m1 = m0 + g effect sd.

    Parameters
    ----------
    mean
        Mean without the intervention, m0, shape (..., 1 or D).
    effect
        Effect, broadcast with `mean`.
    scale
        Scale of the effect.
    g
        Factor on the additive scale: time profile times effort, broadcast with `mean`.
    sd
        Standard deviation that d counts in, in the unit of the mean, broadcast with it.
    """
    if scale == "rate_ratio":
        log = np.log(np.maximum(effect, np.finfo(np.float64).tiny))
        return mean * np.exp(np.clip(g * log, -LARGEST_LOG, LARGEST_LOG))
    return mean + g * effect * (sd if scale == "standardised_difference" else 1.0)


def cut(
    mean: FloatArray, *, lower: FloatArray | float, upper: FloatArray | float
) -> tuple[FloatArray, BoolArray]:
    """Return means cut to what is possible, and which lay outside by more than rounding.

    Parameters
    ----------
    mean
        Any shape.
    lower, upper
        Ends of what is possible, broadcast with `mean`.
    """
    inside = np.clip(mean, lower, upper)
    return inside, ~np.isclose(mean, inside, rtol=CUT_TOLERANCE, atol=CUT_TOLERANCE)
