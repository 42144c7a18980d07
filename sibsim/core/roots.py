"""Every root of a sum of exponentials f(y) = sum_j a_j exp(t_j y), many sums at once.

A sum whose coefficients change sign S times has at most S roots (Descartes' rule of signs, which
holds for real exponents). Multiplying the coefficients by (t_j - k), k between two times where the
sign changes, is the derivative of exp(-k y) f(y) up to a positive factor and changes sign once
less; by Rolle its roots cut the line into pieces with at most one root of f each. Level by level
this finds all roots. Nothing is assumed about where they lie or how far apart. Sizes are kept as
logarithms, so nothing overflows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray, IntArray

NEWTON_STEPS = 200
"""Bound on safeguarded Newton steps; bisection alone needs about 60."""

ROOT_TOLERANCE = 1e-15
"""Relative width of a step at which a root is taken as found."""


def sign_changes(rows: FloatArray) -> BoolArray:
    """Return between which neighbours the sign changes, zeros skipped, (C, M - 1).

    A change over a run of zeros counts at its last zero.

    Parameters
    ----------
    rows
        One sequence per row, (C, M).
    """
    sign = np.sign(rows)
    place = np.where(sign != 0, np.arange(rows.shape[1]), 0)
    filled = np.take_along_axis(sign, np.maximum.accumulate(place, axis=1), axis=1)
    changes: BoolArray = filled[:, 1:] * filled[:, :-1] < 0
    return changes


def all_roots(
    rows: FloatArray, *, times: FloatArray, changes: BoolArray
) -> tuple[FloatArray, BoolArray]:
    """Return S candidates per sum and at which of them f rises through zero, each (C, S).

    A candidate at which f does not rise is a root at which it falls, or no root.

    Parameters
    ----------
    rows
        Coefficients a_j, one sum per row, (C, M).
    times
        Exponents t_j, rising, (M,).
    changes
        What `sign_changes` says of the rows, each with the same number S >= 1 of them.
    """
    size = np.abs(rows)
    with np.errstate(divide="ignore"):
        log_size = np.log(size / size.max(axis=1, keepdims=True))
    sums = _Exponentials(np.sign(rows), log_size, times)
    middles = np.broadcast_to((times[1:] + times[:-1]) / 2, changes.shape)
    return _roots(sums, pivots=middles[changes].reshape(len(rows), -1))


@dataclass(frozen=True, slots=True)
class _Exponentials:
    """Sums of exponentials, f(y) = sum_j sign_j exp(log_size_j + t_j y), one per row."""

    sign: FloatArray
    """Sign of every coefficient, (C, M)."""

    log_size: FloatArray
    """Natural logarithm of its size, (C, M); -inf where it is zero."""

    time: FloatArray
    """Times t_j, rising, (M,)."""

    def rows(self, which: IntArray) -> _Exponentials:
        """Return the same sums for some rows, repeats allowed."""
        return _Exponentials(self.sign[which], self.log_size[which], self.time)

    def values(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return f(y) and f'(y) of every row, both divided by the row's largest term, (C,)."""
        exponent = self.log_size + self.time * y[:, np.newaxis]
        exponent -= exponent.max(axis=1, keepdims=True)
        terms = self.sign * np.exp(exponent)
        return terms.sum(axis=1), (terms * self.time).sum(axis=1)

    def tilted(self, pivot: FloatArray) -> _Exponentials:
        """Return the derivative of exp(-pivot y) f(y), times exp(pivot y); pivot (C,)."""
        factor = self.time - pivot[:, np.newaxis]
        return _Exponentials(
            self.sign * np.sign(factor), self.log_size + np.log(np.abs(factor)), self.time
        )

    def bound(self) -> FloatArray:
        """Return a |y| beyond which the first or last term outweighs all others, (C,)."""
        last = len(self.time) - 1
        present = np.isfinite(self.log_size)
        ends = (present.argmax(axis=1), last - present[:, ::-1].argmax(axis=1))
        row = np.arange(len(self.log_size))
        least = np.minimum(*(self.log_size[row, end] for end in ends))
        largest = self.log_size.max(axis=1)
        bound: FloatArray = largest + np.log(last + 1) - least
        return 1.0 + bound / float(np.diff(self.time).min())


def _roots(sums: _Exponentials, *, pivots: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return S candidates (C, S) of f and where f rises through zero; pivots (C, S).

    Level by level, from the sum with one change of sign down to f itself. A piece without a root
    passes its upper end on, which cuts the next level at a harmless extra point.
    """
    levels = [sums]
    for pivot in pivots.T[:-1]:
        levels.append(levels[-1].tilted(pivot))
    bound = sums.bound()[:, np.newaxis]
    roots = np.empty((len(bound), 0))
    rising = np.empty(roots.shape, dtype=np.bool_)
    for level in reversed(levels):
        points = np.hstack([-bound, roots, bound])
        row = np.repeat(np.arange(len(points)), points.shape[1])
        sign = np.sign(level.rows(row).values(points.ravel())[0]).reshape(points.shape)
        for column in range(1, points.shape[1]):
            sign[:, column] = np.where(sign[:, column], sign[:, column], sign[:, column - 1])
        rising = (sign[:, :-1] < 0) & (sign[:, 1:] > 0)
        crossing = sign[:, :-1] * sign[:, 1:] < 0
        roots = points[:, 1:].copy()
        roots[crossing] = _bracketed(
            level.rows(np.nonzero(crossing)[0]),
            lower=points[:, :-1][crossing],
            upper=points[:, 1:][crossing],
            sign_below=sign[:, :-1][crossing],
        )
    return roots, rising


def _bracketed(
    sums: _Exponentials, *, lower: FloatArray, upper: FloatArray, sign_below: FloatArray
) -> FloatArray:
    """Return the one root of every row between its bounds, by Newton safeguarded with bisection.

    Press et al. 2007, Numerical Recipes, 3rd ed., section 9.4 (rtsafe).
    """
    y = (lower + upper) / 2
    last_move = upper - lower
    live = np.arange(len(y))
    for _ in range(NEWTON_STEPS):
        value, slope = sums.rows(live).values(y[live])
        below = np.sign(value) == sign_below[live]
        lower[live[below]] = y[live[below]]
        upper[live[~below]] = y[live[~below]]
        with np.errstate(all="ignore"):
            proposal = y[live] - value / slope
            good = (proposal > lower[live]) & (proposal < upper[live])
            good &= np.abs(2.0 * value) < np.abs(last_move[live] * slope)
        target = np.where(good, proposal, (lower[live] + upper[live]) / 2)
        last_move[live] = target - y[live]
        y[live] = target
        live = live[np.abs(last_move[live]) > ROOT_TOLERANCE * (1.0 + np.abs(target))]
        if len(live) == 0:
            break
    return y
