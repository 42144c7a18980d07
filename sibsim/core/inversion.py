"""Numbers of people drawn by inversion: how many come, and how many of them go on.

The number is the least k whose distribution function reaches the uniform, so that a higher mean or
probability never lowers it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.core.streams import Layer

EDGE = 1e-12
"""How near to 0 and 1 a probability comes before the inverse fails; what lies between counts as if
it were so."""


def poisson(layer: Layer, *, stream: str, mean: FloatArray) -> FloatArray:
    """Return Poisson numbers, (D,), or with the layer off the mean, (1 or D,).

    Parameters
    ----------
    layer
        The layer that decides.
    stream
        Name of the stream, of which nothing else reads.
    mean
        Mean, at least 0, (1 or D,).
    """
    if not layer.on:
        return mean
    from scipy.special import pdtr, pdtrik

    uniform = layer.uniforms(stream, rows=1)[0]
    positive = np.maximum(mean, np.finfo(np.float64).tiny)
    return _least(np.ceil(pdtrik(uniform, positive)), lambda k: pdtr(k, positive) >= uniform)


def binomial(layer: Layer, *, stream: str, number: int, probability: FloatArray) -> FloatArray:
    """Return binomial numbers, (D,), or with the layer off the expectation, (1 or D,).

    Unlike `Layer.binomial`, which is faster and keeps no luck in common.

    Parameters
    ----------
    layer
        The layer that decides.
    stream
        Name of the stream, of which nothing else reads.
    number
        Number of trials, at least 0.
    probability
        Probability of success, in [0, 1], (1 or D,).
    """
    if not layer.on:
        return number * probability
    from scipy.special import bdtr, bdtrik

    uniform = layer.uniforms(stream, rows=1)[0]
    if not number:
        return np.zeros(uniform.shape)
    inside = np.clip(probability, EDGE, 1.0 - EDGE)
    return _least(
        np.ceil(bdtrik(uniform, number, inside)), lambda k: bdtr(k, number, inside) >= uniform
    )


def _least(found: FloatArray, reached: Callable[[FloatArray], BoolArray]) -> FloatArray:
    """Return the number found, or the one below where that is reached already, by rounding."""
    number = np.maximum(np.nan_to_num(found), 0.0)
    below = np.maximum(number - 1.0, 0.0)
    return np.where(reached(below), below, number)
