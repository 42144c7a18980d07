"""How several reports depend on each other, given the parameters.

Reports of the same people (several follow-ups, several outcomes) and those that share a comparison
or clusters err together. Their exact margins are joined by a Gaussian copula, whose correlation is
that of the errors of simulated reports, chance and measurement on, over the draws of one block.

Assumption: the correlation does not depend on the parameters, so that it says nothing of them
itself (how much luck is kept from one follow-up to the next is not learned from it).

How near it is, for two follow-ups of the same people, under a flat prior of their one rate, beside
the exact joint law: for shares away from 0 and 1 (28 and 30 of 50 who keep their luck with
probability 0.6, 14 and 13 of 34 with 0.9) mean and standard deviation of the posterior are within
2 % of the latter, most of it the Monte Carlo error of the correlation. Near 0 and 1 with much
persistence it can be off: 0 and 0 of 12 with 0.9, standard deviation 0.86 of the exact one and mean
0.2 of it too low; 1 and 4 of 34 with 0.9, mean nearly half a standard deviation too high.

Source: Song, Li and Yuan (2009), Biometrics 65(1), joint regression of outcomes of mixed type with
a Gaussian copula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS

ERRORS = 5.0
"""A correlation within this many of its Monte Carlo standard errors from 0 counts as 0, so that
reports that have nothing to do with each other are exactly independent."""

UNCERTAIN = ERRORS / BLOCK_DRAWS**0.5
"""Largest correlation that counts as 0: 0.078."""

THE_SAME = 0.999
"""Two reports that correlate above this are one report made twice."""

LEAST_EIGENVALUE = 0.001
"""Least eigenvalue of the correlation matrix, 1 - `THE_SAME`: what two reports that are almost the
same still differ by."""


@dataclass(frozen=True, eq=False)
class Dependence:
    """The copula of M reports."""

    kept: tuple[int, ...]
    """Positions of the reports that count, of those that were asked about."""

    same_as: dict[int, int]
    """Position of each report that repeats an earlier one, and of that one."""

    correlation: FloatArray
    """Correlation of the errors of those kept, (M, M)."""

    @property
    def joined(self) -> tuple[int, ...]:
        """Positions among those kept of the reports that depend on another one."""
        others = np.abs(self.correlation - np.eye(len(self.kept))).sum(axis=0) > 0
        return tuple(np.flatnonzero(others).tolist())

    def log_density(self, scores: FloatArray) -> FloatArray:
        """Return log c(z) = -log|R| / 2 - z' (R^-1 - I) z / 2, (D,), of those joined.

        Parameters
        ----------
        scores
            Normal scores z of the reports that are `joined`, in this order, (joined, D).
        """
        at = np.ix_(self.joined, self.joined)
        matrix = self.correlation[at]
        _, log_determinant = np.linalg.slogdet(matrix)
        excess = np.linalg.inv(matrix) - np.eye(len(matrix))
        return np.asarray(-0.5 * (log_determinant + (scores * (excess @ scores)).sum(axis=0)))


def dependence_of(errors: FloatArray) -> Dependence:
    """Return how M reports depend on each other by their simulated errors.

    Parameters
    ----------
    errors
        Errors given the parameters, standardised, (M, D); a report that never errs has zeros.
    """
    number = len(errors)
    sd = errors.std(axis=1)
    scaled = (errors - errors.mean(axis=1, keepdims=True)) / np.where(sd > 0, sd, 1.0)[
        :, np.newaxis
    ]
    found = scaled @ scaled.T / errors.shape[1]
    kept: list[int] = []
    same_as: dict[int, int] = {}
    for i in range(number):
        twin = next((j for j in kept if found[i, j] > THE_SAME), None)
        if twin is None:
            kept.append(i)
        else:
            same_as[i] = twin
    matrix = found[np.ix_(kept, kept)]
    matrix = np.where(np.abs(matrix) > UNCERTAIN, matrix, 0.0)
    np.fill_diagonal(matrix, 1.0)
    return Dependence(tuple(kept), same_as, _definite(matrix))


def _definite(matrix: FloatArray) -> FloatArray:
    """Return (1 - a) R + a I with the least a at which no eigenvalue is below the least."""
    least = float(np.linalg.eigvalsh(matrix)[0]) if len(matrix) else 1.0
    if least >= LEAST_EIGENVALUE:
        return matrix
    share = (LEAST_EIGENVALUE - least) / (1.0 - least)
    shrunk: FloatArray = (1.0 - share) * matrix + share * np.eye(len(matrix))
    return shrunk
