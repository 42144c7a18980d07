r"""Who succeeds: one luck per person, kept or drawn anew from one follow-up to the next.

A person has a luck u in [0, 1); success at follow-up k is u < p_k. At each next follow-up the luck
is kept with probability kappa (persistence), else drawn anew. So marginals are exact,
P(1, 1) = kappa min(p1, p2) + (1 - kappa) p1 p2 for neighbours (kappa to the power of the distance
for others), and raising any p lowers no count.

One word w_j per person and follow-up decides both: kept if w_j < kappa, else the fresh luck is
(w_j - kappa) / (1 - kappa). The luck is never computed: fresh luck < p_k is
w_j < kappa + p_k (1 - kappa), a comparison with a threshold.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sibsim.core.memory import keep_freed_memory
from sibsim.core.stages import FloatArray, Indicator
from sibsim.core.streams import BLOCK_DRAWS, Layer, below


def successes(
    layer: Layer,
    *,
    streams: Sequence[str],
    people: int,
    probability: FloatArray,
    persistence: FloatArray,
) -> Indicator:
    """Return who succeeds at each follow-up; with the layer off, with what probability.

    Parameters
    ----------
    layer
        The layer that decides.
    streams
        Name of the stream of each follow-up, K of them.
    people
        Number of persons, P. More persons change no earlier person.
    probability
        Probability of success, shape (K, 1 or D).
    persistence
        Probability of keeping the luck (kappa), shape (1 or D,).

    Returns
    -------
    Indicator
        Shape (P, K, D); a read-only view when the layer is off.
    """
    if not layer.on:
        return np.broadcast_to(probability, (people, *probability.shape))
    keep_freed_memory()
    lucky = np.empty((people, len(streams), BLOCK_DRAWS), dtype=np.bool_)
    always_kept = bool(np.all(persistence >= 1))
    drawn: list[_Luck] = []
    for k, stream in enumerate(streams):
        if not (drawn and always_kept):
            drawn = _after_draw(drawn, layer.words(stream, rows=people), persistence)
        lucky[:, k] = _lucky(drawn, probability[k], persistence)
    return lucky


def count(indicator: Indicator) -> FloatArray:
    """Return the sum over persons (the first axis) of indicators or probabilities."""
    if indicator.dtype != np.bool_:
        total: FloatArray = indicator.sum(axis=0, dtype=np.float64)
        return total
    narrow = np.min_scalar_type(len(indicator))
    whole = np.add.reduce(indicator.view(np.uint8), axis=0, dtype=narrow)
    return np.asarray(whole, dtype=np.float64)


_Luck = tuple[NDArray[np.uint32], NDArray[np.bool_]]
"""Words drawn at one follow-up and who still holds the luck they gave, each (P, D)."""


def _after_draw(
    drawn: list[_Luck], words: NDArray[np.uint32], persistence: FloatArray
) -> list[_Luck]:
    """Return the lucks after a follow-up: the kept ones, then the fresh one."""
    if not drawn:
        return [(words, np.ones((1, 1), dtype=np.bool_))]
    kept = below(words, persistence)
    return [*((earlier, holds & kept) for earlier, holds in drawn), (words, ~kept)]


def _lucky(
    drawn: list[_Luck], probability: FloatArray, persistence: FloatArray
) -> NDArray[np.bool_]:
    """Return whose present luck is below the probability, shape (P, D)."""
    (first, held), *fresh = drawn
    lucky = below(first, probability)
    lucky &= held
    threshold = persistence + probability * (1.0 - persistence)
    for words, holds in fresh:
        late = below(words, threshold)
        late &= holds
        lucky |= late
    return lucky
