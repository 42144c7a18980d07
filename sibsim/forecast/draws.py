"""Draws of the parameters with the laws of the data, before and after what has happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.forecast.likelihood import Likelihood
from sibsim.forecast.reach import Reach
from sibsim.forecast.uniforms import walked


@dataclass(frozen=True, eq=False)
class Draws:
    """N joint draws of the parameters."""

    quantities: Mapping[str, FloatArray]
    """Value of each uncertain quantity by path, (1 or C, N)."""

    walks: Mapping[str, FloatArray]
    """How far each drift that is read has moved by its nodes, (nodes, N)."""

    center: FloatArray
    """Probability or mean of each datum, (M, N)."""

    log_likelihood: FloatArray
    """Logarithm of the likelihood of the data, (N,)."""

    def at(self, chosen: IntArray) -> Draws:
        """Return some of the draws, in this order, a draw as often as it is named."""
        return Draws(
            {path: each[:, chosen] for path, each in self.quantities.items()},
            {name: each[:, chosen] for name, each in self.walks.items()},
            self.center[:, chosen],
            self.log_likelihood[chosen],
        )


def draws_of(likelihood: Likelihood, layer: Layer, *, reach: Reach, number: int) -> Draws:
    """Return the draws of a parameter layer.

    Parameters
    ----------
    likelihood
        The likelihood of the data.
    layer
        The parameter layer.
    reach
        Which parameters the data bear on.
    number
        Draws of the layer, N.
    """
    expected = likelihood.expected(layer)
    case, found = likelihood.case, expected.found
    months = case.timeline.months_per_period
    return Draws(
        {
            path: _wide(found.context.values[path], number=number)
            for path, quantity in case.quantities.items()
            if not quantity.is_fixed
        },
        {
            name: _wide(
                walked(found, drift=name, nodes=nodes, months_per_period=months), number=number
            )
            for name, nodes in reach.nodes.items()
        },
        _wide(expected.center, number=number),
        _wide(likelihood.log_density(expected), number=number),
    )


def prior_draws(likelihood: Likelihood, *, reach: Reach, seed: int, blocks: int) -> Draws:
    """Return the draws of the parameters in the first blocks of a simulation.

    Parameters
    ----------
    likelihood, reach
        As in `draws_of`.
    seed
        Seed of the parameter layer.
    blocks
        Number of blocks, at least 1.
    """
    parts = [
        draws_of(
            likelihood,
            Layer(LayerName.PARAMETERS, seed=seed, block=block),
            reach=reach,
            number=BLOCK_DRAWS,
        )
        for block in range(blocks)
    ]
    return Draws(
        {
            path: _side_by_side(part.quantities[path] for part in parts)
            for path in parts[0].quantities
        },
        {name: _side_by_side(part.walks[name] for part in parts) for name in parts[0].walks},
        _side_by_side(part.center for part in parts),
        _side_by_side(part.log_likelihood for part in parts),
    )


def _wide(values: FloatArray, *, number: int) -> FloatArray:
    return np.broadcast_to(values, (*values.shape[:-1], number))


def _side_by_side(parts: Iterable[FloatArray]) -> FloatArray:
    return np.concatenate(list(parts), axis=-1)
