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
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sibsim.core.memory import keep_freed_memory
from sibsim.core.stages import FloatArray, Indicator
from sibsim.core.streams import BLOCK_DRAWS, Layer, Threshold

ROWS = 20
"""Persons worked on together: their words, a third of a megabyte a follow-up, stay in cache."""


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
    if np.all(persistence >= 1):
        streams = streams[:1]
    readers = [layer.reader(stream) for stream in streams]
    follow_ups = _follow_ups(probability, persistence=persistence)
    keeps = Threshold.of(persistence)
    for first in range(0, people, ROWS):
        part = lucky[first : first + ROWS]
        words: list[NDArray[np.uint32]] = []
        kept: list[NDArray[np.bool_]] = []
        for k, follow_up in enumerate(follow_ups):
            if k < len(readers):
                words.append(readers[k](len(part)))
                kept += [keeps.above(words[k])] if k else []
            follow_up.fill(part, k=k, words=words, kept=kept)
    return lucky


def count(indicator: Indicator) -> FloatArray:
    """Return the sum over persons (the first axis) of indicators or probabilities."""
    if indicator.dtype != np.bool_:
        total: FloatArray = indicator.sum(axis=0, dtype=np.float64)
        return total
    narrow = np.min_scalar_type(len(indicator))
    whole = np.add.reduce(indicator.view(np.uint8), axis=0, dtype=narrow)
    return np.asarray(whole, dtype=np.float64)


def retention(now: float, *, then: float, persistence: float) -> float:
    """Return the share of those successful now who are so at the next follow-up.

    P(1, 1) / p1 = kappa min(1, p2 / p1) + (1 - kappa) p2; zero where nobody succeeds now.

    Parameters
    ----------
    now, then
        Probabilities p1 and p2 of success at a follow-up and at the next.
    persistence
        Probability of keeping the luck (kappa).
    """
    if now <= 0:
        return 0.0
    return persistence * min(1.0, then / now) + (1.0 - persistence) * then


@dataclass(frozen=True, slots=True)
class _FollowUp:
    """Below which word a person succeeds at one follow-up."""

    first: Threshold
    """p, for the luck drawn at the first follow-up."""

    fresh: Threshold
    """kappa + p (1 - kappa), for a luck drawn later."""

    as_before: bool
    """Whether p is what it was at the follow-up before, in every draw."""

    def fill(
        self,
        lucky: NDArray[np.bool_],
        *,
        k: int,
        words: list[NDArray[np.uint32]],
        kept: list[NDArray[np.bool_]],
    ) -> None:
        """Fill lucky[:, k] from the words of the follow-ups so far and who kept the luck since.

        Luck by luck, oldest first: whoever keeps the luck stays as lucky as with it, whoever draws
        anew succeeds below the fresh threshold. A word that keeps is below that threshold too, so
        success is fresh and not (kept and not lucky before); a > b is a and not b.
        """
        now = lucky[:, k]
        if self.as_before and k < len(words):
            before, oldest = lucky[:, k - 1], k
        else:
            before, oldest = self.first.above(words[0], out=now), 1
        for j in range(oldest, len(words)):
            np.greater(kept[j - 1], before, out=now)
            before = np.greater(self.fresh.above(words[j]), now, out=now)


def _follow_ups(probability: FloatArray, *, persistence: FloatArray) -> list[_FollowUp]:
    """Return the thresholds of each follow-up; probability (K, 1 or D), persistence (1 or D,)."""
    found: list[_FollowUp] = []
    for k, p in enumerate(probability):
        if k and np.array_equal(p, probability[k - 1]):
            found.append(replace(found[-1], as_before=True))
        else:
            fresh = Threshold.of(persistence + p * (1.0 - persistence))
            found.append(_FollowUp(Threshold.of(p), fresh, as_before=False))
    return found
