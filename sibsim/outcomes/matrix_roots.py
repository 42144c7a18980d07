"""Powers and roots of a matrix of probabilities, and the nearest one where a root is none.

Sources: Higham and Lin 2011, "On pth roots of stochastic matrices", Linear Algebra and its
Applications 435:448-463 (a principal root has rows that sum to 1 but may have negative entries).
Kreinin and Sidelnikova 2001, "Regularization algorithms for transition matrices", Algo Research
Quarterly 4(1):23-40 (the nearest row of probabilities). Lin 2011, "Roots of stochastic matrices and
fractional matrix powers", http://eprints.maths.manchester.ac.uk/1563/ (the matrix of probabilities
whose power is nearest, searched for from there, with its gradient).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sibsim.core.arrays import FloatArray

WHOLE = 1e-9
"""A power this close to a whole number is that number: rounding of the machine."""

SINGULAR = 1e-12
"""Eigenvalues smaller than this are 0: their power is 0, which the general method cannot take."""

LONGEST_SEARCH = 500
"""Steps after which a search gives up; what it has found by then is compared with its start."""

SEARCH_END = 1e-20
"""Change of the summed squared differences at which a search ends: entries to ten digits."""


def power_of(matrix: FloatArray, power: float) -> FloatArray:
    """Return the real part of the principal power of a matrix, (S, S); power above 0.

    The imaginary part is not 0 only if the matrix has a negative eigenvalue: the result is then no
    power, which the caller sees by raising it back.
    """
    from scipy.linalg import fractional_matrix_power

    if abs(power - round(power)) < WHOLE:
        return np.linalg.matrix_power(matrix, round(power))
    values, vectors = np.linalg.eig(matrix)
    if np.abs(values).min() > SINGULAR:
        return np.asarray(fractional_matrix_power(matrix, power).real, dtype=np.float64)
    powers = np.where(np.abs(values) > SINGULAR, values.astype(complex), 0.0) ** power
    return np.asarray(((vectors * powers) @ np.linalg.pinv(vectors)).real, dtype=np.float64)


def error_of(matrix: FloatArray, *, known: FloatArray, power: float) -> float:
    """Return how far a matrix (S, S), raised back from `power`, is from the known one at most.

    A whole power has no error: roots are many, and the principal one may be another.
    """
    if abs(power - round(power)) < WHOLE:
        return 0.0
    return float(np.abs(power_of(matrix, 1 / power) - known).max())


def probabilities_near(root: FloatArray, *, known: FloatArray, power: float) -> FloatArray:
    """Return a matrix of probabilities near `root`, and its power near `known`, all (S, S).

    Where the known matrix has no way from one state to another, at any length, there is none.
    """
    start = np.array([_nearest_row(row) for row in root])
    exponent = round(1 / power)
    if abs(exponent * power - 1) > WHOLE:
        return start
    from scipy.optimize import minimize

    size = len(known)
    ways = np.linalg.matrix_power((known > 0) + np.eye(size), size) > 0
    ones = np.kron(np.eye(size), np.ones(size))

    def difference(entries: FloatArray) -> tuple[float, FloatArray]:
        guess = entries.reshape(size, size)
        powers = [np.eye(size)]
        for _ in range(exponent):
            powers.append(powers[-1] @ guess)
        gap = powers[-1] - known
        slope = sum(powers[k].T @ gap @ powers[exponent - 1 - k].T for k in range(exponent))
        return float((gap**2).sum()), 2 * np.asarray(slope).ravel()

    rows: Any = {"type": "eq", "fun": lambda e: ones @ e - 1, "jac": lambda _: ones}
    found = minimize(
        difference,
        start.ravel(),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, float(way)) for way in ways.ravel()],
        constraints=rows,
        options={"maxiter": LONGEST_SEARCH, "ftol": SEARCH_END},
    )
    moved = np.maximum(found.x, 0.0).reshape(size, size)
    moved /= moved.sum(axis=1, keepdims=True)
    better = difference(moved.ravel())[0] < difference(start.ravel())[0]
    return moved if better else start


def _nearest_row(row: FloatArray) -> FloatArray:
    """Return the nearest row (S,) of probabilities: max(row - t, 0) with t such that it sums to 1.

    Duchi, Shalev-Shwartz, Singer and Chandra 2008, "Efficient projections onto the l1-ball for
    learning in high dimensions", http://icml2008.cs.helsinki.fi/papers/361.pdf.
    """
    ordered = np.sort(row)[::-1]
    excess = (np.cumsum(ordered) - 1) / np.arange(1, row.size + 1)
    cut = excess[np.flatnonzero(ordered > excess)[-1]]
    return np.asarray(np.maximum(row - cut, 0.0), dtype=np.float64)
