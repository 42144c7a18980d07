"""Values of the uncertain parameters in every draw of a block.

Each parameter maps the uniforms of a stream of its own name through its quantile function, so that
its numbers depend on its own name alone. Rank correlations go through a Gaussian copula over the
correlated names: Pearson = 2 sin(pi rho / 6), rho Spearman's. Latin hypercube and Sobol draws come
in nets of 512, each randomised on its own, so that Monte Carlo error is read from the net means.

Sources: Iman and Conover (1982), Communications in Statistics 11(3); Owen (1998), Journal of
Complexity 14(4); Higham (2002), IMA Journal of Numerical Analysis 22(3), for the nearest matrix.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Annotated, Literal, Self

import numpy as np
from annotated_types import Gt, Lt
from pydantic import model_validator

from sibsim.core.arrays import FloatArray
from sibsim.core.atoms import JointEmpirical
from sibsim.core.distributions import fault, shown
from sibsim.core.parameters import Quantity
from sibsim.core.spec import Number, Spec
from sibsim.core.streams import BLOCK_DRAWS, Layer
from sibsim.errors import ArgumentError

Method = Literal["random", "lhs", "sobol"]
"""How uniforms are laid out: independent, Latin hypercube or scrambled Sobol."""

NET_DRAWS = 512
"""Draws in one independently randomised net; 8 to a block."""

SOBOL_STEP = 2.0**-30
"""Spacing of the Sobol points; half of it moves them off zero."""

LARGEST_UNIFORM = 1.0 - 2.0**-53
"""The double below one."""

SMALLEST_EIGENVALUE = 1e-6
"""A correlation matrix with a smaller eigenvalue counts as not positive definite."""

JOINT_ROWS = "rows"
"""What the name of the stream begins with that chooses the row of a joint table."""

SHRINK = 0.99
"""Factor by which correlations are brought nearer to zero until they fit at two decimals."""


class Correlation(Spec):
    """Spearman's rank correlation of two uncertain quantities."""

    between: tuple[str, str]
    """Paths of the two quantities, such as `outcomes.job.counterfactual`."""

    spearman: Annotated[Number, Gt(-1), Lt(1)]
    """Rank correlation, strictly between -1 and 1."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.between[0] == self.between[1]:
            message = (
                f"got {self.between[0]!r} twice; a correlation is between two quantities; "
                "name another one"
            )
            raise fault(message)
        return self


def check_correlations(correlations: tuple[Correlation, ...]) -> str | None:
    """Return what is wrong with the correlations taken together, or None.

    A pair may be stated once, and the matrix, zero where nothing is stated, must be positive
    definite. If it is not, the text gives the nearest correlations that fit; nothing is repaired.
    """
    stated: dict[frozenset[str], Correlation] = {}
    for correlation in correlations:
        pair = frozenset(correlation.between)
        if pair in stated:
            first, second = correlation.between
            return f"got {first!r} with {second!r} twice; state each pair once; drop one of them"
        stated[pair] = correlation
    names = _correlated(correlations)
    spearman = _spearman_matrix(correlations, names=names)
    if not names or _is_positive_definite(_pearson(spearman)):
        return None
    nearest = _nearest_feasible(spearman)
    pairs = list(combinations(range(len(names)), 2))
    given = [f"{a} ~ {b} {shown(x)}" for a, b, x in _told(names, spearman, pairs)]
    changed = [pair for pair in pairs if spearman[pair] != 0 or nearest[pair] != 0]
    ways_out = [f"{a} ~ {b} {shown(x)}" for a, b, x in _told(names, nearest, changed)]
    return (
        f"got {', '.join(given)}; no quantities can have these rank correlations together "
        "(a pair that is not stated counts as 0); the nearest that fit are "
        f"{', '.join(ways_out)}"
    )


def sample(
    quantities: Mapping[str, Quantity],
    *,
    correlations: tuple[Correlation, ...],
    cohorts: int,
    layer: Layer,
    method: Method,
) -> dict[str, FloatArray]:
    """Return the value of every quantity in every draw of the layer's block.

    Parameters
    ----------
    quantities
        The quantities by name; the name is the name of the stream.
    correlations
        Rank correlations between uncertain quantities, which `check_correlations` has passed.
        With one of them correlated, a quantity's numbers depend on the names before it in the
        alphabet, those shared by all cohorts first.
    cohorts
        Number of cohorts, C.
    layer
        The parameter layer; off means base values.
    method
        How uniforms are laid out. With Sobol they depend on the set of names.

    Returns
    -------
    dict
        Per name an array (1, 1) if fixed or the layer is off, else (1, D), or (C, D) per cohort.

    Raises
    ------
    ArgumentError
        If a correlation names a column of a joint table, whose dependence is in its rows.
    """
    values = {name: np.array([[each.base_value]]) for name, each in quantities.items()}
    uncertain = {name: each for name, each in quantities.items() if not each.is_fixed}
    if not layer.on or not uncertain:
        return values
    names = [
        name
        for name in _correlated(correlations)
        if isinstance(uncertain[name].distribution, JointEmpirical)
    ]
    if names:
        message = f"got a correlation of {names[0]!r}, whose dependence is in the rows of its table"
        raise ArgumentError(message)
    rows = {_stream(name, each): _rows(each, cohorts=cohorts) for name, each in uncertain.items()}
    uniforms = _uniforms(rows, layer=layer, method=method)
    order = sorted(_correlated(correlations), key=lambda name: (rows[name] > 1, name))
    if order:
        uniforms |= _correlate(uniforms, correlations=correlations, names=order)
    for name, each in uncertain.items():
        u = uniforms[_stream(name, each)]
        of = each.distribution
        values[name] = of.at_row(u) if isinstance(of, JointEmpirical) else of.ppf(u)
    return values


def _stream(name: str, quantity: Quantity) -> str:
    """Return the stream of a quantity: its own, or that of the table whose rows it shares."""
    distribution = quantity.distribution
    return f"{JOINT_ROWS}/{distribution.rows}" if isinstance(distribution, JointEmpirical) else name


def _rows(quantity: Quantity, *, cohorts: int) -> int:
    return cohorts if quantity.per_cohort else 1


def _uniforms(rows: Mapping[str, int], *, layer: Layer, method: Method) -> dict[str, FloatArray]:
    """Return uniforms in (0, 1) per stream, each (rows, BLOCK_DRAWS)."""
    if method == "sobol":
        return _sobol(rows, layer=layer)
    uniforms = {name: layer.uniforms(name, rows=number) for name, number in rows.items()}
    if method == "random":
        return uniforms
    return {
        name: _stratified(u, key=layer.uniforms(f"{name}/strata", rows=rows[name]))
        for name, u in uniforms.items()
    }


def _stratified(u: FloatArray, *, key: FloatArray) -> FloatArray:
    """Return one uniform in each of 512 strata of every net, in the order that `key` ranks."""
    nets = (len(u), BLOCK_DRAWS // NET_DRAWS, NET_DRAWS)
    stratum = key.reshape(nets).argsort(axis=-1).argsort(axis=-1)
    placed = (stratum + u.reshape(nets)) / NET_DRAWS
    return np.minimum(placed, LARGEST_UNIFORM).reshape(u.shape)


def _sobol(rows: Mapping[str, int], *, layer: Layer) -> dict[str, FloatArray]:
    """Return scrambled Sobol points, one dimension per row, the names in alphabetical order."""
    from scipy.stats import qmc  # noqa: TID251

    names = sorted(rows)
    dimensions = sum(rows.values())
    seeds = layer.words("/".join(["sobol", *names]), rows=1)[0].tolist()
    points = [
        qmc.Sobol(dimensions, rng=seeds[net]).random(NET_DRAWS)
        for net in range(BLOCK_DRAWS // NET_DRAWS)
    ]
    uniforms = np.concatenate(points).T + SOBOL_STEP / 2
    ends = np.cumsum([rows[name] for name in names])
    return dict(zip(names, np.split(uniforms, ends[:-1]), strict=True))


def _correlate(
    uniforms: Mapping[str, FloatArray],
    *,
    correlations: tuple[Correlation, ...],
    names: list[str],
) -> dict[str, FloatArray]:
    """Return the uniforms of the correlated names after the Gaussian copula."""
    from scipy.special import ndtr, ndtri

    factor = np.linalg.cholesky(_pearson(_spearman_matrix(correlations, names=names)))
    normal = [ndtri(uniforms[name]) for name in names]
    found = {}
    for index, name in enumerate(names):
        parts = [factor[index, j] * normal[j] for j in range(index + 1) if factor[index, j]]
        found[name] = np.clip(ndtr(sum(parts)), 1.0 - LARGEST_UNIFORM, LARGEST_UNIFORM)
    return found


def _correlated(correlations: tuple[Correlation, ...]) -> list[str]:
    return sorted({name for correlation in correlations for name in correlation.between})


def _spearman_matrix(correlations: tuple[Correlation, ...], *, names: list[str]) -> FloatArray:
    matrix = np.eye(len(names))
    for correlation in correlations:
        i, j = (names.index(name) for name in correlation.between)
        matrix[i, j] = matrix[j, i] = correlation.spearman
    return matrix


def _pearson(spearman: FloatArray) -> FloatArray:
    pearson = 2.0 * np.sin(np.pi * spearman / 6.0)
    np.fill_diagonal(pearson, 1.0)
    return pearson


def _is_positive_definite(pearson: FloatArray) -> bool:
    return bool(np.linalg.eigvalsh(pearson)[0] >= SMALLEST_EIGENVALUE)


def _nearest_feasible(spearman: FloatArray) -> FloatArray:
    """Return a feasible Spearman matrix near by, at two decimals: eigenvalues clipped, rescaled."""
    values, vectors = np.linalg.eigh(_pearson(spearman))
    clipped = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(clipped))
    near = 6.0 / math.pi * np.arcsin(np.clip(clipped / np.outer(scale, scale), -1.0, 1.0) / 2.0)
    found: FloatArray = np.round(near, 2)
    while not _is_positive_definite(_pearson(found)):
        near = near * SHRINK
        found = np.round(near, 2)
        np.fill_diagonal(found, 1.0)
    return found


def _told(
    names: list[str], matrix: FloatArray, pairs: list[tuple[int, int]]
) -> list[tuple[str, str, float]]:
    return [(names[i], names[j], float(matrix[i, j])) for i, j in pairs]
