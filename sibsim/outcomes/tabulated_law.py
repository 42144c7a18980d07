"""A law on whole numbers whose distribution function stands in a table, drawn by inversion.

A person's result is the smallest x with F(x) > u, u the person's luck (`sibsim.core.luck.lucks`).
Where the law varies by draw there is a table per draw, as long as that draw needs. A few draws with
tables of the same length are worked on together, so that these stay in cache: the j-th of them has
j added to table and luck, which makes one rising sequence of all of them and one search of all
lucks. That costs the luck 7 of its 53 bits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.luck import lucks
from sibsim.core.streams import Layer

TOGETHER = 128
"""Most draws whose tables are worked on together."""

IN_CACHE = 2**17
"""Numbers of tables worked on together, a megabyte, which stays in cache."""

KEPT = 2**22
"""Most numbers of tables that a law keeps for its next cohort, 32 megabytes."""

Columns = slice | IntArray
"""Some draws."""

Table = tuple[IntArray, FloatArray]
"""Some draws and their distribution functions, (n,) and (rows, n)."""


@dataclass(frozen=True)
class TabulatedLaw(ABC):
    """How a whole number is spread, at each of K follow-ups."""

    persistence: FloatArray
    """Probability of keeping one's luck from one follow-up to the next, (1 or D,)."""

    _kept: dict[int, list[Table]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    @abstractmethod
    def mean(self) -> FloatArray:
        """Expected result of a person, (K, 1 or D)."""

    @property
    @abstractmethod
    def variance(self) -> FloatArray:
        """Variance of a person's result, (K, 1 or D)."""

    @property
    @abstractmethod
    def lowest(self) -> int:
        """Result that the first row of every table stands for."""

    @abstractmethod
    def rows(self, k: int) -> IntArray:
        """Return how many results each draw's table needs at follow-up k, (1 or D,).

        The last of them is one that no luck lies above.
        """

    @abstractmethod
    def cdf(self, k: int, *, columns: Columns) -> FloatArray:
        """Return P(result <= lowest + row) at follow-up k, (rows, draws of `columns`).

        As many rows as the draw among them that needs most.
        """

    @cached_property
    def width(self) -> int:
        """How many draws differ: 1 or D."""
        return int(self.variance.shape[-1])

    def at_least(self, level: float) -> FloatArray:
        """Return P(result >= level), (K, 1 or D)."""
        row = ceil(level) - self.lowest - 1
        chance = np.ones((len(self.mean), self.width))
        if row < 0:
            return chance
        for k, above in enumerate(chance):
            for columns, table in self._tables(k):
                above[columns] = 1.0 - table[row] if row < len(table) else 0.0
        return chance

    def draw(self, layer: Layer, *, stream: str, people: int) -> FloatArray:
        """Return the result of each person at each follow-up, (P, K, D); layer off: the mean."""
        if not layer.on:
            return np.broadcast_to(self.mean, (people, *self.mean.shape))
        follow_ups = range(len(self.mean))
        result = lucks(
            layer,
            streams=[f"{stream}/{k}" for k in follow_ups],
            people=people,
            persistence=self.persistence,
        )
        for k in follow_ups:
            for columns, table in self._tables(k):
                draws = columns if self.width > 1 else slice(None)
                luck = result[:, k, draws]
                result[:, k, draws] = self.lowest + _places(table, luck=luck)
        return result

    def _tables(self, k: int) -> Iterable[Table]:
        """Return the tables of all draws, a few draws at a time; kept where there is room."""
        if k in self._kept:
            return self._kept[k]
        rows = np.broadcast_to(self.rows(k), (self.width,))
        filled = sum(table.size for kept in self._kept.values() for _, table in kept)
        made = self._made(k, rows=rows)
        if filled + rows.sum() > KEPT:
            return made
        return self._kept.setdefault(k, list(made))

    def _made(self, k: int, *, rows: IntArray) -> Iterator[Table]:
        """Yield the tables of draws with as many rows as each, (D,), the same number together."""
        for length in map(int, np.unique(rows)):
            alike = np.flatnonzero(rows == length)
            together = max(min(TOGETHER, IN_CACHE // length), 1)
            for first in range(0, len(alike), together):
                columns = alike[first : first + together]
                yield columns, self.cdf(k, columns=columns)


def of_draws(row: FloatArray, columns: Columns) -> FloatArray:
    """Return what some draws have of a row that is the same for all draws, (1,), or is (D,)."""
    return row if len(row) == 1 else row[columns]


def cumulated(log_weights: FloatArray) -> FloatArray:
    """Return the distribution function of weights given by their logarithms, along the rows."""
    weights = np.exp(log_weights - log_weights.max(axis=0))
    total: FloatArray = np.cumsum(weights, axis=0, out=weights)
    total /= total[-1]
    return total


def _places(table: FloatArray, *, luck: FloatArray) -> IntArray:
    """Return the first row of its column's table that lies above each luck, (P, D).

    Parameters
    ----------
    table
        Distribution functions, (rows, 1 or D).
    luck
        Uniforms, (P, D).
    """
    rows, width = table.shape
    if width == 1:
        place: IntArray = np.searchsorted(table[:, 0], luck, side="right")
        return place
    column = np.arange(width)
    found: IntArray = np.searchsorted((table + column).T.ravel(), (luck + column).T, side="right")
    found -= rows * column[:, np.newaxis]
    return found.T
