"""Which uncertain quantities the data bear on, found from the pipeline itself.

One coordinate at a time is moved to low and high places, at several draws of all the others, and
the laws of the data are compared with those before. What moves a law is read by the data; what is
rank-correlated with such a quantity, or a column of the same joint table, is learned along with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibsim.core.arrays import BoolArray, FloatArray
from sibsim.forecast.likelihood import Likelihood
from sibsim.forecast.uniforms import (
    Coordinate,
    by_stream,
    coordinates_of,
    drawn,
    given_layer,
)

LEVELS = (0.001, 0.1, 0.9, 0.999)
"""Where a coordinate is moved to: its 10 % and 90 % quantile, and further out for a quantity that
seldom leaves one value."""

PLACES = 4
"""Draws of the others at which it is moved: where one of them is 0, it may hide what another
does."""

ROUNDING = 1e-9
"""Relative change below which two numbers are the same."""

DRIFTS = "drifts."
"""What the names of the streams of drifts begin with."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Which parameters the data bear on."""

    coordinates: tuple[Coordinate, ...]
    """Every coordinate of the case's uncertain parameters."""

    moves: BoolArray
    """Which coordinate moves the law of which datum, (coordinates, data)."""

    paths: tuple[str, ...]
    """Quantities that the data move: read, or bound to one that is."""

    nodes: dict[str, int]
    """Nodes of each drift up to the last one that is read, by its name."""

    affecting: tuple[tuple[str, ...], ...]
    """For each datum the paths of quantities, and `drifts.<name>`, that move its law."""

    @property
    def read(self) -> tuple[int, ...]:
        """Positions of the coordinates that the likelihood reads."""
        return tuple(np.flatnonzero(self.moves.any(axis=1)).tolist())

    @classmethod
    def of(cls, likelihood: Likelihood, *, seed: int) -> Reach:
        """Return which parameters the data of a likelihood bear on.

        Parameters
        ----------
        likelihood
            The likelihood.
        seed
            Seed of the draws at which coordinates are moved.
        """
        coordinates = coordinates_of(likelihood.case)
        places = drawn(coordinates, seed=seed, block=0)[:, :PLACES]
        variants = [places]
        for at in range(len(coordinates)):
            for level in LEVELS:
                moved = places.copy()
                moved[at] = level
                variants.append(moved)
        uniforms = np.concatenate(variants, axis=1)
        expected = likelihood.expected(given_layer(by_stream(uniforms, coordinates=coordinates)))
        laws = np.stack(np.broadcast_arrays(expected.center, expected.spread))
        moves = np.stack(
            [_moved(laws[:, m], coordinates=len(coordinates)) for m in range(laws.shape[1])]
            or [np.zeros(len(coordinates), dtype=np.bool_)],
            axis=1,
        )[:, : laws.shape[1]]
        changes = {
            path: _moved(value, coordinates=len(coordinates))
            for path, value in expected.found.context.values.items()
            if value.shape[-1] > 1
        }
        return cls(
            coordinates=coordinates,
            moves=moves,
            paths=_bound(coordinates, moves=moves, changes=changes),
            nodes=_nodes(coordinates, moves=moves),
            affecting=tuple(_movers(coordinates, moves=each, changes=changes) for each in moves.T),
        )


def _moved(values: FloatArray, *, coordinates: int) -> BoolArray:
    """Return which coordinate changes any row of some values, (coordinates,).

    Parameters
    ----------
    values
        Rows of values at the places, and then with each coordinate at each level, (rows, 1 or D).
    coordinates
        Number of coordinates.
    """
    if values.shape[-1] == 1:
        return np.zeros(coordinates, dtype=np.bool_)
    at = values.reshape(len(values), -1, PLACES)
    before, after = at[:, :1], at[:, 1:]
    same = np.isclose(after, before, rtol=ROUNDING, atol=0.0, equal_nan=True)
    return np.asarray((~same).reshape(len(values), coordinates, -1).any(axis=(0, 2)))


def _bound(
    coordinates: tuple[Coordinate, ...], *, moves: BoolArray, changes: dict[str, BoolArray]
) -> tuple[str, ...]:
    """Return the quantities that are made of the streams of coordinates that are read.

    Two streams that make one quantity are bound to each other: what is learned of one quantity of
    them is learned of all.
    """
    reached = {name for (name, _), moving in zip(coordinates, moves, strict=True) if moving.any()}
    streams = {
        path: {name for (name, _), moved in zip(coordinates, each, strict=True) if moved}
        for path, each in changes.items()
    }
    while True:
        more = set().union(*(names for names in streams.values() if names & reached)) | reached
        if more == reached:
            return tuple(path for path, names in streams.items() if names & reached)
        reached = more


def _nodes(coordinates: tuple[Coordinate, ...], *, moves: BoolArray) -> dict[str, int]:
    """Return how many nodes of each drift are read, by its name."""
    found: dict[str, int] = {}
    for (name, row), moving in zip(coordinates, moves, strict=True):
        if name.startswith(DRIFTS) and moving.any():
            found[name.removeprefix(DRIFTS)] = row + 1
    return found


def _movers(
    coordinates: tuple[Coordinate, ...], *, moves: BoolArray, changes: dict[str, BoolArray]
) -> tuple[str, ...]:
    """Return the quantities and drifts whose coordinates move one datum."""
    quantities = tuple(path for path, each in changes.items() if (each & moves).any())
    drifts = dict.fromkeys(
        name
        for (name, _), moving in zip(coordinates, moves, strict=True)
        if moving and name.startswith(DRIFTS)
    )
    return (*quantities, *drifts)
