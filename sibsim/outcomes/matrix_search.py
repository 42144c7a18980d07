"""The set of matrices that reproduce shares of people by state: its members, ranges and a sample.

Searches are by sequential quadratic programming (`scipy.optimize`, SLSQP) over the probabilities
of the possible moves, with exact slopes. They are local, hence from several starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray

STARTS = 12
"""Points from which the searches for a fit start."""

RANGE_STARTS = 4
"""Members of the set from which a range is searched for."""

TOWARDS_SMALL = 3
"""Starts are evenly spread numbers to this power: probabilities per step are mostly small."""

REPRODUCED = 1e-6
"""Largest difference in a share that still counts as reproduced; published ones have 3 digits."""

BAND = 1e-9
"""Half-width of the band that stands for an equation in a search: shares sum to 1, so that some
equations follow from others, which the search takes as inequalities only."""

LONGEST_SEARCH = 500
"""Steps after which a search gives up; its result counts only if it reproduces the shares."""

FIT_END = 1e-18
"""Change of the squared gap at which a search for a fit ends: shares to nine digits."""

SET_END = 1e-10
"""Change of what is minimised at which a search within the set ends."""

EXACT = 1e-4
"""A cell whose range is narrower than this is identified."""


@dataclass(frozen=True)
class Wanted:
    """Shares to be reproduced; unknown are the probabilities of F possible moves from R states."""

    start: FloatArray
    """Share in each state at the first date, (S,)."""

    reads: tuple[int, ...]
    """Steps from the first date to each of the K later ones, rising."""

    shares: FloatArray
    """Share in each state at the later dates, (K, S)."""

    origin: IntArray
    """State that each move leaves, in order, (F,)."""

    goal: IntArray
    """State that each move leads to, (F,)."""

    limits: FloatArray
    """Highest probability per step to leave each state that is left, in their order, (R,)."""

    @property
    def rows(self) -> FloatArray:
        """Which moves leave each state that is left, (R, F)."""
        left = np.unique(self.origin)
        return np.asarray(self.origin == left[:, np.newaxis], dtype=np.float64)

    def matrix(self, moves: FloatArray) -> FloatArray:
        """Return the matrix (S, S) of probabilities (F,) to move."""
        size = self.start.size
        matrix = np.zeros((size, size))
        matrix[self.origin, self.goal] = moves
        matrix[np.diag_indices(size)] = np.maximum(1 - matrix.sum(axis=1), 0.0)
        return matrix

    def powers(self, moves: FloatArray) -> FloatArray:
        """Return the powers 0, 1, ... of the matrix, at least to the last date, (N, S, S)."""
        matrix = self.matrix(moves)
        powers = np.stack([np.eye(len(matrix)), matrix])
        while len(powers) <= self.reads[-1]:
            powers = np.concatenate([powers, powers @ (powers[-1] @ matrix)])
        return np.asarray(powers, dtype=np.float64)

    def gap(self, moves: FloatArray) -> FloatArray:
        """Return by how much the shares are missed, dates and states in one axis, (K S,)."""
        reached = self.start @ self.powers(moves)[list(self.reads)]
        return np.asarray((reached - self.shares).ravel())

    def slope(self, moves: FloatArray) -> FloatArray:
        """Return how the gap changes with every probability, (K S, F).

        A move from i to j at step m takes x_m(i) people from row i to row j of P^(n - m - 1).
        """
        powers, found = self.powers(moves), []
        people = self.start @ powers
        for n in self.reads:
            carried = np.tensordot(people[:n], powers[:n][::-1], axes=(0, 0))
            at, to = carried[self.origin, self.origin], carried[self.origin, self.goal]
            found.append((to - at).T)
        return np.concatenate(found)

    def fits(self, moves: FloatArray) -> bool:
        """Return whether probabilities (F,) reproduce the shares."""
        return bool(np.abs(self.gap(moves)).max() <= REPRODUCED)


def fits_of(wanted: Wanted) -> list[FloatArray]:
    """Return probabilities with the smallest squared gap found from every start, best first."""
    shared = (wanted.limits / wanted.rows.sum(axis=1)) @ wanted.rows
    found = [
        _minimised(
            lambda x: float(wanted.gap(x) @ wanted.gap(x)),
            lambda x: 2 * wanted.gap(x) @ wanted.slope(x),
            wanted=wanted,
            start=shared * point**TOWARDS_SMALL,
            fits=False,
        )
        for point in _evenly(STARTS, axes=wanted.origin.size)
    ]
    return sorted(found, key=lambda x: float(np.abs(wanted.gap(x)).max()))


def ranges_of(wanted: Wanted, *, starts: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return lowest and highest probability of every move, then to leave every state, (F + R,)."""
    size = wanted.origin.size
    sums = np.concatenate([np.eye(size), wanted.rows])
    starts = starts[:RANGE_STARTS]

    def lowest(weights: FloatArray) -> float:
        found = [
            _minimised(lambda x: float(weights @ x), lambda _: weights, wanted=wanted, start=start)
            for start in starts
        ]
        return min(float(weights @ x) for x in [*filter(wanted.fits, found), *starts])

    low = np.array([lowest(weights) for weights in sums])
    return low, np.array([-lowest(-weights) for weights in sums])


def sample_of(
    wanted: Wanted,
    *,
    low: FloatArray,
    high: FloatArray,
    starts: Sequence[FloatArray],
    samples: int,
) -> list[FloatArray]:
    """Return the probabilities that fit and are nearest to points spread evenly over the ranges."""
    size = wanted.origin.size
    width = np.maximum((high - low)[:size], EXACT)
    found = []
    for point in _evenly(samples, axes=size):
        towards = low[:size] + width * point
        start = min(starts, key=lambda x: float((((x - towards) / width) ** 2).sum()))
        found.append(nearest_fit(wanted, start=start, towards=towards, unit=width))
    return [moves for moves in found if wanted.fits(moves)]


def as_matrices(
    wanted: Wanted, *, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the ranges (F + R,) as two matrices (S, S); few leave where many stay."""
    size, left = wanted.origin.size, np.unique(wanted.origin)
    both = []
    for moves, leaves in ((low[:size], high[size:]), (high[:size], low[size:])):
        matrix = np.eye(wanted.start.size)
        matrix[left, left] = np.maximum(1 - leaves, 0.0)
        matrix[wanted.origin, wanted.goal] = moves
        both.append(matrix)
    return both[0], both[1]


def nearest_fit(
    wanted: Wanted, *, start: FloatArray, towards: FloatArray, unit: FloatArray | float = 1.0
) -> FloatArray:
    """Return the probabilities (F,) that fit and are nearest to `towards`, in units of `unit`."""
    return _minimised(
        lambda x: float((((x - towards) / unit) ** 2).sum()),
        lambda x: 2 * (x - towards) / unit**2,
        wanted=wanted,
        start=start,
    )


def _minimised(
    value: Callable[[FloatArray], float],
    slope: Callable[[FloatArray], FloatArray],
    *,
    wanted: Wanted,
    start: FloatArray,
    fits: bool = True,
) -> FloatArray:
    """Return the probabilities (F,) that minimise `value`; `fits`: among those that fit."""
    from scipy.optimize import minimize

    rows, limits = wanted.rows, wanted.limits
    constraints: list[Any] = [
        {"type": "ineq", "fun": lambda x: limits - rows @ x, "jac": lambda _: -rows}
    ]
    if fits:
        constraints.append(
            {
                "type": "ineq",
                "fun": lambda x: BAND - _both(wanted.gap(x)),
                "jac": lambda x: -_both(wanted.slope(x)),
            }
        )
    found = minimize(
        value,
        start,
        jac=slope,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * start.size,
        constraints=constraints,
        options={"maxiter": LONGEST_SEARCH, "ftol": SET_END if fits else FIT_END},
    )
    moves = np.where(found.x < BAND, 0.0, found.x)
    return np.asarray(moves / (np.maximum(rows @ moves / limits, 1.0) @ rows))


def _both(values: FloatArray) -> FloatArray:
    """Return values and their negatives: both sides of a band."""
    return np.concatenate([values, -values])


def _evenly(points: int, *, axes: int) -> FloatArray:
    """Return points spread evenly over the unit cube, (points, axes): k / g^j mod 1.

    g is the root above 1 of g^(axes + 1) = g + 1, found by iteration (Roberts 2018).
    """
    golden, before = 2.0, 0.0
    while abs(golden - before) > BAND:
        golden, before = (1 + golden) ** (1 / (axes + 1)), golden
    return np.arange(1, points + 1)[:, np.newaxis] * golden ** -np.arange(1.0, axes + 1) % 1
