"""Random numbers in three named layers; the only maker of generators.

A stream is `SFC64(SeedSequence(seed, spawn_key=(layer, *words(blake2b(name)), block)))`.
Its name is the component's path down to cohort and follow-up, so adding a component leaves every
other stream alone. A logical block is 4,096 draws; a stream is read for the whole block, row by
row, so more rows change no earlier row and fewer draws change no earlier draw.

Everything is drawn by inversion: a fixed amount of randomness per element, so that a changed
probability moves a result monotonically (common random numbers). `Layer.binomial`, for numbers of
people too large to draw one by one, is the exception.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.errors import ArgumentError

BLOCK_DRAWS = 4096
"""Draws in one logical block: part of the definition of the numbers, never an argument."""

WORD_BITS = 32
"""Bits of a word."""

WORD_RANGE = 2.0**WORD_BITS
"""Number of values of one word."""

SEED_WORDS = 4
"""Words to which `SeedSequence` fills up a seed that has a key."""

SHORT_BITS = 16
"""Bits of a short word."""

SHORT_RANGE = 2.0**SHORT_BITS
"""Number of values of one 16-bit word."""

WORDS_PER_RAW, SHORTS_PER_RAW = 2, 4
"""Words of 32 and of 16 bits in what the generator makes at once."""

Short = NDArray[np.uint16]
"""Words of 16 bits."""


class LayerName(IntEnum):
    """The three layers of uncertainty, kept apart."""

    PARAMETERS = 0
    CHANCE = 1
    MEASUREMENT = 2


def _bits(seed: int, layer: LayerName, name: str, block: int) -> np.random.SFC64:
    """Return the generator of a stream.

    The sequence is given the words that it would make of its seed and key itself, which is slow.
    """
    size = max(SEED_WORDS, -(-seed.bit_length() // WORD_BITS))
    key = hashlib.blake2b(name.encode(), digest_size=16).digest()
    words = _as_words(seed, size=size) + _as_words(layer) + key + _as_words(block)
    return np.random.SFC64(np.random.SeedSequence(np.frombuffer(words, dtype="<u4")))


def _as_words(number: int, *, size: int = 1) -> bytes:
    return number.to_bytes(size * WORD_BITS // 8, "little")


def fresh_seed() -> int:
    """Return a seed from the operating system's entropy, to be recorded with the results."""
    return int(np.random.SeedSequence().generate_state(1, np.uint64)[0])


Rng = int | np.random.Generator | None
"""What a run may be seeded with: a seed, a generator to take one from, or None for a fresh one."""


def fault_of(rng: object) -> str | None:
    """Return what is wrong with what a run shall be seeded with; None: nothing."""
    if rng is None or isinstance(rng, np.random.Generator):
        return None
    if isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0:
        return None
    return (
        f"rng: got {rng!r}; a seed is a whole number of at least 0; give one, a NumPy generator, "
        "or None for a fresh seed"
    )


def seed_from(rng: Rng) -> int:
    """Return the one seed that `rng` stands for: itself, a draw from it, or fresh entropy.

    Raises
    ------
    ArgumentError
        If it is none of these, or a seed below zero.
    """
    fault = fault_of(rng)
    if fault is not None:
        raise ArgumentError(fault)
    if rng is None:
        return fresh_seed()
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(0, 2**63, dtype=np.int64))
    return int(rng)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of randomness on one block.

    With the layer off every method returns the expectation, on one column: no stage asks which.
    """

    name: LayerName
    """Which of the three layers."""

    seed: int = 0
    """Seed of the layer, non-negative."""

    block: int = 0
    """Index of the logical block."""

    on: bool = True
    """Whether chance plays; off means expectations."""

    seeds: Mapping[str, int] = field(default_factory=dict)
    """Seeds of streams that have one of their own, by name."""

    @property
    def draws(self) -> int:
        """Columns that the methods return: a block's draws, or one when the layer is off."""
        return BLOCK_DRAWS if self.on else 1

    def _bits(self, stream: str) -> np.random.SFC64:
        return _bits(self.seeds.get(stream, self.seed), self.name, stream, self.block)

    def reader(self, name: str) -> Callable[[int], Short]:
        """Return a function that reads on in a stream: rows of uniform 16-bit words.

        Its argument is the number of rows; the words have shape (rows, BLOCK_DRAWS).
        """
        bits = self._bits(name)

        def read(rows: int) -> Short:
            raw = bits.random_raw(rows * BLOCK_DRAWS // SHORTS_PER_RAW)
            return raw.view(np.uint16).reshape(rows, BLOCK_DRAWS)

        return read

    def words(self, name: str, *, rows: int) -> NDArray[np.uint32]:
        """Return uniform 32-bit words, shape (rows, BLOCK_DRAWS), row by row."""
        bits = self._bits(name)
        raw = bits.random_raw(rows * BLOCK_DRAWS // WORDS_PER_RAW)
        return raw.view(np.uint32).reshape(rows, BLOCK_DRAWS)

    def uniforms(self, name: str, *, rows: int) -> FloatArray:
        """Return uniforms strictly inside (0, 1), shape (rows, BLOCK_DRAWS); needs the layer on."""
        bits = self._bits(name)
        words = bits.random_raw(rows * BLOCK_DRAWS).reshape(rows, BLOCK_DRAWS)
        return np.asarray(((words >> np.uint64(12)) + 0.5) * 2.0**-52, dtype=np.float64)

    def whole(self, name: str, amount: FloatArray) -> FloatArray:
        """Return amounts resolved to whole numbers by floor + Bernoulli, or as they are when off.

        Parameters
        ----------
        name
            Name of the stream.
        amount
            Non-negative amounts, shape (rows, 1 or D).
        """
        if not self.on:
            return amount
        floor = np.floor(amount)
        if np.array_equal(floor, amount):
            return amount
        return floor + below(self.words(name, rows=amount.shape[0]), amount - floor)

    def binomial(self, name: str, *, number: FloatArray, probability: FloatArray) -> FloatArray:
        """Return binomial numbers, (BLOCK_DRAWS,), or the expectation, (1 or D,), when off.

        By NumPy's sampler, which rejects: it keeps no common luck, a higher probability may lower a
        number, and another draw's probability may change this draw's number.

        Parameters
        ----------
        name
            Name of the stream, of which nothing else may read.
        number
            Number of trials, whole and non-negative, (1 or D,).
        probability
            Probability of success, in [0, 1], (1 or D,).
        """
        if not self.on:
            return number * probability
        generator = np.random.Generator(self._bits(name))
        found = generator.binomial(number.astype(np.int64), probability, size=BLOCK_DRAWS)
        return found.astype(np.float64)


def below(words: NDArray[np.uint32], probability: FloatArray) -> BoolArray:
    """Return word / 2^32 < probability, exact to 2^-32 and sure at 0 and 1.

    Parameters
    ----------
    words
        Uniform 32-bit words, shape (rows, D).
    probability
        Any shape that broadcasts with `words`.
    """
    scaled = np.ceil(probability * WORD_RANGE)
    result = words < np.minimum(scaled, WORD_RANGE - 1).astype(np.uint32)
    sure = scaled >= WORD_RANGE
    if sure.any():
        result |= sure
    return result


def sorted_by(words: NDArray[np.uint32], *, shares: FloatArray) -> tuple[BoolArray, ...]:
    """Return who falls into each of several groups, one word a person: (rows, D) each.

    The groups lie side by side in their order, so that a word moves to a neighbour when shares
    change a little.

    Parameters
    ----------
    words
        Uniform 32-bit words, shape (rows, D).
    shares
        Probability of each group, summing to 1, shape (S, 1 or D).
    """
    found = []
    before = np.zeros(words.shape, dtype=np.bool_)
    for edge in np.cumsum(shares, axis=0)[:-1]:
        up_to = below(words, edge)
        found.append(up_to & ~before)
        before = up_to
    return (*found, ~before)
