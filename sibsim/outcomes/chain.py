r"""Markov chain of people who move between states in steps of equal length.

A person is in state X_0 at the start and in X_n after n steps. P(X_0 = j) is `start`;
P(X_{n+1} = j | X_n = i) is cell [i, j] of the matrix of step n, whatever happened before X_n. The
expectation pi_n(j) = sum_i pi_{n-1}(i) P_n(i, j) is the trace of the cohort.

People are drawn by inversion, one word of 16 bits per person and step: the next state is the number
of cumulative probabilities, from the worst state up, at or below the word. So a law that is better
in every row moves nobody to a worse state at that step. A threshold lies between two words, and
which of the two stands for it is drawn once per step and draw: floor(2^16 c + v), v uniform, the
first row of the stream. So every person's probability is exact to 2^-32, as in `sibsim.core.luck`.

Counts are multinomial, step by step, each a row of conditional binomials. They have the law of the
people's counts and take little longer for more people, but do not keep common luck.

Source: Briggs and Sculpher (1998), An introduction to Markov modelling for economic evaluation,
PharmacoEconomics 13(4), https://doi.org/10.2165/00019053-199813040-00003.

Assumption: people are independent of each other given the probabilities, and the state says all
that matters for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray, running_sums
from sibsim.core.luck import ROWS
from sibsim.core.memory import keep_freed_memory
from sibsim.core.paths import States
from sibsim.core.streams import BLOCK_DRAWS, SHORT_RANGE, Layer, Short


@dataclass(frozen=True, slots=True)
class Split:
    """How the people of one state are spread over the states a step later, or at the start.

    J states can be reached: those that have a probability above zero in some draw.
    """

    reached: tuple[int, ...]
    """The states that can be reached, from worst to best."""

    share: FloatArray
    """Probability of each of them, (J, 1 or D)."""

    below: FloatArray
    """2^16 times the probability of each but the last or one before it, (J - 1, 1 or D)."""

    @classmethod
    def of(cls, probability: FloatArray) -> Self:
        """Return the split with these probabilities of all states, (S, 1 or D).

        Probabilities that are the same in every draw are kept once, for memory.
        """
        if (probability == probability[:, :1]).all():
            probability = probability[:, :1]
        reached = np.flatnonzero(probability.any(axis=-1))
        share = np.ascontiguousarray(probability[reached])
        # A sum of probabilities may miss 1 by rounding; where nothing is left it is 1.
        below = np.where(_left(share)[1:] > 0, running_sums(share)[:-1], 1.0) * SHORT_RANGE
        return cls(tuple(map(int, reached)), share, below)

    def landed(self, words: Short, *, edge: FloatArray) -> States:
        """Return the state to which each word leads, (P, D).

        Parameters
        ----------
        words
            Uniform words, (P, D).
        edge
            v, where between two words the thresholds lie, (D,).
        """
        state = np.full(words.shape, self.reached[0], dtype=np.uint8)
        for below, better in zip(self.below, np.diff(self.reached), strict=True):
            threshold = below + edge
            never = threshold >= SHORT_RANGE
            if any_never := never.any():
                threshold = np.minimum(threshold, SHORT_RANGE - 1)
            passed = words >= threshold.astype(np.uint16)
            if any_never:
                passed &= ~never
            moved_by = passed.view(np.uint8)
            if better > 1:
                moved_by *= np.uint8(better)
            state += moved_by
        return state

    def counted(
        self, number: FloatArray, *, layer: Layer, stream: str
    ) -> Iterator[tuple[int, FloatArray]]:
        """Yield each state that can be reached and how many people move there, (1 or D,).

        Parameters
        ----------
        number
            People to be spread, whole, (1 or D,).
        layer
            The layer that decides.
        stream
            Name of the streams, to which each state adds its position.
        """
        rest, left = _left(self.share), number
        for state, share, still in zip(self.reached[:-1], self.share, rest, strict=False):
            of_rest = np.divide(share, still, out=np.zeros_like(share), where=still > 0)
            taken = layer.binomial(f"{stream}/{state}", number=left, probability=of_rest)
            left = left - taken
            yield state, taken
        yield self.reached[-1], left


def _left(share: FloatArray) -> FloatArray:
    """Return the probability of each state or a later one, (J, 1 or D)."""
    return running_sums(share[::-1])[::-1]


@dataclass(frozen=True, eq=False)
class Chain:
    """A Markov chain over S states, listed from worst to best, of N steps."""

    start: FloatArray
    """Probability of each state at the start, (S, 1 or D); sums to 1 over the states."""

    transitions: tuple[FloatArray, ...]
    """By step, the probability [from, to], (S, S, 1 or D); rows sum to 1. Where nothing changes the
    same array stands again, and its work is done once."""

    @property
    def states(self) -> int:
        """Number of states, S."""
        return len(self.start)

    @property
    def steps(self) -> int:
        """Number of steps, N."""
        return len(self.transitions)

    def in_draws(self, draws: slice | IntArray | None) -> Chain:
        """Return the chain in some draws; itself for None and where it is the same in every draw.

        A matrix that stands for several steps still does.
        """
        arrays = (self.start, *self.transitions)
        if draws is None or all(each.shape[-1] == 1 for each in arrays):
            return self
        known = {id(each): each for each in arrays}
        kept = {
            key: each[..., draws] if each.shape[-1] > 1 else each for key, each in known.items()
        }
        return Chain(kept[id(self.start)], tuple(kept[id(each)] for each in self.transitions))

    @cached_property
    def splits(self) -> tuple[tuple[Split, ...], ...]:
        """By step, how the people of each state are spread."""
        known = {id(each): each for each in self.transitions}
        made = {key: tuple(map(Split.of, each)) for key, each in known.items()}
        return tuple(made[id(each)] for each in self.transitions)

    def trace(self) -> FloatArray:
        """Return the expected share of people in each state after each step, (N + 1, S, 1 or D).

        The array is read-only and worked out once.
        """
        return self._trace

    @cached_property
    def _trace(self) -> FloatArray:
        width = max(each.shape[-1] for each in (self.start, *self.transitions))
        shares = np.empty((self.steps + 1, self.states, width))
        shares[0] = self.start
        for n, splits in enumerate(self.splits):
            shares[n + 1] = moved(shares[n], splits=splits)
        shares.flags.writeable = False
        return shares

    def people(self, layer: Layer, *, stream: str, people: int) -> States:
        """Return the state of each person after each step, (P, N + 1, D).

        More people or steps change no earlier ones.

        Parameters
        ----------
        layer
            The layer that decides, which must be on.
        stream
            Name of the streams, to which each step adds its number; 0 is the start.
        people
            Number of persons, P.
        """
        keep_freed_memory()
        history = np.empty((people, self.steps + 1, BLOCK_DRAWS), dtype=np.uint8)
        first = Split.of(self.start)
        for n in range(self.steps + 1):
            read = layer.reader(f"{stream}/{n}")
            edge = read(1)[0] / SHORT_RANGE
            for begin in range(0, people, ROWS):
                part = history[begin : begin + ROWS]
                words = read(len(part))
                if n == 0:
                    part[:, 0] = first.landed(words, edge=edge)
                else:
                    _step(part, n=n, words=words, edge=edge, splits=self.splits[n - 1])
        return history

    def counts(self, layer: Layer, *, stream: str, people: FloatArray) -> FloatArray:
        """Return how many people are in each state after each step, (N + 1, S, D).

        Multinomial; with the layer off the expectation, (N + 1, S, 1 or D). More steps change no
        earlier ones. Unlike `people` it keeps no common luck: a better law may lower a number.

        Parameters
        ----------
        layer
            The layer that decides.
        stream
            Name of the streams, to which each step adds its number and the states concerned.
        people
            Number of people, whole, (1 or D,).
        """
        if not layer.on:
            return self.trace() * people
        numbers = np.zeros((self.steps + 1, self.states, BLOCK_DRAWS))
        for state, found in Split.of(self.start).counted(people, layer=layer, stream=f"{stream}/0"):
            numbers[0, state] = found
        for n, splits in enumerate(self.splits, start=1):
            for origin, split in enumerate(splits):
                name = f"{stream}/{n}/{origin}"
                for state, found in split.counted(numbers[n - 1, origin], layer=layer, stream=name):
                    numbers[n, state] += found
        return numbers


def moved(share: FloatArray, *, splits: Sequence[Split]) -> FloatArray:
    """Return the share of people in each state a step later, (..., S, 1 or D).

    Added state by state, so that the width changes no bit.

    Parameters
    ----------
    share
        Share of people in each state now, (..., S, 1 or D).
    splits
        How those of each state are spread.
    """
    width = max(share.shape[-1], *(split.share.shape[-1] for split in splits))
    later = np.zeros((*share.shape[:-1], width))
    for origin, split in enumerate(splits):
        for state, probability in zip(split.reached, split.share, strict=True):
            later[..., state, :] += share[..., origin, :] * probability
    return later


def _step(part: States, *, n: int, words: Short, edge: FloatArray, splits: Sequence[Split]) -> None:
    """Fill part[:, n], the states after step n, from part[:, n - 1]."""
    before, after = part[:, n - 1], part[:, n]
    after[:] = 0
    for origin, split in enumerate(splits):
        here = before == origin
        if here.any():
            after += split.landed(words, edge=edge) * here.view(np.uint8)
