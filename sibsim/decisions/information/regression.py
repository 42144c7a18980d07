"""What is expected given what is known, by least squares on splines, fitted on other draws.

Each known quantity has a natural cubic spline with knots at the quantiles 0.05, 0.275, 0.5, 0.725
and 0.95, or, where it takes few values, a level for each of them; several have the products of
every two besides, standardised and kept within three standard deviations. The basis is nested: one
more quantity adds terms behind those that are there, as long as there are draws enough.

What comes out is then bent where the draws say so: the responses are regressed on broken lines in
the fitted values, with corners at their quantiles, since caps and thresholds of a contract make
plateaus that no smooth curve follows. A choice by such values loses nothing against choosing
blindly but by error, however wrong the splines are.

The draws are parted into five folds by their position. What is expected in a fold is fitted, in
both steps, on the other four, and the values that the broken lines run over there on the other
three: no draw speaks for itself, and what is only noise is bent to a level line.

Sources: natural splines and their basis, Hastie, Tibshirani and Friedman (2009), The Elements of
Statistical Learning, 2nd edition, Springer, section 5.2.1; fitting on other folds, Chernozhukov and
others (2018), "Double/debiased machine learning for treatment and structural parameters", The
Econometrics Journal 21(1):C1-C68. That quantiles of this kind are good places for five knots is
Harrell's advice (2015), Regression Modeling Strategies, 2nd edition, Springer, section 2.4.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from sibsim.core.arrays import FloatArray, added

KNOTS = ((0.05, 0.275, 0.5, 0.725, 0.95), (0.1, 0.5, 0.9), ())
"""Quantiles at which knots lie; the fewer where draws are few, none being a straight line, which
every quantity has however few draws there are."""

LEVELS = 12
"""A quantity of no more distinct values has a term for each: the results of up to 11 people."""

DRAWS_PER_TERM = 20
"""Draws for every term of the basis: what is fitted then moves by under a quarter (1 / sqrt(20))
of the spread about it."""

FOLDS = 5
"""Parts of the draws; four of them serve each fit, three each of its own first step."""

CORNERS = 20
"""Most corners of the line in each fitted value."""

DRAWS_PER_CORNER = 250
"""Draws for every corner: the level of a stretch is then told to a sixteenth (1 / sqrt(250)) of the
spread about it."""

WITHIN = 3.0
"""Standard deviations that a quantity is kept within before it is multiplied with another one."""

DEPENDENT = 1e-9
"""Share of the largest variance below which a direction of the basis is told by the others."""

SEEN_OUTSIDE = 0.05
"""Share of a direction's variance that must lie outside a fold for it to be fitted for it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Terms on which something is regressed, orthonormal."""

    columns: FloatArray
    """The terms but for the constant, uncorrelated and of variance one, (D, r)."""

    left_out: int
    """Products of two quantities that there were too few draws for."""

    knots: int
    """Knots of each spline."""

    @property
    def terms(self) -> int:
        """How many terms are fitted, the constant included."""
        return int(self.columns.shape[1]) + 1


@dataclass(frozen=True, slots=True)
class Fit:
    """What is expected in each draw, fitted on others."""

    expected: FloatArray
    """Expectation of each response, (D, M)."""

    residual: FloatArray
    """Covariance of what is left of the responses, (M, M)."""

    leverage: FloatArray
    """Variance of what is fitted in a draw, both steps added, as a share of what is left, (D,)."""


def basis_of(known: Mapping[str, FloatArray]) -> Basis:
    """Return the terms of quantities that are known.

    Parameters
    ----------
    known
        Value of each quantity in every draw, finite, (D,) each, at least one.
    """
    moving = [values for values in known.values() if values.min() < values.max()]
    draws = len(next(iter(known.values())))
    room = draws // DRAWS_PER_TERM - 1
    scaled = [(values - values.mean()) / values.std() for values in moving]
    for knots in KNOTS:
        own = [_own_terms(values, knots=knots) for values in scaled]
        if sum(each.shape[1] for each in own) <= room:
            break
    taken = sum(each.shape[1] for each in own)
    products = list(islice(_products(scaled), max(room - taken, 0)))
    pairs = len(scaled) * (len(scaled) - 1) // 2
    columns = np.column_stack([np.empty((draws, 0)), *own, *products])
    return Basis(_uncorrelated(columns), left_out=pairs - len(products), knots=len(knots))


def _own_terms(values: FloatArray, *, knots: tuple[float, ...]) -> FloatArray:
    levels = np.unique(values)
    if len(levels) <= LEVELS:
        return np.asarray(values[:, np.newaxis] == levels[1:], dtype=np.float64)
    return np.column_stack([values, *_bends(values, at=np.unique(np.quantile(values, knots)))])


def _bends(values: FloatArray, *, at: FloatArray) -> Iterator[FloatArray]:
    """Return the terms of a natural cubic spline besides the line, K - 2 for K knots."""
    if len(at) < len(KNOTS[1]):
        return

    def above(knot: float) -> FloatArray:
        return np.asarray(np.maximum(values - knot, 0.0) ** 3)

    def bend(knot: float) -> FloatArray:
        return np.asarray((above(knot) - above(at[-1])) / (at[-1] - knot))

    for knot in at[:-2]:
        yield bend(knot) - bend(at[-2])


def _products(scaled: list[FloatArray]) -> Iterator[FloatArray]:
    kept = [np.clip(values, -WITHIN, WITHIN) for values in scaled]
    return (kept[first] * kept[second] for second in range(len(kept)) for first in range(second))


def _uncorrelated(columns: FloatArray) -> FloatArray:
    """Return uncorrelated columns of mean zero and variance one that span the same, (D, r)."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred[:, spread > 0] / spread[spread > 0]
    variances, directions = np.linalg.eigh(centred.T @ centred / max(len(centred), 1))
    kept = variances > DEPENDENT * variances.max(initial=0.0)
    return np.asarray(centred @ (directions[:, kept] / np.sqrt(variances[kept])))


def fitted(basis: Basis, responses: FloatArray) -> Fit:
    """Return what is expected of each response in every draw, fitted on the other folds.

    Parameters
    ----------
    basis
        The terms.
    responses
        What is explained, (D, M).
    """
    draws, number = responses.shape
    terms = np.column_stack([np.ones(draws), basis.columns]) / np.sqrt(draws)
    folds = [np.arange(draws) % FOLDS == fold for fold in range(FOLDS)]
    seen = [terms[fold].T @ terms[fold] for fold in folds]
    known = [terms[fold].T @ responses[fold] for fold in folds]

    def smooth(*without: int) -> FloatArray:
        """Return the coefficients that are fitted without some of the folds."""
        kept = [fold for fold in range(FOLDS) if fold not in without]
        inverse = _inverse(added([seen[fold] for fold in kept]), least=SEEN_OUTSIDE)
        return np.asarray(inverse @ added([known[fold] for fold in kept]))

    between = {pair: smooth(*pair) for pair in combinations(range(FOLDS), 2)}
    corners = min(CORNERS, max(draws // (DRAWS_PER_CORNER * number), 1))
    expected, leverage = np.empty_like(responses), np.square(terms).sum(axis=1)
    for fold, mine in enumerate(folds):
        values = terms @ smooth(fold)
        for other, theirs in enumerate(folds):
            if other != fold:
                values[theirs] = terms[theirs] @ between[min(fold, other), max(fold, other)]
        bent = _tents(values, seen=values[~mine], corners=corners)
        outside = bent[~mine]
        inverse = _inverse(outside.T @ outside, least=DEPENDENT)
        expected[mine] = bent[mine] @ (inverse @ (outside.T @ responses[~mine]))
        leverage[mine] += ((bent[mine] @ inverse) * bent[mine]).sum(axis=1)
    left = responses - expected
    return Fit(expected, residual=left.T @ left / draws, leverage=leverage)


def _inverse(products: FloatArray, *, least: float) -> FloatArray:
    """Return the inverse of sums of products, without directions of less than a share `least`."""
    return np.asarray(np.linalg.pinv(products, rcond=least, hermitian=True))


def _tents(values: FloatArray, *, seen: FloatArray, corners: int) -> FloatArray:
    """Return terms whose sums are lines with corners, level at the ends, side by side, (D, -1).

    Parameters
    ----------
    values
        What the lines run over, (D, M).
    seen
        The values at whose quantiles the corners lie, (N, M).
    corners
        Corners of the line of each column.
    """
    levels = (np.arange(corners) + 0.5) / corners
    found = []
    for column, of in zip(values.T, seen.T, strict=True):
        at = np.unique(np.quantile(of, levels))
        place = np.interp(column, at, np.arange(len(at), dtype=np.float64))
        before = np.minimum(place.astype(np.int64), max(len(at) - 2, 0))
        rows, tents = np.arange(len(column)), np.zeros((len(column), max(len(at), 2)))
        tents[rows, before] = 1.0 - (place - before)
        tents[rows, before + 1] = place - before
        found.append(tents)
    return np.column_stack(found)
