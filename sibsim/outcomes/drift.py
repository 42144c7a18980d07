"""How what would have happened anyway moves away from a baseline as time passes.

D(t) is a random walk, shared by all cohorts and outcomes that name it: a parameter, not chance.
Var D(t) = sd^2 x years since the baseline, on the ends of periods; linear between them. Where it is
known how far it has moved by some date, it goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.streams import Layer
from sibsim.core.timeline import MONTHS_PER_YEAR, Timeline


def random_walk(
    *,
    sd_per_year: float,
    since: float,
    name: str,
    layer: Layer,
    timeline: Timeline,
    known: FloatArray | None = None,
) -> Callable[[FloatArray], FloatArray]:
    """Return D(t) as a function of dates.

    Parameters
    ----------
    sd_per_year
        Standard deviation after one year, as a probability.
    since
        Date of the baseline in months since the start of the case; before it D is zero.
    name
        Name of the stream.
    layer
        The parameter layer; off means D = 0.
    timeline
        The periods of the case; dates after its end read its last value.
    known
        How far it has moved at the start of the case and at the end of each of its first periods,
        (nodes, 1 or D); None: nowhere. With the layer off it stays where it was last.
    """
    if not layer.on and known is None:
        return np.zeros_like
    walk = _steps(sd_per_year, since=since, name=name, layer=layer, timeline=timeline)
    if known is not None:
        walk = np.concatenate([known, known[-1:] + np.cumsum(walk[len(known) :], axis=0)])
    else:
        walk = np.cumsum(walk, axis=0)

    def at(when: FloatArray) -> FloatArray:
        position = np.clip(when / timeline.months_per_period, 0.0, timeline.periods)
        before = np.minimum(position.astype(np.int64), timeline.periods - 1)
        part = position - before
        if when.shape[-1] == 1:
            lower, upper = walk[before[..., 0]], walk[before[..., 0] + 1]
        else:
            column = np.arange(walk.shape[1]) if walk.shape[1] > 1 else 0
            lower, upper = walk[before, column], walk[before + 1, column]
        return np.asarray(lower + part * (upper - lower))

    return at


def _steps(
    sd_per_year: float, *, since: float, name: str, layer: Layer, timeline: Timeline
) -> FloatArray:
    """Return how far it moves up to each node from the one before, (T + 1, D); layer off: 0."""
    nodes = np.arange(timeline.periods + 1.0) * timeline.months_per_period
    if not layer.on:
        return np.zeros((len(nodes), 1))
    from scipy.special import ndtri

    years = np.maximum(nodes - since, 0.0) / MONTHS_PER_YEAR
    steps: FloatArray = ndtri(layer.uniforms(name, rows=len(nodes)))
    steps *= sd_per_year * np.sqrt(np.diff(years, prepend=0.0))[:, np.newaxis]
    return steps
