"""The kinds of array that rooms exchange, and their sums in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
"""Amounts, numbers of people, probabilities, positions in time."""

IntArray = NDArray[np.int64]
"""Positions in a list, calendar years."""

BoolArray = NDArray[np.bool_]
"""Where something holds."""

Indicator = BoolArray | FloatArray
"""Whether something happens; with chance switched off, its probability."""


def added(parts: Iterable[FloatArray], *, shape: tuple[int, ...] = (1,)) -> FloatArray:
    """Return the sum of arrays, added one by one, so that the number of draws changes no bit.

    Parameters
    ----------
    parts
        What is added, in this order; shapes broadcast.
    shape
        Shape of the sum of nothing, which the sum has at least.
    """
    total: FloatArray = np.zeros(shape)
    for part in parts:
        if part.shape == total.shape:
            total += part
        else:
            total = total + part
    return total


def summed(rows: FloatArray) -> FloatArray:
    """Return the sum over the first axis, added row by row, so that the width changes no bit."""
    if rows.shape[-1] == 1:
        return added(rows, shape=rows.shape[1:])
    total: FloatArray = np.add.reduce(np.ascontiguousarray(rows), axis=0, initial=0.0)
    return total


def running_sums(rows: FloatArray) -> FloatArray:
    """Return the sums of the rows so far, added row by row, in the shape of the rows."""
    sums = rows.copy()
    for before, row in pairwise(sums):
        np.add(before, row, out=row)
    return sums
