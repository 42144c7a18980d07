"""Which contracts are tried: spread over the bounds first, then close to the trade-offs found.

The first half is the present contract and a Latin hypercube (McKay, Beckman and Conover 1979, "A
comparison of three methods for selecting values of input variables in the analysis of output from
a computer code", Technometrics 21(2):239-245). The second half comes in generations. In generation
g = 1, 2, ... every contract is drawn evenly from a box around one of the trade-offs known by then,
which reaches 2^-g of the bounds to either side; those that are farthest from their neighbours in
what is weighed come first. A step that leaves the bounds ends at them, which is where many
trade-offs lie, or is reflected by them where the contract at the bound is known. Assumption:
shrinking boxes; nothing proves that the best contracts are found, and the more are tried the closer
they come.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.streams import Layer, LayerName

GENERATIONS = 5
"""Generations of the second half: the last one steps 1/32 of the bounds."""

STREAM = "contract_search"
"""Name of the streams of chance that say which contracts are tried."""


def spread(*, number: int, terms: int, seed: int) -> FloatArray:
    """Return contracts of a Latin hypercube, places within the bounds in [0, 1], (number, terms).

    Parameters
    ----------
    number
        How many contracts.
    terms
        How many terms move.
    seed
        Seed.
    """
    from scipy.stats import qmc  # noqa: TID251 - the first half is a design, not a draw of a run

    points: FloatArray = qmc.LatinHypercube(terms, rng=seed).random(number)
    return points


def around(
    places: FloatArray, *, parents: IntArray, number: int, generation: int, seed: int
) -> FloatArray:
    """Return places of a generation close to some known ones, maybe beyond the bounds, (N, terms).

    Parameters
    ----------
    places
        Places of all contracts so far within the bounds, (N, terms).
    parents
        Positions of those that others are tried around, the first of them most often.
    number
        How many contracts.
    generation
        Which generation, from 1.
    seed
        Seed.
    """
    layer = Layer(LayerName.PARAMETERS, seed=seed, block=0)
    uniforms = layer.uniforms(f"{STREAM}/{generation}", rows=places.shape[1])
    steps = (2.0 * uniforms.T[:number] - 1.0) / 2.0**generation
    centres = places[np.resize(parents, number)]
    moved: FloatArray = centres + steps
    return moved


def within(place: FloatArray, *, known: Collection[tuple[float, ...]]) -> FloatArray:
    """Return a place within the bounds: at them if it lies beyond, or reflected if that is known.

    Parameters
    ----------
    place
        Place of a contract, in [-1, 2], (terms,).
    known
        Places of contracts that were tried.
    """
    ended = np.clip(place, 0.0, 1.0)
    if tuple(ended.tolist()) not in known:
        return ended
    reflected: FloatArray = 1.0 - np.abs(1.0 - np.abs(place))
    return reflected


def loneliest_first(costs: FloatArray) -> IntArray:
    """Return the order of trade-offs, those farthest from their neighbours first, (N,).

    The distance is the sum over respects of the gap between both neighbours in that respect, as a
    share of the range; at an end it is infinite (crowding distance: Deb and others 2002, "A fast
    and elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on Evolutionary
    Computation 6(2):182-197).

    Parameters
    ----------
    costs
        How bad each is in each respect, (N, K), finite.
    """
    apart = np.zeros(len(costs))
    for respect in costs.T:
        order = np.argsort(respect, kind="stable")
        ranked = respect[order]
        width = ranked[-1] - ranked[0]
        if width > 0:
            apart[order[1:-1]] += (ranked[2:] - ranked[:-2]) / width
            apart[order[[0, -1]]] = np.inf
    return np.argsort(-apart, kind="stable")


def sizes(number: int) -> list[int]:
    """Return how many of a number of contracts come in each generation."""
    ends = np.linspace(0, number, GENERATIONS + 1).round().astype(int)
    return [int(each) for each in np.diff(ends)]
