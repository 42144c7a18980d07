r"""Who succeeds: one luck per person, kept or drawn anew from one follow-up to the next.

A person has a luck u in [0, 1); success at follow-up k is u < p_k. At each next follow-up the luck
is kept with probability kappa (persistence), else drawn anew. So marginals are exact,
P(1, 1) = kappa min(p1, p2) + (1 - kappa) p1 p2 for neighbours (kappa to the power of the distance
for others), and raising any p lowers no count.

One word w_j per person and follow-up decides both: kept if w_j < kappa, else the fresh luck is
(w_j - kappa) / (1 - kappa). The luck is never computed: fresh luck < p_k is
w_j < kappa + p_k (1 - kappa), a comparison with a threshold.

A word has 16 bits. A threshold lies between two of them, and which of the two stands for it is
drawn once per stream and draw: floor(2^16 threshold + v), v uniform, the first row of the stream.
So every person's probability is exact to 2^-32; sharing v adds less than 1e-10 to the covariance
of two people. Kappa is taken to the nearest multiple of 2^-16.

A result that is more than yes or no needs the luck itself: `lucks` gives it, by the same rule, from
words of 32 bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, Indicator
from sibsim.core.memory import keep_freed_memory
from sibsim.core.streams import BLOCK_DRAWS, SHORT_RANGE, WORD_RANGE, Layer, Short

ROWS = 80
"""Persons worked on together: their words, 0.6 megabytes a follow-up, stay in cache, and the work
is long enough that two threads seldom hand Python's interpreter lock over."""


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
    kept_share = np.rint(persistence * SHORT_RANGE) / SHORT_RANGE
    if np.all(kept_share >= 1):
        streams = streams[:1]
    readers = [layer.reader(stream) for stream in streams]
    edges = np.concatenate([read(1) for read in readers]) / SHORT_RANGE
    keeps = _Threshold.of(kept_share, edge=np.zeros(1))
    follow_ups = _follow_ups(probability, kept_share=kept_share, edges=edges)
    only_last = all(each.first is None for each in follow_ups[1:])
    for first in range(0, people, ROWS):
        part = lucky[first : first + ROWS]
        words: dict[int, Short] = {}
        kept: dict[int, BoolArray] = {}
        for k, follow_up in enumerate(follow_ups):
            if only_last:
                words.clear()
            if k < len(readers):
                words[k] = readers[k](len(part))
            if 0 < k < len(readers):
                kept[k] = keeps.above(words[k])
            follow_up.fill(part, k=k, words=words, kept=kept)
    return lucky


def lucks(
    layer: Layer, *, streams: Sequence[str], people: int, persistence: FloatArray
) -> FloatArray:
    """Return the luck of each person at each follow-up, strictly inside (0, 1), (P, K, D).

    At each follow-up it is uniform; from one to the next it is kept with probability kappa, else
    drawn anew. Inverting a distribution function at it gives a result of that distribution.

    Parameters
    ----------
    layer
        The layer that decides; it must be on.
    streams
        Name of the stream of each follow-up, K of them.
    people
        Number of persons, P. More persons change no earlier person.
    persistence
        Probability of keeping the luck (kappa), shape (1 or D,).
    """
    keep_freed_memory()
    luck = np.empty((people, len(streams), BLOCK_DRAWS))
    if np.all(persistence >= 1):
        streams = streams[:1]
    readers = [layer.reader(stream) for stream in streams]
    for first in range(0, people, ROWS):
        part = luck[first : first + ROWS]
        for k, read in enumerate(readers):
            # Two rows of 16 bits are one of 32; the middle of its place keeps it inside (0, 1).
            words = read(2 * len(part)).view(np.uint32).reshape(len(part), BLOCK_DRAWS)
            word: FloatArray = (words + np.float64(0.5)) / WORD_RANGE
            part[:, k] = word if k == 0 else _renewed(word, part[:, k - 1], kept=persistence)
        part[:, len(readers) :] = part[:, len(readers) - 1, np.newaxis]
    return luck


def _renewed(word: FloatArray, before: FloatArray, *, kept: FloatArray) -> FloatArray:
    """Return the luck before where the word keeps it, else the one that the word draws anew."""
    fresh = (word - kept) / np.where(kept < 1, 1.0 - kept, 1.0)
    return np.where(word <= kept, before, fresh)


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
class _Threshold:
    """A probability as the word below which an event happens."""

    word: Short
    """floor(2^16 p + v), at most 2^16 - 1, (1 or D,)."""

    sure: BoolArray | None
    """Where the event happens whatever the word, (1 or D,); None: nowhere."""

    @classmethod
    def of(cls, probability: FloatArray, *, edge: FloatArray) -> _Threshold:
        """Return the threshold of a probability in [0, 1]; edge is v in [0, 1)."""
        exact = probability * SHORT_RANGE + edge
        sure = exact >= SHORT_RANGE
        if not sure.any():
            return cls(exact.astype(np.uint16), None)
        return cls(np.minimum(exact, SHORT_RANGE - 1).astype(np.uint16), sure)

    def above(self, words: Short, *, out: BoolArray | None = None) -> BoolArray:
        """Return where it lies above the words, (P, D), in `out` if given."""
        found: BoolArray = np.less(words, self.word, out=out)
        if self.sure is not None:
            found |= self.sure
        return found


@dataclass(frozen=True, slots=True)
class _FollowUp:
    """Below which words a person succeeds at one follow-up."""

    first: _Threshold | None
    """p, for the luck drawn at the first follow-up; None where all is as at the one before."""

    fresh: Mapping[int, _Threshold]
    """kappa + p (1 - kappa), for the luck drawn at each later follow-up."""

    def fill(
        self,
        lucky: BoolArray,
        *,
        k: int,
        words: Mapping[int, Short],
        kept: Mapping[int, BoolArray],
    ) -> None:
        """Fill lucky[:, k] from the words of the follow-ups so far and who kept the luck at each.

        Luck by luck, oldest first: whoever keeps the luck stays as lucky as with it, whoever draws
        anew succeeds below the fresh threshold. A word that keeps is below that threshold too, so
        success is fresh and not (kept and not lucky before); a > b is a and not b.
        """
        now = lucky[:, k]
        before = lucky[:, k - 1] if self.first is None else self.first.above(words[0], out=now)
        for j, fresh in self.fresh.items():
            np.greater(kept[j], before, out=now)
            before = np.greater(fresh.above(words[j]), now, out=now)


def _follow_ups(
    probability: FloatArray, *, kept_share: FloatArray, edges: FloatArray
) -> list[_FollowUp]:
    """Return the thresholds of each follow-up.

    Parameters
    ----------
    probability
        Shape (K, 1 or D).
    kept_share
        Shape (1 or D,).
    edges
        v of every luck that is drawn, shape (1 or K, D).
    """
    found = []
    for k, p in enumerate(probability):
        as_before = 0 < k < len(edges) and np.array_equal(p, probability[k - 1])
        lucks = range(k if as_before else 1, min(k + 1, len(edges)))
        found.append(
            _FollowUp(
                first=None if as_before else _Threshold.of(p, edge=edges[0]),
                fresh={
                    j: _Threshold.of(kept_share + p * (1.0 - kept_share), edge=edges[j])
                    for j in lucks
                },
            )
        )
    return found
