"""Values of all draws, put together from the values of one block after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.postings import Posting
from sibsim.core.streams import BLOCK_DRAWS


class Placed:
    """One array over all draws, filled in their order; one column as long as no draw differs."""

    def __init__(self, values: FloatArray, *, draws: int) -> None:
        """Begin with the values of the first block.

        Parameters
        ----------
        values
            Shape (..., 1 or more).
        draws
            Draws in all blocks.
        """
        self._draws = draws
        self._values = _narrowed(values)
        if self._values.shape[-1] > 1:
            self._values = np.empty((*values.shape[:-1], draws))

    def place(self, values: FloatArray, *, first: int, last: int) -> None:
        """Take the values of the draws from `first` to before `last`, (..., 1 or last - first)."""
        if self._values.shape[-1] < self._draws:
            if np.array_equal(_narrowed(values), self._values, equal_nan=True):
                return
            self._values = np.repeat(self._values, self._draws, axis=-1)
        self._values[..., first:last] = values

    def whole(self) -> FloatArray:
        """Return the array, (..., draws)."""
        return np.broadcast_to(self._values, (*self._values.shape[:-1], self._draws))


def _narrowed(values: FloatArray) -> FloatArray:
    """Return one column where all columns are equal, else the values as they are."""
    one = values[..., :1]
    if np.array_equal(one, values[..., -1:]) and np.all(one == values):
        return one.copy()
    return values


class Ledger(Sequence[Posting]):
    """The postings of a run; each is put together from its blocks when it is first looked at."""

    def __init__(self, blocks: Sequence[Sequence[Posting]], *, draws: int) -> None:
        """Keep the postings of all blocks, the same ones in each.

        Parameters
        ----------
        blocks
            By block, in order; amounts (T, 1) or (T, draws of the block or more).
        draws
            Draws in all blocks.
        """
        self._postings = list(blocks[0])
        self._amounts = [[each.amount for each in blocks] for blocks in zip(*blocks, strict=True)]
        self._draws = draws

    def __len__(self) -> int:
        """Return the number of postings."""
        return len(self._postings)

    @overload
    def __getitem__(self, index: int) -> Posting: ...

    @overload
    def __getitem__(self, index: slice) -> list[Posting]: ...

    def __getitem__(self, index: int | slice) -> Posting | list[Posting]:
        """Return one posting, or several; amounts (T, D)."""
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        amounts = self._amounts[index]
        if amounts:
            placed = Placed(amounts[0], draws=self._draws)
            first = 0
            for amount in amounts:
                last = min(first + BLOCK_DRAWS, self._draws)
                placed.place(amount[:, : last - first], first=first, last=last)
                first = last
            self._postings[index] = replace(self._postings[index], amount=placed.whole())
            amounts.clear()
        return self._postings[index]
