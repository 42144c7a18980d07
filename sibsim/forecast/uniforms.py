"""The uniforms that the uncertain parameters of a case are made of, given from outside.

Every uncertain quantity, joint table and step of a drift is a function of uniforms of a stream of
its own name. Giving these uniforms, and not the values, runs the same quantile functions, rank
correlations, joint tables and random walks as a simulation does. A *coordinate* is one row of one
stream: on the scale of the standard normal, coordinates are independent before anything is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName
from sibsim.world import Layers, Setting, setting

MIDDLE = 0.5
"""Uniform of a coordinate that nothing is said of."""

_CHANCE = Layer(LayerName.CHANCE, on=False)
_MEASUREMENT = Layer(LayerName.MEASUREMENT, on=False)

Coordinate = tuple[str, int]
"""Name of a stream and row in it."""


@dataclass(frozen=True, slots=True)
class GivenLayer(Layer):
    """A parameter layer whose uniforms are given, and which notes the streams that are read."""

    given: Mapping[str, FloatArray] = field(default_factory=dict)
    """Uniforms by stream, each (rows, 1 or D) in (0, 1); a stream without any has 1/2."""

    read: dict[str, int] = field(default_factory=dict)
    """Rows of each stream that was read so far."""

    def uniforms(self, name: str, *, rows: int) -> FloatArray:
        """Return the given uniforms of a stream, (rows, 1 or D)."""
        self.read[name] = rows
        found = self.given.get(name)
        return np.full((rows, 1), MIDDLE) if found is None else found


def given_layer(uniforms: Mapping[str, FloatArray]) -> GivenLayer:
    """Return the parameter layer that has given uniforms, by stream, (rows, 1 or D) each."""
    return GivenLayer(LayerName.PARAMETERS, given=uniforms)


def expecting(parameters: Layer) -> Layers:
    """Return the layers in which only the parameters are drawn, for what is expected given them."""
    return Layers(parameters, _CHANCE, _MEASUREMENT)


def coordinates_of(case: Case) -> tuple[Coordinate, ...]:
    """Return every coordinate of the uncertain parameters of a case, stream by stream."""
    layer = given_layer({})
    setting(case, expecting(layer))
    return tuple((name, row) for name, rows in layer.read.items() for row in range(rows))


def by_stream(
    uniforms: FloatArray, *, coordinates: tuple[Coordinate, ...]
) -> dict[str, FloatArray]:
    """Return uniforms by stream, (rows, D) each, from one row for each coordinate.

    Parameters
    ----------
    uniforms
        One row for each coordinate, (coordinates, D).
    coordinates
        The coordinates, all rows of a stream in order.
    """
    found: dict[str, list[FloatArray]] = {}
    for (name, _), row in zip(coordinates, uniforms, strict=True):
        found.setdefault(name, []).append(row)
    return {name: np.stack(rows) for name, rows in found.items()}


def drawn(coordinates: tuple[Coordinate, ...], *, seed: int, block: int) -> FloatArray:
    """Return the uniforms that a simulation's block would have, (coordinates, block's draws).

    Parameters
    ----------
    coordinates
        The coordinates, all rows of a stream in order.
    seed, block
        Of the parameter layer.
    """
    layer = Layer(LayerName.PARAMETERS, seed=seed, block=block)
    rows: dict[str, int] = {}
    for name, _ in coordinates:
        rows[name] = rows.get(name, 0) + 1
    found = [layer.uniforms(name, rows=number) for name, number in rows.items()]
    return np.concatenate([np.zeros((0, BLOCK_DRAWS)), *found])


def walked(found: Setting, *, drift: str, nodes: int, months_per_period: float) -> FloatArray:
    """Return how far a drift has moved at its first nodes, (nodes, 1 or D).

    Parameters
    ----------
    found
        What holds in each draw.
    drift
        Name of the drift.
    nodes
        Number of nodes: the start of the case and the ends of its first periods.
    months_per_period
        Length of a period in months.
    """
    when = np.arange(float(nodes))[:, np.newaxis] * months_per_period
    return np.asarray(found.walks[drift](when))
