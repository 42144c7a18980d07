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
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sibsim.core.memory import keep_freed_memory
from sibsim.core.stages import FloatArray, Indicator
from sibsim.core.streams import BLOCK_DRAWS, Layer, Threshold

ROWS = 16
"""Persons worked on together: their words, a quarter of a megabyte a follow-up, stay in cache."""


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
    rule = _Rule.of(probability, persistence=persistence)
    for first in range(0, people, ROWS):
        part = lucky[first : first + ROWS]
        rule.apply([read(len(part)) for read in readers], out=part)
    return lucky


def count(indicator: Indicator) -> FloatArray:
    """Return the sum over persons (the first axis) of indicators or probabilities."""
    if indicator.dtype != np.bool_:
        total: FloatArray = indicator.sum(axis=0, dtype=np.float64)
        return total
    narrow = np.min_scalar_type(len(indicator))
    whole = np.add.reduce(indicator.view(np.uint8), axis=0, dtype=narrow)
    return np.asarray(whole, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Rule:
    """When a person succeeds: thresholds by follow-up for the words that decide."""

    first: tuple[Threshold, ...]
    """p_k, for the luck drawn at the first follow-up."""

    fresh: tuple[Threshold, ...]
    """kappa + p_k (1 - kappa), for a luck drawn at a later one."""

    kept: Threshold
    """kappa."""

    as_before: tuple[bool, ...]
    """Whether p_k is the probability of the follow-up before, in every draw."""

    @classmethod
    def of(cls, probability: FloatArray, *, persistence: FloatArray) -> _Rule:
        """Return the rule for probabilities (K, 1 or D) and a persistence (1 or D,)."""
        return cls(
            first=tuple(Threshold.of(p) for p in probability),
            fresh=tuple(Threshold.of(persistence + p * (1.0 - persistence)) for p in probability),
            kept=Threshold.of(persistence),
            as_before=(False, *(np.array_equal(p, q) for p, q in pairwise(probability))),
        )

    def apply(self, words: list[NDArray[np.uint32]], *, out: NDArray[np.bool_]) -> None:
        """Fill out, (P, K, D), from the words of each follow-up, (P, D); only the first's if kept.

        Whoever keeps the luck drawn up to the follow-up before succeeds if that luck is below p_k,
        whoever draws anew if the word is below the fresh threshold. A kept word is below it too,
        so success is fresh and not (kept and not lucky before), a > b being a and not b.
        """
        kept = [self.kept.above(each) for each in words[1:]]
        for k, same in enumerate(self.as_before):
            lucky = out[:, k]
            if same:
                lucky[...] = out[:, k - 1]
            else:
                self.first[k].above(words[0], out=lucky)
            for j in range(k if same else 1, min(k + 1, len(words))):
                np.greater(kept[j - 1], lucky, out=lucky)
                np.greater(self.fresh[k].above(words[j]), lucky, out=lucky)


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
