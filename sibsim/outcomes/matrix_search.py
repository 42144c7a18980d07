"""The set of matrices that reproduce shares of people by state: its members, ranges and a sample.

Searches are by interior points (`matrix_interior`) over the probabilities of the possible moves,
with exact slopes and second derivatives. They are local, hence from several starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.outcomes.matrix_interior import Problem, minimised

STARTS = 12
"""Points from which the searches for a fit start."""

RANGE_STARTS = 2
"""Members of the set from which a range is searched for."""

TOWARDS_SMALL = 3
"""Starts are evenly spread numbers to this power: probabilities per step are mostly small."""

REPRODUCED = 1e-6
"""Largest difference in a share that still counts as reproduced; published ones have 3 digits."""

NOTHING = 1e-9
"""A probability below this is 0: searches end this near a bound."""

SET_BARRIERS = (1e-3, 1e-8)
"""First and last weight of the barrier in a search within the set: moves to seven digits."""

FIT_BARRIERS = (1e-9, 1e-12)
"""The same in a search for a fit: the squared gap is small, and starts are to lead apart."""

LEAST_UNIT = 0.01
"""Narrower ranges count as this wide in a distance: others would count for nothing beside them."""

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

    def gap(self, moves: FloatArray) -> FloatArray:
        """Return by how much the shares are missed, dates and states in one axis, (K S,)."""
        matrix, people, reached = self.matrix(moves), self.start, []
        for n in range(1, self.reads[-1] + 1):
            people = people @ matrix
            if n in self.reads:
                reached.append(people)
        return np.concatenate(reached) - self.shares.ravel()

    def slope(self, moves: FloatArray) -> FloatArray:
        """Return how the gap changes with every probability, (K S, F)."""
        carried = self._carried(moves)
        return np.concatenate([carried[n].T for n in self.reads])

    def bends(self, moves: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the slope and the second derivatives (F, F) of the gap weighted by (K S,).

        People whom one move displaced by step m are displaced again by a move at that step; what a
        person in a state then counts for is P^(n - m - 1) w, summed over the dates n.
        """
        matrix, carried = self.matrix(moves), self._carried(moves)
        due = dict(zip(self.reads, weights.reshape(len(self.reads), -1), strict=True))
        counts, worth = np.zeros((self.reads[-1], self.start.size)), np.zeros(self.start.size)
        for m in reversed(range(self.reads[-1])):
            counts[m] = worth = matrix @ worth + due.get(m + 1, 0.0)
        gained = counts[:, self.goal] - counts[:, self.origin]
        twice = np.einsum("mfg,mg->fg", carried[:-1][:, :, self.origin], gained)
        return np.concatenate([carried[n].T for n in self.reads]), twice + twice.T

    def _carried(self, moves: FloatArray) -> FloatArray:
        """Return how people by state after 0, 1, ... steps change with each move, (N, F, S).

        A move takes those in the state it leaves to its goal at every step, and on from there.
        """
        matrix, people = self.matrix(moves), self.start
        shift = np.eye(people.size)[self.goal] - np.eye(people.size)[self.origin]
        carried = np.zeros((self.reads[-1] + 1, *shift.shape))
        for m in range(self.reads[-1]):
            carried[m + 1] = carried[m] @ matrix + people[self.origin, np.newaxis] * shift
            people = people @ matrix
        return carried

    def fits(self, moves: FloatArray) -> bool:
        """Return whether probabilities (F,) reproduce the shares."""
        return bool(np.abs(self.gap(moves)).max() <= REPRODUCED)


def fits_of(wanted: Wanted) -> list[FloatArray]:
    """Return probabilities with the smallest squared gap found from every start, best first."""
    shared = (wanted.limits / wanted.rows.sum(axis=1)) @ wanted.rows
    found = [
        _least_gap(wanted, start=shared * point**TOWARDS_SMALL)
        for point in _evenly(STARTS, axes=wanted.origin.size)
    ]
    return sorted(found, key=lambda x: float(np.abs(wanted.gap(x)).max()))


def ranges_of(wanted: Wanted, *, starts: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Return lowest and highest probability of every move, then to leave every state, (F + R,)."""
    size = wanted.origin.size
    sums = np.concatenate([np.eye(size), wanted.rows])
    starts = starts[:RANGE_STARTS]

    def lowest(weights: FloatArray) -> float:
        found = [_lowest_fit(wanted, start=start, weights=weights) for start in starts]
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
    width = (high - low)[:size]
    unit = np.maximum(width, LEAST_UNIT)
    found = []
    for point in _evenly(samples, axes=size):
        towards = low[:size] + width * point
        start = min(starts, key=lambda x: float((((x - towards) / unit) ** 2).sum()))
        found.append(nearest_fit(wanted, start=start, towards=towards, unit=unit))
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
    weights = np.broadcast_to((np.min(unit) / unit) ** 2, start.shape)
    return _among_fits(
        lambda x: float(weights @ (x - towards) ** 2),
        lambda x: 2 * weights * (x - towards),
        wanted=wanted,
        start=start,
        curvature=np.diag(2 * weights),
    )


def _lowest_fit(wanted: Wanted, *, start: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the probabilities (F,) that fit and have the smallest weighted sum."""
    return _among_fits(
        lambda x: float(weights @ x),
        lambda _: weights,
        wanted=wanted,
        start=start,
        curvature=np.zeros((start.size, start.size)),
    )


def _among_fits(
    value: Callable[[FloatArray], float],
    slope: Callable[[FloatArray], FloatArray],
    *,
    wanted: Wanted,
    start: FloatArray,
    curvature: FloatArray,
) -> FloatArray:
    """Return the probabilities (F,) among those that fit that minimise `value`."""
    problem = Problem(
        value=value,
        slope=slope,
        curvature=lambda _: curvature,
        gap=wanted.gap,
        bends=wanted.bends,
        rows=wanted.rows,
        limits=wanted.limits,
        barriers=SET_BARRIERS,
    )
    return _allowed(minimised(problem, start=start), wanted=wanted)


def _least_gap(wanted: Wanted, *, start: FloatArray) -> FloatArray:
    """Return the probabilities (F,) with the smallest squared gap near a start.

    The second derivatives are those of the squared linearised gap (Gauss and Newton).
    """

    def curvature(moves: FloatArray) -> FloatArray:
        slope = wanted.slope(moves)
        return 2 * slope.T @ slope

    none = np.zeros(0), (np.zeros((0, start.size)), np.zeros((start.size, start.size)))
    problem = Problem(
        value=lambda x: float(wanted.gap(x) @ wanted.gap(x)),
        slope=lambda x: 2 * wanted.gap(x) @ wanted.slope(x),
        curvature=curvature,
        gap=lambda _: none[0],
        bends=lambda _, __: none[1],
        rows=wanted.rows,
        limits=wanted.limits,
        barriers=FIT_BARRIERS,
    )
    return _allowed(minimised(problem, start=start), wanted=wanted)


def _allowed(found: FloatArray, *, wanted: Wanted) -> FloatArray:
    """Return probabilities (F,) that are 0 where the search left rounding, and within limits."""
    moves = np.where(found < NOTHING, 0.0, found)
    leaving = np.maximum(wanted.rows @ moves / wanted.limits, 1.0)
    return np.asarray(moves / (leaving @ wanted.rows))


def _evenly(points: int, *, axes: int) -> FloatArray:
    """Return points spread evenly over the unit cube, (points, axes): k / g^j mod 1.

    g is the root above 1 of g^(axes + 1) = g + 1, found by iteration (Roberts 2018).
    """
    golden, before = 2.0, 0.0
    while abs(golden - before) > NOTHING:
        golden, before = (1 + golden) ** (1 / (axes + 1)), golden
    return np.arange(1, points + 1)[:, np.newaxis] * golden ** -np.arange(1.0, axes + 1) % 1
